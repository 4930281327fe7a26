package snippet

import (
	"cmp"
	"strings"

	"vpnattach/shared/core/secret"
)

// PeerSheet appends a plain list of the parameters that the other end needs, for devices
// and services that have no form of their own here.
func PeerSheet(dst []byte, in Input) []byte { return peerSheet.append(dst, in) }

var peerSheet = peerForm{"any", `---

@name@
  Local address       @own@
  Remote address      @public@
@!public@  Remote address      the public address of @name@ in Alibaba Cloud
  Local identity      @RemoteId:quote@
  Remote identity     @LocalId:quote@
  Local networks      @RemoteSubnet@
  Remote networks     @LocalSubnet@
  Pre-shared key      @key@
  IKE version         @IkeVersion@
  IKE mode            @IkeMode@
  IKE encryption      @IkeEncAlg@
  IKE authentication  @IkeAuthAlg@
  IKE group           @IkePfs@
  IKE lifetime        @IkeLifetime@ s
  ESP encryption      @IpsecEncAlg@
  ESP authentication  @IpsecAuthAlg@
  ESP group (PFS)     @IpsecPfs@
  ESP lifetime        @IpsecLifetime@ s
  Dead peer detection @EnableDpd@
  NAT traversal       @EnableNatTraversal@
  Inside address      @inside@
  BGP neighbor        @LocalBgpIp@ in AS @LocalAsn@
  Local AS            @asn@
  Health check        @dip@ answers pings from @sip@
`, func(key, variable string) string {
	if strings.ContainsFunc(key, isHidden) {
		return string(appendString(nil, key))
	}
	return cmp.Or(key, secret.Redacted)
}}
