package attachment

import (
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/jsontext"
)

// BeyondSchema returns the checks whose errors a document can have that the JSON Schema
// accepts.
func BeyondSchema() (ids []string) {
	for _, check := range finding.All() {
		if check.Severity == finding.Error && check.Part <= finding.Together && !check.InSchema {
			ids = append(ids, check.ID)
		}
	}
	return ids
}

// Schema returns the JSON Schema (2020-12) of a change document, for editors and
// for those who check documents elsewhere. It says what can be said of one value
// at a time, and that the two modes don't mix. It refuses nothing that [Validate] accepts;
// what it lets pass is listed by [BeyondSchema].
func Schema() []byte {
	s := schema{}
	s.raw(`{"$schema":"https://json-schema.org/draft/2020-12/schema","title":"vpnattach change document",`)
	s.raw(`"description":"A patch to one attachment: what is absent stays as it is.","$comment":`)
	s.text("Beyond a schema, and found by vpnattach validate: " + strings.Join(BeyondSchema(), ", ") + "; and all that is wrong within an object that is given as JSON text")
	s.raw(",")
	s.object(Parameters, []string{"RegionId", "VpnConnectionId"})
	s.raw(`,"not":{"allOf":[`)
	s.anyOfMode(Single)
	s.raw(`,`)
	s.anyOfMode(Dual)
	s.raw(`]}}`)
	return append(s.dst, '\n')
}

type schema struct{ dst []byte }

func (s *schema) raw(text string)  { s.dst = append(s.dst, text...) }
func (s *schema) text(text string) { s.dst = gjson.AppendJSONString(s.dst, text) }
func (s *schema) list(key string, texts []string) {
	s.dst = jsontext.AppendList(jsontext.AppendKey(s.dst, key), texts, func(dst []byte, text *string) []byte {
		return gjson.AppendJSONString(dst, *text)
	})
}
func (s *schema) number(key string, n int64) {
	s.raw(`,"` + key + `":` + strconv.FormatInt(n, 10))
}

// object appends the members of an object schema, without the braces.
func (s *schema) object(fields []Parameter, required []string) {
	s.raw(`"type":"object","additionalProperties":false,"properties":{`)
	for i := range fields {
		p := &fields[i]
		if i > 0 {
			s.raw(",")
		}
		s.property(p, p.Name)
		for _, alias := range p.Aliases {
			s.raw(",")
			s.property(p, alias)
		}
	}
	s.raw("}")
	if len(required) > 0 {
		s.list("required", required)
	}
}

func (s *schema) property(p *Parameter, name string) {
	s.text(name)
	s.raw(`:{"description":`)
	s.text(p.Doc)
	if p.Example != "" && p.Kind == Text && !p.Secret {
		s.list("examples", []string{p.Example})
	}
	switch p.Kind {
	case Text:
		s.raw(`,"type":"string"`)
		if len(p.Enum) > 0 {
			s.list("enum", p.Enum)
			break
		}
		if p.Min > 0 {
			s.number("minLength", p.Min)
		}
		if p.Max > 0 {
			s.number("maxLength", p.Max)
		}
	case Bool:
		s.raw(`,"anyOf":[{"enum":[true,false,"true","false"]},{"type":"string","pattern":"^\\s*([Tt]rue|[Ff]alse)\\s*$"}]`)
	case Int, ASN:
		s.raw(`,"type":["integer","string"]`)
		s.number("minimum", p.Min)
		s.number("maximum", p.Max)
		if p.Kind == ASN {
			s.raw(`,"pattern":"^\\s*[0-9]+(\\.[0-9]+)?\\s*$"`)
		} else {
			s.raw(`,"pattern":"^\\s*-?[0-9]+(\\.[0-9]+)?([eE][+-]?[0-9]+)?\\s*$"`)
		}
	case IP:
		s.raw(`,"type":"string","format":"ipv4"`)
	case CIDR:
		s.raw(`,"type":"string","pattern":"^169\\.254\\.[0-9]{1,3}\\.[0-9]{1,3}/30$"`)
	case Subnets:
		s.raw(`,"type":["string","array"],"pattern":"/[0-9]{1,3}","items":{"type":"string","pattern":"/[0-9]{1,3}"}`)
	case Object:
		s.raw(`,"oneOf":[{`)
		s.object(p.Fields, nil)
		s.raw(`},{"type":"string","contentMediaType":"application/json"}]`)
	case Array:
		s.raw(`,"type":"array","maxItems":2,"items":{`)
		s.object(p.Fields, nil)
		s.raw(`,"anyOf":[{"required":["TunnelIndex"]},{"required":["TunnelId"]}]}`)
	}
	s.raw("}")
}

// anyOfMode appends a schema that holds where a parameter of the mode is given.
func (s *schema) anyOfMode(mode Mode) {
	s.raw(`{"anyOf":[`)
	first := true
	for i := range Parameters {
		if Parameters[i].Mode != mode {
			continue
		}
		if !first {
			s.raw(",")
		}
		first = false
		s.raw(`{"required":[`)
		s.text(Parameters[i].Name)
		s.raw("]}")
	}
	s.raw("]}")
}
