package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/tidwall/gjson"
)

// theProgram is the built one, which all tests share.
var theProgram struct {
	once sync.Once
	dir  string
	err  error
}

func TestMain(m *testing.M) {
	code := m.Run()
	_ = os.RemoveAll(theProgram.dir)
	os.Exit(code)
}

// mustBuild returns the path of the program, built once.
func mustBuild(t *testing.T) string {
	t.Helper()
	theProgram.once.Do(func() {
		if theProgram.dir, theProgram.err = os.MkdirTemp("", "vpnattach"); theProgram.err != nil {
			return
		}
		if out, err := exec.Command("go", "build", "-ldflags", "-s -w", "-o", filepath.Join(theProgram.dir, "vpnattach"), ".").CombinedOutput(); err != nil {
			theProgram.err = fmt.Errorf("%w\n%s", err, out)
		}
	})
	if theProgram.err != nil {
		t.Fatal(theProgram.err)
	}
	return filepath.Join(theProgram.dir, "vpnattach")
}

// record is all that a test has seen of the program.
type record struct {
	mu   sync.Mutex
	seen bytes.Buffer
}

func (r *record) Write(data []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.seen.Write(data)
}

func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.seen.String()
}

// process is a running serve.
type process struct {
	command           *exec.Cmd
	events, vpc, port string // URLs, and the port of events
	seen              *record
	ended             chan error
}

var listens = regexp.MustCompile(`http://localhost:(\d+)`)

// mustServe starts serve on free ports and returns when it is ready.
func mustServe(t *testing.T, binary string, seen *record, env []string, args ...string) *process {
	t.Helper()
	p := &process{command: exec.Command(binary, append([]string{"serve"}, args...)...), seen: seen, ended: make(chan error, 1)}
	p.command.Env = append([]string{"PATH=" + os.Getenv("PATH"), "PORT=0", "VPC_PORT=0"}, env...)
	p.command.Dir = root
	p.command.Stderr = seen
	out, err := p.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	ready, done := make(chan bool), make(chan bool)
	go func() {
		var ports []string
		for lines := bufio.NewScanner(io.TeeReader(out, seen)); lines.Scan(); {
			if found := listens.FindStringSubmatch(lines.Text()); found != nil && len(ports) < 2 {
				ports = append(ports, found[1])
			}
			if strings.HasPrefix(lines.Text(), "  state ") { // the last of what listens where
				p.port, p.events = ports[0], "http://127.0.0.1:"+ports[0]
				if len(ports) > 1 {
					p.vpc = "http://127.0.0.1:" + ports[1]
				}
				close(ready)
			}
		}
		p.ended <- p.command.Wait()
		close(done)
	}()
	t.Cleanup(func() {
		_ = p.command.Process.Kill()
		<-done
	})
	select {
	case <-ready:
	case <-done:
		t.Fatalf("serve does not start:\n%s", seen)
	}
	return p
}

// post sends an event. ok is false when no answer came.
func (p *process) post(body string) (outcomes gjson.Result, ok bool) {
	response, err := http.Post(p.events+"/events", "application/json", strings.NewReader(body))
	if err != nil {
		return gjson.Result{}, false
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	_, _ = p.seen.Write(data)
	return gjson.GetBytes(data, "outcomes"), err == nil && response.StatusCode == http.StatusOK
}

func (p *process) get(t *testing.T, path string) gjson.Result {
	t.Helper()
	response, err := http.Get(p.events + path)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: HTTP %d, %v: %s", path, response.StatusCode, err, data)
	}
	_, _ = p.seen.Write(data)
	return gjson.ParseBytes(data)
}

// until asks until good accepts the answer.
func (p *process) until(t *testing.T, path string, good func(gjson.Result) bool) gjson.Result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	pause := time.NewTicker(20 * time.Millisecond)
	defer pause.Stop()
	for {
		answer := p.get(t, path)
		if good(answer) {
			return answer
		}
		select {
		case <-ctx.Done():
			t.Fatalf("GET %s still answers %s", path, answer)
		case <-pause.C:
		}
	}
}

