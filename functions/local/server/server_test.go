package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"vpnattach/functions/local/server"
	"vpnattach/functions/local/store"
	"vpnattach/shared/ledger/bolt"
)

// running is a machine that runs, and what its user sees of it.
type running struct {
	t           testing.TB
	events, vpc string // URLs
	stop        func()

	mu      sync.Mutex
	emitted bytes.Buffer // all answers and reports
}

// start runs a machine on free ports with its state in dir until the test ends.
func start(t testing.TB, dir string, change func(*server.Config)) *running {
	t.Helper()
	db, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	applied, err := bolt.New(db.Bolt())
	if err != nil {
		t.Fatal(err)
	}
	r := &running{t: t}
	ready := make(chan struct{})
	config := server.Config{
		State: db, Ledger: applied, Credentials: server.LocalCredentials, Port: "0", VPCPort: "0",
		Ready: func(events, vpc string) {
			r.events, r.vpc = "http://"+events, "http://"+vpc
			close(ready)
		},
		Report: func(o server.Outcome) {
			data, err := json.Marshal(o)
			if err != nil {
				t.Error(err)
			}
			r.note(data)
		},
	}
	if change != nil {
		change(&config)
	}
	m, err := server.New(config)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- m.Run(ctx) }()
	r.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(r.stop)
	<-ready
	return r
}

func (r *running) note(data []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.emitted.Write(data)
}

// do sends a request and returns status and body.
func (r *running) do(method, url, body string, header ...string) (*http.Response, string) {
	r.t.Helper()
	request, err := http.NewRequestWithContext(r.t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		if header[i] == "Host" {
			request.Host = header[i+1]
		}
		request.Header.Set(header[i], header[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	r.note(data)
	return response, string(data)
}

// post sends an event and returns the outcomes.
func (r *running) post(body string, header ...string) []gjson.Result {
	r.t.Helper()
	response, answer := r.do(http.MethodPost, r.events+"/events", body, header...)
	all := gjson.Get(answer, "outcomes").Array()
	want := http.StatusBadRequest // when all are rejected
	for _, o := range all {
		if o.Get("status").Str != "rejected" {
			want = http.StatusOK
		}
	}
	if response.StatusCode != want || len(all) == 0 {
		r.t.Fatalf("POST /events: HTTP %d: %s", response.StatusCode, answer)
	}
	return gjson.Get(answer, "outcomes").Array()
}

// one is post for an event with one change.
func (r *running) one(body string, header ...string) gjson.Result {
	r.t.Helper()
	all := r.post(body, header...)
	if len(all) != 1 {
		r.t.Fatalf("%d outcomes, want 1: %v", len(all), all)
	}
	return all[0]
}

// until asks for the event's first outcome until good accepts it.
func (r *running) until(eventID string, good func(gjson.Result) bool) gjson.Result {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), 30*time.Second)
	defer cancel()
	pause := time.NewTicker(20 * time.Millisecond)
	defer pause.Stop()
	for {
		_, answer := r.do(http.MethodGet, r.events+"/outcomes?eventId="+eventID, "")
		o := gjson.Get(answer, "outcomes.0")
		if good(o) {
			return o
		}
		select {
		case <-ctx.Done():
			r.t.Fatalf("event %s is still %s", eventID, o)
		case <-pause.C:
		}
	}
}

func is(status string) func(gjson.Result) bool {
	return func(o gjson.Result) bool { return o.Get("status").Str == status }
}

// emulator changes what the emulator does.
func (r *running) emulator(method, path, body string) {
	r.t.Helper()
	if response, answer := r.do(method, r.vpc+"/emulator/"+path, body); response.StatusCode != http.StatusNoContent {
		r.t.Fatalf("emulator: HTTP %d: %s", response.StatusCode, answer)
	}
}

// condition puts an attachment into a state; an empty code ends it.
func (r *running) condition(attachment, code string) {
	r.t.Helper()
	r.emulator(http.MethodPost, "conditions", `{"VpnConnectionId":"`+attachment+`","Code":"`+code+`"}`)
}

// named is an EventBridge event that names an attachment.
func named(id, time, attachment, name string) string {
	return `{"version":"0","id":"` + id + `","detail-type":"Change","source":"com.example.vpn","account":"123456789012","time":"` + time +
		`","region":"eu-central-1","resources":[],"detail":{"RegionId":"cn-hangzhou","VpnConnectionId":"` + attachment + `","Name":"` + name + `"}}`
}

func stateDir(t testing.TB) string { return filepath.Join(t.TempDir(), "state") }
