package vpc_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/request"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/emulator"
	"vpnattach/shared/outcome"
	"vpnattach/shared/vpc"
)

const (
	keyID     = "local"
	keySecret = "local~secret/7f"
	psk       = "n3w~key/w(th)*odd+ch@rs"
	pskTwo    = "an0ther<key>&more"

	singleChange = `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localsingle","Name":"site b","RemoteSubnet":"10.9.0.0/16",
		"EffectImmediately":true,"IkeConfig":{"Psk":"` + psk + `","IkeVersion":"ikev2"}}`
	dualChange = `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localdual","TunnelOptionsSpecification":[
		{"TunnelIndex":2,"TunnelIkeConfig":{"Psk":"` + psk + `"}},{"TunnelIndex":1,"TunnelIkeConfig":{"Psk":"` + pskTwo + `"}}]}`
)

var ids = []string{"event-1", "event-2"}

func keys(context.Context) (request.Credentials, error) {
	return request.Credentials{AccessKeyID: keyID, AccessKeySecret: secret.New(keySecret)}, nil
}

// mustNew returns a client for the endpoint.
func mustNew(tb testing.TB, endpoint string, configure ...func(*vpc.Config)) *vpc.Client {
	tb.Helper()
	config := vpc.Config{Credentials: keys, Endpoint: endpoint}
	for _, c := range configure {
		c(&config)
	}
	client, err := vpc.New(config)
	if err != nil {
		tb.Fatal(err)
	}
	return client
}

// serve returns the URL of a server that lasts as long as the test.
func serve(tb testing.TB, handler http.Handler) string {
	tb.Helper()
	server := httptest.NewServer(handler)
	tb.Cleanup(server.Close)
	return server.URL
}

func mustEmulate(tb testing.TB, config emulator.Config) *emulator.Server {
	tb.Helper()
	config.Accounts = []emulator.Account{{AccessKeyID: keyID, Secret: secret.New(keySecret)}}
	api, err := emulator.New(config)
	if err != nil {
		tb.Fatal(err)
	}
	return api
}

func mustParse(tb testing.TB, document string) *attachment.Change {
	tb.Helper()
	c := attachment.Parse(document, attachment.FromEvent)
	if findings := attachment.Validate(c, nil, ""); findings.HasError() {
		tb.Fatal(findings)
	}
	return c
}

// mustBeError returns the error as what the client promises it to be.
func mustBeError(tb testing.TB, err error) *vpc.Error {
	tb.Helper()
	var known *vpc.Error
	if !errors.As(err, &known) {
		tb.Fatalf("got %T (%v), want a *vpc.Error", err, err)
	}
	if !slices.ContainsFunc(vpc.Codes(), func(c vpc.Code) bool {
		return c.Name == known.Row && c.Class == known.Class && c.Remedy == known.Remedy
	}) {
		tb.Errorf("%v: class and remedy are not those of the row %q", err, known.Row)
	}
	return known
}

