package main

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/snippet"
)

// limits are the bytes that a page of documentation may have: README.md leads, and what
// is for some readers only is on the pages behind it.
func limit(name string) int {
	if name == "README.md" {
		return 12_000
	}
	return 15_000
}

// pages are all pages of documentation, by their paths from the root.
func pages(t *testing.T) map[string]string {
	t.Helper()
	out, err := exec.Command("git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.md").Output()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for name := range strings.SplitSeq(strings.Trim(string(out), "\x00"), "\x00") {
		data, err := os.ReadFile(filepath.Join(root, name))
		if errors.Is(err, fs.ErrNotExist) { // removed, and not yet committed
			continue
		} else if err != nil {
			t.Fatal(err)
		}
		all[name] = string(data)
	}
	for _, name := range []string{"README.md", "functions/README.md", "events/README.md", "wasm/README.md", "shared/README.md", "shared/emulator/README.md"} {
		if all[name] == "" {
			t.Errorf("%s is missing", name)
		}
	}
	return all
}

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)"`)
	fence   = regexp.MustCompile("(?ms)^```.*?^```$")
	heading = regexp.MustCompile(`(?m)^#+ (.+)$`)
	noWord  = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// anchors are the names by which GitHub lets links reach the headings of a page.
func anchors(page string) map[string]bool {
	all := map[string]bool{}
	for _, match := range heading.FindAllStringSubmatch(fence.ReplaceAllString(page, ""), -1) {
		all[strings.ReplaceAll(noWord.ReplaceAllString(strings.ToLower(match[1]), ""), " ", "-")] = true
	}
	return all
}

// TestPages: a page is short, its links lead somewhere, and no row of a table stands on
// two pages.
func TestPages(t *testing.T) {
	t.Parallel()
	all := pages(t)
	rows := map[string]string{}
	for name, page := range all {
		if len(page) > limit(name) {
			t.Errorf("%s has %d bytes; %d is the limit", name, len(page), limit(name))
		}
		for _, match := range link.FindAllStringSubmatch(fence.ReplaceAllString(page, ""), -1) {
			to := match[1] + match[2]
			if strings.HasPrefix(to, "https://") {
				continue
			}
			file, anchor, _ := strings.Cut(to, "#")
			target := filepath.ToSlash(filepath.Join(filepath.Dir(name), file))
			if file == "" {
				target = name
			}
			info, err := os.Stat(filepath.Join(root, target))
			if err != nil {
				t.Errorf("%s: the link %s leads nowhere", name, to)
				continue
			}
			if info.IsDir() {
				target += "/README.md"
				if _, ok := all[target]; !ok && anchor != "" {
					t.Errorf("%s: the link %s leads to a folder without a page", name, to)
					continue
				}
			}
			if anchor != "" && !anchors(all[target])[anchor] {
				t.Errorf("%s: the link %s leads to a heading that is not there", name, to)
			}
		}
		for line := range strings.Lines(page) {
			if row := strings.TrimSpace(line); strings.HasPrefix(row, "| ") && len(row) > 40 {
				if other := rows[row]; other != "" && other != name {
					t.Errorf("%s and %s have the same row: %s", other, name, row)
				}
				rows[row] = name
			}
		}
	}
}

var (
	code   = regexp.MustCompile("(?s)```.*?```|`[^`\n]+`")
	goal   = regexp.MustCompile(`\bmake ([a-z][a-z-]+)`)
	file   = regexp.MustCompile("^`([A-Za-z0-9_.-]+/[A-Za-z0-9_./-]*[.](?:go|mjs|js|json|yaml))`$")
	target = regexp.MustCompile(`(?m)^([a-z][A-Za-z-]*):`)
)

// TestNames: what a page says to make is a target, and the files that it names are there.
func TestNames(t *testing.T) {
	t.Parallel()
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	targets := map[string]bool{}
	for _, match := range target.FindAllStringSubmatch(string(makefile), -1) {
		targets[match[1]] = true
	}
	seen := 0
	for name, page := range pages(t) {
		for _, span := range code.FindAllString(page, -1) {
			for _, match := range goal.FindAllStringSubmatch(span, -1) {
				if seen++; !targets[match[1]] {
					t.Errorf("%s: make %s is not a target", name, match[1])
				}
			}
			match := file.FindStringSubmatch(span)
			if match == nil {
				continue
			}
			seen++
			_, fromRoot := os.Stat(filepath.Join(root, match[1]))
			if _, beside := os.Stat(filepath.Join(root, filepath.Dir(name), match[1])); fromRoot != nil && beside != nil {
				t.Errorf("%s: %s is not there", name, match[1])
			}
		}
	}
	if seen < 30 {
		t.Errorf("got %d names", seen)
	}
}

// TestForms: the program's page names each form of a request, and each peer.
func TestForms(t *testing.T) {
	t.Parallel()
	page := pages(t)["functions/local/README.md"]
	for _, l := range snippet.Languages {
		if !strings.Contains(page, "`"+l.Name+"`") {
			t.Errorf("functions/local/README.md does not name the form %s", l.Name)
		}
	}
	for _, p := range attachment.Peers() {
		if !strings.Contains(page, "`"+p.Name+"`") {
			t.Errorf("functions/local/README.md does not name the peer %s", p.Name)
		}
	}
}

// TestArchivedPages: the pages in a release link to nothing that is not in it.
func TestArchivedPages(t *testing.T) {
	t.Parallel()
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	archived := regexp.MustCompile(`(?m)^ARCHIVED := (.+)$`).FindStringSubmatch(string(makefile))
	if archived == nil {
		t.Fatal("the Makefile does not say what is archived")
	}
	command := exec.Command("git", append([]string{"-C", root, "ls-files", "--"}, strings.Fields(archived[1])...)...)
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{} // files and folders
	for name := range strings.FieldsSeq(string(out)) {
		for ; name != "."; name = filepath.ToSlash(filepath.Dir(name)) {
			there[name] = true
		}
	}
	if !there["README.md"] || !there["events/eventbridge-dual.json"] || there["events/events.go"] {
		t.Fatalf("got %s", out)
	}
	for name, page := range pages(t) {
		if !there[name] {
			continue
		}
		for _, match := range link.FindAllStringSubmatch(fence.ReplaceAllString(page, ""), -1) {
			to, _, _ := strings.Cut(match[1]+match[2], "#")
			if to != "" && !strings.HasPrefix(to, "https://") && !there[filepath.ToSlash(filepath.Join(filepath.Dir(name), to))] {
				t.Errorf("%s, which is in a release, links to %s, which is not", name, to)
			}
		}
	}
}

// TestLayout: each folder has its place in the layout.
func TestLayout(t *testing.T) {
	t.Parallel()
	_, layout, _ := strings.Cut(pages(t)["shared/README.md"], "\n## Layout\n")
	layout, _, _ = strings.Cut(layout, "\n## ")
	for _, in := range []string{"functions", "shared", "shared/core", "shared/aws"} {
		entries, err := os.ReadDir(filepath.Join(root, in))
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries {
			if entry.IsDir() && !strings.Contains(layout, entry.Name()+"/") {
				t.Errorf("%s/%s/ is not in the layout of shared/README.md", in, entry.Name())
			}
		}
	}
}

// TestCommands runs every shell block of the pages, as a reader would, but for make test
// itself: make run first, the others while it runs.
func TestCommands(t *testing.T) {
	t.Parallel()
	all := pages(t)
	first := strings.Split(all["README.md"], "```sh\n")[1]
	if script, _, _ := strings.Cut(first, "```"); strings.TrimSpace(script) != "make run" {
		t.Fatalf("the first command of README.md is %q", script)
	}
	port := makeRun(t)
	ran := 0
	for name, page := range all {
		for i, block := range strings.Split(page, "```sh\n")[1:] {
			script, _, _ := strings.Cut(block, "```")
			if strings.Contains(script, "make test") || strings.TrimSpace(script) == "make run" {
				continue
			}
			ran++
			command := exec.Command("bash", "-euo", "pipefail", "-c", strings.ReplaceAll(script, "localhost:8080", "localhost:"+port))
			command.Dir, command.Env = root, append(os.Environ(), "PORT="+port)
			if out, err := command.CombinedOutput(); err != nil {
				t.Errorf("%s, block %d: %v\n%s\n%s", name, i+1, err, script, out)
			} else if len(out) == 0 {
				t.Errorf("%s, block %d prints nothing:\n%s", name, i+1, script)
			}
		}
	}
	if ran == 0 {
		t.Error("the pages have no commands")
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
