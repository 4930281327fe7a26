// Package fix mends change documents by what their findings say.
//
//	text, applied := fix.Apply(document, nil, "", "")
package fix

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/jsontext"
)

// Apply applies to the text of a change document what its findings say is to be written,
// where only one thing can be meant, until no such finding is left that can be applied. It
// returns the text and the findings that were applied, in the order in which they were.
// What has no finding stays byte for byte as it is: blanks, line ends, the order of
// members, and every key. A member is not renamed to one that is there already. Text that
// is not JSON is mended where each of its faults has one possible meaning, else it comes
// back as it is. known holds the current configuration, or is nil; peer is
// that of [attachment.Validate].
//
// With only, a path, what other paths' findings say is left alone.
func Apply(document string, known *attachment.Described, peer, only string) (fixed string, applied finding.Findings) {
	f := fixer{text: document}
	if only == "" {
		f.text, applied = JSON(document)
	}
	for {
		v, fault := new(jsontext.Text).Parse(f.text)
		if fault != nil {
			return document, nil
		}
		c := attachment.Parse(f.text, attachment.FromEvent)
		f.edits = f.edits[:0]
		var groups []*group
		current, _ := known.Of(c.Text(attachment.VpnConnectionID))
		for _, found := range attachment.Validate(c, current, peer) {
			if found.Fix == (finding.Fix{}) || only != "" && found.Path != only {
				continue
			}
			at := f.find(v, found.Pos, outside)
			if at == nil {
				continue
			}
			if strings.ContainsAny(found.Fix.Name, ".[") {
				groups = gather(groups, member{at, found})
			} else if f.one(at, &found.Fix) {
				applied = append(applied, found)
			}
		}
		for _, g := range groups {
			if f.group(g) {
				for _, m := range g.members {
					applied = append(applied, m.found)
				}
			}
		}
		before := f.text
		if f.text = f.apply(); f.text == before {
			return f.text, applied
		}
	}
}

// maxMending is how many bytes are read at most to mend a text: it is read anew after each
// fault.
const maxMending = 16 << 20

// JSON mends a text of any kind that is not JSON, where each of its faults has one possible
// meaning; half mended it would help nobody, so else it comes back as it is. The findings
// are those of the faults, the first [finding.Most] of them.
func JSON(document string) (mended string, faults finding.Findings) {
	mended = document
	for read := 0; ; {
		_, fault := new(jsontext.Text).Parse(mended)
		switch {
		case fault == nil:
			return mended, faults
		case fault.Edit == nil || read > maxMending:
			return document, nil
		case len(faults) < finding.Most:
			faults = append(faults, attachment.Validate(attachment.Parse(mended, attachment.FromEvent), nil, "")[:1]...)
		}
		read += fault.At
		mended = fault.Edit.Apply(mended)
	}
}

// fixer is one Apply under way.
type fixer struct {
	text  string
	edits []edit
}

// edit is text in place of the bytes from one place to another.
type edit struct {
	from, to int
	text     string
}

// edit adds an edit to those that are to be made, in the order of their places.
func (f *fixer) edit(e edit) {
	f.edits = append(f.edits, e)
	for i := len(f.edits) - 1; i > 0 && f.edits[i].from < f.edits[i-1].from; i-- {
		f.edits[i], f.edits[i-1] = f.edits[i-1], f.edits[i]
	}
}

// apply returns the text with all edits made.
func (f *fixer) apply() string {
	var out strings.Builder
	at := 0
	for _, e := range f.edits {
		out.WriteString(f.text[at:e.from])
		out.WriteString(e.text)
		at = e.to
	}
	out.WriteString(f.text[at:])
	return out.String()
}

// place is a member of an object in the document, or in JSON text within one of its strings.
type place struct {
	owner, value jsontext.Value
	within       coordinates
}

// coordinates lead from a place in a text that is parsed to one in the document.
type coordinates struct {
	raw  string // the inside of the string that holds the text; "" for the document itself
	from int    // where that is in the document
}

var outside = coordinates{}

// of returns where byte i of the text is in the document.
func (c coordinates) of(i int) int {
	if c.raw == "" {
		return i
	}
	return c.from + rawOffset(c.raw, i)
}

// edit returns an edit of the document for one of the text.
func (c coordinates) edit(from, to int, text string) edit {
	if c.raw != "" {
		quoted := string(gjson.AppendJSONString(nil, text))
		text = quoted[1 : len(quoted)-1]
	}
	return edit{c.of(from), c.of(to), text}
}