func TestApply(t *testing.T) {
	t.Parallel()
	for _, signature := range []request.Signature{request.V3, request.V1} {
		for _, document := range []string{singleChange, dualChange} {
			c := mustParse(t, document)
			id := c.Text(attachment.VpnConnectionID)
			t.Run(fmt.Sprintf("%s/V%d", id, 3-2*signature), func(t *testing.T) {
				t.Parallel()
				var modified []emulator.Call
				api := mustEmulate(t, emulator.Config{Observe: func(call emulator.Call) {
					if call.Action == request.ModifyAction {
						modified = append(modified, call)
					}
				}})
				client := mustNew(t, serve(t, api), func(c *vpc.Config) { c.Signature = signature })
				before, err := client.Describe(t.Context(), "cn-hangzhou", id)
				if err != nil {
					t.Fatal(err)
				}
				send, differs := attachment.Merge(c, before)
				if !differs {
					t.Fatal("the change changes nothing")
				}
				answer, err := client.Modify(t.Context(), &send, ids)
				if err != nil {
					t.Fatal(err)
				}
				after, err := client.Describe(t.Context(), "cn-hangzhou", id)
				if err != nil {
					t.Fatal(err)
				}
				if left := attachment.Diff(c, after); len(left) > 0 {
					t.Errorf("still different: %v", left)
				}
				if after.State != "attached" {
					t.Errorf("State: got %q, want attached", after.State)
				}
				if len(modified) != 1 || answer.RequestID != modified[0].RequestID || answer.ClientToken == "" || answer.ClientToken != modified[0].Params["ClientToken"] {
					t.Errorf("got %+v, want request id and token of the one call of %d", answer, len(modified))
				}
				again, err := client.Modify(t.Context(), &send, ids)
				if err != nil || again != answer {
					t.Errorf("again: got %+v, %v, want %+v", again, err, answer)
				}
				other, err := client.Modify(t.Context(), &send, []string{"event-3"})
				if err != nil || other.ClientToken == answer.ClientToken {
					t.Errorf("another event: got %+v, %v, want another token", other, err)
				}
			})
		}
	}
}

func TestEmulatedErrors(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		fault emulator.Fault
		want  outcome.Class
		code  string
		wait  time.Duration
	}{
		{emulator.Fault{Code: "VpnConnection.Configuring"}, outcome.ClassBusy, "VpnConnection.Configuring", 0},
		{emulator.Fault{Code: "VpnTask.CONFLICT", Shape: "lower"}, outcome.ClassBusy, "VpnTask.CONFLICT", 0},
		{emulator.Fault{Code: "Throttling.User", RetryMillis: 2000}, outcome.ClassThrottled, "Throttling.User", 2 * time.Second},
		{emulator.Fault{Code: "Throttling.Api", RetryMillis: 750, Shape: "xml"}, outcome.ClassThrottled, "Throttling.Api", 750 * time.Millisecond},
		{emulator.Fault{Code: "Forbbiden.SubUser", Shape: "xml"}, outcome.ClassBlocked, "Forbbiden.SubUser", 0},
		{emulator.Fault{Code: "ServiceUnavailable", Shape: "html"}, outcome.ClassTransient, "", 0},
		{emulator.Fault{Code: "SignatureNonceUsed", Calls: -1}, outcome.ClassNonceUsed, "SignatureNonceUsed", 0},
		{emulator.Fault{Reset: true}, outcome.ClassTransient, "", 0},
	} {
		t.Run(tt.fault.Code+tt.fault.Shape, func(t *testing.T) {
			t.Parallel()
			api := mustEmulate(t, emulator.Config{})
			client := mustNew(t, serve(t, api))
			if err := api.InjectFaults(tt.fault); err != nil {
				t.Fatal(err)
			}
			_, err := client.Modify(t.Context(), mustParse(t, singleChange), ids)
			got := mustBeError(t, err)
			if got.Class != tt.want || got.Code != tt.code || got.RetryAfter != tt.wait {
				t.Errorf("got %v %q %v, want %v %q %v", got.Class, got.Code, got.RetryAfter, tt.want, tt.code, tt.wait)
			}
			if got.Code != "" && (got.RequestID == "" || got.Status == 0 || !strings.Contains(got.Error(), got.RequestID)) {
				t.Errorf("got %q, want status and request id", got)
			}
			if got.Remedy == "" {
				t.Error("no remedy")
			}
		})
	}
}

func TestNoResponse(t *testing.T) {
	t.Parallel()
	api := mustEmulate(t, emulator.Config{})
	client := mustNew(t, serve(t, api))
	if err := api.InjectFaults(emulator.Fault{Lost: true}); err != nil {
		t.Fatal(err)
	}
	c := mustParse(t, singleChange)
	answer, err := client.Modify(t.Context(), c, ids)
	if got := outcome.ClassOf(err); got != outcome.ClassTransient || answer.ClientToken == "" {
		t.Errorf("got %v, %+v, want transient and the token", err, answer)
	}
	current, err := client.Describe(t.Context(), "cn-hangzhou", "vco-localsingle")
	if err != nil || len(attachment.Diff(c, current)) > 0 {
		t.Errorf("got %v, want the change made", err)
	}
}

