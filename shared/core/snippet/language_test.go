package snippet_test

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/request"
	"vpnattach/shared/core/snippet"
	"vpnattach/shared/emulator"
)

var cases = []string{"single", "dual"}

// run runs a program that the machine may not have, with that input. Its
// environment has what a snippet reads.
func run(t *testing.T, input, dir, program string, args ...string) (stdout, stderr string) {
	t.Helper()
	return runWith(t, nil, input, dir, program, args...)
}

// runWith is run with more of an environment.
func runWith(t *testing.T, env []string, input, dir, program string, args ...string) (stdout, stderr string) {
	t.Helper()
	c := exec.CommandContext(t.Context(), program, args...)
	c.Dir = dir
	c.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "no_proxy=*", "NO_PROXY=*", "CHECKPOINT_DISABLE=1",
		"ALIBABA_CLOUD_ACCESS_KEY_ID=" + key.AccessKeyID, "ALIBABA_CLOUD_ACCESS_KEY_SECRET=" + key.AccessKeySecret.Reveal()}
	c.Env = append(c.Env, env...)
	c.Stdin = strings.NewReader(input)
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	if err := c.Run(); err != nil {
		t.Fatalf("%s: %v\n%s%s", program, err, out.Bytes(), errs.Bytes())
	}
	return out.String(), errs.String()
}

// need skips the test when the machine doesn't have the program, but not in CI.
func need(t *testing.T, program, how string) {
	t.Helper()
	if testing.Short() {
		t.Skip("-short runs no other programs")
	}
	if _, err := exec.LookPath(program); err == nil {
		return
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("%s is not installed: %s", program, how)
	}
	t.Skipf("%s is not installed: %s", program, how)
}

// The curl commands, run in a shell, against the emulator.
func TestCurlAgainstEmulator(t *testing.T) {
	t.Parallel()
	need(t, "curl", "this test runs the snippet")
	for _, name := range cases {
		for _, signature := range []request.Signature{request.V3, request.V1} {
			w := start(t)
			in := revealed(t, readChange(t, name), request.Options{
				Endpoint: w.url, Nonce: "n", Time: time.Now(), Signature: signature})
			answer, _ := run(t, string(snippet.Curl(nil, in)), "", "sh")
			if !strings.Contains(answer, `"RequestId"`) {
				t.Errorf("%s: got %s", name, answer)
			}
			if signature == request.V3 {
				w.took(t, in) // V1 has parameters of the signature beside
			}
		}
	}
}

// The script signs by itself, in whatever shell there is, with the keys of its environment,
// and sends nothing without them.
func TestScriptAgainstEmulator(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"sh", "curl", "openssl", "od", "awk", "sed"} {
		need(t, program, "this test runs the snippet")
	}
	for _, name := range append(cases, "nul") {
		w := start(t)
		var c *attachment.Change
		if name == "nul" { // which a change may hold, and no argument of a command can
			c = attachment.Parse(`{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localsingle","Name":"a\u0000b\u0000\n","IkeConfig":{"Psk":"a\\\\b\"c"}}`, attachment.FromEvent)
		} else {
			c = readChange(t, name)
		}
		in := withVariables(t, c, request.Options{Endpoint: w.url})
		text := string(snippet.Curl(nil, in))
		for _, shell := range []string{"sh", "bash", "dash"} {
			if _, err := exec.LookPath(shell); err != nil {
				continue
			}
			for _, token := range []string{"", "t0ken"} {
				answer, _ := runWith(t, append(environment(c), "ALIBABA_CLOUD_SECURITY_TOKEN="+token), text, "", shell)
				if accepted := strings.Contains(answer, `"RequestId"`) && !strings.Contains(answer, `"Code"`); accepted != (token == "") && name != "nul" {
					t.Errorf("%s in %s with token %q: got %s", name, shell, token, answer)
				}
				if token == "" {
					w.carried(t, in)
					if keys := regexp.MustCompile(`"Psk":"(?:[^"\\]|\\.)*"`).FindAllString(answer, -1); len(keys) == 0 || slices.ContainsFunc(keys, func(s string) bool { return s != `"Psk":"***"` }) {
						t.Errorf("%s in %s: the answer shows %d keys, not all of them masked", name, shell, len(keys))
					}
				} else if !strings.Contains(answer, "InvalidSecurityToken") && !strings.Contains(answer, "Token") {
					t.Errorf("%s: a token that is not the account's: got %s", name, answer)
				}
			}
			lacking := exec.CommandContext(t.Context(), shell)
			lacking.Env, lacking.Stdin = []string{"PATH=" + os.Getenv("PATH"), "ALIBABA_CLOUD_ACCESS_KEY_ID=a", "ALIBABA_CLOUD_ACCESS_KEY_SECRET=b"}, strings.NewReader(text)
			if out, err := lacking.CombinedOutput(); err == nil || !strings.Contains(string(out), "VPN_PSK") || !strings.Contains(string(out), "is not set") {
				t.Errorf("%s in %s without its variables: %v, %s", name, shell, err, out)
			}
		}
	}
}

