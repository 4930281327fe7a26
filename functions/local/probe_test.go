package main

import (
	"bytes"
	"io"
	"maps"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"vpnattach/shared/core/request"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/credentials"
	"vpnattach/shared/credentials/ststest"
	"vpnattach/shared/emulator"
)

// probeEnv is the environment for the emulator's own account at a URL.
func probeEnv(url string) map[string]string {
	return map[string]string{"VPC_ENDPOINT": url, "ALIBABA_CLOUD_ACCESS_KEY_ID": "local", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "local-secret"}
}

// mustEmulate starts an emulated account, and returns it with its URL.
func mustEmulate(t *testing.T, config emulator.Config) (*emulator.Server, string) {
	t.Helper()
	config.Accounts = []emulator.Account{{AccessKeyID: "local", Secret: secret.New("local-secret")}}
	api, err := emulator.New(config)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(api)
	t.Cleanup(server.Close)
	return api, server.URL
}

func TestProbe(t *testing.T) {
	t.Parallel()
	api, url := mustEmulate(t, emulator.Config{MaskKeys: true})
	without := func(names ...string) map[string]string {
		env := probeEnv(url)
		for _, name := range names {
			delete(env, name)
		}
		return env
	}
	at := func(more ...string) []string {
		return append([]string{"--region", "cn-hangzhou", "--id", "vco-localdual"}, more...)
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
		{name: "reads", env: without(), args: at(), out: []string{"dual-tunnel, CEN, attached", "Tunnel 2 TunnelIkeConfig.Psk is masked", "within TunnelOptions", "clock", "MaskedKeys=refuse", "VPC_MASK_KEYS=true"}},
		{name: "as JSON", env: without(), args: at("--json"), out: []string{`"shown": "masked"`, `"tunnelList": "wrapped"`, `"settings": [`}},
		{name: "with ids", env: without(), args: at("--ids"), out: []string{"vco-localdual", "tun-localdual2", "request "}},
		{name: "writes", env: without(), stdin: "vco-localdual\n", args: at("--write"), out: []string{"one change", "nothing but the name", "restored  the name", "ConfirmWithin"}, err: []string{"Type the attachment's id", "EffectImmediately true", "traffic"}},
		{name: "writes, as JSON", env: without(), stdin: "vco-localdual", args: at("--write", "--json"), out: []string{`"repeated": "same"`, `"restored": true`}},
		{name: "another id typed", env: without(), stdin: "vco-localsingle\n", args: at("--write"), code: exitError, out: []string{"not the attachment's id, so nothing was sent"}},
		{name: "a region in capitals", env: without(), args: []string{"--region", "CN-Hangzhou", "--id", "vco-localdual"}, code: exitError, err: []string{"write it cn-hangzhou"}},
		{name: "a region that is not known", env: without(), args: []string{"--region", "cn-hangzou", "--id", "vco-localdual"}, code: exitError, err: []string{"did you mean cn-hangzhou?"}, out: []string{"InvalidRegionId.NotFound"}},
		{name: "nothing typed", env: without(), args: at("--write"), code: exitError, out: []string{"nothing was sent"}},
		{name: "no such attachment", env: without(), args: []string{"--region", "cn-hangzhou", "--id", "vco-nothing"}, code: exitError, out: []string{"InvalidVpnConnectionInstanceId.NotFound", "Check VpnConnectionId"}},
		{name: "no key", env: without("ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"), args: at(), code: exitUsage, err: []string{"ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ROLE_ARN"}},
		{name: "half a key", env: without("ALIBABA_CLOUD_ACCESS_KEY_SECRET"), args: at(), code: exitUsage, err: []string{"must be set too"}},
		{name: "no region", env: without(), args: []string{"--id", "vco-localdual"}, code: exitUsage, err: []string{"--region"}},
		{name: "a region that is none", env: without("VPC_ENDPOINT"), args: []string{"--region", "x/y", "--id", "vco-localdual"}, code: exitError, out: []string{"not a region ID"}},
	} {
		code, out, errOut := execute(c.env, c.stdin, append([]string{"probe"}, c.args...)...)
		if code != c.code {
			t.Errorf("%s: exit code %d, want %d\n%s%s", c.name, code, c.code, out, errOut)
		}
		for _, want := range c.out {
			if !strings.Contains(out, want) {
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
		for _, private := range []string{"local-secret", "local-dual-key", "vco-", "tun-", "203.0.113."} {
			if strings.Contains(out+errOut, private) && c.code != exitUsage && !strings.Contains(strings.Join(c.args, " "), "--ids") {
				t.Errorf("%s: %q is shown:\n%s%s", c.name, private, out, errOut)
			}
		}
		if name := gjson.GetBytes(api.Describe("vco-localdual"), "Name").Str; name != "localdual" {
			t.Errorf("%s: the name is %q", c.name, name)
		}
	}
}

// TestProbeKeyless probes with the key of a role.
func TestProbeKeyless(t *testing.T) {
	t.Parallel()
	key := request.Credentials{AccessKeyID: "STS.1", AccessKeySecret: secret.New("temporary-s3cret"), SecurityToken: secret.New("security-t0ken")}
	api, url := mustEmulate(t, emulator.Config{})
	api.SetAccount(emulator.Account{AccessKeyID: key.AccessKeyID, Secret: key.AccessKeySecret, SecurityToken: key.SecurityToken})
	role := credentials.Role{ProviderARN: "acs:ram::1:oidc-provider/vpnattach", RoleARN: "acs:ram::1:role/vpnattach", Audience: "vpnattach"}
	aws, alibaba := ststest.NewAWS("eu-central-1", role.Audience, applyRole), ststest.NewAlibaba(func() request.Credentials { return key })
	aliyunSTS, awsSTS := httptest.NewServer(alibaba), httptest.NewServer(aws)
	t.Cleanup(func() { aliyunSTS.Close(); awsSTS.Close() })
	aws.Issuer = awsSTS.URL
	alibaba.Trust(role, aws.Issuer, applyRole)
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte(aws.Sign(nil)), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{
		"VPC_ENDPOINT": url, "STS_ENDPOINT": aliyunSTS.URL, tokenFileVariable: file,
		"ALIBABA_CLOUD_ROLE_ARN": role.RoleARN, "ALIBABA_CLOUD_OIDC_PROVIDER_ARN": role.ProviderARN,
	}
	args := []string{"probe", "--region", "cn-hangzhou", "--id", "vco-localsingle", "--write"}
	if code, out, errOut := execute(env, "vco-localsingle\n", args...); code != exitOK || !strings.Contains(out, "restored  the name") {
		t.Errorf("exit code %d\n%s%s", code, out, errOut)
	}
	other := maps.Clone(env)
	other["ALIBABA_CLOUD_ROLE_ARN"] = "acs:ram::1:role/another"
	if code, out, errOut := execute(other, "", args[:5]...); code != exitError || !strings.Contains(out, "error") || strings.Contains(out+errOut, "role/another") {
		t.Errorf("with another role: exit code %d\n%s%s", code, out, errOut)
	}
}

// TestProbeInterrupted: after Ctrl-C the name is restored; after a second one the
// command that does so is printed, and does.
func TestProbeInterrupted(t *testing.T) {
	t.Parallel()
	binary := mustBuild(t)
	for _, twice := range []bool{false, true} {
		api, url := mustEmulate(t, emulator.Config{UpdateTime: 2 * time.Second})
		command := exec.CommandContext(t.Context(), binary, "probe", "--region", "cn-hangzhou", "--id", "vco-localsingle", "--write")
		command.Stdin = strings.NewReader("vco-localsingle\n")
		for name, value := range probeEnv(url) {
			command.Env = append(command.Env, name+"="+value)
		}
		var out bytes.Buffer
		errOut := &record{}
		reader, writer := io.Pipe()
		command.Stdout, command.Stderr = &out, io.MultiWriter(errOut, writer)
		go func() { // interrupts when it says what it is at
			seen := ""
			buffer := make([]byte, 1024)
			for {
				n, err := reader.Read(buffer)
				if err != nil {
					return
				}
				seen += string(buffer[:n])
				if strings.Contains(seen, "waiting for the change") || twice && strings.Contains(seen, "restoring the name") {
					_ = command.Process.Signal(os.Interrupt)
					seen = ""
				}
			}
		}()
		err := command.Run()
		_ = writer.Close()
		if err == nil {
			t.Errorf("twice=%v: exit code 0\n%s%s", twice, &out, errOut)
		}
		if !twice {
			if name := gjson.GetBytes(api.Describe("vco-localsingle"), "Name").Str; name != "localsingle" || !strings.Contains(out.String(), "the name is restored") {
				t.Errorf("the name is %q\n%s%s", name, &out, errOut)
			}
			continue
		}
		for _, want := range []string{"aliyun vpc ModifyVpnAttachmentAttribute", "--VpnConnectionId 'vco-localsingle'", "--Name 'localsingle'", "--LocalSubnet '", "--RemoteSubnet '", "--EffectImmediately 'true'"} {
			if !strings.Contains(errOut.String(), want) {
				t.Errorf("the command lacks %q:\n%s", want, errOut)
			}
		}
		if strings.Contains(out.String(), "vco-localsingle") || strings.Contains(out.String()+errOut.String(), "local-secret") {
			t.Errorf("the report has an id, or a secret is shown:\n%s%s", &out, errOut)
		}
	}
}
