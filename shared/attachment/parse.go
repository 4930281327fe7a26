package attachment

import (
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
)

// Origin says where a change document comes from, and with it whether dynamic
// references are allowed in it.
type Origin uint8

const (
	FromEvent Origin = iota // event data or a person: a reference is an error
	FromRule                // a rule's constants and paths: references in secret parameters
)

// Parse reads a change document: a JSON object with the API's parameter names.
// It never fails: what is wrong with the document is among the findings of
// [Change.Validate]. The change keeps pointing into document.
func Parse(document string, origin Origin) *Change {
	c := new(Change)
	c.Parse(document, origin)
	return c
}

// Parse reads a change document into c, which loses what it held.
func (c *Change) Parse(document string, origin Origin) {
	*c = Change{notes: c.notes[:0]}
	p := parser{change: c, origin: origin}
	if !gjson.Valid(document) {
		p.note(jsonInvalid, whole, 0, "the change document is not valid JSON")
		return
	}
	p.document(gjson.Parse(document))
}

// ParseValid is Parse for a document that is known to be valid JSON, such as the
// data of an opened event.
func (c *Change) ParseValid(document string, origin Origin) {
	*c = Change{notes: c.notes[:0]}
	p := parser{change: c, origin: origin}
	p.document(gjson.Parse(document))
}

// parser walks a change document once and puts each value into its slot.
type parser struct {
	change  *Change
	origin  Origin
	lenient bool // reading an answer of the service: unknown members and aliases are as expected
}

func (p *parser) document(doc gjson.Result) {
	if !doc.IsObject() {
		p.note(wrongType, whole, 0, "the document is "+typeName(doc)+"; a change document is a JSON object")
		return
	}
	c := p.change
	top := &ConnectionSections[SectionTop]
	doc.ForEach(func(key, value gjson.Result) bool {
		pos := int32(value.Index)
		if f, ok := top.names[key.Str]; ok {
			p.value(&c.Values[top.First+f], &top.Fields[f], key.Str, value, place{field: f}, pos)
			return true
		}
		if s := sectionNamed(ConnectionSections, key.Str); s > 0 {
			p.object(ConnectionSections, s, c.Values[:], &c.sections[s], 0, value, pos)
			return true
		}
		if key.Str == TunnelsName {
			p.tunnels(value, pos)
			return true
		}
		p.unknown(whole, key.Str, pos, Parameters)
		return true
	})
}

func sectionNamed(sections []Section, name string) int {
	for s := 1; s < len(sections); s++ {
		if sections[s].Name == name {
			return s
		}
	}
	return 0
}

// tunnels reads TunnelOptionsSpecification.
func (p *parser) tunnels(list gjson.Result, pos int32) {
	c := p.change
	at := place{tunnel: wholeList, field: wholeSection}
	if !p.fresh(&c.hasTunnels, at, pos) {
		return
	}
	if !list.IsArray() {
		p.note(p.typeRule(list), at, pos, TunnelsName+" is "+typeName(list)+"; it must be an array of objects")
		return
	}
	n := 0
	list.ForEach(func(_, item gjson.Result) bool {
		if n < MaxTunnels {
			c.tunnelLen = n + 1
			p.tunnel(n, item, pos+int32(item.Index-list.Index))
		}
		n++
		return true
	})
	switch {
	case n == 0:
		p.note(emptyObject, at, pos, TunnelsName+" has no item")
	case n > MaxTunnels:
		p.note(tooManyTunnels, at, pos, TunnelsName+" has "+strconv.Itoa(n)+" items; an attachment has two tunnels")
	}
}

// tunnel reads one item of TunnelOptionsSpecification.
func (p *parser) tunnel(n int, item gjson.Result, pos int32) {
	t := &p.change.tunnels[n]
	t.pos = pos
	at := place{tunnel: n + 1, field: wholeSection}
	if !item.IsObject() {
		p.note(p.typeRule(item), at, pos, at.path()+" is "+typeName(item)+"; it must be an object")
		return
	}
	top := &TunnelSections[SectionTop]
	empty := true
	item.ForEach(func(key, value gjson.Result) bool {
		empty = false
		pos := pos + int32(value.Index-item.Index)
		if f, ok := top.names[key.Str]; ok {
			p.value(&t.Values[top.First+f], &top.Fields[f], key.Str, value, place{tunnel: n + 1, field: f}, pos)
		} else if s := sectionNamed(TunnelSections, key.Str); s > 0 {
			p.object(TunnelSections, s, t.Values[:], &t.sections[s], n+1, value, pos)
		} else {
			p.unknown(at, key.Str, pos, tunnelParameters)
		}
		return true
	})
	if empty {
		p.note(emptyObject, at, pos, "the tunnel item has no member")
	}
}