func TestTokenMismatch(t *testing.T) {
	t.Parallel()
	client := mustNew(t, serve(t, mustEmulate(t, emulator.Config{})))
	change := func(name string) *attachment.Change {
		return mustParse(t, `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localfree","ClientToken":"mine","Name":"`+name+`"}`)
	}
	if answer, err := client.Modify(t.Context(), change("one"), nil); err != nil || answer.ClientToken != "mine" {
		t.Fatal(answer, err)
	}
	_, err := client.Modify(t.Context(), change("two"), nil)
	if got := outcome.ClassOf(err); got != outcome.ClassTokenMismatch {
		t.Errorf("got %v, want token-mismatch", err)
	}
}

// A used nonce is replaced at once, and the request stays the same one.
func TestNonceUsed(t *testing.T) {
	t.Parallel()
	var tokens []string
	api := mustEmulate(t, emulator.Config{Observe: func(call emulator.Call) { tokens = append(tokens, call.Params["ClientToken"]) }})
	nonces := []string{"one", "one", "two"}
	client := mustNew(t, serve(t, api), func(c *vpc.Config) {
		c.Nonce = func() (next string) {
			next, nonces = nonces[0], nonces[1:]
			return next
		}
	})
	if _, err := client.Describe(t.Context(), "cn-hangzhou", "vco-localsingle"); err != nil {
		t.Fatal(err)
	}
	answer, err := client.Modify(t.Context(), mustParse(t, singleChange), ids)
	if err != nil || len(nonces) != 0 || tokens[len(tokens)-1] != answer.ClientToken {
		t.Errorf("got %v, %d nonces left, want success with the third", err, len(nonces))
	}
}

func TestConnectionReuse(t *testing.T) {
	t.Parallel()
	api := mustEmulate(t, emulator.Config{})
	server := httptest.NewUnstartedServer(api)
	var connections atomic.Int32
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	client := mustNew(t, server.URL)
	for range 10 {
		if _, err := client.Describe(t.Context(), "cn-hangzhou", "vco-localsingle"); err != nil {
			t.Fatal(err)
		}
		if _, err := client.Describe(t.Context(), "cn-hangzhou", "vco-none"); outcome.ClassOf(err) != outcome.ClassRejected {
			t.Fatal(err)
		}
	}
	if got := connections.Load(); got != 1 {
		t.Errorf("got %d connections, want 1", got)
	}
}

func TestConcurrentCalls(t *testing.T) {
	t.Parallel()
	client := mustNew(t, serve(t, mustEmulate(t, emulator.Config{})))
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			document := fmt.Sprintf(`{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localfree","Name":"name %d"}`, i)
			if _, err := client.Modify(t.Context(), attachment.Parse(document, attachment.FromEvent), []string{document}); err != nil {
				t.Error(err)
			}
			if _, err := client.Describe(t.Context(), "cn-hangzhou", "vco-localdual"); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestTime(t *testing.T) {
	t.Parallel()
	silent := func(c *vpc.Config) {
		c.HTTP = &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})}
	}
	for _, tt := range []struct {
		name  string
		limit func(context.Context) (context.Context, context.CancelFunc)
		want  error
	}{
		{"deadline", func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, time.Second)
		}, context.DeadlineExceeded},
		{"canceled", func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			go cancel()
			return ctx, cancel
		}, context.Canceled},
		{"the client's own", context.WithCancel, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client := mustNew(t, "", silent)
				ctx, cancel := tt.limit(t.Context())
				defer cancel()
				_, err := client.Modify(ctx, mustParse(t, singleChange), ids)
				if outcome.ClassOf(err) != outcome.ClassTransient || tt.want != nil && !errors.Is(err, tt.want) {
					t.Errorf("got %v, want a transient error that is %v", err, tt.want)
				}
			})
		})
	}
}

