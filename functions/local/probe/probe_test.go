package probe_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"vpnattach/functions/local/probe"
	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/request"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/emulator"
	"vpnattach/shared/vpc"
)

var local = request.Credentials{AccessKeyID: "local-key-id", AccessKeySecret: secret.New("local-s3cret")}

// account is an emulated account whose time passes when the probe waits.
type account struct {
	t       *testing.T
	api     *emulator.Server
	url     string
	skew    time.Duration // of the service's clock
	rewrite func(action string, body []byte) []byte

	mutex    sync.Mutex
	now      time.Time
	modifies []emulator.Call
	asleep   func(time.Duration) // called before each wait
	progress []string
}

func newAccount(t *testing.T, config emulator.Config) *account {
	t.Helper()
	a := &account{t: t, now: time.Date(2026, 11, 2, 9, 30, 0, 0, time.UTC)}
	config.Accounts = append(config.Accounts, emulator.Account{AccessKeyID: local.AccessKeyID, Secret: local.AccessKeySecret})
	config.Now = func() time.Time { return a.time().Add(a.skew) }
	config.Observe = func(c emulator.Call) {
		if c.Action == request.ModifyAction {
			a.mutex.Lock()
			defer a.mutex.Unlock()
			a.modifies = append(a.modifies, c)
		}
	}
	var err error
	if a.api, err = emulator.New(config); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", config.Now().UTC().Format(http.TimeFormat))
		if a.rewrite == nil {
			a.api.ServeHTTP(w, r)
			return
		}
		recorded := httptest.NewRecorder()
		a.api.ServeHTTP(recorded, r)
		maps.Copy(w.Header(), recorded.Header())
		w.WriteHeader(recorded.Code)
		_, _ = w.Write(a.rewrite(r.Header.Get("x-acs-action"), recorded.Body.Bytes()))
	}))
	t.Cleanup(server.Close)
	a.url = server.URL
	return a
}

func (a *account) time() time.Time {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	return a.now
}

func (a *account) config(id string) probe.Config {
	return probe.Config{
		VPC: vpc.Config{
			Endpoint:    a.url,
			Credentials: func(context.Context) (request.Credentials, error) { return local, nil },
		},
		Region: "cn-hangzhou", ID: id, Now: a.time, Progress: func(what string) { a.progress = append(a.progress, what) },
		Sleep: func(ctx context.Context, d time.Duration) error {
			if a.asleep != nil {
				a.asleep(d)
			}
			a.mutex.Lock()
			a.now = a.now.Add(d)
			a.mutex.Unlock()
			return ctx.Err()
		},
	}
}

func yes(context.Context, *probe.Reading, probe.Sent) error { return nil }

// run probes, and fails when the report shows what it must not.
func (a *account) run(config probe.Config) (*probe.Report, error) {
	a.t.Helper()
	return a.runIn(context.Background(), context.Background(), config)
}

func (a *account) runIn(ctx, force context.Context, config probe.Config) (*probe.Report, error) {
	a.t.Helper()
	shown := string(a.api.Describe(config.ID))
	report, err := probe.Run(ctx, force, config)
	if report == nil {
		a.t.Fatal(err)
	}
	data, _ := json.Marshal(report)
	private := []string{local.AccessKeySecret.Reveal(), local.AccessKeyID}
	for _, path := range []string{"IkeConfig.Psk", "InternetIp", "LocalSubnet", tunnelPath + ".0.TunnelIkeConfig.Psk", tunnelPath + ".1.InternetIp"} {
		private = append(private, gjson.Get(shown, path).Str)
	}
	if !config.IDs {
		private = append(private, config.ID, gjson.Get(shown, tunnelPath+".0.TunnelId").Str, gjson.Get(shown, "CustomerGatewayId").Str, gjson.Get(shown, "Name").Str)
	}
	for _, text := range private {
		if text != "" && strings.Contains(string(data)+strings.Join(a.progress, " "), text) {
			a.t.Errorf("the report shows %q: %s", text, data)
		}
	}
	return report, err
}

