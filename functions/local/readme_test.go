package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"vpnattach/shared/attachment"
	"vpnattach/shared/pipeline"
	"vpnattach/shared/rules"
)

const (
	tableStart = "<!-- findings: written by UPDATE=1 go test ./functions/local -->\n"
	tableEnd   = "<!-- end of findings -->"
)

// TestReadmeFindings keeps the README's table of findings equal to the tables in
// the code; UPDATE=1 writes it.
func TestReadmeFindings(t *testing.T) {
	t.Parallel()
	path := filepath.Join(root, "README.md")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(data), tableStart)
	_, after, ok2 := strings.Cut(rest, tableEnd)
	if !ok || !ok2 {
		t.Fatal("the README has no place for the table of findings")
	}
	var table strings.Builder
	seen := map[string]bool{}
	table.WriteString("| finding | severity | meaning |\n|---|---|---|\n")
	for _, row := range append(append(attachment.Rules(), rules.Rules()...), pipeline.Rules()...) {
		if seen[row.ID] {
			continue
		}
		seen[row.ID] = true
		fmt.Fprintf(&table, "| `%s` | %s | %s |\n", row.ID, row.Severity, strings.ReplaceAll(row.Title, "|", `\|`))
	}
	want := before + tableStart + table.String() + tableEnd + after
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want != string(data) {
		t.Error("the README's table of findings is stale: UPDATE=1 go test ./functions/local")
	}
}

// TestReadmeCommands runs every shell block of the README, as a reader would, but
// for make test itself.
func TestReadmeCommands(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	ran := 0
	for i, block := range strings.Split(string(data), "```sh\n")[1:] {
		script, _, _ := strings.Cut(block, "```")
		if strings.Contains(script, "make test") {
			continue
		}
		ran++
		command := exec.Command("bash", "-euo", "pipefail", "-c", script)
		command.Dir = root
		if out, err := command.CombinedOutput(); err != nil {
			t.Errorf("block %d: %v\n%s\n%s", i+1, err, script, out)
		} else if len(out) == 0 {
			t.Errorf("block %d prints nothing:\n%s", i+1, script)
		}
	}
	if ran == 0 {
		t.Error("the README has no commands")
	}
}
