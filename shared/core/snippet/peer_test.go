package snippet_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/request"
	"vpnattach/shared/core/snippet"
)

// peerForms are the forms of the other end's configuration.
func peerForms(t *testing.T) (all []snippet.Language) {
	t.Helper()
	for _, l := range snippet.Languages {
		if l.End != "" {
			all = append(all, l)
		}
	}
	if len(all) < 4 {
		t.Fatalf("got %d forms", len(all))
	}
	return all
}

const (
	dualChange = `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localdual","TunnelOptionsSpecification":[
		{"TunnelIndex":2,"TunnelIkeConfig":{"Psk":"second.key.000001"},"TunnelBgpConfig":{"LocalBgpIp":"169.254.21.2"}},
		{"TunnelIndex":1,"TunnelIkeConfig":{"Psk":"first.key.0000001"},"TunnelBgpConfig":{"LocalBgpIp":"169.254.20.2"}}]}`
	// strongSwan's words for all that it needs one for, and what its file has to quote.
	oddChange = `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localsingle","LocalSubnet":"0.0.0.0/0","RemoteSubnet":"0.0.0.0/0",
		"IkeConfig":{"Psk":"0sa\"b\\c","IkeVersion":"ikev1","IkeMode":"aggressive","IkeEncAlg":"3des","IkeAuthAlg":"md5","IkePfs":"group5","LocalId":"a=\"#{}","RemoteId":"b@site.example"},
		"IpsecConfig":{"IpsecEncAlg":"aes","IpsecAuthAlg":"sha512","IpsecPfs":"disabled","IpsecLifetime":0},"BgpConfig":{"EnableBgp":false}}`
)

// withCurrent is the input for a change to an attachment of the emulator's.
func withCurrent(t *testing.T, change, described string, reveal bool) snippet.Input {
	t.Helper()
	answer, err := os.ReadFile(filepath.Join("..", "..", "emulator", "testdata", described))
	if err != nil {
		t.Fatal(err)
	}
	current, err := attachment.ParseCurrent(string(answer))
	if err != nil {
		t.Fatal(err)
	}
	return snippet.Input{Change: attachment.Parse(change, attachment.FromEvent), Current: current, Reveal: reveal}
}

// The other end of both tunnels, of which a change names a part, and of single ones.
func TestOtherEnd(t *testing.T) {
	t.Parallel()
	for name, in := range map[string]snippet.Input{
		"dual":          withCurrent(t, dualChange, "describe-dual.json", false),
		"dual-revealed": withCurrent(t, dualChange, "describe-dual.json", true),
		"single":        withCurrent(t, oddChange, "describe-single.json", true),
		"nothing":       withCurrent(t, `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localsingle","Name":"n"}`, "describe-single.json", false),
		"masked":        withCurrent(t, `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localfree","Name":"n"}`, "describe-free-masked.json", true),
	} {
		for _, l := range peerForms(t) {
			text := string(l.Append(nil, in))
			golden(t, filepath.Join("testdata", "peer", name+"-"+l.Name+".txt"), text)
			if name != "dual-revealed" && name != "single" && regexp.MustCompile(`local-(dual-)?key|\.key\.0`).MatchString(text) {
				t.Errorf("%s of %s has a key", l.Name, name)
			}
		}
	}
}

