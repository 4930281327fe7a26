package event

import (
	"strings"
	"unicode/utf8"
)

// check judges whether s is exactly one JSON value (RFC 8259) in UTF-8, nested
// at most [MaxDepth] deep. It is one loop instead of gjson.Valid, which recurses
// without a limit and can't say where the fault is.
func check(s string) *Error {
	if !utf8.ValidString(s) {
		return notJSON(s, badUTF8(s), "UTF-8 text")
	}
	var objects uint64 // the open containers, innermost in the lowest bit: 1 is an object
	depth, i := 0, space(s, 0)
	for {
		want, next := "a value", -1
		switch c := at(s, i); {
		case c == '{' || c == '[':
			if depth++; depth > MaxDepth {
				return newError(TooDeep, "JSON nested deeper than %d at byte %d", MaxDepth, i)
			}
			objects <<= 1
			i = space(s, i+1)
			if c == '{' {
				objects |= 1
				if at(s, i) != '}' {
					if i, want = checkKey(s, i); want != "" {
						return notJSON(s, i, want)
					}
					continue
				}
			} else if at(s, i) != ']' {
				continue
			}
			next = i // at the closing bracket, which the loop below takes
		case c == '"':
			if i, next = checkString(s, i); next < 0 {
				want = "the rest of a string"
			}
		case c == '-' || isDigit(c):
			if i, next = checkNumber(s, i); next < 0 {
				want = "a digit"
			}
		default:
			for _, word := range [...]string{"true", "false", "null"} {
				if strings.HasPrefix(s[min(i, len(s)):], word) {
					next = i + len(word)
				}
			}
		}
		if next < 0 {
			return notJSON(s, i, want)
		}

		// Behind a value: close what ends here, up to the comma before the next value.
		for i = space(s, next); ; i = space(s, i+1) {
			if depth == 0 {
				if i < len(s) {
					return notJSON(s, i, "the end")
				}
				return nil
			}
			closing, want := byte(']'), "a comma or ]"
			if objects&1 == 1 {
				closing, want = '}', "a comma or }"
			}
			if at(s, i) == closing {
				depth--
				objects >>= 1
				continue
			}
			if at(s, i) != ',' {
				return notJSON(s, i, want)
			}
			if i = space(s, i+1); objects&1 == 1 {
				if i, want = checkKey(s, i); want != "" {
					return notJSON(s, i, want)
				}
			}
			break
		}
	}
}

// checkKey returns where the value of the key at i begins, or where it fails and
// what is wanted there.
func checkKey(s string, i int) (int, string) {
	if at(s, i) != '"' {
		return i, "a key in double quotes"
	}
	i, next := checkString(s, i)
	if next < 0 {
		return i, "the rest of a key"
	}
	if next = space(s, next); at(s, next) != ':' {
		return next, "a colon"
	}
	return space(s, next+1), ""
}

// checkString returns the place behind the string at i, or -1 and where it fails.
func checkString(s string, i int) (fault, next int) {
	for i++; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return 0, i + 1
		case c < ' ':
			return i, -1
		case c == '\\':
			i++
			switch at(s, i) {
			case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
			case 'u':
				for range 4 {
					if i++; hex(at(s, i)) < 0 {
						return i, -1
					}
				}
			default:
				return i, -1
			}
		}
	}
	return i, -1
}

// checkNumber returns the place behind the number at i, or -1 and where it fails.
func checkNumber(s string, i int) (fault, next int) {
	digits := func() bool {
		from := i
		for isDigit(at(s, i)) {
			i++
		}
		return i > from
	}
	if s[i] == '-' {
		i++
	}
	if at(s, i) == '0' {
		i++
	} else if !digits() {
		return i, -1
	}
	if at(s, i) == '.' {
		if i++; !digits() {
			return i, -1
		}
	}
	if c := at(s, i); c == 'e' || c == 'E' {
		if i++; at(s, i) == '+' || at(s, i) == '-' {
			i++
		}
		if !digits() {
			return i, -1
		}
	}
	return 0, i
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

// space returns the first place from i on that is no white space.
func space(s string, i int) int {
	for i < len(s) && (s[i] == ' ' || s[i] == '\n' || s[i] == '\t' || s[i] == '\r') {
		i++
	}
	return i
}

// trim returns s without the white space around it.
func trim(s string) string { return strings.Trim(s, " \n\t\r") }

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
