package attachment

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/jsontext"
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

var jsonInvalid = finding.Declare(finding.Check{
	ID: "json-invalid", Severity: finding.Error, Part: finding.Document, InSchema: true,
	Title: "The document is not JSON.",
	Why:   "Nothing in a text that is not JSON can be trusted: a parser that guesses may read another change than the one meant.",
	Hint:  "check quotes, commas and brackets",
	Ref:   refJSON,
})

// Parse reads a change document into c, which loses what it held.
func (c *Change) Parse(document string, origin Origin) {
	if c.text == nil {
		c.text = new(jsontext.Text)
	}
	c.reset()
	p := parser{change: c, origin: origin}
	v, fault := c.text.Parse(document)
	if fault != nil {
		p.noteHint(jsonInvalid, "", 0, "the change document is "+fault.Error(), fault.Hint)
		return
	}
	p.document(v)
}

// ParseValue is Parse for a document that has been checked already, such as that
// of an opened event.
func (c *Change) ParseValue(document jsontext.Value, origin Origin) {
	c.reset()
	p := parser{change: c, origin: origin}
	p.document(document)
}

// reset empties the change and keeps its memory. To be emptied in place costs less than to
// be assigned, which would copy 2 KiB.
func (c *Change) reset() {
	notes, text := c.notes, c.text
	notes.Reset()
	*c = Change{}
	c.notes, c.text = notes, text
}

// parser walks a change document once and puts each value into its slot.
type parser struct {
	change  *Change
	origin  Origin
	lenient bool // reading an answer of the service: unknown members and aliases are as expected
}

// given is a value as a document has it, walked by jsontext or by gjson.
type given struct {
	raw  string // as it is written
	text string // what a string says
}

func givenBy(v jsontext.Value) given { return given{v.Raw(), v.Text()} }

func (g given) isString() bool { return g.raw[0] == '"' }

// shown returns a scalar that the vocabulary knows.
func (g given) shown() string {
	if g.isString() {
		return strconv.Quote(g.text)
	}
	return g.raw
}

var (
	wrongType = finding.Declare(finding.Check{
		ID: "wrong-type", Severity: finding.Error, Part: finding.Document,
		Title: "A value has the wrong JSON type.",
		Why:   "The service reads every parameter as one type. A number in place of an object is a slip, and sending it would do something else or nothing.",
		Hint:  "give the type that the list of parameters names",
		Ref:   refAPI,
	})
	nullValue = finding.Declare(finding.Check{
		ID: "null-value", Severity: finding.Error, Part: finding.Document, InSchema: true,
		Title: "A value is null, which has no meaning in a patch.",
		Why:   "A change is a patch: what is absent stays. Null could mean “keep”, “empty” or “reset”, and the API knows no such value.",
		Hint:  "leave the parameter out to keep its value",
		Ref:   refAPI,
	})
)

func (p *parser) document(doc jsontext.Value) {
	if !doc.IsObject() {
		p.note(wrongType, whole, 0, "the document is "+typeName(Object, doc.Raw())+"; a change document is a JSON object")
		return
	}
	c := p.change
	top := &ConnectionSections[SectionTop]
	for key, value := range doc.Members {
		pos := int32(value.Pos())
		if f, ok := top.names[key]; ok {
			p.value(&c.Values[top.First+f], &top.Fields[f], key, givenBy(value), location{field: f}, pos)
		} else if s := sectionNamed(ConnectionSections, key); s > 0 {
			p.object(ConnectionSections, s, c.Values[:], &c.sections[s], 0, value, pos)
		} else if key == TunnelsName {
			p.tunnels(value, pos)
		} else {
			p.unknown(whole, key, pos, Parameters)
		}
	}
	if len(doc.Raw()) > MaxChange && !p.lenient {
		if size := len(c.AppendJSON(nil, true)); size > MaxChange {
			p.note(changeTooLarge, whole, 0, "the change has "+strconv.Itoa(size)+" bytes, more than "+strconv.Itoa(MaxChange))
		}
	}
}

// spelled returns the API's name of a parameter in another spelling, else the name as it is.
func spelled(name string, known []Parameter, exact map[string]int) string {
	if _, ok := exact[name]; ok {
		return name
	}
	if p := parameterSpelled(name, known); p != nil {
		return p.Name
	}
	return name
}

// MaxChange is how many bytes of JSON a change may have, so that a message of a queue,
// which takes 256 KiB, has room for it and for what goes with it.
const MaxChange = 190 << 10

