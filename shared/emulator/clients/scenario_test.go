package clients

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"vpnattach/shared/core/secret"
	"vpnattach/shared/emulator"
)

//go:embed testdata/scenario.json
var scenarioJSON []byte

// scenario is what each client does, in the API's names and JSON's own types.
type scenario struct {
	Cases []struct {
		Name, Connection      string
		Parameters            map[string]any
		Before, Answer, After map[string]string // what a path of an answer reads, as text
		Same                  []string          // paths that the change leaves alone
	}
	Refused []struct {
		Code, Connection string
		Parameters       map[string]any
	}
	Calls []struct { // of the operations around Modify, after the cases
		Name, Action string
		Parameters   map[string]any
		Answer       map[string]string
		Code         string // set: it is refused
	}
}

func load(t *testing.T) scenario {
	t.Helper()
	var s scenario
	decoder := json.NewDecoder(bytes.NewReader(scenarioJSON))
	decoder.UseNumber()
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&s); err != nil {
		t.Fatal(err)
	}
	return s
}

// client is an official client; its functions return the answer as JSON.
type client struct {
	call     func(action string, parameters map[string]any) (string, error)
	describe func(connection string) (string, error)
	modify   func(connection string, parameters map[string]any) (string, error)
}

// keys are what a client signs with.
type keys struct{ id, secret, token string }

// harness is an emulator on loopback. Its time stands still until settle, so a
// connection that is updating stays so.
type harness struct {
	*emulator.Server
	host string // address and port

	mu   sync.Mutex
	now  time.Time
	seen map[string]bool // signatures and methods that came: "V3 POST"
}

const (
	region     = "cn-hangzhou"
	updateTime = time.Second
)

// start gives the emulator one account. A client tells it to settle by
// POST /settle.
func start(t *testing.T, k keys) *harness {
	t.Helper()
	return startWith(t, k, emulator.PartialObjects)
}

func startWith(t *testing.T, k keys, partial emulator.Partial) *harness {
	t.Helper()
	h := &harness{now: time.Now(), seen: map[string]bool{}}
	var err error
	h.Server, err = emulator.New(emulator.Config{
		Accounts:   []emulator.Account{{AccessKeyID: k.id, Secret: secret.New(k.secret), SecurityToken: secret.New(k.token)}},
		UpdateTime: updateTime, Partial: partial,
		Now: func() time.Time {
			h.mu.Lock()
			defer h.mu.Unlock()
			return h.now
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.SetPeer("tun-localdual2", emulator.Peer{Wants: map[string]string{"Psk": "another key"}}); err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/{$}", func(rw http.ResponseWriter, r *http.Request) {
		h.note(r)
		h.ServeHTTP(rw, r)
	})
	mux.Handle("/emulator/", h.Server)
	mux.HandleFunc("POST /settle", func(http.ResponseWriter, *http.Request) { h.settle() })
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	h.host = strings.TrimPrefix(srv.URL, "http://")
	return h
}

func (h *harness) note(r *http.Request) {
	signature := "V1"
	if r.Header.Get("Authorization") != "" {
		signature = "V3"
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seen[signature+" "+r.Method] = true
}

// onlySaw fails the test unless all requests had one signature and method.
func (h *harness) onlySaw(t *testing.T, want string) {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.seen) != 1 || !h.seen[want] {
		t.Errorf("got requests %v, want %s", h.seen, want)
	}
}

func (h *harness) settle() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(updateTime)
}

