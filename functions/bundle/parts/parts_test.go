package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestMain(m *testing.M) {
	if err := os.Chdir("../../.."); err != nil { // go list finds the programs from there
		panic(err)
	}
	os.Exit(m.Run())
}

// mustInstall writes an npm package as npm installs it, and the list that names it.
func mustInstall(t *testing.T, files map[string]string) (list string) {
	t.Helper()
	dir := t.TempDir()
	folder := filepath.Join(dir, "node_modules/@made/up")
	files["../../.package-lock.json"] = `{"packages": {"node_modules/@made/up": {"integrity": "sha512-AAEC"}}}`
	files["package.json"] = `{"name": "@made/up", "version": "1.0.0", "license": "MIT"}`
	for name, text := range files {
		name = filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	list = filepath.Join(dir, "list")
	if err := os.WriteFile(list, []byte(folder+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return list
}

// TestRun: the list has each package once and says which part has it, and the licences
// have its text.
func TestRun(t *testing.T) {
	t.Parallel()
	list := mustInstall(t, map[string]string{"LICENSE.md": "The licence of what is made up."})
	licences, bomFile := filepath.Join(t.TempDir(), "licences"), filepath.Join(t.TempDir(), "bom")
	parts := []string{"program=linux/amd64:./functions/local", "program=windows/arm64:./functions/local", "apply=linux/arm64:./functions/apply/bootstrap",
		"page=wasip1/wasm:./wasm", "page=npm:" + list}
	if err := run(licences, bomFile, "1.2.3", parts); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(licences)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"The licence of what is made up.", "@made/up 1.0.0 (LICENSE.md)", "Copyright (C) 2018 Alec Thomas", "The Go Authors", "Additional IP Rights Grant", "AWS SDK for Go"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the licences lack %q", want)
		}
	}
	if n := strings.Count(string(text), "TERMS AND CONDITIONS FOR USE"); n > 3 {
		t.Errorf("the Apache licence stands there %d times", n)
	}
	var got bom
	data, err := os.ReadFile(bomFile)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	components := map[string]component{}
	for _, c := range got.Components {
		if _, twice := components[c.Ref]; twice || c.Version == "" || len(c.Licences) != 1 || c.Licences[0].Expression == "" {
			t.Errorf("got twice, or without version or licence: %+v", c)
		}
		components[c.Ref] = c
	}
	if got.Metadata.Component.Version != "1.2.3" || components["pkg:npm/%40made/up@1.0.0"].Hashes[0] != (hash{"SHA-512", "000102"}) {
		t.Errorf("got %+v and %+v", got.Metadata, components["pkg:npm/%40made/up@1.0.0"])
	}
	has := func(part, library string) bool {
		i := slices.IndexFunc(got.Dependencies, func(d dependency) bool { return d.Ref == "vpnattach/"+part })
		return i >= 0 && slices.ContainsFunc(got.Dependencies[i].DependsOn, func(ref string) bool {
			_, listed := components[ref]
			return listed && strings.HasPrefix(ref, library)
		})
	}
	for _, c := range []struct {
		part, library string
		want          bool
	}{
		{"program", "pkg:golang/std@", true},
		{"program", "pkg:golang/github.com/alecthomas/kong@", true},
		{"program", "pkg:golang/github.com/mattn/go-colorable@", true}, // on Windows alone
		{"program", "pkg:golang/github.com/aws/aws-sdk-go-v2/service/dynamodb@", false},
		{"apply", "pkg:golang/github.com/aws/aws-sdk-go-v2/service/dynamodb@", true},
		{"page", "pkg:golang/github.com/tidwall/gjson@", true},
		{"page", "pkg:golang/github.com/tidwall/pretty@", false}, // wasm/pretty stands in for it
		{"page", "pkg:npm/%40made/up@", true},
		{"program", "pkg:npm/", false},
	} {
		if has(c.part, c.library) != c.want {
			t.Errorf("%s has %s: got %v, want %v", c.part, c.library, !c.want, c.want)
		}
	}
}

// TestRunRefuses: a package whose licence is not there stops a release.
func TestRunRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ part, want string }{
		{"page=npm:" + mustInstall(t, map[string]string{}), "pkg:npm/%40made/up@1.0.0: its licence is not there"},
		{"page", `"page" is not NAME=`},
		{"page=npm:nowhere", "nowhere"},
		{"page=linux/amd64:./nowhere", "exit status"},
	} {
		if err := run("", "", "", []string{c.part}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.part, err, c.want)
		}
	}
}