// find returns the member whose value is at that position, or nil.
func (f *fixer) find(v jsontext.Value, pos int, within coordinates) (found *place) {
	visit := func(owner, value jsontext.Value, isMember bool) bool {
		from := value.Pos()
		switch {
		case pos == from && isMember:
			found = &place{owner, value, within}
		case pos < from || pos >= from+len(value.Raw()):
			return true
		case value.IsString() && within.raw == "":
			inside := coordinates{value.Raw()[1 : len(value.Raw())-1], from + 1}
			if inner, fault := new(jsontext.Text).Parse(value.Text()); fault == nil {
				// The parser counts from the beginning of the object within the text.
				found = f.find(inner, pos-from-1+inner.Pos(), inside)
			}
		default:
			found = f.find(value, pos, within)
		}
		return false
	}
	for _, value := range v.Members {
		if !visit(v, value, true) {
			return found
		}
	}
	for _, value := range v.Elements {
		if !visit(v, value, false) {
			return found
		}
	}
	return found
}

// one makes the edit for a value, or for a name within the same object. It is false when
// the object has a member of that name.
func (f *fixer) one(at *place, fix *finding.Fix) bool {
	if fix.Value != "" {
		from := at.value.Pos()
		f.edit(at.within.edit(from, from+len(at.value.Raw()), fix.Value))
		return true
	}
	if at.owner.Get(fix.Name).Exists() || f.renames(at.owner, fix.Name) {
		return false
	}
	key := at.value.Key()
	f.edit(at.within.edit(key.Pos(), key.Pos()+len(key.Raw()), strconv.Quote(fix.Name)))
	return true
}

// renames reports whether an edit gives that name to a member of the object already.
func (f *fixer) renames(owner jsontext.Value, name string) bool {
	from := owner.Pos()
	return slices.ContainsFunc(f.edits, func(e edit) bool {
		return e.text == strconv.Quote(name) && e.from >= from && e.to <= from+len(owner.Raw())
	})
}

// group are flattened members that belong into one object or array.
type group struct {
	root    string // its name: TunnelOptionsSpecification
	members []member
}

type member struct {
	*place
	found finding.Finding
}

func gather(groups []*group, m member) []*group {
	root := m.found.Fix.Name[:strings.IndexAny(m.found.Fix.Name, ".[")]
	for _, g := range groups {
		if g.root == root && g.members[0].owner == m.owner {
			g.members = append(g.members, m)
			return groups
		}
	}
	return append(groups, &group{root, []member{m}})
}

// group writes the object or array in place of its first flattened member, or the fields
// into the object that is there, and removes the others. It is false when there is an
// array already, or when a field would have two values.
func (f *fixer) group(g *group) bool {
	owner := g.members[0].owner
	there := owner.Get(g.root)
	if g.members[0].within.raw != "" || f.renames(owner, g.root) || there.Exists() && !f.fits(g, there) {
		return false
	}
	tree := &branch{}
	for _, m := range g.members {
		if !tree.add(m.found.Fix.Name[len(g.root):], m.value.Raw()) {
			return false
		}
	}
	if there.Exists() {
		f.extend(there, tree)
	}
	written, kept := there.Exists(), false
	var removed edit // the member before, if it is to be removed up to the next one
	end := 0         // of the member before
	for _, value := range owner.Members {
		key := value.Key()
		to := value.Pos() + len(value.Raw())
		if removed.to != 0 {
			removed.to = key.Pos()
			f.edit(removed)
			removed = edit{}
		}
		switch isOne := slices.ContainsFunc(g.members, func(m member) bool { return m.value == value }); {
		case !isOne:
			kept = true
		case !written:
			s := f.styleOf(owner)
			f.edit(edit{key.Pos(), to, strconv.Quote(g.root) + s.colon + string(tree.append(nil, s))})
			written, kept = true, true
		case kept:
			f.edit(edit{end, to, ""})
		default:
			removed = edit{key.Pos(), to, ""}
		}
		end = to
	}
	return true
}

// fits reports whether the group's fields can be written into the object.
func (f *fixer) fits(g *group, object jsontext.Value) bool {
	if !object.IsObject() {
		return false
	}
	for _, m := range g.members {
		field := m.found.Fix.Name[len(g.root)+1:]
		if strings.ContainsAny(field, ".[") || object.Get(field).Exists() || f.renames(object, field) {
			return false
		}
	}
	return true
}

// extend writes the fields behind those of an object.
func (f *fixer) extend(object jsontext.Value, fields *branch) {
	s := f.styleOf(object)
	end, separator := object.Pos()+1, ""
	for _, value := range object.Members {
		end, separator = value.Pos()+len(value.Raw()), s.separator()
	}
	var text []byte
	for _, field := range fields.kids {
		text = append(append(text, separator...), strconv.Quote(field.name)+s.colon+field.raw...)
		separator = s.separator()
	}
	f.edit(edit{end, end, string(text)})
}

