package attachment

// Kind is the type of a parameter's value.
type Kind uint8

const (
	Text    Kind = iota // free text or one of Enum
	Bool                // true or false
	Int                 // decimal integer within Min..Max
	ASN                 // autonomous system number; also in two segments, "123.456"
	IP                  // one IPv4 address
	CIDR                // one IPv4 CIDR block
	Subnets             // CIDR blocks separated by commas, or a JSON array of them
	Object              // JSON object with Fields, sent as JSON text or flattened
	Array               // JSON array of objects with Fields
)

// String returns the kind's name in JSON terms.
func (k Kind) String() string {
	switch k {
	case Text, IP, CIDR:
		return "string"
	case Bool:
		return "boolean"
	case Int, ASN:
		return "integer"
	case Subnets:
		return "string or array of strings"
	case Object:
		return "object"
	case Array:
		return "array of objects"
	}
	return "unknown"
}

// Mode says for which attachments a parameter is meant.
type Mode uint8

const (
	Both   Mode = iota // single-tunnel and dual-tunnel attachments
	Single             // single-tunnel attachments only
	Dual               // dual-tunnel attachments only
)

// String returns "both", "single" or "dual".
func (m Mode) String() string { return [...]string{"both", "single", "dual"}[m] }

// Parameter is one row of the parameter table: everything that is known of one
// request parameter, or of one field of a nested object.
type Parameter struct {
	Name       string   // the API's name, in its spelling
	Aliases    []string // other spellings that are accepted and normalised to Name
	Response   string   // the name in DescribeVpnConnection's answer, where it differs
	Kind       Kind
	Mode       Mode
	Identifier bool     // names the attachment or the request; not a field to change
	Required   bool     //
	Secret     bool     // its value is never shown
	Quoted     bool     // within JSON text, the documented form is a string even for numbers and booleans
	NoEffect   bool     // newer documentation: the parameter has no effect
	Unseen     bool     // no answer of the service shows it, so it can't be compared
	Hidden     bool     // in the official SDK but in no documentation
	None       string   // what answers show when there is no value; it never becomes one
	Unit       string   // fields with the same unit win or lose together when events compete
	Enum       []string // the only values allowed
	Strength   []string // of algorithms, from the weakest to the strongest
	Min, Max   int64    // Int and ASN: the range; Text: the length in characters; both 0: no bound
	Default    string   // the documented default of CreateVpnAttachment
	Doc        string   // one line
	Example    string
	APICode    string // the error code that a bad value brings
	Fields     []Parameter
}

// The connection's own parameters.
const (
	RegionID = iota
	VpnConnectionID
	ClientToken
	Name
	LocalSubnet
	RemoteSubnet
	EffectImmediately
	AutoConfigRoute
	EnableDPD
	EnableNATTraversal
	RemoteCACert
	NetworkType
	CustomerGatewayID
	EnableTunnelsBGP
	OwnerAccount
	ResourceOwnerAccount
	ResourceOwnerID
	connectionCount
)

// The fields of IkeConfig and TunnelIkeConfig.
const (
	PSK = iota
	IKEVersion
	IKEMode
	IKEEncAlg
	IKEAuthAlg
	IKEPFS
	IKELifetime
	LocalID
	RemoteID
	ikeCount
)

// The fields of IpsecConfig and TunnelIpsecConfig.
const (
	IPsecEncAlg = iota
	IPsecAuthAlg
	IPsecPFS
	IPsecLifetime
	ipsecCount
)

// The fields of BgpConfig. TunnelBgpConfig has all but the first.
const (
	EnableBGP = iota
	LocalASN
	TunnelCIDR
	LocalBGPIP
	bgpCount
)

// The fields of HealthCheckConfig.
const (
	HealthEnable = iota
	HealthDip
	HealthSip
	HealthInterval
	HealthRetry
	HealthPolicy
	healthCount
)

// A tunnel's own parameters, within an item of TunnelOptionsSpecification.
const (
	TunnelIndex = iota
	TunnelID
	TunnelCustomerGatewayID
	TunnelEnableDPD
	TunnelEnableNATTraversal
	TunnelRole
	tunnelCount
)

