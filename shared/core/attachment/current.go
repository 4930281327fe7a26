package attachment

import (
	"cmp"
	"errors"
	"strconv"
	"strings"

	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/jsontext"
)

// Current is the configuration of an attachment as the service shows it.
type Current struct {
	VpnConnectionID string
	State           string                    // of the connection: "attached", "init", "updating", ...
	Status          string                    // of the negotiation: "ipsec_sa_established", ...
	AttachType      string                    // "CEN", "VPNGW" or "NO_ASSOCIATED"
	Dual            bool                      // has tunnels of its own
	PeerASN         string                    // of the customer gateway; "" when it has none
	InternetIP      string                    // the public address of Alibaba Cloud's side; "" when it is not shown
	Tunnels         [MaxTunnels]CurrentTunnel // the zero value for a tunnel that is not shown

	// OmitMasked says what [Merge] and [Validate] do about an IKE object whose current key
	// is masked, when the change has none: false refuses the change; true leaves the key
	// out of the object, which seems to keep it, but may lose it.
	OmitMasked bool

	config Change // by TunnelIndex: tunnel 1 is item 0
}

// CurrentTunnel is what the service shows of a tunnel beyond its configuration.
type CurrentTunnel struct {
	Shown   bool // the answer has the tunnel
	ID      string
	State   string // "active", "updating" or "deleting"
	Status  string // of the negotiation
	PeerASN string // of the customer gateway; "" when it has none

	InternetIP string // the tunnel's public address on Alibaba Cloud's side; "" when it is not shown
}

// ErrNotDescribed is returned for JSON that is not an answer of
// DescribeVpnConnection or ModifyVpnAttachmentAttribute.
var ErrNotDescribed = errors.New("not an answer of DescribeVpnConnection: it lacks VpnConnectionId, or what only answers have, such as State")

// Negotiation returns the Status of each tunnel in its order, or of a single-tunnel
// connection: one.
func (cur *Current) Negotiation() []string {
	if !cur.Dual {
		return []string{cur.Status}
	}
	all := make([]string, MaxTunnels)
	for i := range all {
		all[i] = cur.Tunnels[i].Status
	}
	return all
}

// Config returns the configuration as a change document would name it. Tunnel n
// is item n-1.
func (cur *Current) Config() *Change { return &cur.config }

// currentFault says that an answer is not JSON.
type currentFault struct{ fault *jsontext.Fault }

func (e *currentFault) Error() string {
	message := "the current configuration is " + e.fault.Error()
	if e.fault.Hint != "" {
		message += ": " + e.fault.Hint
	}
	return message
}
func (e *currentFault) Unwrap() error { return e.fault }

// ParseCurrent is [ParseDescribed] for an answer about one attachment.
func ParseCurrent(answer string) (*Current, error) {
	d, err := ParseDescribed(answer)
	if err != nil {
		return nil, err
	}
	return d.Of("")
}