const tunnelPath = "TunnelOptionsSpecification.TunnelOptions"

func setting(r *probe.Report, name string) *probe.Setting {
	for i := range r.Settings {
		if r.Settings[i].Name == name {
			return &r.Settings[i]
		}
	}
	return nil
}

// TestRead reads, and sends nothing.
func TestRead(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		id     string
		masked bool
		want   string // of the answer, as JSON
	}{
		{"vco-localsingle", false, `{"dual":false,"attachType":"CEN","state":"attached","status":"ipsec_sa_established",
			"keys":[{"path":"IkeConfig.Psk","shown":"clear"}],"tunnelList":"none",
			"typed":["CreateTime","CrossAccountAuthorized","EffectImmediately","EnableDpd","EnableNatTraversal","IkeConfig.IkeLifetime","IpsecConfig.IpsecLifetime",
				"VcoHealthCheck.Interval","VcoHealthCheck.Retry","VpnBgpConfig.LocalAsn","VpnBgpConfig.PeerAsn"],
			"text":["VcoHealthCheck.Enable","VpnBgpConfig.EnableBgp"],"unknown":[],"absent":[]}`},
		{"vco-localdual", true, `{"dual":true,"attachType":"CEN","state":"attached","status":"ipsec_sa_established",
			"tunnels":[{"index":1,"state":"active","status":"ipsec_sa_established"},{"index":2,"state":"active","status":"ipsec_sa_established"}],
			"keys":[{"tunnel":1,"path":"TunnelIkeConfig.Psk","shown":"masked"},{"tunnel":2,"path":"TunnelIkeConfig.Psk","shown":"masked"}],"tunnelList":"wrapped",
			"typed":["CreateTime","CrossAccountAuthorized","EffectImmediately","EnableTunnelsBgp","TunnelOptionsSpecification.TunnelIndex"],
			"text":["TunnelOptionsSpecification.EnableDpd","TunnelOptionsSpecification.EnableNatTraversal","TunnelOptionsSpecification.TunnelBgpConfig.LocalAsn",
				"TunnelOptionsSpecification.TunnelBgpConfig.PeerAsn","TunnelOptionsSpecification.TunnelIkeConfig.IkeLifetime","TunnelOptionsSpecification.TunnelIpsecConfig.IpsecLifetime"],
			"unknown":[],"absent":[]}`},
	} {
		a := newAccount(t, emulator.Config{MaskKeys: tt.masked})
		report, err := a.run(a.config(tt.id))
		got, _ := json.Marshal(report.Answer)
		var want bytes.Buffer
		if json.Compact(&want, []byte(tt.want)) != nil || string(got) != want.String() || err != nil {
			t.Errorf("%s: %v\ngot  %s\nwant %s", tt.id, err, got, want.String())
		}
		if (setting(report, "VPC_MASK_KEYS") != nil) != tt.masked || setting(report, "MaskedKeys") == nil || report.Write != nil || len(a.modifies) > 0 {
			t.Errorf("%s: got %+v", tt.id, report)
		}
	}
}

// TestForms: what an answer writes otherwise is told, unknown members by name only.
func TestForms(t *testing.T) {
	t.Parallel()
	a := newAccount(t, emulator.Config{})
	a.rewrite = func(_ string, body []byte) []byte {
		list := gjson.Get(string(body), tunnelPath).Raw
		text := strings.Replace(string(body), `{"TunnelOptions":`+list+`}`, strings.Replace(list, `"Role":`, `"Zone vco-localdual":"k3y","Role":`, 1), 1)
		text = strings.Replace(text, `"Spec":"1000M"`, `"VcoNew":{"Key":"k3y"},"Spec":"1000M"`, 1)
		return []byte(strings.Replace(text, `"EffectImmediately":true`, `"EffectImmediately":"true"`, 1))
	}
	report, err := a.run(a.config("vco-localdual"))
	if err != nil || report.Answer.TunnelList != "array" || !slices.Contains(report.Answer.Text, "EffectImmediately") ||
		!slices.Equal(report.Answer.Unknown, []string{"TunnelOptionsSpecification.Zone ***", "VcoNew"}) {
		t.Errorf("%v\n%+v", err, report.Answer)
	}
	config := a.config("vco-localdual")
	config.IDs = true
	report, err = a.run(config)
	if err != nil || report.VpnConnectionID != "vco-localdual" || report.Answer.Tunnels[1].ID != "tun-localdual2" {
		t.Errorf("with ids: %v\n%+v", err, report)
	}
}

