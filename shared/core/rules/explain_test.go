package rules_test

import (
	"strings"
	"testing"

	"vpnattach/shared/core/rules"
)

func TestExplain(t *testing.T) {
	t.Parallel()
	const key = "s3cr3t-value"
	tests := []struct{ name, file, event, want string }{
		{"no match", file(), `{"source": "y"}`,
			`{"rule":"r","matched":false,"path":"source","reason":"wants [\"x\"], but the event has \"y\""}`},
		{"constants", file("with", with(`"IkeConfig.Psk": "{{resolve:ssm-secure:a}}", "IpsecConfig": {"IpsecPfs": "group14"}`)), `{"source": "x"}`,
			`{"rule":"r","matched":true,"given":[{"parameter":"RegionId","found":true,"value":"cn-hangzhou"},{"parameter":"VpnConnectionId","found":true,"value":"vco-1"},{"parameter":"IkeConfig.Psk","found":true,"value":"{{resolve:ssm-secure:a}}"},{"parameter":"IpsecConfig","found":true,"value":{"IpsecPfs":"group14"}}]}`},
		{"elements", file("with", `{"RegionId": "cn-hangzhou"}`, "each", `"list"`, "from", `{"VpnConnectionId": "id"}`, "time", `"$.t?"`), `{"source": "x", "list": [{"id": "vco-1"}, {}], "t": "noon"}`,
			`{"rule":"r","matched":true,"elements":2,"given":[{"parameter":"each","from":"list","found":true,"value":"2 elements"},` +
				`{"parameter":"time","element":0,"from":"$.t?","found":true,"value":"a string that is not a time"},{"parameter":"RegionId","element":0,"found":true,"value":"cn-hangzhou"},{"parameter":"VpnConnectionId","element":0,"from":"id","found":true,"value":"vco-1"},` +
				`{"parameter":"time","element":1,"from":"$.t?","found":true,"value":"a string that is not a time"},{"parameter":"RegionId","element":1,"found":true,"value":"cn-hangzhou"},{"parameter":"VpnConnectionId","element":1,"from":"id","found":false}]}`},
		{"each finds no array", file("each", `"list"`), `{"source": "x", "list": 5}`,
			`{"rule":"r","matched":true,"given":[{"parameter":"each","from":"list","found":true,"value":"a number"}]}`},
		{"version", file("version", `"v"`, "with", with(`"IkeConfig.Psk": "{{resolve:ssm-secure:a}}"`)), `{"source": "x", "v": 3}`,
			`{"rule":"r","matched":true,"given":[{"parameter":"version","from":"v","found":true,"value":"3"},{"parameter":"RegionId","found":true,"value":"cn-hangzhou"},{"parameter":"VpnConnectionId","found":true,"value":"vco-1"},{"parameter":"IkeConfig.Psk","found":true,"value":"{{resolve:ssm-secure:a}}"}]}`},
		{"words", file("map", `"common"`, "from", `{"IkeConfig": "a", "Name": "n"}`), `{"source": "x", "a": {"Psk": "` + key + `", "IkePfs": "DH14"}, "n": "DH14"}`,
			`{"rule":"r","matched":true,"given":[{"parameter":"RegionId","found":true,"value":"cn-hangzhou"},{"parameter":"VpnConnectionId","found":true,"value":"vco-1"},{"parameter":"Name","from":"n","found":true,"value":"DH14"},` +
				`{"parameter":"IkeConfig","from":"a","found":true,"value":{"Psk":"***","IkePfs":"group14"},"word":{"Psk":"***","IkePfs":"DH14"}}]}`},
		{"nothing has changed", file("changed", `{"before": "a", "after": "b", "fields": ["c", "d?"]}`), `{"source": "x", "a": {"c": 1}, "b": {"c": 1}}`,
			`{"rule":"r","matched":false,"path":"changed","reason":"wants a difference between \"a\" and \"b\" in \"c\" or \"d?\", but the event has the same in both"}`},
		{"elements that have changed", file("with", `{"RegionId": "cn-hangzhou", "VpnConnectionId": "vco-1"}`, "each", `"l"`, "changed", `{"before": "a", "after": "b"}`), `{"source": "x", "l": [{"a": 1, "b": 1}, {"a": 1, "b": 2}]}`,
			`{"rule":"r","matched":true,"elements":2,"given":[{"parameter":"each","from":"l","found":true,"value":"2 elements"},{"parameter":"changed","element":0,"from":"a, b","found":false},{"parameter":"changed","element":1,"from":"a, b","found":true,"value":"a difference"},` +
				`{"parameter":"RegionId","element":1,"found":true,"value":"cn-hangzhou"},{"parameter":"VpnConnectionId","element":1,"found":true,"value":"vco-1"}]}`},
		{"secrets", file("from", `{"IkeConfig": "a", "TunnelOptionsSpecification": "b", "Name": "c", "RemoteSubnet": "d", "BgpConfig": "e"}`),
			`{"source": "x", "a": {"Psk": "` + key + `", "psk": "` + key + `", "IkeMode": "main"}, "b": [{"TunnelIndex": 1, "TunnelIkeConfig": "{\"Psk\": \"` + key + `\", \"LocalId\": \"a\"}"}, "` + key + `"],
			  "c": {"Psk": "` + key + `"}, "d": ["10.0.0.0/8"], "e": "` + key + `"}`, ""},
		{"plain secret in the file", file("with", with(`"IkeConfig": {"Psk": "`+key+`"}`)), `{"source": "x"}`, ""},
		{"reference in the event", file("from", `{"IkeConfig.LocalId": "a"}`), `{"source": "x", "a": "{{resolve:` + key + `"}`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			explanations := mustLoad(t, tt.file).Explain(rules.Event{Text: tt.event})
			if len(explanations) != 1 {
				t.Fatalf("got %d explanations", len(explanations))
			}
			got := string(explanations[0].AppendJSON(nil))
			if tt.want != "" && got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if tt.want == "" && (strings.Contains(got, key) || !strings.Contains(got, `***`)) {
				t.Errorf("not redacted: %s", got)
			}
		})
	}
}

func TestExplainShowsWhatIsNoSecret(t *testing.T) {
	t.Parallel()
	set := mustLoad(t, file("from", `{"TunnelOptionsSpecification": "b", "RemoteSubnet": "d"}`))
	got := string(set.Explain(rules.Event{Text: `{"source": "x", "b": [{"TunnelIndex": 1, "TunnelIkeConfig": {"Psk": "k", "LocalId": "a"}}], "d": ["10.0.0.0/8"]}`})[0].AppendJSON(nil))
	for _, want := range []string{`"value":["10.0.0.0/8"]`, `"value":[{"TunnelIndex":1,"TunnelIkeConfig":{"Psk":"***","LocalId":"a"}}]`} {
		if !strings.Contains(got, want) {
			t.Errorf("got %s, want %s in it", got, want)
		}
	}
}
