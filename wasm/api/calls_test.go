package api_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"vpnattach/shared/core/pipeline"
	"vpnattach/wasm/api"
)

const (
	change   = `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-1","Name":"new","IkeConfig":{"Psk":"9fK2aBq7Wz4LmX1cV8tR"}}`
	describe = `{"VpnConnectionId":"vco-1","State":"attached","Name":"old","LocalSubnet":"10.0.0.0/8","RemoteSubnet":"10.1.0.0/16",
		"IkeConfig":{"Psk":"9fK2aBq7Wz4LmX1cV8tR","IkeVersion":"ikev2","IkeMode":"main","IkeEncAlg":"aes","IkeAuthAlg":"sha256","IkePfs":"group14","IkeLifetime":86400}}`
	masked = `{"VpnConnectionId":"vco-1","State":"attached","IkeConfig":{"Psk":"9fK2****","IkeVersion":"ikev2","IkeMode":"main","IkeEncAlg":"aes","IkeAuthAlg":"sha256","IkePfs":"group14","IkeLifetime":86400}}`
	phase1 = `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-1","IkeConfig":{"IkeLifetime":28800}}`
	tested = `{"rules":[{"name":"r","match":{"id":[{"exists":true}]},"with":{"RegionId":"cn-hangzhou","Name":"n"},"from":{"VpnConnectionId":"id"}}],"tests":[
		{"name":"by file","event":"a.json","want":[{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-1","Name":"n"}]},
		{"name":"inline","event":{"id":"vco-2"},"want":[{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-2","Name":"m"}]}]}`
	keys = `"credentials":{"accessKeyId":"testid","accessKeySecret":"testsecret"},"time":"2026-11-03T00:00:00Z","nonce":"n"`
)