// play runs the scenario with a client of the harness. code reads an error's code.
func play(t *testing.T, h *harness, c client, code func(error) string) {
	s := load(t)
	describe := func(t *testing.T, connection string) string {
		t.Helper()
		answer, err := c.describe(connection)
		if err != nil {
			t.Fatalf("describe %s: %v", connection, err)
		}
		return answer
	}
	for _, tt := range s.Cases {
		t.Run(tt.Name, func(t *testing.T) {
			before := describe(t, tt.Connection)
			expect(t, "before", before, tt.Before)

			answer, err := c.modify(tt.Connection, tt.Parameters)
			if err != nil {
				t.Fatalf("modify: %v", err)
			}
			expect(t, "answer", answer, tt.Answer)

			during := describe(t, tt.Connection)
			expect(t, "during", during, map[string]string{"State": "updating", "Name": gjson.Get(before, "Name").String()})
			_, err = c.modify(tt.Connection, map[string]any{"Name": "too early"})
			if got := code(err); got != "VpnConnection.Configuring" {
				t.Errorf("modify while updating: got %q (%v), want VpnConnection.Configuring", got, err)
			}
			again, err := c.modify(tt.Connection, tt.Parameters)
			if err != nil {
				t.Errorf("the same change again: %v", err)
			}
			if got, want := gjson.Get(again, "RequestId").String(), gjson.Get(answer, "RequestId").String(); got != want || want == "" {
				t.Errorf("the same change again: got request %q, want %q", got, want)
			}

			h.settle()
			after := describe(t, tt.Connection)
			expect(t, "after", after, tt.After)
			for _, path := range tt.Same {
				got, want := gjson.Get(after, path), gjson.Get(before, path)
				if got.Raw != want.Raw || !want.Exists() {
					t.Errorf("%s: got %s, want %s as before", path, got.Raw, want.Raw)
				}
			}
		})
	}
	for _, tt := range s.Refused {
		t.Run(tt.Code, func(t *testing.T) {
			before := h.Describe(tt.Connection)
			_, err := c.modify(tt.Connection, tt.Parameters)
			if got := code(err); got != tt.Code {
				t.Errorf("got %q (%v), want %q", got, err, tt.Code)
			}
			if after := h.Describe(tt.Connection); !bytes.Equal(after, before) {
				t.Errorf("got %s, want %s as before", after, before)
			}
		})
	}
	for _, tt := range s.Calls {
		t.Run(tt.Name, func(t *testing.T) {
			answer, err := c.call(tt.Action, tt.Parameters)
			if got := code(err); got != tt.Code || (err != nil) != (tt.Code != "") {
				t.Fatalf("got code %q, %v, want %q", got, err, tt.Code)
			}
			expect(t, "answer", answer, tt.Answer)
			if err == nil && gjson.Get(answer, "RequestId").String() == "" {
				t.Errorf("got no RequestId: %s", answer)
			}
		})
	}
	t.Run("describe nothing", func(t *testing.T) {
		_, err := c.describe("vco-nowhere")
		if got, want := code(err), "InvalidVpnConnectionInstanceId.NotFound"; got != want {
			t.Errorf("got %q (%v), want %q", got, err, want)
		}
	})
	t.Run("throttled", func(t *testing.T) {
		if err := h.InjectFaults(emulator.Fault{Action: "DescribeVpnConnection", Code: "Throttling.User", RetryMillis: 10}); err != nil {
			t.Fatal(err)
		}
		_, err := c.describe("vco-localfree")
		if got, want := code(err), "Throttling.User"; got != want {
			t.Errorf("got %q (%v), want %q", got, err, want)
		}
	})
}

func expect(t *testing.T, when, answer string, want map[string]string) {
	t.Helper()
	for path, want := range want {
		if got := gjson.Get(answer, path).String(); got != want {
			t.Errorf("%s: %s: got %q, want %q", when, path, got, want)
		}
	}
}

// strangers are keys that the emulator refuses a client of k for.
func strangers(k keys) map[string]keys {
	refused := map[string]keys{
		"SignatureDoesNotMatch":       {k.id, k.secret + "x", k.token},
		"InvalidAccessKeyId.NotFound": {k.id + "x", k.secret, k.token},
	}
	if k.token != "" {
		refused["MissingSecurityToken"] = keys{k.id, k.secret, ""}
		refused["InvalidSecurityToken.MismatchWithAccessKey"] = keys{k.id, k.secret, k.token + "x"}
	}
	return refused
}

// drive plays the scenario with the client that connect makes, which has to send
// requests like wire.
func drive(t *testing.T, wire string, k keys, connect func(*testing.T, *harness, keys) client, code func(error) string) {
	h := start(t, k)
	play(t, h, connect(t, h, k), code)
	for want, other := range strangers(k) {
		t.Run(want, func(t *testing.T) {
			_, err := connect(t, h, other).describe("vco-localfree")
			if got := code(err); got != want {
				t.Errorf("got %q (%v), want %q", got, err, want)
			}
		})
	}
	h.onlySaw(t, wire)
}

var (
	user    = keys{"local", "local-secret", ""}
	session = keys{"STS.local", "session-secret", "CAIS+token/with=signs&more"}
)

// scalar writes a parameter of the scenario as the clients want it: an object as
// JSON text, everything else as itself.
func scalar(t *testing.T, value any) string {
	t.Helper()
	if object, ok := value.(map[string]any); ok {
		return encode(t, object)
	}
	return fmt.Sprint(value)
}

func encode(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
