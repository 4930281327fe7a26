package jsontext

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"vpnattach/shared/core/secret"
)

// MaxDepth is how deep objects and arrays may be nested.
const MaxDepth = 64

// Fault says why a text is not JSON. It quotes nothing of the text, which may be
// secret.
type Fault struct {
	At      int    // byte of the text
	Line    int    // of the text, counted from 1
	Column  int    // of the line, in characters, counted from 1
	Want    string // what is expected there: "a comma or }"
	TooDeep bool   // nested deeper than [MaxDepth]
	Next    bool   // a whole value ends before At; what follows may be another
	Hint    string // what to do, by the likely cause; may be empty
	Edit    *Edit  // what mends the fault, where only one thing can be meant; else nil
}

const (
	wantKey   = "a key in double quotes"
	wantValue = "a value"
	wantColon = "a colon"
	wantComma = "a comma or "
	wantRest  = "the rest of a string"
	wantEnd   = "the end of the text"
	wantUTF8  = "UTF-8 text"
)

// Error names the place and what is expected there.
func (f *Fault) Error() string {
	place := " (line " + strconv.Itoa(f.Line) + ", column " + strconv.Itoa(f.Column) + ")"
	if f.TooDeep {
		return "JSON nested deeper than " + strconv.Itoa(MaxDepth) + " levels" + place
	}
	return "not JSON" + place + ": expected " + f.Want
}

// locate fills in line, column and hint.
func (f *Fault) locate(s string) *Fault {
	f.Hint, f.Edit = f.remedy(s), f.edit(s)
	before := strings.TrimPrefix(s[:f.At], mark)
	f.Line = strings.Count(before, "\n") + 1
	f.Column = utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
	return f
}

// Text is a JSON text that has been checked. The zero Text is ready; each Parse
// reuses the memory of the one before, whose values are void then.
type Text struct {
	s     secret.Secret // a text may hold keys, so it never prints
	nodes []node
}

// node is a value, or the key of a member. The values of a text are in the order
// in which they begin; a key is just before its value.
type node struct {
	from, to uint32 // the value as written
	next     uint32 // the node behind this one and all within it
	escaped  bool   // a string with a backslash
}

// Parse checks that s is exactly one JSON value (RFC 8259) in UTF-8, nested at
// most [MaxDepth] deep, and returns that value, or a [*Fault]. A byte order mark before
// it is passed over.
func (t *Text) Parse(s string) (Value, *Fault) {
	t.s, t.nodes = secret.New(s), t.nodes[:0]
	if !utf8.ValidString(s) {
		want := wantUTF8
		if isUTF16(s) {
			want = "UTF-8 text, not UTF-16"
		}
		return Value{}, (&Fault{At: badUTF8(s), Want: want}).locate(s)
	}
	if t.nodes == nil {
		t.nodes = make([]node, 0, 8+len(s)/10)
	}
	next, fault := t.scan(s, len(s)-len(strings.TrimPrefix(s, mark)))
	if fault == nil && next < len(s) {
		fault = &Fault{At: next, Want: wantEnd, Next: true}
	}
	if fault != nil {
		return Value{}, fault.locate(s)
	}
	return Value{t, 0}, nil
}

// ParseNext checks the JSON value that begins at a byte of s, which holds one value after
// the other, as [Text.Parse] does. It returns the byte at which the next one begins:
// that of the end behind the last.
func (t *Text) ParseNext(s string, from int) (v Value, next int, fault *Fault) {
	t.s, t.nodes = secret.New(s), t.nodes[:0]
	if next, fault = t.scan(s, from); fault != nil {
		return Value{}, from, fault.locate(s)
	}
	if !utf8.ValidString(s[from:next]) {
		return Value{}, from, (&Fault{At: from + badUTF8(s[from:]), Want: wantUTF8}).locate(s)
	}
	return Value{t, 0}, next, nil
}