var changeTooLarge = finding.Declare(finding.Check{
	ID: "change-too-large", Severity: finding.Error, Part: finding.Document,
	Title: "The change has more bytes than the queue takes.",
	Why:   "The queue refuses larger messages, and this one would come back for ever.",
	Hint:  "send less in one change; an attachment has no parameter that needs so much",
	Ref:   "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html",
})

func sectionNamed(sections []Section, name string) int {
	for s := 1; s < len(sections); s++ {
		if sections[s].Name == name {
			return s
		}
	}
	return 0
}

var (
	tooManyTunnels = finding.Declare(finding.Check{
		ID: "too-many-tunnels", Severity: finding.Error, Part: finding.Document, InSchema: true,
		Title: "TunnelOptionsSpecification has more than two items.",
		Why:   "An attachment has at most two tunnels.",
		Hint:  "one item for each of the two tunnels",
		Ref:   refAPI,
	})
	emptyObject = finding.Declare(finding.Check{
		ID: "empty-object", Severity: finding.Warning, Part: finding.Document,
		Title: "An object or array is empty, so it changes nothing.",
		Why:   "It looks like a change but changes nothing, which is rarely what its author meant.",
		Hint:  "leave it out",
		Ref:   refAPI,
	})
)

// tunnels reads TunnelOptionsSpecification.
func (p *parser) tunnels(list jsontext.Value, pos int32) {
	c := p.change
	at := location{tunnel: wholeList, field: wholeSection}
	if !p.fresh(&c.hasTunnels, at, pos) {
		return
	}
	if !list.IsArray() {
		hint := ""
		if list.Get("TunnelOptions").IsArray() {
			hint = "give the array in TunnelOptions itself: the object around it is only in answers"
		} else if !list.IsNull() {
			hint = `write [{"TunnelIndex": 1, …}], with an object for each tunnel`
		}
		p.noteHint(typeCheck(list.Raw()), at.path(), pos, TunnelsName+" is "+typeName(Array, list.Raw())+"; it must be an array of objects", hint)
		return
	}
	n := 0
	for i, item := range list.Elements {
		if i < MaxTunnels {
			c.tunnelLen = i + 1
			p.tunnel(i, item, int32(item.Pos()))
		}
		n++
	}
	switch {
	case n == 0:
		p.note(emptyObject, at, pos, TunnelsName+" is empty")
	case n > MaxTunnels:
		p.note(tooManyTunnels, at, pos, TunnelsName+" has "+strconv.Itoa(n)+" items; an attachment has two tunnels")
	}
}

// tunnel reads one item of TunnelOptionsSpecification.
func (p *parser) tunnel(n int, item jsontext.Value, pos int32) {
	t := &p.change.tunnels[n]
	t.pos = pos
	at := location{tunnel: n + 1, field: wholeSection}
	if !item.IsObject() {
		t.unread = true
		p.note(typeCheck(item.Raw()), at, pos, at.path()+" is "+typeName(Object, item.Raw())+"; it must be an object")
		return
	}
	if item.IsEmpty() {
		p.note(emptyObject, at, pos, "the tunnel item is empty")
	}
	top := &TunnelSections[SectionTop]
	for key, value := range item.Members {
		pos := int32(value.Pos())
		if p.lenient {
			key = spelled(key, tunnelParameters, top.names)
		}
		if f, ok := top.names[key]; ok {
			p.value(&t.Values[top.First+f], &top.Fields[f], key, givenBy(value), location{tunnel: n + 1, field: f}, pos)
		} else if s := sectionNamed(TunnelSections, key); s > 0 {
			p.object(TunnelSections, s, t.Values[:], &t.sections[s], n+1, value, pos)
		} else {
			p.unknown(at, key, pos, tunnelParameters)
		}
	}
}

var nestedInvalid = finding.Declare(finding.Check{
	ID: "nested-json-invalid", Severity: finding.Error, Part: finding.Document,
	Title: "A parameter that should hold JSON text holds something else.",
	Why:   "IkeConfig and its like are JSON text within a parameter. A text that is not JSON is refused, or read in part.",
	Hint:  "give a JSON object instead of text: it is encoded for you",
	Ref:   refAPI,
})

