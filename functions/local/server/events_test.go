package server_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/tidwall/gjson"

	"vpnattach/functions/local/server"
	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/request"
	"vpnattach/shared/core/rules"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/emulator"
	"vpnattach/shared/vpc"
)

func mustRead(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("../../../events", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func mustRules(t *testing.T, name string) *rules.Set {
	t.Helper()
	set, findings := rules.Load([]byte(mustRead(t, "rules/"+name)))
	if set == nil {
		t.Fatal(findings)
	}
	return set
}

// TestEvents is the contract of POST /events, one request after the other.
func TestEvents(t *testing.T) {
	t.Parallel()
	r := start(t, stateDir(t), func(c *server.Config) { c.Rules = mustRules(t, "webhook-payload.json") })
	form := []string{"Content-Type", "application/x-www-form-urlencoded"} // what curl -d says of everything
	bare := `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localfree","Name":"bare"}`
	for _, c := range []struct {
		name   string
		body   string
		header []string
		code   int
		want   map[string]string // paths in the answer and what is there; "*" is anything
	}{
		{name: "EventBridge", body: mustRead(t, "eventbridge-psk.json"), header: form, code: 200, want: map[string]string{
			"outcomes.#": "1", "outcomes.0.eventId": "6a7e8feb-b491-4cf7-a9f1-bf3703467718", "outcomes.0.vpnConnectionId": "vco-localsingle",
			"outcomes.0.status": "applied", "outcomes.0.requestId": "*", "outcomes.0.clientToken": "*", "outcomes.0.parameters.VpnConnectionId": "vco-localsingle",
			"outcomes.0.parameters.IkeConfig": "*", "outcomes.0.findings": "[]", "outcomes.0.error": "", "outcomes.0.time": "*"}},
		{name: "again", body: mustRead(t, "eventbridge-psk.json"), code: 200, want: map[string]string{
			"outcomes.0.status": "applied", "outcomes.0.requestId": "*", "outcomes.0.findings.0.rule": "event-repeated"}},
		{name: "nothing differs", body: named("same", "2026-11-02T09:30:00Z", "vco-localdual", "localdual"), code: 200, want: map[string]string{
			"outcomes.0.status": "unchanged", "outcomes.0.requestId": "", "outcomes.0.parameters": "{}"}},
		{name: "bare change", body: bare, header: form, code: 200, want: map[string]string{"outcomes.0.status": "applied", "outcomes.0.eventId": "*"}},
		{name: "bare change with a key", body: strings.Replace(bare, "bare", "keyed", 1), header: []string{"Idempotency-Key", `"k-1"`}, code: 200,
			want: map[string]string{"outcomes.0.status": "applied", "outcomes.0.eventId": "k-1"}},
		{name: "the key again", body: strings.Replace(bare, "bare", "keyed", 1), header: []string{"Idempotency-Key", "k-1"}, code: 200,
			want: map[string]string{"outcomes.0.status": "applied", "outcomes.0.findings.0.rule": "event-repeated"}},
		{name: "CloudEvent in binary mode", body: strings.Replace(bare, "bare", "cloud", 1), code: 400,
			header: []string{"Ce-Specversion", "1.0", "Ce-Id", "ce-1", "Ce-Source", "/site", "Ce-Type", "change", "Ce-Time", "2099-01-01T00:00:00Z"},
			want:   map[string]string{"outcomes.0.eventId": "ce-1", "outcomes.0.status": "rejected", "outcomes.0.error.code": "event-in-future"}},
		{name: "payload by a rule", body: mustRead(t, "webhook-payload.json"), code: 200, want: map[string]string{"outcomes.0.status": "applied", "outcomes.0.vpnConnectionId": "*"}},
		{name: "payload of no rule", body: `{"hello":"world"}`, code: 200, want: map[string]string{
			"outcomes.#": "1", "outcomes.0.status": "ignored", "outcomes.0.vpnConnectionId": "", "outcomes.0.findings.0.rule": "event-not-for-us"}},
		{name: "invalid change", body: `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localfree","IkeConfig":{"IkePfs":"group3"},"Nmae":"x"}`, code: 400, want: map[string]string{
			"outcomes.0.status": "rejected", "outcomes.0.vpnConnectionId": "vco-localfree", "outcomes.0.error.code": "value-not-allowed", "outcomes.0.error.remedy": "*",
			`outcomes.0.findings.#(rule=="unknown-parameter").path`: "Nmae"}},
		{name: "unknown attachment", body: strings.Replace(bare, "vco-localfree", "vco-none", 1), header: []string{"Idempotency-Key", "lost"}, code: 400, want: map[string]string{
			"outcomes.0.status": "rejected", "outcomes.0.error.code": "InvalidVpnConnectionInstanceId.NotFound", "outcomes.0.error.remedy": "*"}},
		{name: "unknown region", body: strings.Replace(bare, "cn-hangzhou", "cn-hangzou", 1), code: 400, want: map[string]string{
			"outcomes.0.status": "rejected", "outcomes.0.error.code": "InvalidRegionId.NotFound", "outcomes.0.findings.0.rule": "region-unknown", "outcomes.0.findings.0.hint": "did you mean cn-hangzhou?"}},
		{name: "two of a batch", code: 200, header: []string{"Content-Type", "application/cloudevents-batch+json"},
			body: `[{"specversion":"1.0","id":"b1","source":"/s","type":"t","data":` + bare + `},{"specversion":"1.0","id":"b2","source":"/s","type":"t","data":{"x":1}}]`,
			want: map[string]string{"outcomes.#": "2", "outcomes.0.eventId": "b1", "outcomes.1.eventId": "b2", "outcomes.1.status": "ignored"}},
		{name: "not JSON", body: `{"RegionId":`, code: 400, want: map[string]string{"error.code": "not-json", "error.message": "*"}},
		{name: "empty", code: 400, want: map[string]string{"error.code": "empty"}},
		{name: "a number", body: "7", code: 400, want: map[string]string{"error.code": "unknown-event", "error.hint": "*"}},
		{name: "too large", body: `{"x":"` + strings.Repeat("x", 1<<20) + `"}`, code: 413, want: map[string]string{"error.code": "too-large", "error.message": "*"}},
		{name: "as large as allowed", body: `{"x":"` + strings.Repeat("x", 1<<20-8) + `"}`, code: 200, want: map[string]string{"outcomes.0.status": "ignored"}},
	} {
		response, answer := r.do(http.MethodPost, r.events+"/events", c.body, c.header...)
		if response.StatusCode != c.code || response.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: HTTP %d (%s), want %d: %s", c.name, response.StatusCode, response.Header.Get("Content-Type"), c.code, answer)
		}
		for path, want := range c.want {
			if got := gjson.Get(answer, path).String(); got != want && (want != "*" || got == "") {
				t.Errorf("%s: %s is %q, want %q in %s", c.name, path, got, want, answer)
			}
		}
		for _, o := range gjson.Get(answer, "outcomes").Array() {
			for _, member := range []string{"eventId", "vpnConnectionId", "status", "requestId", "clientToken", "parameters", "findings", "error"} {
				if !o.Get(member).Exists() {
					t.Errorf("%s: the outcome has no %s: %s", c.name, member, o)
				}
			}
		}
	}
	if o := r.until("lost", is("rejected")); o.Get("error.class").Str != "rejected" {
		t.Errorf("got %s", o)
	}
	if _, answer := r.do(http.MethodGet, r.events+"/outcomes", ""); gjson.Get(answer, "outcomes.#").Int() < 10 {
		t.Errorf("the latest outcomes are too few: %s", answer)
	}
	if _, answer := r.do(http.MethodGet, r.events+"/outcomes?eventId=none", ""); answer != `{"outcomes":[]}`+"\n" {
		t.Errorf("got %q of an unknown event", answer)
	}
	if strings.Contains(r.emitted.String(), "ExamplePskSiteANov2026NotASecret") {
		t.Error("a key is shown")
	}
}

func TestPaths(t *testing.T) {
	t.Parallel()
	r := start(t, stateDir(t), nil)
	for _, c := range []struct {
		method, url string
		code        int
	}{
		{http.MethodGet, r.events + "/healthz", 200},
		{http.MethodGet, r.vpc + "/healthz", 200},
		{http.MethodGet, r.events + "/events", 405},
		{http.MethodGet, r.events + "/none", 404},
		{http.MethodDelete, r.events + "/dead-letters/none", 404},
		{http.MethodPost, r.events + "/dead-letters/none/redrive", 404},
		{http.MethodGet, r.events + "/dead-letters", 200},
		{http.MethodGet, r.vpc + "/", 400}, // not signed
		{http.MethodGet, r.events + "/healthz?x=1", 400},
		{http.MethodGet, r.vpc + "/healthz?x=1", 400},
		{http.MethodPost, r.events + "/2015-03-31/functions/ingest/invocations?x=1", 400},
		{http.MethodPost, r.events + "/2015-03-31/functions/ingest/invocations?Qualifier=1", 200},
	} {
		response, answer := r.do(c.method, c.url, "")
		if response.StatusCode != c.code {
			t.Errorf("%s %s: HTTP %d, want %d: %s", c.method, c.url, response.StatusCode, c.code, answer)
		}
		if ours := strings.HasPrefix(c.url, r.events); ours && c.code >= 400 && gjson.Get(answer, "error.code").Str == "" {
			t.Errorf("%s %s: no error in %s", c.method, c.url, answer)
		}
		if got := response.Header.Get("Allow"); c.code == 405 && got != "POST" {
			t.Errorf("%s %s: Allow is %q", c.method, c.url, got)
		}
	}
}

// TestBodyIsCutOff: what came in part only is refused, and not answered as if it were taken.
func TestBodyIsCutOff(t *testing.T) {
	t.Parallel()
	r := start(t, stateDir(t), nil)
	for _, path := range []string{"/events", "/webhooks/netbox", "/2015-03-31/functions/ingest/invocations"} {
		for _, body := range []string{"Content-Length: 100\r\n\r\n{}", "Transfer-Encoding: chunked\r\n\r\nno size\r\n"} {
			address := strings.TrimPrefix(r.events, "http://")
			conn, err := net.Dial("tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: %s\r\n%s", path, address, body)
			if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
				t.Fatal(err)
			}
			response, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			answer, err := io.ReadAll(response.Body)
			if err != nil || response.StatusCode != http.StatusBadRequest || !strings.Contains(string(answer), "nothing of it is taken") {
				t.Errorf("%s %q: HTTP %d, %s, %v", path, body, response.StatusCode, answer, err)
			}
		}
	}
}

