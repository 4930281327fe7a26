package rules_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/event"
	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/rules"
)

func mustRead(tb testing.TB, name string) string {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "events", name))
	if err != nil {
		tb.Fatal(err)
	}
	return string(data)
}

func mustOpen(tb testing.TB, name string) string {
	tb.Helper()
	records, err := event.Open([]byte(mustRead(tb, name)), nil)
	if err != nil || len(records) != 1 {
		tb.Fatalf("Open(%s): %d records, %v", name, len(records), err)
	}
	return records[0].Event
}

func TestApplySamples(t *testing.T) {
	t.Parallel()
	const stored = `{"version": "0", "id": "1", "detail-type": "Parameter Store Change", "source": "aws.ssm",
		"detail": {"name": "/vpn/site-b/tunnel-2", "type": "SecureString", "operation": "Update"}}`
	tests := []struct {
		rules, event string
		want         []rules.Change
	}{
		{"psk-rotated.json", "secretsmanager-rotation.json", []rules.Change{{Rule: "tunnel-1-psk-rotated", Element: -1,
			Document: `{"RegionId":"eu-central-1","VpnConnectionId":"vco-p0w5112fgnl2ihlmf0000","EffectImmediately":true,"TunnelOptionsSpecification":[{"TunnelIndex":1,"TunnelIkeConfig":{"Psk":"{{resolve:secretsmanager:arn:aws:secretsmanager:eu-central-1:123456789012:secret:vpn/site-a/tunnel-1-9fK2aB:SecretString:psk}}"}}]}`}}},
		{"psk-put.json", "cloudtrail-putsecretvalue.json", []rules.Change{{Rule: "tunnel-1-psk-put", Element: -1, Credentials: "site-b",
			Document: `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localdual","EffectImmediately":true,"TunnelOptionsSpecification":[{"TunnelIndex":1,"TunnelIkeConfig":{"Psk":"{{resolve:secretsmanager:arn:aws:secretsmanager:eu-central-1:123456789012:secret:vpn/site-b-Qm7RtX:SecretString:psk::5a8f3f0e-9c1b-4d5c-8a57-2f6a1b7c9d30}}"}}]}`}}},
		{"sites-from-inventory.json", "inventory-sites.json", []rules.Change{
			{Rule: "sites-from-inventory", Element: 0, Document: `{"RegionId":"eu-central-1","VpnConnectionId":"vco-p0w5112fgnl2ihlmf0000","Name":"site-a","RemoteSubnet":["192.168.10.0/24","192.168.20.0/24","192.168.30.0/24"]}`},
			{Rule: "sites-from-inventory", Element: 1, Document: `{"RegionId":"eu-central-1","VpnConnectionId":"vco-p0w5112fgnl2ihlmf0001","RemoteSubnet":["172.16.40.0/24"]}`}}},
		{"webhook-payload.json", "webhook-payload.json", []rules.Change{{Rule: "networks-from-webhook", Element: -1,
			Time:     time.Date(2026, 11, 2, 13, 45, 0, 0, time.UTC),
			Document: `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localsingle","RemoteSubnet":["192.168.10.0/24","192.168.80.0/24"]}`}}},
		{"cloudevents-aliyun.json", "cloudevents-aliyun.json", []rules.Change{{Rule: "tunnels-from-cloudevent", Element: -1,
			Document: `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localdual","EffectImmediately":true,"TunnelOptionsSpecification":[{"TunnelIndex":1,"EnableDpd":true,"EnableNatTraversal":true,"TunnelIpsecConfig":{"IpsecEncAlg":"aes256","IpsecAuthAlg":"sha256","IpsecPfs":"group14","IpsecLifetime":3600}}]}`}}},
		{"dynamodb-table.json", "dynamodb.json", []rules.Change{{Rule: "networks-from-table", Element: -1,
			Time:     time.Unix(1793626200, 0).UTC(),
			Document: `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localsingle","LocalSubnet":["10.10.0.0/16"],"RemoteSubnet":["192.168.10.0/24","192.168.70.0/24"],"HealthCheckConfig":{"enable":true,"dip":"192.168.10.1","sip":"10.10.0.1"}}`}}},
		{"netbox.json", "netbox-tunnel.json", []rules.Change{{Rule: "netbox-tunnel", Element: -1,
			Time:     time.Date(2026, 11, 2, 9, 14, 7, 512034000, time.UTC),
			Document: `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localdual","Name":"site-b","RemoteSubnet":["192.168.20.0/24","192.168.21.0/24"]}`}}},
		{"nautobot.json", "nautobot-prefix.json", []rules.Change{{Rule: "nautobot-prefix", Element: -1,
			Time:     time.Date(2026, 11, 2, 9, 40, 12, 318845000, time.UTC),
			Document: `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localfree","RemoteSubnet":"192.168.40.0/24"}`}}},
		{"tunnel-psk-stored.json", "", []rules.Change{{Rule: "tunnel-2-psk-stored", Element: -1,
			Document: `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localdual","EffectImmediately":true,"TunnelOptionsSpecification":[{"TunnelIndex":2,"TunnelIkeConfig":{"Psk":"{{resolve:ssm-secure:/vpn/site-b/tunnel-2}}"}}]}`}}},
	}
	for _, tt := range tests {
		t.Run(tt.rules, func(t *testing.T) {
			t.Parallel()
			text := stored
			if tt.event != "" {
				text = mustOpen(t, tt.event)
			}
			set := mustLoad(t, mustRead(t, filepath.Join("rules", tt.rules)))
			via := "bus"
			for name, way := range map[string]string{"webhook-": "webhook", "dynamodb-": "arn:aws:dynamodb:r:1:table/t/stream/s", "cloudevents-": "local", "netbox": "webhook:netbox", "nautobot": "webhook:nautobot"} {
				if strings.HasPrefix(tt.rules, name) {
					via = way
				}
			}
			got, findings := set.Apply(rules.Event{Text: text, Via: via}, nil)
			if len(findings) > 0 {
				t.Errorf("findings: %s", findings.AppendJSON(nil))
			}
			if len(got) != len(tt.want) {
				t.Fatalf("got %d changes, want %d: %+v", len(got), len(tt.want), got)
			}
			for i := range got {
				got[i].Document = compact(t, got[i].Document)
				if got[i] != tt.want[i] {
					t.Errorf("got  %+v\nwant %+v", got[i], tt.want[i])
				}
				change := attachment.Parse(got[i].Document, attachment.FromRule)
				if findings := attachment.Validate(change, nil, ""); findings.HasError() {
					t.Errorf("the change is not valid: %s", findings.AppendJSON(nil))
				}
			}
		})
	}
	files, err := filepath.Glob("../../../events/rules/*.json")
	if err != nil || len(files) != len(tests) {
		t.Errorf("%d rule examples, %d of them tested (%v)", len(files), len(tests), err)
	}
}

