package attachment

import (
	"errors"

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
	Tunnels         [MaxTunnels]CurrentTunnel // the zero value for a tunnel that is not shown

	config Change // by TunnelIndex: tunnel 1 is item 0
}

// CurrentTunnel is what the service shows of a tunnel beyond its configuration.
type CurrentTunnel struct {
	Shown   bool // the answer has the tunnel
	ID      string
	State   string // "active", "updating" or "deleting"
	Status  string // of the negotiation
	PeerASN string // of the customer gateway; "" when it has none
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

// ParseCurrent reads the answer of DescribeVpnConnection, or of
// ModifyVpnAttachmentAttribute, in either of their shapes: tunnels as an array or
// wrapped in {"TunnelOptions": [...]}, numbers and booleans typed or as text. It
// returns [ErrNotDescribed], or an error that says that the JSON is broken. The
// result keeps pointing into answer.
func ParseCurrent(answer string) (*Current, error) {
	doc, fault := new(jsontext.Text).Parse(answer)
	if fault != nil {
		return nil, &currentFault{fault}
	}
	cur := &Current{VpnConnectionID: doc.Get("VpnConnectionId").Text()}
	if cur.VpnConnectionID == "" || !isAnswer(doc) {
		return nil, ErrNotDescribed
	}
	cur.State, cur.Status, cur.AttachType = doc.Get("State").Text(), doc.Get("Status").Text(), doc.Get("AttachType").Text()
	cur.PeerASN = asnText(doc.Get("VpnBgpConfig").Get("PeerAsn"))
	p := parser{change: &cur.config, lenient: true}
	top := &ConnectionSections[SectionTop]
	for f := range top.Fields {
		param := &top.Fields[f]
		if value := doc.Get(param.responseName()); value.Exists() && !value.IsNull() {
			p.value(&cur.config.Values[f], param, param.Name, givenBy(value), location{field: f}, 0)
		}
	}
	for _, object := range Parameters {
		if s := sectionNamed(ConnectionSections, object.Name); s > 0 {
			if value := doc.Get(object.responseName()); value.IsObject() {
				p.object(ConnectionSections, s, cur.config.Values[:], &cur.config.sections[s], 0, value, 0)
			}
		}
	}
	tunnels := doc.Get(TunnelsName)
	if tunnels.IsObject() {
		tunnels = tunnels.Get("TunnelOptions")
	}
	for i, item := range tunnels.Elements {
		index := i + 1
		switch number(item.Get("TunnelIndex")) {
		case "1":
			index = 1
		case "2":
			index = 2
		}
		if index > MaxTunnels {
			continue
		}
		cur.Dual = true
		cur.config.tunnels[index-1] = Tunnel{}
		p.tunnel(index-1, item, 0)
		cur.Tunnels[index-1] = CurrentTunnel{
			Shown: true, ID: item.Get("TunnelId").Text(), State: item.Get("State").Text(), Status: item.Get("Status").Text(),
			PeerASN: asnText(item.Get("TunnelBgpConfig").Get("PeerAsn")),
		}
	}
	if cur.Dual {
		cur.config.tunnelLen = MaxTunnels
	}
	cur.config.notes = finding.List{}
	cur.dropASN0()
	return cur, nil
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
		if doc.Get(name).Exists() {
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
