package request

import (
	"slices"
	"strconv"
	"strings"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/secret"
)

// Parameter is one RPC parameter as it is sent.
type Parameter struct {
	Name  string // "RegionId", "TunnelOptionsSpecification.1.TunnelIkeConfig.Psk"
	Value string // not encoded
	In    string // "query" or "body"
}

// Parameters returns what a Modify request with that ClientToken carries, in the
// order of the names. Unless reveal is set, secrets show as ***, also within JSON
// text, but for dynamic references. A ClientToken of the change comes first; without
// either, the request has none.
func Parameters(c *attachment.Change, clientToken string, reveal bool) []Parameter {
	w := newWireParams(c, clientToken, reveal)
	parameters := make([]Parameter, len(w.params))
	text := string(w.text)
	for i, p := range w.params {
		parameters[i] = Parameter{Name: p.name, Value: p.plain.of(text), In: "query"}
		if p.body {
			parameters[i].In = "body"
		}
	}
	return parameters
}

// AppendParameters appends what [Parameters] returns as one JSON object of names
// and values.
func AppendParameters(dst []byte, c *attachment.Change, clientToken string, reveal bool) []byte {
	w := newWireParams(c, clientToken, reveal)
	text := string(w.text)
	dst = append(dst, '{')
	for i, p := range w.params {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendText(dst, p.name)
		dst = append(dst, ':')
		dst = appendText(dst, p.plain.of(text))
	}
	return append(dst, '}')
}

// newWireParams returns the parameters in plain text only, with room for most changes.
func newWireParams(c *attachment.Change, clientToken string, reveal bool) *wireParams {
	w := &wireParams{params: make([]param, 0, 24), text: make([]byte, 0, 1024)}
	w.collect(c, reveal)
	if clientToken != "" && !c.Values[attachment.ClientToken].Present() {
		w.insert(tokenName, clientToken)
	}
	return w
}

// row says which value of a change one RPC parameter carries.
type row struct {
	name    string
	tunnel  int // 0: the connection; n: the n-th item of TunnelOptionsSpecification
	section int // index into ConnectionSections or TunnelSections
	field   int // index into the section's Fields, or wholeSection
}

const wholeSection = -1 // the section's object as JSON text

var tokenName = attachment.ConnectionSections[attachment.SectionTop].Fields[attachment.ClientToken].Name

// rows are all parameters in the order of their names, which is the order that
// signatures need.
var rows = func() []*row {
	var rows []*row
	for f := range attachment.ConnectionSections[attachment.SectionTop].Fields {
		rows = append(rows, &row{name: attachment.ConnectionSections[attachment.SectionTop].Fields[f].Name, field: f})
	}
	for s := attachment.SectionTop + 1; s < len(attachment.ConnectionSections); s++ {
		rows = append(rows, &row{name: attachment.ConnectionSections[s].Name, section: s, field: wholeSection})
	}
	for t := 1; t <= attachment.MaxTunnels; t++ {
		item := attachment.TunnelsName + "." + strconv.Itoa(t) + "."
		for s, section := range attachment.TunnelSections {
			prefix := item
			if section.Name != "" {
				prefix += section.Name + "."
			}
			for f := range section.Fields {
				rows = append(rows, &row{name: prefix + section.Fields[f].Name, tunnel: t, section: s, field: f})
			}
		}
	}
	slices.SortStableFunc(rows, func(a, b *row) int { return strings.Compare(a.name, b.name) })
	return rows
}()

// wireParams holds parameters as they are sent, in the order of their names, plain and encoded. Its memory
// is reused.
type wireParams struct {
	params    []param
	text      []byte     // the values
	encoded   []byte     // name=value of each, percent-encoded
	keep      *[256]bool // what the encoding leaves as it is; nil: nothing is encoded
	reference string     // the first parameter that is a dynamic reference
}

type param struct {
	name    string
	plain   span // of text
	encoded span // of encoded
	body    bool
}

type span struct{ from, to int }

func (s span) of(text string) string { return text[s.from:s.to] }

func (w *wireParams) reset(keep *[256]bool) {
	*w = wireParams{params: w.params[:0], text: w.text[:0], encoded: w.encoded[:0], keep: keep}
}