// compact takes the blanks of an event's own values out of a document.
func compact(tb testing.TB, document string) string {
	tb.Helper()
	var b bytes.Buffer
	if err := json.Compact(&b, []byte(document)); err != nil {
		tb.Fatalf("%s: %v", document, err)
	}
	return b.String()
}

func TestApply(t *testing.T) {
	t.Parallel()
	const address = `{"RegionId": "r", "VpnConnectionId": "v"}`
	const wanted = `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-1"`
	const snapshots = `{"before": "snapshots.prechange", "after": "snapshots.postchange"}`
	const snapshotFields = `{"before": "snapshots.prechange", "after": "snapshots.postchange", "fields": ["a", "b", "c?"]}`
	tests := []struct {
		name, file, event string
		want              []string // documents
		findings          []string // "rule path: part of the message"
	}{
		{"no match", file(), `{"source": "y"}`, nil, nil},
		{"constants", file("with", with(`"EffectImmediately": true, "LocalSubnet": ["10.0.0.0/8", "10.1.0.0/16"], "BgpConfig": {"LocalAsn": 4294967295 }`)), `{"source": "x"}`,
			[]string{wanted + `,"LocalSubnet":["10.0.0.0/8","10.1.0.0/16"],"EffectImmediately":true,"BgpConfig":{"LocalAsn":4294967295}}`}, nil},
		{"order of the table", file("with", `{"EnableDpd": true, "Tunnel.2.EnableDpd": false, "HealthCheckConfig.sip": "1.1.1.1", "Tunnel.1.TunnelIpsecConfig.IpsecPfs": "group14", "HealthCheckConfig.dip": "1.1.1.2", "Tunnel.1.EnableDpd": true, "VpnConnectionId": "vco-1", "RegionId": "cn-hangzhou"}`),
			`{"source": "x"}`, []string{wanted + `,"HealthCheckConfig":{"dip":"1.1.1.2","sip":"1.1.1.1"},"EnableDpd":true,"TunnelOptionsSpecification":[{"TunnelIndex":1,"EnableDpd":true,"TunnelIpsecConfig":{"IpsecPfs":"group14"}},{"TunnelIndex":2,"EnableDpd":false}]}`}, nil},
		{"numbers stay as they are", file("from", `{"IkeConfig.IkeLifetime": "n", "ResourceOwnerId": "big"}`), `{"source": "x", "n": 8.64e4, "big": 9007199254740993}`,
			[]string{wanted + `,"IkeConfig":{"IkeLifetime":8.64e4},"ResourceOwnerId":9007199254740993}`}, nil},
		{"numbers beyond a float's precision", file("with", with(`"ResourceOwnerId": 9223372036854775807, "Tunnel.1.TunnelBgpConfig.LocalAsn": 4294967295.0`), "from", `{"Tunnel.1.TunnelIkeConfig.IkeLifetime": "n.0", "HealthCheckConfig": "n.1", "Tunnel.2.TunnelBgpConfig.LocalAsn": "n.2"}`),
			`{"source": "x", "n": [18446744073709551617, {"retry": -9007199254740993, "interval": 1E+400}, -0.10]}`,
			[]string{wanted + `,"HealthCheckConfig":{"retry": -9007199254740993, "interval": 1E+400},"TunnelOptionsSpecification":[{"TunnelIndex":1,"TunnelIkeConfig":{"IkeLifetime":18446744073709551617},"TunnelBgpConfig":{"LocalAsn":4294967295.0}},{"TunnelIndex":2,"TunnelBgpConfig":{"LocalAsn":-0.10}}],"ResourceOwnerId":9223372036854775807}`}, nil},
		{"nothing in the middle of an object", file("from", `{"IkeConfig.IkeVersion": "a", "IkeConfig.IkeMode": "b?", "IkeConfig.IkeLifetime": "c", "IpsecConfig.IpsecPfs": "b?", "IpsecConfig.IpsecLifetime": "c", "Tunnel.1.EnableDpd": "d", "Tunnel.1.EnableNatTraversal": "b?", "Tunnel.1.TunnelIkeConfig.Psk": "b?", "Tunnel.1.TunnelIpsecConfig.IpsecPfs": "e"}`),
			`{"source": "x", "a": "ikev2", "b": null, "c": 3600, "d": true, "e": "group14"}`,
			[]string{wanted + `,"IkeConfig":{"IkeVersion":"ikev2","IkeLifetime":3600},"IpsecConfig":{"IpsecLifetime":3600},"TunnelOptionsSpecification":[{"TunnelIndex":1,"EnableDpd":true,"TunnelIpsecConfig":{"IpsecPfs":"group14"}}]}`}, nil},
		{"values that are empty", file("from", `{"IkeConfig": "o", "Tunnel.2.TunnelBgpConfig": "o", "RemoteSubnet": "a", "Name": "s"}`), `{"source": "x", "o": {}, "a": [], "s": ""}`,
			[]string{wanted + `,"Name":"","RemoteSubnet":[],"IkeConfig":{},"TunnelOptionsSpecification":[{"TunnelIndex":2,"TunnelBgpConfig":{}}]}`}, nil},
		{"the list of tunnels as it is", file("from", `{"TunnelOptionsSpecification": "list"}`), `{"source": "x", "list": [null, {"TunnelIndex": 2}]}`,
			[]string{wanted + `,"TunnelOptionsSpecification":[null, {"TunnelIndex": 2}]}`}, nil},
		{"names and paths with escapes", file("with", with(`"\u0049keConfig.IkeMode": "main"`), "from", `{"N\u0061me": "a\\.b\\:c.\\*", "IkeConfig.LocalId": "k\\|\\#"}`), `{"source": "x", "a\u002eb:c": {"*": "\u0022n\""}, "k|#": "l"}`,
			[]string{wanted + `,"Name":"\u0022n\"","IkeConfig":{"IkeMode":"main","LocalId":"l"}}`}, nil},
		{"keys that appear twice", file("from", `{"Name": "a.b", "IkeConfig": "o"}`), `{"source": "x", "a": {"b": "first", "\u0062": "second"}, "a": {"b": "third"}, "o": {"Psk": 1, "Psk": 2}}`,
			[]string{wanted + `,"Name":"first","IkeConfig":{"Psk": 1, "Psk": 2}}`}, nil},
		{"optional paths", file("from", `{"Name": "label?", "IkeConfig.LocalId": "id?", "Tunnel.1.EnableDpd": "dpd?", "Tunnel.2.TunnelBgpConfig.LocalAsn": "asn?"}`),
			`{"source": "x", "label": null}`, []string{wanted + `}`}, nil},
		{"optional paths, one found", file("from", `{"Tunnel.1.EnableDpd": "dpd?", "Tunnel.2.TunnelBgpConfig.LocalAsn": "asn?"}`),
			`{"source": "x", "asn": 65010}`, []string{wanted + `,"TunnelOptionsSpecification":[{"TunnelIndex":2,"TunnelBgpConfig":{"LocalAsn":65010}}]}`}, nil},
		{"escaped question mark", file("from", `{"Name": "what\\?"}`), `{"source": "x", "what?": "that"}`, []string{wanted + `,"Name":"that"}`}, nil},
		{"required paths", file("from", `{"Name": "label", "RemoteSubnet": "nets", "IkeConfig.LocalId": "id"}`), `{"source": "x", "nets": null}`, nil,
			[]string{`path-finds-nothing rules[0].from.Name: rule "r": the path "label" finds nothing for Name`,
				`path-finds-nothing rules[0].from.RemoteSubnet: the path "nets" finds nothing`,
				`path-finds-nothing rules[0].from["IkeConfig.LocalId"]: the path "id" finds nothing`}},
		{"each", file("with", `{"RegionId": "cn-hangzhou"}`, "each", `"list"`, "from", `{"VpnConnectionId": "id", "Name": "$.label"}`),
			`{"source": "x", "label": "n", "list": [{"id": "vco-1"}, {"ID": "vco-2"}, 5, {"id": "vco-3"}]}`,
			[]string{wanted + `,"Name":"n"}`, `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-3","Name":"n"}`},
			[]string{`path-finds-nothing rules[0].from.VpnConnectionId: rule "r", element 1: the path "id"`, `path-finds-nothing rules[0].from.VpnConnectionId: rule "r", element 2`}},
		{"each, tunnels apart", file("with", `{"RegionId": "cn-hangzhou"}`, "each", `"list"`, "from", `{"VpnConnectionId": "id", "Tunnel.1.EnableDpd": "one?", "Tunnel.2.EnableDpd": "two?"}`),
			`{"source": "x", "list": [{"id": "vco-1", "one": true, "two": false}, {"id": "vco-1", "two": true}, {"id": "vco-1"}, {"two": true}, {"id": "vco-1", "one": false}]}`,
			[]string{wanted + `,"TunnelOptionsSpecification":[{"TunnelIndex":1,"EnableDpd":true},{"TunnelIndex":2,"EnableDpd":false}]}`,
				wanted + `,"TunnelOptionsSpecification":[{"TunnelIndex":2,"EnableDpd":true}]}`, wanted + `}`, wanted + `,"TunnelOptionsSpecification":[{"TunnelIndex":1,"EnableDpd":false}]}`},
			[]string{`path-finds-nothing rules[0].from.VpnConnectionId: rule "r", element 3`}},
		{"each pins its own version", file("with", `{"RegionId": "cn-hangzhou", "IkeConfig.Psk": "\u007b{resolve:secretsmanager:s}}"}`, "each", `"list"`, "from", `{"VpnConnectionId": "id"}`, "version", `"v?"`),
			`{"source": "x", "list": [{"id": "vco-1", "v": "a-1"}, {"id": "vco-1"}, {"id": "vco-1", "v": 9007199254740993}]}`,
			[]string{wanted + `,"IkeConfig":{"Psk":"{{resolve:secretsmanager:s:SecretString:::a-1}}"}}`, wanted + `,"IkeConfig":{"Psk":"\u007b{resolve:secretsmanager:s}}"}}`,
				wanted + `,"IkeConfig":{"Psk":"{{resolve:secretsmanager:s:SecretString:::9007199254740993}}"}}`}, nil},
		{"each of plain values", file("with", `{"RegionId": "cn-hangzhou"}`, "each", `"list"`, "from", `{"VpnConnectionId": "@this"}`),
			`{"source": "x", "list": ["vco-1"]}`, []string{wanted + `}`}, nil},
		{"each of none", file("each", `"list"`), `{"source": "x", "list": []}`, nil, nil},
		{"each finds nothing", file("each", `"list"`), `{"source": "x"}`, nil, []string{`each-not-array rules[0].each: finds nothing`}},
		{"each may find nothing", file("each", `"list?"`), `{"source": "x"}`, nil, nil},
		{"each finds an object", file("each", `"list?"`), `{"source": "x", "list": {}}`, nil, []string{`each-not-array rules[0].each: finds an object`}},
		{"only", file("with", `{"RegionId": "cn-hangzhou"}`, "each", `"list"`, "from", `{"VpnConnectionId": "@this"}`, "only", `["vco-1"]`),
			`{"source": "x", "list": ["vco-1", "vco-12", 7]}`, []string{wanted + `}`},
			[]string{`attachment-not-allowed rules[0].only: element 1`, `attachment-not-allowed rules[0].only: element 2`}},
		{"optional paths that find what is empty", file("from", `{"Name": "a?", "HealthCheckConfig.dip": "b?", "RemoteSubnet": "c.#.p?", "LocalSubnet": "d?", "IkeConfig.LocalId": "e?"}`, "time", `"b?"`),
			`{"source": "x", "a": "", "b": "", "c": [], "d": [ ], "e": " "}`, []string{wanted + `,"IkeConfig":{"LocalId":" "}}`}, nil},
		{"an optional each that finds what is empty", file("each", `"list?"`), `{"source": "x", "list": ""}`, nil, nil},
		{"lists with a hole", file("from", `{"RemoteSubnet": "nets.#.prefix?", "LocalSubnet": "nets.#(use==\"l\")#.prefix", "Name": "nested.#.in.#.p|@flatten"}`),
			`{"source": "x", "nets": [{"prefix": "10.0.0.0/8", "use": "l"}, {"pfx": "10.1.0.0/16"}, {"use": "l", "prefix": ""}], "nested": [{"in": [{"p": 1}]}, {"in": [{"p": 2}, {"p": null}]}]}`, nil,
			[]string{`list-has-hole rules[0].from.Name: in element 1, element 1`, `list-has-hole rules[0].from.LocalSubnet: in element 1`, `list-has-hole rules[0].from.RemoteSubnet: the path "nets.#.prefix?" finds nothing in element 1`}},
		{"lists without a hole", file("from", `{"RemoteSubnet": "nets.#(prefix!=\"\")#.prefix", "LocalSubnet": "$.#.@this?", "Name": "none.#.p?"}`),
			`{"source": "x", "nets": [{"prefix": "10.0.0.0/8"}, {"pfx": 1}, {"prefix": ""}], "none": ""}`, []string{wanted + `,"RemoteSubnet":["10.0.0.0/8"]}`}, nil},
		{"each over a list with a hole", file("each", `"sites.#.vpn"`), `{"source": "x", "sites": [{"vpn": {}}, {}]}`, nil, []string{`list-has-hole rules[0].each: in element 1`}},
		{"the words of other tools", file("map", `"common"`, "from", `{"IkeConfig.IkeEncAlg": "e", "IkeConfig.IkePfs": "g", "IkeConfig.IkeLifetime": "t", "EnableDpd": "d", "IpsecConfig": "o", "Tunnel.2.TunnelIkeConfig": "j", "Name": "n", "RemoteSubnet": "r"}`),
			`{"source": "x", "e": "AES-256", "g": 14, "t": "8h", "d": "yes", "o": {"IpsecEncAlg": "aes128", "IpsecAuthAlg": "sha1", "x": "AES-256"}, "j": "{\"IkeVersion\": \"2\"}", "n": "AES-256", "r": ["on"]}`,
			[]string{wanted + `,"Name":"AES-256","RemoteSubnet":["on"],"IkeConfig":{"IkeEncAlg":"aes256","IkePfs":"group14","IkeLifetime":28800},"IpsecConfig":{"IpsecEncAlg":"aes","IpsecAuthAlg":"sha1","x":"AES-256"},"EnableDpd":true,"TunnelOptionsSpecification":[{"TunnelIndex":2,"TunnelIkeConfig":{"IkeVersion":"ikev2"}}]}`}, nil},
		{"words by parameter", file("map", `{"IkeConfig.IkeEncAlg": "common", "IpsecConfig.IpsecEncAlg": {"strong": "aes256"}, "RemoteSubnet": {"hq": "10.0.0.0/8", "7": "10.7.0.0/16"}, "IkeConfig.IkeLifetime": {"short": 3600}}`,
			"from", `{"IkeConfig.IkeEncAlg": "e", "IkeConfig.IkeAuthAlg": "a", "IpsecConfig.IpsecEncAlg": "s", "RemoteSubnet": "r", "IkeConfig.IkeLifetime": "t"}`),
			`{"source": "x", "e": "nonsense", "a": "SHA-256", "s": "strong", "r": ["hq", 7], "t": "short"}`,
			[]string{wanted + `,"RemoteSubnet":["10.0.0.0/8","10.7.0.0/16"],"IkeConfig":{"IkeEncAlg":"nonsense","IkeAuthAlg":"SHA-256","IkeLifetime":3600},"IpsecConfig":{"IpsecEncAlg":"aes256"}}`}, nil},
		{"words that the map lacks", file("map", `{"IkeConfig.IkeEncAlg": {"strong": "aes256"}, "RemoteSubnet": {"hq": "10.0.0.0/8"}, "Name": {"a": "b"}, "LocalSubnet": {"hq": "10.0.0.0/8"}}`,
			"from", `{"IkeConfig.IkeEncAlg": "e", "RemoteSubnet": "r", "Name": "n", "LocalSubnet": "l"}`), `{"source": "x", "e": "strng", "r": ["hq", "hz"], "n": "Tr0ub4dorKeyAbcd1234", "l": {"a": "hq"}}`, nil,
			[]string{`map-lacks-word rules[0].from.Name: the map of Name has no entry for a text of 20 characters`, `map-lacks-word rules[0].from.LocalSubnet: has no entry for an object`,
				`map-lacks-word rules[0].from.RemoteSubnet: has no entry for "hz"`, `map-lacks-word rules[0].from["IkeConfig.IkeEncAlg"]: has no entry for "strng"`}},
		{"a value of the API that the map lacks", file("map", `{"IkeConfig.IkeEncAlg": {"strong": "aes256"}}`, "from", `{"IkeConfig.IkeEncAlg": "e"}`), `{"source": "x", "e": "aes192"}`, []string{wanted + `,"IkeConfig":{"IkeEncAlg":"aes192"}}`}, nil},
		{"what has changed", file("changed", snapshots), `{"source": "x", "snapshots": {"prechange": {"a": 1, "b": [{"c": 1, "d": null}]}, "postchange": {"b": [{"c": 2}], "a": 1}}}`, []string{wanted + `}`}, nil},
		{"what has not changed", file("changed", snapshots), `{"source": "x", "snapshots": {"prechange": {"a": 1.0, "b": [{"c": 1, "d": null}], "z": {"x": "\u0061"}}, "postchange": {"z": {"x": "a"}, "b": [{"c": 1}], "a": 1}}}`, nil, nil},
		{"what was created", file("changed", snapshots), `{"source": "x", "snapshots": {"prechange": null, "postchange": {"a": 1}}}`, []string{wanted + `}`}, nil},
		{"fields that have changed", file("changed", snapshotFields), `{"source": "x", "snapshots": {"prechange": {"a": 1, "t": 1}, "postchange": {"a": 1, "b": 1, "t": 2}}}`, []string{wanted + `}`}, nil},
		{"fields that have not changed", file("changed", snapshotFields), `{"source": "x", "snapshots": {"prechange": {"a": 1, "b": "x", "t": 1}, "postchange": {"a": 1, "b": "x", "t": 2}}}`, nil, nil},
		{"fields that are nowhere", file("changed", snapshotFields), `{"source": "x", "snapshots": {"prechange": null, "postchange": {"A": 1, "b": 2}}}`, nil,
			[]string{`path-finds-nothing rules[0].changed.fields[0]: the path "a" finds nothing before or after`}},
		{"no snapshots", file("changed", snapshots), `{"source": "x", "snapshot": {}}`, nil, []string{`path-finds-nothing rules[0].changed.before: the path "snapshots.prechange" finds nothing`}},
		{"no snapshots, optional", file("changed", `{"before": "a?", "after": "b?"}`), `{"source": "x"}`, nil, nil},
		{"elements that have changed", file("with", `{"RegionId": "cn-hangzhou"}`, "each", `"list"`, "from", `{"VpnConnectionId": "id"}`, "changed", `{"before": "was", "after": "is"}`),
			`{"source": "x", "list": [{"id": "vco-1", "was": 1, "is": 2}, {"id": "vco-2", "was": 1, "is": 1}]}`, []string{wanted + `}`}, nil},
		{"query and modifiers", file("from", `{"Name": "tags.#(key==\"n\").value", "RemoteSubnet": "nets|@reverse", "LocalSubnet": "text|@fromstr", "ResourceOwnerId": "nets.#"}`),
			`{"source": "x", "tags": [{"key": "m"}, {"key": "n", "value": "v"}], "nets": ["a","b"], "text": "[\"c\"]"}`,
			[]string{wanted + `,"Name":"v","LocalSubnet":["c"],"RemoteSubnet":["b","a"],"ResourceOwnerId":2}`}, nil},
		{"modifier gives no JSON", file("from", `{"Name": "text|@fromstr"}`), `{"source": "x", "text": "no json"}`, nil, []string{"path-finds-nothing rules[0].from.Name: "}},
		{"multipath", file("from", `{"IkeConfig": "{\"Psk\":k,\"IkeMode\":m}"}`), `{"source": "x", "k": "s3cr3t", "m": "main"}`,
			[]string{wanted + `,"IkeConfig":{"Psk":"s3cr3t","IkeMode":"main"}}`}, nil},
		{"references in events", file("from", `{"IkeConfig.Psk": "a?", "Name": "b?", "IkeConfig.LocalId": "c?", "TunnelOptionsSpecification": "d?", "BgpConfig": "e?", "HealthCheckConfig": "f?"}`),
			`{"source": "x", "a": "{{resolve:secretsmanager:s}}", "b": "x \u007b{resolve:x", "c": "ok", "d": [{"TunnelIkeConfig": {"Psk": "\u007b\u007bresolve:ssm-secure:s}}"}}],
			  "e": "{\"LocalAsn\": \"\\u007b{resolve:ssm-secure:s}}\"}", "f": {"{{resolve:": 1}}`, nil,
			[]string{`reference-in-event rules[0].from.Name`, `reference-in-event rules[0].from["IkeConfig.Psk"]`, `reference-in-event rules[0].from.BgpConfig`,
				`reference-in-event rules[0].from.HealthCheckConfig`, `reference-in-event rules[0].from.TunnelOptionsSpecification`}},
		{"a version pins", file("version", `"v?"`, "with", with(`"IkeConfig.Psk": "{{resolve:secretsmanager:s:SecretString:psk}}", "TunnelOptionsSpecification": [{"TunnelIndex": 1, "TunnelIkeConfig": {"Psk": "{{resolve:secretsmanager:s:SecretString:k:AWSPENDING}}"}}, {"TunnelIndex": 2, "TunnelIkeConfig": {"Psk": "{{resolve:secretsmanager:s:SecretString:k2}}"}}]`)),
			`{"source": "x", "v": 17}`, []string{wanted + `,"IkeConfig":{"Psk":"{{resolve:secretsmanager:s:SecretString:psk::17}}"},"TunnelOptionsSpecification":[{"TunnelIndex":1,"TunnelIkeConfig":{"Psk":"{{resolve:secretsmanager:s:SecretString:k:AWSPENDING}}"}},` +
				`{"TunnelIndex":2,"TunnelIkeConfig":{"Psk":"{{resolve:secretsmanager:s:SecretString:k2::17}}"}}]}`}, nil},
		{"a version pins in the tunnel that is left", file("version", `"v"`, "with", with(`"Tunnel.2.TunnelIkeConfig.Psk": "{{resolve:secretsmanager:s}}"`), "from", `{"Tunnel.1.EnableDpd": "none?"}`),
			`{"source": "x", "v": "a-1"}`, []string{wanted + `,"TunnelOptionsSpecification":[{"TunnelIndex":2,"TunnelIkeConfig":{"Psk":"{{resolve:secretsmanager:s:SecretString:::a-1}}"}}]}`}, nil},
		{"a version that may be absent", file("version", `"v?"`, "with", with(`"IkeConfig.Psk": "{{resolve:secretsmanager:s}}"`)),
			`{"source": "x"}`, []string{wanted + `,"IkeConfig":{"Psk":"{{resolve:secretsmanager:s}}"}}`}, nil},
		{"a version that is absent", file("version", `"v"`, "with", with(`"IkeConfig.Psk": "{{resolve:secretsmanager:s}}"`)),
			`{"source": "x"}`, nil, []string{`path-finds-nothing rules[0].version: finds nothing for version`}},
		{"a version that no parameter has", file("version", `"v"`, "with", with(`"IkeConfig.Psk": "{{resolve:ssm-secure:p}}"`)),
			`{"source": "x", "v": "5a8f3f0e-9c1b"}`, nil, []string{`version-unreadable rules[0].version: the version of a parameter is a number`}},
		{"a version of a parameter", file("version", `"v"`, "with", with(`"IkeConfig.Psk": "{{resolve:ssm-secure:p}}"`)),
			`{"source": "x", "v": 17}`, []string{wanted + `,"IkeConfig":{"Psk":"{{resolve:ssm-secure:p:17}}"}}`}, nil},
		{"a version that is too long", file("version", `"v"`, "with", with(`"IkeConfig.Psk": "{{resolve:secretsmanager:s}}"`)),
			`{"source": "x", "v": "` + strings.Repeat("a", 65) + `"}`, nil, []string{`version-unreadable rules[0].version: is not the version`}},
		{"a version that is none", file("version", `"v"`, "with", with(`"IkeConfig.Psk": "{{resolve:secretsmanager:s}}"`)),
			`{"source": "x", "v": "1}}{{resolve:secretsmanager:t"}`, nil, []string{`version-unreadable rules[0].version: is not the version`}},
		{"several rules", `{"rules": [{"name": "a", "match": {"x": [1]}, "with": ` + address + `}, {"name": "b", "match": {"x": [2]}, "with": ` + address + `}, {"name": "c", "match": {"y": [{"exists": false}]}, "with": ` + address + `}]}`,
			`{"x": 1}`, []string{`{"RegionId":"r","VpnConnectionId":"v"}`, `{"RegionId":"r","VpnConnectionId":"v"}`}, nil},
		{"more than memory", file("each", `"list"`, "with", `{"RegionId": "r"}`, "from", `{"VpnConnectionId": "@this", "Name": "$.name"}`),
			`{"source": "x", "name": "` + strings.Repeat("n", 33<<20) + `", "list": ["vco-1", "vco-2"]}`, []string{`{"RegionId":"r","VpnConnectionId":"vco-1","Name":"` + strings.Repeat("n", 33<<20) + `"}`},
			[]string{`rule-changes-too-large rules[0].each: more than 32 MiB`}},
		{"a time that can't be read", file("time", `"t"`), `{"source": "x", "t": "soon"}`, nil, []string{`time-unreadable rules[0].time: is not a time`}},
		{"a time without an offset", file("time", `"t"`), `{"source": "x", "t": "2026-11-02T13:45:00"}`, nil, []string{`time-unreadable rules[0].time: has no offset from UTC`}},
	}
	var brought []string
	for _, tt := range tests {
		brought = append(brought, tt.findings...)
	}
	everyCheckIn(t, finding.RuleMatch, brought)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			changes, findings := mustLoad(t, tt.file).Apply(rules.Event{Text: tt.event}, nil)
			if len(changes) != len(tt.want) {
				t.Errorf("got %d changes, want %d", len(changes), len(tt.want))
			}
			for i := range min(len(changes), len(tt.want)) {
				if changes[i].Document != tt.want[i] {
					t.Errorf("got  %s\nwant %s", changes[i].Document, tt.want[i])
				}
			}
			if len(findings) != len(tt.findings) {
				t.Fatalf("got %s\nwant %q", findings.AppendJSON(nil), tt.findings)
			}
			for i, f := range findings {
				where, message, _ := strings.Cut(tt.findings[i], ": ")
				if got := f.Check + " " + f.Path; got != where || !strings.Contains(f.Message, message) {
					t.Errorf("got %s: %s\nwant %s", got, f.Message, tt.findings[i])
				}
			}
		})
	}
}

