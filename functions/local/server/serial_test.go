package server_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"vpnattach/functions/local/server"
)

// TestInvokeBesideQueue: however the Invoke API and the queue work on one attachment
// at once, the newest event wins.
func TestInvokeBesideQueue(t *testing.T) {
	t.Parallel()
	r := start(t, stateDir(t), nil)
	r.emulator(http.MethodPost, "faults", `[{"action":"DescribeVpnConnection","vpnConnectionId":"vco-localfree","latencyMillis":20}]`)
	newest := ""
	for i := range 8 {
		at := time.Date(2026, 11, 2, 8, i, 0, 0, time.UTC)
		newest = fmt.Sprint("new-", i)
		var both sync.WaitGroup
		both.Go(func() {
			r.one(named(fmt.Sprint("old-", i), at.Format(time.RFC3339), "vco-localfree", fmt.Sprint("old-", i)))
		})
		both.Go(func() { r.invoke(batchAt(t, newest, at.Add(time.Second), "vco-localfree", newest)) })
		both.Wait()
		// Nothing differs only if that is the name that the attachment has.
		if o := r.one(named(fmt.Sprint("look-", i), at.Add(2*time.Second).Format(time.RFC3339), "vco-localfree", newest)); o.Get("status").Str != "unchanged" {
			t.Fatalf("round %d: the older event has won: %s", i, o)
		}
	}
}

// invoke calls apply through the Invoke API.
func (r *running) invoke(payload string) gjson.Result {
	r.t.Helper()
	response, answer := r.do(http.MethodPost, r.events+"/2015-03-31/functions/apply/invocations", payload)
	if response.StatusCode != http.StatusOK || response.Header.Get("X-Amz-Function-Error") != "" {
		r.t.Errorf("invoke: HTTP %d: %s", response.StatusCode, answer)
	}
	return gjson.Parse(answer)
}

// outcomesOf returns all outcomes of an event.
func (r *running) outcomesOf(eventID string) []gjson.Result {
	r.t.Helper()
	_, answer := r.do(http.MethodGet, r.events+"/outcomes?eventId="+eventID, "")
	return gjson.Get(answer, "outcomes").Array()
}

// TestInvokeOutcomes: a change has one outcome, however often and from wherever it
// comes, and one that nobody will bring again is not said to be kept.
func TestInvokeOutcomes(t *testing.T) {
	t.Parallel()
	r := start(t, stateDir(t), nil)
	bare := `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localsingle","Name":"once"}`
	if o := r.one(bare, "Idempotency-Key", "both"); o.Get("status").Str != "applied" {
		t.Fatalf("got %s", o)
	}
	for range 2 {
		r.invoke(batch(t, "both", "vco-localsingle", "once"))
	}
	all := r.outcomesOf("both")
	if len(all) != 1 || all[0].Get("status").Str != "applied" || all[0].Get("requestId").Str == "" {
		t.Errorf("what has been applied does not stay so: %v", all)
	}

	r.condition("vco-localdual", "VpnConnection.Configuring")
	if failed := r.invoke(batch(t, "not-kept", "vco-localdual", "x")).Get("batchItemFailures.#").Int(); failed != 1 {
		t.Errorf("%d records go back, want 1", failed)
	}
	if all := r.outcomesOf("not-kept"); len(all) != 0 {
		t.Errorf("nobody keeps it: %v", all)
	}
	r.condition("vco-localdual", "InvalidVpnGatewayInstanceId.NotFound")
	r.invoke(batch(t, "dead", "vco-localdual", "x"))
	_, letters := r.do(http.MethodGet, r.events+"/dead-letters", "")
	if id := r.outcomesOf("dead")[0].Get("changeId").Str; id == "" || gjson.Get(letters, "deadLetters.0.id").Str != id {
		t.Errorf("the dead letter has another id than the change %s: %s", id, letters)
	}
}

// outside is a machine without an emulator, whose calls of the API all go through
// the handler, which may hand them on to that of another machine.
func outside(t *testing.T, change func(*server.Config), handler func(w http.ResponseWriter, r *http.Request, next http.Handler)) (r *running) {
	t.Helper()
	other := start(t, stateDir(t), func(c *server.Config) { c.UpdateTime = 0 })
	target, err := url.Parse(other.vpc)
	if err != nil {
		t.Fatal(err)
	}
	next := &httputil.ReverseProxy{Rewrite: func(p *httputil.ProxyRequest) {
		p.SetURL(target)
		p.Out.Host = p.In.Host // it is signed
	}}
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler(w, r, next) }))
	t.Cleanup(api.Close)
	return start(t, stateDir(t), func(c *server.Config) {
		c.VPCEndpoint = api.URL
		if change != nil {
			change(c)
		}
	})
}

// isModify reports whether the request changes an attachment. The client puts the
// action into the headers.
func isModify(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("X-Acs-Action"), "Modify")
}

// TestSlowService: the answer comes in time for all changes of an event, not only
// for the first, and says why nothing is known of them.
func TestSlowService(t *testing.T) {
	t.Parallel()
	open := make(chan struct{})
	r := outside(t, func(c *server.Config) { c.AnswerWithin = time.Millisecond }, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		<-open
		next.ServeHTTP(w, r)
	})
	change := func(id, attachment string) string {
		return `{"specversion":"1.0","id":"` + id + `","source":"/s","type":"t","time":"2026-11-02T09:30:00Z","data":{"RegionId":"cn-hangzhou","VpnConnectionId":"` + attachment + `","Name":"slow"}}`
	}
	all := r.post("["+change("s1", "vco-localsingle")+","+change("s2", "vco-localdual")+","+change("s3", "vco-localfree")+"]", "Content-Type", "application/cloudevents-batch+json")
	if len(all) != 3 {
		t.Errorf("%d outcomes, want 3", len(all))
	}
	for _, o := range all {
		if o.Get("status").Str != "deferred" || o.Get("error.code").Str != "slow" {
			t.Errorf("got %s", o)
		}
	}
	close(open)
	for _, id := range []string{"s1", "s2", "s3"} {
		r.until(id, is("applied"))
	}
}

// TestEndTakesNothing: from the beginning of the end nothing is taken, while what is
// on its way comes to an end.
func TestEndTakesNothing(t *testing.T) {
	t.Parallel()
	var r *running
	began, seen := make(chan struct{}), make(chan struct{})
	once := sync.OnceFunc(func() { close(began) })
	r = outside(t, nil, func(w http.ResponseWriter, request *http.Request, next http.Handler) {
		if isModify(request) {
			once()
			<-seen
		}
		next.ServeHTTP(w, request)
	})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	body := named("last", "2026-11-02T09:30:00Z", "vco-localsingle", "last")
	answered := make(chan gjson.Result, 1)
	go func() { answered <- r.one(body) }()
	<-began
	stopped := make(chan struct{})
	go func() {
		r.stop()
		close(stopped)
	}()
	for ctx.Err() == nil {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, r.events+"/healthz", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Close = true
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			break
		}
		_ = response.Body.Close()
	}
	select {
	case <-stopped:
		t.Error("it takes events until its very end")
	default:
	}
	close(seen)
	if o := <-answered; o.Get("error.code").Str != "ending" {
		t.Errorf("got %s", o)
	}
	<-stopped
	if !strings.Contains(r.emitted.String(), `"status":"applied"`) {
		t.Errorf("what was on its way is cut off: %s", r.emitted.String())
	}
}