var (
	encAlgs  = []string{"aes", "aes192", "aes256", "des", "3des"}
	authAlgs = []string{"md5", "sha1", "sha256", "sha384", "sha512"}

	encStrength = []string{"des", "3des", "aes", "aes192", "aes256"}
	ikeGroups   = []string{"group1", "group2", "group5", "group14"}
	ipsecGroups = []string{"disabled", "group1", "group2", "group5", "group14"}
)

var ikeFields = [...]Parameter{
	PSK: {Name: "Psk", Secret: true, Min: 1, Max: 100,
		Doc: "Pre-shared key of the IKE authentication; must equal the peer's. Letters, digits and ~!`@#$%^&*()_-+={}[]|;:,.<>/?", Example: "fYx3tQpL8sVw2NdKzR6mHb4c"},
	IKEVersion: {Name: "IkeVersion", Enum: []string{"ikev1", "ikev2"}, Default: "ikev1",
		Doc: "Version of the Internet Key Exchange protocol.", Example: "ikev2"},
	IKEMode: {Name: "IkeMode", Enum: []string{"main", "aggressive"}, Default: "main",
		Doc: "Negotiation mode of IKEv1 phase 1.", Example: "main"},
	IKEEncAlg: {Name: "IkeEncAlg", Enum: encAlgs, Strength: encStrength, Default: "aes",
		Doc: "Encryption algorithm of phase 1.", Example: "aes256"},
	IKEAuthAlg: {Name: "IkeAuthAlg", Enum: authAlgs, Strength: authAlgs, Default: "md5",
		Doc: "Authentication algorithm of phase 1.", Example: "sha256"},
	IKEPFS: {Name: "IkePfs", Enum: ikeGroups, Strength: ikeGroups, Default: "group2",
		Doc: "Diffie-Hellman group of phase 1.", Example: "group14"},
	IKELifetime: {Name: "IkeLifetime", Kind: Int, Min: 0, Max: 86400, Default: "86400",
		Doc: "Lifetime of the IKE SA, in seconds.", Example: "28800"},
	LocalID: {Name: "LocalId", Aliases: []string{"LocalIdIPsec"}, Max: 100, None: "leftId-not-exist",
		Doc: "Identity of the Alibaba Cloud side: an IP address or an FQDN, without spaces.", Example: "47.21.12.1"},
	RemoteID: {Name: "RemoteId", Max: 100,
		Doc: "Identity of the peer: an IP address or an FQDN, without spaces; by default the customer gateway's IP address.", Example: "203.0.113.7"},
}

var ipsecFields = [...]Parameter{
	IPsecEncAlg: {Name: "IpsecEncAlg", Enum: encAlgs, Strength: encStrength, Default: "aes",
		Doc: "Encryption algorithm of phase 2.", Example: "aes256"},
	IPsecAuthAlg: {Name: "IpsecAuthAlg", Enum: authAlgs, Strength: authAlgs, Default: "md5", APICode: "NotSupportVpnConnectionParameter.IpsecAuthAlg",
		Doc: "Authentication algorithm of phase 2.", Example: "sha256"},
	IPsecPFS: {Name: "IpsecPfs", Enum: ipsecGroups, Strength: ipsecGroups, Default: "group2", APICode: "NotSupportVpnConnectionParameter.IpsecPfs",
		Doc: "Diffie-Hellman group of phase 2; disabled switches perfect forward secrecy off.", Example: "group14"},
	IPsecLifetime: {Name: "IpsecLifetime", Kind: Int, Min: 0, Max: 86400, Default: "86400",
		Doc: "Lifetime of the IPsec SA, in seconds.", Example: "3600"},
}