var callCases = []struct {
	name       string
	call       func([]byte) []byte
	input      string
	want, lack string
}{
	{"validate", api.Validate, `{"change":{"Nmae":1}}`, `"unknown-parameter"`, ""},
	{"validate text", api.Validate, `{"change":"{"}`, `"json-invalid"`, ""},
	{"validate with current", api.Validate, `{"change":` + change + `,"current":` + describe + `}`, `{"findings":[`, "object-partial"},
	{"validate with a list", api.Validate, `{"change":` + change + `,"current":[` + describe + `]}`, `{"findings":[]}`, ""},
	{"validate with the current configuration of another", api.Validate, `{"change":{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-2","Name":"a"},"current":` + describe + `}`, `"current-of-another"`, ""},
	{"validate with a masked key", api.Validate, `{"change":` + phase1 + `,"current":` + masked + `}`, `"psk-unknown"`, ""},
	{"validate with a masked key to be left out", api.Validate, `{"change":` + phase1 + `,"current":` + masked + `,"masked":"omit"}`, `"psk-left-out"`, "psk-unknown"},
	{"build with a masked key", api.Build, `{"change":` + phase1 + `,"current":` + masked + `,"redact":true}`, `"psk-unknown"`, `"request"`},
	{"build with a masked key to be left out", api.Build, `{"change":` + phase1 + `,"current":` + masked + `,"masked":"omit","redact":true}`, `"IkeConfig":"{\"IkeVersion\":\"ikev2\"`, `{\"Psk`},
	{"masked in an unknown way", api.Build, `{"change":` + phase1 + `,"masked":"send"}`, `"hint":"known: refuse, omit"`, ""},
	{"current that can't be read", api.Validate, `{"change":{},"current":{"VpnConnectionId":"vco-1","State":"attached","IkeConfig":5}}`, `"current-invalid"`, ""},
	{"validate without change", api.Validate, `{}`, `"change is required"`, ""},
	{"validate takes no event", api.Validate, `{"change":{},"event":{}}`, `"path":"event"`, ""},
	{"fix", api.Fix, `{"change":"{ \"IkeConfig\": {\"ike_pfs\":14} }"}`, `{"change":"{ \"IkeConfig\": {\"IkePfs\":\"group14\"} }","fixed":[{"rule":"unknown-parameter"`, ""},
	{"fix one thing", api.Fix, `{"change":{"EnableDpd":"yes","EnableNatTraversal":"yes"},"path":"EnableDpd"}`, `{"change":"{\"EnableDpd\":true,\"EnableNatTraversal\":\"yes\"}"`, ""},
	{"fix what is not JSON", api.Fix, `{"change":"{"}`, `{"change":"{","fixed":[],"findings":[{"rule":"json-invalid"`, ""},
	{"test", api.Test, `{"rules":` + tested + `,"events":{"a.json":{"id":"vco-1"}}}`, `{"tests":[{"name":"by file","passed":true},{"name":"inline","passed":false,"problems":[{"path":"tests[1].want[0]"`, ""},
	{"test with a file as text", api.Test, `{"rules":` + strconv.Quote(tested) + `,"events":{"a.json":"{\"id\":\"vco-1\"}"}}`, `{"name":"by file","passed":true}`, ""},
	{"test without its file", api.Test, `{"rules":` + tested + `}`, `{"path":"tests[0].event","message":"the file a.json is not given"`, ""},
	{"test of a rule file with errors", api.Test, `{"rules":{"rules":[{}]}}`, `"code":"rules-invalid"`, `"tests"`},
	{"test of rules without tests", api.Test, `{"rules":{"rules":[]}}`, `{"tests":[]`, ""},
	{"test of null", api.Test, `{"rules":null}`, `"rules is required"`, ""},
	{"transform at most", api.Transform, `{"event":[` + change + `,` + change + `,` + change + `],"limit":1}`, `"Psk":"***"}},"parameters":`, "9fK2"},
	{"transform at most, and says what is left out", api.Transform, `{"event":[` + change + `,` + change + `,` + change + `],"limit":1}`, `],"leftOut":2}`, "9fK2"},
	{"transform at most more than there are", api.Transform, `{"event":[` + change + `,` + change + `],"limit":2}`, `"results":[`, "leftOut"},
	{"transform at most none", api.Transform, `{"event":` + change + `,"limit":0}`, `{"results":[],"leftOut":1}`, ""},
	{"transform opens", api.Transform, `{"event":{"Records":[{"eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:r:1:q","messageId":"m","body":"{\"a\": 1}"}]},"opened":true,"limit":0}`, `"opened":[{"event":"{\"a\": 1}","way":"arn:aws:sqs:r:1:q"}]}`, ""},
	{"transform opens nothing unless it is asked to", api.Transform, `{"event":` + change + `}`, `{"results":[`, "opened"},
	{"transform at most a part", api.Transform, `{"event":` + change + `,"limit":1.5}`, `"path":"limit"`, "results"},
	{"validate takes no limit", api.Validate, `{"change":{},"limit":1}`, `"path":"limit"`, ""},
	{"credentials of numbers", api.Build, `{"change":{},"credentials":{"accessKeyId":1}}`, `"path":"credentials.accessKeyId"`, ""},
	{"credentials with a member too many", api.Build, `{"change":{},"credentials":{"securitytoken":"x"}}`, `"path":"credentials.securitytoken"`, ""},
	{"test without rules", api.Test, `{"events":{}}`, `"rules is required"`, ""},
	{"test with events of a wrong type", api.Test, `{"rules":{"rules":[]},"events":[]}`, `"path":"events"`, ""},
	{"build for display", api.Build, `{"change":` + change + `,"redact":true}`, `Signature=***`, "9fK2"},
	{"build signs", api.Build, `{"change":` + strconv.Quote(change) + `,"reveal":true,` + keys + `}`, `9fK2`, "Signature=***"},
	{"build without keys", api.Build, `{"change":` + change + `}`, `"parameters":{`, `"request"`},
	{"build of a change that names nothing", api.Build, `{"change":{"Name":"x"},"redact":true}`, `"missing-parameter"`, `"request"`},
	{"build without nonce", api.Build, `{"change":` + change + `,"credentials":{"accessKeyId":"a","accessKeySecret":"b"}}`, `"not-signed"`, `"request"`},
	{"fix the JSON alone", api.Fix, `{"change":"{'psk': \"9fK2\", enable: True,}","json":true}`, `{"change":"{\"psk\": \"9fK2\", \"enable\": true}","fixed":[{"rule":"json-invalid"`, ""},
	{"fix what is no change", api.Fix, `{"change":"{'region_id': 'a'}","json":true}`, `{"change":"{\"region_id\": \"a\"}"`, "RegionId"},
	{"diff", api.Diff, `{"change":` + change + `,"current":` + describe + `}`, `"differences":[{"path":"Name","from":"old","to":"new"}],"send":{`, "9fK2"},
	{"diff reveals", api.Diff, `{"change":` + change + `,"current":` + describe + `,"reveal":true}`, `9fK2`, ""},
	{"diff without current", api.Diff, `{"change":{}}`, `"path":"current"`, ""},
	{"sign", api.Sign, `{"parameters":` + change + `,` + keys + `}`, `"authorization":"ACS3`, ""},
	{"sign describe", api.Sign, `{"parameters":` + change + `,"action":"DescribeVpnConnection",` + keys + `}`, `"x-acs-action":"DescribeVpnConnection"`, "9fK2"},
	{"sign what is wrong", api.Sign, `{"parameters":{},` + keys + `}`, `"code":"change-invalid"`, ""},
	{"sign another action", api.Sign, `{"parameters":{},"action":"DeleteVpc"}`, `"path":"action"`, ""},
	{"sign without keys", api.Sign, `{"parameters":` + change + `}`, `"code":"not-signed"`, ""},
	{"snippet", api.Snippet, `{"change":` + change + `,"language":"curl"}`, `| curl `, "9fK2"},
	{"snippet reveals", api.Snippet, `{"change":` + change + `,"language":"curl","reveal":true,` + keys + `}`, `9fK2`, `Signature=***`},
	{"snippet without keys", api.Snippet, `{"change":` + change + `,"language":"curl","reveal":true}`, `"not-signed"`, "9fK2"},
	{"snippet of what is the same", api.Snippet, `{"change":{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-1","Name":"old"},"current":` + describe + `,"language":"curl"}`, `"nothing-differs"`, ""},
	{"snippet of the other end", api.Snippet, `{"change":{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-1","Name":"old"},"current":` + describe + `,"language":"peer-sheet"}`, `"text":"# The other end of vco-1`, ""},
	{"snippet of what AWS can't have", api.Snippet, `{"change":{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-1","IpsecConfig":{"IpsecEncAlg":"des"}},"language":"peer-aws"}`, `"code":"change-invalid","path":"change","message":"the change has errors","findings":[{"rule":"`, `"text"`},
	{"snippet of what another end has", api.Snippet, `{"change":{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-1","IpsecConfig":{"IpsecEncAlg":"des"}},"language":"peer-strongswan"}`, `"text":"`, "peer-algorithm"},
	{"snippet in no language", api.Snippet, `{"change":{},"language":"cobol"}`, `"hint":"known languages: curl, `, ""},
	{"snippet of a wrong change", api.Snippet, `{"change":{},"language":"curl"}`, `"change-invalid"`, ""},
	{"wrong type", api.Build, `{"change":{},"reveal":1}`, `"path":"reveal"`, ""},
	{"credentials of a wrong type", api.Build, `{"change":{},"credentials":"x"}`, `"path":"credentials"`, ""},
	{"endpoint of a wrong type", api.Build, `{"change":{},"endpoint":1}`, `"path":"endpoint"`, ""},
}

