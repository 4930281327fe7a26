package jsontext

import (
	"encoding/binary"
	"math/bits"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"
)

// Value is one value of a [Text]. The zero Value is an absent one, of which every
// question is answered in the negative.
type Value struct {
	t *Text
	n uint32
}

// Raw returns the value as it is written, without space around it; "" when absent.
func (v Value) Raw() string {
	if v.t == nil {
		return ""
	}
	n := &v.t.nodes[v.n]
	return v.t.s.Reveal()[n.from:n.to]
}

// Pos returns the byte of the text at which the value begins.
func (v Value) Pos() int {
	if v.t == nil {
		return 0
	}
	return int(v.t.nodes[v.n].from)
}

// first returns the byte by which the value's type is known, 0 when absent.
func (v Value) first() byte {
	if v.t == nil {
		return 0
	}
	return v.t.s.Reveal()[v.t.nodes[v.n].from]
}

// Exists reports whether the value is there, null included.
func (v Value) Exists() bool { return v.t != nil }

// IsObject reports whether the value is an object.
func (v Value) IsObject() bool { return v.first() == '{' }

// IsArray reports whether the value is an array.
func (v Value) IsArray() bool { return v.first() == '[' }

// IsString reports whether the value is a string.
func (v Value) IsString() bool { return v.first() == '"' }

// IsNumber reports whether the value is a number.
func (v Value) IsNumber() bool { return v.first() == '-' || isDigit(v.first()) }

// IsBool reports whether the value is true or false.
func (v Value) IsBool() bool { return v.first() == 't' || v.first() == 'f' }

// IsNull reports whether the value is null. An absent value is not.
func (v Value) IsNull() bool { return v.first() == 'n' }

// Text returns what a string says, "" for any other value. It copies only what is
// escaped. Half a surrogate pair becomes U+FFFD.
func (v Value) Text() string {
	if !v.IsString() {
		return ""
	}
	return v.t.text(v.n)
}

// text returns what the string of a node says.
func (t *Text) text(n uint32) string {
	at := &t.nodes[n]
	inside := t.s.Reveal()[at.from+1 : at.to-1]
	if at.escaped {
		return unescape(inside)
	}
	return inside
}

// Members yields the members of an object in their order; of any other value, none.
func (v Value) Members(yield func(key string, member Value) bool) {
	if !v.IsObject() {
		return
	}
	for n, end := v.n+1, v.t.nodes[v.n].next; n < end; n = v.t.nodes[n+1].next {
		if !yield(v.t.text(n), Value{v.t, n + 1}) {
			return
		}
	}
}

// Key returns the key of a value that is a member of an object, as the string that it is
// in the text. Of any other value it means nothing.
func (v Value) Key() Value { return Value{v.t, v.n - 1} }

// Elements yields the elements of an array; of any other value, none.
func (v Value) Elements(yield func(i int, element Value) bool) {
	if !v.IsArray() {
		return
	}
	i := 0
	for n, end := v.n+1, v.t.nodes[v.n].next; n < end; n = v.t.nodes[n].next {
		if !yield(i, Value{v.t, n}) {
			return
		}
		i++
	}
}

// IsEmpty reports whether the value is an object or array with nothing in it.
func (v Value) IsEmpty() bool {
	return (v.IsObject() || v.IsArray()) && v.t.nodes[v.n].next == v.n+1
}

// Get returns the member of that name, the first of several, or an absent value.
func (v Value) Get(name string) Value {
	for key, member := range v.Members {
		if key == name {
			return member
		}
	}
	return Value{}
}

// At returns the element with that index, counted from 0, or an absent value.
func (v Value) At(index int) Value {
	for i, element := range v.Elements {
		if i == index {
			return element
		}
	}
	return Value{}
}

// unescape decodes the inside of a string that has been checked. Between escapes it
// copies eight bytes at a time: a message that was put into a string is full of
// escaped quotes, and long.
func unescape(s string) string {
	in := unsafe.Slice(unsafe.StringData(s), len(s))
	out := make([]byte, len(s)) // no escape is shorter than what it stands for
	n, i := 0, 0
	for i < len(in) {
		if len(in)-i >= 8 {
			eight := binary.LittleEndian.Uint64(in[i:])
			binary.LittleEndian.PutUint64(out[n:], eight)
			before := bytesBefore(eight, '\\')
			i, n = i+before, n+before
			if before == 8 {
				continue
			}
		} else if in[i] != '\\' {
			out[n] = in[i]
			i, n = i+1, n+1
			continue
		}
		c := in[i+1]
		i += 2
		switch c {
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
			r := hex4(s[i:])
			i += 4
			if utf16.IsSurrogate(r) {
				low := rune(utf8.RuneError)
				if strings.HasPrefix(s[i:], `\u`) {
					low = hex4(s[i+2:])
				}
				if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
					i += 6
				}
			}
			n += utf8.EncodeRune(out[n:], r)
			continue
		}
		out[n] = c
		n++
	}
	return unsafe.String(unsafe.SliceData(out), n)
}

// bytesBefore returns how many of the eight bytes come before the first that is c,
// 8 when none is.
func bytesBefore(eight uint64, c byte) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	zeros := eight ^ ones*uint64(c)          // c becomes 0
	found := (zeros - ones) & ^zeros & highs // the high bit of the first 0 is set
	return bits.TrailingZeros64(found) / 8
}

func hex4(s string) rune {
	return rune(hex(s[0])<<12 | hex(s[1])<<8 | hex(s[2])<<4 | hex(s[3]))
}