// kill ends the process as a power cut would.
func (p *process) kill() {
	_ = p.command.Process.Kill()
	<-p.ended
}

// terminate asks it to end, and fails when it does not.
func (p *process) terminate(t *testing.T, s os.Signal) {
	t.Helper()
	if err := p.command.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
	limit := time.NewTimer(15 * time.Second)
	defer limit.Stop()
	select {
	case err := <-p.ended:
		if err != nil {
			t.Errorf("ended by %v: %v", s, err)
		}
	case <-limit.C:
		t.Errorf("does not end on %v", s)
	}
}

// mustHide fails when any secret is in what was seen, or in a file below dir.
func mustHide(t *testing.T, seen *record, dir string, secrets []string) {
	t.Helper()
	all := map[string]string{"output and answers": seen.String()}
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		all[path] = string(data)
		return err
	})
	if err != nil || len(all) < 3 {
		t.Fatalf("the state has too few files: %d, %v", len(all), err)
	}
	for place, text := range all {
		for _, secret := range secrets {
			if strings.Contains(text, secret) {
				t.Errorf("a secret is in %s", place)
			}
		}
	}
}

// TestServe is what make run shows, and that it ends when told to.
func TestServe(t *testing.T) {
	t.Parallel()
	binary := mustBuild(t)
	site := t.TempDir()
	if err := os.WriteFile(filepath.Join(site, "index.html"), []byte("<!doctype html>"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		seen, dir := &record{}, filepath.Join(t.TempDir(), "state")
		p := mustServe(t, binary, seen, []string{"STATE_DIR=" + dir, "SITE_DIR=" + site}, "--play", "events/eventbridge-dual.json")
		p.until(t, "/healthz", func(gjson.Result) bool { return strings.Contains(seen.String(), "Ctrl-C") })
		outcomes, ok := p.post(mustSample(t, "eventbridge-psk.json"))
		if !ok || outcomes.Get("0.status").Str != "applied" {
			t.Errorf("got %s", outcomes)
		}
		if response, err := http.Get(p.vpc + "/healthz"); err != nil || response.StatusCode != http.StatusOK {
			t.Errorf("the emulator's port: %v", err)
		} else {
			_ = response.Body.Close()
		}
		p.terminate(t, signal)
		for _, want := range []string{"localhost:" + p.port + "/events", "localhost:" + p.port + "/  (the request builder)", "local-secret", "applied   vco-localdual", "Psk", "***", "curl -d @events/", "applied   vco-localsingle"} {
			if !strings.Contains(seen.String(), want) {
				t.Errorf("standard output lacks %q:\n%s", want, seen)
			}
		}
		mustHide(t, seen, dir, []string{"ExamplePskSiteANov2026NotASecret", "ExamplePsk", "local-single-key"})
	}
}

// TestServeWithoutPage: the start lines say how the page is built, and so does the
// address where it would be.
func TestServeWithoutPage(t *testing.T) {
	t.Parallel()
	seen := &record{}
	p := mustServe(t, mustBuild(t), seen, []string{"STATE_DIR=" + filepath.Join(t.TempDir(), "state")})
	p.until(t, "/healthz", func(gjson.Result) bool { return strings.Contains(seen.String(), "Ctrl-C") })
	if !strings.Contains(seen.String(), "not built yet: make run and make site build it") {
		t.Errorf("standard output does not say how to build the page:\n%s", seen)
	}
	response, err := http.Get("http://localhost:" + p.port + "/")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if body, err := io.ReadAll(response.Body); err != nil || !strings.Contains(string(body), "make site") {
		t.Errorf("got %q, %v", body, err)
	}
	p.terminate(t, os.Interrupt)
}

func mustSample(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(sample(name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