func TestEndpoint(t *testing.T) {
	t.Parallel()
	for region, want := range map[string]string{
		"cn-hangzhou":  "https://vpc.aliyuncs.com/",
		"eu-central-1": "https://vpc.eu-central-1.aliyuncs.com/",
	} {
		var got *http.Request
		client := mustNew(t, "", func(c *vpc.Config) {
			c.HTTP = &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
				got = r
				return nil, errors.New("far away")
			})}
		})
		if _, err := client.Describe(t.Context(), region, "vco-1"); outcome.ClassOf(err) != outcome.ClassTransient {
			t.Errorf("%s: got %v, want a transient error", region, err)
		}
		address := url.URL{Scheme: got.URL.Scheme, Host: got.URL.Host, Path: got.URL.Path}
		if address.String() != want || got.Method != http.MethodPost {
			t.Errorf("%s: got %s %s, want POST %s", region, got.Method, &address, want)
		}
	}
}

func TestNew(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		config vpc.Config
		want   string
	}{
		{vpc.Config{}, "no credentials"},
		{vpc.Config{Credentials: keys, Endpoint: "ftp://host"}, "endpoint"},
		{vpc.Config{Credentials: keys, Endpoint: "http://host/path"}, "endpoint"},
		{vpc.Config{Credentials: keys, Signature: 9}, "signature"},
	} {
		if _, err := vpc.New(tt.config); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("got %v, want an error about %q", err, tt.want)
		}
	}
}

// throttled is a failure of what gives the keys.
type throttled struct{}

func (throttled) Error() string { return "too many calls" }
func (throttled) Reason() outcome.Reason {
	return outcome.Reason{Code: "Throttling.User", Class: outcome.ClassThrottled, Remedy: "Nothing."}
}

// A failure of what gives the keys is that of the call.
func TestKeysFail(t *testing.T) {
	t.Parallel()
	client := mustNew(t, "", func(c *vpc.Config) {
		c.Credentials = func(context.Context) (request.Credentials, error) {
			return request.Credentials{}, fmt.Errorf("credentials: %w", throttled{})
		}
	})
	_, err := client.Describe(t.Context(), "cn-hangzhou", "vco-1")
	want := outcome.Reason{Code: "Throttling.User", Message: "credentials: too many calls", Remedy: "Nothing.", Class: outcome.ClassThrottled}
	if got := *outcome.ReasonOf(err); got != want || !errors.Is(err, throttled{}) || vpc.KeyRefused(err) {
		t.Errorf("got %+v", got)
	}
}

