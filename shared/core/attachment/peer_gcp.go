package attachment

// Source: "Supported IKE ciphers" of Google Cloud VPN, version of 2026-04-10, for ciphers
// that don't use AEAD. Perfect forward secrecy is required. The page gives the lifetimes
// that Cloud VPN has, 36,000 s and 10,800 s, and does not say that the peer's must be the
// same; nor what a key may hold.
var peerGCP = Peer{
	Name: "gcp",
	Doc:  "Google Cloud VPN, by its supported IKE ciphers",
	ref:  "https://cloud.google.com/network-connectivity/docs/vpn/concepts/supported-ike-ciphers",
	algorithms: [6]string{"aes aes192 aes256 3des", "md5 sha1 sha256 sha384 sha512", "group2 group5 group14",
		"aes aes192 aes256", "sha1 sha256 sha512", "group2 group5 group14"},
	ikev1: [6]string{"aes", "sha1", "group2", "aes", "sha1", "group2"},
}