// TestWrite changes the name and restores it, under each behaviour of the service.
func TestWrite(t *testing.T) {
	t.Parallel()
	for _, partial := range []emulator.Partial{emulator.PartialKeep, emulator.PartialObjects, emulator.PartialReset} {
		for _, id := range []string{"vco-localsingle", "vco-localdual", "vco-localfree"} {
			for _, more := range []emulator.Config{
				{}, {UpdateTime: 30 * time.Second}, {UpdateTime: 2 * time.Second, MaskKeys: true, RequireSubnets: true},
				{UpdateTime: 5 * time.Second, DescribeLag: emulator.Lag{Time: 3 * time.Second}}, {UpdateTime: time.Second, DescribeLag: emulator.Lag{Calls: 4}},
			} {
				more.Partial = partial
				what := fmt.Sprintf("%s %s %+v", partial, id, more)
				a := newAccount(t, more)
				before := string(a.api.Describe(id))
				config := a.config(id)
				config.Confirm = yes
				report, err := a.run(config)
				if after := string(a.api.Describe(id)); err != nil || after != before {
					t.Fatalf("%s: %v\nbefore %s\nafter  %s", what, err, before, after)
				}
				w := report.Write
				took := time.Duration(w.SettledMillis) * time.Millisecond
				if w.Repeated != probe.RepeatedSame || !w.Restored || w.RestoreMillis == 0 || len(w.ChangedBesides) > 0 ||
					took < more.UpdateTime || took > more.UpdateTime+5*time.Second || len(w.Seen) < 2 || w.Seen[len(w.Seen)-1].Name != "before" {
					t.Errorf("%s: got %+v", what, w)
				}
				if lags := more.DescribeLag != (emulator.Lag{}); (setting(report, "VPC_DESCRIBE_LAG") != nil) != lags || setting(report, "VPC_UPDATE_TIME") == nil {
					t.Errorf("%s: got %+v", what, report.Settings)
				}
				a.expectSent(what, before)
			}
		}
	}
}

// expectSent checks that nothing was sent but the name twice and the old one.
func (a *account) expectSent(what, before string) {
	a.t.Helper()
	if len(a.modifies) != 3 {
		a.t.Fatalf("%s: %d requests", what, len(a.modifies))
	}
	for i, call := range a.modifies {
		want := map[string]string{"RegionId": "cn-hangzhou", "ClientToken": a.modifies[i/2*2].Params["ClientToken"], "Name": a.modifies[0].Params["Name"]}
		for _, name := range []string{"VpnConnectionId", "LocalSubnet", "RemoteSubnet", "EffectImmediately"} {
			want[name] = gjson.Get(before, name).String()
		}
		if i == 2 {
			want["Name"] = gjson.Get(before, "Name").Str
		}
		if !maps.Equal(call.Params, want) || len(want["ClientToken"]) != 32 {
			a.t.Errorf("%s: request %d has %v, want %v", what, i+1, call.Params, want)
		}
	}
	if a.modifies[0].Params["ClientToken"] == a.modifies[2].Params["ClientToken"] || a.modifies[0].Params["Name"] == a.modifies[2].Params["Name"] {
		a.t.Errorf("%s: got %v", what, a.modifies)
	}
}

