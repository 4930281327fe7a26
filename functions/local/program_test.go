package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

// root is the project's folder.
const root = "../.."

// keyed are the environment variables of a test access key.
var keyed = map[string]string{
	"ALIBABA_CLOUD_ACCESS_KEY_ID":     "testid",
	"ALIBABA_CLOUD_ACCESS_KEY_SECRET": "testsecret-7f3a",
}

// execute runs the program as from the command line.
func execute(env map[string]string, stdin string, args ...string) (code int, stdout, stderr string) {
	var out, errOut bytes.Buffer
	p := program{in: strings.NewReader(stdin), out: &out, err: &errOut, env: func(name string) string { return env[name] }}
	code = p.run(args)
	return code, out.String(), errOut.String()
}

// compact is JSON without the blanks that make it readable, and "" for any other text.
func compact(text string) string {
	var short bytes.Buffer
	if json.Compact(&short, []byte(text)) != nil {
		return ""
	}
	return short.String()
}

func sample(name string) string { return filepath.Join(root, "events", name) }

func TestProgram(t *testing.T) {
	t.Parallel()
	const key = "fYx3tQpL8sVw2NdKzR6mHb4c"
	good := `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localsingle","IkeConfig":{"Psk":"` + key + `"}}`
	bad := `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localsingle","IkeConfig":{"Psk":"` + key + `","IkePfs":"group3"}}`
	phase1 := `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localsingle","IkeConfig":{"IkeLifetime":28800}}`
	described := func(name string) string { return filepath.Join(root, "shared/core/attachment/testdata/current", name) }
	current := described("single.json")
	message := func(id, body string) string {
		return `{"eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:eu-central-1:123456789012:q","messageId":"` + id + `","body":` + strconv.Quote(body) + `}`
	}
	for _, c := range []struct {
		name   string
		env    map[string]string
		stdin  string
		args   []string
		code   int
		out    []string // in standard output
		err    []string // in standard error
		silent bool     // standard output is empty
		absent string   // from standard output
	}{
		{name: "nothing", code: exitUsage, err: []string{"Usage: vpnattach", "validate", "build", "explain"}, silent: true},
		{name: "help", args: []string{"help"}, out: []string{"Usage: vpnattach", "validate", "build", "explain"}},
		{name: "help of a command", args: []string{"help", "diff"}, out: []string{"Usage: vpnattach diff", "--current", "The exit code is 0"}},
		{name: "help of findings", args: []string{"help", "findings"}, out: []string{"psk-short", "The pre-shared key", "event-repeated", "explain NAME"}},
		{name: "help of error codes", args: []string{"help", "codes"}, out: []string{"VpnConnection.Configuring  busy", "remedy", "AuthenticationFail.NoPermission  blocked", "PskMismatch  why a tunnel is down"}},
		{name: "help of nothing known", args: []string{"help", "frobnicate"}, code: exitUsage, err: []string{"frobnicate"}, silent: true},
		{name: "unknown command", args: []string{"frobnicate"}, code: exitUsage, err: []string{"frobnicate", "--help"}, silent: true},
		{name: "no such file", args: []string{"validate", "no-such-file.json"}, code: exitUsage, err: []string{"no-such-file.json"}, silent: true},

		{name: "validate good", stdin: good, args: []string{"validate", "-"}, out: []string{"vco-localsingle", "doubtful", "object-partial", "IkeVersion to ikev1", "give the current configuration"}},
		{name: "validate bad", stdin: bad, args: []string{"validate", "-"}, code: exitError, out: []string{"IkeConfig.IkePfs", "one of group1, group2, group5, group14", "value-not-allowed", "refused", "1 error"}},
		{name: "validate JSON", stdin: bad, args: []string{"validate", "-", "--json"}, code: exitError, out: []string{`"rule":"value-not-allowed"`, `"Psk":"***"`}},
		{name: "validate files", args: []string{"validate", sample("bare-single.json"), sample("bare-dual.json")}, out: []string{"bare-single.json\n", "bare-dual.json\n", "vco-"}},
		{name: "validate files, one missing", stdin: bad, args: []string{"validate", sample("bare-single.json"), "no-such-file.json", "-"}, code: exitUsage, out: []string{"bare-single.json", "value-not-allowed", "refused"}, err: []string{"no-such-file.json"}},
		{name: "validate files, one not JSON", stdin: good[:40], args: []string{"validate", sample("bare-single.json"), "-"}, code: exitError, out: []string{"bare-single.json"}, err: []string{"not-json"}},
		{name: "validate files as JSON", stdin: bad, args: []string{"validate", sample("bare-single.json"), "-", "--json"}, code: exitError, out: []string{`bare-single.json","kind":"change"`, `{"file":"-","kind":"change","findings":[`}},
		{name: "validate at most", stdin: "[" + good + "," + bad + "," + bad + "]", args: []string{"validate", "-", "--max", "1"}, code: exitError, out: []string{"2 errors"}, err: []string{"left out  2 more of standard input"}, absent: "value-not-allowed"},
		{name: "validate for GitHub", stdin: strings.ReplaceAll(bad, `,"`, ",\n\""), args: []string{"validate", "-", "--format", "github"}, code: exitError, out: []string{"::error file=-,line=4,col=10,title=value-not-allowed::IkeConfig.IkePfs is", "%0Aone of group1, group2", "::warning file=-,line=3,col=13,title=object-partial"}},
		{name: "validate what is not JSON for GitHub", stdin: good[:40], args: []string{"validate", "-", "--format", "github"}, code: exitError, out: []string{"::error file=-,line=1,col=41,", "title=not-json::"}},
		{name: "validate what writes commands to GitHub", stdin: `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-1","a\n::error::b":1}`, args: []string{"validate", "-", "--format", "github"}, code: exitError, absent: "\n::error::b"},
		{name: "validate what is too deep for GitHub", stdin: strings.Repeat("[\n", 100), args: []string{"validate", "-", "--format", "github"}, code: exitError, out: []string{"::error file=-,line=65,col=1,title=too-deep"}},
		{name: "validate a missing file for GitHub", args: []string{"validate", "a,b:c%.json", "--format", "github"}, code: exitUsage, out: []string{"::error file=a%2Cb%3Ac%25.json,line=1,col=1,title=file-unreadable::open a,b:c%25.json"}},
		{name: "validate a missing file as JSON", args: []string{"validate", "no-such-file.json", "--json"}, code: exitUsage, out: []string{`[{"error":{"code":"file-unreadable","message":"open no-such-file.json`}},
		{name: "validate with rules that are too large", stdin: strings.Repeat(" ", 7<<20), args: []string{"validate", sample("bare-single.json"), "--rules", "-"}, code: exitUsage, err: []string{"standard input is larger than 6291456 bytes"}, silent: true},
		{name: "validate with a current that is too large", stdin: strings.Repeat(" ", 7<<20), args: []string{"validate", sample("bare-single.json"), "--current", "-"}, code: exitUsage, err: []string{"standard input is larger than 6291456 bytes"}, silent: true},
		{name: "validate what is too large", stdin: strings.Repeat(" ", 7<<20), args: []string{"validate", "-"}, code: exitError, err: []string{"too-large"}, silent: true},
		{name: "help with exit codes", args: []string{"--help"}, out: []string{"The exit code is 1 when"}},
		{name: "validate a folder", args: []string{"validate", "testdata"}, code: exitUsage, err: []string{"error     read testdata: is a directory\n"}, silent: true},
		{name: "validate a file without a name", args: []string{"validate", ""}, code: exitUsage, err: []string{"the name of a file is empty"}, silent: true},
		{name: "validate at most a negative number", stdin: good, args: []string{"validate", "-", "--max=-2"}, code: exitUsage, err: []string{"--max must be 0"}, silent: true},
		{name: "validate nothing", args: []string{"validate"}, code: exitUsage, err: []string{"Run vpnattach validate --help"}, silent: true},
		{name: "diff of what differs", stdin: phase1, args: []string{"diff", "-", "--current", current}, code: exitDiffers, out: []string{"IkeConfig.IkeLifetime", "86400 becomes 28800"}},
		{name: "diff of what is so already", stdin: `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localsingle","Name":"site-a"}`, args: []string{"diff", "-", "--current", current}, out: []string{"same", "as the change asks"}},
		{name: "diff of what is wrong", stdin: bad, args: []string{"diff", "-", "--current", current}, code: exitError, out: []string{"value-not-allowed"}},
		{name: "diff as JSON", stdin: phase1, args: []string{"diff", "-", "--current", current, "--json"}, code: exitDiffers, out: []string{`[{"regionId":"cn-hangzhou","vpnConnectionId":"vco-localsingle","findings":[],"differences":[{"path":"IkeConfig.IkeLifetime"`}},
		{name: "diff of an event without a change", args: []string{"diff", sample("inventory-sites.json"), "--current", current}, out: []string{"nothing   the event asks for no change"}, absent: "same"},
		{name: "diff of files as JSON, one missing", stdin: good[:40], args: []string{"diff", "no-such-file.json", "-", "--current", current, "--json"}, code: exitUsage, out: []string{`{"file":"no-such-file.json","error":{"code":"file-unreadable"`, `{"file":"-","error":{"code":"not-json"`, `"line":1,"column":41}`}},
		{name: "diff without a current", stdin: phase1, args: []string{"diff", "-"}, code: exitUsage, err: []string{"--current"}},
		{name: "play a file", stdin: good, args: []string{"play", "-"}, out: []string{"vco-localsingle", "1 event, 1 request; nothing has been sent"}},
		{name: "play a bad file", stdin: bad, args: []string{"play", "-"}, code: exitError, out: []string{"value-not-allowed", "1 event, 0 requests"}},
		{name: "validate broken", stdin: good[:40], args: []string{"validate", "-"}, code: exitError, err: []string{"error", "not-json"}, silent: true},
		{name: "validate payload", stdin: `{"hello":"world"}`, args: []string{"validate", "-"}, code: exitError, out: []string{"unknown-event", "hello"}},
		{name: "validate with current", stdin: good, args: []string{"validate", "-", "--current", current}, out: []string{"differs", "IkeConfig.Psk", "*** becomes ***"}},
		{name: "validate with a current in a list", stdin: phase1, args: []string{"validate", "-", "--current", described("list.json")}, out: []string{"good", "IkeConfig.IkeLifetime", "86400 becomes 28800"}},
		{name: "validate with a current of an SDK", stdin: phase1, args: []string{"validate", "-", "--current", described("sdk.json")}, out: []string{"good", "86400 becomes 28800"}},
		{name: "build with a current in text", env: keyed, stdin: phase1, args: []string{"build", "-", "--format", "http", "--current", described("text.json")}, out: []string{"%22Psk%22%3A%22Kq7mWz2RtX9vLb4s%22%2C%22IkeVersion%22%3A%22ikev1%22"}},
		{name: "build an event with a current", env: keyed, stdin: phase1, args: []string{"build", "-", "--format", "put-events", "--current", described("text.json")}, out: []string{`\"IkeConfig\":{\"IkeLifetime\":28800}}`}},
		{name: "build with a masked key", env: keyed, stdin: phase1, args: []string{"build", "-", "--format", "http", "--current", described("masked.json")}, code: exitError, err: []string{"psk-unknown"}, silent: true},
		{name: "build with a masked key that is left out", env: keyed, stdin: phase1, args: []string{"build", "-", "--format", "http", "--current", described("masked.json"), "--masked", "omit"}, out: []string{"IkeConfig=%7B%22IkeVersion%22"}, err: []string{"psk-left-out", "it is lost"}},
		{name: "validate with a current that is none", stdin: good, args: []string{"validate", "-", "--current", sample("bare-dual.json")}, code: exitUsage, err: []string{"--current: not an answer of DescribeVpnConnection"}},
		{name: "validate with a current of another", stdin: good, args: []string{"validate", "-", "--current", filepath.Join(root, "shared/core/attachment/testdata/current/dual.json")}, code: exitError, out: []string{"current-of-another"}},
		{name: "validate one input twice", stdin: good, args: []string{"validate", "-", "--current", "-"}, code: exitUsage, err: []string{"standard input"}},
		{name: "validate without a change", args: []string{"validate", sample("inventory-sites.json")}, out: []string{"asks for no change"}},
		{name: "validate what writes to the terminal", stdin: `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-\u001b[31m","\u001b]0;x\u0007":1}`, args: []string{"validate", "-"}, code: exitError, out: []string{`vco-\x1b[31m`, `unknown parameter (6 characters)`}},
		{name: "validate snake case", stdin: `{"region_id":"cn-hangzhou","vpn_connection_id":"vco-localsingle","ike_config":{}}`, args: []string{"validate", "-"}, code: exitError, out: []string{"write it RegionId", "write it VpnConnectionId"}},
		{name: "validate what resembles a change", stdin: `{"regionid":"cn-hangzhou","Nmae":"x"}`, args: []string{"validate", "-"}, code: exitError, out: []string{"spelled so"}},
		{name: "validate with broken current", stdin: good, args: []string{"validate", "-", "--current", sample("kinesis.json")}, code: exitUsage, err: []string{"--current", "DescribeVpnConnection"}},
		{name: "validate for AWS", stdin: bad, args: []string{"validate", "-", "--peer", "aws"}, code: exitError, out: []string{"value-not-allowed"}},
		{name: "validate for nobody", stdin: bad, args: []string{"validate", "-", "--peer", "acme"}, code: exitUsage, err: []string{"--peer acme"}},

		{name: "build without a key", stdin: good, args: []string{"build", "-"}, code: exitUsage, err: []string{"ALIBABA_CLOUD_ACCESS_KEY_ID"}, silent: true},
		{name: "build with a key that ends in a line end", env: map[string]string{"ALIBABA_CLOUD_ACCESS_KEY_ID": "testid", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "testsecret-7f3a\n"}, stdin: good, args: []string{"build", "-"}, code: exitUsage, err: []string{"ALIBABA_CLOUD_ACCESS_KEY_SECRET holds"}, silent: true},
		{name: "build bad as JSON", env: keyed, stdin: bad, args: []string{"build", "-"}, code: exitError, out: []string{`"Psk":"***"`, "value-not-allowed"}},
		{name: "build JSON", env: keyed, stdin: good, args: []string{"build", "-"}, out: []string{`"request":{"method":"POST"`, "Signature=", key}, err: []string{"object-partial", "give the current configuration"}},
		{name: "build curl", env: keyed, stdin: good, args: []string{"build", "-", "--format", "curl", "--secrets"}, out: []string{"curl ", "ACS3-HMAC-SHA256 Credential=testid", "'&RegionId=cn-hangzhou'"}, err: []string{"object-partial"}},
		{name: "build curl without the key", stdin: good, args: []string{"build", "-", "--format", "curl"}, out: []string{"VPN_PSK in the environment", `"$VPN_PSK"`, "add RegionId 'cn-hangzhou'"}, err: []string{"object-partial"}},
		{name: "build redacted", stdin: good, args: []string{"build", "-", "--redact"}, out: []string{`"Psk":"***"`}, err: []string{"object-partial"}},
		{name: "build redacted HTTP", stdin: good, args: []string{"build", "-", "--redact", "--format", "http"}, out: []string{"POST /?ClientToken=", "***"}, err: []string{"object-partial"}},
		{name: "build redacted with keys", stdin: good, args: []string{"build", "-", "--redact", "--secrets"}, code: exitUsage, err: []string{"--redact", "--secrets"}, silent: true},
		{name: "build files", env: keyed, stdin: good, args: []string{"build", sample("bare-single.json"), "-"}, out: []string{`{"file":"-","kind":"change"`}, err: []string{"object-partial"}},
		{name: "build HTTP", env: keyed, stdin: good, args: []string{"build", "-", "--format", "http"}, out: []string{"POST /?ClientToken=", "host: vpc.aliyuncs.com"}},
		{name: "build Terraform", env: keyed, stdin: good, args: []string{"build", "-", "--format", "terraform"}, out: []string{"alicloud_vpn_gateway_vpn_attachment"}, err: []string{"object-partial"}},
		{name: "build V1", env: keyed, stdin: good, args: []string{"build", "-", "--format", "http", "--signature", "v1"}, out: []string{"SignatureMethod=HMAC-SHA1"}},
		{name: "build bad", env: keyed, stdin: bad, args: []string{"build", "-", "--format", "curl"}, code: exitError, err: []string{"value-not-allowed"}, silent: true},
		{name: "build to an endpoint", env: keyed, stdin: good, args: []string{"build", "-", "--format", "curl", "--endpoint", "http://127.0.0.1:8081"}, out: []string{"scheme='http' host='127.0.0.1:8081'"}},
		{name: "build Terraform with the current configuration", stdin: good, args: []string{"build", "-", "--format", "terraform", "--current", current}, out: []string{"vpn_attachment_name", "customer_gateway_id", "var.vpn_psk"}},
		{name: "build what is so already", env: keyed, stdin: `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localsingle","Name":"site-a"}`, args: []string{"build", "-", "--format", "curl", "--current", current}, err: []string{"nothing-differs"}, silent: true},
		{name: "build the other end", stdin: phase1, args: []string{"build", "-", "--format", "peer-strongswan", "--current", described("text.json")}, out: []string{"include vpn_psk.secret", "proposals = "}},
		{name: "build the other end of what is so already", stdin: `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localsingle","Name":"site-a"}`, args: []string{"build", "-", "--format", "peer-sheet", "--current", current}, out: []string{"Remote address"}, err: []string{"nothing-differs"}},
		{name: "build another end than there can be", stdin: `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localsingle","IpsecConfig":{"IpsecPfs":"disabled"}}`, args: []string{"build", "-", "--format", "peer-aws", "--current", current}, code: exitError, err: []string{"peer-algorithm", "one of group2, group5, group14"}, silent: true},
		{name: "build of changes, one bad", env: keyed, stdin: "[" + good + "," + bad + "]", args: []string{"build", "-", "--format", "http"}, code: exitError, err: []string{"value-not-allowed", "withheld  1 request of the same event"}, silent: true},
		{name: "build of messages, one bad", env: keyed, stdin: `{"Records":[` + message("m1", "["+good+","+bad+"]") + "," + message("m2", `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-other","Name":"x"}`) + `]}`, args: []string{"build", "-"}, code: exitError, out: []string{`"request":{"method":"POST"`, "vco-other"}, absent: "VpnConnectionId=vco-localsingle"},
		{name: "build by rules", env: keyed, args: []string{"build", sample("inventory-sites.json"), "--rules", sample("rules/sites-from-inventory.json"), "--format", "http"}, out: []string{"vco-p0w5112fgnl2ihlmf0000", "vco-p0w5112fgnl2ihlmf0001", "host: vpc.eu-central-1.aliyuncs.com"}},
		{name: "build wrong format", env: keyed, stdin: good, args: []string{"build", "-", "--format", "xml"}, code: exitUsage, err: []string{"--format"}},

		{name: "explain", args: []string{"explain", sample("inventory-sites.json"), "--rules", sample("rules/sites-from-inventory.json")}, out: []string{"match", "sites-from-inventory", "element 1", "nothing  from label?", "\n  good      "}},
		{name: "explain no match", args: []string{"explain", sample("inventory-sites.json"), "--rules", sample("rules/psk-rotated.json")}, out: []string{"no match", "psk-rotated", `wants ["aws.secretsmanager"], but the event has "com.example.inventory"`, "\n  nothing   the event asks for no change\n"}},
		{name: "explain JSON", args: []string{"explain", sample("inventory-sites.json"), "--rules", sample("rules/psk-rotated.json"), "--json"}, out: []string{`{"explanations":[{"rule":"tunnel-1-psk-rotated","matched":false,`, `"results":[{"kind":"eventbridge"`, "event-not-for-us"}},
		{name: "explain what makes a bad change", stdin: `{"vpn":"vco-1","region":"cn-hangzhou","n":5}`, args: []string{"explain", "-", "--rules", "testdata/number.json"}, code: exitError, out: []string{"wrong-type", "Name", "refused   1 error"}},
		{name: "explain a bad change as JSON", stdin: `{"vpn":"vco-1","region":"cn-hangzhou","n":5}`, args: []string{"explain", "-", "--rules", "testdata/number.json", "--json"}, code: exitError, out: []string{`"matched":true`, "wrong-type"}},
		{name: "explain without rules", args: []string{"explain", sample("inventory-sites.json")}, code: exitUsage, err: []string{"--rules"}},
		{name: "explain events", args: []string{"explain", "events"}, out: []string{"Apache Kafka", "taken     the value of each record", "a notification of Amazon S3", "refused   put the change into the event"}},
		{name: "explain a finding", args: []string{"explain", "bgp-ip-outside"}, out: []string{"error     bgp-ip-outside\n", "why       The two ends", "remedy    choose one", "service   answers IllegalParam.LocalBgpIp\n", "source    https://"}},
		{name: "explain a finding of the cloud", args: []string{"explain", "source-forged"}, out: []string{"why       Rules trust"}},
		{name: "explain a finding as JSON", args: []string{"explain", "psk-short", "--json"}, out: []string{`{"id":"psk-short","severity":"warning",`}},
		{name: "explain events as JSON", args: []string{"explain", "events", "--json"}, out: []string{`{"name":"Apache Kafka","shape":"`}},
		{name: "explain an error code", args: []string{"explain", "InvalidName"}, out: []string{"InvalidName  rejected  HTTP 400\n", "remedy    Give a Name", "source    the error codes of"}},
		{name: "explain an error code of STS", args: []string{"explain", "AuthenticationFail.NoPermission"}, out: []string{"AuthenticationFail.NoPermission  blocked\n", "vpnattach trust"}},
		{name: "explain why a tunnel is down", args: []string{"explain", "PskMismatch"}, out: []string{"PskMismatch  why a tunnel is down\n", "remedy    Give the device", "source    the help page"}},
		{name: "explain why a tunnel is down, as JSON", args: []string{"explain", "PskMismatch", "--json"}, out: []string{`{"name":"PskMismatch","meaning":"`}},
		{name: "explain an error code by its pattern", args: []string{"explain", "IllegalParam.Unheard", "--json"}, out: []string{`{"name":"IllegalParam.*","class":"rejected","meaning":"`}},
		{name: "explain what is not a finding", args: []string{"explain", "psk-shrt"}, code: exitUsage, err: []string{`"psk-shrt"`, "did you mean psk-short?", "--rules"}},
		{name: "explain what is not JSON, as JSON", stdin: good[:40], args: []string{"explain", "-", "--rules", "testdata/number.json", "--json"}, code: exitError, out: []string{`[{"error":{"code":"not-json"`}},
		{name: "explain with broken rules", stdin: `{"rules":[{"name":"x","mtach":{}}]}`, args: []string{"explain", sample("inventory-sites.json"), "--rules", "-"}, code: exitUsage, err: []string{"mtach", "match", "rules[0]"}, silent: true},

		{name: "test", args: []string{"test", sample("rules/psk-put.json"), sample("rules/psk-rotated.json")}, out: []string{"psk-put.json\n  ok        by ARN\n", "passed    13 tests"}},
		{name: "test JSON", args: []string{"test", sample("rules/psk-put.json"), "--json"}, out: []string{`{"name":"by name","passed":true}`}},
		{name: "test what fails", stdin: `{"rules": [], "tests": [{"name": "a", "event": {"RegionId": "cn-hangzhou", "VpnConnectionId": "vco-1", "Name": "b", "IkeConfig": {"Psk": "` + key + `"}}, "want": [{"RegionId": "cn-hangzhou", "VpnConnectionId": "vco-1"}]}]}`,
			args: []string{"test", "-"}, code: exitError, out: []string{"failed    a\n", "tests[0].want[0]: the change is another one than wanted", "Name           wants nothing, got b", "IkeConfig.Psk  wants nothing, got ***", "failed    1 of 1 test"}, err: []string{"rule-file-empty"}},
		{name: "test files, one bad", stdin: `{"rules":[{"name":"x","mtach":{}}]}`, args: []string{"test", "-", "no-such-file.json", sample("rules/psk-put.json")}, code: exitUsage, out: []string{"psk-put.json\n", "passed    "}, err: []string{"mtach", "no-such-file.json"}},
		{name: "test files as JSON, one bad", stdin: `{"rules":[{"name":"x","mtach":{}}]}`, args: []string{"test", sample("rules/psk-put.json"), "-", "--json"}, code: exitUsage, out: []string{`psk-put.json","name":"by name","passed":true}`, `{"file":"-","error":{"code":"rule-file-invalid","message":"standard input: the rule file has errors","findings":[{"rule":`}},
		{name: "test nothing", args: []string{"test", "testdata/number.json"}, out: []string{"none      the file holds no tests"}},
		{name: "test without the event's file", stdin: `{"rules": [], "tests": [{"name": "a", "event": "no-such-event.json", "want": []}]}`, args: []string{"test", "-"}, code: exitUsage, err: []string{"tests[0].event", "no-such-event.json"}},
		{name: "test without tests", args: []string{"test"}, code: exitUsage, err: []string{"--help"}, silent: true},

		{name: "play", args: []string{"play"}, out: []string{"events/secretsmanager-rotation.json", "rule tunnel-1-psk-rotated", "nothing has been sent"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			code, out, errOut := execute(c.env, c.stdin, c.args...)
			if code != c.code {
				t.Errorf("exit code %d, want %d\n%s%s", code, c.code, out, errOut)
			}
			for _, want := range c.out {
				if !strings.Contains(out, want) && !strings.Contains(compact(out), want) {
					t.Errorf("standard output lacks %q:\n%s", want, out)
				}
			}
			for _, want := range c.err {
				if !strings.Contains(errOut, want) {
					t.Errorf("standard error lacks %q:\n%s", want, errOut)
				}
			}
			if c.absent != "" && strings.Contains(out, c.absent) {
				t.Errorf("standard output has %s: %s", c.absent, out)
			}
			if c.silent && strings.TrimSpace(out) != "" {
				t.Errorf("standard output: %s", out)
			}
			if signed := len(c.args) > 0 && c.args[0] == "build" && c.code == exitOK && !slices.Contains(c.args, "--redact"); strings.Contains(errOut, key) || !signed && strings.Contains(out, key) {
				t.Errorf("the key is shown:\n%s%s", out, errOut)
			}
			if strings.Contains(out+errOut, "testsecret-7f3a") {
				t.Errorf("the access key's secret is shown:\n%s%s", out, errOut)
			}
			if asked := strings.Contains(strings.Join(c.args, " "), "--json"); asked && !validJSON(out) {
				t.Errorf("not JSON: %s", out)
			}
		})
	}
}

