package event

import (
	"strings"
	"unsafe"

	"vpnattach/shared/core/jsontext"
)

// view is b as a string without a copy: the one place where the package relies
// on its caller not to change the bytes.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// value is one JSON value of a text that has been checked.
type value = jsontext.Value

// isNothing reports whether a value is absent or null.
func isNothing(v value) bool { return !v.Exists() || v.IsNull() }

// texts are the checked texts of one event. Their memory is used again for the
// next.
type texts struct {
	all  []*jsontext.Text
	used int
}

// parse checks a text and returns its value.
func (t *texts) parse(s string) (value, *Error) {
	v, fault := t.check(s)
	if fault != nil {
		return value{}, broken(s, fault)
	}
	return v, nil
}

func (t *texts) check(s string) (value, *jsontext.Fault) {
	if t.used == len(t.all) {
		t.all = append(t.all, new(jsontext.Text))
	}
	v, fault := t.all[t.used].Parse(s)
	if fault == nil {
		t.used++
	}
	return v, fault
}

// parseNext checks the JSON value that begins at a byte of s, which holds one behind the
// other, and returns where the next begins.
func (t *texts) parseNext(s string, from int) (value, int, *Error) {
	if t.used == len(t.all) {
		t.all = append(t.all, new(jsontext.Text))
	}
	v, next, fault := t.all[t.used].ParseNext(s, from)
	if fault != nil {
		return value{}, from, broken(s, fault)
	}
	t.used++
	return v, next, nil
}

// broken is the error for a text that is not JSON.
func broken(s string, fault *jsontext.Fault) *Error {
	if fault.TooDeep {
		return newError(TooDeep, fault.Error())
	}
	return notJSON(s, fault)
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// at returns the byte at i, and 0 behind the end.
func at(s string, i int) byte {
	if i < len(s) {
		return s[i]
	}
	return 0
}

// trim returns s without the white space around it.
func trim(s string) string { return strings.Trim(s, " \n\t\r") }