// TestNothingSent: whatever stands against a write, no Modify is sent.
func TestNothingSent(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, code string
		prepare    func(*account, *probe.Config)
	}{
		{"in motion", "attachment-in-motion", func(a *account, c *probe.Config) { a.edit("x") }},
		{"in motion since it was shown", "attachment-in-motion", func(a *account, c *probe.Config) {
			c.Confirm = func(context.Context, *probe.Reading, probe.Sent) error { a.edit("x"); return nil }
		}},
		{"changed since it was shown", "changed-meanwhile", func(a *account, c *probe.Config) {
			c.Confirm = func(ctx context.Context, _ *probe.Reading, _ probe.Sent) error {
				a.edit("x")
				return c.Sleep(ctx, time.Hour)
			}
		}},
		{"declined", "", func(a *account, c *probe.Config) {
			c.Confirm = func(context.Context, *probe.Reading, probe.Sent) error { return errors.New("no") }
		}},
		{"no name", "not-shown", func(a *account, c *probe.Config) {
			a.rewrite = func(_ string, body []byte) []byte {
				return bytes.Replace(body, []byte(`"Name":"local`), []byte(`"Named":"local`), 1)
			}
		}},
		{"the name of a probe", "name-of-a-probe", func(a *account, c *probe.Config) {
			a.edit("vpnattach-probe-12345678")
			_ = c.Sleep(t.Context(), time.Hour)
		}},
		{"no such attachment", "InvalidVpnConnectionInstanceId.NotFound", func(a *account, c *probe.Config) { c.ID = "vco-none" }},
		{"no permission", "Forbidden.RAM", func(a *account, c *probe.Config) {
			a.api.SetAccount(emulator.Account{AccessKeyID: local.AccessKeyID, Secret: local.AccessKeySecret, Deny: []emulator.Denial{{Action: request.DescribeAction}}})
		}},
		{"no key", "no access key", func(a *account, c *probe.Config) {
			c.VPC.Credentials = func(context.Context) (request.Credentials, error) {
				return request.Credentials{}, errors.New("acs:ram::1:role/secret-name of LTAI5tAbc is gone")
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := newAccount(t, emulator.Config{UpdateTime: time.Minute})
			config := a.config("vco-localsingle")
			config.Confirm = yes
			tt.prepare(a, &config)
			a.modifies = nil
			report, err := a.run(config)
			sent := slices.DeleteFunc(a.modifies, func(c emulator.Call) bool { return c.Params["Name"] == "x" })
			if err == nil || report.Error == nil || report.Error.Code != tt.code || len(sent) > 0 || report.Write != nil {
				t.Errorf("got %v, %+v, %d requests", err, report.Error, len(sent))
			}
			if strings.Contains(fmt.Sprint(report.Error), "secret-name") || strings.Contains(fmt.Sprint(report.Error), "LTAI") {
				t.Errorf("an id is shown: %+v", report.Error)
			}
		})
	}
}

// edit is a change by somebody else.
func (a *account) edit(name string) {
	a.t.Helper()
	config := a.config("").VPC
	config.Now = a.time
	client, err := vpc.New(config)
	if err != nil {
		a.t.Fatal(err)
	}
	change := attachment.Parse(`{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localsingle","Name":"`+name+`"}`, attachment.FromEvent)
	if _, err := client.Modify(a.t.Context(), change, nil); err != nil {
		a.t.Fatal(err)
	}
}

