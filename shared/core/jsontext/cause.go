package jsontext

import (
	"strings"
	"unicode/utf8"
)

// mark is the byte order mark of UTF-8, which some editors put before a text. It is
// passed over (RFC 8259, section 8.1).
const mark = "\ufeff"

// remedy says what to do about a fault, by its likely cause: what people and programs
// write that is not JSON. It is empty where nothing is likely, and quotes nothing of the
// text but a sign.
func (f *Fault) remedy(s string) string {
	before := strings.TrimRight(strings.TrimPrefix(s[:f.At], mark), " \n\t\r")
	rest, c := s[f.At:], at(s, f.At)
	r, _ := utf8.DecodeRuneInString(rest)
	isLetter := c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c == '$'
	switch {
	case f.TooDeep:
		return ""
	case isUTF16(s):
		return "this is UTF-16; save it as UTF-8"
	case f.Want == wantUTF8:
		return "save it as UTF-8; its encoding is another one"
	case isYAML(s, f.At):
		return "this looks like YAML; convert it to JSON"
	case f.At == len(s):
		return ""
	case (c == '}' || c == ']') && strings.HasSuffix(before, ","):
		return "remove the comma before " + string(c)
	case strings.ContainsRune("“”„‟«»‘’‚‛″", r):
		return `write straight double quotes (") in place of typographic ones`
	case c == '\'' || c == '`':
		return `write double quotes (") in place of other ones`
	case strings.HasPrefix(rest, "//") || strings.HasPrefix(rest, "/*") || c == '#':
		return "remove the comment: JSON has none"
	case r == '\u00a0' || r == '\u200b' || r == '\u3000':
		return "this blank is not a plain one, as those copied from pages are; write a space"
	case f.Want == wantKey && isLetter:
		return "put the key in double quotes"
	case f.Want == wantValue && isLetter:
		for _, w := range words {
			if strings.HasPrefix(rest, w.other) {
				return "write true, false or null, in small letters"
			}
		}
		if before != "" {
			return "put text in double quotes"
		}
	case f.Next && c == ',':
		return "write several documents as an array, with [ before the first and ] behind the last"
	case f.Want == wantColon && c == '=':
		return "write a colon in place of ="
	case strings.HasPrefix(f.Want, wantComma) && (c == '"' || c == '{' || c == '[' || isDigit(c) || isLetter):
		switch last := s[f.At-1]; {
		case isDigit(last) && isLetter:
			return "write a decimal number, or put text in double quotes"
		case last == '"' && isLetter:
			return `write a quote within a text as \"`
		}
		return "put a comma before it"
	case strings.HasSuffix(f.Want, wantRest) && (c == '\n' || c == '\r'):
		return `close the quotes before the end of the line; a line end within a text is \n`
	case strings.HasSuffix(f.Want, wantRest) && c == '\t':
		return `write a tab within a text as \t`
	case strings.HasSuffix(f.Want, wantRest) && strings.HasSuffix(s[:f.At], `\`):
		return `write a backslash as \\`
	}
	return ""
}

// isUTF16 reports whether a text is in UTF-16, with a byte order mark or, as JSON begins
// with ASCII, without.
func isUTF16(s string) bool {
	return strings.HasPrefix(s, "\xff\xfe") || strings.HasPrefix(s, "\xfe\xff") ||
		len(s) >= 2 && (s[0] == 0) != (s[1] == 0)
}

// isYAML reports whether a text that fails at its very beginning starts as YAML does.
func isYAML(s string, fails int) bool {
	s = strings.TrimPrefix(s, mark)
	start := space(s, 0)
	line, _, _ := strings.Cut(s[start:], "\n")
	line = strings.TrimRight(line, " \r")
	if strings.HasPrefix(line, "---") || strings.HasPrefix(line, "- ") || strings.HasPrefix(line, "# ") && strings.Contains(s, ": ") {
		return true
	}
	key, _, found := strings.Cut(line, ": ")
	if !found {
		key, found = strings.CutSuffix(line, ":")
	}
	return found && fails <= start+len(mark)+len(key) && key != "" && strings.Trim(key, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") == ""
}

// Edit puts a text in place of the bytes from one place to another.
type Edit struct {
	From, To int
	Text     string
}

// Apply returns the text with the edit made.
func (e *Edit) Apply(s string) string { return s[:e.From] + e.Text + s[e.To:] }

// words are those that other languages have for those of JSON.
var words = [...]struct{ other, word string }{
	{"True", "true"}, {"TRUE", "true"}, {"False", "false"}, {"FALSE", "false"},
	{"None", "null"}, {"NULL", "null"}, {"Null", "null"}, {"nil", "null"}, {"undefined", "null"},
}

// edit returns what mends the fault: for a cause that [Fault.remedy] names, and only where
// nothing else can be meant.
func (f *Fault) edit(s string) *Edit {
	if f.TooDeep || f.At >= len(s) || isUTF16(s) || isYAML(s, f.At) {
		return nil
	}
	rest, c := s[f.At:], s[f.At]
	before := strings.TrimRight(s[:f.At], " \n\t\r")
	r, size := utf8.DecodeRuneInString(rest)
	replace := func(length int, text string) *Edit { return &Edit{f.At, f.At + length, text} }
	switch {
	case (c == '}' || c == ']') && strings.HasSuffix(before, ","):
		return &Edit{len(before) - 1, len(before), ""}
	case strings.ContainsRune("“”„‟«»″", r), c == '\'':
		return f.requote(s, size)
	case strings.HasPrefix(rest, "/*"):
		if end := strings.Index(rest, "*/"); end > 0 {
			return replace(end+2, "")
		}
	case strings.HasPrefix(rest, "//") || c == '#':
		end := strings.IndexByte(rest, '\n')
		if end < 0 {
			end = len(rest)
		}
		return replace(end, "")
	case r == '\u00a0' || r == '\u200b' || r == '\u3000':
		return replace(size, " ")
	case f.Want == wantColon && c == '=':
		return replace(1, ":")
	case f.Want == wantKey:
		if name := rest[:nameEnd(rest)]; name != "" && at(s, space(s, f.At+len(name))) == ':' {
			return replace(len(name), `"`+name+`"`)
		}
	case f.Want == wantValue:
		for _, w := range words {
			if rest[:nameEnd(rest)] == w.other {
				return replace(len(w.other), w.word)
			}
		}
	case strings.HasPrefix(f.Want, wantComma) && (c == '"' || c == '{' || c == '[') && strings.Contains(s[len(before):f.At], "\n"):
		return &Edit{len(before), len(before), ","}
	}
	return nil
}

// requote puts double quotes in place of others around a text on one line. size is that
// of the opening one.
func (f *Fault) requote(s string, size int) *Edit {
	from := f.At + size
	length := strings.IndexAny(s[from:], "“”„‟«»″'\"\\\n")
	if length < 0 {
		return nil
	}
	end, closing := utf8.DecodeRuneInString(s[from+length:])
	if single := s[f.At] == '\''; end == '"' || end == '\\' || end == '\n' || single != (end == '\'') {
		return nil
	}
	if behind := at(s, space(s, from+length+closing)); !strings.ContainsRune(":,}]\x00", rune(behind)) {
		return nil // an apostrophe, or a quote within
	}
	return &Edit{f.At, from + length + closing, `"` + s[from:from+length] + `"`}
}

// nameEnd returns where the name at the beginning of a text ends.
func nameEnd(s string) int {
	for i := range len(s) {
		if c := s[i]; !(c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c == '$' || i > 0 && (isDigit(c) || c == '-')) {
			return i
		}
	}
	return len(s)
}
