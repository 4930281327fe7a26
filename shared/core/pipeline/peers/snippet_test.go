package peers

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"pgregory.net/rapid"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/request"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/core/snippet"
	"vpnattach/shared/emulator"
)

// input makes a snippet's input of a change document.
func input(t interface{ Fatal(...any) }, document, endpoint string) snippet.Input {
	c := attachment.Parse(document, attachment.FromEvent)
	r, err := new(request.Builder).Modify(c, request.Options{
		Credentials: request.Credentials{AccessKeyID: "local", AccessKeySecret: secret.New("local-secret")},
		Endpoint:    endpoint, Time: time.Unix(0, 0), Nonce: "n",
	})
	if err != nil {
		t.Fatal(err)
	}
	return snippet.Input{Change: c, Request: r, Reveal: true}
}

// hidden is the same input with the keys as variables.
func hidden(t interface{ Fatal(...any) }, in snippet.Input, endpoint string) snippet.Input {
	r, err := new(request.Builder).Modify(in.Change, request.Options{
		Redact: true, Credentials: request.Credentials{AccessKeyID: "local", AccessKeySecret: secret.New("local-secret")}, Endpoint: endpoint,
	})
	if err != nil {
		t.Fatal(err)
	}
	return snippet.Input{Change: in.Change, Request: r}
}

// documents are the changes that the snippets are tested with.
func documents(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, name := range []string{"single", "dual"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "snippet", "testdata", name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		all[name] = string(text)
	}
	return all
}

// The Go snippets compile with the official client, and what they send is what
// request sends. The emulator checks the signature.
func TestGoSnippets(t *testing.T) {
	t.Parallel()
	for name, document := range documents(t) {
		for _, with := range []string{"keys", "variables"} {
			t.Run(name+" with "+with, func(t *testing.T) {
				t.Parallel()
				api, err := emulator.New(emulator.Config{
					Accounts: []emulator.Account{{AccessKeyID: "local", Secret: secret.New("local-secret")}},
				})
				if err != nil {
					t.Fatal(err)
				}
				sent := make(chan [2]url.Values, 1)
				server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					text, err := io.ReadAll(r.Body)
					if err != nil {
						t.Error(err)
					}
					body, err := url.ParseQuery(string(text))
					if err != nil {
						t.Error(err)
					}
					sent <- [2]url.Values{r.URL.Query(), body}
					r.Body = io.NopCloser(bytes.NewReader(text))
					api.ServeHTTP(w, r)
				}))
				defer server.Close()

				// A program outside of a module is built with the modules of the folder that
				// the build runs in.
				in, dir := input(t, document, server.URL), t.TempDir()
				if with == "variables" {
					in = hidden(t, in, server.URL)
				}
				source, program := filepath.Join(dir, "main.go"), filepath.Join(dir, "program")
				if err := os.WriteFile(source, snippet.Go(nil, in), 0o644); err != nil {
					t.Fatal(err)
				}
				if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, source).CombinedOutput(); err != nil {
					t.Fatalf("%v\n%s", err, out)
				}
				run := exec.CommandContext(t.Context(), program)
				run.Env = []string{"NO_PROXY=*", "ALIBABA_CLOUD_ACCESS_KEY_ID=local", "ALIBABA_CLOUD_ACCESS_KEY_SECRET=local-secret"}
				if with == "variables" {
					out, err := run.CombinedOutput()
					if err == nil || !strings.Contains(string(out), "is not set") || len(sent) > 0 {
						t.Fatalf("without its variables: %v, %s", err, out)
					}
					run = exec.CommandContext(t.Context(), program)
					run.Env = []string{"NO_PROXY=*", "ALIBABA_CLOUD_ACCESS_KEY_ID=local", "ALIBABA_CLOUD_ACCESS_KEY_SECRET=local-secret"}
					for name, path := range map[string]string{"VPN_PSK": "IkeConfig.Psk", "VPN_PSK_TUNNEL_1": "Tunnel.1.TunnelIkeConfig.Psk", "VPN_PSK_TUNNEL_2": "Tunnel.2.TunnelIkeConfig.Psk"} {
						field, _ := attachment.FieldNamed(path)
						run.Env = append(run.Env, name+"="+in.Change.Get(field).Text())
					}
				}
				out, err := run.CombinedOutput()
				if err != nil || !strings.HasPrefix(string(out), "accepted: ") {
					t.Fatalf("%v\n%s", err, out)
				}
				got, want := <-sent, [2]url.Values{{}, {}}
				for _, p := range request.Parameters(in.Change, in.Request.ClientToken, true) {
					part := want[0]
					if p.In == "body" {
						part = want[1]
					}
					part.Set(p.Name, p.Value)
				}
				for i, part := range []string{"query", "body"} {
					// Two ways of writing a key as JSON text are one key.
					same := strings.NewReplacer("%5Cu003c", "%3C", "%5Cu003e", "%3E", "%5Cu0026", "%26")
					if got, want := same.Replace(got[i].Encode()), same.Replace(want[i].Encode()); got != want {
						t.Errorf("%s\n got %s\nwant %s", part, got, want)
					}
				}
			})
		}
	}
}

