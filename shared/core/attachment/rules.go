package attachment

import "vpnattach/shared/core/finding"

// Rules returns all rows, in the order of the table.
func Rules() []finding.Check { return ruleTable[:] }

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

var ruleTable = [ruleCount]finding.Check{
	jsonInvalid:        {ID: "json-invalid", Severity: finding.Error, Title: "The document is not JSON.", Hint: "check quotes, commas and brackets", Ref: refJSON},
	wrongType:          {ID: "wrong-type", Severity: finding.Error, Title: "A value has the wrong JSON type.", Hint: "give the type that the list of parameters names", Ref: refAPI},
	nullValue:          {ID: "null-value", Severity: finding.Error, Title: "A value is null, which has no meaning in a patch.", Hint: "leave the parameter out to keep its value", Ref: refAPI},
	nestedInvalid:      {ID: "nested-json-invalid", Severity: finding.Error, Title: "A parameter that holds JSON text holds none.", Hint: "give a JSON object instead of text: it is encoded for you", Ref: refAPI},
	unknownParameter:   {ID: "unknown-parameter", Severity: finding.Error, Title: "The API has no parameter of that name.", Hint: "see the list of parameters", Ref: refAPI},
	duplicateParameter: {ID: "duplicate-parameter", Severity: finding.Error, Title: "A parameter appears twice, perhaps under an alias.", Hint: "keep one of them", Ref: refJSON + "#section-4"},
	emptyObject:        {ID: "empty-object", Severity: finding.Warning, Title: "An object or array has no member, so it changes nothing.", Hint: "leave it out", Ref: refAPI},
	aliasUsed:          {ID: "alias-used", Severity: finding.Info, Title: "A parameter has been given under another of its names.", Hint: "use the API's name", Ref: refAPI},
	normalisedForm:     {ID: "normalised", Severity: finding.Info, Title: "A value has been normalised.", Ref: refAPI},
	referenceInEvent:   {ID: "reference-in-event", Severity: finding.Error, Title: "Event data holds a dynamic reference to a secret.", Hint: "put the reference into the \"with\" of a rule"},
	referenceMisplaced: {ID: "reference-misplaced", Severity: finding.Error, Title: "A dynamic reference stands for a parameter that is no secret.", Hint: "give the value itself"},

	replacementCharacter: {ID: "replacement-character", Severity: finding.Warning, Title: "A text holds U+FFFD, in place of a character that was lost on its way.", Hint: "give the text as it was meant, in UTF-8", Ref: "https://www.unicode.org/faq/utf_bom.html"},

	missingParameter: {ID: "missing-parameter", Severity: finding.Error, Title: "A required parameter is missing.", Hint: "add it", Ref: refAPI},
	valueNotAllowed:  {ID: "value-not-allowed", Severity: finding.Error, Title: "The value is none of those that the API allows.", Ref: refAPI},
	outOfRange:       {ID: "out-of-range", Severity: finding.Error, Title: "The number is outside of the documented range.", Ref: refAPI},
	textLength:       {ID: "text-length", Severity: finding.Error, Title: "The text is shorter or longer than documented.", Ref: refAPI},
	placeholder:      {ID: "placeholder-id", Severity: finding.Error, Title: "An ID holds asterisks, as the examples of the documentation do.", Hint: "give the whole ID, without asterisks", Ref: refAPI},
	regionForm:       {ID: "region-form", Severity: finding.Error, Title: "The region ID has characters that no region ID has.", Hint: "write it like cn-hangzhou", Ref: "https://api.alibabacloud.com/document/Vpc/2016-04-28/DescribeRegions"},
	connectionIDForm: {ID: "connection-id-form", Severity: finding.Warning, Title: "The ID does not look like that of an IPsec-VPN connection.", Hint: "IDs of IPsec-VPN connections start with vco-", Ref: refAPI},
	clientTokenForm:  {ID: "client-token-form", Severity: finding.Error, Title: "The client token has characters other than ASCII.", Hint: "use ASCII characters, or leave it out", Ref: refAPI},
	nameScheme:       {ID: "name-scheme", Severity: finding.Error, Title: "The name starts with http:// or https://.", Hint: "choose a name that is no address", APICode: "InvalidName", Ref: refAPI},
	containsBlank:    {ID: "contains-blank", Severity: finding.Error, Title: "The value has a blank, which the service refuses here.", Hint: "remove blanks and line ends", Ref: refAPI},
	pskCharacters:    {ID: "psk-characters", Severity: finding.Error, Title: "The pre-shared key has characters that no version of the documentation allows.", Hint: "use letters, digits and ~!`@#$%^&*()_-+={}[]|;:,.<>/?", Ref: refAPI},
	pskDisputed:      {ID: "psk-disputed-character", Severity: finding.Warning, Title: "The pre-shared key has a character on which versions of the documentation disagree.", Hint: "avoid ' \" and \\", Ref: refAPI},
	pskMasked:        {ID: "psk-masked", Severity: finding.Warning, Title: "The pre-shared key ends in ***, as masked values do.", Hint: "make sure that this is the key, and not what some display made of it", Ref: refDescribe},
	pskMask:          {ID: "psk-is-a-mask", Severity: finding.Error, Title: "The pre-shared key is not a key but what is shown in place of one.", Hint: "give the key itself, or leave Psk out to keep the current one", Ref: refDescribe},
	pskShort:         {ID: "psk-short", Severity: finding.Warning, Title: "The pre-shared key is short enough to be guessed offline.", Hint: "use at least 16 random characters", Ref: refIKEv2PSK},
	lifetimeZero:     {ID: "lifetime-zero", Severity: finding.Warning, Title: "A lifetime of 0 seconds: allowed, with undocumented meaning.", Hint: "give a lifetime such as 28800 (phase 1) or 3600 (phase 2)", Ref: refAPI},
	encryptionWeak:   {ID: "encryption-weak", Severity: finding.Warning, Title: "The encryption algorithm is weak.", Hint: "use aes256 or aes", Ref: refESPAlg + "#section-5"},

	authenticationWeak: {ID: "authentication-weak", Severity: finding.Warning, Title: "The authentication algorithm is weak.", Hint: "use sha256 or stronger", Ref: refIKEAlg + "#section-2.3"},
	groupWeak:          {ID: "dh-group-weak", Severity: finding.Warning, Title: "The Diffie-Hellman group is weak.", Hint: "use group14", Ref: refIKEAlg + "#section-2.4"},
	ikev1Deprecated:    {ID: "ikev1-deprecated", Severity: finding.Warning, Title: "IKEv1 is deprecated.", Hint: "use ikev2 when the peer can", Ref: refIKEv1},
	asnNotPrivate:      {ID: "asn-not-private", Severity: finding.Warning, Title: "The ASN is not a private one, which the documentation recommends.", Hint: "use 64512 to 65534 or 4200000000 to 4294967294, or the default 45104", Ref: refPrivateAS},
	asnReserved:        {ID: "asn-reserved", Severity: finding.Warning, Title: "The ASN is reserved and can't identify a network.", Hint: "use a private ASN, 64512 to 65534 or 4200000000 to 4294967294", Ref: refSpecialAS},

	tunnelCIDRMalformed: {ID: "tunnel-cidr-malformed", Severity: finding.Error, Title: "The tunnel's CIDR block is none.", Hint: "write it like 169.254.11.0/30", APICode: "InvalidTunnelCidr.Malformed", Ref: refAPI},
	tunnelCIDRRange:     {ID: "tunnel-cidr-range", Severity: finding.Error, Title: "The tunnel's CIDR block is not a /30 within 169.254.0.0/16.", Hint: "choose one such as 169.254.11.0/30", APICode: "IllegalParam.TunnelCidr", Ref: refAPI},
	tunnelCIDRReserved:  {ID: "tunnel-cidr-reserved", Severity: finding.Error, Title: "The tunnel's CIDR block is one that the service keeps for itself.", Hint: "not 169.254.0.0/30 to 169.254.6.0/30 and not 169.254.169.252/30", APICode: "IllegalParam.TunnelCidr", Ref: refAPI},
	bgpIPMalformed:      {ID: "bgp-ip-malformed", Severity: finding.Error, Title: "The BGP address is no IPv4 address.", Hint: "write it like 169.254.11.1", APICode: "InvalidLocalBgpIp.Malformed", Ref: refAPI},
	healthIPMalformed:   {ID: "health-ip-malformed", Severity: finding.Error, Title: "The address of the health check is no IPv4 address.", Hint: "write it like 192.168.1.1", Ref: refAPI},
	healthZero:          {ID: "health-number-zero", Severity: finding.Warning, Title: "An interval or number of retries of 0 has no documented meaning.", Hint: "the default is 3", Ref: refAPI},
	noEffect:            {ID: "no-effect", Severity: finding.Info, Title: "Newer documentation calls the parameter without effect.", Hint: "leave it out", Ref: refAPI},
	undocumented:        {ID: "undocumented-parameter", Severity: finding.Info, Title: "The official SDK has the parameter, the documentation does not.", Hint: "leave it out unless support told you to set it", Ref: refAPI},

	subnetMalformed:     {ID: "subnet-malformed", Severity: finding.Error, Title: "An item of the list is no CIDR block.", Hint: "write CIDR blocks like 10.1.1.0/24, separated by commas", Ref: refAPI},
	subnetIPv6:          {ID: "subnet-ipv6", Severity: finding.Warning, Title: "The documentation knows IPv4 CIDR blocks only.", Hint: "use an IPv4 CIDR block", Ref: refAPI},
	cidrNotCanonical:    {ID: "cidr-not-canonical", Severity: finding.Warning, Title: "The CIDR block has bits set beyond its prefix length.", Ref: refCIDR},
	subnetRepeated:      {ID: "subnet-repeated", Severity: finding.Warning, Title: "A CIDR block appears twice in the list.", Hint: "keep one of them", Ref: refAPI},
	subnetOverlap:       {ID: "subnet-overlap", Severity: finding.Warning, Title: "Two CIDR blocks of the list overlap.", Hint: "keep the larger one, or make them disjoint", Ref: refAPI},
	subnetsOverlapSides: {ID: "subnets-overlap-sides", Severity: finding.Warning, Title: "A CIDR block is on both sides of the tunnel.", Hint: "make LocalSubnet and RemoteSubnet disjoint", Ref: refAPI},
	routingModeMixed:    {ID: "routing-mode-mixed", Severity: finding.Warning, Title: "One side is 0.0.0.0/0 and the other is specific: neither of the two documented routing modes.", Hint: "0.0.0.0/0 on both sides (destination routing) or specific blocks on both (protected data flows)", Ref: refAPI},

	changeEmpty:       {ID: "change-empty", Severity: finding.Warning, Title: "The change names an attachment but nothing to change.", Hint: "add a parameter", Ref: refAPI},
	modesMixed:        {ID: "modes-mixed", Severity: finding.Error, Title: "Parameters of single-tunnel and of dual-tunnel attachments don't go together.", Hint: "put them into the items of TunnelOptionsSpecification, or drop TunnelOptionsSpecification and EnableTunnelsBgp", Ref: refAPI},
	tooManyTunnels:    {ID: "too-many-tunnels", Severity: finding.Error, Title: "TunnelOptionsSpecification has more than two items.", Hint: "one item for each of the two tunnels", Ref: refAPI},
	tunnelUnnamed:     {ID: "tunnel-unnamed", Severity: finding.Error, Title: "An item does not say which tunnel it is.", Hint: "add TunnelIndex (1 or 2) or TunnelId", Ref: refAPI},
	tunnelRepeated:    {ID: "tunnel-repeated", Severity: finding.Error, Title: "Two items name the same tunnel.", Hint: "make one item of them", Ref: refAPI},
	tunnelCIDRSame:    {ID: "tunnel-cidr-same", Severity: finding.Error, Title: "Both tunnels have the same CIDR block.", Hint: "give each tunnel a CIDR block of its own", APICode: "IllegalParam.TunnelCidr", Ref: refAPI},
	bothTunnelsAtOnce: {ID: "both-tunnels-at-once", Severity: finding.Warning, Title: "Both tunnels are renegotiated at once, so traffic stops.", Hint: "change one tunnel, wait until it is up, then the other; or EffectImmediately false", Ref: refAPI},
	ikeWithoutPSK:     {ID: "ike-without-psk", Severity: finding.Warning, Title: "Phase 1 is changed without its key: the service may draw a new random one.", Hint: "give Psk, or the current configuration so that the key is sent along", Ref: refAPI},
	objectPartial:     {ID: "object-partial", Severity: finding.Info, Title: "Only some fields of an object are given; what the service does with the others is not documented.", Hint: "give the current configuration, so that the whole object is sent", Ref: refAPI},
	aggressiveMode:    {ID: "aggressive-mode", Severity: finding.Warning, Title: "Aggressive mode with a pre-shared key shows a hash of the key to anybody.", Hint: "use ikev2, or main mode with IP addresses as identities", Ref: refIPsecVPN},
	fqdnMainMode:      {ID: "fqdn-main-mode", Severity: finding.Warning, Title: "In main mode a pre-shared key is found by IP address, so an FQDN identity does not work.", Hint: "use aggressive mode as the documentation recommends, or better ikev2", Ref: refAPI},
	bgpIPOutside:      {ID: "bgp-ip-outside", Severity: finding.Error, Title: "The BGP address is not within the tunnel's CIDR block.", Hint: "choose one of the block's two host addresses", APICode: "IllegalParam.LocalBgpIp", Ref: refAPI},
	bgpIPEdge:         {ID: "bgp-ip-edge", Severity: finding.Warning, Title: "The BGP address is the network or broadcast address of the tunnel's CIDR block.", Hint: "choose one of the block's two host addresses", Ref: refAPI},
	healthIncomplete:  {ID: "health-check-incomplete", Severity: finding.Warning, Title: "The health check is on, but dip or sip is missing.", Hint: "give both dip and sip", Ref: refAPI},

	modeMismatch:      {ID: "mode-mismatch", Severity: finding.Error, Title: "The parameter is not for the mode that this attachment has.", Ref: refAPI},
	tunnelUnknown:     {ID: "tunnel-unknown", Severity: finding.Error, Title: "The attachment has no such tunnel.", Ref: refDescribe},
	tunnelMismatch:    {ID: "tunnel-mismatch", Severity: finding.Error, Title: "TunnelIndex and TunnelId name different tunnels.", Hint: "keep one of them", Ref: refDescribe},
	pskUnknown:        {ID: "psk-unknown", Severity: finding.Error, Title: "Phase 1 is to change, but the current key is masked or absent, so it can't be sent along.", Hint: "give Psk in the same change", Ref: refAPI},
	tunnelCIDRMissing: {ID: "tunnel-cidr-missing", Severity: finding.Error, Title: "BGP is on without a CIDR block for the tunnel.", Hint: "add TunnelCidr and LocalBgpIp", APICode: "MissingParameter.TunnelCidr", Ref: refAPI},
	peerASNMissing:    {ID: "peer-asn-missing", Severity: finding.Error, Title: "BGP is on, but the customer gateway has no ASN.", Hint: "create a customer gateway with an ASN and attach it", APICode: "MissingParam.CustomerGatewayAsn", Ref: refAPI},
	gatewayFixed:      {ID: "customer-gateway-fixed", Severity: finding.Error, Title: "The customer gateway of an attachment that is not associated with a transit router can't change.", Hint: "associate it first, or create another attachment", Ref: refAPI},
	networkTypeFixed:  {ID: "network-type-fixed", Severity: finding.Error, Title: "The network type of an attachment can't change.", Hint: "create another attachment", APICode: "IllegalParam.NetworkType", Ref: refAPI},

	inMotion: {ID: "attachment-in-motion", Severity: finding.Warning, Title: "The attachment or one of its tunnels is being changed, so the service takes no other change yet.", Hint: "wait until it is attached, init or active again", Ref: refAPI},

	peerPSK:       {ID: "peer-psk", Severity: finding.Error, Title: "The peer can't take the pre-shared key.", Ref: refAWSTunnel},
	peerAlgorithm: {ID: "peer-algorithm", Severity: finding.Error, Title: "The peer does not speak the algorithm.", Ref: refAWSTunnel},
	peerLifetime:  {ID: "peer-lifetime", Severity: finding.Error, Title: "The lifetime is outside of what the peer allows.", Ref: refAWSTunnel},
	peerAddress:   {ID: "peer-bgp-ip", Severity: finding.Warning, Title: "The peer takes the BGP address for itself.", Hint: "use the block's second host address", Ref: "https://docs.aws.amazon.com/vpn/latest/s2svpn/VPNTunnels.html"},
	peerCIDR:      {ID: "peer-tunnel-cidr", Severity: finding.Error, Title: "The peer keeps the tunnel's CIDR block for itself.", Hint: "choose one that neither side keeps, such as 169.254.11.0/30", Ref: refAWSTunnel},
}

// finding makes a finding of the rule: f with what the rule's row adds.
func (r ruleIndex) finding(f finding.Finding, pos int32) finding.Finding {
	row := &ruleTable[r]
	f.Rule, f.Severity, f.Ref, f.Pos = row.ID, row.Severity, row.Ref, int(pos)
	if f.Hint == "" {
		f.Hint = row.Hint
	}
	if row.APICode != "" {
		f.APICode = row.APICode
	}
	if f.Severity != finding.Error {
		f.APICode = ""
	}
	return f
}
