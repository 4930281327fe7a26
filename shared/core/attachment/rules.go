package attachment

// Rule is one row of the table of rules: what a finding of that id means, how bad
// it is, what to do, and who says so.
type Rule struct {
	ID       string
	Severity Severity
	Title    string // what the finding means, one line
	Hint     string // the remedy; a finding may carry a closer one
	APICode  string // the error code of the service; "" leaves it to the parameter's row
	Ref      string // the document that says so
}

// Rules returns all rows, in the order of the table.
func Rules() []Rule { return ruleTable[:] }

// The documents that rules rest on.
const (
	refAPI       = "https://api.alibabacloud.com/document/Vpc/2016-04-28/ModifyVpnAttachmentAttribute"
	refDescribe  = "https://api.alibabacloud.com/document/Vpc/2016-04-28/DescribeVpnConnection"
	refAWSTunnel = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpnTunnelOptionsSpecification.html"
	refJSON      = "https://www.rfc-editor.org/rfc/rfc8259"
	refCIDR      = "https://www.rfc-editor.org/rfc/rfc4632#section-3.1"
	refIKEAlg    = "https://www.rfc-editor.org/rfc/rfc8247"
	refESPAlg    = "https://www.rfc-editor.org/rfc/rfc8221"
	refIKEv1     = "https://www.rfc-editor.org/rfc/rfc9395"
	refIKEv2PSK  = "https://www.rfc-editor.org/rfc/rfc7296#section-2.15"
	refPrivateAS = "https://www.rfc-editor.org/rfc/rfc6996"
	refSpecialAS = "https://www.iana.org/assignments/iana-as-numbers-special-registry"
	refIPsecVPN  = "https://csrc.nist.gov/pubs/sp/800/77/r1/final"
)

// ruleIndex is a row of ruleTable.
type ruleIndex int

// The document as a whole, and its form.
const (
	jsonInvalid ruleIndex = iota
	wrongType
	nullValue
	nestedInvalid
	unknownParameter
	duplicateParameter
	emptyObject
	aliasUsed
	normalisedForm
	referenceInEvent
	referenceMisplaced
	replacementCharacter

	// Values.
	missingParameter
	valueNotAllowed
	outOfRange
	textLength
	placeholder
	regionForm
	connectionIDForm
	clientTokenForm
	nameScheme
	containsBlank
	pskCharacters
	pskDisputed
	pskMasked
	pskMask
	pskShort
	lifetimeZero
	encryptionWeak
	authenticationWeak
	groupWeak
	ikev1Deprecated
	asnNotPrivate
	asnReserved
	tunnelCIDRMalformed
	tunnelCIDRRange
	tunnelCIDRReserved
	bgpIPMalformed
	healthIPMalformed
	healthZero
	noEffect
	undocumented

	// Subnets.
	subnetMalformed
	subnetIPv6
	cidrNotCanonical
	subnetRepeated
	subnetOverlap
	subnetsOverlapSides
	routingModeMixed

	// Values that belong together.
	changeEmpty
	modesMixed
	tooManyTunnels
	tunnelUnnamed
	tunnelRepeated
	tunnelCIDRSame
	bothTunnelsAtOnce
	ikeWithoutPSK
	objectPartial
	aggressiveMode
	fqdnMainMode
	bgpIPOutside
	bgpIPEdge
	healthIncomplete

	// With what Describe returned.
	modeMismatch
	tunnelUnknown
	tunnelMismatch
	pskUnknown
	tunnelCIDRMissing
	peerASNMissing
	gatewayFixed
	networkTypeFixed
	inMotion

	// The peer.
	peerPSK
	peerAlgorithm
	peerLifetime
	peerCIDR
	peerAddress

	ruleCount
)