// parseHCL returns the values of a file's attributes by their paths, with the
// number of their block where there are several.
func parseHCL(t interface{ Fatalf(string, ...any) }, text []byte) map[string]cty.Value {
	file, diagnostics := hclparse.NewParser().ParseHCL(text, "snippet.tf")
	if diagnostics.HasErrors() {
		t.Fatalf("%v in\n%s", diagnostics, text)
	}
	values := map[string]cty.Value{}
	var walk func(path string, body *hclsyntax.Body)
	walk = func(path string, body *hclsyntax.Body) {
		for name, a := range body.Attributes {
			if resource, ok := a.Expr.(*hclsyntax.ScopeTraversalExpr); ok {
				values[path+name] = cty.StringVal(resource.Traversal.RootName())
				continue
			}
			value, diagnostics := a.Expr.Value(nil)
			if diagnostics.HasErrors() {
				t.Fatalf("%v in\n%s", diagnostics, text)
			}
			values[path+name] = value
		}
		count := map[string]int{}
		for _, b := range body.Blocks {
			count[b.Type]++
			walk(fmt.Sprintf("%s%s.%d.", path, b.Type, count[b.Type]), b.Body)
		}
	}
	walk("", file.Body.(*hclsyntax.Body))
	return values
}

// The Terraform snippets are HCL, typed as the provider's schema wants them.
func TestTerraformSnippets(t *testing.T) {
	t.Parallel()
	const tunnel = "resource.1.tunnel_options_specification."
	wants := map[string]map[string]cty.Value{
		"single": {
			"provider.1.region":                         cty.StringVal("cn-hangzhou"),
			"import.1.id":                               cty.StringVal("vco-localsingle"),
			"import.1.to":                               cty.StringVal("alicloud_vpn_gateway_vpn_attachment"),
			"resource.1.vpn_attachment_name":            cty.StringVal("-it's \"$HOME\" `id` ${x} %{if} \\n 50% é中🔑"),
			"resource.1.enable_dpd":                     cty.False,
			"resource.1.ike_config.1.psk":               cty.StringVal("k'$(id)`id`\\\"${x}%{x}!&|;<>*?~#=+"),
			"resource.1.ike_config.1.ike_lifetime":      cty.NumberIntVal(28800),
			"resource.1.ipsec_config.1.ipsec_enc_alg":   cty.StringVal("aes256"),
			"resource.1.bgp_config.1.enable":            cty.True,
			"resource.1.bgp_config.1.local_asn":         cty.NumberIntVal(65010),
			"resource.1.health_check_config.1.interval": cty.NumberIntVal(3),
			"resource.1.health_check_config.1.policy":   cty.StringVal("revoke_route"),
		},
		"dual": {
			"resource.1.enable_tunnels_bgp":               cty.True,
			tunnel + "1.tunnel_index":                     cty.NumberIntVal(1),
			tunnel + "1.customer_gateway_id":              cty.StringVal("cgw-local1"),
			tunnel + "1.tunnel_ike_config.1.psk":          cty.StringVal("first'$(id)`id`\\\"${x}%{x}!&|;<>*?~#=+"),
			tunnel + "1.tunnel_ipsec_config.1.ipsec_pfs":  cty.StringVal("group14"),
			tunnel + "2.tunnel_bgp_config.1.local_bgp_ip": cty.StringVal("169.254.21.1"),
			tunnel + "2.tunnel_index":                     cty.NumberIntVal(2),
			tunnel + "2.tunnel_ike_config.1.psk":          cty.StringVal("second@key"),
			"terraform.1.required_providers.1.alicloud":   cty.ObjectVal(map[string]cty.Value{"source": cty.StringVal("aliyun/alicloud"), "version": cty.StringVal(">= 1.246.0")}),
		},
	}
	for name, document := range documents(t) {
		got := parseHCL(t, snippet.Terraform(nil, input(t, document, "")))
		for path, want := range wants[name] {
			if value, ok := got[path]; !ok || !value.RawEquals(want) {
				t.Errorf("%s: %s: got %#v, want %#v", name, path, value, want)
			}
		}
		got = parseHCL(t, snippet.Terraform(nil, hidden(t, input(t, document, ""), "")))
		for path, value := range got {
			if strings.HasSuffix(path, ".psk") && !value.RawEquals(cty.StringVal("var")) {
				t.Errorf("%s: %s: got %#v, want a variable", name, path, value)
			}
		}
		if !got["variable.1.sensitive"].RawEquals(cty.True) {
			t.Errorf("%s: no sensitive variable: %v", name, got)
		}
	}
}

