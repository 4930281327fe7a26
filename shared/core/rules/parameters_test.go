package rules

import (
	"encoding/json"
	"testing"

	"github.com/tidwall/sjson"

	"vpnattach/shared/core/attachment"
)

// Each parameter goes where a change document has it.
func TestTargets(t *testing.T) {
	t.Parallel()
	for _, target := range targets {
		field, ok := attachment.FieldNamed(target.name)
		if !ok {
			continue // a whole object, or what names the attachment
		}
		document, err := sjson.SetRawBytes([]byte("{}"), target.to, []byte(example(target.parameter)))
		if target.tunnel > 0 && err == nil {
			document, err = sjson.SetBytes(document, join(tunnelItem(target.tunnel), "TunnelIndex"), int64(target.tunnel))
		}
		change := attachment.Parse(string(document), attachment.FromEvent)
		if err != nil || !change.Get(field).Present() || len(change.Fields()) != 1 {
			t.Errorf("%s: %s, %v", target.name, document, err)
		}
	}
}

func example(p *attachment.Parameter) string {
	if p.Kind == attachment.Bool || p.Kind == attachment.Int || p.Kind == attachment.ASN {
		return p.Example
	}
	text, _ := json.Marshal(p.Example)
	return string(text)
}

func TestKey(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Psk", "a.b", ".", ":", ":a", "a:b", "0", "12a", "-1", "-", `a\b`, `a"b`, "*", "a?", "a|b", "#", "@this", "!x", "{a}", "ä b", "a\nb"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			document := []byte(`{"other":{}}`)
			for _, inner := range []string{"first", "second"} {
				var err error
				if document, err = sjson.SetRawBytes(document, join(key(name), inner), []byte("9007199254740993")); err != nil {
					t.Fatal(err)
				}
			}
			var got map[string]map[string]json.Number
			if err := json.Unmarshal(document, &got); err != nil {
				t.Fatalf("%s: %v", document, err)
			}
			if inner := got[name]; len(got) != 2 || len(inner) != 2 || inner["first"] != "9007199254740993" || inner["second"] != "9007199254740993" {
				t.Errorf("got %s", document)
			}
		})
	}
}