// What the other end can't have is found in all of the configuration, also in what does not
// change; what the change itself has is found once.
func TestOtherEndJudged(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ form, change, described, want string }{
		{"peer-aws", `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localdual","Name":"n"}`, "describe-dual.json",
			"peer-subnets LocalSubnet,peer-bgp-ip Tunnel 1,peer-psk Tunnel 1,peer-bgp-ip Tunnel 2,peer-psk Tunnel 2"},
		{"peer-terraform", dualChange, "describe-dual.json", "peer-subnets LocalSubnet"},
		{"peer-aws", oddChange, "describe-single.json",
			"peer-psk IkeConfig.Psk,peer-psk IkeConfig.Psk,peer-psk IkeConfig.Psk,peer-ike-mode IkeMode,peer-algorithm IkeConfig.IkeEncAlg,peer-algorithm IkeConfig.IkeAuthAlg,peer-algorithm IkeConfig.IkePfs,peer-identity IkeConfig.LocalId,peer-identity IkeConfig.RemoteId,peer-algorithm IpsecConfig.IpsecPfs,peer-lifetime IpsecConfig.IpsecLifetime,peer-bgp-ip LocalBgpIp"},
		{"peer-strongswan", oddChange, "describe-single.json", ""},
		{"curl", dualChange, "describe-dual.json", ""},
	} {
		in := withCurrent(t, tt.change, tt.described, false)
		for _, l := range snippet.Languages {
			if l.Name != tt.form {
				continue
			}
			var got []string
			for _, f := range l.Judge(in, nil) {
				name := strings.Join(strings.Fields(f.Message)[:1], " ")
				if name == "Tunnel" {
					name += " " + strings.Fields(f.Message)[1]
				}
				got = append(got, f.Check+" "+strings.TrimSuffix(name, ":"))
			}
			if strings.Join(got, ",") != tt.want {
				t.Errorf("%s: got %s, want %s", tt.form, strings.Join(got, ","), tt.want)
			}
			own := attachment.Validate(in.Change, in.Current, "aws")
			for i, f := range l.Judge(in, own) {
				for _, other := range l.Judge(in, own)[:i] {
					if l.End != "" && f == other && f.Check != "peer-psk" {
						t.Errorf("%s: %s is told twice", tt.form, f.Message)
					}
				}
			}
		}
	}
}

// What an answer holds stands in no command and no configuration, unless it is a plain word.
func TestOtherEndOfOddAnswers(t *testing.T) {
	t.Parallel()
	const odd = "1.2.3.4$(touch x)\\n}; evil = 1 #\\\" END"
	answer := `{"VpnConnectionId":"vco-1","State":"attached","InternetIp":"` + odd + `","LocalSubnet":"` + odd + `","RemoteSubnet":"` + odd + `","EnableDpd":true,
		"IkeConfig":{"IkeVersion":"` + odd + `","IkeEncAlg":"` + odd + `","RemoteId":"fe80::1%$(touch x)","LocalId":"` + odd + `"},
		"VpnBgpConfig":{"EnableBgp":"true","LocalBgpIp":"` + odd + `","TunnelCidr":"169.254.20.0/30","PeerAsn":"` + odd + `"}}`
	current, err := attachment.ParseCurrent(answer)
	if err != nil {
		t.Fatal(err)
	}
	in := snippet.Input{Change: attachment.Parse(`{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-1","IkeConfig":{"Psk":"a$(touch x)`+"`"+`\"b\\c"}}`, attachment.FromEvent), Current: current, Reveal: true}
	for _, l := range peerForms(t) {
		text := string(l.Append(nil, in))
		for line := range strings.Lines(text) {
			if strings.Contains(line, "evil") && !regexp.MustCompile(`^# |identity +"|id(-2)? = "`).MatchString(line) {
				t.Errorf("%s: got %q", l.Name, line)
			}
		}
		switch l.Name {
		case "peer-aws":
			calls := runAWS(t, text, "VPN_CONNECTION_ID=vpn-1", "VPN_OUTSIDE_IP=198.51.100.1")
			if len(calls) != 1 || calls[0].options["PreSharedKey"] != "a$(touch x)`\"b\\c" {
				t.Errorf("got %+v", calls)
			}
		case "peer-strongswan":
			if _, settings := parseSwan(t, text); settings["connections.tunnel.local.id"] != `"fe80::1%$(touch x)"` {
				t.Errorf("got %v", settings)
			}
		}
	}
}

// awsCall is a call of the AWS CLI.
type awsCall struct {
	words   []string
	options map[string]any
}

// runAWS runs the commands in a shell, with a program in the place of the AWS CLI.
func runAWS(t *testing.T, commands string, env ...string) (calls []awsCall) {
	t.Helper()
	dir := t.TempDir()
	const program = "#!/bin/sh\nfor word; do printf '%s\\n' \"$word\"; done >>\"$LOG\"\ncat /dev/stdin >>\"$LOG\"\necho --- >>\"$LOG\"\n"
	if err := os.WriteFile(filepath.Join(dir, "aws"), []byte(program), 0o755); err != nil {
		t.Fatal(err)
	}
	log := filepath.Join(dir, "log")
	c := exec.CommandContext(t.Context(), "sh", "-c", commands)
	c.Dir, c.Env = dir, append([]string{"PATH=" + dir + ":" + os.Getenv("PATH"), "LOG=" + log}, env...)
	out, err := c.CombinedOutput()
	if _, opened := os.Stat(filepath.Join(dir, "x")); opened == nil {
		t.Error("a command of the answer was run")
	}
	told, _ := os.ReadFile(log)
	if err != nil {
		if !strings.Contains(string(out), "is not set") {
			t.Errorf("%v: %s", err, out)
		}
		if len(told) > 0 {
			t.Errorf("called before all was known to be set: %s", told)
		}
		return nil
	}
	for call := range strings.SplitSeq(strings.TrimSuffix(string(told), "---\n"), "---\n") {
		words, options, ok := strings.Cut(call, "\n{")
		got := awsCall{words: strings.Split(words, "\n")}
		if err := json.Unmarshal([]byte("{"+options), &got.options); err != nil || !ok {
			t.Errorf("%v: %s", err, call)
		}
		calls = append(calls, got)
	}
	return calls
}