func TestAliyunWords(t *testing.T) {
	t.Parallel()
	in := revealed(t, readChange(t, "single"), request.Options{Endpoint: "http://127.0.0.1:8080", Nonce: "n", Time: time.Unix(0, 0)})
	want := []string{"aliyun", "vpc", "ModifyVpnAttachmentAttribute",
		"--region", "cn-hangzhou", "--endpoint", "127.0.0.1:8080", "--insecure"}
	for _, p := range request.Parameters(in.Change, in.Request.ClientToken, true) {
		if p.Name == "Name" { // it begins with a dash
			want = append(want, "--Name="+p.Value)
		} else {
			want = append(want, "--"+p.Name, p.Value)
		}
	}
	command := string(snippet.Aliyun(nil, in))
	if got := words(t, command); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := shellWords(t, nil, command); !slices.Equal(got, want) {
		t.Errorf("the shell has %q, want %q", got, want)
	}
	hidden := string(snippet.Aliyun(nil, withVariables(t, in.Change, request.Options{Endpoint: "http://127.0.0.1:8080", Nonce: "n", Time: time.Unix(0, 0)})))
	if got := shellWords(t, environment(in.Change), hidden); !slices.Equal(got, want) {
		t.Errorf("with a variable the shell has %q, want %q", got, want)
	}
}

// shellWords are the words of a command as the shell itself splits them: its
// program is replaced by a function that prints them.
func shellWords(t *testing.T, env []string, command string) []string {
	t.Helper()
	need(t, "sh", "this test splits the command with it")
	program := regexp.MustCompile(`(?m)^(aliyun|aws) `).FindStringSubmatch(command)[1]
	out, _ := runWith(t, env, program+"() { printf '%s\\0' "+program+` "$@"; }`+"\n"+command, "", "sh")
	return strings.Split(strings.TrimSuffix(out, "\x00"), "\x00")
}

func TestAliyunGivesCurlInstead(t *testing.T) {
	t.Parallel()
	hidden := attachment.Parse(`{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-1","OwnerAccount":"a"}`, attachment.FromEvent)
	for want, c := range map[string]*attachment.Change{"TunnelOptionsSpecification": readChange(t, "dual"), "OwnerAccount": hidden} {
		in := revealed(t, c, request.Options{Nonce: "n", Time: time.Unix(0, 0)})
		note, command, _ := strings.Cut(string(snippet.Aliyun(nil, in)), "\n")
		if !strings.HasPrefix(note, "# ") || !strings.Contains(note, want) || !strings.Contains(note, "curl") {
			t.Errorf("got note %q, want it to name %s and curl", note, want)
		}
		if command != string(snippet.Curl(nil, in)) {
			t.Errorf("%s: got %s, want the curl form", want, command)
		}
	}
}

// That they compile and run is tested in shared/core/pipeline/peers, beside the client.
func TestGoIsFormatted(t *testing.T) {
	t.Parallel()
	for _, name := range cases {
		for _, reveal := range []bool{true, false} {
			make := withVariables
			if reveal {
				make = revealed
			}
			in := make(t, readChange(t, name), request.Options{Endpoint: "http://localhost", Nonce: "n", Time: time.Unix(0, 0)})
			got := snippet.Go(nil, in)
			want, err := format.Source(got)
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s: %v, got\n%s\nwant\n%s", name, err, got, want)
			}
		}
	}
}