// collect adds the change's parameters.
func (w *wireParams) collect(c *attachment.Change, reveal bool) {
	tunnels := c.Tunnels()
	for _, r := range rows {
		switch {
		case r.tunnel > len(tunnels):
		case r.tunnel > 0:
			value := &tunnels[r.tunnel-1].Section(r.section)[r.field]
			w.scalar(r, value, &attachment.TunnelSections[r.section].Fields[r.field], reveal)
		case r.field == wholeSection:
			w.object(r, c.Section(r.section), attachment.ConnectionSections[r.section].Fields, reveal)
		default:
			w.scalar(r, &c.Values[r.field], &attachment.ConnectionSections[r.section].Fields[r.field], reveal)
		}
	}
}

func (w *wireParams) scalar(r *row, v *attachment.Value, p *attachment.Parameter, reveal bool) {
	if !v.Present() {
		return
	}
	from := len(w.text)
	w.text = append(w.text, w.show(r.name, "", v, p, reveal)...)
	w.params = append(w.params, w.encode(r.name, from, r.tunnel > 0))
}

// object adds the JSON text of a nested object in the documented order and forms.
// An object without a field is not sent.
func (w *wireParams) object(r *row, values []attachment.Value, fields []attachment.Parameter, reveal bool) {
	from := len(w.text)
	separator := byte('{')
	for f := range values {
		if !values[f].Present() {
			continue
		}
		p := &fields[f]
		text := w.show(r.name, p.Name, &values[f], p, reveal)
		w.text = append(w.text, separator)
		separator = ','
		w.text = appendJSONString(w.text, p.Name)
		w.text = append(w.text, ':')
		if isNumeric(p.Kind) && !p.Quoted && isLiteral(text) {
			w.text = append(w.text, text...)
		} else {
			w.text = appendJSONString(w.text, text)
		}
	}
	if len(w.text) > from {
		w.text = append(w.text, '}')
		w.params = append(w.params, w.encode(r.name, from, false))
	}
}

func isNumeric(k attachment.Kind) bool {
	return k == attachment.Int || k == attachment.ASN || k == attachment.Bool
}

// show returns the value's text, or what is shown for it.
func (w *wireParams) show(name, field string, v *attachment.Value, p *attachment.Parameter, reveal bool) string {
	text := v.Text()
	if v.IsReference() && w.reference == "" {
		w.reference = name
		if field != "" {
			w.reference += "." + field
		}
	}
	if p.Secret && !reveal {
		if _, claims, err := secret.ParseReference(text); claims && err == nil {
			return text
		}
		return secret.Redacted
	}
	return text
}

// encode makes a parameter of the text from that place on.
func (w *wireParams) encode(name string, from int, body bool) param {
	p := param{name: name, body: body, plain: span{from, len(w.text)}}
	if w.keep == nil {
		return p
	}
	p.encoded.from = len(w.encoded)
	w.encoded = append(w.encoded, name...)
	w.encoded = append(w.encoded, '=')
	w.encoded = appendEscaped(w.encoded, w.text[from:], w.keep)
	p.encoded.to = len(w.encoded)
	return p
}

// insert adds a query parameter at its place.
func (w *wireParams) insert(name, value string) {
	from := len(w.text)
	w.text = append(w.text, value...)
	p := w.encode(name, from, false)
	i, _ := slices.BinarySearchFunc(w.params, name, func(p param, name string) int { return strings.Compare(p.name, name) })
	w.params = slices.Insert(w.params, i, p)
}

// part says which parameters to join.
type part uint8

const (
	inQuery part = iota
	inBody
	inBoth
)

// join appends the encoded parameters of one part, separated by &.
func (w *wireParams) join(dst []byte, which part) []byte {
	start := len(dst)
	for i := range w.params {
		p := &w.params[i]
		if which != inBoth && p.body != (which == inBody) {
			continue
		}
		if len(dst) > start {
			dst = append(dst, '&')
		}
		dst = append(dst, w.encoded[p.encoded.from:p.encoded.to]...)
	}
	return dst
}

// form appends the parameters of one part as they are sent.
func (w *wireParams) form(dst []byte, which part) []byte {
	start := len(dst)
	dst = w.join(dst, which)
	return appendForm(dst[:start], dst[start:]) // in place: it never gets longer
}
