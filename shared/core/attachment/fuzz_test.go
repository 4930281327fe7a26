package attachment_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/secret"
)

// FuzzValidate: any text is judged without a panic, twice the same, and nothing of
// a key comes out.
func FuzzValidate(f *testing.F) {
	for _, c := range cases {
		f.Add(c.change)
	}
	single, dual := mustCurrent(f, "single.json"), mustCurrent(f, "dual.json")
	f.Fuzz(func(t *testing.T, document string) {
		change := attachment.Parse(document, attachment.FromEvent)
		for _, current := range []*attachment.Current{nil, single, dual} {
			first, second := attachment.Validate(change, current, "aws"), attachment.Validate(change, current, "aws")
			if fmt.Sprint(first) != fmt.Sprint(second) {
				t.Fatalf("two judgements of one change:\n%v\n%v", first, second)
			}
			text := string(first.AppendJSON(nil))
			if !gjson.Valid(text) {
				t.Fatalf("findings are not JSON: %s", text)
			}
			if current != nil {
				attachment.Diff(change, current)
				attachment.Merge(change, current)
			}
		}
		if out := string(change.AppendJSON(nil, true)); gjson.Valid(document) && !gjson.Valid(out) {
			t.Fatalf("the change is not JSON: %s", out)
		}
	})
}

// FuzzNested: an object and its JSON text are one and the same change.
func FuzzNested(f *testing.F) {
	f.Add(`{"Psk":"a","IkeLifetime":"5"}`)
	f.Add(`{"LocalId":"\"\\u00e9","RemoteId":"\ud83d"}`)
	f.Add(`{"Psk":null}`)
	f.Add(`{"Psk":"first","Psk":"second","LocalId":{"a":1}}`)
	f.Add(`{"\u0050sk":"\ud83d\u0041\ud83d\ude00\ud83d","IkeL\u0069fetime":9007199254740993}`)
	f.Add(" {\t\"Psk\" : \"a\\tb\" ,\n\"IkeLifetime\":1e2,\"IkeLifetime2\":[\"{\"] } ")
	f.Fuzz(func(t *testing.T, object string) {
		if !gjson.Valid(object) || !gjson.Parse(object).IsObject() {
			return
		}
		asObject := attachment.Parse(change(`"IkeConfig":`+object), attachment.FromEvent)
		asText := attachment.Parse(change(`"IkeConfig":`+string(gjson.AppendJSONString(nil, object))), attachment.FromEvent)
		if strings.ToValidUTF8(object, "") != object {
			return // a JSON string can't carry it
		}
		a, b := string(asObject.AppendJSON(nil, true)), string(asText.AppendJSON(nil, true))
		if a != b {
			t.Errorf("object %s\ntext   %s", a, b)
		}
		if got, want := brief(attachment.Validate(asText, nil, "")), brief(attachment.Validate(asObject, nil, "")); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("findings of the text %v\nof the object %v", got, want)
		}
	})
}

// No way of printing shows a key.
func TestNothingPrintsAKey(t *testing.T) {
	t.Parallel()
	const key = "fYx3tQpL8sVw2NdKzR6mHb4c"
	c := attachment.Parse(change(`"IkeConfig":{"Psk":"`+key+`","IkePfs":"x"},"TunnelOptionsSpecification":[{"TunnelIkeConfig":{"Psk":"`+key+`"}}]`), attachment.FromEvent)
	findings := attachment.Validate(c, mustCurrent(t, "masked.json"), "aws")
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&out, verb, c)
		fmt.Fprintf(&out, verb, *c)
		fmt.Fprintf(&out, verb, findings)
	}
	out.Write(findings.AppendJSON(nil))
	out.Write(c.AppendJSON(nil, false))
	for _, form := range []string{key, fmt.Sprintf("%x", key), fmt.Sprintf("%d", []byte(key))} {
		if strings.Contains(out.String(), form) {
			t.Errorf("a key has been printed")
		}
	}
	if !strings.Contains(out.String(), secret.Redacted) {
		t.Errorf("nothing redacted in %s", out.String())
	}
}

func BenchmarkValidate(b *testing.B) {
	document := change(`"Name":"site-a","LocalSubnet":"10.1.1.0/24,10.1.2.0/24","RemoteSubnet":"10.2.0.0/16","EnableDpd":true,"EnableNatTraversal":true,` +
		`"IkeConfig":{` + goodPSK + `,"IkeVersion":"ikev2","IkeMode":"main","IkeEncAlg":"aes256","IkeAuthAlg":"sha256","IkePfs":"group14","IkeLifetime":28800,"LocalId":"47.21.12.1","RemoteId":"203.0.113.7"},` +
		`"IpsecConfig":{"IpsecEncAlg":"aes256","IpsecAuthAlg":"sha256","IpsecPfs":"group14","IpsecLifetime":3600},` +
		`"BgpConfig":{"EnableBgp":"true","LocalAsn":"65020","TunnelCidr":"169.254.11.0/30","LocalBgpIp":"169.254.11.1"},` +
		`"HealthCheckConfig":{"enable":"true","dip":"10.2.0.1","sip":"10.1.1.1","interval":"3","retry":"3","Policy":"revoke_route"}`)
	var c attachment.Change
	var v attachment.Validator
	b.SetBytes(int64(len(document)))
	b.ReportAllocs()
	for b.Loop() {
		c.Parse(document, attachment.FromEvent)
		if findings := v.Validate(&c, nil, ""); len(findings) > 0 {
			b.Fatal(findings)
		}
	}
}