// object reads a nested object, given as an object or as its JSON text.
func (p *parser) object(sections []Section, s int, values []Value, state *sectionState, tunnel int, object jsontext.Value, pos int32) {
	section := &sections[s]
	whole := location{tunnel: tunnel, section: s, field: wholeSection}
	if p.lenient && isNothing(object) {
		return
	}
	if !p.fresh(state, whole, pos) {
		return
	}
	text := object.Text()
	if object.IsString() {
		inner, fault := new(jsontext.Text).Parse(text)
		if fault != nil {
			p.noteHint(nestedInvalid, whole.path(), pos, section.Name+" is text that is "+fault.Error(), fault.Hint)
			return
		}
		object = inner
	}
	if !object.IsObject() {
		hint := ""
		if object.At(0).IsObject() { // as Terraform writes a block
			hint = "write the object without [ and ] around it"
		}
		p.noteHint(typeCheck(object.Raw()), whole.path(), pos, section.Name+" is "+typeName(Object, object.Raw())+"; it must be an object or its JSON text", hint)
		return
	}
	if object.IsEmpty() && !p.lenient {
		p.note(emptyObject, whole, pos, section.Name+" is empty")
	}
	field := func(key string, value given, pos int32) {
		if p.lenient {
			key = spelled(key, section.Fields, section.names)
		}
		if f, ok := section.names[key]; ok {
			p.value(&values[section.First+f], &section.Fields[f], key, value, location{tunnel: tunnel, section: s, field: f}, pos)
		} else {
			p.unknown(whole, key, pos, section.Fields)
		}
	}
	if text == "" {
		for key, value := range object.Members {
			field(key, givenBy(value), int32(value.Pos()))
		}
		return
	}
	gjson.Parse(object.Raw()).ForEach(func(key, value gjson.Result) bool {
		// Positions within the text stay within the span of the string that holds it,
		// which is at least as long.
		field(key.Str, given{value.Raw, value.Str}, pos+1+int32(value.Index))
		return true
	})
}

var duplicateParameter = finding.Declare(finding.Check{
	ID: "duplicate-parameter", Severity: finding.Error, Part: finding.Document,
	Title: "A parameter appears twice, perhaps under an alias.",
	Why:   "Of two members with one name, different readers take the first or the last: what was checked might not be what is sent.",
	Hint:  "keep one of them",
	Ref:   refJSON + "#section-4",
})

// fresh marks a nested object as present; a second one of the same name is an
// error.
func (p *parser) fresh(state *sectionState, at location, pos int32) bool {
	if state.present {
		p.note(duplicateParameter, at, pos, at.path()+" appears twice")
		return false
	}
	*state = sectionState{present: true, pos: pos}
	return true
}

var unknownParameter = finding.Declare(finding.Check{
	ID: "unknown-parameter", Severity: finding.Error, Part: finding.Document, InSchema: true,
	Title: "The API has no parameter of that name.",
	Why:   "A misspelt parameter would be refused, or worse: silently change nothing.",
	Hint:  "see the list of parameters",
	Ref:   refAPI,
})

func (p *parser) unknown(whole location, name string, pos int32, known []Parameter) {
	if p.lenient || p.change.notes.Full(unknownParameter) {
		return
	}
	told := finding.Name(name)
	if renamed(name, known) != "" {
		told = name // made of names that are known
	}
	message := "unknown parameter " + told
	if owner := whole.path(); owner != "" {
		message = owner + " has no field " + told
	}
	if name := renamed(name, known); name != "" {
		p.noteFix(unknownParameter, joinPath(whole.path(), told), pos, message, renameHint(name), finding.Fix{Name: name})
		return
	}
	p.noteHint(unknownParameter, joinPath(whole.path(), told), pos, message, unknownHint(name, known))
}

// renameHint says where a member belongs whose name is spelled otherwise, or flattened.
func renameHint(name string) string {
	list, _, isItem := strings.Cut(name, "[")
	object, _, isNested := strings.Cut(name, ".")
	switch {
	case isItem:
		return "write " + list + " as an array of objects, item 1 for .1; this one is " + name
	case isNested:
		return "write " + object + " as an object; this one is " + name
	}
	return "write it " + name
}

var (
	aliasUsed = finding.Declare(finding.Check{
		ID: "alias-used", Severity: finding.Info, Part: finding.Document,
		Title: "A parameter is given under another of its names.",
		Why:   "Older pages and SDKs spell some names differently. Both are understood here; only the API’s own name is sent.",
		Hint:  "use the API's name",
		Ref:   refAPI,
	})
	normalisedForm = finding.Declare(finding.Check{
		ID: "normalised", Severity: finding.Info, Part: finding.Document,
		Title: "A value has been normalised.",
		Why:   "The meaning of the value is clear, but it is written in another form, such as \"true\" for true. It is sent in the documented form.",
		Fix:   "Write the value as the finding shows it. The page does it at a click.",
		Ref:   refAPI,
	})
	bidiControl = finding.Declare(finding.Check{
		ID: "bidi-control", Severity: finding.Warning, Part: finding.Document,
		Title: "A text holds a character that changes the order in which others are shown.",
		Why:   "With such a character a text looks like another one, on the console, in a log and in a review.",
		Hint:  "remove the bidirectional controls (U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069)",
		Ref:   "https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing",
	})
	replacementCharacter = finding.Declare(finding.Check{
		ID: "replacement-character", Severity: finding.Warning, Part: finding.Document,
		Title: "A text holds U+FFFD, in place of a character that was lost on its way.",
		Why:   "U+FFFD stands where some program could not read a byte. The original character is lost, so a key or name with it is not the one meant.",
		Hint:  "give the text as it was meant, in UTF-8",
		Ref:   "https://www.unicode.org/faq/utf_bom.html",
	})
)

