package probe

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"vpnattach/shared/core/attachment"
)

// Reading is what one answer of DescribeVpnConnection settles.
type Reading struct {
	Dual       bool     `json:"dual"`
	AttachType string   `json:"attachType"`
	State      string   `json:"state"`
	Status     string   `json:"status"` // of the negotiation
	Tunnels    []Tunnel `json:"tunnels,omitempty"`

	Keys       []Key    `json:"keys"`
	TunnelList string   `json:"tunnelList"` // "wrapped" in TunnelOptions, "array" or "none"
	Typed      []string `json:"typed"`      // numbers and booleans that are written as such
	Text       []string `json:"text"`       // those that are written as text, and objects as JSON text
	Unknown    []string `json:"unknown"`    // members that the official SDK does not have
	Absent     []string `json:"absent"`     // of what --write sends
}

// Tunnel is a tunnel's state.
type Tunnel struct {
	Index  int    `json:"index"`
	ID     string `json:"id,omitempty"` // with [Config.IDs]
	State  string `json:"state"`
	Status string `json:"status"`
}

// Key says how a pre-shared key is shown: "clear", "masked" or "absent".
type Key struct {
	Tunnel int    `json:"tunnel,omitempty"` // TunnelIndex; 0: of a single tunnel
	Path   string `json:"path"`
	Shown  string `json:"shown"`
}

// masked reports whether any key can't be read.
func (r *Reading) masked() bool {
	return slices.ContainsFunc(r.Keys, func(k Key) bool { return k.Shown != "clear" })
}

// known are the members of each object of an answer, by its path.
// Source: the response of DescribeVpnConnection in the official SDK,
// alibabacloud-go/vpc-20160428 v7.2.5.
var known = map[string]string{
	"": `AttachInstanceId AttachType CreateTime CrossAccountAuthorized CustomerGatewayId EffectImmediately EnableDpd
		EnableNatTraversal EnableTunnelsBgp IkeConfig InternetIp IpsecConfig LocalSubnet Name NetworkType RemoteCaCertificate
		RemoteSubnet RequestId ResourceGroupId Spec State Status Tags TransitRouterId TransitRouterName TunnelBandwidth
		TunnelOptionsSpecification VcoHealthCheck VpnBgpConfig VpnConnectionId VpnGatewayId ZoneNo`,
	"IkeConfig":      "IkeAuthAlg IkeEncAlg IkeLifetime IkeMode IkePfs IkeVersion LocalId Psk RemoteId",
	"IpsecConfig":    "IpsecAuthAlg IpsecEncAlg IpsecLifetime IpsecPfs",
	"VcoHealthCheck": "Dip Enable Interval Policy Retry Sip Status",
	"VpnBgpConfig":   "AuthKey EnableBgp LocalAsn LocalBgpIp PeerAsn PeerBgpIp Status TunnelCidr",
	"Tags":           "Tag",
	"Tags.Tag":       "Key Value",
	tunnels: `CustomerGatewayId EnableDpd EnableNatTraversal InternetIp RemoteCaCertificate Role State Status TunnelBgpConfig
		TunnelId TunnelIkeConfig TunnelIndex TunnelIpsecConfig ZoneNo`,
	tunnels + ".TunnelIkeConfig":   "IkeAuthAlg IkeEncAlg IkeLifetime IkeMode IkePfs IkeVersion LocalId Psk RemoteId",
	tunnels + ".TunnelIpsecConfig": "IpsecAuthAlg IpsecEncAlg IpsecLifetime IpsecPfs",
	tunnels + ".TunnelBgpConfig":   "BgpStatus LocalAsn LocalBgpIp PeerAsn PeerBgpIp TunnelCidr",
}

const tunnels = attachment.TunnelsName

// typedNames are the members that are numbers or booleans by their meaning.
var typedNames = strings.Fields("CreateTime CrossAccountAuthorized EffectImmediately Enable EnableBgp EnableDpd EnableNatTraversal " +
	"EnableTunnelsBgp IkeLifetime Interval IpsecLifetime LocalAsn PeerAsn Retry TunnelIndex")

// read reads an answer, of which current is the meaning.
func (r *run) read(body string, current *attachment.Current) *Reading {
	doc := gjson.Parse(body)
	reading := &Reading{
		Dual: current.Dual, AttachType: current.AttachType, State: current.State, Status: current.Status,
		TunnelList: "none", Keys: keysOf(current), Absent: []string{},
	}
	for i, t := range current.Tunnels {
		if !t.Shown {
			continue
		}
		shown := Tunnel{Index: i + 1, State: t.State, Status: t.Status}
		if r.config.IDs {
			shown.ID = t.ID
		}
		reading.Tunnels = append(reading.Tunnels, shown)
	}
	switch list := doc.Get(tunnels); {
	case list.IsObject() && list.Get("TunnelOptions").Exists():
		reading.TunnelList = "wrapped"
	case list.IsArray():
		reading.TunnelList = "array"
	}
	w := walker{typed: set{}, text: set{}, unknown: set{}}
	w.object("", doc)
	reading.Typed, reading.Text, reading.Unknown = w.typed.sorted(), w.text.sorted(), w.unknown.sorted()
	for i, name := range reading.Unknown {
		reading.Unknown[i] = r.hide(name)
	}
	for _, field := range sentFields {
		if current.Config().Text(field) == "" {
			reading.Absent = append(reading.Absent, attachment.ConnectionSections[attachment.SectionTop].Fields[field].Name)
		}
	}
	return reading
}

// keysOf says of each key how it is shown.
func keysOf(current *attachment.Current) (all []Key) {
	tunnels := []int{0}
	if current.Dual {
		tunnels = []int{1, 2}
	}
	for _, tunnel := range tunnels {
		path, name := "IkeConfig.Psk", "IkeConfig.Psk"
		if tunnel > 0 {
			path, name = "TunnelIkeConfig.Psk", fmt.Sprintf("Tunnel.%d.TunnelIkeConfig.Psk", tunnel)
		}
		field, _ := attachment.FieldNamed(name)
		key := Key{tunnel, path, "clear"}
		if _, whole := current.Shows(field, "?"); !whole {
			key.Shown = "masked"
		}
		if current.Value(field).Text() == "" {
			key.Shown = "absent"
		}
		all = append(all, key)
	}
	return all
}

type set map[string]bool

func (s set) sorted() []string {
	all := []string{}
	for name := range s {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

// walker looks at the members of an answer, objects of a list as one.
type walker struct{ typed, text, unknown set }

func (w *walker) object(path string, object gjson.Result) {
	names := strings.Fields(known[path])
	object.ForEach(func(name, value gjson.Result) bool {
		if path == tunnels && name.Str == "TunnelOptions" && value.IsArray() {
			w.items(path, value)
			return true
		}
		full := strings.TrimPrefix(path+"."+name.Str, ".")
		if !slices.Contains(names, name.Str) {
			w.unknown[full] = true
			return true
		}
		w.member(full, name.Str, value)
		return true
	})
}

func (w *walker) member(path, name string, value gjson.Result) {
	_, nested := known[path]
	switch {
	case value.Type == gjson.Null:
	case value.IsArray():
		w.items(path, value)
	case value.IsObject():
		w.object(path, value)
	case nested: // a scalar in the place of an object
		w.text[path] = true
	case !slices.Contains(typedNames, name):
	case value.Type == gjson.String:
		if value.Str != "" {
			w.text[path] = true
		}
	default:
		w.typed[path] = true
	}
}

func (w *walker) items(path string, list gjson.Result) {
	for _, item := range list.Array() {
		w.object(path, item)
	}
}