// readCurrent reads what is said of one attachment.
func readCurrent(doc jsontext.Value) (*Current, error) {
	text := func(name string) string { return memberOf(doc, name).Text() }
	cur := &Current{VpnConnectionID: text("VpnConnectionId")}
	if cur.VpnConnectionID == "" || !isAnswer(doc) {
		return nil, ErrNotDescribed
	}
	cur.State, cur.Status, cur.AttachType = text("State"), text("Status"), text("AttachType")
	cur.InternetIP = text("InternetIp")
	cur.PeerASN = asnText(memberOf(nested(memberOf(doc, "VpnBgpConfig")), "PeerAsn"))
	p := parser{change: &cur.config, lenient: true}
	top := &ConnectionSections[SectionTop]
	for f := range top.Fields {
		param := &top.Fields[f]
		if value := memberOf(doc, param.responseName()); value.Exists() {
			p.value(&cur.config.Values[f], param, param.Name, givenBy(value), location{field: f}, 0)
		}
	}
	for _, object := range Parameters {
		if s := sectionNamed(ConnectionSections, object.Name); s > 0 {
			if value := memberOf(doc, object.responseName()); value.Exists() && !isNothing(value) {
				p.object(ConnectionSections, s, cur.config.Values[:], &cur.config.sections[s], 0, value, 0)
			}
		}
	}
	tunnels := nested(memberOf(doc, TunnelsName))
	if tunnels.IsObject() {
		tunnels = nested(memberOf(tunnels, "TunnelOptions"))
	}
	if tunnels.Exists() && !tunnels.IsArray() && !isNothing(tunnels) {
		return nil, errors.New("the current configuration can't be read: " + TunnelsName + " is not a list")
	}
	zone := text("ZoneNo")
	for i, item := range tunnels.Elements {
		item, index := nested(item), i+1
		switch number(memberOf(item, "TunnelIndex")) {
		case "1":
			index = 1
		case "2":
			index = 2
		}
		if index > MaxTunnels {
			return nil, errors.New("the current configuration can't be read: " + TunnelsName + " has more than two items")
		}
		cur.Dual = true
		if cur.Tunnels[index-1].Shown {
			return nil, errors.New("the current configuration can't be read: it has tunnel " + strconv.Itoa(index) + " twice")
		}
		p.tunnel(index-1, item, 0)
		cur.Tunnels[index-1] = CurrentTunnel{
			Shown: true, ID: memberOf(item, "TunnelId").Text(), State: memberOf(item, "State").Text(), Status: memberOf(item, "Status").Text(),
			PeerASN: asnText(memberOf(nested(memberOf(item, "TunnelBgpConfig")), "PeerAsn")), InternetIP: memberOf(item, "InternetIp").Text(),
		}
		zone = cmp.Or(zone, memberOf(item, "ZoneNo").Text())
	}
	if cur.Dual {
		cur.config.tunnelLen = MaxTunnels
	}
	if err := unreadable(cur.config.notes.Findings()); err != nil {
		return nil, err
	}
	cur.config.notes = finding.List{}
	if region := &cur.config.Values[RegionID]; !region.Present() && regionOf(zone) != "" {
		*region = NewValue(regionOf(zone))
	}
	cur.dropASN0()
	return cur, nil
}

// unreadable returns what the first error of a configuration says.
func unreadable(found finding.Findings) error {
	for _, f := range found {
		if f.Severity == finding.Error {
			return errors.New("the current configuration can't be read: " + f.Message)
		}
	}
	return nil
}

// isNothing reports whether an answer has no value there.
func isNothing(value jsontext.Value) bool {
	return value.IsNull() || value.Raw() == `""`
}

// regionOf returns the region of a zone such as cn-hangzhou-b or eu-central-1a; answers
// don't name the region itself.
func regionOf(zone string) string {
	if n := len(zone) - 1; n > 0 && isLower(zone[n]) && (zone[n-1] == '-' || isDigit(zone[n-1])) {
		if region := strings.TrimSuffix(zone[:n], "-"); looksLikeRegion(region) {
			return region
		}
	}
	return ""
}

// dropASN0 removes ASNs of 0, which the service shows for none and does not take.
func (cur *Current) dropASN0() {
	sections := [][]Value{cur.config.Section(SectionBGP)[LocalASN:]}
	for i := range cur.config.tunnels {
		sections = append(sections, cur.config.tunnels[i].Section(SectionBGP))
	}
	for _, values := range sections {
		if values[0].Text() == "0" {
			values[0] = Value{}
		}
	}
}

func (p *Parameter) responseName() string {
	if p.Response != "" {
		return p.Response
	}
	return p.Name
}

// isAnswer tells an answer from a change document, which names the attachment too.
func isAnswer(doc jsontext.Value) bool {
	for _, name := range [...]string{"State", "Status", "RequestId", "AttachType", "CreateTime"} {
		if memberOf(doc, name).Exists() {
			return true
		}
	}
	return false
}

// asnText returns an ASN, or "" for 0, which is what the service shows for none.
func asnText(value jsontext.Value) string {
	if text := number(value); text != "0" {
		return text
	}
	return ""
}

// number returns a number, which the service writes as one or as text.
func number(value jsontext.Value) string {
	if value.IsNumber() {
		return value.Raw()
	}
	return value.Text()
}

// tunnelIndex returns the index of the item's tunnel, 0 or 1, and whether it is
// known: by TunnelIndex, or by TunnelId where the current configuration names it.
func (cur *Current) tunnelIndex(t *Tunnel) (int, bool) {
	index, id := -1, t.Values[TunnelID].Text()
	switch t.Values[TunnelIndex].Text() {
	case "1":
		index = 0
	case "2":
		index = 1
	case "":
		for i := 0; cur != nil && id != "" && i < len(cur.Tunnels); i++ {
			if cur.Tunnels[i].ID == id {
				index = i
			}
		}
	}
	if index < 0 || cur != nil && cur.Dual && !cur.Tunnels[index].Shown {
		return 0, false
	}
	return index, true
}
