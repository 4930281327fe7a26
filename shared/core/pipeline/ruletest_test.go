package pipeline_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vpnattach/shared/core/pipeline"
	"vpnattach/shared/core/rules"
)

// TestSampleRules runs the tests that the sample rule files hold; each file has some, and
// each of its rules makes a change in one of them.
func TestSampleRules(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(root, "events/rules/*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d rule files, %v", len(files), err)
	}
	for _, name := range files {
		set, findings := rules.Load(mustRead(t, name))
		if set == nil || len(findings) > 0 {
			t.Errorf("%s: %s", name, findings.AppendJSON(nil))
			continue
		}
		made := map[string]bool{}
		for _, test := range set.Tests() {
			event := ""
			if test.File != "" {
				event = string(mustRead(t, filepath.Join(filepath.Dir(name), test.File)))
			}
			if v := pipeline.RunTest(set, &test, event); !v.Passed() {
				t.Errorf("%s: %s", name, v.AppendJSON(nil))
			}
			text, _ := test.Input(event)
			if err := new(pipeline.Pipeline).Run([]byte(text), &pipeline.Options{Rules: set, Via: test.Via}, func(r *pipeline.Result) { made[r.Rule] = true }); err != nil {
				t.Error(err)
			}
		}
		delete(made, "")
		if len(made) != set.Len() {
			t.Errorf("%s: %d rules, of which %d make a change in a test", name, set.Len(), len(made))
		}
	}
}

// ruleFile is a rule file with one test.
func ruleFile(test string) string {
	return `{"rules": [{"name": "r", "match": {"source": ["x"]}, "from": {"VpnConnectionId": "id", "RegionId": "region", "RemoteSubnet": "nets?", "Tunnel.2.TunnelIkeConfig.Psk": "key?"}}], "tests": [{"name": "t", ` + test + `}]}`
}

// TestRunTest holds what is said of tests that fail.
func TestRunTest(t *testing.T) {
	t.Parallel()
	const event = `"event": {"source": "x", "id": "vco-1", "region": "cn-hangzhou", "nets": ["10.1.0.0/16", "10.0.0.0/16"], "key": "fYx3tQpL8sVw2NdKzR6mHb4c"}`
	const good = `"RegionId": "cn-hangzhou", "VpnConnectionId": "vco-1", "RemoteSubnet": "10.0.0.0/16,10.1.0.0/16"`
	for _, tt := range []struct{ test, want string }{
		{event + `, "want": [{` + good + `, "TunnelOptionsSpecification": [{"TunnelIndex": 2, "TunnelIkeConfig": {"Psk": "***"}}]}]`, `"passed":true`},
		{event + `, "want": [{` + good + `, "TunnelOptionsSpecification": [{"TunnelIndex": 2, "TunnelIkeConfig": {"Psk": "fYx3tQpL8sVw2NdKzR6mHb4c"}}]}]`, `"passed":true`},
		{event + `, "want": [{` + good + `, "TunnelOptionsSpecification": [{"TunnelIndex": 2, "TunnelIkeConfig": {"Psk": "another-key-0123"}}]}]`,
			`"differences":[{"path":"TunnelOptionsSpecification[0].TunnelIkeConfig.Psk","want":"***","got":"*** (another key)"}]`},
		{event + `, "want": [{` + good + `, "Name": "n", "TunnelOptionsSpecification": [{"TunnelIndex": 1, "EnableDpd": true}]}]`,
			`"differences":[{"path":"Name","want":"n","got":""},{"path":"TunnelOptionsSpecification[0].TunnelIndex","want":"1","got":""},{"path":"TunnelOptionsSpecification[0].EnableDpd","want":"true","got":""},{"path":"TunnelOptionsSpecification[0].TunnelIndex","want":"","got":"2"},{"path":"TunnelOptionsSpecification[0].TunnelIkeConfig.Psk","want":"","got":"***"}]`},
		{event + `, "set": {"source": "y"}, "want": [{` + good + `}]`, `"message":"wants 1 change, but the rules make 0 changes","hint":"r source: wants [\"x\"], but the event has \"y\""`},
		{event + `, "set": {"source": "y"}, "want": []`, `"passed":true`},
		{event + `, "set": {"nets|0": "y"}, "want": []`, `"path":"tests[0].set","message":"\"nets|0\" is not a path at which a value can be set`},
		{event + `, "set": {"region": null}, "refused": "path-finds-nothing"`, `"passed":true`},
		{event + `, "set": {"region": null}, "want": []`, `"message":"refused: rules[0].from.RegionId: rule \"r\": the path \"region\" finds nothing for RegionId","hint":"region is null; end the path in \"?\" if the value may be absent  (path-finds-nothing)"`},
		{event + `, "set": {"region": "EU"}, "refused": ["region-form"], "want": []`, `"passed":true`},
		{event + `, "refused": "region-from"`, `"path":"tests[0].refused","message":"wants the error region-from, which does not come","hint":"no finding has this name; did you mean region-form?"`},
		{`"event": [], "refused": "unknown-event"`, `"passed":true`},
		{`"event": {"RegionId": "cn-hangzhou", "VpnConnectionId": "vco-1", "Name": "a"}, "want": [{"RegionId": "cn-hangzhou", "VpnConnectionId": "vco-1", "Name": "a"}]`, `"passed":true`},
	} {
		set, findings := rules.Load([]byte(ruleFile(tt.test)))
		if set == nil {
			t.Fatalf("%s: %s", tt.test, findings.AppendJSON(nil))
		}
		v := pipeline.RunTest(set, &set.Tests()[0], "")
		if got := string(v.AppendJSON(nil)); !strings.Contains(got, tt.want) || strings.Contains(got, "fYx3tQ") {
			t.Errorf("%s:\ngot  %s\nwant %s", tt.test, got, tt.want)
		}
	}
}

// FuzzRunTest: a test of any shape is refused, or run without a panic, and its verdict is JSON.
func FuzzRunTest(f *testing.F) {
	f.Add(`"event": {"source": "x", "id": "vco-1"}, "set": {"region": "r", "nets.1": 7}, "want": [{"Name": "n"}], "refused": ["x"]`)
	data, err := os.ReadFile(filepath.Join(root, "events/rules/psk-put.json"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(data))
	f.Fuzz(func(t *testing.T, test string) {
		for _, text := range []string{ruleFile(test), test} {
			set, _ := rules.Load([]byte(text))
			for _, one := range set.Tests() {
				if v := pipeline.RunTest(set, &one, `{"source": "x"}`); !json.Valid(v.AppendJSON(nil)) {
					t.Errorf("%s: not JSON: %s", text, v.AppendJSON(nil))
				}
			}
		}
	})
}