// TestCredentials: the emulator knows the key that calls it, whatever that is.
func TestCredentials(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"local", "LOCAL", "own"} {
		r := start(t, stateDir(t), func(c *server.Config) {
			c.Credentials = request.Credentials{AccessKeyID: id, AccessKeySecret: secret.New("another-secret")}
		})
		if o := r.one(named("e", "2026-11-02T09:30:00Z", "vco-localsingle", "x")); o.Get("status").Str != "applied" {
			t.Errorf("%s: got %s", id, o)
		}
	}
}

// TestHarshEmulator: with masked keys and without optional subnets, changes are
// applied all the same, and a key that is not known is not made up.
func TestHarshEmulator(t *testing.T) {
	t.Parallel()
	r := start(t, stateDir(t), func(c *server.Config) { c.MaskKeys, c.RequireSubnets = true, true })
	if o := r.one(named("name", "2026-11-02T09:30:00Z", "vco-localsingle", "x")); o.Get("status").Str != "applied" {
		t.Errorf("got %s", o)
	}
	part := `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localsingle","IkeConfig":{"IkeLifetime":3600}}`
	if o := r.one(part); o.Get("status").Str != "rejected" || o.Get("error.code").Str != "psk-unknown" {
		t.Errorf("got %s", o)
	}
}