// scan reads the value that begins behind the white space at i, and returns where it
// and the white space behind it end. It is one loop, not a recursion: what is open is on
// a stack of its own.
func (t *Text) scan(s string, i int) (int, *Fault) {
	var open [MaxDepth + 1]uint32 // nodes of the open containers
	depth := 0
	i = space(s, i)
	for {
		// A value begins at i.
		next := -1
		switch c := at(s, i); {
		case c == '{' || c == '[':
			if depth++; depth > MaxDepth {
				return i, &Fault{At: i, TooDeep: true}
			}
			open[depth] = uint32(len(t.nodes))
			t.nodes = append(t.nodes, node{from: uint32(i)})
			i = space(s, i+1)
			if c == '{' && at(s, i) != '}' {
				var want string
				if i, want = t.key(s, i); want != "" {
					return i, &Fault{At: i, Want: want}
				}
				continue
			}
			if c == '[' && at(s, i) != ']' {
				continue
			}
			next = i // at the closing bracket, which the loop below takes
		case c == '"':
			if i, next = t.add(s, i); next < 0 {
				return i, &Fault{At: i, Want: wantRest}
			}
		case c == '-' || isDigit(c):
			from := i
			if i, next = number(s, i); next < 0 {
				return i, &Fault{At: i, Want: "a digit"}
			}
			t.leaf(from, next, false)
		default:
			if next = word(s, i); next < 0 {
				return i, &Fault{At: i, Want: wantValue}
			}
			t.leaf(i, next, false)
		}

		// Behind a value: close what ends here, up to the comma before the next value.
		for i = space(s, next); ; i = space(s, i+1) {
			if depth == 0 {
				return i, nil
			}
			container := &t.nodes[open[depth]]
			isObject := s[container.from] == '{'
			closing, want := byte(']'), wantComma+"]"
			if isObject {
				closing, want = '}', wantComma+"}"
			}
			if at(s, i) == closing {
				container.to, container.next = uint32(i+1), uint32(len(t.nodes))
				depth--
				continue
			}
			if at(s, i) != ',' {
				return i, &Fault{At: i, Want: want}
			}
			if i = space(s, i+1); isObject {
				if i, want = t.key(s, i); want != "" {
					return i, &Fault{At: i, Want: want}
				}
			}
			break
		}
	}
}

func (t *Text) leaf(from, to int, escaped bool) {
	t.nodes = append(t.nodes, node{uint32(from), uint32(to), uint32(len(t.nodes) + 1), escaped})
}

// add adds the string at i and returns the place behind it, or -1 and where it
// fails.
func (t *Text) add(s string, i int) (fault, next int) {
	fault, next, escaped := stringEnd(s, i)
	if next >= 0 {
		t.leaf(i, next, escaped)
	}
	return fault, next
}

// key adds the key at i and returns where its value begins, or where it fails and
// what is wanted there.
func (t *Text) key(s string, i int) (int, string) {
	if at(s, i) != '"' {
		return i, wantKey
	}
	i, next := t.add(s, i)
	if next < 0 {
		return i, wantRest
	}
	if next = space(s, next); at(s, next) != ':' {
		return next, wantColon
	}
	return space(s, next+1), ""
}

// plain marks the bytes that stand for themselves within a string.
var plain = func() (table [256]bool) {
	for c := range table {
		table[c] = c >= ' ' && c != '"' && c != '\\'
	}
	return table
}()

// stringEnd returns the place behind the string at i, or -1 and where it fails.
func stringEnd(s string, i int) (fault, next int, escaped bool) {
	for i++; i < len(s); i++ {
		for i < len(s) && plain[s[i]] {
			i++
		}
		switch at(s, i) {
		case '"':
			return 0, i + 1, escaped
		case '\\':
			escaped = true
			i++
			switch at(s, i) {
			case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
			case 'u':
				for range 4 {
					if i++; hex(at(s, i)) < 0 {
						return i, -1, false
					}
				}
			default:
				return i, -1, false
			}
		default:
			return i, -1, false
		}
	}
	return i, -1, false
}

// number returns the place behind the number at i, or -1 and where it fails.
func number(s string, i int) (fault, next int) {
	if s[i] == '-' {
		i++
	}
	from := i
	if i = digits(s, i); i == from || s[from] == '0' && i > from+1 {
		return min(from+1, i), -1
	}
	if at(s, i) == '.' {
		from = i + 1
		if i = digits(s, from); i == from {
			return i, -1
		}
	}
	if c := at(s, i); c == 'e' || c == 'E' {
		if i++; at(s, i) == '+' || at(s, i) == '-' {
			i++
		}
		from = i
		if i = digits(s, from); i == from {
			return i, -1
		}
	}
	return 0, i
}

// word returns the place behind true, false or null at i, or -1.
func word(s string, i int) int {
	for _, word := range [...]string{"true", "false", "null"} {
		if strings.HasPrefix(s[min(i, len(s)):], word) {
			return i + len(word)
		}
	}
	return -1
}

func digits(s string, i int) int {
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	return i
}

// hex returns the value of a hexadecimal digit, -1 for any other byte.
func hex(c byte) int {
	switch {
	case isDigit(c):
		return int(c - '0')
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// at returns the byte at i, and 0 behind the end, which stands nowhere in JSON.
func at(s string, i int) byte {
	if i < len(s) {
		return s[i]
	}
	return 0
}

// space returns the first place from i on that is not white space.
func space(s string, i int) int {
	for i < len(s) && (s[i] == ' ' || s[i] == '\n' || s[i] == '\t' || s[i] == '\r') {
		i++
	}
	return i
}

func badUTF8(s string) int {
	for i, r := range s {
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(s[i:]); size == 1 {
				return i
			}
		}
	}
	return len(s)
}
