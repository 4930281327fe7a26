package jsontext_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"vpnattach/shared/core/jsontext"
)

var texts = []string{
	``, ` `, `{}`, `[]`, `[1,-0,0.5,1e9,1E-9,-1.25e+3]`, `01`, `-01`, `1.`, `.5`, `1e`, `1e+`, `-`, `+1`, `[1,]`, `[,1]`, `{"a":1,}`, `{"a"}`, `{a:1}`, `{"a":}`,
	`"a`, `"\u12"`, `"\x"`, "\"\n\"", `"\ud83d\ude00"`, `"\ud83d"`, `"\ud83dx\ude00"`, `"\ud83d\u0041"`, `"\"\\\/\b\f\n\r\t\u00e9"`, `tru`, `true`, `truex`, `nul`, `[true,false,null]`,
	`{"a":{"b":[{"c":"d"},[[]],{}]},"a":2}`, ` { "a" : [ 1 , 2 ] } `, `[1]]`, `}`, `]`, `[}`, `{]`, "\ufeff1", "\"\xff\"", "\x00", `1 2`, `{"a\n":"b\u0000"}`,
	strings.Repeat("[", jsontext.MaxDepth) + strings.Repeat("]", jsontext.MaxDepth),
	strings.Repeat(`{"a":[`, 32) + strings.Repeat("]}", 32),
}

// FuzzParse holds this package's reading of JSON against that of encoding/json.
func FuzzParse(f *testing.F) {
	for _, s := range texts {
		f.Add(s)
	}
	var reused jsontext.Text
	f.Fuzz(func(t *testing.T, s string) {
		v, fault := reused.Parse(s)
		s = strings.TrimPrefix(s, "\ufeff")
		want := json.Valid([]byte(s)) && utf8.ValidString(s)
		if fault != nil {
			if want && !fault.TooDeep {
				t.Fatalf("%v, but encoding/json takes it", fault)
			}
			if fault.At < 0 || fault.At > len(s)+len("\ufeff") || fault.Error() == "" {
				t.Fatalf("fault at %d of %d bytes", fault.At, len(s))
			}
			return
		}
		if !want {
			t.Fatalf("%q is taken, but encoding/json refuses it", s)
		}
		d := json.NewDecoder(strings.NewReader(s))
		d.UseNumber()
		var decoded any
		if err := d.Decode(&decoded); err != nil {
			t.Fatal(err)
		}
		if got := plain(t, v); !reflect.DeepEqual(got, decoded) {
			t.Errorf("got %#v, want %#v", got, decoded)
		}
		if v.Raw() != strings.Trim(s, " \n\t\r") {
			t.Errorf("raw is %q of %q", v.Raw(), s)
		}
	})
}

// plain is a value as encoding/json would decode it; of equal keys the last.
func plain(t *testing.T, v jsontext.Value) any {
	if !v.Exists() {
		t.Fatal("an absent value within a text")
	}
	switch {
	case v.IsObject():
		object := map[string]any{}
		for key, member := range v.Members {
			object[key] = plain(t, member)
		}
		if v.IsEmpty() != (len(object) == 0) {
			t.Errorf("IsEmpty of %s", v.Raw())
		}
		return object
	case v.IsArray():
		list := []any{}
		for i, element := range v.Elements {
			if i != len(list) {
				t.Errorf("element %d comes as %d", len(list), i)
			}
			list = append(list, plain(t, element))
		}
		if v.IsEmpty() != (len(list) == 0) {
			t.Errorf("IsEmpty of %s", v.Raw())
		}
		return list
	case v.IsString():
		return v.Text()
	case v.IsNull():
		return nil
	case v.IsNumber():
		return json.Number(v.Raw())
	case v.IsBool():
		return v.Raw() == "true"
	}
	t.Fatalf("a value of no type: %q", v.Raw())
	return nil
}