// object reads a nested object, given as an object or as its JSON text.
func (p *parser) object(sections []Section, s int, values []Value, state *sectionState, tunnel int, object gjson.Result, pos int32) {
	section := &sections[s]
	whole := place{tunnel: tunnel, section: s, field: wholeSection}
	if !p.fresh(state, whole, pos) {
		return
	}
	base := object.Index
	if object.Type == gjson.String {
		text := object.Str
		if !gjson.Valid(text) {
			p.note(nestedInvalid, whole, pos, section.Name+" is a string that holds no valid JSON")
			return
		}
		// Positions within the text stay within the span of the string that holds it,
		// which is at least as long.
		object, base = gjson.Parse(text), 0
	}
	if !object.IsObject() {
		p.note(p.typeRule(object), whole, pos, section.Name+" is "+typeName(object)+"; it must be an object or its JSON text")
		return
	}
	empty := true
	object.ForEach(func(key, value gjson.Result) bool {
		empty = false
		at := pos + int32(value.Index-base)
		if f, ok := section.names[key.Str]; ok {
			p.value(&values[section.First+f], &section.Fields[f], key.Str, value, place{tunnel: tunnel, section: s, field: f}, at)
		} else {
			p.unknown(whole, key.Str, at, section.Fields)
		}
		return true
	})
	if empty && !p.lenient {
		p.note(emptyObject, whole, pos, section.Name+" has no member")
	}
}

// fresh marks a nested object as present; a second one of the same name is an
// error.
func (p *parser) fresh(state *sectionState, at place, pos int32) bool {
	if state.present {
		p.note(duplicateParameter, at, pos, at.path()+" appears twice")
		return false
	}
	*state = sectionState{present: true, pos: pos}
	return true
}

func (p *parser) unknown(whole place, name string, pos int32, known []Parameter) {
	if p.lenient {
		return
	}
	message := "unknown parameter " + name
	if owner := whole.path(); owner != "" {
		message = owner + " has no field " + name
	}
	p.add(unknownParameter, pos, Finding{
		Path: joinPath(whole.path(), name), Message: message, Hint: unknownHint(name, known),
	})
}

// value reads one scalar (or a list of subnets) into its slot, normalised.
func (p *parser) value(slot *Value, param *Parameter, key string, value gjson.Result, at place, pos int32) {
	if slot.Present() {
		p.note(duplicateParameter, at, pos, at.path()+" appears twice; which one the service takes is not defined")
		slot.state = refused
		return
	}
	slot.pos, slot.state = pos, refused
	if key != param.Name && !p.lenient {
		p.add(aliasUsed, pos, Finding{Path: at.path(), Message: key + " is read as " + param.Name})
	}
	text, normalised, ok := p.normalise(param, value)
	if !ok {
		p.note(p.typeRule(value), at, pos, at.path()+" is "+typeName(value)+"; it must be "+article(param.Kind))
		return
	}
	*slot = NewValue(text)
	slot.pos = pos
	if p.lenient {
		return
	}
	if normalised != "" {
		p.add(normalisedForm, pos, Finding{Path: at.path(), Message: at.path() + " is read as " + normalised})
	}
	p.reference(slot, param, at)
}

// reference refuses a dynamic reference where none may stand.
func (p *parser) reference(slot *Value, param *Parameter, at place) {
	text := slot.Text()
	if !strings.Contains(text, referenceMark) {
		return
	}
	switch {
	case p.origin != FromRule:
		p.note(referenceInEvent, at, slot.pos, at.path()+" holds a dynamic reference, which only a rule's \"with\" may")
	case !param.Secret:
		p.note(referenceMisplaced, at, slot.pos, at.path()+" is no secret parameter, so it can't be a dynamic reference")
	default:
		return
	}
	slot.state = refused
}

