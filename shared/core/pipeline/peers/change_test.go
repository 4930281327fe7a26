package peers

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"

	"pgregory.net/rapid"
)

// change is a change document as encoding/json writes it.
type change struct {
	RegionId, VpnConnectionId, ClientToken string
	Name                                   *string  `json:",omitempty"`
	LocalSubnet                            *string  `json:",omitempty"`
	RemoteSubnet                           *string  `json:",omitempty"`
	EffectImmediately                      *bool    `json:",omitempty"`
	EnableDpd                              *bool    `json:",omitempty"`
	EnableNatTraversal                     *bool    `json:",omitempty"`
	EnableTunnelsBgp                       *bool    `json:",omitempty"`
	CustomerGatewayId                      *string  `json:",omitempty"`
	RemoteCaCert                           *string  `json:",omitempty"`
	ResourceOwnerId                        *int64   `json:",omitempty"`
	IkeConfig                              *ike     `json:",omitempty"`
	IpsecConfig                            *ipsec   `json:",omitempty"`
	BgpConfig                              *bgp     `json:",omitempty"`
	HealthCheckConfig                      *health  `json:",omitempty"`
	TunnelOptionsSpecification             []tunnel `json:",omitempty"`
}

// The nested objects have their fields in the documented order and forms.
type ike struct {
	Psk         *string `json:",omitempty"`
	IkeVersion  *string `json:",omitempty"`
	IkeMode     *string `json:",omitempty"`
	IkeEncAlg   *string `json:",omitempty"`
	IkeAuthAlg  *string `json:",omitempty"`
	IkePfs      *string `json:",omitempty"`
	IkeLifetime *int64  `json:",omitempty"`
	LocalId     *string `json:",omitempty"`
	RemoteId    *string `json:",omitempty"`
}

type ipsec struct {
	IpsecEncAlg   *string `json:",omitempty"`
	IpsecAuthAlg  *string `json:",omitempty"`
	IpsecPfs      *string `json:",omitempty"`
	IpsecLifetime *int64  `json:",omitempty"`
}

type bgp struct {
	EnableBgp  *bool   `json:",string,omitempty"`
	LocalAsn   *int64  `json:",string,omitempty"`
	TunnelCidr *string `json:",omitempty"`
	LocalBgpIp *string `json:",omitempty"`
}

type health struct {
	Enable   *bool   `json:"enable,string,omitempty"`
	Dip      *string `json:"dip,omitempty"`
	Sip      *string `json:"sip,omitempty"`
	Interval *int64  `json:"interval,string,omitempty"`
	Retry    *int64  `json:"retry,string,omitempty"`
	Policy   *string `json:",omitempty"`
}

type tunnel struct {
	TunnelIndex        *int64     `json:",omitempty"`
	TunnelId           *string    `json:",omitempty"`
	CustomerGatewayId  *string    `json:",omitempty"`
	EnableDpd          *bool      `json:",omitempty"`
	EnableNatTraversal *bool      `json:",omitempty"`
	TunnelIkeConfig    *ike       `json:",omitempty"`
	TunnelIpsecConfig  *ipsec     `json:",omitempty"`
	TunnelBgpConfig    *tunnelBgp `json:",omitempty"`
}

type tunnelBgp struct {
	LocalAsn   *int64  `json:",omitempty"`
	TunnelCidr *string `json:",omitempty"`
	LocalBgpIp *string `json:",omitempty"`
}

// call gives the parameters to the official client.
func (c *change) call(action string) call {
	q := map[string]*string{}
	set := func(name string, value *string) {
		if value != nil {
			q[name] = value
		}
	}
	flag := func(name string, value *bool) {
		if value != nil {
			text := strconv.FormatBool(*value)
			q[name] = &text
		}
	}
	set("RegionId", &c.RegionId)
	set("VpnConnectionId", &c.VpnConnectionId)
	set("ClientToken", &c.ClientToken)
	set("Name", c.Name)
	set("LocalSubnet", c.LocalSubnet)
	set("RemoteSubnet", c.RemoteSubnet)
	set("CustomerGatewayId", c.CustomerGatewayId)
	set("RemoteCaCert", c.RemoteCaCert)
	flag("EffectImmediately", c.EffectImmediately)
	flag("EnableDpd", c.EnableDpd)
	flag("EnableNatTraversal", c.EnableNatTraversal)
	flag("EnableTunnelsBgp", c.EnableTunnelsBgp)
	if c.ResourceOwnerId != nil {
		text := strconv.FormatInt(*c.ResourceOwnerId, 10)
		set("ResourceOwnerId", &text)
	}
	if c.IkeConfig != nil {
		set("IkeConfig", text(c.IkeConfig))
	}
	if c.IpsecConfig != nil {
		set("IpsecConfig", text(c.IpsecConfig))
	}
	if c.BgpConfig != nil {
		set("BgpConfig", text(c.BgpConfig))
	}
	if c.HealthCheckConfig != nil {
		set("HealthCheckConfig", text(c.HealthCheckConfig))
	}
	return call{action, q, c.TunnelOptionsSpecification}
}

// text is a nested object as the JSON text that the API takes.
func text(object any) *string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(object); err != nil {
		panic(err)
	}
	s := strings.TrimSuffix(b.String(), "\n")
	return &s
}