// TestRemedies holds what is said about what people write that is not JSON.
func TestRemedies(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"{\n  \"a\": 1,\n}":                      "remove the comma before }",
		`[1, 2,]`:                                "remove the comma before ]",
		"{\n“a”: 1}":                             `write straight double quotes (") in place of typographic ones`,
		`{"a": „b“}`:                             `write straight double quotes (") in place of typographic ones`,
		`{'a': 1}`:                               `write double quotes (") in place of other ones`,
		`{"a": 'b'}`:                             `write double quotes (") in place of other ones`,
		"{ // the site\n\"a\": 1}":               "remove the comment: JSON has none",
		"{\"a\": 1 /* one */}":                   "remove the comment: JSON has none",
		"{\"a\": 1, # one\n\"b\": 2}":            "remove the comment: JSON has none",
		`{a: 1}`:                                 "put the key in double quotes",
		`{"a": b}`:                               "put text in double quotes",
		`{"a": True}`:                            "write true, false or null, in small letters",
		`{"a": None}`:                            "write true, false or null, in small letters",
		`{"a" = 1}`:                              "write a colon in place of =",
		"{\"a\": 1\n \"b\": 2}":                  "put a comma before it",
		`[{} {}]`:                                "put a comma before it",
		`{"a": 0x1f}`:                            "write a decimal number, or put text in double quotes",
		`{"a": "b"c"}`:                           `write a quote within a text as \"`,
		"{\"a\": \"\xe4\"}":                      "save it as UTF-8; its encoding is another one",
		"{\"a\": \"b\n\"}":                       `close the quotes before the end of the line; a line end within a text is \n`,
		"{\"a\": \"b\tc\"}":                      `write a tab within a text as \t`,
		`{"a": "C:\windows"}`:                    `write a backslash as \\`,
		"{\u00a0\"a\": 1}":                       "this blank is not a plain one, as those copied from pages are; write a space",
		"RegionId: cn-hangzhou\nb: c":            "this looks like YAML; convert it to JSON",
		"---\nRegionId: cn-hangzhou":             "this looks like YAML; convert it to JSON",
		"- RegionId: cn-hangzhou":                "this looks like YAML; convert it to JSON",
		"IkeConfig:\n  Psk: x":                   "this looks like YAML; convert it to JSON",
		"# sites\nIkeConfig: x":                  "this looks like YAML; convert it to JSON",
		"\xff\xfe{\x00}\x00":                     "this is UTF-16; save it as UTF-8",
		"\xfe\xff\x00{\x00}":                     "this is UTF-16; save it as UTF-8",
		"{\x00\"\x00a\x00\"\x00":                 "this is UTF-16; save it as UTF-8",
		`{"a": 1`:                                "",
		`hello`:                                  "",
		`<a>`:                                    "",
		strings.Repeat("[", jsontext.MaxDepth+1): "",
	} {
		_, fault := new(jsontext.Text).Parse(in)
		if fault == nil || fault.Hint != want {
			t.Errorf("%q: got %+v, want %s", in, fault, want)
		}
	}
}

// TestMark: a byte order mark before a text is passed over, and counts for no column.
func TestMark(t *testing.T) {
	t.Parallel()
	v, fault := new(jsontext.Text).Parse("\ufeff {\"a\": 1}")
	if fault != nil || v.Raw() != `{"a": 1}` || v.Get("a").Pos() != len("\ufeff {\"a\": ") {
		t.Errorf("got %s and %v", v.Raw(), fault)
	}
	_, fault = new(jsontext.Text).Parse("\ufeff{a}")
	if fault == nil || fault.Line != 1 || fault.Column != 2 {
		t.Errorf("got %+v", fault)
	}
	if _, fault = new(jsontext.Text).Parse("\ufeff\ufeff{}"); fault == nil {
		t.Error("two marks are taken")
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		at   int
		want string
	}{
		{``, 0, "a value"},
		{`{"a":1`, 6, "a comma or }"},
		{`{"a":1,`, 7, "a key in double quotes"},
		{`{"a" 1}`, 5, "a colon"},
		{`["a`, 3, "the rest of a string"},
		{`[1 2]`, 3, "a comma or ]"},
		{`[01]`, 2, "a digit"},
		{`[-]`, 2, "a digit"},
		{`1 2`, 2, "the end of the text"},
		{"\"a\xff\"", 2, "UTF-8 text"},
		{"{\n \"ä\": 1\n \"b\": 2}", 12, "not JSON (line 3, column 2): expected a comma or }"},
		{"{\"ä\":x}", 6, "(line 1, column 6)"},
		{strings.Repeat("[", jsontext.MaxDepth+1), jsontext.MaxDepth, "JSON nested deeper than 64 levels (line 1, column 65)"},
	} {
		var text jsontext.Text
		_, fault := text.Parse(c.text)
		if fault == nil || fault.At != c.at || !strings.Contains(fault.Error(), c.want) {
			t.Errorf("%q: got %v, want %s at %d", c.text, fault, c.want, c.at)
		}
		if err := error(fault); !errors.As(err, &fault) {
			t.Errorf("%v is not a *Fault", err)
		}
	}
}

