package snippet_test

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/request"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/core/snippet"
	"vpnattach/shared/emulator"
)

// key is the account that snippets run with.
var key = request.Credentials{AccessKeyID: "local", AccessKeySecret: secret.New("local-secret")}

// readChange reads a change of testdata, which must pass validation.
func readChange(t *testing.T, name string) *attachment.Change {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	c := attachment.Parse(string(text), attachment.FromEvent)
	if findings := attachment.Validate(c, nil, ""); findings.HasError() {
		t.Fatalf("%s: %s", name, findings.AppendJSON(nil))
	}
	return c
}

// revealed makes the input for a snippet that runs.
func revealed(t *testing.T, c *attachment.Change, o request.Options) snippet.Input {
	t.Helper()
	o.Credentials = key
	r, err := new(request.Builder).Modify(c, o)
	if err != nil {
		t.Fatal(err)
	}
	return snippet.Input{Change: c, Request: r, Reveal: true}
}

// withVariables makes the input for a snippet that takes the keys from the environment.
func withVariables(t *testing.T, c *attachment.Change, o request.Options) snippet.Input {
	t.Helper()
	o.Credentials, o.Redact = key, true
	r, err := new(request.Builder).Modify(c, o)
	if err != nil {
		t.Fatal(err)
	}
	return snippet.Input{Change: c, Request: r}
}

// environment are the variables of such a snippet, as NAME=value.
func environment(c *attachment.Change) []string {
	var all []string
	for _, f := range c.Fields() {
		if tunnel, _, in := strings.Cut(strings.TrimPrefix(f.Name(), "Tunnel."), "."); f.Parameter().Secret {
			name := "VPN_PSK"
			if in && tunnel != "IkeConfig" {
				name += "_TUNNEL_" + tunnel
			}
			all = append(all, name+"="+c.Get(f).Text())
		}
	}
	return all
}

// harness is an emulator on loopback that keeps the last request.
type harness struct {
	url string

	mu          sync.Mutex
	status      int
	query, body url.Values
}

func start(t *testing.T) *harness {
	t.Helper()
	api, err := emulator.New(emulator.Config{
		Accounts: []emulator.Account{{AccessKeyID: key.AccessKeyID, Secret: key.AccessKeySecret}},
	})
	if err != nil {
		t.Fatal(err)
	}
	h := new(harness)
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		r.Body = io.NopCloser(bytes.NewReader(text))
		body, err := url.ParseQuery(string(text))
		if err != nil {
			t.Error(err)
		}
		answer := httptest.NewRecorder()
		api.ServeHTTP(answer, r)
		h.mu.Lock()
		h.status, h.query, h.body = answer.Code, r.URL.Query(), body
		h.mu.Unlock()
		maps.Copy(rw.Header(), answer.Header())
		rw.WriteHeader(answer.Code)
		if _, err := rw.Write(answer.Body.Bytes()); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(srv.Close)
	h.url = srv.URL
	return h
}

// took checks that the emulator took exactly the parameters of the input.
func (h *harness) took(t *testing.T, in snippet.Input) {
	t.Helper()
	h.mu.Lock()
	status := h.status
	h.mu.Unlock()
	if status != http.StatusOK {
		t.Errorf("got status %d, want 200", status)
	}
	h.carried(t, in)
}

// carried checks that the last request had exactly the parameters of the input.
func (h *harness) carried(t *testing.T, in snippet.Input) {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	query, body := url.Values{}, url.Values{}
	for _, p := range request.Parameters(in.Change, in.Request.ClientToken, true) {
		if p.In == "body" {
			body.Set(p.Name, p.Value)
		} else {
			query.Set(p.Name, p.Value)
		}
	}
	if got, want := h.query.Encode(), query.Encode(); got != want {
		t.Errorf("query\n got %s\nwant %s", got, want)
	}
	if got, want := h.body.Encode(), body.Encode(); got != want {
		t.Errorf("body\n got %s\nwant %s", got, want)
	}
}

// words splits a command of one line or with line continuations as a POSIX shell
// does, as far as snippets use its syntax: unquoted and single-quoted text, and \'.
func words(t *testing.T, command string) []string {
	t.Helper()
	var all []string
	var word strings.Builder
	within := false
	for i := 0; i < len(command); i++ {
		switch c := command[i]; {
		case c == '\'':
			end := strings.IndexByte(command[i+1:], '\'')
			if end < 0 {
				t.Fatalf("no closing quote in %s", command)
			}
			word.WriteString(command[i+1 : i+1+end])
			i += end + 1
			within = true
		case strings.HasPrefix(command[i:], `\'`):
			word.WriteByte('\'')
			i++
			within = true
		case strings.HasPrefix(command[i:], "\\\n"):
			i++
		case c == ' ' || c == '\n':
			if within {
				all = append(all, word.String())
			}
			word.Reset()
			within = false
		case c == '-' || c == '=' || '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z':
			word.WriteByte(c)
			within = true
		default:
			t.Fatalf("%s stands outside quotes at byte %d of %s", strconv.QuoteRune(rune(c)), i, command)
		}
	}
	return all
}
