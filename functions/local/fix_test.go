package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFix mends a document in its file, and leaves all else in it, and the file's mode, as
// they are; from standard input the document goes to standard output, and nothing else.
func TestFix(t *testing.T) {
	t.Parallel()
	const (
		key     = "fYx3tQpL8sVw2NdKzR6mHb4c"
		bad     = "{\n\t\"region_id\":\"cn-hangzhou\", \"VpnConnectionId\" : \"vco-1\",\r\n  \"IkeConfig\": {\"Psk\": \"" + key + "\", \"IkePfs\": 14}}\n\n"
		good    = "{\n\t\"RegionId\":\"cn-hangzhou\", \"VpnConnectionId\" : \"vco-1\",\r\n  \"IkeConfig\": {\"Psk\": \"" + key + "\", \"IkePfs\": \"group14\"}}\n\n"
		invalid = `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-1","IkeConfig":{"IkePfs":"group3"},"EnableDpd":"on"}`
	)
	dir := t.TempDir()
	file, link := filepath.Join(dir, "change.json"), filepath.Join(dir, "link.json")
	if err := os.WriteFile(file, []byte(bad), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("change.json", link); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"unknown parameter region_id; now RegionId", "nothing: no finding says what to write"} {
		code, out, errOut := execute(nil, "", "validate", "--fix", link)
		if code != exitOK || !strings.Contains(out, want) || strings.Contains(out+errOut, key) || strings.Contains(out, "written to") != (i == 0) {
			t.Errorf("code %d\n%s%s", code, strings.ReplaceAll(out, key, "***"), errOut)
		}
		data, err := os.ReadFile(file)
		if err != nil || string(data) != good {
			t.Errorf("got %q, %v", strings.ReplaceAll(string(data), key, "***"), err)
		}
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("the mode is %v, %v", info.Mode(), err)
	}
	if names, _ := filepath.Glob(filepath.Join(dir, ".*")); len(names) > 0 {
		t.Errorf("left behind: %s", names)
	}

	if code, out, errOut := execute(nil, bad, "validate", "--fix", "-"); code != exitOK || out != good || !strings.Contains(errOut, "now RegionId") {
		t.Errorf("code %d\n%q\n%s", code, strings.ReplaceAll(out, key, "***"), errOut)
	}
	if code, out, errOut := execute(nil, `{"RegionId":"EU_Central-1","VpnConnectionId":"vco-1","Name":"a"}`, "validate", "--fix", "-"); code != exitOK || !strings.Contains(out, `"eu-central-1"`) {
		t.Errorf("code %d\n%s\n%s", code, out, errOut)
	}
	code, out, errOut := execute(nil, invalid, "validate", "--fix", "-")
	if code != exitError || out != strings.Replace(invalid, `"on"`, "true", 1) || !strings.Contains(errOut, "value-not-allowed") || !strings.Contains(errOut, "refused") {
		t.Errorf("code %d\n%s\n%s", code, out, errOut)
	}
	if err := os.WriteFile(file, []byte(invalid), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, _ := execute(nil, "", "validate", "--fix", "--json", file); code != exitError || !validJSON(out) || !strings.Contains(compact(out), `"fixed":[{"rule":"wrong-type","path":"EnableDpd"`) {
		t.Errorf("code %d\n%s", code, out)
	}

	if err := os.WriteFile(file, []byte(invalid), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, out, errOut := execute(nil, "", "validate", "--fix", "--format", "github", file); !strings.HasPrefix(out, "::") || !strings.Contains(errOut, "written to") {
		t.Errorf("for GitHub: %s\n%s", out, errOut)
	}

	for _, tt := range []struct {
		stdin, says string
		args        []string
		code        int
	}{
		{"", "--rules", []string{sample("inventory-sites.json"), "--rules", sample("rules/sites-from-inventory.json")}, exitUsage},
		{"", "in an envelope (eventbridge)", []string{sample("eventbridge-psk.json")}, exitUsage},
		{"{}", "--format json has no place", []string{"-", "--json"}, exitUsage},
		{"{}", "--format github has no place", []string{"-", "--format", "github"}, exitUsage},
		{`{"RegionId":`, "not-json", []string{"-"}, exitError},
	} {
		if code, _, errOut := execute(nil, tt.stdin, append([]string{"validate", "--fix"}, tt.args...)...); code != tt.code || !strings.Contains(errOut, tt.says) {
			t.Errorf("%s: code %d: %s", tt.args, code, errOut)
		}
	}
}