// The functions with JSON on both sides but Transform. The WebAssembly module's tests
// compare them with what it gives.
func TestCalls(t *testing.T) {
	t.Parallel()
	for _, c := range callCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := string(c.call([]byte(c.input)))
			if !json.Valid([]byte(got)) || !strings.Contains(got, c.want) {
				t.Errorf("got %s, want %s", got, c.want)
			}
			if c.lack != "" && strings.Contains(got, c.lack) {
				t.Errorf("got %s, which holds %s", got, c.lack)
			}
		})
	}
}

// A pipeline gives the same after others and after Forget as a new one.
func TestForget(t *testing.T) {
	t.Parallel()
	const keys = `"reveal":true,"credentials":{"accessKeyId":"testid","accessKeySecret":"testsecret"},"time":"2026-11-03T00:00:00Z","nonce":"n"`
	var p pipeline.Pipeline
	for _, change := range []string{
		`{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-1","Name":"new","IkeConfig":{"Psk":"9fK2aBq7Wz4LmX1cV8tR"}}`,
		`{"RegionId":"cn-beijing","VpnConnectionId":"vco-2"}`,
		`{"Nmae":1}`,
		`{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-1","Name":"` + strings.Repeat("x", 1<<17) + `"}`,
		`{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-3","TunnelOptionsSpecification":[{"TunnelIndex":1,"EnableDpd":true}]}`,
	} {
		input := []byte(`{"change":` + change + `,` + keys + `}`)
		got, want := string(api.BuildWith(&p, input)), string(api.Build(input))
		if got != want {
			t.Errorf("%.200s:\n got %.2000s\nwant %.2000s", change, got, want)
		}
		p.Forget()
		const asBytes = "118 99 111 45" // vco-
		if printed := fmt.Sprintf("%+v", p); strings.Contains(printed, "vco-") || strings.Contains(printed, asBytes) {
			t.Errorf("%.200s: after Forget, the pipeline holds %.2000s", change, printed)
		}
	}
}

func TestTables(t *testing.T) {
	t.Parallel()
	var tables struct {
		Parameters []struct {
			Name, Kind string
			Fields     []struct{ Name string }
		}
		Rules     []struct{ ID, Severity, Title string }
		Peers     []struct{ Name string }
		Languages []struct{ Name, Title string }
	}
	if err := json.Unmarshal(api.Parameters(), &tables); err != nil {
		t.Fatal(err)
	}
	if len(tables.Parameters) < 20 || len(tables.Rules) < 50 || len(tables.Peers) == 0 || len(tables.Languages) < 2 {
		t.Errorf("got %+v", tables)
	}
	for _, p := range tables.Parameters {
		if (p.Kind == "object" || p.Kind == "array") != (len(p.Fields) > 0) {
			t.Errorf("%s is of kind %s and has %d fields", p.Name, p.Kind, len(p.Fields))
		}
	}
}