// branch is an object or array that is built of flattened members.
type branch struct {
	name string
	raw  string // of a leaf
	at   int    // of an array's item, its number, from 1; 0 for a member
	kids []*branch
}

// add puts a value at a path such as "[0].TunnelIkeConfig.Psk"; false when there is one.
func (b *branch) add(path, raw string) bool {
	if path == "" {
		if b.raw != "" || len(b.kids) > 0 {
			return false
		}
		b.raw = raw
		return true
	}
	if b.raw != "" {
		return false
	}
	end := strings.IndexAny(path[1:], ".[") + 1
	if end == 0 {
		end = len(path)
	}
	kid := &branch{name: path[1:end]}
	if path[0] == '[' {
		n, _ := strconv.Atoi(strings.TrimSuffix(kid.name, "]")) // as the vocabulary writes it
		kid.name, kid.at = "", n+1
	}
	i := slices.IndexFunc(b.kids, func(k *branch) bool { return k.name == kid.name && k.at == kid.at })
	if i < 0 {
		b.kids = append(b.kids, kid)
		for i := len(b.kids) - 1; i > 0 && b.kids[i].at < b.kids[i-1].at; i-- {
			b.kids[i], b.kids[i-1] = b.kids[i-1], b.kids[i]
		}
	} else {
		kid = b.kids[i]
	}
	return kid.add(path[end:], raw)
}

func (b *branch) append(dst []byte, s style) []byte {
	if b.raw != "" {
		return append(dst, b.raw...)
	}
	opening, closing := byte('{'), byte('}')
	if b.kids[0].at > 0 {
		opening, closing = '[', ']'
	}
	inner := s.deeper()
	dst = append(dst, opening)
	for i, kid := range b.kids {
		if i > 0 {
			dst = append(dst, inner.separator()...)
		} else {
			dst = append(dst, inner.line...)
		}
		if kid.at == 0 {
			dst = append(append(dst, strconv.Quote(kid.name)...), s.colon...)
		}
		dst = kid.append(dst, inner)
	}
	return append(append(dst, s.line...), closing)
}

// style is how a document is laid out.
type style struct {
	line  string // what begins a line at this depth: "\n  "; empty on one line
	unit  string // the indent of one level
	comma string
	colon string
}

// separator is what stands between two members.
func (s style) separator() string {
	if s.line != "" {
		return "," + s.line
	}
	return s.comma
}

func (s style) deeper() style {
	if s.line != "" {
		s.line += s.unit
	}
	return s
}

// styleOf reads how the members of an object are laid out.
func (f *fixer) styleOf(owner jsontext.Value) style {
	s := style{comma: ",", colon: ":"}
	end := owner.Pos() + 1
	for _, value := range owner.Members {
		key := value.Key()
		s.colon = f.text[key.Pos()+len(key.Raw()) : value.Pos()]
		before := f.text[end:key.Pos()]
		if i := strings.LastIndexByte(before, '\n'); i >= 0 {
			newline := "\n"
			if i > 0 && before[i-1] == '\r' {
				newline = "\r\n"
			}
			indent := before[i+1:]
			s.line, s.unit = newline+indent, indent
			if outer := f.indentOf(owner.Pos()); len(outer) < len(indent) {
				s.unit = indent[len(outer):]
			}
		}
		if end > owner.Pos()+1 && s.line == "" {
			s.comma = before
			break
		}
		end = value.Pos() + len(value.Raw())
	}
	return s
}

// indentOf returns the white space at the beginning of the line that a byte is in.
func (f *fixer) indentOf(at int) string {
	line := f.text[strings.LastIndexByte(f.text[:at], '\n')+1 : at]
	return line[:len(line)-len(strings.TrimLeft(line, " \t"))]
}

// rawOffset returns where byte n of what a JSON string says is within its quotes.
func rawOffset(raw string, n int) int {
	said := 0
	for i := 0; i < len(raw); {
		if said >= n {
			return i
		}
		if raw[i] != '\\' {
			i, said = i+1, said+1
			continue
		}
		size := len(`\n`)
		if raw[i+1] == 'u' {
			size = len(`\u0000`)
			r, _ := strconv.ParseUint(raw[i+2:i+6], 16, 32)
			if r >= 0xd800 && r < 0xdc00 && strings.HasPrefix(raw[i+6:], `\u`) {
				if low, _ := strconv.ParseUint(raw[i+8:i+12], 16, 32); low >= 0xdc00 && low < 0xe000 {
					size, r = 2*size, 0x10000
				}
			}
			if r >= 0xd800 && r < 0xe000 {
				r = utf8.RuneError
			}
			said += utf8.RuneLen(rune(r)) - 1
		}
		i, said = i+size, said+1
	}
	return len(raw)
}
