package snippet_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/request"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/core/snippet"
)

// Each language for one and two tunnels, with the secrets and without. Written anew
// with UPDATE=1.
func TestGolden(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"single", "dual"} {
		c := readChange(t, name)
		o := request.Options{Nonce: "n", Time: time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC), EventIDs: []string{"e1"}}
		shown := revealed(t, c, o)
		o.Redact = true
		r, err := new(request.Builder).Modify(c, o)
		if err != nil {
			t.Fatal(err)
		}
		hidden := snippet.Input{Change: c, Request: r, AccountID: "1234567890123456"}
		for folder, in := range map[string]snippet.Input{name: shown, name + "-redacted": hidden} {
			for _, l := range snippet.Languages {
				t.Run(folder+" "+l.Name, func(t *testing.T) {
					t.Parallel()
					golden(t, filepath.Join("testdata", folder, l.Name+".txt"), string(l.Append(nil, in)))
				})
			}
		}
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if os.Getenv("UPDATE") != "" {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// What can't be seen, or turns the reading direction, stands raw in no language.
func TestNothingHidden(t *testing.T) {
	t.Parallel()
	const odd = `\u202ea\u2066b\u200fc\u0085d\u001be`
	for name, text := range map[string]string{
		"single": `"IkeConfig":{"LocalId":"l` + odd + `","Psk":"hidden-key-000001"}`,
		"dual":   `"TunnelOptionsSpecification":[{"TunnelIndex":1,"TunnelIkeConfig":{"RemoteId":"r` + odd + `"}}]`,
	} {
		c := attachment.Parse(`{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-1","Name":"n`+odd+`",`+text+`}`, attachment.FromEvent)
		in := revealed(t, c, request.Options{Nonce: "n", Time: time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC), EventIDs: []string{"e1"}})
		r, err := new(request.Builder).Modify(c, request.Options{Redact: true, EventIDs: []string{"e1"}})
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range snippet.Languages {
			code := string(l.Append(l.Append(nil, in), snippet.Input{Change: c, Request: r}))
			if i := strings.IndexFunc(code, func(r rune) bool { return !strconv.IsPrint(r) && !strings.ContainsRune("\r\n\t", r) }); i >= 0 {
				t.Errorf("%s, %s: %q stands raw", name, l.Name, code[i:min(i+20, len(code))])
			}
		}
	}
}

// What is true of all languages, new ones too.
func TestLanguages(t *testing.T) {
	t.Parallel()
	c := attachment.Parse(`{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-1",
		"TunnelOptionsSpecification":[{"TunnelIndex":1,"TunnelIkeConfig":{"Psk":"hidden-key"}}],
		"IkeConfig":{"Psk":"hidden-key"}}`, attachment.FromEvent)
	r, err := new(request.Builder).Modify(c, request.Options{Redact: true, Credentials: request.Credentials{
		AccessKeyID: "hidden-id", AccessKeySecret: secret.New("hidden-secret"), SecurityToken: secret.New("hidden-token")}})
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, l := range snippet.Languages {
		text := string(l.Append([]byte("kept"), snippet.Input{Change: c, Request: r}))
		if l.Name == "" || l.Title == "" || names[l.Name] {
			t.Errorf("name %q and title %q: want both, and one language of that name", l.Name, l.Title)
		}
		names[l.Name] = true
		if !strings.HasPrefix(text, "kept") || !strings.Contains(text, "vco-1") {
			t.Errorf("%s: got %q", l.Name, text)
		}
		if strings.Contains(text, "hidden") {
			t.Errorf("%s: a redacted snippet holds a secret", l.Name)
		}
	}
}

// A reference is not what is sent: it is a variable, too, and with Reveal the snippet
// says that it has to be replaced.
func TestReference(t *testing.T) {
	t.Parallel()
	const reference = "{{resolve:secretsmanager:vpn/site-a:SecretString:psk}}"
	c := attachment.Parse(`{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-1","IkeConfig":{"Psk":"`+reference+`"}}`, attachment.FromRule)
	r, err := new(request.Builder).Modify(c, request.Options{Redact: true})
	if err != nil {
		t.Fatal(err)
	}
	for name, form := range map[string]func([]byte, snippet.Input) []byte{
		"curl": snippet.Curl, "aliyun": snippet.Aliyun, "go": snippet.Go, "python": snippet.Python, "typescript": snippet.TypeScript,
		"terraform": snippet.Terraform, "put-events": snippet.PutEvents,
	} {
		text := string(form(nil, snippet.Input{Change: c, Request: r}))
		variable := "VPN_PSK"
		if name == "terraform" {
			variable = "TF_VAR_vpn_psk"
		}
		if note := " " + variable + " in the environment is IkeConfig.Psk, the secret " + reference + "."; !strings.Contains(text, note) || strings.Count(text, reference) != 1 {
			t.Errorf("%s: got %s", name, text)
		}
		if name == "curl" {
			continue // it shows a request, and none can be made of a reference
		}
		text = string(form(nil, snippet.Input{Change: c, Request: r, Reveal: true}))
		if !strings.Contains(text, reference) || !strings.Contains(text, " {{resolve:...}} stands for a secret") {
			t.Errorf("%s, revealed: got %s", name, text)
		}
	}
}

// Whatever the other values hold, no mark of a variable is mistaken for one of them.
func TestMarks(t *testing.T) {
	t.Parallel()
	c := attachment.Parse(`{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-1","Name":"@VPN_PSK@ @@@VPN_PSK@@@","IkeConfig":{"Psk":"hidden","LocalId":"@@"}}`, attachment.FromEvent)
	r, err := new(request.Builder).Modify(c, request.Options{Redact: true})
	if err != nil {
		t.Fatal(err)
	}
	text := string(snippet.Python(nil, snippet.Input{Change: c, Request: r}))
	for _, want := range []string{`name="@VPN_PSK@ @@@VPN_PSK@@@"`, `ike_config='{"Psk":' + json.dumps(vpn_psk) + ',"LocalId":"@@"}'`} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
	if c.Section(attachment.SectionIKE)[attachment.PSK].Text() != "hidden" {
		t.Error("the change itself was altered")
	}
}