// The program runs with stand-ins for the client that record what it was given.
func TestPython(t *testing.T) {
	t.Parallel()
	need(t, "python3", "install Python 3 to check the Python snippets")
	for _, name := range append(cases, "single with variables", "dual with variables") {
		name, hidden := strings.CutSuffix(name, " with variables")
		make := revealed
		if hidden {
			make = withVariables
		}
		in := make(t, readChange(t, name), request.Options{Nonce: "n", Time: time.Unix(0, 0)})
		file := filepath.Join(t.TempDir(), "snippet.py")
		text := snippet.Python(nil, in)
		if err := os.WriteFile(file, text, 0o644); err != nil {
			t.Fatal(err)
		}
		run(t, "", "", "python3", "-m", "py_compile", file)

		out, recorded := runWith(t, environment(in.Change), string(text), "", "python3", "testdata/recorder.py")
		var got struct {
			Endpoint, Model string
			Fields          map[string]string
		}
		if err := json.Unmarshal([]byte(recorded), &got); err != nil {
			t.Fatalf("%v: %s", err, recorded)
		}
		if got.Endpoint != in.Request.Host || got.Model != "ModifyVpnAttachmentAttributeRequest" || out != "accepted: recorded\n" {
			t.Errorf("got endpoint %s, model %s, output %s", got.Endpoint, got.Model, out)
		}
		upper := regexp.MustCompile(`([a-z])([A-Z])`)
		for _, p := range request.Parameters(in.Change, in.Request.ClientToken, true) {
			field := strings.ToLower(upper.ReplaceAllString(p.Name, "${1}_${2}"))
			if value, ok := got.Fields[field]; value != p.Value || !ok {
				t.Errorf("%s: got %q, want %q", field, value, p.Value)
			}
			delete(got.Fields, field)
		}
		if len(got.Fields) > 0 {
			t.Errorf("got more fields: %q", got.Fields)
		}
	}
}

