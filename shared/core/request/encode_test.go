package request_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/request"
	"vpnattach/shared/core/secret"
)

func FuzzEncode(f *testing.F) {
	f.Add("a b*c~d+e/中")
	f.Add("a=1&b=2\nc\n&&")
	f.Add("p@ss<&>w%20r\"d\\\x00\n\u2028\x7f")
	f.Fuzz(func(t *testing.T, s string) {
		for _, encoded := range []string{request.Escape(s), request.EscapeForm(s)} {
			if got, err := url.QueryUnescape(encoded); got != s || err != nil {
				t.Errorf("%q encoded is %q, which decodes to %q, %v", s, encoded, got, err)
			}
		}
		if got, want := request.EscapeForm(s), url.QueryEscape(s); got != want {
			t.Errorf("%q in a form: got %q, want %q", s, got, want)
		}
		if got, want := request.Text(s), string(gjson.AppendJSONString([]byte("x"), s)); got != want {
			t.Errorf("%q in a request: got %s, want %s", s, got, want)
		}
		want := strings.NewReplacer("+", "%20").Replace(url.QueryEscape(s))
		if got := request.Escape(s); got != want {
			t.Errorf("%q in a query: got %q, want %q", s, got, want)
		}
		if !utf8.ValidString(s) {
			return
		}
		var text string
		if err := json.Unmarshal([]byte(request.JSONString(s)), &text); text != s || err != nil {
			t.Errorf("%q as JSON is %q, which decodes to %q, %v", s, request.JSONString(s), text, err)
		}
		modifyAny(t, s)
	})
}

// modifyAny puts s where it can stand, as a key, a name and an event's id.
func modifyAny(t *testing.T, s string) {
	document := `{"RegionId":"cn-beijing","VpnConnectionId":` + request.JSONString("vco-"+s) + `,"Name":` + request.JSONString(s) +
		`,"IkeConfig":{"Psk":` + request.JSONString(s) + `},"TunnelOptionsSpecification":[{"TunnelIkeConfig":{"Psk":` + request.JSONString(s) + `}}]}`
	c := attachment.Parse(document, attachment.FromRule)
	o := options()
	o.EventIDs = []string{s, "e"}
	r, err := new(request.Builder).Modify(c, o)
	if err != nil {
		if !strings.Contains(s, secret.Mark) {
			t.Fatal(err)
		}
		return
	}
	query, err1 := url.ParseQuery(r.Query)
	body, err2 := url.ParseQuery(r.Body)
	var ike struct{ Psk string }
	err3 := json.Unmarshal([]byte(query.Get("IkeConfig")), &ike)
	if err1 != nil || err2 != nil || err3 != nil {
		t.Fatal(err1, err2, err3)
	}
	if ike.Psk != s || query.Get("Name") != s || body.Get("TunnelOptionsSpecification.1.TunnelIkeConfig.Psk") != s {
		t.Errorf("%q arrives as %q, %q, %q", s, ike.Psk, query.Get("Name"), body.Get("TunnelOptionsSpecification.1.TunnelIkeConfig.Psk"))
	}
}
