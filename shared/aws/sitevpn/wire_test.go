package sitevpn_test

import (
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"vpnattach/shared/aws/sitevpn"
	"vpnattach/shared/aws/sitevpn/sitevpntest"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/outcome"
)

const (
	second = "203.0.113.18"
	key1   = "first.key.from.before"
	key2   = "second.key.from.before"
)

// world is a client of the API that is stood in for, and its clock.
type world struct {
	*sitevpn.Client
	api   *sitevpntest.Server
	clock atomic.Int64
	calls chan sitevpntest.Call
	peer  map[string]sitevpntest.Device
}

func newWorld(t *testing.T, config sitevpntest.Config, add ...func(*sitevpntest.Connection)) *world {
	t.Helper()
	w := &world{calls: make(chan sitevpntest.Call, 100), peer: map[string]sitevpntest.Device{first: {Key: key1, Answers: true}, second: {Key: key2, Answers: true}}}
	config.Region, config.Provision = "eu-central-1", 3*time.Minute
	config.Now = func() time.Time {
		return time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC).Add(time.Duration(w.clock.Load()))
	}
	config.Device = func(_, outsideIP string) sitevpntest.Device { return w.peer[outsideIP] }
	config.Observe = func(c sitevpntest.Call) { w.calls <- c }
	w.api = sitevpntest.New(config)
	connection := sitevpntest.Connection{ID: vpn, Tunnels: [2]sitevpntest.Tunnel{{OutsideIP: first, Key: key1}, {OutsideIP: second, Key: key2}}}
	for _, f := range add {
		f(&connection)
	}
	w.api.Add(connection)
	server := httptest.NewServer(w.api)
	t.Cleanup(server.Close)
	w.Client = sitevpn.New(aws.Config{Region: "eu-central-1", Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret-of-the-test", "token-of-the-test")}, server.URL)
	return w
}

// tunnels describes the connection, the tunnel that is changed first.
func (w *world) tunnels(t *testing.T, state string) (its, other *sitevpn.Tunnel) {
	t.Helper()
	c, err := w.Describe(t.Context(), "", vpn)
	if err != nil {
		t.Fatal(err)
	}
	if c.State != state || c.ID != vpn || len(c.Tunnels) != 2 {
		t.Fatalf("got %d tunnels of %s, which is %s", len(c.Tunnels), c.ID, c.State)
	}
	if its, other = c.Tunnel(first); its == nil || other == nil || other.OutsideIP != second {
		t.Fatal("a tunnel is missing")
	}
	return its, other
}

func check(t *testing.T, of *sitevpn.Tunnel, key, status, provisioning string) {
	t.Helper()
	if of.Key.Reveal() != key || of.Status != status || of.Provisioning != provisioning {
		t.Errorf("%s: the key is as wanted: %v; %s and %s, want %s and %s", of.OutsideIP, of.Key.Reveal() == key, of.Status, of.Provisioning, status, provisioning)
	}
}

// TestChangeOfAKey follows one, from the call to the tunnel that is up again.
func TestChangeOfAKey(t *testing.T) {
	t.Parallel()
	for _, early := range []bool{false, true} {
		w := newWorld(t, sitevpntest.Config{EarlyKey: early})
		for range 2 { // with the telemetry in both orders
			its, other := w.tunnels(t, "available")
			check(t, its, key1, "UP", "available")
			check(t, other, key2, "UP", "available")
		}
		if err := w.ModifyKey(t.Context(), "", vpn, first, secret.New(key), true); err != nil {
			t.Fatal(err)
		}
		if its, _ := w.tunnels(t, "available"); its.Key.Reveal() != key1 {
			t.Fatal("a dry run has changed the key")
		}
		if err := w.ModifyKey(t.Context(), "", vpn, first, secret.New(key), false); err != nil {
			t.Fatal(err)
		}
		shown := key1
		if early {
			shown = key
		}
		its, other := w.tunnels(t, "modifying")
		check(t, its, shown, "DOWN", "pending")
		check(t, other, key2, "UP", "available")
		if err := w.ModifyKey(t.Context(), "", vpn, second, secret.New(key), false); outcome.ClassOf(err) != outcome.ClassBusy {
			t.Errorf("a second change meanwhile: got %v", err)
		}
		w.clock.Add(int64(3 * time.Minute))
		its, _ = w.tunnels(t, "available")
		check(t, its, key, "DOWN", "available") // the device has the key from before
		w.peer[first] = sitevpntest.Device{Key: key, Answers: true}
		its, other = w.tunnels(t, "available")
		check(t, its, key, "UP", "available")
		check(t, other, key2, "UP", "available")
		if its.Since.IsZero() || its.Message == "" {
			t.Errorf("got %+v", its)
		}
	}
}

// TestLag: answers can be of before a change, and it is refused again all the same.
func TestLag(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sitevpntest.Config{Lag: 10 * time.Second})
	if err := w.ModifyKey(t.Context(), "", vpn, first, secret.New(key), false); err != nil {
		t.Fatal(err)
	}
	its, _ := w.tunnels(t, "available")
	check(t, its, key1, "UP", "available")
	if err := w.ModifyKey(t.Context(), "", vpn, first, secret.New(key), false); outcome.ClassOf(err) != outcome.ClassBusy {
		t.Errorf("got %v", err)
	}
	w.clock.Add(int64(10 * time.Second))
	its, _ = w.tunnels(t, "modifying")
	check(t, its, key1, "DOWN", "pending")
}