// wrongType notes that a value can't be read, with the value that it means in the words
// of another tool, if the vocabulary has it.
func (p *parser) wrongType(param *Parameter, value given, at location, pos int32) {
	text := value.text
	if value.raw[0] != '"' && value.raw[0] != '{' && value.raw[0] != '[' {
		text = value.raw
	}
	meant := param.meant(text)
	if item, ok := param.notText(value); ok {
		p.noteHint(typeCheck(item.raw), at.path(), pos, at.path()+": item "+item.text+" is "+typeName(Text, item.raw)+"; it must be a CIDR block as text", "give the block, or leave the item out")
		return
	}
	if meant == "" {
		p.noteHint(typeCheck(value.raw), at.path(), pos,
			at.path()+" is "+typeName(param.Kind, value.raw)+"; it must be "+article(param.Kind), typeHint(param.Kind, value.raw))
		return
	}
	p.noteFix(typeCheck(value.raw), at.path(), pos, at.path()+" is "+value.shown()+"; it must be "+article(param.Kind), writeIt(meant), finding.Fix{Value: param.json(meant)})
}

var emptyText = finding.Declare(finding.Check{
	ID: "empty-text", Severity: finding.Error, Part: finding.Document, InSchema: true,
	Title: "A number, an address or a word is given as empty text.",
	Why:   "Some programs write a field without a value as \"\". The API has no value for it, and to guess “keep” or “reset” could change what nobody asked for.",
	Hint:  "leave the parameter out to keep its value",
	Ref:   refAPI,
})

var noneShown = finding.Declare(finding.Check{
	ID: "value-is-none", Severity: finding.Warning, Part: finding.Document,
	Title: "A value is what answers show when there is none, so it is left out.",
	Why:   "DescribeVpnConnection shows leftId-not-exist as LocalId of an attachment that has none. Sent back, it would become the identity, which no peer expects.",
	Hint:  "leave it out, or give the identity",
	Ref:   refDescribe,
})

// value reads one scalar (or a list of subnets) into its slot, normalised.
func (p *parser) value(slot *Value, param *Parameter, key string, value given, at location, pos int32) {
	if p.lenient && (value.raw == "null" || value.raw == `""` && param.refusesEmpty()) {
		return // an answer says so that there is none
	}
	if slot.Present() {
		p.note(duplicateParameter, at, pos, at.path()+" appears twice; which one the service takes is not defined")
		slot.state = refused
		return
	}
	slot.pos, slot.state = pos, refused
	if key != param.Name && !p.lenient {
		p.noteFix(aliasUsed, at.path(), pos, key+" is read as "+param.Name, "", finding.Fix{Name: param.Name})
	}
	text, normalised, ok := param.normalise(value)
	if value.raw == `""` && param.refusesEmpty() && !p.lenient {
		p.note(emptyText, at, pos, at.path()+" is empty text")
		return
	}
	if !ok {
		p.wrongType(param, value, at, pos)
		return
	}
	if param.None != "" && text == param.None {
		*slot = Value{}
		if !p.lenient {
			p.note(noneShown, at, pos, at.path()+" is "+param.None+", which answers show when there is none; it is left out")
		}
		return
	}
	*slot = NewValue(text)
	slot.pos = pos
	if p.lenient {
		return
	}
	if normalised != "" {
		var fix finding.Fix
		if param.Kind == Bool || param.Kind == Subnets && allBlocks(strings.Split(text, ",")) || param.couldBe(text) {
			fix.Value = param.json(text)
		}
		hint := ""
		if param.Kind == Subnets && fix.Value != "" {
			hint = "write " + fix.Value
		}
		p.noteFix(normalisedForm, at.path(), pos, at.path()+" is read as "+normalised, hint, fix)
	}
	if isPlain(text) {
		return
	}
	p.reference(slot, param, at)
	if param.Secret {
		return
	}
	if strings.ContainsFunc(text, finding.IsBidi) {
		p.note(bidiControl, at, pos, at.path()+" holds a bidirectional control, so it is shown in another order than it has")
	}
	if strings.ContainsRune(text, utf8.RuneError) {
		p.note(replacementCharacter, at, pos, at.path()+" holds U+FFFD, which stands for a character that was lost on its way")
	}
}