// The commands give each tunnel its options, from the environment and with keys, and call
// nothing without all variables.
func TestPeerAWS(t *testing.T) {
	t.Parallel()
	env := []string{"VPN_CONNECTION_ID_TUNNEL_1=vpn-1", "VPN_CONNECTION_ID_TUNNEL_2=vpn-2", "VPN_PSK_TUNNEL_1=first.key.0000001", "VPN_PSK_TUNNEL_2=second.key.000001"}
	for _, reveal := range []bool{false, true} {
		text := string(snippet.PeerAWS(nil, withCurrent(t, dualChange, "describe-dual.json", reveal)))
		calls := runAWS(t, text, env...)
		if len(calls) != 2 {
			t.Fatalf("got %d calls", len(calls))
		}
		want := strings.Fields("ec2 modify-vpn-tunnel-options --vpn-connection-id vpn-2 --query VpnConnection.State --output text --vpn-tunnel-outside-ip-address 198.51.100.2 --tunnel-options file:///dev/stdin")
		if got := calls[1].words; strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("got %q, want %q", got, want)
		}
		got, _ := json.Marshal(calls[1].options)
		if want := `{"PreSharedKey":"second.key.000001","TunnelInsideCidr":"169.254.21.0/30","IKEVersions":[{"Value":"ikev2"}],
			"Phase1EncryptionAlgorithms":[{"Value":"AES256"}],"Phase1IntegrityAlgorithms":[{"Value":"SHA2-256"}],"Phase1DHGroupNumbers":[{"Value":14}],"Phase1LifetimeSeconds":28800,
			"Phase2EncryptionAlgorithms":[{"Value":"AES256"}],"Phase2IntegrityAlgorithms":[{"Value":"SHA2-256"}],"Phase2DHGroupNumbers":[{"Value":14}],"Phase2LifetimeSeconds":3600}`; !sameJSON(string(got), want) {
			t.Errorf("got %s, want %s", got, want)
		}
		for lacking := range env {
			if lacking < 2 || !reveal {
				rest := append(append([]string{}, env[:lacking]...), env[lacking+1:]...)
				if calls := runAWS(t, text, rest...); calls != nil {
					t.Errorf("without %s: %d calls", env[lacking], len(calls))
				}
			}
		}
	}
}

// What is not known is not guessed, and what a device needs is said to be missing.
func TestOtherEndUnknown(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ form, change, has, lacks string }{
		{"peer-terraform", `"Name":"n"`, "# REQUIRED: bgp_asn", "static_routes_only"},
		{"peer-terraform", `"BgpConfig":{"EnableBgp":true}`, "# REQUIRED: bgp_asn", "static_routes_only"},
		{"peer-terraform", `"BgpConfig":{"EnableBgp":false}`, "static_routes_only    = true", "REQUIRED: bgp_asn"},
		{"peer-terraform", `"BgpConfig":{"EnableBgp":false}`, "bgp_asn = 65000", "amazon_side_asn"},
		{"peer-strongswan", `"Name":"n"`, "# REQUIRED: remote_addrs", "remote_addrs ="},
		{"peer-strongswan", `"LocalSubnet":"10.0.0.0/24,10.1.0.0/24","IkeConfig":{"IkeVersion":"ikev1"}`, "# With IKEv1 only the first network", "aggressive"},
		{"peer-strongswan", `"LocalSubnet":"10.0.0.0/24,10.1.0.0/24","IkeConfig":{"IkeVersion":"ikev2"}`, "remote_ts = 10.0.0.0/24,10.1.0.0/24", "IKEv1"},
		{"peer-strongswan", `"LocalSubnet":"10.0.0.0/24","IkeConfig":{"IkeVersion":"ikev1"}`, "remote_ts = 10.0.0.0/24\n", "IKEv1"},
		{"peer-sheet", `"Name":"n"`, "Remote address      the public address of tunnel", "Health"},
		{"peer-sheet", `"HealthCheckConfig":{"enable":true,"dip":"192.0.2.1","sip":"10.0.0.1"}`, "Health check        192.0.2.1 answers pings from 10.0.0.1", "BGP"},
		{"peer-sheet", `"HealthCheckConfig":{"enable":false,"dip":"192.0.2.1","sip":"10.0.0.1"}`, "Pre-shared key", "Health"},
	} {
		change := attachment.Parse(`{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localsingle",`+tt.change+`}`, attachment.FromEvent)
		for _, l := range peerForms(t) {
			if text := string(l.Append(nil, snippet.Input{Change: change})); l.Name == tt.form && (!strings.Contains(text, tt.has) || strings.Contains(text, tt.lacks)) {
				t.Errorf("%s of %s: wants %q and not %q:\n%s", tt.form, tt.change, tt.has, tt.lacks, text)
			}
		}
	}
}