// The fault of an unsent request is the change's or the configuration's.
func TestUnsent(t *testing.T) {
	t.Parallel()
	broken := errors.New("no such profile")
	with := func(c request.Credentials, err error) func(*vpc.Config) {
		return func(config *vpc.Config) {
			config.Credentials = func(context.Context) (request.Credentials, error) { return c, err }
		}
	}
	good, _ := keys(t.Context())
	lineEnd := request.Credentials{AccessKeyID: keyID, AccessKeySecret: secret.New(keySecret + "\n")}
	reference := attachment.Parse(`{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-1","IkeConfig":{"Psk":"{{resolve:ssm-secure:psk}}"}}`, attachment.FromEvent)
	const large = `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-1",%q:%q}`
	const largeTunnel = `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-1","TunnelOptionsSpecification":[{"TunnelIndex":1,"TunnelIkeConfig":{"LocalId":%q}}]}`
	for _, tt := range []struct {
		name      string
		configure func(*vpc.Config)
		change    *attachment.Change
		want      outcome.Class
		cause     error
	}{
		{"provider", with(request.Credentials{}, broken), mustParse(t, singleChange), outcome.ClassBlocked, broken},
		{"no key", with(request.Credentials{}, nil), mustParse(t, singleChange), outcome.ClassBlocked, request.ErrCredentials},
		{"line end", with(lineEnd, nil), mustParse(t, singleChange), outcome.ClassBlocked, nil},
		{"reference", with(good, nil), reference, outcome.ClassRejected, request.ErrReference},
		{"no region", with(good, nil), attachment.Parse(`{"VpnConnectionId":"vco-1"}`, attachment.FromEvent), outcome.ClassRejected, nil},
		{"no id", with(good, nil), attachment.Parse(`{"RegionId":"cn-hangzhou"}`, attachment.FromEvent), outcome.ClassRejected, nil},
		{"too large in the query", with(good, nil), attachment.Parse(fmt.Sprintf(large, "LocalSubnet", strings.Repeat("10.0.0.0/24,", 6000)), attachment.FromEvent), outcome.ClassRejected, nil},
		{"too large in the body", with(good, nil), attachment.Parse(fmt.Sprintf(largeTunnel, strings.Repeat("x", 70_000)), attachment.FromEvent), outcome.ClassRejected, nil},
		{"region is not a name", with(good, nil), attachment.Parse(`{"RegionId":"evil.example/","VpnConnectionId":"vco-1"}`, attachment.FromEvent), outcome.ClassRejected, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			client := mustNew(t, "", tt.configure, func(c *vpc.Config) {
				c.HTTP = &http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) {
					t.Error("sent")
					return nil, errors.New("sent")
				})}
			})
			_, err := client.Modify(t.Context(), tt.change, ids)
			if got := mustBeError(t, err); got.Class != tt.want || tt.cause != nil && !errors.Is(err, tt.cause) {
				t.Errorf("got %v: %v, want %v", got.Class, err, tt.want)
			}
		})
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	client := mustNew(t, "", with(request.Credentials{}, broken))
	if _, err := client.Describe(ended, "cn-hangzhou", "vco-1"); outcome.ClassOf(err) != outcome.ClassTransient || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want a transient error", err)
	}
}

// What is just small enough is sent.
func TestLargestRequest(t *testing.T) {
	t.Parallel()
	api := serve(t, answering(http.StatusOK, "application/json", `{"RequestId":"R-1"}`))
	change := attachment.Parse(`{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-1","LocalSubnet":"`+strings.Repeat("1", 65_000)+`"}`, attachment.FromEvent)
	if _, err := mustNew(t, api).Modify(t.Context(), change, ids); err != nil {
		t.Error(err)
	}
}

func TestRedirect(t *testing.T) {
	t.Parallel()
	elsewhere := serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("followed") }))
	own := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return nil }}
	client := mustNew(t, serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere+"?"+r.URL.RawQuery, http.StatusTemporaryRedirect)
	})), func(c *vpc.Config) { c.HTTP = own })
	_, err := client.Modify(t.Context(), mustParse(t, singleChange), ids)
	if got := mustBeError(t, err); got.Class != outcome.ClassBlocked || got.Status != http.StatusTemporaryRedirect {
		t.Errorf("got %v, want it blocked", err)
	}
}

// The reason of a failed connection is told, without the URL.
func TestRefusedConnection(t *testing.T) {
	t.Parallel()
	_, err := mustNew(t, "http://127.0.0.1:1").Modify(t.Context(), mustParse(t, singleChange), ids)
	if got := mustBeError(t, err); got.Class != outcome.ClassTransient || !strings.HasPrefix(got.Message, "dial tcp 127.0.0.1:1") {
		t.Errorf("got %v: %v, want a transient error about dialing", got.Class, err)
	}
}

func TestUntrusted(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // it reports the refused handshake
	server.StartTLS()
	defer server.Close()
	_, err := mustNew(t, server.URL).Describe(t.Context(), "cn-hangzhou", "vco-1")
	if got := outcome.ClassOf(err); got != outcome.ClassBlocked || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("got %v: %v, want it blocked", got, err)
	}
}
