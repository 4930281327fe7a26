package event

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// FuzzCheck holds this package's reading of JSON against that of encoding/json.
func FuzzCheck(f *testing.F) {
	for _, s := range []string{
		``, ` `, `{}`, `[]`, `[1,-0,0.5,1e9,1E-9,-1.25e+3]`, `01`, `1.`, `.5`, `1e`, `-`, `+1`, `[1,]`, `[,1]`, `{"a":1,}`, `{"a"}`, `{a:1}`, `{"a":}`,
		`"a`, `"\u12"`, `"\x"`, "\"\n\"", `"\ud83d\ude00"`, `"\ud83d"`, `"\ud83dx\ude00"`, `"\ud83d\u0041"`, `"\"\\\/\b\f\n\r\t\u00e9"`, `tru`, `true`, `truex`, `nul`, `[true,false,null]`,
		`{"a":{"b":[{"c":"d"},[[]],{}]},"a":2}`, ` { "a" : [ 1 , 2 ] } `, `[1]]`, `}`, `]`, `[}`, `{]`, "\ufeff1", "\"\xff\"", "\x00", `1 2`,
		strings.Repeat("[", MaxDepth) + strings.Repeat("]", MaxDepth), strings.Repeat("[", MaxDepth+1) + strings.Repeat("]", MaxDepth+1),
		strings.Repeat(`{"a":[`, 32) + strings.Repeat("]}", 32),
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		err := check(s)
		want := json.Valid([]byte(s)) && utf8.ValidString(s)
		if tooDeep := err != nil && err.Code == TooDeep; !tooDeep && (err == nil) != want {
			t.Fatalf("got %v, encoding/json says valid: %v", err, want)
		}
		if err != nil {
			return
		}
		if got, want := plain(value(trim(s))), decoded(t, s); !reflect.DeepEqual(got, want) {
			t.Errorf("got %#v, want %#v", got, want)
		}
	})
}

// plain is a value as encoding/json would decode it, of equal keys the last.
func plain(v value) any {
	switch {
	case v.isObject():
		object := map[string]any{}
		for key, member := range v.members {
			object[key] = plain(member)
		}
		return object
	case v.isArray():
		list := []any{}
		for _, element := range v.elements {
			list = append(list, plain(element))
		}
		return list
	case v.isText():
		return v.text()
	case v.isNull():
		return nil
	case isNumber(v):
		return json.Number(v)
	}
	return v == "true"
}

func decoded(t *testing.T, s string) (v any) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(s))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestCheckDepth(t *testing.T) {
	t.Parallel()
	nested := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	if err := check(nested(MaxDepth)); err != nil {
		t.Errorf("depth %d: got %v", MaxDepth, err)
	}
	if err := check(nested(MaxDepth + 1)); err == nil || err.Code != TooDeep {
		t.Errorf("depth %d: got %v, want %s", MaxDepth+1, err, TooDeep)
	}
}

func TestTimes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ in, want string }{
		{`"2026-11-02T09:30:00Z"`, "2026-11-02T09:30:00Z"},
		{`"2026-11-02T17:30:00.123456789+08:00"`, "2026-11-02T09:30:00.123456789Z"},
		{`0`, "1970-01-01T00:00:00Z"},
		{`1793615400`, "2026-11-02T10:30:00Z"},
		{`"1793615400"`, "2026-11-02T10:30:00Z"},
		{`1793615400.987`, "2026-11-02T10:30:00.987Z"},
		{`1793615400.1234567891`, "2026-11-02T10:30:00.123456789Z"},
		{`1793615400.00000000000000000000000000000001`, "2026-11-02T10:30:00Z"},
		{`1793615400987`, "2026-11-02T10:30:00.987Z"},
		{`1793615400987654`, "2026-11-02T10:30:00.987654Z"},
		{`1.7936154E9`, "2026-11-02T10:30:00Z"},
		{`1.793615400987e+9`, "2026-11-02T10:30:00.987Z"},
		{`9223372036`, "2262-04-11T23:47:16Z"},
		{`9223372037`, ""}, // past what nanoseconds can count
		{`99999999999`, ""},
		{`100000000000`, "1973-03-03T09:46:40Z"},
		{`100000000000000000000000`, ""},
		{`-1`, ""},
		{`1e99`, ""},
		{`1e-3`, ""},
		{`""`, ""},
		{`"1."`, ""},
		{`"2026-11-02"`, ""},
		{`"2026-13-02T09:30:00Z"`, ""},
		{`"2026-11-02 09:30:00Z"`, ""},
		{`true`, ""},
		{`{}`, ""},
	} {
		var o origin
		err := o.setTime(value(tt.in), "at")
		if tt.want == "" {
			if err == nil || err.Code != BadTime || err.Path != "at" {
				t.Errorf("%s: got %v and %v, want an error", tt.in, o.time, err)
			}
			continue
		}
		if got := o.time.Format(time.RFC3339Nano); err != nil || got != tt.want {
			t.Errorf("%s: got %s and %v, want %s", tt.in, got, err, tt.want)
		}
	}
	var o origin
	for _, absent := range []value{"", "null"} {
		if err := o.setTime(absent, "at"); err != nil || !o.time.IsZero() {
			t.Errorf("%q: got %v and %v, want no time", absent, o.time, err)
		}
	}
}

// Whatever is wrong with an event, its values stay out of the error.
func TestErrorsKeepValues(t *testing.T) {
	t.Parallel()
	const key = "s3cretS3cret"
	for _, in := range []string{
		key, `"` + key + `"`, `{"a":"` + key, `{"a":"` + key + `"x}`, `["` + key + `"]`,
		`{"Records":[{"eventSource":"aws:sqs","body":"` + key + `"}]}`,
		`{"Records":[{"eventSource":"aws:sqs","body":{"Psk":"` + key + `"}}]}`,
		`{"detail-type":"T","source":"s","detail":"` + key + `"}`,
		`{"detail-type":"T","source":"s","detail":{},"time":"` + key + `"}`,
		`{"specversion":"` + key + `"}`,
		`{"eventSource":"aws:dynamodb","dynamodb":{"NewImage":{"Psk":"` + key + `"}}}`,
		`{"eventSource":"aws:dynamodb","dynamodb":{"NewImage":{"Psk":{"N":"` + key + `"}}}}`,
		`{"httpMethod":"POST","requestContext":{},"headers":{"content-type":"` + key + `?"},"body":"` + key + `"}`,
	} {
		_, err := Open([]byte(in), nil)
		if err == nil {
			t.Errorf("%s: no error", in)
			continue
		}
		if text := err.Error() + err.(*Error).Hint; strings.Contains(text, key) {
			t.Errorf("%s: the error tells a value: %s", in, text)
		}
	}
}