// TestNearPaths: of a path that finds nothing, the hint says which one was most likely
// meant, or what is there.
func TestNearPaths(t *testing.T) {
	t.Parallel()
	const text = `{"source": "x", "region": "r", "detail": {"siteList": [{"vpnId": 1}], "text": "{\"id\": \"vco-1\"}", "a.b": {"c": 1}, "Tr0ub4dorKeyAbcd1234": 1}, "e": {}}`
	for path, want := range map[string]string{
		"detail.sitelist.0.vpnId": `did you mean "detail.siteList.0.vpnId"?`,
		"Detail.sitelist":         `did you mean "detail.siteList"?`,
		"$.detial.siteList.#":     `did you mean "$.detail.siteList.#"?`,
		"detail.text.id":          `did you mean "detail.text.@fromstr.id"?`,
		`detial.a\\.b.c`:          `did you mean "detail.a\\.b.c"?`,
		"detail.nonsense":         `detail has siteList, text, a.b, (20 characters); end the path in "?" if the value may be absent`,
		"detail.siteList.vpnId":   `detail.siteList is an array; end the path in "?" if the value may be absent`,
		"e.x":                     `e is empty; end the path in "?" if the value may be absent`,
		"nonsense":                `the event has source, region, detail, e; end the path in "?" if the value may be absent`,
		"detail.*x":               `end the path in "?" if the value may be absent`,
	} {
		_, findings := mustLoad(t, file("from", `{"Name": "`+path+`"}`)).Apply(rules.Event{Text: text}, nil)
		if len(findings) != 1 || findings[0].Hint != want {
			t.Errorf("%s: got  %s\nwant %s", path, findings.AppendJSON(nil), want)
		}
		// Where a path is meant, it is what to write.
		meant, _ := strings.CutPrefix(strings.TrimSuffix(want, "?"), "did you mean ")
		if !strings.HasPrefix(want, "did you mean ") {
			meant = ""
		}
		if findings[0].Fix.Value != meant {
			t.Errorf("%s: fix %s, want %s", path, findings[0].Fix.Value, meant)
		}
	}
	set := mustLoad(t, file("with", `{"RegionId": "cn-hangzhou"}`, "each", `"detail.siteList"`, "from", `{"VpnConnectionId": "vpnid", "Name": "region"}`))
	_, findings := set.Apply(rules.Event{Text: text}, nil)
	if len(findings) != 2 || findings[0].Hint != `did you mean "vpnId"?` || findings[1].Hint != `it is outside of the element: write "$.region"` || findings[1].Fix.Value != `"$.region"` {
		t.Errorf("got %s", findings.AppendJSON(nil))
	}
}

