package main

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"vpnattach/functions/local/server"
	"vpnattach/shared/outcome"
)

// TestTerminalStalls: a reader that stops holds up nothing; what was reported until
// then is still shown in its order.
func TestTerminalStalls(t *testing.T) {
	t.Parallel()
	out, in := io.Pipe()
	shown := newTerminal(text{w: in})
	for range mostShown + 100 {
		shown.outcome(server.Outcome{EventID: "stalled", Status: outcome.Applied})
	}
	read := make(chan string)
	go func() {
		data, _ := io.ReadAll(out)
		read <- string(data)
	}()
	// The queue is full of what is still to be shown, so this waits for a place in it.
	last := make(chan bool)
	shown.waiting <- func(o *outcomePrinter) {
		o.outcome(&server.Outcome{EventID: "last", Status: outcome.Applied})
		close(last)
	}
	<-last
	_ = in.Close()
	if text := <-read; strings.Count(text, "stalled") < mostShown || strings.Count(text, "stalled") > mostShown+1 || !strings.Contains(text, "last") {
		t.Errorf("%d lines are shown", strings.Count(text, "\n"))
	}
}

// TestServeAgain: a sample that has been taken before is shown with its status too,
// and what is logged has its time.
func TestServeAgain(t *testing.T) {
	t.Parallel()
	binary, dir := mustBuild(t), filepath.Join(t.TempDir(), "state")
	for _, want := range []string{"Psk", "event-repeated"} {
		seen := &record{}
		p := mustServe(t, binary, seen, []string{"STATE_DIR=" + dir, "AWS_LAMBDA_LOG_LEVEL=info"}, "--play", "events/eventbridge-dual.json")
		p.until(t, "/healthz", func(gjson.Result) bool { return strings.Contains(seen.String(), "Ctrl-C") })
		if text := seen.String(); strings.Count(text, "applied   vco-localdual") != 1 || !strings.Contains(text, want) {
			t.Errorf("lacks its status once, or %s:\n%s", want, text)
		}
		p.kill()
		logged := 0
		for line := range strings.Lines(seen.String()) {
			if !strings.HasPrefix(line, `{"level":`) {
				continue
			}
			if logged++; strings.Count(line, `"time":`) != 1 {
				t.Errorf("the time is not there once: %s", line)
			}
		}
		if logged == 0 && want == "Psk" {
			t.Error("nothing is logged")
		}
	}
}

// TestPortTaken: the message names the variable to change.
func TestPortTaken(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, port, _ := net.SplitHostPort(taken.Addr().String())
	for _, name := range []string{"PORT", "VPC_PORT"} {
		env := map[string]string{"STATE_DIR": filepath.Join(t.TempDir(), "s"), "PORT": "0", "VPC_PORT": "0"}
		env[name] = port
		if code, _, errOut := execute(env, "", "serve"); code != exitUsage || !strings.Contains(errOut, " "+name+" to") || !strings.Contains(errOut, port) {
			t.Errorf("%s: exit code %d\n%s", name, code, errOut)
		}
	}
}

// TestSendCutOff: an answer that is not whole is not taken for nobody there.
func TestSendCutOff(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/half/events" {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, `{"outcomes":`)
		}
		panic(http.ErrAbortHandler)
	}))
	t.Cleanup(server.Close)
	for _, path := range []string{"/none", "/half"} {
		code, _, errOut := execute(nil, "{}", "send", "-", "--url", server.URL+path)
		if code != exitError || !strings.Contains(errOut, "GET /outcomes") || strings.Contains(errOut, "nobody") {
			t.Errorf("%s: exit code %d\n%s", path, code, errOut)
		}
	}
}
