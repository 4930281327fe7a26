package attachment

// Sources: "About cryptographic requirements and Azure VPN gateways" and the IPsec/IKE
// policies of connections, for the algorithms of a custom policy; the same page says that
// lifetimes "are local specifications only" and need not match. The FAQ of VPN Gateway,
// for the characters of a key; "Configure BGP for VPN Gateway", for the addresses.
var peerAzure = Peer{
	Name:       "azure",
	Doc:        "Azure VPN Gateway, by what a custom IPsec/IKE policy can have",
	ref:        "https://learn.microsoft.com/azure/vpn-gateway/vpn-gateway-about-compliance-crypto",
	pskRefused: func(c byte) bool { return c <= ' ' || c == '-' || c >= '~' },
	pskHint:    "use printable ASCII characters without blanks, - and ~",
	algorithms: [6]string{"aes aes192 aes256", "md5 sha1 sha256 sha384", "group1 group2 group14",
		"aes aes192 aes256 des 3des", "md5 sha1 sha256", "disabled group1 group2 group14"},
	inside: "169.254.21.0/24 169.254.22.0/24",
}
