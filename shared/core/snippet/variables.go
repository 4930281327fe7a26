package snippet

import (
	"slices"
	"strconv"
	"strings"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/request"
	"vpnattach/shared/core/secret"
)

// variable is what stands in a snippet for a secret.
type variable struct {
	name  string // "VPN_PSK", "VPN_PSK_TUNNEL_2"
	mark  string // stands for it in texts, until a language writes it in its own way
	of    string // "IkeConfig.Psk", "Tunnel 2 TunnelIkeConfig.Psk"
	value string // a dynamic reference, or empty
}

// withVariables returns the input with a mark in the place of each secret and of each
// reference to one; as it is with Reveal. A language writes what [Input.split] finds.
func (in *Input) withVariables() Input {
	if in.Reveal || in.Change == nil {
		return *in
	}
	out, change := *in, *in.Change
	var slots []*attachment.Value
	note := func(item string, section *attachment.Section, values []attachment.Value) {
		for f := range values {
			p := &section.Fields[f]
			if !p.Secret || !values[f].Present() {
				continue
			}
			v := variable{name: "VPN_" + strings.ToUpper(snake(p.Name)), of: p.Name}
			if section.Name != "" {
				v.of = section.Name + "." + p.Name
			}
			if item != "" {
				v.name += "_" + strings.ToUpper(strings.ReplaceAll(item, " ", "_"))
				v.of = item + " " + v.of
			}
			if values[f].IsReference() {
				v.value = values[f].Text()
			}
			out.variables = append(out.variables, v)
			slots = append(slots, &values[f])
		}
	}
	for s := range attachment.ConnectionSections {
		note("", &attachment.ConnectionSections[s], change.Section(s))
	}
	tunnels := change.Tunnels()
	for n := range tunnels {
		for s := range attachment.TunnelSections {
			note(itemName(&tunnels[n], n), &attachment.TunnelSections[s], tunnels[n].Section(s))
		}
	}
	for i := range slots {
		*slots[i] = attachment.NewValue(secret.Redacted)
	}
	// A mark is nothing that a value has, and needs no escape in any language.
	frame := "@"
	for slices.ContainsFunc(request.Parameters(&change, out.token(), true), func(p request.Parameter) bool { return strings.Contains(p.Value, frame) }) {
		frame += "@"
	}
	for i := range slots {
		out.variables[i].mark = frame + out.variables[i].name + frame
		*slots[i] = attachment.NewValue(out.variables[i].mark)
	}
	out.Change, out.Reveal = &change, true
	return out
}

// itemName is what people call the n-th item of TunnelOptionsSpecification.
func itemName(t *attachment.Tunnel, n int) string {
	if index := t.Values[attachment.TunnelIndex]; index.Present() {
		return "Tunnel " + index.Text()
	}
	return "Item " + strconv.Itoa(n+1)
}

// piece is text, or a variable that stands in it.
type piece struct {
	text     string
	variable *variable
	json     bool // it stands for the whole of a JSON string, with its quotes
}

// split splits a value at the variables in it.
func (in *Input) split(text string) (pieces []piece) {
	for text != "" {
		at, end, next := len(text), len(text), piece{}
		for i := range in.variables {
			v := &in.variables[i]
			if from := strings.Index(text, v.mark); from >= 0 && from < at {
				at, end, next = from, from+len(v.mark), piece{variable: v}
			}
		}
		if next.variable != nil && at > 0 && text[at-1] == '"' && strings.HasPrefix(text[end:], `"`) {
			at, end, next.json = at-1, end+1, true
		}
		if at > 0 {
			pieces = append(pieces, piece{text: text[:at]})
		}
		if next.variable != nil {
			pieces = append(pieces, next)
		}
		text = text[end:]
	}
	return pieces
}

// inJSON reports whether the variable stands within JSON text.
func (in *Input) inJSON(v *variable) bool {
	for _, p := range in.parameters() {
		for _, piece := range in.split(p.Value) {
			if piece.variable == v && piece.json {
				return true
			}
		}
	}
	return false
}
