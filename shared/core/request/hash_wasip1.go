package request

import "vpnattach/shared/core/request/digest"

var (
	newHMAC   = digest.NewHMAC
	newSHA1   = digest.New1
	newSHA256 = digest.New256
	sum256    = digest.Sum256
)
