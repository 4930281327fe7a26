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
// text, but for dynamic references. A ClientToken of the change comes first; with
// neither there is none.
func Parameters(c *attachment.Change, clientToken string, reveal bool) []Parameter {
	l := newList(c, clientToken, reveal)
	parameters := make([]Parameter, len(l.params))
	for i, p := range l.params {
		parameters[i] = Parameter{Name: p.name, Value: string(l.value(p)), In: "query"}
		if p.body {
			parameters[i].In = "body"
		}
	}
	return parameters
}

// AppendParameters appends what [Parameters] returns as one JSON object of names
// and values.
func AppendParameters(dst []byte, c *attachment.Change, clientToken string, reveal bool) []byte {
	l := newList(c, clientToken, reveal)
	dst = append(dst, '{')
	for i, p := range l.params {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendText(dst, p.name)
		dst = append(dst, ':')
		dst = appendText(dst, string(l.value(p)))
	}
	return append(dst, '}')
}

func newList(c *attachment.Change, clientToken string, reveal bool) *list {
	l := new(list)
	l.reset(unreserved)
	l.collect(c, reveal)
	if clientToken != "" && !c.Values[attachment.ClientToken].Present() {
		l.insert(tokenName, clientToken)
	}
	return l
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
var rows = func() []row {
	var rows []row
	for f := range attachment.ConnectionSections[attachment.SectionTop].Fields {
		rows = append(rows, row{name: attachment.ConnectionSections[attachment.SectionTop].Fields[f].Name, field: f})
	}
	for s := attachment.SectionTop + 1; s < len(attachment.ConnectionSections); s++ {
		rows = append(rows, row{name: attachment.ConnectionSections[s].Name, section: s, field: wholeSection})
	}
	for t := 1; t <= attachment.MaxTunnels; t++ {
		item := attachment.TunnelsName + "." + strconv.Itoa(t) + "."
		for s, section := range attachment.TunnelSections {
			prefix := item
			if section.Name != "" {
				prefix += section.Name + "."
			}
			for f := range section.Fields {
				rows = append(rows, row{name: prefix + section.Fields[f].Name, tunnel: t, section: s, field: f})
			}
		}
	}
	slices.SortStableFunc(rows, func(a, b row) int { return strings.Compare(a.name, b.name) })
	return rows
}()

// list holds parameters in the order of their names, plain and encoded. Its memory
// is reused.
type list struct {
	params    []param
	text      []byte // the values
	encoded   []byte // name=value of each, percent-encoded
	keep      *[256]bool
	reference string // the first parameter that is a dynamic reference
}

type param struct {
	name    string
	plain   span // of text
	encoded span // of encoded
	body    bool
}

type span struct{ from, to int }

func (l *list) reset(keep *[256]bool) {
	*l = list{params: l.params[:0], text: l.text[:0], encoded: l.encoded[:0], keep: keep}
}

func (l *list) value(p param) []byte { return l.text[p.plain.from:p.plain.to] }

// collect adds the change's parameters.
func (l *list) collect(c *attachment.Change, reveal bool) {
	tunnels := c.Tunnels()
	for i := range rows {
		r := &rows[i]
		switch {
		case r.tunnel > len(tunnels):
		case r.tunnel > 0:
			value := &tunnels[r.tunnel-1].Section(r.section)[r.field]
			l.scalar(r, value, &attachment.TunnelSections[r.section].Fields[r.field], reveal)
		case r.field == wholeSection:
			l.object(r, c.Section(r.section), attachment.ConnectionSections[r.section].Fields, reveal)
		default:
			l.scalar(r, &c.Values[r.field], &attachment.ConnectionSections[r.section].Fields[r.field], reveal)
		}
	}
}

func (l *list) scalar(r *row, v *attachment.Value, p *attachment.Parameter, reveal bool) {
	if !v.Present() {
		return
	}
	from := len(l.text)
	l.text = append(l.text, l.show(r.name, "", v, p, reveal)...)
	l.params = append(l.params, l.encode(r.name, from, r.tunnel > 0))
}

// object adds the JSON text of a nested object in the documented order and forms.
// An object without a field is not sent.
func (l *list) object(r *row, values []attachment.Value, fields []attachment.Parameter, reveal bool) {
	from := len(l.text)
	separator := byte('{')
	for f := range values {
		if !values[f].Present() {
			continue
		}
		p := &fields[f]
		text := l.show(r.name, p.Name, &values[f], p, reveal)
		l.text = append(l.text, separator)
		separator = ','
		l.text = appendJSONString(l.text, p.Name)
		l.text = append(l.text, ':')
		if isNumeric(p.Kind) && !p.Quoted && isLiteral(text) {
			l.text = append(l.text, text...)
		} else {
			l.text = appendJSONString(l.text, text)
		}
	}
	if len(l.text) > from {
		l.text = append(l.text, '}')
		l.params = append(l.params, l.encode(r.name, from, false))
	}
}

func isNumeric(k attachment.Kind) bool {
	return k == attachment.Int || k == attachment.ASN || k == attachment.Bool
}

// show returns the value's text, or what is shown for it.
func (l *list) show(name, field string, v *attachment.Value, p *attachment.Parameter, reveal bool) string {
	text := v.Text()
	if v.IsReference() && l.reference == "" {
		l.reference = name
		if field != "" {
			l.reference += "." + field
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
func (l *list) encode(name string, from int, body bool) param {
	p := param{name: name, body: body, plain: span{from, len(l.text)}}
	p.encoded.from = len(l.encoded)
	l.encoded = append(l.encoded, name...)
	l.encoded = append(l.encoded, '=')
	l.encoded = appendEscaped(l.encoded, l.text[from:], l.keep)
	p.encoded.to = len(l.encoded)
	return p
}

// insert adds a query parameter at its place.
func (l *list) insert(name, value string) {
	from := len(l.text)
	l.text = append(l.text, value...)
	p := l.encode(name, from, false)
	i, _ := slices.BinarySearchFunc(l.params, name, func(p param, name string) int { return strings.Compare(p.name, name) })
	l.params = slices.Insert(l.params, i, p)
}

// part says which parameters to join.
type part uint8

const (
	inQuery part = iota
	inBody
	inBoth
)

// join appends the encoded parameters of one part, separated by &.
func (l *list) join(dst []byte, which part) []byte {
	start := len(dst)
	for i := range l.params {
		p := &l.params[i]
		if which != inBoth && p.body != (which == inBody) {
			continue
		}
		if len(dst) > start {
			dst = append(dst, '&')
		}
		dst = append(dst, l.encoded[p.encoded.from:p.encoded.to]...)
	}
	return dst
}

// form appends the parameters of one part as they are sent.
func (l *list) form(dst []byte, which part) []byte {
	start := len(dst)
	dst = l.join(dst, which)
	return appendForm(dst[:start], dst[start:]) // in place: it never gets longer
}
