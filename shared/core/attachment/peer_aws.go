package attachment

import "strings"

// Sources: the EC2 API's VpnTunnelOptionsSpecification, for all that the options take; the
// requirements for a customer gateway device in the user guide of AWS Site-to-Site VPN,
// for main mode and one pair of security associations for each tunnel;
// ModifyVpnConnectionOptions, for one CIDR block on each side.
var peerAWS = Peer{
	Name:   "aws",
	Doc:    "AWS Site-to-Site VPN, by the tunnel options of the EC2 API",
	ref:    refAWSTunnel,
	pskMin: 8, pskMax: 64, pskFirst: "0",
	pskRefused: func(c byte) bool { return !isLower(c) && !isUpper(c) && !isDigit(c) && strings.IndexByte("._", c) < 0 },
	pskHint:    "use 8 to 64 letters, digits and any of ._",
	algorithms: [6]string{"aes aes256", "sha1 sha256 sha384 sha512", "group2 group14",
		"aes aes256", "sha1 sha256 sha384 sha512", "group2 group5 group14"},
	lifetimes: [2]bounds{{900, 28800}, {900, 3600}},
	reserved:  "169.254.0.0/30 169.254.1.0/30 169.254.2.0/30 169.254.3.0/30 169.254.4.0/30 169.254.5.0/30 169.254.169.252/30",
	firstHost: true, mainMode: true, addressID: true, oneBlock: true,
}