// TestFailures: whatever fails on the way, the name is restored or the error says not.
func TestFailures(t *testing.T) {
	t.Parallel()
	const id = "vco-localdual"
	modify := func(f emulator.Fault) emulator.Fault { f.Action = request.ModifyAction; return f }
	describe := func(f emulator.Fault) emulator.Fault { f.Action = request.DescribeAction; return f }
	for _, tt := range []struct {
		name     string
		faults   []emulator.Fault // once the change has been confirmed
		asleep   func(a *account, number int, cancel, force func())
		code     string
		repeated string
		refused  string
		lost     bool // not restored
	}{
		{name: "refused", faults: []emulator.Fault{modify(emulator.Fault{Code: "Forbidden.RAM"})}, code: "Forbidden.RAM", refused: "Forbidden.RAM"},
		{name: "busy", faults: []emulator.Fault{modify(emulator.Fault{Code: "VpnTask.CONFLICT"})}, code: "VpnTask.CONFLICT", refused: "VpnTask.CONFLICT"},
		{name: "first answer lost", faults: []emulator.Fault{modify(emulator.Fault{Lost: true})}, repeated: probe.RepeatedLost},
		{name: "both answers lost", faults: []emulator.Fault{modify(emulator.Fault{Lost: true, Calls: 2})}, code: "no answer", repeated: "no answer"},
		{name: "token refused", faults: []emulator.Fault{modify(emulator.Fault{LatencyMillis: 1}), modify(emulator.Fault{Code: "VpnConnection.Configuring"})}, repeated: "VpnConnection.Configuring"},
		{name: "no more Describe", faults: []emulator.Fault{describe(emulator.Fault{LatencyMillis: 1}), describe(emulator.Fault{Code: "Forbidden.RAM"})}, code: "Forbidden.RAM", repeated: probe.RepeatedSame},
		{name: "Describe fails for a while", faults: []emulator.Fault{describe(emulator.Fault{LatencyMillis: 1}), describe(emulator.Fault{Code: "ServiceUnavailable", Calls: 9})}, repeated: probe.RepeatedSame},
		{name: "interrupted", repeated: probe.RepeatedSame, code: "interrupted", asleep: func(_ *account, _ int, cancel, _ func()) { cancel() }},
		{name: "interrupted, and the restoration busy", repeated: probe.RepeatedSame, code: "interrupted", asleep: func(a *account, n int, cancel, _ func()) {
			if n == 1 {
				cancel()
				_ = a.api.InjectFaults(modify(emulator.Fault{Code: "VpnConnection.Configuring", Calls: 3}), modify(emulator.Fault{Lost: true}), modify(emulator.Fault{Code: "Throttling.User", RetryMillis: 5000}))
			}
		}},
		{name: "interrupted twice", repeated: probe.RepeatedSame, code: "not-restored", lost: true, asleep: func(a *account, _ int, cancel, force func()) { cancel(); force() }},
		{name: "restoration refused", repeated: probe.RepeatedSame, code: "not-restored", lost: true, asleep: func(a *account, n int, _, _ func()) {
			if n == 1 {
				_ = a.api.InjectFaults(modify(emulator.Fault{Code: "VpnConnection.FinancialLocked", Calls: -1}))
			}
		}},
		{name: "restoration busy for ever", repeated: probe.RepeatedSame, code: "not-restored", lost: true, asleep: func(a *account, n int, _, _ func()) {
			if n == 1 {
				_ = a.api.InjectFaults(modify(emulator.Fault{Code: "VpnConnection.Configuring", Calls: -1}))
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := newAccount(t, emulator.Config{UpdateTime: 3 * time.Second})
			before := string(a.api.Describe(id))
			ctx, cancel := context.WithCancel(t.Context())
			force, cancelForce := context.WithCancel(t.Context())
			defer cancel()
			defer cancelForce()
			config := a.config(id)
			config.Confirm = func(context.Context, *probe.Reading, probe.Sent) error { return a.api.InjectFaults(tt.faults...) }
			sleeps := 0
			a.asleep = func(time.Duration) {
				if sleeps++; tt.asleep != nil {
					tt.asleep(a, sleeps, cancel, cancelForce)
				}
			}
			report, err := a.runIn(ctx, force, config)
			var got probe.Failure
			if report.Error != nil {
				got = *report.Error
			}
			if (err != nil) != (tt.code != "") || got.Code != tt.code || report.Write == nil || report.Write.Repeated != tt.repeated || report.Write.Refused != tt.refused {
				t.Fatalf("got %v, %+v, %+v", err, got, report.Write)
			}
			lost, isLost := errors.AsType[*probe.NotRestoredError](err)
			if isLost != tt.lost || report.Write.Restored != (tt.refused == "" && !tt.lost) {
				t.Errorf("got %v, %+v", err, report.Write)
			}
			if tt.lost {
				if name := gjson.Get(before, "Name").Str; lost.Send.Text(attachment.Name) != name {
					t.Errorf("restores %q, want %q", lost.Send.Text(attachment.Name), name)
				}
				return
			}
			if after := string(a.api.Describe(id)); after != before {
				t.Errorf("before %s\nafter  %s", before, after)
			}
		})
	}
}

// TestChangedBesides: a service that changes more than it is asked to is told of.
func TestChangedBesides(t *testing.T) {
	t.Parallel()
	a := newAccount(t, emulator.Config{})
	changed := false
	a.rewrite = func(action string, body []byte) []byte {
		changed = changed || action == request.ModifyAction
		if changed {
			body = bytes.Replace(body, []byte(`"EnableDpd":"true"`), []byte(`"EnableDpd":"false"`), 1)
			body = bytes.Replace(body, []byte(`"Psk":"`), []byte(`"Psk":"another-`), 1)
		}
		return body
	}
	config := a.config("vco-localdual")
	config.Confirm = yes
	report, err := a.run(config)
	if err == nil || report.Error.Code != "changed-besides" || !report.Write.Restored ||
		!slices.Equal(report.Write.ChangedBesides, []string{"Tunnel.1.EnableDpd", "Tunnel.1.TunnelIkeConfig.Psk"}) {
		t.Errorf("got %v, %+v", err, report.Write)
	}
}

// TestThrottled: headers and waits are reported, also when the calls fail to the end.
func TestThrottled(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		calls int
		code  string
	}{{2, ""}, {-1, "Throttling.User"}} {
		a := newAccount(t, emulator.Config{})
		var waits []time.Duration
		a.asleep = func(d time.Duration) { waits = append(waits, d) }
		if err := a.api.InjectFaults(emulator.Fault{Code: "Throttling.User", RetryMillis: 7000, Calls: tt.calls}); err != nil {
			t.Fatal(err)
		}
		report, err := a.run(a.config("vco-localsingle"))
		if (err != nil) != (tt.code != "") || report.Error != nil && report.Error.Code != tt.code {
			t.Errorf("got %v, %+v", err, report.Error)
		}
		want := []probe.Header{{Name: "x-ratelimit-user", Value: "Limit:1,Remain:0,TimeLeft:7000,Reset:1"}}
		if !slices.Equal(report.Limits, want) || setting(report, "VpcRate") == nil || len(waits) < 2 || waits[0] != 7*time.Second || report.Calls[0].RetryAfter != 7000 {
			t.Errorf("got %+v after %v", report, waits)
		}
	}
}

