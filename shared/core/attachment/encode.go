package attachment

import (
	"strconv"

	"github.com/tidwall/gjson"

	"vpnattach/shared/core/jsontext"
	"vpnattach/shared/core/secret"
)

// AppendJSON appends the change as a change document: the API's names in the
// order of [Parameters], objects as objects, booleans and numbers typed. Unless
// reveal is set, secrets are "***" (a dynamic reference is not a secret and stands as
// it is).
func (c *Change) AppendJSON(dst []byte, reveal bool) []byte {
	w := writer{dst: append(dst, '{'), reveal: reveal}
	top := &ConnectionSections[SectionTop]
	for i := range Parameters {
		p := &Parameters[i]
		switch {
		case p.Kind == Array:
			w.tunnels(c)
		case p.Kind == Object:
			if s := sectionNamed(ConnectionSections, p.Name); c.Has(s) {
				w.object(&ConnectionSections[s], c.Section(s))
			}
		default:
			w.value(p, &c.Values[top.names[p.Name]])
		}
	}
	return append(w.dst, '}')
}

type writer struct {
	dst    []byte
	reveal bool
}

func (w *writer) tunnels(c *Change) {
	if !c.hasTunnels.present && len(c.Tunnels()) == 0 { // what Describe returned has them all the same
		return
	}
	w.key(TunnelsName)
	w.dst = append(w.dst, '[')
	for n := range c.Tunnels() {
		if n > 0 {
			w.dst = append(w.dst, ',')
		}
		t := &c.tunnels[n]
		w.dst = append(w.dst, '{')
		w.values(&TunnelSections[SectionTop], t.Section(SectionTop))
		for s := SectionIKE; s < len(TunnelSections); s++ {
			if t.Has(s) {
				w.object(&TunnelSections[s], t.Section(s))
			}
		}
		w.dst = append(w.dst, '}')
	}
	w.dst = append(w.dst, ']')
}

func (w *writer) object(section *Section, values []Value) {
	w.key(section.Name)
	w.dst = append(w.dst, '{')
	w.values(section, values)
	w.dst = append(w.dst, '}')
}

func (w *writer) values(section *Section, values []Value) {
	for f := range values {
		w.value(&section.Fields[f], &values[f])
	}
}

func (w *writer) value(p *Parameter, v *Value) {
	if v.state != usable {
		return
	}
	w.key(p.Name)
	switch text := v.Text(); {
	case p.Secret && !w.reveal && !v.IsReference():
		w.dst = gjson.AppendJSONString(w.dst, secret.Redacted)
	case p.Kind == Bool || p.Kind == Int || p.Kind == ASN:
		w.dst = append(w.dst, text...)
	default:
		w.dst = gjson.AppendJSONString(w.dst, text)
	}
}

func (w *writer) key(name string) { w.dst = jsontext.AppendKey(w.dst, name) }

// AppendJSON appends the difference as a JSON object.
func (d *Difference) AppendJSON(dst []byte) []byte {
	dst = jsontext.AppendText(append(dst, '{'), "path", d.Path)
	if d.Tunnel > 0 {
		dst = strconv.AppendInt(jsontext.AppendKey(dst, "tunnel"), int64(d.Tunnel), 10)
	}
	dst = jsontext.AppendText(dst, "from", d.From)
	return append(jsontext.AppendText(dst, "to", d.To), '}')
}
