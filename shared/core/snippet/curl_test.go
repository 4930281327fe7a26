package snippet_test

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"
	"time"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/request"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/core/snippet"
)

const change = `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-1","ClientToken":"token","Name":"it's $HOME \\ \"x\" 50%\n!中",
	"IkeConfig":{"Psk":"k'$(id)\u0060id\u0060\\\"!&|;<>*?~#"}}`

func build(t *testing.T, endpoint string, o request.Options) *request.Request {
	t.Helper()
	o.Endpoint, o.Nonce = endpoint, "n"
	o.Time = time.Date(2024, 4, 3, 0, 0, 0, 0, time.UTC)
	r, err := new(request.Builder).Modify(attachment.Parse(change, attachment.FromEvent), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var credentials = request.Credentials{AccessKeyID: "id'$x", AccessKeySecret: secret.New("s3cr3t")}

func TestCurlText(t *testing.T) {
	t.Parallel()
	r := build(t, "", request.Options{Redact: true})
	want := `curl --request 'POST' --globoff \
  'https://vpc.aliyuncs.com/'\
'?ClientToken=token'\
'&IkeConfig=%7B%22Psk%22%3A%22***%22%7D'\
'&Name=it%27s+%24HOME+%5C+%22x%22+50%25%0A%21%E4%B8%AD'\
'&RegionId=cn-hangzhou'\
'&VpnConnectionId=vco-1' \
  --header 'x-acs-action: ModifyVpnAttachmentAttribute' \
  --header 'x-acs-version: 2016-04-28' \
  --header 'content-type: application/x-www-form-urlencoded' \
  --header 'x-acs-date: 2024-04-03T00:00:00Z' \
  --header 'x-acs-signature-nonce: n' \
  --header 'x-acs-content-sha256: ***' \
  --header 'accept: application/json' \
  --header 'authorization: ACS3-HMAC-SHA256 Credential=***,SignedHeaders=content-type;host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,Signature=***' \
  --data-raw ''
`
	if got := string(snippet.Curl(nil, snippet.Input{Request: r, Reveal: true})); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// The commands run in a shell, and what arrives is compared with the request.
func TestCurlRuns(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"sh", "curl"} {
		need(t, program, "this test runs the snippet")
	}
	type message struct {
		method, uri, host, body string
		header                  http.Header
	}
	received := make(chan message, 1)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		received <- message{r.Method, r.RequestURI, r.Host, string(body), r.Header}
	}))
	defer server.Close()

	describe, err := new(request.Builder).Describe("cn-hangzhou", "vco-1", request.Options{
		Endpoint: server.URL, Credentials: credentials, Nonce: "n", Time: time.Unix(0, 0)})
	if err != nil {
		t.Fatal(err)
	}
	const hard = "@it's \"$HOME\" `id` $(id) \\ \\n\n!! #~*?[a]{b,c} %41 &|;<> \t中\r\n'"
	raw := &request.Request{Method: "POST", Scheme: "http", Host: strings.TrimPrefix(server.URL, "http://"), Path: "/",
		Query:   "a={b,c}&d=[1-3]&e='$HOME'!",
		Headers: []request.Header{{Name: "x-hard", Value: "it's \"$HOME\" `id` \\ !! @x"}, {Name: "content-type", Value: "text/plain"}},
		Body:    hard}
	for name, r := range map[string]*request.Request{
		"V3":       build(t, server.URL, request.Options{Credentials: credentials}),
		"V1":       build(t, server.URL, request.Options{Credentials: credentials, Signature: request.V1}),
		"redacted": build(t, server.URL, request.Options{Redact: true}),
		"describe": describe,
		"raw":      raw,
	} {
		command := exec.CommandContext(t.Context(), "sh", "-c", string(snippet.Curl(nil, snippet.Input{Request: r, Reveal: true})))
		command.Env = []string{"PATH=/usr/local/bin:/usr/bin:/bin", "HOME=" + t.TempDir(), "no_proxy=*"}
		if out, err := command.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s", name, err, out)
		}
		got := <-received
		if got.method != r.Method || got.uri != r.Path+"?"+r.Query || got.host != r.Host || got.body != r.Body {
			t.Errorf("%s: got %+v", name, got)
		}
		for _, h := range r.Headers {
			if h.Name != "host" && got.header.Get(h.Name) != h.Value {
				t.Errorf("%s: header %s: got %q, want %q", name, h.Name, got.header.Get(h.Name), h.Value)
			}
		}
		if got.header.Get("content-type") != "" && name == "describe" {
			t.Errorf("%s: content-type %q was added", name, got.header.Get("content-type"))
		}
	}
}

func TestHTTP(t *testing.T) {
	t.Parallel()
	for _, signature := range []request.Signature{request.V3, request.V1} {
		r := build(t, "", request.Options{Credentials: credentials, Signature: signature})
		r.Body = "a=b"
		got, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(snippet.HTTP(nil, snippet.Input{Request: r}))))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(got.Body)
		if err != nil || string(body) != r.Body || got.Method != r.Method || got.RequestURI != "/?"+r.Query || got.Host != r.Host {
			t.Errorf("got %s %s %s %q, %v", got.Method, got.Host, got.RequestURI, body, err)
		}
		for _, h := range r.Headers[1:] {
			if v := got.Header.Get(h.Name); v != h.Value {
				t.Errorf("header %s: got %q, want %q", h.Name, v, h.Value)
			}
		}
	}
}
