package pretty_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/tidwall/pretty"
)

func FuzzUgly(f *testing.F) {
	for _, text := range []string{"", " 1 ", `{ "a b" : [ 1 , "\" \\" ] }`, "[\n\t{ }\r\n]", `"\u0020 x"`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if !json.Valid(text) {
			return
		}
		var want bytes.Buffer
		if err := json.Compact(&want, text); err != nil {
			t.Fatal(err)
		}
		if got := pretty.Ugly(text); !bytes.Equal(got, want.Bytes()) {
			t.Errorf("got %s, want %s", got, want.Bytes())
		}
	})
}