// TestClock compares the clocks, also when the service refuses to answer because of them.
func TestClock(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		skew time.Duration
		code string
		told bool
	}{{0, "", false}, {20 * time.Second, "", false}, {3 * time.Minute, "", true}, {-10 * time.Minute, "", true}, {time.Hour, "InvalidTimeStamp.Expired", true}} {
		a := newAccount(t, emulator.Config{})
		a.skew = tt.skew
		report, err := a.run(a.config("vco-localsingle"))
		if (err != nil) != (tt.code != "") || err != nil && report.Error.Code != tt.code {
			t.Errorf("%s: got %v, %+v", tt.skew, err, report.Error)
		}
		if off := -tt.skew.Seconds() - report.Clock.AheadSeconds; off < -1 || off > 1 || (setting(report, "clock") != nil) != tt.told {
			t.Errorf("%s: got %+v, %+v", tt.skew, report.Clock, report.Settings)
		}
	}
}

// TestUnreachable: no answer at all is reported, too.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	a := newAccount(t, emulator.Config{})
	config := a.config("vco-localsingle")
	config.VPC.HTTP = &http.Client{Transport: broken{}}
	report, err := a.run(config)
	if err == nil || report.Error.Code != "no answer" || report.Clock != nil || len(report.Calls) != 4 {
		t.Errorf("got %v, %+v", err, report)
	}
}

type broken struct{}

func (broken) RoundTrip(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF }
