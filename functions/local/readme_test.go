package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"vpnattach/shared/core/finding"
)

const (
	tableStart = "<!-- findings: written by UPDATE=1 go test ./functions/local -->\n"
	tableEnd   = "<!-- end of findings -->"
)

// TestReadmeFindings keeps the README's table of findings equal to the list of checks;
// UPDATE=1 writes it.
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
	table.WriteString("| finding | severity | meaning |\n|---|---|---|\n")
	for _, row := range finding.All() {
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
// for make test itself: make run first, the others while it runs.
func TestReadmeCommands(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split(string(data), "```sh\n")[1:]
	if first, _, _ := strings.Cut(blocks[0], "```"); strings.TrimSpace(first) != "make run" {
		t.Fatalf("the first command of the README is %q", first)
	}
	port := makeRun(t)
	ran := 0
	for i, block := range blocks[1:] {
		script, _, _ := strings.Cut(block, "```")
		if strings.Contains(script, "make test") {
			continue
		}
		ran++
		command := exec.Command("bash", "-euo", "pipefail", "-c", strings.ReplaceAll(script, "localhost:8080", "localhost:"+port))
		command.Dir, command.Env = root, append(os.Environ(), "PORT="+port)
		if out, err := command.CombinedOutput(); err != nil {
			t.Errorf("block %d: %v\n%s\n%s", i+2, err, script, out)
		} else if len(out) == 0 {
			t.Errorf("block %d prints nothing:\n%s", i+2, script)
		}
	}
	if ran == 0 {
		t.Error("the README has no commands")
	}
}

// makeRun starts make run on free ports until the test ends, and returns the port of
// its events once it says what to try next.
func makeRun(t *testing.T) (port string) {
	t.Helper()
	command := exec.Command("make", "run")
	command.Dir = root
	command.Env = append(os.Environ(), "PORT=0", "VPC_PORT=0", "VPC_UPDATE_TIME=0s", "STATE_DIR="+filepath.Join(t.TempDir(), "state"))
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-command.Process.Pid, syscall.SIGINT)
		_ = command.Wait()
	})
	lines := bufio.NewScanner(out)
	var seen strings.Builder
	for lines.Scan() {
		seen.WriteString(lines.Text() + "\n")
		if _, rest, ok := strings.Cut(lines.Text(), "http://localhost:"); ok && port == "" {
			port, _, _ = strings.Cut(rest, "/")
		}
		if strings.Contains(lines.Text(), "Ctrl-C ends it") {
			if !strings.Contains(seen.String(), "applied") {
				t.Errorf("make run applies nothing:\n%s", seen.String())
			}
			go func() { _, _ = io.Copy(io.Discard, out) }() // what it says later
			return port
		}
	}
	t.Fatalf("make run ended early:\n%s", seen.String())
	return ""
}