var (
	// ReferenceInEvent finds references that did not come from the author of a rule.
	ReferenceInEvent = finding.Declare(finding.Check{
		ID: "reference-in-event", Severity: finding.Error, Part: finding.Document,
		Title: "Event data holds a dynamic reference to a secret.",
		Why:   "Otherwise anyone who can send an event could have any stored secret read and set as a key. References count only where the author of a rule wrote them.",
		Hint:  "put the reference into the \"with\" of a rule",
	})
	// ReferenceMisplaced finds references where a secret is not expected.
	ReferenceMisplaced = finding.Declare(finding.Check{
		ID: "reference-misplaced", Severity: finding.Error, Part: finding.Document,
		Title: "A dynamic reference stands for a parameter that is not a secret.",
		Why:   "References are resolved for secret parameters only. Elsewhere the text of the reference itself would be sent.",
		Hint:  "give the value itself",
	})
)

// reference refuses a dynamic reference where none may stand.
func (p *parser) reference(slot *Value, param *Parameter, at location) {
	text := slot.Text()
	if !strings.Contains(text, referenceMark) {
		return
	}
	switch {
	case p.origin != FromRule:
		p.note(ReferenceInEvent, at, slot.pos, at.path()+" holds a dynamic reference, which only a rule's \"with\" may")
	case !param.Secret:
		p.note(ReferenceMisplaced, at, slot.pos, at.path()+" is not a secret parameter, so it can't be a dynamic reference")
	default:
		return
	}
	slot.state = refused
}

// isPlain reports whether a text is ASCII without a brace, which references begin with:
// almost all values are, and then nothing in them needs a closer look.
func isPlain(text string) bool {
	for i := range len(text) {
		if c := text[i]; c == '{' || c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// typeCheck tells null, which means nothing in a patch, from other wrong types.
func typeCheck(raw string) *finding.Check {
	if raw == "null" {
		return nullValue
	}
	return wrongType
}

func (p *parser) note(check *finding.Check, at location, pos int32, message string) {
	p.noteHint(check, at.path(), pos, message, "")
}

// noteHint adds a finding, with a closer hint than the check's unless hint is empty.
func (p *parser) noteHint(check *finding.Check, path string, pos int32, message, hint string) {
	p.noteFix(check, path, pos, message, hint, finding.Fix{})
}

// noteFix is noteHint with what to write.
func (p *parser) noteFix(check *finding.Check, path string, pos int32, message, hint string, fix finding.Fix) {
	f := check.At(path, message).Hinted(hint)
	f.Pos, f.Fix = int(pos), fix
	p.change.notes.Add(f)
}

// json returns a value as JSON text.
func (p *Parameter) json(value string) string {
	if p.Kind == Bool || p.Kind == Int || p.Kind == ASN {
		return value
	}
	return string(gjson.AppendJSONString(nil, value))
}

// writeIt says which value to write. That aes is AES-128 is not obvious.
func writeIt(value string) string {
	if value == "aes" {
		return "write it aes (128 bits)"
	}
	return "write it " + value
}

// typeName names a value's type, where one of that kind is wanted.
func typeName(wanted Kind, raw string) string {
	switch raw[0] {
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '"':
		return "a string"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	}
	if wanted == Int || wanted == ASN {
		return "a number with a fraction, an exponent or too many digits"
	}
	return "a number"
}

// typeHint says how a value of that kind is written. Of null the check's own hint
// says it.
func typeHint(wanted Kind, raw string) string {
	switch {
	case raw == "null":
		return ""
	case wanted == Bool:
		return "write true or false"
	case wanted == ASN:
		return `write a decimal number such as 65010, or two segments as text such as "123.456"`
	case wanted == Int:
		return "write a decimal number such as 3600"
	case wanted == Subnets:
		return `write "10.1.1.0/24,10.1.2.0/24" or ["10.1.1.0/24", "10.1.2.0/24"]`
	}
	return "put it in double quotes"
}

func article(k Kind) string {
	switch k {
	case Int, ASN:
		return "an " + k.String()
	}
	return "a " + k.String()
}