func TestAbsent(t *testing.T) {
	t.Parallel()
	var text jsontext.Text
	v, fault := text.Parse(`{"a":[1],"b":null}`)
	if fault != nil {
		t.Fatal(fault)
	}
	for _, absent := range []jsontext.Value{{}, v.Get("c"), v.Get("a").At(1), v.Get("b").Get("x"), v.At(0)} {
		if absent.Exists() || absent.IsNull() || absent.IsObject() || absent.Raw() != "" || absent.Text() != "" || absent.Pos() != 0 || absent.IsEmpty() {
			t.Errorf("an absent value says %q", absent.Raw())
		}
	}
	if got := v.Get("a").At(0); got.Raw() != "1" || got.Pos() != 6 {
		t.Errorf("got %q at %d", got.Raw(), got.Pos())
	}
}

func BenchmarkParse(b *testing.B) {
	text := strings.Repeat(`{"VpnConnectionId":"vco-localsingle","IkeConfig":{"IkeLifetime":28800,"EnableDpd":true,"LocalSubnet":"10.1.1.0/24,10.1.2.0/24"}},`, 10)
	text = "[" + text[:len(text)-1] + "]"
	var t jsontext.Text
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, fault := t.Parse(text); fault != nil {
			b.Fatal(fault)
		}
	}
}

// TestEdits: a fault with one possible meaning is mended, and nothing else is.
func TestEdits(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ in, want string }{
		{`{"a": 1,}`, `{"a": 1}`},
		{"[1, 2,\n]", "[1, 2\n]"},
		{`{“a”: “b”, “c”: 1}`, `{"a": "b", "c": 1}`},
		{`{„a“: «b»}`, `{"a": "b"}`},
		{`{'a': 'b c'}`, `{"a": "b c"}`},
		{`{a: 1, b_2: [True, None, FALSE]}`, `{"a": 1, "b_2": [true, null, false]}`},
		{"{\"a\": 1, // one\n# two\n\"b\": /* three */ 2}", "{\"a\": 1, \n\n\"b\":  2}"},
		{"{\"a\":\u00a01}", `{"a": 1}`},
		{`{"a" = 1}`, `{"a" : 1}`},
		{"{\"a\": 1\n \"b\": 2}", "{\"a\": 1,\n \"b\": 2}"},
		{"\ufeff{\"a\": 1,}", "\ufeff{\"a\": 1}"},

		{`{"a": 'it's'}`, ""},
		{`{“a": 1}`, ""},
		{`{"a": 1 "b": 2}`, ""},
		{`{"a": yes}`, ""},
		{`{"a": "b}`, ""},
		{`{"a": 1`, ""},
		{"a: 1\nb: 2\n", ""},
		{`{"a": 1}}`, ""},
		{`{"a": 'x"y'}`, ""},
	} {
		got := tt.in
		for range 100 {
			_, fault := new(jsontext.Text).Parse(got)
			if fault == nil || fault.Edit == nil {
				break
			}
			got = fault.Edit.Apply(got)
		}
		if tt.want == "" {
			if _, fault := new(jsontext.Text).Parse(got); fault == nil {
				t.Errorf("%s: got %s, want none", tt.in, got)
			}
		} else if got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.in, got, tt.want)
		}
	}
}
