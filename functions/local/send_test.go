package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSend sends through a running serve, and directly to the API that it emulates.
func TestSend(t *testing.T) {
	t.Parallel()
	served := filepath.Join(t.TempDir(), "state")
	p := mustServe(t, mustBuild(t), &record{}, []string{"STATE_DIR=" + served, "VPC_UPDATE_TIME=0s"})
	condition := func(code string) {
		response, err := http.Post(p.vpc+"/emulator/conditions", "application/json", strings.NewReader(`{"VpnConnectionId":"vco-localdual","Code":"`+code+`"}`))
		if err != nil || response.StatusCode != http.StatusNoContent {
			t.Fatal(response, err)
		}
		_ = response.Body.Close()
	}
	condition("VpnConnection.Configuring")
	through := map[string]string{"PORT": p.port}
	direct := func(more ...string) map[string]string {
		env := map[string]string{
			"VPC_ENDPOINT": p.vpc, "ALIBABA_CLOUD_ACCESS_KEY_ID": "local", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "local-secret",
			"STATE_DIR": filepath.Join(t.TempDir(), "none"),
		}
		for i := 0; i < len(more); i += 2 {
			env[more[i]] = more[i+1]
		}
		return env
	}
	change := func(attachment, name string) string {
		return `{"RegionId":"cn-hangzhou","VpnConnectionId":"` + attachment + `","Name":"` + name + `"}`
	}
	for _, c := range []struct {
		name  string
		env   map[string]string
		stdin string
		args  []string
		code  int
		out   []string
		err   []string
	}{
		{name: "applied", env: through, args: []string{sample("eventbridge-psk.json")}, out: []string{"applied   vco-localsingle", "request", `"Psk":"***"`}},
		{name: "again", env: through, args: []string{sample("eventbridge-psk.json")}, out: []string{"applied   vco-localsingle", "event-repeated"}},
		{name: "JSON", env: through, args: []string{sample("eventbridge-psk.json"), "--json"}, out: []string{`"status":"applied"`}},
		{name: "to a URL", args: []string{"-", "--url", p.events}, stdin: change("vco-localfree", "by-url"), out: []string{"applied   vco-localfree"}},
		{name: "rejected", env: through, args: []string{"-"}, stdin: change("vco-none", "x"), code: exitError, out: []string{"rejected  vco-none", "InvalidVpnConnectionInstanceId.NotFound"}},
		{name: "deferred", env: through, args: []string{"-"}, stdin: change("vco-localdual", "x"), out: []string{"deferred  vco-localdual"}},
		{name: "ignored", env: through, args: []string{sample("secretsmanager-rotation.json")}, out: []string{"ignored", "no rule matches it", "event-not-for-us"}},
		{name: "broken", env: through, args: []string{"-"}, stdin: "{", code: exitError, err: []string{"not-json"}},
		{name: "broken, as JSON", env: through, args: []string{"-", "--json"}, stdin: "{", code: exitError, out: []string{`[{"error":{"code":"not-json"`, `"line":1,"column":2`}, err: []string{"not-json"}},
		{name: "nobody there, as JSON", args: []string{"-", "--url", "http://127.0.0.1:1", "--json"}, stdin: "{}", code: exitUsage, out: []string{`[{"error":{"code":"failed","message":"no answer`}},
		{name: "more than an answer holds", env: through, args: []string{"-"}, stdin: "[" + strings.Repeat(`{"specversion":"1.0","id":"e","source":"/s","type":"t","data":{}},`, 1500) + `{"specversion":"1.0","id":"e","source":"/s","type":"t","data":{}}]`, err: []string{"left out  ", "GET /outcomes"}},
		{name: "nobody there", args: []string{"-", "--url", "http://127.0.0.1:1"}, stdin: "{}", code: exitUsage, err: []string{"vpnattach serve"}},
		{name: "somebody else", args: []string{"-", "--url", p.vpc}, stdin: "{}", code: exitUsage, err: []string{"does not answer as serve does"}},
		{name: "no URL", args: []string{"-", "--url", ":"}, stdin: "{}", code: exitUsage, err: []string{"--url"}},

		{name: "direct", env: direct(), args: []string{"--direct", "-"}, stdin: change("vco-localfree", "directly"), out: []string{"applied   vco-localfree", "directly"}},
		{name: "direct plan", env: direct("MODE", "plan"), args: []string{"--direct", "-"}, stdin: change("vco-localfree", "planned"), out: []string{"planned   vco-localfree", "becomes planned"}},
		{name: "direct by rules", env: direct("RULES", sample("rules/webhook-payload.json")), args: []string{"--direct", sample("webhook-payload.json")}, out: []string{"vco-localsingle"}},
		{name: "direct rejected", env: direct(), args: []string{"--direct", "-"}, stdin: change("vco-none", "x"), code: exitError, out: []string{"rejected  vco-none"}},
		{name: "direct, busy to the end", env: direct(), args: []string{"--direct", "--wait", "10ms", "-"}, stdin: change("vco-localdual", "x"), code: exitError, out: []string{"deferred  vco-localdual"}},
		{name: "direct, broken", env: direct(), args: []string{"--direct", "-"}, stdin: "{", code: exitError, err: []string{"not-json"}},
		{name: "direct beside serve", env: direct("STATE_DIR", served), args: []string{"--direct", "-"}, stdin: "{}", code: exitUsage, err: []string{"without --direct"}},
		{name: "direct without endpoint", env: direct("VPC_ENDPOINT", ""), args: []string{"--direct", "-"}, stdin: "{}", code: exitUsage, err: []string{"VPC_ENDPOINT"}},
		{name: "direct without a key", env: direct("ALIBABA_CLOUD_ACCESS_KEY_ID", "", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", ""), args: []string{"--direct", "-"}, stdin: "{}", code: exitUsage, err: []string{"ALIBABA_CLOUD_ACCESS_KEY_ID"}},
	} {
		code, out, errOut := execute(c.env, c.stdin, append([]string{"send"}, c.args...)...)
		if code != c.code {
			t.Errorf("%s: exit code %d, want %d\n%s%s", c.name, code, c.code, out, errOut)
		}
		for _, want := range c.out {
			if !strings.Contains(out, want) && !strings.Contains(compact(out), want) {
				t.Errorf("%s: standard output lacks %q:\n%s", c.name, want, out)
			}
		}
		for _, want := range c.err {
			if !strings.Contains(errOut, want) {
				t.Errorf("%s: standard error lacks %q:\n%s", c.name, want, errOut)
			}
		}
		if strings.Contains(strings.Join(c.args, " "), "--json") && !validJSON(out) {
			t.Errorf("%s: not JSON: %s", c.name, out)
		}
		if strings.Contains(out+errOut, "ExamplePskSiteANov2026NotASecret") || strings.Contains(out+errOut, "local-secret") {
			t.Errorf("%s: a secret is shown", c.name)
		}
	}
}

// TestDirectKeepsOrder: what serve has applied counts, so an older event changes
// nothing, and a busy attachment is waited for.
func TestDirectKeepsOrder(t *testing.T) {
	t.Parallel()
	binary, seen := mustBuild(t), &record{}
	served := filepath.Join(t.TempDir(), "state")
	other := mustServe(t, binary, seen, []string{"STATE_DIR=" + filepath.Join(t.TempDir(), "other"), "VPC_UPDATE_TIME=200ms"})
	p := mustServe(t, binary, seen, []string{"STATE_DIR=" + served, "VPC_ENDPOINT=" + other.vpc, "PORT=0"})
	event := func(id, time, name string) string {
		return `{"specversion":"1.0","id":"` + id + `","source":"/site","type":"change","time":"` + time +
			`","data":{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localsingle","Name":"` + name + `"}}`
	}
	if outcomes, _ := p.post(event("new", "2026-11-02T09:30:00Z", "new")); outcomes.Get("0.status").Str != "applied" {
		t.Fatalf("got %s", outcomes)
	}
	p.kill()
	fresh := map[string]string{"STATE_DIR": filepath.Join(t.TempDir(), "fresh"), "VPC_ENDPOINT": other.vpc, "ALIBABA_CLOUD_ACCESS_KEY_ID": "local", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "local-secret"}
	for _, c := range []struct{ event, status string }{
		{strings.Replace(event("f2", "2026-11-02T09:31:00Z", "newer"), "localsingle", "localfree", 1), "applied"},
		{strings.Replace(event("f1", "2026-11-02T09:30:00Z", "older"), "localsingle", "localfree", 1), "unchanged"},
	} {
		if code, out, errOut := execute(fresh, c.event, "send", "--direct", "-"); code != exitOK || !strings.Contains(out, c.status) {
			t.Errorf("without a state before: want %s, got exit code %d\n%s%s", c.status, code, out, errOut)
		}
	}
	if err := os.Remove(filepath.Join(fresh["STATE_DIR"], "key")); err != nil {
		t.Fatal(err)
	}
	if code, _, errOut := execute(fresh, event("f3", "2026-11-02T09:32:00Z", "x"), "send", "--direct", "-"); code != exitUsage || !strings.Contains(errOut, "start anew") {
		t.Errorf("with a state that can't be read: exit code %d\n%s", code, errOut)
	}
	env := map[string]string{"STATE_DIR": served, "VPC_ENDPOINT": other.vpc, "ALIBABA_CLOUD_ACCESS_KEY_ID": "local", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "local-secret"}
	for _, c := range []struct{ event, status string }{
		{event("old", "2026-11-02T09:29:00Z", "old"), "unchanged"},
		{event("newer", "2026-11-02T09:31:00Z", "newer"), "applied"},
		{event("newest", "2026-11-02T09:32:00Z", "newest"), "applied"}, // deferred at first
	} {
		if code, out, errOut := execute(env, c.event, "send", "--direct", "-"); code != exitOK || !strings.Contains(out, c.status) {
			t.Errorf("want %s, got exit code %d\n%s%s", c.status, code, out, errOut)
		}
	}
}

// TestServeSettings: all that is wrong is told at once, with its name and what it may be.
func TestServeSettings(t *testing.T) {
	t.Parallel()
	broken := filepath.Join(t.TempDir(), "rules.json")
	if err := os.WriteFile(broken, []byte(`{"rules":[{"name":"x","mtach":{}}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	all := map[string]string{"STATE_DIR": filepath.Join(t.TempDir(), "s")}
	var wants []string
	for _, c := range []struct{ name, value, says string }{
		{"PORT", "abc", `PORT must be 1–65535, not "abc"`},
		{"SITE_DIR", os.DevNull, "SITE_DIR must name a folder, not a file"},
		{"VPC_PORT", "70000", `VPC_PORT must be 1–65535, not "70000"`},
		{"VPC_ENDPOINT", "https://vpc.aliyuncs.com/path", "VPC_ENDPOINT must be a URL without a path"},
		{"VPC_ENDPOINT", "https://user:s3cr3t@vpc.aliyuncs.com", "VPC_ENDPOINT must be a URL without a user"},
		{"VPC_ENDPOINT", "https://vpc.aliyuncs.com?a=s3cr3t", "VPC_ENDPOINT must be a URL without a user, a query"},
		{"VPC_ENDPOINT", "vpc", "VPC_ENDPOINT must be a URL such as https://vpc.aliyuncs.com"},
		{"VPC_UPDATE_TIME", "soon", "VPC_UPDATE_TIME must be a duration such as"},
		{"MODE", "maybe", `MODE must be one of apply, plan, not "maybe"`},
		{"PEER", "acme", "PEER must be one of aws"},
		{"RULES", "no-such-file.json", "RULES can't be used: open no-such-file.json"},
		{"AWS_LAMBDA_LOG_LEVEL", "loud", "AWS_LAMBDA_LOG_LEVEL must be one of TRACE"},
		{"VPC_MASK_KEYS", "maybe", `VPC_MASK_KEYS must be true or false, not "maybe"`},
		{"VPC_REQUIRE_SUBNETS", "2", "VPC_REQUIRE_SUBNETS must be true or false"},
		{"VPC_PARTIAL", "some", `VPC_PARTIAL "some" is not keep, objects or reset`},
		{"VPC_DESCRIBE_LAG", "long", `VPC_DESCRIBE_LAG "long" is not a duration`},
		{"VPC_HEALTH_CAPITALS", "x", "VPC_HEALTH_CAPITALS must be true or false"},
		{"VPC_CREATE_SINGLE", "x", "VPC_CREATE_SINGLE must be true or false"},
		{"ALIBABA_CLOUD_ACCESS_KEY_ID", "alone", "ALIBABA_CLOUD_ACCESS_KEY_SECRET must be set too"},
		{"ALIBABA_CLOUD_ACCESS_KEY_SECRET", "s3cr3t", "ALIBABA_CLOUD_ACCESS_KEY_ID must be set too"},
		{"WEBHOOK_SECRET", `{"netbox":"s3cr3ts3cr3t","github":"s3cr3ts3cr3t"}`, "WEBHOOK_SECRET can't be used: the sender github has a secret that netbox has too"},
		{"RULES", broken, "RULES can't be used: " + broken},
	} {
		env := map[string]string{"STATE_DIR": all["STATE_DIR"], c.name: c.value}
		if code, _, errOut := execute(env, "", "serve"); code != exitUsage || !strings.Contains(errOut, c.says) || strings.Contains(errOut, "s3cr3t") {
			t.Errorf("%s=%s: exit code %d\n%s", c.name, c.value, code, errOut)
		}
		if c.name != "ALIBABA_CLOUD_ACCESS_KEY_SECRET" && (c.name != "VPC_ENDPOINT" || c.value == "vpc") {
			if all[c.name] = c.value; c.name != "RULES" {
				wants = append(wants, c.says)
			}
		}
	}
	code, _, errOut := execute(all, "", "serve")
	for _, want := range append(wants, "RULES can't be used") {
		if code != exitUsage || !strings.Contains(errOut, want) {
			t.Errorf("with all of them: exit code %d, and no %q in\n%s", code, want, errOut)
		}
	}
	if code, _, errOut := execute(map[string]string{"STATE_DIR": all["STATE_DIR"], "PORT": "8081"}, "", "serve"); code != exitUsage || !strings.Contains(errOut, "VPC_PORT must be another port than PORT") {
		t.Errorf("one port for two: exit code %d\n%s", code, errOut)
	}
	if code, _, errOut := execute(map[string]string{"PORT": "abc"}, "{}", "send", "-"); code != exitUsage || !strings.Contains(errOut, "PORT must be 1–65535") {
		t.Errorf("send: exit code %d\n%s", code, errOut)
	}
}