var bgpFields = [...]Parameter{
	EnableBGP: {Name: "EnableBgp", Kind: Bool, Quoted: true, Default: "false", APICode: "IllegalParam.BgpConfig",
		Doc: "Whether BGP runs over the tunnel.", Example: "true"},
	LocalASN: {Name: "LocalAsn", Kind: ASN, Quoted: true, Min: 1, Max: 4294967295, Default: "45104", APICode: "IllegalParam.LocalAsn",
		Doc: "Autonomous system number of the Alibaba Cloud side; a private one is recommended.", Example: "65010"},
	TunnelCIDR: {Name: "TunnelCidr", Kind: CIDR, Unit: "bgp-address", APICode: "IllegalParam.TunnelCidr",
		Doc: "CIDR block of the tunnel's inside: a /30 within 169.254.0.0/16.", Example: "169.254.11.0/30"},
	LocalBGPIP: {Name: "LocalBgpIp", Kind: IP, Unit: "bgp-address", APICode: "IllegalParam.LocalBgpIp",
		Doc: "BGP address of the Alibaba Cloud side; lies within TunnelCidr.", Example: "169.254.11.1"},
}

var healthFields = [...]Parameter{
	HealthEnable: {Name: "enable", Aliases: []string{"Enable"}, Kind: Bool, Quoted: true, Default: "false",
		Doc: "Whether the health check runs.", Example: "true"},
	HealthDip: {Name: "dip", Aliases: []string{"Dip"}, Kind: IP, Unit: "health-addresses",
		Doc: "Destination: an address on the data center's side that answers through the tunnel.", Example: "192.168.1.1"},
	HealthSip: {Name: "sip", Aliases: []string{"Sip"}, Kind: IP, Unit: "health-addresses",
		Doc: "Source: an address on the VPC's side that the data center reaches through the tunnel.", Example: "10.1.1.1"},
	HealthInterval: {Name: "interval", Aliases: []string{"Interval"}, Kind: Int, Quoted: true, Min: 0, Max: 2147483647, Default: "3",
		Doc: "Time between two checks, in seconds.", Example: "3"},
	HealthRetry: {Name: "retry", Aliases: []string{"Retry"}, Kind: Int, Quoted: true, Min: 0, Max: 2147483647, Default: "3",
		Doc: "Number of checks that may fail in a row.", Example: "3"},
	HealthPolicy: {Name: "Policy", Aliases: []string{"policy"}, Enum: []string{"revoke_route", "reserve_route"}, Default: "revoke_route",
		Doc: "Whether advertised routes are withdrawn when checks fail.", Example: "revoke_route"},
}

var connectionFields = [...]Parameter{
	RegionID: {Name: "RegionId", Identifier: true, Required: true, Min: 1, APICode: "MissingParameter",
		Doc: "Region of the attachment.", Example: "cn-hangzhou"},
	VpnConnectionID: {Name: "VpnConnectionId", Identifier: true, Required: true, Min: 1, APICode: "InvalidVpnConnectionInstanceId.NotFound",
		Doc: "ID of the IPsec-VPN connection.", Example: "vco-p0w5112fgnl2ihlmf0000"},
	ClientToken: {Name: "ClientToken", Identifier: true, Min: 1,
		Doc: "Makes a repeated request idempotent: ASCII characters, unique to the request; computed when absent. More than 64 are more than ModifyVpnConnectionAttribute takes.", Example: "123e4567-e89b-12d3-a456-426600000000"},
	Name: {Name: "Name", Min: 1, Max: 100, APICode: "InvalidName",
		Doc: "Name of the attachment; does not start with http:// or https://.", Example: "site-a"},
	LocalSubnet: {Name: "LocalSubnet", Kind: Subnets, APICode: "IllegalParam.LocalSubnet",
		Doc: "CIDR blocks on the VPC's side for phase 2. 0.0.0.0/0 on both sides is destination routing mode.", Example: "10.1.1.0/24,10.1.2.0/24"},
	RemoteSubnet: {Name: "RemoteSubnet", Kind: Subnets, APICode: "IllegalParam.RemoteSubnet",
		Doc: "CIDR blocks on the data center's side for phase 2. 0.0.0.0/0 on both sides is destination routing mode.", Example: "10.1.3.0/24,10.1.4.0/24"},
	EffectImmediately: {Name: "EffectImmediately", Kind: Bool, Default: "false",
		Doc: "true: negotiate at once; false: negotiate when traffic arrives.", Example: "true"},
	AutoConfigRoute: {Name: "AutoConfigRoute", Kind: Bool, Default: "true", Unseen: true,
		Doc: "Whether routes are configured automatically; newer documentation no longer lists it.", Example: "true"},
	EnableDPD: {Name: "EnableDpd", Kind: Bool, Mode: Single, Default: "true",
		Doc: "Dead peer detection.", Example: "true"},
	EnableNATTraversal: {Name: "EnableNatTraversal", Kind: Bool, Mode: Single, Default: "true",
		Doc: "NAT traversal.", Example: "true"},
	RemoteCACert: {Name: "RemoteCaCert", Response: "RemoteCaCertificate", NoEffect: true,
		Doc: "CA certificate of the peer of a ShangMi gateway; newer documentation says that it has no effect.", Example: "c20ycDI1NnYxIENBIChURVNUIFNN"},
	NetworkType: {Name: "NetworkType", Enum: []string{"public", "private"}, APICode: "IllegalParam.NetworkType",
		Doc: "Network of the attachment's gateway: the Internet or private networks; cannot change once created.", Example: "public"},
	CustomerGatewayID: {Name: "CustomerGatewayId", Mode: Single, Min: 1,
		Doc: "Customer gateway: the peer's address and ASN.", Example: "cgw-p0w2jemrcj5u61un80000"},
	EnableTunnelsBGP: {Name: "EnableTunnelsBgp", Kind: Bool, Mode: Dual,
		Doc: "Whether BGP runs over both tunnels.", Example: "true"},
	OwnerAccount: {Name: "OwnerAccount", Hidden: true,
		Doc: "In the official SDK, without documentation."},
	ResourceOwnerAccount: {Name: "ResourceOwnerAccount", Hidden: true,
		Doc: "In the official SDK, without documentation."},
	ResourceOwnerID: {Name: "ResourceOwnerId", Kind: Int, Min: 0, Max: 9223372036854775807, Hidden: true,
		Doc: "In the official SDK, without documentation."},
}

var tunnelFields = [...]Parameter{
	TunnelIndex: {Name: "TunnelIndex", Kind: Int, Min: 1, Max: 2,
		Doc: "Which tunnel: 1 or 2. An item names its tunnel by index or by id.", Example: "1"},
	TunnelID: {Name: "TunnelId", Min: 1,
		Doc: "Which tunnel, by its id.", Example: "tun-opsqc4d97wni270000"},
	TunnelCustomerGatewayID: {Name: "CustomerGatewayId", Min: 1,
		Doc: "Customer gateway of the tunnel.", Example: "cgw-p0wy363lucf1uyae80000"},
	TunnelEnableDPD: {Name: "EnableDpd", Kind: Bool, Default: "true",
		Doc: "Dead peer detection of the tunnel.", Example: "true"},
	TunnelEnableNATTraversal: {Name: "EnableNatTraversal", Kind: Bool, Default: "true",
		Doc: "NAT traversal of the tunnel.", Example: "true"},
	TunnelRole: {Name: "Role", Enum: []string{"master", "slave"}, Hidden: true,
		Doc: "Whether the tunnel is the active or the standby one; sent by Terraform's provider, without documentation.", Example: "master"},
}

// The tunnels of a dual-tunnel attachment have defaults of their own.
// Source: SDK v7.2.5 and the help pages of 2026.
var (
	tunnelIKEFields = func() [ikeCount]Parameter {
		fields := ikeFields
		fields[IKEVersion].Default, fields[IKEAuthAlg].Default = "ikev2", "sha1"
		fields[LocalID].Doc = "Identity of the Alibaba Cloud side: an IP address or an FQDN, without spaces; by default the tunnel's own IP address."
		return fields
	}()
	tunnelIPsecFields = func() [ipsecCount]Parameter {
		fields := ipsecFields
		fields[IPsecAuthAlg].Default = "sha1"
		return fields
	}()
)

// Section is one object of the API with the fields that hold values: the
// connection itself, IkeConfig, and so on. First is the place of its first field
// among the values of its [Change] or [Tunnel].
type Section struct {
	Name   string // "" for the connection's and a tunnel's own parameters
	First  int
	Fields []Parameter
	names  map[string]int // field, by name or alias
}

// The sections of a connection, in the order of [ConnectionSections].
const (
	SectionTop = iota
	SectionIKE
	SectionIPsec
	SectionBGP
	SectionHealth // connections only: a tunnel has no health check
)

// ConnectionSections and TunnelSections lay out the values of a Change and of a
// Tunnel.
var (
	ConnectionSections = layOut(
		Section{Fields: connectionFields[:]},
		Section{Name: "IkeConfig", Fields: ikeFields[:]},
		Section{Name: "IpsecConfig", Fields: ipsecFields[:]},
		Section{Name: "BgpConfig", Fields: bgpFields[:]},
		Section{Name: "HealthCheckConfig", Fields: healthFields[:]},
	)
	TunnelSections = layOut(
		Section{Fields: tunnelFields[:]},
		Section{Name: "TunnelIkeConfig", Fields: tunnelIKEFields[:]},
		Section{Name: "TunnelIpsecConfig", Fields: tunnelIPsecFields[:]},
		Section{Name: "TunnelBgpConfig", Fields: bgpFields[LocalASN:]},
	)
)

const (
	connectionValues = connectionCount + ikeCount + ipsecCount + bgpCount + healthCount
	tunnelValues     = tunnelCount + ikeCount + ipsecCount + bgpCount - 1
)

// Parameters is the table as the API's documentation orders it: the top-level
// parameters, objects and the array with their Fields.
var Parameters = func() []Parameter {
	objects := []Parameter{
		object(ConnectionSections[SectionIKE], Single, "", "", "Phase 1 of the negotiation (IKE)."),
		object(ConnectionSections[SectionIPsec], Single, "", "", "Phase 2 of the negotiation (IPsec)."),
		object(ConnectionSections[SectionBGP], Single, "VpnBgpConfig", "IllegalParam.BgpConfig", "BGP over the tunnel."),
		object(ConnectionSections[SectionHealth], Single, "VcoHealthCheck", "", "Health check through the tunnel."),
	}
	tunnels := Parameter{Name: TunnelsName, Kind: Array, Mode: Dual, Fields: tunnelParameters,
		Doc: "The tunnels to change, each named by TunnelIndex or TunnelId; at most two."}

	table := append([]Parameter{}, connectionFields[:EffectImmediately+1]...)
	table = append(table, objects...)
	table = append(table, connectionFields[EffectImmediately+1:EnableTunnelsBGP+1]...)
	table = append(table, tunnels)
	return append(table, connectionFields[EnableTunnelsBGP+1:]...)
}()

// tunnelParameters are the fields of an item of TunnelOptionsSpecification.
var tunnelParameters = append(tunnelFields[:len(tunnelFields):len(tunnelFields)],
	object(TunnelSections[SectionIKE], Dual, "", "", "Phase 1 of the tunnel's negotiation (IKE)."),
	object(TunnelSections[SectionIPsec], Dual, "", "", "Phase 2 of the tunnel's negotiation (IPsec)."),
	object(TunnelSections[SectionBGP], Dual, "", "", "BGP over the tunnel."),
)

func object(s Section, mode Mode, response, code, doc string) Parameter {
	return Parameter{Name: s.Name, Response: response, Kind: Object, Mode: mode, Doc: doc, APICode: code, Fields: s.Fields}
}

// TunnelsName is the name of the array parameter that holds the tunnels.
const TunnelsName = "TunnelOptionsSpecification"

// MaxTunnels is the number of tunnels that an attachment can have.
const MaxTunnels = 2

func layOut(sections ...Section) []Section {
	first := 0
	for i := range sections {
		s := &sections[i]
		s.First = first
		first += len(s.Fields)
		s.names = make(map[string]int, len(s.Fields))
		for f := range s.Fields {
			s.names[s.Fields[f].Name] = f
			for _, alias := range s.Fields[f].Aliases {
				s.names[alias] = f
			}
		}
	}
	return sections
}