// terraform fmt gives the resources back.
func TestPeerTerraform(t *testing.T) {
	t.Parallel()
	need(t, "terraform", "install it as HashiCorp describes to have the Terraform snippets parsed")
	unknown := func(change string) snippet.Input {
		return snippet.Input{Change: attachment.Parse(`{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localsingle",`+change+`}`, attachment.FromEvent)}
	}
	for _, in := range []snippet.Input{
		withCurrent(t, dualChange, "describe-dual.json", false), withCurrent(t, dualChange, "describe-dual.json", true), unknown(`"Name":"n"`),
		unknown(`"IkeConfig":{"Psk":"a = b","IkePfs":"group14"},"BgpConfig":{"LocalAsn":4200000000,"TunnelCidr":"169.254.20.0/30"}`),
	} {
		want := string(snippet.PeerTerraform(nil, in))
		if got, _ := run(t, want, t.TempDir(), "terraform", "fmt", "-"); got != want {
			t.Errorf("got\n%s\nwant\n%s", want, got)
		}
	}
}

// parseSwan reads strongSwan's settings, as far as the form uses their syntax: the files it
// includes, and each setting by its path.
func parseSwan(t *testing.T, text string) (includes []string, settings map[string]string) {
	t.Helper()
	settings = map[string]string{}
	var path []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		name, value, isSetting := strings.Cut(line, " = ")
		switch {
		case line == "" || line[0] == '#':
		case line == "}" && len(path) > 0:
			path = path[:len(path)-1]
		case strings.HasPrefix(line, "include "):
			includes = append(includes, line[len("include "):])
		case isSetting && regexp.MustCompile(`^[a-z0-9_-]+$`).MatchString(name) && regexp.MustCompile(`^([\w.:/,-]+|"([^"\\]|\\["\\nrt])*")$`).MatchString(value):
			settings[strings.Join(append(path, name), ".")] = value
		case regexp.MustCompile(`^[\w-]+ \{$`).MatchString(line):
			path = append(path, strings.TrimSuffix(line, " {"))
		default:
			t.Errorf("strongSwan can't read %q", line)
		}
	}
	if len(path) > 0 {
		t.Errorf("%v is not closed", path)
	}
	return includes, settings
}

func TestPeerStrongSwan(t *testing.T) {
	t.Parallel()
	includes, settings := parseSwan(t, string(snippet.PeerStrongSwan(nil, withCurrent(t, dualChange, "describe-dual.json", false))))
	if strings.Join(includes, " ") != "vpn_psk_tunnel_1.secret vpn_psk_tunnel_2.secret" {
		t.Errorf("includes %q", includes)
	}
	for name, want := range map[string]string{
		"connections.tunnel_2.version": "2", "connections.tunnel_2.remote_addrs": "203.0.113.3", "connections.tunnel_2.proposals": "aes256-sha256-modp2048",
		"connections.tunnel_2.local.id": `"198.51.100.2"`, "connections.tunnel_2.remote.id": `"203.0.113.3"`,
		"connections.tunnel_2.children.tunnel_2.local_ts": "192.168.20.0/24", "connections.tunnel_2.children.tunnel_2.remote_ts": "10.20.0.0/24,10.20.1.0/24",
		"secrets.ike-tunnel_2.id-1": `"198.51.100.2"`,
	} {
		if settings[name] != want {
			t.Errorf("%s is %s, want %s", name, settings[name], want)
		}
	}
}