func validJSON(text string) bool { return json.Valid([]byte(text)) }

// TestPlayShowsNoKey: what every sample shows, none of the samples' keys is in it.
func TestPlayShowsNoKey(t *testing.T) {
	t.Parallel()
	_, out, errOut := execute(nil, "", "play")
	files, err := filepath.Glob(sample("*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	keys := 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.ReplaceAll(string(data), `\`, "")
		for _, part := range strings.Split(text, `"Psk":`)[1:] {
			key, _, _ := strings.Cut(strings.TrimLeft(part, ` "`), `"`)
			if keys++; strings.Contains(out+errOut, key) {
				t.Errorf("%s: its key is shown", file)
			}
		}
	}
	if keys == 0 {
		t.Error("no sample holds a key")
	}
}

func TestColour(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	p := program{in: strings.NewReader(`{"VpnConnectionId":"vco-1"}`), out: &out, err: &out, env: func(string) string { return "" }, colour: true}
	if code := p.run([]string{"validate", "-"}); code != exitError {
		t.Errorf("exit code %d", code)
	}
	if !strings.Contains(out.String(), "\x1b[31;1merror\x1b[0m     \x1b[1mRegionId") {
		t.Errorf("no aligned colour in %q", out.String())
	}
	if colourWanted(os.Stdout, func(name string) string { return map[string]string{"NO_COLOR": "1"}[name] }) {
		t.Error("NO_COLOR is not honoured")
	}
}

// full takes nothing, as a full disk.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

// TestOutputFails: what can't be written is an error, of every command.
func TestOutputFails(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"validate", sample("bare-dual.json")}, {"validate", sample("bare-dual.json"), "--json"},
		{"build", sample("bare-dual.json"), "--redact"}, {"build", sample("bare-dual.json"), "--format", "curl"}, {"explain", "psk-short"}, {"explain", "events", "--json"},
		{"test", sample("rules/psk-put.json")}, {"play"}, {"help"}, {"help", "build"}, {"help", "findings"}, {"--version"}, {"version"}, {"--help"},
		{"trust", "--role", "arn:aws:iam::123456789012:role/x", "--audience", "a"},
	} {
		var errOut bytes.Buffer
		p := program{in: strings.NewReader(""), out: full{}, err: &errOut, env: func(string) string { return "" }}
		if code := p.run(args); code != exitUsage || strings.Count(errOut.String(), "no space left") != 1 || strings.Contains(errOut.String(), "--help") {
			t.Errorf("%v: exit code %d, %s", args, code, errOut.String())
		}
	}
}

// TestWidth: lines break at the width of the terminal, below where they began; colours
// have none.
func TestWidth(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	for _, width := range []int{60, 40} {
		out.Reset()
		p := program{in: strings.NewReader(""), out: &out, err: &out, env: func(string) string { return "" }, width: width, colour: true}
		p.run([]string{"explain", "psk-short"})
		lines := strings.Split(strings.TrimRight(out.String(), "\n"), "\n")
		if len(lines) < 6 {
			t.Errorf("nothing is broken:\n%s", out.String())
		}
		for _, line := range lines {
			if got := ansi.StringWidth(line); got > width {
				t.Errorf("%d columns, more than %d: %s", got, width, line)
			}
			if !strings.HasPrefix(line, "  ") {
				t.Errorf("does not begin below: %q", line)
			}
		}
	}
}