// TestFailedEndpoint: it is told with its reason, and another change mends it.
func TestFailedEndpoint(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sitevpntest.Config{})
	w.api.FailProvisioning(first)
	if err := w.ModifyKey(t.Context(), "", vpn, first, secret.New(key1), false); err != nil {
		t.Fatal(err)
	}
	w.clock.Add(int64(3 * time.Minute))
	its, _ := w.tunnels(t, "available")
	if check(t, its, key1, "DOWN", "failed"); its.Reason == "" {
		t.Error("there is no reason")
	}
	if err := w.ModifyKey(t.Context(), "", vpn, first, secret.New(key1), false); err != nil {
		t.Fatal(err)
	}
	w.clock.Add(int64(3 * time.Minute))
	its, _ = w.tunnels(t, "available")
	check(t, its, key1, "UP", "available")
}

// TestLost: a change whose answer is lost is not sent again by the client itself.
func TestLost(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sitevpntest.Config{})
	w.api.InjectFaults(sitevpntest.Fault{Action: "ModifyVpnTunnelOptions", Lost: true})
	if err := w.ModifyKey(t.Context(), "", vpn, first, secret.New(key), false); outcome.ClassOf(err) != outcome.ClassTransient {
		t.Errorf("got %v", err)
	}
	if c := <-w.calls; len(w.calls) != 0 || c.Code != "" || c.OutsideIP != first {
		t.Errorf("got %+v, and %d more", c, len(w.calls))
	}
	w.tunnels(t, "modifying")
}

// TestRefused: what the API refuses, in words without the key.
func TestRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sitevpntest.Config{})
	for name, of := range map[string]struct{ id, address, key string }{
		"InvalidVpnConnectionID.NotFound": {"vpn-other", first, key},
		"InvalidParameterValue":           {vpn, first, "0a-key-that-is-not-valid"},
		"MissingParameter":                {vpn, "", key},
	} {
		err := w.ModifyKey(t.Context(), "", of.id, of.address, secret.New(of.key), false)
		if outcome.ClassOf(err) != outcome.ClassRejected || !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), of.key) {
			t.Errorf("%s: got %v", name, strings.ReplaceAll(err.Error(), of.key, "***"))
		}
	}
	if _, err := w.Describe(t.Context(), "eu-west-1", vpn); outcome.ClassOf(err) != outcome.ClassBlocked {
		t.Errorf("of another region: got %v", err)
	}
	// The service may refuse to say how a tunnel is that is down.
	w.api.InjectFaults(sitevpntest.Fault{Action: "GetActiveVpnTunnelStatus", Code: "UnsupportedOperation"})
	its, other := w.tunnels(t, "available")
	if check(t, its, key1, "UP", ""); !strings.Contains(its.Reason, "UnsupportedOperation") {
		t.Errorf("got %q", its.Reason)
	}
	check(t, other, key2, "UP", "available")
	w.api.InjectFaults(sitevpntest.Fault{Action: "GetActiveVpnTunnelStatus", Code: "UnauthorizedOperation"})
	if _, err := w.Describe(t.Context(), "", vpn); outcome.ClassOf(err) != outcome.ClassBlocked {
		t.Errorf("without the permission: got %v", err)
	}
}

// TestKeyInSecretsManager: what stands in the place of a key then is none.
func TestKeyInSecretsManager(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sitevpntest.Config{}, func(c *sitevpntest.Connection) {
		c.PreSharedKeyARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:s2svpn!vpn-1-AbCdEf"
	})
	its, other := w.tunnels(t, "available")
	if !its.KeyInSecretsManager || !other.KeyInSecretsManager || !its.Key.IsZero() || !other.Key.IsZero() {
		t.Errorf("got %+v and %+v", its, other)
	}
}

// TestKeyOfTheConfiguration: a connection without options shows its keys for its device
// only, and there is no such tunnel as another address.
func TestKeyOfTheConfiguration(t *testing.T) {
	t.Parallel()
	c, _ := client(t, answers(`<DescribeVpnConnectionsResponse><vpnConnectionSet><item><vpnConnectionId>`+vpn+`</vpnConnectionId><state>available</state>
		<customerGatewayConfiguration>&lt;?xml version="1.0" encoding="UTF-8"?&gt;&lt;vpn_connection id="`+vpn+`"&gt;&lt;ipsec_tunnel&gt;&lt;customer_gateway&gt;&lt;tunnel_outside_address&gt;&lt;ip_address&gt;198.51.100.1&lt;/ip_address&gt;&lt;/tunnel_outside_address&gt;&lt;/customer_gateway&gt;&lt;vpn_gateway&gt;&lt;tunnel_outside_address&gt;&lt;ip_address&gt;`+first+`&lt;/ip_address&gt;&lt;/tunnel_outside_address&gt;&lt;/vpn_gateway&gt;&lt;ike&gt;&lt;pre_shared_key&gt;`+key1+`&lt;/pre_shared_key&gt;&lt;/ike&gt;&lt;/ipsec_tunnel&gt;&lt;/vpn_connection&gt;</customerGatewayConfiguration>
		</item></vpnConnectionSet></DescribeVpnConnectionsResponse>`))
	got, err := c.Describe(t.Context(), "", vpn)
	if err != nil {
		t.Fatal(err)
	}
	its, other := got.Tunnel(first)
	if its == nil || its.Key.Reveal() != key1 || other != nil {
		t.Errorf("got %+v and %+v", its, other)
	}
	if its, other = got.Tunnel(second); its != nil || other != nil {
		t.Error("got a tunnel of another address")
	}
}