var ruleTable = [ruleCount]Rule{
	jsonInvalid:        {"json-invalid", Error, "The document is not JSON.", "check quotes, commas and brackets", "", refJSON},
	wrongType:          {"wrong-type", Error, "A value has the wrong JSON type.", "give the type that the list of parameters names", "", refAPI},
	nullValue:          {"null-value", Error, "A value is null, which has no meaning in a patch.", "leave the parameter out to keep its value", "", refAPI},
	nestedInvalid:      {"nested-json-invalid", Error, "A parameter that holds JSON text holds none.", "give a JSON object instead of text: it is encoded for you", "", refAPI},
	unknownParameter:   {"unknown-parameter", Error, "The API has no parameter of that name.", "see the list of parameters", "", refAPI},
	duplicateParameter: {"duplicate-parameter", Error, "A parameter appears twice, perhaps under an alias.", "keep one of them", "", refJSON + "#section-4"},
	emptyObject:        {"empty-object", Warning, "An object or array has no member, so it changes nothing.", "leave it out", "", refAPI},
	aliasUsed:          {"alias-used", Info, "A parameter has been given under another of its names.", "use the API's name", "", refAPI},
	normalisedForm:     {"normalised", Info, "A value has been normalised.", "", "", refAPI},
	referenceInEvent:   {"reference-in-event", Error, "Event data holds a dynamic reference to a secret.", "put the reference into the \"with\" of a rule", "", ""},
	referenceMisplaced: {"reference-misplaced", Error, "A dynamic reference stands for a parameter that is no secret.", "give the value itself", "", ""},

	replacementCharacter: {"replacement-character", Warning, "A text holds U+FFFD, in place of a character that was lost on its way.", "give the text as it was meant, in UTF-8", "", "https://www.unicode.org/faq/utf_bom.html"},

	missingParameter: {"missing-parameter", Error, "A required parameter is missing.", "add it", "", refAPI},
	valueNotAllowed:  {"value-not-allowed", Error, "The value is none of those that the API allows.", "", "", refAPI},
	outOfRange:       {"out-of-range", Error, "The number is outside of the documented range.", "", "", refAPI},
	textLength:       {"text-length", Error, "The text is shorter or longer than documented.", "", "", refAPI},
	placeholder:      {"placeholder-id", Error, "An ID holds asterisks, as the examples of the documentation do.", "give the whole ID, without asterisks", "", refAPI},
	regionForm:       {"region-form", Error, "The region ID has characters that no region ID has.", "write it like cn-hangzhou", "", "https://api.alibabacloud.com/document/Vpc/2016-04-28/DescribeRegions"},
	connectionIDForm: {"connection-id-form", Warning, "The ID does not look like that of an IPsec-VPN connection.", "IDs of IPsec-VPN connections start with vco-", "", refAPI},
	clientTokenForm:  {"client-token-form", Error, "The client token has characters other than ASCII.", "use ASCII characters, or leave it out", "", refAPI},
	nameScheme:       {"name-scheme", Error, "The name starts with http:// or https://.", "choose a name that is no address", "InvalidName", refAPI},
	containsBlank:    {"contains-blank", Error, "The value has a blank, which the service refuses here.", "remove blanks and line ends", "", refAPI},
	pskCharacters:    {"psk-characters", Error, "The pre-shared key has characters that no version of the documentation allows.", "use letters, digits and ~!`@#$%^&*()_-+={}[]|;:,.<>/?", "", refAPI},
	pskDisputed:      {"psk-disputed-character", Warning, "The pre-shared key has a character on which versions of the documentation disagree.", "avoid ' \" and \\", "", refAPI},
	pskMasked:        {"psk-masked", Warning, "The pre-shared key ends in ***, as masked values do.", "make sure that this is the key, and not what some display made of it", "", refDescribe},
	pskMask:          {"psk-is-a-mask", Error, "The pre-shared key is not a key but what is shown in place of one.", "give the key itself, or leave Psk out to keep the current one", "", refDescribe},
	pskShort:         {"psk-short", Warning, "The pre-shared key is short enough to be guessed offline.", "use at least 16 random characters", "", refIKEv2PSK},
	lifetimeZero:     {"lifetime-zero", Warning, "A lifetime of 0 seconds: allowed, with undocumented meaning.", "give a lifetime such as 28800 (phase 1) or 3600 (phase 2)", "", refAPI},
	encryptionWeak:   {"encryption-weak", Warning, "The encryption algorithm is weak.", "use aes256 or aes", "", refESPAlg + "#section-5"},

	authenticationWeak: {"authentication-weak", Warning, "The authentication algorithm is weak.", "use sha256 or stronger", "", refIKEAlg + "#section-2.3"},
	groupWeak:          {"dh-group-weak", Warning, "The Diffie-Hellman group is weak.", "use group14", "", refIKEAlg + "#section-2.4"},
	ikev1Deprecated:    {"ikev1-deprecated", Warning, "IKEv1 is deprecated.", "use ikev2 when the peer can", "", refIKEv1},
	asnNotPrivate:      {"asn-not-private", Warning, "The ASN is not a private one, which the documentation recommends.", "use 64512 to 65534 or 4200000000 to 4294967294, or the default 45104", "", refPrivateAS},
	asnReserved:        {"asn-reserved", Warning, "The ASN is reserved and can't identify a network.", "use a private ASN, 64512 to 65534 or 4200000000 to 4294967294", "", refSpecialAS},

	tunnelCIDRMalformed: {"tunnel-cidr-malformed", Error, "The tunnel's CIDR block is none.", "write it like 169.254.11.0/30", "InvalidTunnelCidr.Malformed", refAPI},
	tunnelCIDRRange:     {"tunnel-cidr-range", Error, "The tunnel's CIDR block is not a /30 within 169.254.0.0/16.", "choose one such as 169.254.11.0/30", "IllegalParam.TunnelCidr", refAPI},
	tunnelCIDRReserved:  {"tunnel-cidr-reserved", Error, "The tunnel's CIDR block is one that the service keeps for itself.", "not 169.254.0.0/30 to 169.254.6.0/30 and not 169.254.169.252/30", "IllegalParam.TunnelCidr", refAPI},
	bgpIPMalformed:      {"bgp-ip-malformed", Error, "The BGP address is no IPv4 address.", "write it like 169.254.11.1", "InvalidLocalBgpIp.Malformed", refAPI},
	healthIPMalformed:   {"health-ip-malformed", Error, "The address of the health check is no IPv4 address.", "write it like 192.168.1.1", "", refAPI},
	healthZero:          {"health-number-zero", Warning, "An interval or number of retries of 0 has no documented meaning.", "the default is 3", "", refAPI},
	noEffect:            {"no-effect", Info, "Newer documentation calls the parameter without effect.", "leave it out", "", refAPI},
	undocumented:        {"undocumented-parameter", Info, "The official SDK has the parameter, the documentation does not.", "leave it out unless support told you to set it", "", refAPI},

	subnetMalformed:     {"subnet-malformed", Error, "An item of the list is no CIDR block.", "write CIDR blocks like 10.1.1.0/24, separated by commas", "", refAPI},
	subnetIPv6:          {"subnet-ipv6", Warning, "The documentation knows IPv4 CIDR blocks only.", "use an IPv4 CIDR block", "", refAPI},
	cidrNotCanonical:    {"cidr-not-canonical", Warning, "The CIDR block has bits set beyond its prefix length.", "", "", refCIDR},
	subnetRepeated:      {"subnet-repeated", Warning, "A CIDR block appears twice in the list.", "keep one of them", "", refAPI},
	subnetOverlap:       {"subnet-overlap", Warning, "Two CIDR blocks of the list overlap.", "keep the larger one, or make them disjoint", "", refAPI},
	subnetsOverlapSides: {"subnets-overlap-sides", Warning, "A CIDR block is on both sides of the tunnel.", "make LocalSubnet and RemoteSubnet disjoint", "", refAPI},
	routingModeMixed:    {"routing-mode-mixed", Warning, "One side is 0.0.0.0/0 and the other is specific: neither of the two documented routing modes.", "0.0.0.0/0 on both sides (destination routing) or specific blocks on both (protected data flows)", "", refAPI},

	changeEmpty:       {"change-empty", Warning, "The change names an attachment but nothing to change.", "add a parameter", "", refAPI},
	modesMixed:        {"modes-mixed", Error, "Parameters of single-tunnel and of dual-tunnel attachments don't go together.", "put them into the items of TunnelOptionsSpecification, or drop TunnelOptionsSpecification and EnableTunnelsBgp", "", refAPI},
	tooManyTunnels:    {"too-many-tunnels", Error, "TunnelOptionsSpecification has more than two items.", "one item for each of the two tunnels", "", refAPI},
	tunnelUnnamed:     {"tunnel-unnamed", Error, "An item does not say which tunnel it is.", "add TunnelIndex (1 or 2) or TunnelId", "", refAPI},
	tunnelRepeated:    {"tunnel-repeated", Error, "Two items name the same tunnel.", "make one item of them", "", refAPI},
	tunnelCIDRSame:    {"tunnel-cidr-same", Error, "Both tunnels have the same CIDR block.", "give each tunnel a CIDR block of its own", "IllegalParam.TunnelCidr", refAPI},
	bothTunnelsAtOnce: {"both-tunnels-at-once", Warning, "Both tunnels are renegotiated at once, so traffic stops.", "change one tunnel, wait until it is up, then the other; or EffectImmediately false", "", refAPI},
	ikeWithoutPSK:     {"ike-without-psk", Warning, "Phase 1 is changed without its key: the service may draw a new random one.", "give Psk, or the current configuration so that the key is sent along", "", refAPI},
	objectPartial:     {"object-partial", Info, "Only some fields of an object are given; what the service does with the others is not documented.", "give the current configuration, so that the whole object is sent", "", refAPI},
	aggressiveMode:    {"aggressive-mode", Warning, "Aggressive mode with a pre-shared key shows a hash of the key to anybody.", "use ikev2, or main mode with IP addresses as identities", "", refIPsecVPN},
	fqdnMainMode:      {"fqdn-main-mode", Warning, "In main mode a pre-shared key is found by IP address, so an FQDN identity does not work.", "use aggressive mode as the documentation recommends, or better ikev2", "", refAPI},
	bgpIPOutside:      {"bgp-ip-outside", Error, "The BGP address is not within the tunnel's CIDR block.", "choose one of the block's two host addresses", "IllegalParam.LocalBgpIp", refAPI},
	bgpIPEdge:         {"bgp-ip-edge", Warning, "The BGP address is the network or broadcast address of the tunnel's CIDR block.", "choose one of the block's two host addresses", "", refAPI},
	healthIncomplete:  {"health-check-incomplete", Warning, "The health check is on, but dip or sip is missing.", "give both dip and sip", "", refAPI},

	modeMismatch:      {"mode-mismatch", Error, "The parameter is not for the mode that this attachment has.", "", "", refAPI},
	tunnelUnknown:     {"tunnel-unknown", Error, "The attachment has no such tunnel.", "", "", refDescribe},
	tunnelMismatch:    {"tunnel-mismatch", Error, "TunnelIndex and TunnelId name different tunnels.", "keep one of them", "", refDescribe},
	pskUnknown:        {"psk-unknown", Error, "Phase 1 is to change, but the current key is masked or absent, so it can't be sent along.", "give Psk in the same change", "", refAPI},
	tunnelCIDRMissing: {"tunnel-cidr-missing", Error, "BGP is on without a CIDR block for the tunnel.", "add TunnelCidr and LocalBgpIp", "MissingParameter.TunnelCidr", refAPI},
	peerASNMissing:    {"peer-asn-missing", Error, "BGP is on, but the customer gateway has no ASN.", "create a customer gateway with an ASN and attach it", "MissingParam.CustomerGatewayAsn", refAPI},
	gatewayFixed:      {"customer-gateway-fixed", Error, "The customer gateway of an attachment that is not associated with a transit router can't change.", "associate it first, or create another attachment", "", refAPI},
	networkTypeFixed:  {"network-type-fixed", Error, "The network type of an attachment can't change.", "create another attachment", "IllegalParam.NetworkType", refAPI},

	inMotion: {"attachment-in-motion", Warning, "The attachment or one of its tunnels is being changed, so the service takes no other change yet.", "wait until it is attached, init or active again", "", refAPI},

	peerPSK:       {"peer-psk", Error, "The peer can't take the pre-shared key.", "", "", refAWSTunnel},
	peerAlgorithm: {"peer-algorithm", Error, "The peer does not speak the algorithm.", "", "", refAWSTunnel},
	peerLifetime:  {"peer-lifetime", Error, "The lifetime is outside of what the peer allows.", "", "", refAWSTunnel},
	peerAddress:   {"peer-bgp-ip", Warning, "The peer takes the BGP address for itself.", "use the block's second host address", "", "https://docs.aws.amazon.com/vpn/latest/s2svpn/VPNTunnels.html"},
	peerCIDR:      {"peer-tunnel-cidr", Error, "The peer keeps the tunnel's CIDR block for itself.", "choose one that neither side keeps, such as 169.254.11.0/30", "", refAWSTunnel},
}

// finding makes a finding of the rule: f with what the rule's row adds.
func (r ruleIndex) finding(f Finding, pos int32) Finding {
	row := &ruleTable[r]
	f.Rule, f.Severity, f.Ref, f.pos = row.ID, row.Severity, row.Ref, int(pos)
	if f.Hint == "" {
		f.Hint = row.Hint
	}
	if row.APICode != "" {
		f.APICode = row.APICode
	}
	if f.Severity != Error {
		f.APICode = ""
	}
	return f
}