// normalise returns the value's text, and in words what was changed beyond its
// JSON type, if anything.
func (p *parser) normalise(param *Parameter, value gjson.Result) (text, normalised string, ok bool) {
	switch param.Kind {
	case Bool:
		switch {
		case value.IsBool():
			return value.Raw, "", true
		case value.Type == gjson.String && (value.Str == "true" || value.Str == "false"):
			return value.Str, as(param, "a boolean"), true
		}
	case Int, ASN:
		if value.Type == gjson.Number && isDecimal(value.Raw) {
			return value.Raw, "", true
		}
		if value.Type == gjson.String && isDecimal(value.Str) {
			return value.Str, as(param, "a number"), true
		}
		// A JSON number may be a dotted ASN too, but 1.10 and 1.1 are one number and
		// two ASNs: only its text can tell.
		if param.Kind == ASN && (value.Type == gjson.String || value.Type == gjson.Number) {
			if asn, ok := dottedASN(strings.Trim(value.Raw, `"`)); ok {
				return asn, "the ASN " + asn, true
			}
		}
	case Subnets:
		if value.Type != gjson.String {
			text, ok = joinSubnets(value)
			return text, "", ok
		}
		if strings.ContainsAny(value.Str, " \t\r\n") {
			return strings.Join(strings.Fields(value.Str), ""), "a list without blanks", true
		}
		return value.Str, "", true
	default:
		if value.Type == gjson.String {
			return value.Str, "", true
		}
	}
	return "", "", false
}

// as names what a text has been read as, unless text is the documented form.
func as(param *Parameter, what string) string {
	if param.Quoted {
		return ""
	}
	return what
}

// joinSubnets makes the API's comma-separated text of an array.
func joinSubnets(list gjson.Result) (text string, ok bool) {
	if !list.IsArray() {
		return "", false
	}
	var b strings.Builder
	ok = true
	list.ForEach(func(_, item gjson.Result) bool {
		if item.Type != gjson.String {
			ok = false
			return false
		}
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strings.TrimSpace(item.Str))
		return true
	})
	return b.String(), ok
}

// isDecimal reports whether s is a decimal integer as the service writes it: no
// fraction, no exponent, no leading zero.
func isDecimal(s string) bool {
	digits := strings.TrimPrefix(s, "-")
	if digits == "" || len(digits) > 19 || len(digits) > 1 && digits[0] == '0' {
		return false
	}
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return false
		}
	}
	return true
}

// dottedASN reads an ASN in two segments of 16 bits each: 123.456 is 8061384.
func dottedASN(s string) (string, bool) {
	high, low, ok := strings.Cut(s, ".")
	if !ok {
		return "", false
	}
	h, err1 := strconv.ParseUint(high, 10, 16)
	l, err2 := strconv.ParseUint(low, 10, 16)
	if err1 != nil || err2 != nil {
		return "", false
	}
	return strconv.FormatUint(h<<16|l, 10), true
}

// typeRule tells null, which means nothing in a patch, from other wrong types.
func (p *parser) typeRule(value gjson.Result) ruleIndex {
	if value.Type == gjson.Null {
		return nullValue
	}
	return wrongType
}

func (p *parser) note(rule ruleIndex, at place, pos int32, message string) {
	p.add(rule, pos, Finding{Path: at.path(), Message: message})
}

func (p *parser) add(rule ruleIndex, pos int32, f Finding) {
	p.change.notes = append(p.change.notes, rule.finding(f, pos))
}

func typeName(value gjson.Result) string {
	switch {
	case value.IsObject():
		return "an object"
	case value.IsArray():
		return "an array"
	case value.Type == gjson.String:
		return "a string"
	case value.Type == gjson.Number:
		if isDecimal(value.Raw) {
			return "a number"
		}
		return "a number that is no decimal integer"
	case value.IsBool():
		return "a boolean"
	case value.Type == gjson.Null:
		return "null"
	}
	return "nothing"
}

func article(k Kind) string {
	switch k {
	case Int, ASN:
		return "an " + k.String()
	}
	return "a " + k.String()
}
