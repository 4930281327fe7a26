package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSource: what is not JSON is told with the file's name in front, the line and a caret
// on a terminal, and the likely cause; and nothing of a value.
func TestSource(t *testing.T) {
	t.Parallel()
	const key = "fYx3tQpL8sVw2NdKzR6mHb4c"
	for _, tt := range []struct {
		name, text string
		lines      []string // below the message
		says       string
	}{
		{"comma too many", "{\n  \"RegionId\": \"cn-hangzhou\",\n  \"IkeConfig\": {\n    \"Psk\": \"" + key + "\",\n  }\n}\n",
			[]string{"  }", "  ^"}, "not JSON (line 5, column 3): expected a key in double quotes"},
		{"comma too many behind a key", "{\"IkeConfig\": {\"Psk\": \"" + key + "\", }}",
			[]string{`{"IkeConfig": {"Psk": "************************", }}`, strings.Repeat(" ", 50) + "^"}, "remove the comma"},
		{"typographic quotes", "{“RegionId”: “cn-hangzhou”, “Psk”: “" + key + "”}",
			[]string{"{“RegionId”: “***********”, “Psk”: “************************”}", " ^"}, "straight double quotes"},
		{"single quotes", "{'Psk': '" + key + "'}", []string{"{'Psk': '************************'}", " ^"}, `double quotes (")`},
		{"no quotes", "{Psk: " + key + "}", []string{"{Psk: ************************}", " ^"}, "put the key in double quotes"},
		{"YAML", "RegionId: cn-hangzhou\nPsk: " + key + "\n", []string{"RegionId: ***********", "^"}, "YAML"},
		{"cut off", "{\"Psk\": \"" + key, []string{`{"Psk": "************************`, strings.Repeat(" ", 33) + "^"}, "cut off"},
		{"a tab before", "{\n\t\"Name\": x}", []string{`"Name": *}`, "         ^"}, "text in double quotes"},
		{"far to the right", `{"RegionId": "` + strings.Repeat("x", 300) + `" "a": 1}`, []string{"…" + strings.Repeat("*", 58) + `" "a": *}`, strings.Repeat(" ", 61) + "^"}, "a comma"},
		{"a second document", "{\"Name\": \"a\"}\n{\"Name\" \"" + key + "\"}\n", []string{`{"****" "************************"}`, "        ^"}, "(line 2, column 9): expected a colon"},
		{"UTF-16", "\xff\xfe{\x00", nil, "save it as UTF-8"},
		{"a byte order mark", "\ufeff{\"Name\": tru}", []string{`{"Name": ***}`, "         ^"}, "(line 1, column 10)"},
	} {
		file := filepath.Join(t.TempDir(), "change.json")
		if err := os.WriteFile(file, []byte(tt.text), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, terminal := range []bool{true, false} {
			var out, errOut bytes.Buffer
			p := program{in: strings.NewReader(""), out: &out, err: &errOut, env: func(string) string { return "" }, terminal: terminal}
			if code := p.run([]string{"validate", file}); code != exitError {
				t.Errorf("%s: exit code %d", tt.name, code)
			}
			said := errOut.String()
			if !strings.Contains(said, "change.json: ") || !strings.Contains(said, tt.says) || out.Len() > 0 {
				t.Errorf("%s: got %s, want %s", tt.name, said, tt.says)
			}
			if strings.Contains(said, key) {
				t.Errorf("%s: the key is told", tt.name)
			}
			shown := strings.Contains(said, "^\n")
			if shown != (terminal && tt.lines != nil) {
				t.Errorf("%s: terminal %v, but got %s", tt.name, terminal, said)
			}
			for i, line := range tt.lines {
				if got := strings.Split(strings.TrimRight(said, "\n"), "\n"); shown && !strings.HasSuffix(got[len(got)-len(tt.lines)+i], line) {
					t.Errorf("%s: got\n%s\nwant\n%s", tt.name, said, strings.Join(tt.lines, "\n"))
				}
			}
		}
	}
}

// TestSourceOfOtherFiles: rule files and the current configuration, too, and what comes
// from standard input.
func TestSourceOfOtherFiles(t *testing.T) {
	t.Parallel()
	broken := filepath.Join(t.TempDir(), "broken.json")
	if err := os.WriteFile(broken, []byte("{\"rules\": [\n  {name: 1}]}"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args []string
		code int
		want []string
	}{
		{[]string{"validate", sample("bare-single.json"), "--rules", broken}, exitUsage, []string{broken + ": ", "(line 2, column 4)", "  {name: *}]}\n", "   ^\n"}},
		{[]string{"validate", sample("bare-single.json"), "--current", broken}, exitUsage, []string{"--current: " + broken + ": ", "(line 2, column 4)", "   ^\n"}},
		{[]string{"explain", "-", "--rules", sample("rules/psk-put.json")}, exitError, []string{"standard input: ", "(line 1, column 7)", "      ^\n"}},
		{[]string{"build", "-"}, exitError, []string{"standard input: ", "      ^\n"}},
	} {
		var out, errOut bytes.Buffer
		env := map[string]string{"ALIBABA_CLOUD_ACCESS_KEY_ID": "testid", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "testsecret"}
		p := program{in: strings.NewReader(`{"a": x}`), out: &out, err: &errOut, env: func(name string) string { return env[name] }, terminal: true}
		if code := p.run(tt.args); code != tt.code {
			t.Errorf("%q: exit code %d", tt.args, code)
		}
		for _, want := range tt.want {
			if !strings.Contains(errOut.String(), want) {
				t.Errorf("%q: got %s, want %q", tt.args, errOut.String(), want)
			}
		}
	}
}

// TestUnusableSettings: rules and a current configuration that can't be used are told in
// the one document that --json prints, too.
func TestUnusableSettings(t *testing.T) {
	t.Parallel()
	broken := filepath.Join(t.TempDir(), "broken.json")
	if err := os.WriteFile(broken, []byte("{\"rules\": [\n  {name: 1}]}"), 0o600); err != nil {
		t.Fatal(err)
	}
	change, event := sample("bare-single.json"), sample("inventory-sites.json")
	for _, tt := range []struct {
		args []string
		want string // of the error
	}{
		{[]string{"validate", change, "--json", "--rules", broken}, `"code":"rule-file-invalid"`},
		{[]string{"validate", change, event, "--format", "json", "--rules", broken}, `"findings":[{"rule":"rule-file-invalid"`},
		{[]string{"validate", change, "--json", "--rules", "no-such-file.json"}, `"code":"file-unreadable","message":"open no-such-file.json`},
		{[]string{"validate", change, "--json", "--current", broken}, `"code":"current-invalid"`},
		{[]string{"validate", change, "--json", "--current", broken}, `"line":2,"column":4`},
		{[]string{"validate", change, "--json", "--current", event}, `"code":"current-invalid"`},
		{[]string{"diff", change, "--json", "--current", broken}, `"code":"current-invalid"`},
		{[]string{"diff", change, "--json"}, `"code":"failed"`},
		{[]string{"explain", event, "--json", "--rules", broken}, `"code":"rule-file-invalid"`},
	} {
		code, out, errOut := execute(keyed, "", tt.args...)
		if code != exitUsage || !strings.Contains(errOut, "error") {
			t.Errorf("%q: exit code %d, standard error %s", tt.args, code, errOut)
		}
		if got := compact(out); !strings.HasPrefix(got, `[{"error":{`) || !strings.Contains(got, tt.want) {
			t.Errorf("%q: got %s, want %s", tt.args, out, tt.want)
		}
	}
}