// TestByteOrderMark: a rule file is read with the mark that some editors write.
func TestByteOrderMark(t *testing.T) {
	t.Parallel()
	mustLoad(t, "\ufeff"+file("time", `"t"`))
	for text, says := range map[string]string{
		"\xff\xfe{\x00}\x00":    "this is UTF-16; save it as UTF-8",
		`{"rules": [],}`:        "remove the comma before }",
		"rules:\n  - name: a\n": "this looks like YAML; convert it to JSON",
	} {
		if _, found := rules.Load([]byte(text)); len(found) != 1 || found[0].Hint != says {
			t.Errorf("%s: got %s", text, found.AppendJSON(nil))
		}
	}
}

func TestApplyTime(t *testing.T) {
	t.Parallel()
	tests := []struct{ value, want string }{
		{`"2026-11-02T13:45:00Z"`, "2026-11-02T13:45:00Z"},
		{`"2026-11-02T20:45:00.042+08:00"`, "2026-11-02T12:45:00.042Z"},
		{`1793626200`, "2026-11-02T13:30:00Z"},
		{`"1793626200"`, "2026-11-02T13:30:00Z"},
		{`1793626200.25`, "2026-11-02T13:30:00.25Z"},
		{`1793626200123`, "2026-11-02T13:30:00.123Z"},
		{`1793626200123.5`, "2026-11-02T13:30:00.1235Z"},
		{`1.7936262e9`, "2026-11-02T13:30:00Z"},
		{`0`, "1970-01-01T00:00:00Z"},
		{`"yesterday"`, ""},
		{`"2026-11-02 13:45:00"`, ""},
		{`"2026-11-02 21:45:00,5+0800"`, "2026-11-02T13:45:00.5Z"},
		{`-5`, ""},
		{`1e300`, ""},
		{`99999999999999999`, ""},
		{`true`, ""},
		{`[]`, ""},
		{`"1e9"`, "2001-09-09T01:46:40Z"},
		{`"0001-01-01T00:00:00Z"`, ""},
		{`""`, ""},
	}
	set := mustLoad(t, file("time", `"t"`))
	for _, tt := range tests {
		t.Run(tt.value, func(t *testing.T) {
			t.Parallel()
			changes, findings := set.Apply(rules.Event{Text: `{"source": "x", "t": ` + tt.value + `}`}, nil)
			if tt.want == "" {
				if len(changes) != 0 || len(findings) != 1 || findings[0].Check != "time-unreadable" || findings[0].Path != "rules[0].time" {
					t.Errorf("got %+v, %s", changes, findings.AppendJSON(nil))
				}
				return
			}
			if len(changes) != 1 {
				t.Fatalf("got %s", findings.AppendJSON(nil))
			}
			if got := changes[0].Time.Format(time.RFC3339Nano); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
	if _, findings := set.Apply(rules.Event{Text: `{"source": "x"}`}, nil); len(findings) != 1 || findings[0].Check != "path-finds-nothing" {
		t.Errorf("no time: got %s", findings.AppendJSON(nil))
	}
	changes, findings := mustLoad(t, file("time", `"t?"`)).Apply(rules.Event{Text: `{"source": "x"}`}, nil)
	if len(changes) != 1 || !changes[0].Time.IsZero() || len(findings) != 0 {
		t.Errorf("no time, optional: got %+v, %s", changes, findings.AppendJSON(nil))
	}
}

func TestApplyCredentials(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{file(): "", file("credentials", `"site-b"`): "site-b"} {
		changes, findings := mustLoad(t, file).Apply(rules.Event{Text: `{"source": "x"}`}, nil)
		if len(changes) != 1 || changes[0].Credentials != want || len(findings) != 0 {
			t.Errorf("got %+v, %s, want the profile %q", changes, findings.AppendJSON(nil), want)
		}
	}
}

func TestApplyAppends(t *testing.T) {
	t.Parallel()
	before := []rules.Change{{Rule: "before"}}
	changes, _ := mustLoad(t, file()).Apply(rules.Event{Text: `{"source": "x"}`}, before)
	if len(changes) != 2 || changes[0].Rule != "before" || changes[1].Rule != "r" {
		t.Errorf("got %+v", changes)
	}
}

func FuzzLoad(f *testing.F) {
	for _, name := range []string{"psk-rotated.json", "sites-from-inventory.json", "dynamodb-table.json"} {
		f.Add([]byte(mustRead(f, filepath.Join("rules", name))))
	}
	f.Add([]byte(file("with", with(`"IkeConfig": "{\"Psk\": 1}", "Tunnel.1.EnableDpd": [null]`), "each", `"a.#(b==\"c\")#"`)))
	f.Fuzz(func(t *testing.T, data []byte) {
		set, findings := rules.Load(data)
		if (set == nil) != findings.HasError() {
			t.Fatalf("Set %v, findings %s", set, findings.AppendJSON(nil))
		}
		if set != nil {
			set.Apply(rules.Event{Text: `{"source": "x", "detail": {"sites": [{}]}}`}, nil)
		}
	})
}

func FuzzApply(f *testing.F) {
	for _, name := range []string{"inventory-sites.json", "secretsmanager-rotation.json", "cloudevents-aliyun.json"} {
		f.Add(mustRead(f, name), "detail.sites", "vpn.id", `{"source": [{"prefix": ""}]}`)
	}
	f.Add(`{"a": [{"b": "{\"Psk\":\"\\u007b\"}"}]}`, "a", `b|@fromstr?`, `{"a": {"b": [{"exists": true}]}}`)
	f.Add(`{"a": [{"b": {"IkePfs": "DH14", "c": [{"d": ""}]}}, {"b": [{"d": "AES-256"}, null]}]}`, "a.#(b).b?", `c.#.d`, `{"a": {"b": {"IkePfs": ["DH14"]}}}`)
	f.Fuzz(func(t *testing.T, text, each, path, match string) {
		if !json.Valid([]byte(text)) {
			return
		}
		quote := func(s string) string { b, _ := json.Marshal(s); return string(b) }
		gives := `, "with": {"RegionId": "r"}, "from": {"VpnConnectionId": ` + quote(path) + `, "IkeConfig": ` + quote(path) + `, "Tunnel.1.EnableDpd": ` + quote(path) + `}, "time": "$.time?"}`
		set, _ := rules.Load([]byte(`{"rules": [{"name": "r", "match": ` + match + `, "each": ` + quote(each) + gives + `,
			{"name": "s", "match": ` + match + `, "map": "common", "changed": {"before": ` + quote(each) + `, "after": ` + quote(path) + `}` + gives + `,
			{"name": "t", "match": ` + match + `, "map": {"VpnConnectionId": {"x": "vco-1"}, "IkeConfig": "common"}, "each": ` + quote(each) + `, "changed": {"before": "b", "after": ` + quote(path) + `, "fields": [` + quote(path) + `]}` + gives + `]}`))
		if set == nil {
			return
		}
		changes, _ := set.Apply(rules.Event{Text: text}, nil)
		for _, c := range changes {
			if !json.Valid([]byte(c.Document)) {
				t.Errorf("the document is not JSON: %s", c.Document)
			}
			if strings.Contains(c.Document, "{{resolve:") {
				t.Errorf("a reference came out of the event: %s", c.Document)
			}
		}
		for _, e := range set.Explain(rules.Event{Text: text}) {
			if out := e.AppendJSON(nil); !json.Valid(out) {
				t.Errorf("the explanation is not JSON: %s", out)
			}
			if !e.Matched && slices.ContainsFunc(changes, func(c rules.Change) bool { return c.Rule == e.Rule }) {
				t.Error("a change without a match")
			}
		}
	})
}

func BenchmarkApply(b *testing.B) {
	for _, bb := range []struct {
		name, rules, event string
		want               int // changes
	}{
		{"one", "psk-rotated.json", "secretsmanager-rotation.json", 1},
		{"each", "sites-from-inventory.json", "inventory-sites.json", 2},
		{"other", "psk-rotated.json", "inventory-sites.json", 0},
	} {
		b.Run(bb.name, func(b *testing.B) {
			set, text := mustLoad(b, mustRead(b, filepath.Join("rules", bb.rules))), mustOpen(b, bb.event)
			var changes []rules.Change
			b.ReportAllocs()
			for b.Loop() {
				var findings finding.Findings
				if changes, findings = set.Apply(rules.Event{Text: text, Via: event.WayBus}, changes[:0]); len(findings) > 0 || len(changes) != bb.want {
					b.Fatalf("%d changes, findings %v", len(changes), findings)
				}
			}
		})
	}
}