// TestEmulatorSettings: what the emulator does with partial objects, and how long its
// Describe lags, is set with the machine.
func TestEmulatorSettings(t *testing.T) {
	t.Parallel()
	r := start(t, stateDir(t), func(c *server.Config) { c.Partial, c.DescribeLag = emulator.PartialKeep, emulator.Lag{Calls: 1} })
	client, err := vpc.New(vpc.Config{
		Credentials: func(context.Context) (request.Credentials, error) { return server.LocalCredentials, nil }, Endpoint: r.vpc,
	})
	if err != nil {
		t.Fatal(err)
	}
	change := attachment.Parse(`{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localsingle","IkeConfig":{"IkeLifetime":3600}}`, attachment.FromEvent)
	if _, err := client.Modify(t.Context(), change, []string{"partial"}); err != nil {
		t.Fatal(err)
	}
	lifetime, _ := attachment.FieldNamed("IkeConfig.IkeLifetime")
	version, _ := attachment.FieldNamed("IkeConfig.IkeVersion")
	for _, want := range []string{"28800 ikev2", "3600 ikev2"} {
		now, err := client.Describe(t.Context(), "cn-hangzhou", "vco-localsingle")
		if err != nil {
			t.Fatal(err)
		}
		shown := now.Value(lifetime)
		of := now.Value(version)
		if got := shown.Text() + " " + of.Text(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// TestReference: one machine says at once that it can't resolve a reference.
func TestReference(t *testing.T) {
	t.Parallel()
	r := start(t, stateDir(t), func(c *server.Config) { c.Rules = mustRules(t, "psk-rotated.json") })
	o := r.one(mustRead(t, "secretsmanager-rotation.json"))
	if o.Get("status").Str != "rejected" || o.Get("error.code").Str != "reference-unresolvable" || !strings.Contains(o.Get("error.message").Str, "one machine") {
		t.Errorf("got %s", o)
	}
}

// TestSameEventAtOnce: however often an event comes at once, it is applied once.
func TestSameEventAtOnce(t *testing.T) {
	t.Parallel()
	r := start(t, stateDir(t), nil)
	body := named("once", "2026-11-02T09:30:00Z", "vco-localsingle", "once")
	var all sync.WaitGroup
	requests := make([]string, 8)
	for i := range requests {
		all.Go(func() { requests[i] = r.one(body).Get("requestId").Str })
	}
	all.Wait()
	for _, id := range requests {
		if id == "" || id != requests[0] {
			t.Fatalf("more than one request: %q", requests)
		}
	}
}

func TestPlan(t *testing.T) {
	t.Parallel()
	dir := stateDir(t)
	body := named("plan", "2026-11-02T09:30:00Z", "vco-localsingle", "planned-name")
	r := start(t, dir, func(c *server.Config) { c.Plan = true })
	o := r.one(body)
	if o.Get("status").Str != "planned" || o.Get("differences.0.to").Str != "planned-name" {
		t.Errorf("got %s", o)
	}
	same := named("same", "2026-11-02T09:31:00Z", "vco-localdual", "localdual")
	if o := r.one(same); o.Get("status").Str != "unchanged" {
		t.Errorf("got %s", o)
	}
	if o := r.one(`{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-none","Name":"x"}`); o.Get("status").Str != "rejected" {
		t.Errorf("got %s", o)
	}
	r.invoke(batch(t, "plan-invoked", "vco-localsingle", "x"))
	for _, id := range []string{"plan", "same", "plan-invoked"} {
		if all := r.outcomesOf(id); len(all) != 1 || !all[0].Get("plan").Bool() {
			t.Errorf("%s: it does not say that it was only planned: %v", id, all)
		}
	}
	r.stop()
	r = start(t, dir, nil)
	for _, body := range []string{body, same} {
		if o := r.one(body); o.Get("findings.#").Int() != 0 || o.Get("plan").Bool() {
			t.Errorf("what was planned counts as taken: %s", o)
		}
	}
	if all := r.outcomesOf("plan"); len(all) != 2 || all[1].Get("status").Str != "applied" {
		t.Errorf("what was planned is not applied later: %v", all)
	}
}

// TestPlanLeavesTheQueueAlone: what an earlier run has kept is neither planned nor
// lost in the mode plan.
func TestPlanLeavesTheQueueAlone(t *testing.T) {
	t.Parallel()
	dir := stateDir(t)
	r := start(t, dir, nil)
	r.condition("vco-localsingle", "VpnConnection.FinancialLocked")
	body := named("kept", "2026-11-02T09:30:00Z", "vco-localsingle", "kept")
	if o := r.one(body); o.Get("status").Str != "deferred" {
		t.Fatalf("got %s", o)
	}
	r.stop()

	r = start(t, dir, func(c *server.Config) { c.Plan = true })
	if o := r.one(body); o.Get("status").Str != "deferred" || o.Get("error.code").Str != "VpnConnection.FinancialLocked" {
		t.Errorf("got %s", o)
	}
	r.condition("vco-localsingle", "")
	if o := r.one(body); o.Get("status").Str != "planned" {
		t.Errorf("got %s", o)
	}
	r.stop()

	// What waits is due at a start, but not at this one.
	r = start(t, dir, func(c *server.Config) { c.Plan = true })
	for range 5 {
		if o := r.one(body); o.Get("status").Str != "planned" {
			t.Errorf("got %s", o)
		}
	}
	if all := r.outcomesOf("kept"); len(all) != 8 || all[0].Get("status").Str != "deferred" {
		t.Errorf("the change that is kept is no longer said to be: %v", all)
	}
	r.stop()

	r = start(t, dir, nil)
	if o := r.until("kept", is("applied")); o.Get("requestId").Str == "" {
		t.Errorf("got %s", o)
	}
}
