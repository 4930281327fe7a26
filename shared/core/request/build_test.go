package request_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/request"
	"vpnattach/shared/core/secret"
)

const (
	psk    = `p@ss<&>w%2Ard~"q"\`
	single = `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-1","Name":"a b","LocalSubnet":["10.0.0.0/8","10.1.0.0/16"],"RemoteSubnet":"0.0.0.0/0",
		"EffectImmediately":"true","EnableDpd":false,
		"HealthCheckConfig":{"Policy":"revoke_route","retry":3,"interval":"3","sip":"10.1.1.1","dip":"192.168.1.1","enable":true},
		"BgpConfig":{"LocalBgpIp":"169.254.11.1","TunnelCidr":"169.254.11.0/30","LocalAsn":"1.10","EnableBgp":true},
		"IpsecConfig":"{\"IpsecLifetime\":\"3600\",\"IpsecPfs\":\"group14\"}",
		"IkeConfig":{"RemoteId":"site-b","LocalId":"a\u0001\tb","IkeLifetime":86400,"IkeVersion":"ikev2","Psk":"p@ss<&>w%2Ard~\"q\"\\"}}`
	dual = `{"RegionId":"eu-central-1","VpnConnectionId":"vco-2","EnableTunnelsBgp":true,"TunnelOptionsSpecification":[
		{"TunnelIndex":2,"EnableDpd":true,"TunnelBgpConfig":{"LocalAsn":65010,"TunnelCidr":"169.254.11.0/30","LocalBgpIp":"169.254.11.1"}},
		{"TunnelId":"tun-1","TunnelIkeConfig":{"Psk":"p@ss<&>w%2Ard~\"q\"\\","IkeLifetime":600},"TunnelIpsecConfig":{"IpsecPfs":"disabled"},"EnableNatTraversal":false,"CustomerGatewayId":"cgw-1"}]}`
)

func TestParameters(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, document string
		want           []request.Parameter
	}{
		{"single", single, []request.Parameter{
			{"BgpConfig", `{"EnableBgp":"true","LocalAsn":"65546","TunnelCidr":"169.254.11.0/30","LocalBgpIp":"169.254.11.1"}`, "query"},
			{"ClientToken", "token", "query"},
			{"EffectImmediately", "true", "query"},
			{"EnableDpd", "false", "query"},
			{"HealthCheckConfig", `{"enable":"true","dip":"192.168.1.1","sip":"10.1.1.1","interval":"3","retry":"3","Policy":"revoke_route"}`, "query"},
			{"IkeConfig", `{"Psk":"p@ss<&>w%2Ard~\"q\"\\","IkeVersion":"ikev2","IkeLifetime":86400,"LocalId":"a\u0001\tb","RemoteId":"site-b"}`, "query"},
			{"IpsecConfig", `{"IpsecPfs":"group14","IpsecLifetime":3600}`, "query"},
			{"LocalSubnet", "10.0.0.0/8,10.1.0.0/16", "query"},
			{"Name", "a b", "query"},
			{"RegionId", "cn-hangzhou", "query"},
			{"RemoteSubnet", "0.0.0.0/0", "query"},
			{"VpnConnectionId", "vco-1", "query"},
		}},
		{"dual", dual, []request.Parameter{
			{"ClientToken", "token", "query"},
			{"EnableTunnelsBgp", "true", "query"},
			{"RegionId", "eu-central-1", "query"},
			{"TunnelOptionsSpecification.1.EnableDpd", "true", "body"},
			{"TunnelOptionsSpecification.1.TunnelBgpConfig.LocalAsn", "65010", "body"},
			{"TunnelOptionsSpecification.1.TunnelBgpConfig.LocalBgpIp", "169.254.11.1", "body"},
			{"TunnelOptionsSpecification.1.TunnelBgpConfig.TunnelCidr", "169.254.11.0/30", "body"},
			{"TunnelOptionsSpecification.1.TunnelIndex", "2", "body"},
			{"TunnelOptionsSpecification.2.CustomerGatewayId", "cgw-1", "body"},
			{"TunnelOptionsSpecification.2.EnableNatTraversal", "false", "body"},
			{"TunnelOptionsSpecification.2.TunnelId", "tun-1", "body"},
			{"TunnelOptionsSpecification.2.TunnelIkeConfig.IkeLifetime", "600", "body"},
			{"TunnelOptionsSpecification.2.TunnelIkeConfig.Psk", psk, "body"},
			{"TunnelOptionsSpecification.2.TunnelIpsecConfig.IpsecPfs", "disabled", "body"},
			{"VpnConnectionId", "vco-2", "query"},
		}},
		{"a refused number is quoted, an empty object is not sent",
			`{"RegionId":"r","IkeConfig":{"IkeLifetime":"08"},"IpsecConfig":{},"ClientToken":"mine"}`, []request.Parameter{
				{"ClientToken", "mine", "query"},
				{"IkeConfig", `{"IkeLifetime":""}`, "query"},
				{"RegionId", "r", "query"},
			}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := attachment.Parse(tt.document, attachment.FromEvent)
			got := request.Parameters(c, "token", true)
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got\n%q\nwant\n%q", got, tt.want)
			}
			// What is hidden is the key, and nothing else.
			quoted := request.JSONString(psk)
			for i, p := range request.Parameters(c, "token", false) {
				want := tt.want[i]
				want.Value = strings.NewReplacer(psk, "***", quoted, `"***"`).Replace(want.Value)
				if p != want {
					t.Errorf("redacted: got %q, want %q", p, want)
				}
			}
			// Requests carry the same.
			object := map[string]string{}
			if err := json.Unmarshal(request.AppendParameters(nil, c, "token", true), &object); err != nil {
				t.Fatal(err)
			}
			for _, p := range tt.want {
				if object[p.Name] != p.Value {
					t.Errorf("as JSON: %s: got %q, want %q", p.Name, object[p.Name], p.Value)
				}
			}
		})
	}
}

func TestModify(t *testing.T) {
	t.Parallel()
	for _, signature := range []request.Signature{request.V3, request.V1} {
		for _, document := range []string{single, dual} {
			o := options()
			o.Signature = signature
			o.Credentials.SecurityToken = secret.New("CAIS/x+y=")
			c := attachment.Parse(document, attachment.FromEvent)
			r, err := new(request.Builder).Modify(c, o)
			if err != nil {
				t.Fatal(err)
			}
			query, err1 := url.ParseQuery(r.Query)
			body, err2 := url.ParseQuery(r.Body)
			if err1 != nil || err2 != nil {
				t.Fatalf("%v, %v", err1, err2)
			}
			for _, p := range request.Parameters(c, r.ClientToken, true) {
				from := query
				if p.In == "body" {
					from = body
				}
				if got := from.Get(p.Name); got != p.Value {
					t.Errorf("%s: got %q, want %q", p.Name, got, p.Value)
				}
				from.Del(p.Name)
			}
			names := []string{}
			for _, h := range r.Headers {
				names = append(names, h.Name)
			}
			got := strings.Join(names, " ")
			want := "host x-acs-action x-acs-version content-type x-acs-date x-acs-signature-nonce x-acs-content-sha256 accept x-acs-accesskey-id x-acs-security-token authorization"
			rest := ""
			if signature == request.V1 {
				want = "host x-acs-action x-acs-version content-type"
				rest = "AccessKeyId=testid&Action=ModifyVpnAttachmentAttribute&Format=json&SecurityToken=CAIS%2Fx%2By%3D&Signature=" +
					url.QueryEscape(query.Get("Signature")) + "&SignatureMethod=HMAC-SHA1&SignatureNonce=" + nonce +
					"&SignatureVersion=1.0&Timestamp=2024-04-03T00%3A00%3A00Z&Version=2016-04-28"
			}
			if got != want {
				t.Errorf("headers: got %s, want %s", got, want)
			}
			if query.Encode() != rest || len(body) > 0 {
				t.Errorf("beside the parameters: got %s and %s, want %s", query.Encode(), body.Encode(), rest)
			}
			if url, err := url.Parse(r.URL()); err != nil || url.Host != r.Host || url.RawQuery != r.Query {
				t.Errorf("URL %s: %v", r.URL(), err)
			}
		}
	}
}

func TestModifyV1Signature(t *testing.T) {
	t.Parallel()
	o := options()
	o.Signature = request.V1
	r := modify(t, dual, o)
	all := map[string]string{}
	for _, part := range []string{r.Query, r.Body} {
		values, err := url.ParseQuery(part)
		if err != nil {
			t.Fatal(err)
		}
		for name := range values {
			all[name] = values.Get(name)
		}
	}
	got := all["Signature"]
	delete(all, "Signature")
	toSign, want := request.SignV1("POST", "testsecret", all)
	if got != want || r.StringToSign != toSign {
		t.Errorf("signature %s of %s\nwant %s of %s", got, r.StringToSign, want, toSign)
	}
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	o := options()
	o.Endpoint = "http://127.0.0.1:8081/"
	r, err := new(request.Builder).Describe("cn-beijing", "vco 1", o)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := r.URL(), "http://127.0.0.1:8081/?RegionId=cn-beijing&VpnConnectionId=vco+1"; got != want {
		t.Errorf("URL: got %s, want %s", got, want)
	}
	if r.Body != "" || header(r, "content-type") != "" || r.Action != request.DescribeAction || r.ClientToken != "" {
		t.Errorf("got body %q, content-type %q, action %q, token %q", r.Body, header(r, "content-type"), r.Action, r.ClientToken)
	}
	_, _, want := request.SignV3("POST", "/", "RegionId=cn-beijing&VpnConnectionId=vco%201", r.Headers, emptyHash, "testid", "testsecret")
	if got := header(r, "authorization"); got != want {
		t.Errorf("authorization: got %s, want %s", got, want)
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	const reference = `{"RegionId":"cn-beijing","VpnConnectionId":"vco-1","IkeConfig":{"Psk":"{{resolve:secretsmanager:a}}"}}`
	for _, tt := range []struct {
		name, document, want string
		is                   error
		set                  func(o *request.Options)
	}{
		{"no region", `{"VpnConnectionId":"vco-1"}`, "RegionId is required", nil, nil},
		{"no id", `{"RegionId":"cn-beijing"}`, "VpnConnectionId is required", nil, nil},
		{"region that leaves the domain", `{"RegionId":"example.com/#","VpnConnectionId":"vco-1"}`, "not a region ID", nil, nil},
		{"reference", reference, "IkeConfig.Psk: dynamic reference is not resolved", request.ErrReference, nil},
		{"no key id", single, "", request.ErrCredentials, func(o *request.Options) { o.Credentials.AccessKeyID = "" }},
		{"no key", single, "", request.ErrCredentials, func(o *request.Options) { o.Credentials.AccessKeySecret = secret.New("") }},
		{"key id with line end", single, "access key id", nil, func(o *request.Options) { o.Credentials.AccessKeyID += "\r\n" }},
		{"key with line end", single, "access key secret", nil, func(o *request.Options) { o.Credentials.AccessKeySecret = secret.New("k\n") }},
		{"token with blank", single, "security token", nil, func(o *request.Options) { o.Credentials.SecurityToken = secret.New("a b") }},
		{"no time", single, "no time", nil, func(o *request.Options) { o.Time = time.Time{} }},
		{"no nonce", single, "no nonce", nil, func(o *request.Options) { o.Nonce = "" }},
		{"nonce with blank", single, "the nonce", nil, func(o *request.Options) { o.Nonce = "a b" }},
		{"signature", single, "unknown signature", nil, func(o *request.Options) { o.Signature = 7 }},
		{"endpoint with path", single, "endpoint", nil, func(o *request.Options) { o.Endpoint = "https://example.com/path" }},
		{"endpoint with user", single, "endpoint", nil, func(o *request.Options) { o.Endpoint = "https://user@example.com" }},
		{"endpoint of another scheme", single, "endpoint", nil, func(o *request.Options) { o.Endpoint = "ftp://example.com" }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := options()
			if tt.set != nil {
				tt.set(&o)
			}
			r, err := new(request.Builder).Modify(attachment.Parse(tt.document, attachment.FromRule), o)
			if err == nil || r != nil {
				t.Fatalf("got %v, %v", r, err)
			}
			if !strings.Contains(err.Error(), tt.want) || tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("got %q, want it to speak of %q", err, tt.want)
			}
		})
	}
	if _, err := new(request.Builder).Describe("cn-beijing", "", options()); err == nil {
		t.Error("Describe without an id: got no error")
	}
}

func TestOptionsEndpoint(t *testing.T) {
	t.Parallel()
	for endpoint, want := range map[string]string{
		"h.example": "https://h.example/?", "http://H-1.example:8080/": "http://H-1.example:8080/?", "h:65535": "https://h:65535/?",
		"[::1]": "https://[::1]/?", "http://[2001:db8::1]:8081": "http://[2001:db8::1]:8081/?", "127.0.0.1:1": "https://127.0.0.1:1/?",
		"::1": "", "2001:db8::1": "", "[::1": "", "::1]": "", "[]": "", "[h]": "", "[127.0.0.1]": "", "[fe80::1%eth0]": "", "[::1]x": "", "a[::1]": "",
		"h:99999": "", "h:65536": "", "h:0": "", "h:": "", "h:+1": "", "h:a": "", ":80": "", "a:b:1": "", "foo bar": "", "https://": "", "h\u00e9": "",
	} {
		o := options()
		o.Endpoint = endpoint
		r, err := new(request.Builder).Modify(attachment.Parse(single, attachment.FromRule), o)
		switch {
		case want == "" && err == nil:
			t.Errorf("%q: got %s, want an error", endpoint, r.URL())
		case want != "" && (err != nil || !strings.HasPrefix(r.URL(), want)):
			t.Errorf("%q: got %v, %v, want %s", endpoint, r, err, want)
		}
	}
}

func TestEndpoint(t *testing.T) {
	t.Parallel()
	for region, want := range map[string]string{
		"cn-hangzhou": "vpc.aliyuncs.com", "cn-shanghai-finance-1": "vpc.aliyuncs.com",
		"eu-central-1": "vpc.eu-central-1.aliyuncs.com", "cn-beijing-finance-1": "vpc.cn-beijing-finance-1.aliyuncs.com",
		"cn-edge-1": "vpc-nebula.cn-qingdao-nebula.aliyuncs.com", "eu-west-1-oxs": "vpc-nebula.cn-shenzhen-cloudstone.aliyuncs.com",
		"": "", "a.b": "", "a@b": "", "-a": "", "EU": "", strings.Repeat("a", 64): "",
	} {
		if got, err := request.Endpoint(region); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: got %q, %v, want %q", region, got, err, want)
		}
	}
}

func TestClientToken(t *testing.T) {
	t.Parallel()
	token := func(document string, set func(o *request.Options)) string {
		o := options()
		o.EventIDs = []string{"e2", "e1"}
		if set != nil {
			set(&o)
		}
		return modify(t, document, o).ClientToken
	}
	want := token(single, nil)
	if len(want) == 0 || len(want) > 64 || strings.Trim(want, "0123456789abcdef") != "" {
		t.Errorf("got %q, want at most 64 hexadecimal digits", want)
	}
	same := map[string]func(o *request.Options){
		"nonce":          func(o *request.Options) { o.Nonce = "other" },
		"time":           func(o *request.Options) { o.Time = o.Time.Add(time.Hour) },
		"signature":      func(o *request.Options) { o.Signature = request.V1 },
		"security token": func(o *request.Options) { o.Credentials.SecurityToken = secret.New("t") },
		"order":          func(o *request.Options) { o.EventIDs = []string{"e1", "e2"} },
		"event twice":    func(o *request.Options) { o.EventIDs = []string{"e1", "e2", "e1"} },
		"redacted":       func(o *request.Options) { o.Redact = true },
	}
	for name, set := range same {
		if got := token(single, set); got != want {
			t.Errorf("%s: got another token", name)
		}
	}
	seen := map[string]string{want: "the request itself"}
	for name, got := range map[string]string{
		"another event": token(single, func(o *request.Options) { o.EventIDs = []string{"e1", "e3"} }),
		"joined ids":    token(single, func(o *request.Options) { o.EventIDs = []string{"e1&e2"} }),
		"no event":      token(single, func(o *request.Options) { o.EventIDs = nil }),
		"another key":   token(single, func(o *request.Options) { o.Credentials.AccessKeySecret = secret.New("other") }),
		"another value": token(strings.Replace(single, "site-b", "site-c", 1), nil),
		"another psk":   token(strings.Replace(single, "p@ss", "P@ss", 1), nil),
		"in the body":   token(strings.Replace(dual, "p@ss", "P@ss", 1), nil),
		"body":          token(dual, nil),
	} {
		if other, taken := seen[got]; taken {
			t.Errorf("%s has the token of %s", name, other)
		}
		seen[got] = name
	}
	ids := []string{"e2", "e1"}
	token(single, func(o *request.Options) { o.EventIDs = ids })
	if ids[0] != "e2" {
		t.Error("the caller's event ids were sorted")
	}
}

func TestRedact(t *testing.T) {
	t.Parallel()
	for _, signature := range []request.Signature{request.V3, request.V1} {
		for _, document := range []string{single, dual} {
			o := options()
			o.Signature = signature
			o.Credentials.AccessKeyID = "LTAI5tKeyId"
			o.Credentials.SecurityToken = secret.New("sts-session")
			signed := modify(t, document, o)
			o.Redact = true
			r := modify(t, document, o)
			text := string(r.AppendJSON(nil))
			for _, hidden := range []string{"w%2Ard", "w%252Ard", "w%25252Ard", "testsecret", "LTAI5tKeyId", "sts-session",
				header(signed, "authorization"), header(signed, "x-acs-content-sha256")} {
				if hidden != "" && hidden != emptyHash && strings.Contains(text, hidden) {
					t.Errorf("a redacted request holds %q", hidden)
				}
			}
			query, err1 := url.ParseQuery(signed.Query)
			redacted, err2 := url.ParseQuery(r.Query)
			if err1 != nil || err2 != nil {
				t.Fatal(err1, err2)
			}
			if v := query.Get("Signature"); v != "" && strings.Contains(text, v) {
				t.Error("a redacted request holds the signature")
			}
			for name := range query {
				if got := redacted.Get(name); got != query.Get(name) && !strings.Contains(got, "***") {
					t.Errorf("%s: got %q", name, got)
				}
			}
			if len(redacted) != len(query) || len(r.Headers) != len(signed.Headers) {
				t.Errorf("got %d parameters and %d headers, want %d and %d", len(redacted), len(r.Headers), len(query), len(signed.Headers))
			}
		}
	}
	// For display nothing but the address is needed.
	c := attachment.Parse(`{"RegionId":"cn-beijing","VpnConnectionId":"vco-1","IkeConfig":{"Psk":"{{resolve:secretsmanager:a}}"}}`, attachment.FromRule)
	r, err := new(request.Builder).Modify(c, request.Options{Redact: true})
	if err != nil {
		t.Fatal(err)
	}
	if want := "ClientToken=***&IkeConfig=" + request.Escape(`{"Psk":"{{resolve:secretsmanager:a}}"}`) + "&RegionId=cn-beijing&VpnConnectionId=vco-1"; r.Query != want {
		t.Errorf("got  %s\nwant %s", r.Query, want)
	}
	if want := "ACS3-HMAC-SHA256 Credential=***,SignedHeaders=content-type;host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,Signature=***"; header(r, "authorization") != want {
		t.Errorf("got %s", header(r, "authorization"))
	}
}

func TestRequestPrintsNoSecret(t *testing.T) {
	t.Parallel()
	r := modify(t, single, options())
	type holder struct{ R request.Request }
	marshalled, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	const want = "POST https://vpc.aliyuncs.com/ ModifyVpnAttachmentAttribute"
	for _, got := range []string{fmt.Sprint(r), fmt.Sprintf("%+v", *r), fmt.Sprintf("%#v", r), fmt.Sprintf("%q", holder{*r}), string(marshalled)} {
		if strings.Contains(got, "Psk") || !strings.Contains(got, want) {
			t.Errorf("got %.200s, want %s", got, want)
		}
	}
	var whole struct {
		Method, URL, Body, ClientToken, CanonicalRequest, StringToSign string
		Headers                                                        map[string]string
	}
	if err := json.Unmarshal(r.AppendJSON(nil), &whole); err != nil {
		t.Fatal(err)
	}
	if whole.URL != r.URL() || whole.CanonicalRequest != r.CanonicalRequest() || whole.Headers["host"] != r.Host || whole.ClientToken != r.ClientToken {
		t.Errorf("got %+v", whole)
	}
}

// A builder that has made other requests makes the same as a new one, and a
// request that it made stays as it is.
func TestBuilderIsReused(t *testing.T) {
	t.Parallel()
	var b request.Builder
	for range 2 {
		for _, signature := range []request.Signature{request.V3, request.V1} {
			for _, key := range []string{"testsecret", "other"} {
				for _, document := range []string{single, dual} {
					o := options()
					o.Signature, o.Credentials.AccessKeySecret = signature, secret.New(key)
					want := modify(t, document, o)
					got, err := b.Modify(attachment.Parse(document, attachment.FromEvent), o)
					if err != nil {
						t.Fatal(err)
					}
					if _, err := b.Describe("cn-beijing", "vco-1", o); err != nil {
						t.Fatal(err)
					}
					if string(got.AppendJSON(nil)) != string(want.AppendJSON(nil)) {
						t.Error("a used builder makes another request")
					}
				}
			}
		}
	}
}

// The allocations are the request, its text, its date with the body's hash, and
// the ClientToken. The race detector adds one.
func TestForget(t *testing.T) {
	t.Parallel()
	for _, signature := range []request.Signature{request.V3, request.V1} {
		var b request.Builder
		o := request.Options{
			Credentials: request.Credentials{AccessKeyID: "testid", AccessKeySecret: secret.New("testsecret"), SecurityToken: secret.New("a-token")},
			Signature:   signature, Time: time.Unix(1793664000, 0), Nonce: "n", EventIDs: []string{"event-1"},
		}
		c := attachment.Parse(single, attachment.FromEvent)
		want, err := b.Modify(c, o)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Trim(b.Kept(), "\x00") == "" {
			t.Error("before Forget, the builder holds nothing")
		}
		b.Forget()
		if got := strings.Trim(b.Kept(), "\x00"); got != "" {
			t.Errorf("after Forget, the builder holds %q", got)
		}
		if got, err := b.Modify(c, o); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("after Forget: got %v, %v, want %v", got, err, want)
		}
	}
}

func TestModifyAllocations(t *testing.T) {
	c, o := attachment.Parse(dual, attachment.FromEvent), options()
	o.EventIDs = []string{"e2", "e1"}
	var b request.Builder
	got := testing.AllocsPerRun(100, func() {
		if _, err := b.Modify(c, o); err != nil {
			t.Fatal(err)
		}
	})
	if got > 5 {
		t.Errorf("got %v allocations, want at most 5", got)
	}
}

func BenchmarkModify(b *testing.B) {
	c, o := attachment.Parse(single, attachment.FromEvent), options()
	o.EventIDs = []string{"e2", "e1"}
	var builder request.Builder
	for b.Loop() {
		if _, err := builder.Modify(c, o); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
}