// strongSwan itself loads what the form writes. Its daemon needs the rights to run.
func TestStrongSwanLoads(t *testing.T) {
	t.Parallel()
	const daemon = "/usr/lib/ipsec/charon"
	if _, err := exec.LookPath("swanctl"); err != nil {
		t.Skip("strongSwan is not installed: apt install strongswan-charon strongswan-swanctl")
	}
	if _, err := os.Stat(daemon); err != nil || os.Getuid() != 0 {
		t.Skip("strongSwan's daemon is not installed, or this is not root")
	}
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("strongswan.conf", `charon {
  load = random nonce aes md5 sha1 sha2 hmac gmp openssl kernel-netlink socket-default vici
  port = 0
  port_nat_t = 0
  filelog {
    stdout {
      default = 1
      flush_line = yes
    }
  }
  plugins {
    vici {
      socket = unix://`+dir+`/vici
    }
  }
}
swanctl {
  load = random openssl
}
`)
	env := append(os.Environ(), "STRONGSWAN_CONF="+filepath.Join(dir, "strongswan.conf"))
	charon := exec.CommandContext(t.Context(), daemon)
	var log bytes.Buffer
	charon.Env, charon.Stdout, charon.Stderr = env, &log, &log
	if err := charon.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- charon.Wait() }()
	defer func() {
		_ = charon.Process.Signal(os.Interrupt)
		<-ended
	}()
	swanctl := func(args ...string) (string, error) {
		c := exec.CommandContext(t.Context(), "swanctl", append(args, "--uri", "unix://"+dir+"/vici")...)
		c.Env = env
		out, err := c.CombinedOutput()
		return string(out), err
	}
	for {
		if _, err := swanctl("--stats"); err == nil {
			break
		}
		select {
		case err := <-ended:
			ended <- err
			t.Skipf("strongSwan's daemon does not run here: %s", log.String())
		case <-time.After(50 * time.Millisecond):
		}
	}
	for name, in := range map[string]snippet.Input{
		"variables": withCurrent(t, dualChange, "describe-dual.json", false),
		"keys":      withCurrent(t, dualChange, "describe-dual.json", true),
		"odd":       withCurrent(t, oddChange, "describe-single.json", true),
	} {
		write(name+".conf", string(snippet.PeerStrongSwan(nil, in)))
		connections := 2
		if name == "odd" {
			connections = 1
		}
		for _, secrets := range []bool{false, true} {
			if name == "variables" && secrets {
				write("vpn_psk_tunnel_1.secret", `secret = "first.key.0000001"`)
				write("vpn_psk_tunnel_2.secret", `secret = "second.key.000001"`)
			}
			out, err := swanctl("--load-all", "--clear", "--noprompt", "--file", filepath.Join(dir, name+".conf"))
			if err != nil || strings.Count(out, "loaded connection 'tunnel") != connections || strings.Contains(out, "failed") && !strings.Contains(out, "opening directory") {
				t.Errorf("%s: %v\n%s", name, err, out)
			}
			if keys := strings.Count(out, "loaded ike secret"); keys != connections && (name != "variables" || secrets) || keys != 0 && name == "variables" && !secrets {
				t.Errorf("%s: %d keys are loaded\n%s", name, keys, out)
			}
		}
		if name == "odd" {
			continue
		}
		out, err := swanctl("--list-conns")
		for _, want := range []string{"tunnel_2: IKEv2", "remote: 203.0.113.3", "id: 198.51.100.2", "local:  192.168.20.0/24", "remote: 10.20.0.0/24 10.20.1.0/24", "rekeying every 25920s", "rekeying every 3240s"} {
			if err != nil || !strings.Contains(out, want) {
				t.Errorf("%s: %v, no %q in\n%s", name, err, want, out)
			}
		}
	}
}

// No request is needed: the attachment may be as the change asks already.
func TestOtherEndWithoutRequest(t *testing.T) {
	t.Parallel()
	c := readChange(t, "single")
	r, err := new(request.Builder).Modify(c, request.Options{Redact: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range peerForms(t) {
		if got, want := string(l.Append(nil, snippet.Input{Change: c})), string(l.Append(nil, snippet.Input{Change: c, Request: r})); got != want {
			t.Errorf("%s: got %s, want %s", l.Name, got, want)
		}
	}
}