// What stands in Terraform for an AWS end is HCL, of the types that the provider's schema
// wants.
func TestPeerTerraform(t *testing.T) {
	t.Parallel()
	got := parseHCL(t, snippet.PeerTerraform(nil, input(t, documents(t)["dual"], "")))
	for path, want := range map[string]cty.Value{
		"resource.1.bgp_asn":                              cty.NumberIntVal(65010),
		"resource.2.customer_gateway_id":                  cty.StringVal("aws_customer_gateway"),
		"resource.2.tunnel1_preshared_key":                cty.StringVal("first'$(id)`id`\\\"${x}%{x}!&|;<>*?~#=+"),
		"resource.2.tunnel1_inside_cidr":                  cty.StringVal("169.254.20.0/30"),
		"resource.2.tunnel1_ike_versions":                 cty.TupleVal([]cty.Value{cty.StringVal("ikev2")}),
		"resource.2.tunnel1_phase2_dh_group_numbers":      cty.TupleVal([]cty.Value{cty.NumberIntVal(14)}),
		"resource.2.tunnel1_phase2_encryption_algorithms": cty.TupleVal([]cty.Value{cty.StringVal("AES256")}),
		"resource.2.tunnel1_phase2_lifetime_seconds":      cty.NumberIntVal(3600),
		"resource.4.tunnel1_preshared_key":                cty.StringVal("second@key"),
	} {
		if value, ok := got[path]; !ok || !value.RawEquals(want) {
			t.Errorf("%s: got %#v, want %#v", path, value, want)
		}
	}
	got = parseHCL(t, snippet.PeerTerraform(nil, hidden(t, input(t, documents(t)["dual"], ""), "")))
	if !got["variable.2.sensitive"].RawEquals(cty.True) || !got["resource.4.tunnel1_preshared_key"].RawEquals(cty.StringVal("var")) {
		t.Errorf("the keys are not variables: %v", got)
	}
}

// HCL gives every text back as it was, in Unicode's composed form, which is the one
// it always has there.
func TestTerraformTexts(t *testing.T) {
	t.Parallel()
	piece := rapid.OneOf(rapid.SampledFrom([]string{"$", "%", "{", "}", "$${", "%%{", `\`, `"`, "\n", "\u202e", "\x00", "~"}), rapid.String())
	rapid.Check(t, func(t *rapid.T) {
		text := "x" + strings.Join(rapid.SliceOf(piece).Draw(t, "pieces"), "")
		if strings.Contains(text, secret.Mark) {
			t.Skip("a reference is refused in an event")
		}
		c := attachment.Parse(`{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-1"}`, attachment.FromEvent)
		c.Values[attachment.Name] = attachment.NewValue(text)
		in := input(t, `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-1"}`, "")
		in.Change = c
		got := parseHCL(t, snippet.Terraform(nil, in))["resource.1.vpn_attachment_name"]
		if want := cty.StringVal(text); !got.RawEquals(want) {
			t.Errorf("got %#v, want %#v", got, want)
		}
	})
}

// What `vpnattach trust` prints for Terraform is HCL.
func TestTrust(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"trust.tf", "trust-given.tf"} {
		text, err := os.ReadFile(filepath.Join("../../../../functions/local/testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		if _, diagnostics := hclparse.NewParser().ParseHCL(text, name); diagnostics.HasErrors() {
			t.Errorf("%s: %v", name, diagnostics)
		}
	}
}
