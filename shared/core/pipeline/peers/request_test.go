package peers

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/request"
	"vpnattach/shared/core/secret"
)

// For the same parameters, clock and nonce, the official client and this project
// send the same bytes.
func TestModifyEqualsOfficial(t *testing.T) {
	var b request.Builder
	for name, signature := range map[string]request.Signature{"V3": request.V3, "V1": request.V1} {
		t.Run(name, func(t *testing.T) {
			for range 4 { // of 100 each
				rapid.Check(t, func(rt *rapid.T) {
					c := changes.Draw(rt, "change")
					keys := drawKeys(rt)
					host, err := request.Endpoint(c.RegionId)
					if err != nil {
						t.Fatal(err)
					}
					want, body := send(t, c.call(request.ModifyAction), keys, signature, host)
					document, err := json.Marshal(c)
					if err != nil {
						t.Fatal(err)
					}
					got, err := b.Modify(attachment.Parse(string(document), attachment.FromEvent), as(t, want, keys, signature))
					if err != nil {
						rt.Fatal(err)
					}
					compare(rt, got, want, body)
				})
			}
		})
	}
}

func TestDescribeEqualsOfficial(t *testing.T) {
	var b request.Builder
	for _, signature := range []request.Signature{request.V3, request.V1} {
		rapid.Check(t, func(rt *rapid.T) {
			keys := drawKeys(rt)
			id := "vco-" + texts.Draw(rt, "VpnConnectionId")
			region := "eu-central-1"
			c := call{action: request.DescribeAction, query: map[string]*string{"RegionId": &region, "VpnConnectionId": &id}}
			want, body := send(t, c, keys, signature, "vpc.eu-central-1.aliyuncs.com")
			got, err := b.Describe(region, id, as(t, want, keys, signature))
			if err != nil {
				rt.Fatal(err)
			}
			compare(rt, got, want, body)
		})
	}
}

func drawKeys(t *rapid.T) request.Credentials {
	return request.Credentials{
		AccessKeyID:     rapid.StringMatching(`LTAI[A-Za-z0-9]{4,20}`).Draw(t, "key id"),
		AccessKeySecret: secret.New(rapid.StringMatching(`[!-~]{1,70}`).Draw(t, "key")),
		SecurityToken:   secret.New(rapid.StringMatching(`([A-Za-z0-9+/=]{8,90})?`).Draw(t, "security token")),
	}
}

// as takes clock and nonce from the official request.
func as(t *testing.T, r *http.Request, keys request.Credentials, signature request.Signature) request.Options {
	t.Helper()
	date, nonce := first(r.Header, "x-acs-date"), first(r.Header, "x-acs-signature-nonce")
	if signature == request.V1 {
		date, nonce = r.URL.Query().Get("Timestamp"), r.URL.Query().Get("SignatureNonce")
	}
	at, err := time.Parse(time.RFC3339, date)
	if err != nil {
		t.Fatal(err)
	}
	return request.Options{Credentials: keys, Signature: signature, Time: at, Nonce: nonce}
}

// compare compares all that goes over the wire but the user agent.
func compare(t *rapid.T, got *request.Request, want *http.Request, body string) {
	for _, part := range []struct{ name, got, want string }{
		{"method", got.Method, want.Method},
		{"scheme", got.Scheme, want.URL.Scheme},
		{"host", got.Host, want.Host},
		{"path", got.Path, want.URL.Path},
		{"query", got.Query, want.URL.RawQuery},
		{"body", got.Body, body},
		{"URL", got.URL(), want.URL.String()},
	} {
		if part.got != part.want {
			t.Errorf("%s:\ngot  %s\nwant %s", part.name, part.got, part.want)
		}
	}
	ours := http.Header{}
	for _, h := range got.Headers {
		ours.Add(h.Name, h.Value)
	}
	theirs := http.Header{}
	for name, values := range want.Header {
		for _, value := range values {
			theirs.Add(name, value)
		}
	}
	theirs.Del("User-Agent")
	for name := range theirs {
		if ours.Get(name) != theirs.Get(name) {
			t.Errorf("header %s:\ngot  %s\nwant %s", name, ours.Get(name), theirs.Get(name))
		}
	}
	if len(ours) != len(theirs) {
		t.Errorf("headers:\ngot  %v\nwant %v", ours, theirs)
	}
}

// first returns a header of the official client, whose names are in lower case.
func first(h http.Header, name string) string {
	if values := h[name]; len(values) > 0 {
		return values[0]
	}
	return ""
}
