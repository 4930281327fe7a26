package emulator_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"vpnattach/shared/emulator"
)

func inject(t *testing.T, h *harness, faults ...emulator.Fault) {
	t.Helper()
	if err := h.InjectFaults(faults...); err != nil {
		t.Fatal(err)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	rename := single.with(params{"Name": "renamed"})
	for _, tt := range []struct {
		name      string
		fault     emulator.Fault
		code      string // empty: no response
		status    int
		carried   bool // the change is made nevertheless
		header    string
		body      string
		wantError bool
	}{
		{name: "throttled user", fault: emulator.Fault{Code: "Throttling.User", RetryMillis: 1500}, code: "Throttling.User", status: 400, header: "x-ratelimit-user"},
		{name: "throttled API", fault: emulator.Fault{Code: "Throttling.Api", RetryMillis: 1500, Status: 429}, code: "Throttling.Api", status: 429, header: "x-ratelimit-user-api"},
		{name: "5xx", fault: emulator.Fault{Code: "ServiceUnavailable"}, code: "ServiceUnavailable", status: 503},
		{name: "proxy", fault: emulator.Fault{Code: "InternalError", Status: 502, Shape: "html"}, status: 502, body: "<html>"},
		{name: "xml", fault: emulator.Fault{Code: "InternalError", Shape: "xml"}, status: 500, body: "<Code>InternalError</Code>"},
		{name: "lower", fault: emulator.Fault{Code: "VpnTask.CONFLICT", Shape: "lower"}, status: 400, body: `"code":"VpnTask.CONFLICT"`},
		{name: "reset", fault: emulator.Fault{Reset: true}, wantError: true},
		{name: "lost", fault: emulator.Fault{Lost: true}, wantError: true, carried: true},
		{name: "late", fault: emulator.Fault{LatencyMillis: 1}, status: 200, carried: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := start(t, emulator.Config{})
			tt.fault.Action, tt.fault.VpnConnectionID = "ModifyVpnAttachmentAttribute", "vco-localsingle"
			inject(t, h, tt.fault)
			h.modify(free.with(params{"Name": "other"})) // not for this one
			a, err := h.try("ModifyVpnAttachmentAttribute", rename)
			switch {
			case tt.wantError != (err != nil):
				t.Fatalf("got error %v, want one: %v", err, tt.wantError)
			case a.status != tt.status || a.text("Code") != tt.code || !strings.Contains(string(a.raw), tt.body):
				t.Errorf("got %d %s, want %d %s %s", a.status, a.raw, tt.status, tt.code, tt.body)
			case tt.header != "" && a.header.Get(tt.header) != "Limit:1,Remain:0,TimeLeft:1500,Reset:1":
				t.Errorf("%s: got %q", tt.header, a.header.Get(tt.header))
			}
			if got := h.describe(single).text("Name") == "renamed"; got != tt.carried {
				t.Errorf("carried out: got %v, want %v", got, tt.carried)
			}
			h.modify(rename) // the fault is used up
		})
	}
}

// A change whose answer comes too late for its client is made nevertheless.
func TestLatencyOutlivesTheClient(t *testing.T) {
	t.Parallel()
	carriedOut := make(chan struct{})
	h := start(t, emulator.Config{Observe: func(emulator.Call) { close(carriedOut) }})
	inject(t, h, emulator.Fault{LatencyMillis: int(time.Hour / time.Millisecond)})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	req := h.request("ModifyVpnAttachmentAttribute", single.with(params{"Name": "renamed"})).WithContext(ctx)
	go func() {
		defer close(done)
		h.ServeHTTP(httptest.NewRecorder(), req)
	}()
	<-carriedOut
	cancel()
	<-done
	if got := string(h.Describe("vco-localsingle")); !strings.Contains(got, `"Name":"renamed"`) {
		t.Errorf("got %s", got)
	}
}

func TestFaultCounts(t *testing.T) {
	t.Parallel()
	h := start(t, emulator.Config{})
	inject(t, h, emulator.Fault{Code: "InternalError", Calls: 2}, emulator.Fault{Code: "Throttling", Calls: -1})
	for _, want := range []string{"InternalError", "InternalError", "Throttling", "Throttling", "Throttling"} {
		h.refused(want, "DescribeVpnConnection", single)
	}
	h.ClearFaults()
	h.describe(single)
	for _, bad := range []emulator.Fault{{Code: "NoSuchCode"}, {Shape: "round"}, {Code: "InternalError", Status: 42}} {
		if h.InjectFaults(emulator.Fault{Code: "InternalError"}, bad) == nil {
			t.Errorf("%+v was accepted", bad)
		}
	}
	h.describe(single)
}

// The controls for people on the machine.
func TestControls(t *testing.T) {
	t.Parallel()
	h := start(t, emulator.Config{})
	control := func(method, path, body string, want int) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, h.url+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("%s %s %s: got %d, want %d", method, path, body, res.StatusCode, want)
		}
	}
	control("POST", "/emulator/faults", `[{"action":"DescribeVpnConnection","code":"Throttling.User","calls":-1}]`, 204)
	h.refused("Throttling.User", "DescribeVpnConnection", single)
	control("DELETE", "/emulator/faults", "", 204)
	h.describe(single)
	control("POST", "/emulator/conditions", `{"VpnConnectionId":"vco-localsingle","Code":"Resource.QuotaFull"}`, 204)
	h.refused("Resource.QuotaFull", "ModifyVpnAttachmentAttribute", single)
	control("POST", "/emulator/conditions", `{"VpnConnectionId":"vco-localsingle","Code":"Nonsense"}`, 400)
	control("POST", "/emulator/peers", `{"Tunnel":"tun-localdual2","Wants":{"Psk":"other"}}`, 204)
	if got := h.describe(dual).tunnel(1)["Status"]; got != "ike_sa_not_established" {
		t.Errorf("Status with another key at the peer: got %v", got)
	}
	control("POST", "/emulator/peers", `{"Tunnel":"tun-none","Silent":true}`, 400)
	control("POST", "/emulator/faults", `{`, 400)
	control("GET", "/emulator/faults", "", 404)
	control("GET", "/emulator/errors/NoSuchCode", "", 404)
	control("GET", "/emulator/errors/Missing<b>", "", 404)
	control("POST", "/emulator/errors/InvalidName", "", 404)
	control("POST", "/", strings.Repeat("x", 1<<20+1), 413)
}

// Many callers at once: each change is made once, none is lost.
func TestConcurrentCalls(t *testing.T) {
	t.Parallel()
	var calls sync.Map
	h := start(t, emulator.Config{Observe: func(c emulator.Call) {
		if c.Code == "" && c.Action == "ModifyVpnAttachmentAttribute" {
			calls.Store(c.RequestID, c.Params["Name"])
		}
	}})
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			to := []params{single, dual, free}[i%3]
			name := "name-" + string(rune('a'+i))
			if a, err := h.try("ModifyVpnAttachmentAttribute", to.with(params{"Name": name})); err != nil || a.text("Name") != name {
				t.Errorf("got %v %s, want Name %s", err, a.raw, name)
			}
			if _, err := h.try("DescribeVpnConnection", to); err != nil {
				t.Error(err)
			}
			_ = h.Describe("vco-localdual")
		})
	}
	wg.Wait()
	count := 0
	calls.Range(func(any, any) bool { count++; return true })
	if count != 20 {
		t.Errorf("got %d changes, want 20", count)
	}
}