// The programs are type-checked against the client's npm package, and run with it
// against the emulator.
func TestTypeScript(t *testing.T) {
	t.Parallel()
	need(t, "node", "install Node 20 or later to check the TypeScript snippets")
	packages, err := filepath.Abs(filepath.Join("node", "node_modules"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(packages, ".package-lock.json")); err != nil {
		t.Skip("the npm packages are not installed: make test does that, or npm ci in shared/core/snippet/node")
	}
	dir := t.TempDir()
	if err := os.Symlink(packages, filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	settings, err := os.ReadFile(filepath.Join("node", "tsconfig.json"))
	if err != nil {
		t.Fatal(err)
	}
	write := func(file string, text []byte) {
		if err := os.WriteFile(filepath.Join(dir, file), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("tsconfig.json", settings)
	w := start(t)
	inputs := map[string]snippet.Input{}
	for _, name := range cases {
		in := revealed(t, readChange(t, name), request.Options{Endpoint: w.url, Nonce: "n", Time: time.Now()})
		inputs[name] = in
		write(name+".ts", snippet.TypeScript(nil, in))
		in = withVariables(t, in.Change, request.Options{Endpoint: w.url, Nonce: "n", Time: time.Now()})
		inputs[name+"-variables"] = in
		write(name+"-variables.ts", snippet.TypeScript(nil, in))
	}
	run(t, "", dir, "node", filepath.Join(packages, "typescript", "bin", "tsc"))
	for name, in := range inputs {
		if out, errs := runWith(t, environment(in.Change), "", dir, "node", name+".js"); !strings.HasPrefix(out, "accepted: ") {
			t.Errorf("%s: got %s%s", name, out, errs)
		}
		w.took(t, in)
	}
}

// terraform fmt parses a file, and gives it back when it is formatted.
func TestTerraform(t *testing.T) {
	t.Parallel()
	need(t, "terraform", "install it as HashiCorp describes to have the Terraform snippets parsed")
	for _, name := range cases {
		for _, in := range []snippet.Input{
			revealed(t, readChange(t, name), request.Options{Nonce: "n", Time: time.Unix(0, 0)}),
			withVariables(t, readChange(t, name), request.Options{Nonce: "n", Time: time.Unix(0, 0)}),
		} {
			want := string(snippet.Terraform(nil, in))
			if got, _ := run(t, want, t.TempDir(), "terraform", "fmt", "-"); got != want {
				t.Errorf("%s: got\n%s\nwant\n%s", name, want, got)
			}
		}
	}
}

// What the resource needs and the change does not say is the current configuration's.
func TestTerraformCurrent(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		current, change string
		want, not       []string
	}{
		{"", `{"IkeConfig":{"IkePfs":"group14"}}`, []string{"# REQUIRED: vpn_attachment_name", "# REQUIRED: customer_gateway_id", "# REQUIRED: local_subnet"}, []string{"tunnel_options_specification"}},
		{"vco-localsingle", `{"IkeConfig":{"IkePfs":"group14"}}`, []string{`vpn_attachment_name = "localsingle"`, `customer_gateway_id = "cgw-local1"`, `local_subnet        = "`}, []string{"REQUIRED", "1.289.0"}},
		{"vco-localsingle", `{"Name":"new","CustomerGatewayId":"cgw-local2"}`, []string{`vpn_attachment_name = "new"`, `customer_gateway_id = "cgw-local2"`}, []string{"REQUIRED", `"localsingle"`, "cgw-local1"}},
		{"", `{"TunnelOptionsSpecification":[{"TunnelId":"tun-localdual2","EnableDpd":true}]}`, []string{"# REQUIRED: vpn_attachment_name", "# REQUIRED: tunnel_index", "# REQUIRED: customer_gateway_id, the one that the tunnel has", "Both tunnels", "1.289.0", `"No changes"`}, nil},
		{"vco-localdual", `{"TunnelOptionsSpecification":[{"TunnelId":"tun-localdual2","EnableDpd":true}]}`,
			[]string{`vpn_attachment_name = "localdual"`, "enable_dpd          = true\n    tunnel_index        = 2\n    customer_gateway_id = \"cgw-local2\"", "tunnel_index        = 1\n    customer_gateway_id = \"cgw-local1\"", "1.289.0"},
			[]string{"REQUIRED", "Both tunnels"}},
		{"vco-localdual", `{"Name":"new"}`, []string{`vpn_attachment_name = "new"`, "tunnel_index        = 1", "tunnel_index        = 2"}, []string{"REQUIRED", "1.289.0"}},
	} {
		id := tt.current
		if id == "" {
			id = "vco-1"
		}
		c := attachment.Parse(`{"RegionId":"cn-hangzhou","VpnConnectionId":"`+id+`",`+tt.change[1:], attachment.FromEvent)
		in := withVariables(t, c, request.Options{})
		if tt.current != "" {
			api, err := emulator.New(emulator.Config{})
			if err != nil {
				t.Fatal(err)
			}
			if in.Current, err = attachment.ParseCurrent(string(api.Describe(tt.current))); err != nil {
				t.Fatal(err)
			}
		}
		text := string(snippet.Terraform(nil, in))
		for _, want := range tt.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s with %q lacks %q:\n%s", tt.change, tt.current, want, text)
			}
		}
		for _, not := range tt.not {
			if strings.Contains(text, not) {
				t.Errorf("%s with %q has %q:\n%s", tt.change, tt.current, not, text)
			}
		}
	}
}

func TestRAMPolicy(t *testing.T) {
	t.Parallel()
	in := revealed(t, readChange(t, "single"), request.Options{Nonce: "n", Time: time.Unix(0, 0)})
	for account, want := range map[string]string{
		"":                 "acs:vpc:cn-hangzhou:*:vpnconnection/vco-localsingle",
		"1234567890123456": "acs:vpc:cn-hangzhou:1234567890123456:vpnconnection/vco-localsingle",
	} {
		in.AccountID = account
		var policy struct {
			Version   string
			Statement []struct {
				Effect, Resource string
				Action           []string
			}
		}
		if err := json.Unmarshal(snippet.RAMPolicy(nil, in), &policy); err != nil {
			t.Fatal(err)
		}
		if policy.Version != "1" || len(policy.Statement) != 2 {
			t.Fatalf("got %+v", policy)
		}
		s, diagnose := policy.Statement[0], policy.Statement[1]
		actions := []string{"vpc:DescribeVpnConnection", "vpc:ModifyVpnAttachmentAttribute"}
		if s.Effect != "Allow" || s.Resource != want || !slices.Equal(s.Action, actions) {
			t.Errorf("got %+v, want the two actions on %s", s, want)
		}
		if diagnose.Effect != "Allow" || diagnose.Resource != "*" || !slices.Equal(diagnose.Action, []string{"vpc:DiagnoseVpnConnections"}) {
			t.Errorf("got %+v, want the diagnosis", diagnose)
		}
	}
}

func TestPutEvents(t *testing.T) {
	t.Parallel()
	for _, name := range cases {
		in := revealed(t, readChange(t, name), request.Options{Nonce: "n", Time: time.Unix(0, 0)})
		command := string(snippet.PutEvents(nil, in))
		if got, want := detail(t, shellWords(t, nil, command)), string(in.Change.AppendJSON(nil, true)); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
		hidden := string(snippet.PutEvents(nil, withVariables(t, in.Change, request.Options{})))
		if got, want := detail(t, shellWords(t, environment(in.Change), hidden)), string(in.Change.AppendJSON(nil, true)); !sameJSON(got, want) {
			t.Errorf("%s with variables: got %s, want %s", name, got, want)
		}
		// What the merge with the current configuration adds is not what was asked for.
		asked := attachment.Parse(`{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-1","Name":"a"}`, attachment.FromEvent)
		in.Asked = asked
		if got, want := detail(t, shellWords(t, nil, string(snippet.PutEvents(nil, in)))), string(asked.AppendJSON(nil, true)); got != want {
			t.Errorf("%s that was merged: got %s, want %s", name, got, want)
		}
	}
}

func sameJSON(a, b string) bool {
	var x, y any
	return json.Unmarshal([]byte(a), &x) == nil && json.Unmarshal([]byte(b), &y) == nil && reflect.DeepEqual(x, y)
}

// detail returns the detail of the one event that the words of a command put.
func detail(t *testing.T, words []string) string {
	t.Helper()
	if len(words) != 5 || !slices.Equal(words[:4], []string{"aws", "events", "put-events", "--entries"}) {
		t.Fatalf("got words %q", words)
	}
	var entries []struct{ Source, DetailType, Detail string }
	if err := json.Unmarshal([]byte(words[4]), &entries); err != nil || len(entries) != 1 {
		t.Fatalf("%v: %s", err, words[4])
	}
	if entries[0].Source == "" || entries[0].DetailType == "" {
		t.Errorf("got %+v, want a source and a detail type", entries[0])
	}
	return entries[0].Detail
}

// Whatever a value holds, the snippet is well-formed and gives it back.
func FuzzValue(f *testing.F) {
	f.Add(`it's "$HOME" ${x} %{y} \n`)
	f.Add("--dash \u202e\ufeff\u2028\x01\x7f\U000e0001 é")
	f.Fuzz(func(t *testing.T, value string) {
		document, err := json.Marshal(map[string]any{
			"RegionId": "cn-hangzhou", "VpnConnectionId": "vco-1", "Name": value, "IkeConfig": map[string]string{"Psk": value}})
		if err != nil {
			t.Fatal(err)
		}
		c := attachment.Parse(string(document), attachment.FromEvent)
		if strings.Contains(value, "{{resolve:") {
			return // refused in an event
		}
		in := revealed(t, c, request.Options{Nonce: "n", Time: time.Unix(0, 0)})

		var change struct {
			Name      string
			IkeConfig struct{ Psk string }
		}
		if err := json.Unmarshal([]byte(detail(t, words(t, string(snippet.PutEvents(nil, in))))), &change); err != nil {
			t.Fatal(err)
		}
		if want := c.Text(attachment.Name); change.Name != want || change.IkeConfig.Psk != want {
			t.Errorf("put-events: got %q and %q, want %q", change.Name, change.IkeConfig.Psk, want)
		}

		program := snippet.Go(nil, in)
		file, err := parser.ParseFile(token.NewFileSet(), "", program, 0)
		if err != nil {
			t.Fatalf("%v in\n%s", err, program)
		}
		literals := literalsOf(t, file)
		for _, p := range request.Parameters(c, in.Request.ClientToken, true) {
			if !slices.Contains(literals, p.Value) {
				t.Errorf("Go: %s: no literal is %q", p.Name, p.Value)
			}
		}

		if command := string(snippet.Aliyun(nil, in)); strings.HasPrefix(command, "aliyun") {
			all := words(t, command)
			for _, p := range request.Parameters(c, in.Request.ClientToken, true) {
				i := slices.Index(all, "--"+p.Name)
				if !slices.Contains(all, "--"+p.Name+"="+p.Value) && (i < 0 || all[i+1] != p.Value) {
					t.Errorf("aliyun: %s: got %q, want %q", p.Name, all, p.Value)
				}
			}
		}
	})
}

// literalsOf returns the values of a Go file's string literals.
func literalsOf(t *testing.T, file *ast.File) []string {
	t.Helper()
	var all []string
	ast.Inspect(file, func(n ast.Node) bool {
		if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
			value, err := strconv.Unquote(l.Value)
			if err != nil {
				t.Errorf("%v: %s", err, l.Value)
			}
			all = append(all, value)
		}
		return true
	})
	return all
}