// hard are the characters that one encoding or another treats specially. U+2028 and
// U+2029 are not among them: encoding/json always escapes them within JSON text,
// which reads the same and signs differently.
const hard = "aZ09-_.~ +*%&=?#/\\\"'`<>!@$^(),:;[]{}|\x00\x01\b\t\n\v\f\r\x1f\x7f\u00a0é中🔑\ufeff\ufffd"

var texts = rapid.OneOf(
	rapid.StringOfN(rapid.RuneFrom([]rune(hard)), 0, 24, -1),
	rapid.Map(rapid.StringOfN(rapid.Rune(), 0, 12, -1), strings.NewReplacer("\u2028", "", "\u2029", "").Replace),
	rapid.SampledFrom([]string{"%20", "%7E", "a%2Ab", "+", "true", "0", "null", "", "***"}),
)

func maybe[T any](g *rapid.Generator[T]) *rapid.Generator[*T] { return rapid.Ptr(g, true) }

var (
	numbers = maybe(rapid.Int64Range(0, 4294967295))
	flags   = maybe(rapid.Bool())
	strs    = maybe(texts)
	subnets = maybe(rapid.SampledFrom([]string{"0.0.0.0/0", "10.0.0.0/8,192.168.0.0/16", ""}))

	ikes = rapid.Custom(func(t *rapid.T) *ike {
		draw := func(name string) *string { return strs.Draw(t, name) }
		return orNil(ike{draw("Psk"), draw("IkeVersion"), draw("IkeMode"), draw("IkeEncAlg"), draw("IkeAuthAlg"), draw("IkePfs"),
			numbers.Draw(t, "IkeLifetime"), draw("LocalId"), draw("RemoteId")})
	})
	ipsecs = rapid.Custom(func(t *rapid.T) *ipsec {
		return orNil(ipsec{strs.Draw(t, "IpsecEncAlg"), strs.Draw(t, "IpsecAuthAlg"), strs.Draw(t, "IpsecPfs"), numbers.Draw(t, "IpsecLifetime")})
	})
	tunnels = rapid.Custom(func(t *rapid.T) tunnel {
		return tunnel{
			TunnelIndex:        rapid.Ptr(rapid.Int64Range(1, 2), false).Draw(t, "TunnelIndex"),
			TunnelId:           strs.Draw(t, "TunnelId"),
			CustomerGatewayId:  strs.Draw(t, "CustomerGatewayId"),
			EnableDpd:          flags.Draw(t, "EnableDpd"),
			EnableNatTraversal: flags.Draw(t, "EnableNatTraversal"),
			TunnelIkeConfig:    ikes.Draw(t, "TunnelIkeConfig"),
			TunnelIpsecConfig:  ipsecs.Draw(t, "TunnelIpsecConfig"),
			TunnelBgpConfig:    orNil(tunnelBgp{numbers.Draw(t, "LocalAsn"), strs.Draw(t, "TunnelCidr"), strs.Draw(t, "LocalBgpIp")}),
		}
	})
	changes = rapid.Custom(func(t *rapid.T) change {
		c := change{
			RegionId:           rapid.SampledFrom([]string{"cn-hangzhou", "cn-shanghai", "eu-central-1"}).Draw(t, "RegionId"),
			VpnConnectionId:    "vco-" + texts.Draw(t, "VpnConnectionId"),
			ClientToken:        "t-" + texts.Draw(t, "ClientToken"),
			Name:               strs.Draw(t, "Name"),
			LocalSubnet:        subnets.Draw(t, "LocalSubnet"),
			RemoteSubnet:       subnets.Draw(t, "RemoteSubnet"),
			EffectImmediately:  flags.Draw(t, "EffectImmediately"),
			EnableDpd:          flags.Draw(t, "EnableDpd"),
			EnableNatTraversal: flags.Draw(t, "EnableNatTraversal"),
			EnableTunnelsBgp:   flags.Draw(t, "EnableTunnelsBgp"),
			CustomerGatewayId:  strs.Draw(t, "CustomerGatewayId"),
			RemoteCaCert:       strs.Draw(t, "RemoteCaCert"),
			ResourceOwnerId:    numbers.Draw(t, "ResourceOwnerId"),
			IkeConfig:          ikes.Draw(t, "IkeConfig"),
			IpsecConfig:        ipsecs.Draw(t, "IpsecConfig"),
			BgpConfig:          orNil(bgp{flags.Draw(t, "EnableBgp"), numbers.Draw(t, "LocalAsn"), strs.Draw(t, "TunnelCidr"), strs.Draw(t, "LocalBgpIp")}),
			HealthCheckConfig: orNil(health{flags.Draw(t, "enable"), strs.Draw(t, "dip"), strs.Draw(t, "sip"),
				numbers.Draw(t, "interval"), numbers.Draw(t, "retry"), strs.Draw(t, "Policy")}),
		}
		c.TunnelOptionsSpecification = rapid.SliceOfN(tunnels, 0, 2).Draw(t, "TunnelOptionsSpecification")
		return c
	})
)

// orNil leaves an object without fields out.
func orNil[T comparable](object T) *T {
	var empty T
	if object == empty {
		return nil
	}
	return &object
}
