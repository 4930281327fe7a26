package event

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"
)

// view is b as a string without a copy: the one place where the package relies
// on its caller not to change the bytes.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// value is one JSON value that check has passed, without space around it, as it
// is written. The empty value is an absent one.
type value string

func (v value) isObject() bool { return at(string(v), 0) == '{' }
func (v value) isArray() bool  { return at(string(v), 0) == '[' }
func (v value) isText() bool   { return at(string(v), 0) == '"' }
func (v value) isNull() bool   { return v == "" || v == "null" }

// text returns what a JSON string says, "" for any other value. It copies only
// what is escaped.
func (v value) text() string {
	if !v.isText() {
		return ""
	}
	s := string(v[1 : len(v)-1])
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	return unescape(s)
}

// members yields the members of an object in their order; of any other value, none.
func (v value) members(yield func(key string, v value) bool) {
	if !v.isObject() {
		return
	}
	s := string(v)
	for i := space(s, 1); s[i] != '}'; {
		colon := skip(s, i)
		key := value(s[i:colon]).text()
		from := space(s, space(s, colon)+1)
		to := skip(s, from)
		if !yield(key, value(s[from:to])) {
			return
		}
		if i = space(s, to); s[i] == ',' {
			i = space(s, i+1)
		}
	}
}

// elements yields the elements of an array; of any other value, none.
func (v value) elements(yield func(i int, v value) bool) {
	if !v.isArray() {
		return
	}
	s := string(v)
	for i, n := space(s, 1), 0; s[i] != ']'; n++ {
		to := skip(s, i)
		if !yield(n, value(s[i:to])) {
			return
		}
		if i = space(s, to); s[i] == ',' {
			i = space(s, i+1)
		}
	}
}

// first returns the first element of an array, "" if there is none.
func (v value) first() value {
	for _, element := range v.elements {
		return element
	}
	return ""
}

// get returns the member of that name, the first if there are several.
func (v value) get(name string) value {
	for key, member := range v.members {
		if key == name {
			return member
		}
	}
	return ""
}

// skip returns the place behind the value at i of a valid JSON text.
func skip(s string, i int) int {
	for depth := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			for i++; s[i] != '"'; i++ {
				if s[i] == '\\' {
					i++
				}
			}
			if depth == 0 {
				return i + 1
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth < 0 {
				return i // behind a bare word
			} else if depth == 0 {
				return i + 1
			}
		case ',', ' ', '\t', '\n', '\r':
			if depth == 0 {
				return i
			}
		}
	}
	return i
}

// unescape decodes the inside of a valid JSON string. Half a surrogate pair
// becomes U+FFFD.
func unescape(s string) string {
	out := make([]byte, len(s)) // no escape is shorter than what it stands for
	n := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '\\' {
			i++
			switch c = s[i]; c {
			case 'b':
				c = '\b'
			case 'f':
				c = '\f'
			case 'n':
				c = '\n'
			case 'r':
				c = '\r'
			case 't':
				c = '\t'
			case 'u':
				r := hex4(s[i+1:])
				i += 4
				if utf16.IsSurrogate(r) {
					low := rune(utf8.RuneError)
					if strings.HasPrefix(s[i+1:], `\u`) {
						low = hex4(s[i+3:])
					}
					if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
						i += 6
					}
				}
				n += utf8.EncodeRune(out[n:], r)
				continue
			}
		}
		out[n] = c
		n++
	}
	return view(out[:n])
}

func hex4(s string) rune {
	return rune(hex(s[0])<<12 | hex(s[1])<<8 | hex(s[2])<<4 | hex(s[3]))
}
