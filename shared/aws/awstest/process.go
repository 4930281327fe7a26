package awstest

import (
	"bufio"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
)

var errMissing = errors.New("no moto_server on the path: make tools, or pip install 'moto[server]'; or set MOTO_SERVER to its path")

// process is a running moto server.
type process struct {
	target *url.URL
	tables atomic.Int64 // made so far
	turn   sync.Mutex   // held by the request that moto is busy with

	command *exec.Cmd
	alive   io.Closer     // moto runs until this is closed
	drained chan struct{} // closed after the last of moto's log
}

// supervise runs its arguments until its standard input ends, which happens too when
// the process that holds the other end is killed.
const supervise = `"$@" </dev/null & exec 2>&-; read -r _; kill $!; wait $!`

var address = regexp.MustCompile(`http://127\.0\.0\.1:[0-9]+`)

//go:embed sitecustomize.py
var sitecustomize []byte

// start returns when the server listens. It lets moto choose the port, since one that
// is free now can be taken a moment later.
func start(program string) (*process, error) {
	file, err := exec.LookPath(program)
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", errMissing, err)
	}
	hooks, err := os.MkdirTemp("", "moto")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(hooks) // it is read before the server listens
	if err := os.WriteFile(filepath.Join(hooks, "sitecustomize.py"), sitecustomize, 0o600); err != nil {
		return nil, err
	}
	p := &process{command: exec.Command("sh", "-c", supervise, "sh", file, "-H", "127.0.0.1", "-p", "0"), drained: make(chan struct{})}
	path := []string{hooks}
	if others := os.Getenv("PYTHONPATH"); others != "" {
		path = append(path, others)
	}
	p.command.Env = append(os.Environ(), "PYTHONPATH="+strings.Join(path, string(os.PathListSeparator)))
	stdin, err := p.command.StdinPipe()
	if err != nil {
		return nil, err
	}
	stderr, err := p.command.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := p.command.Start(); err != nil {
		return nil, fmt.Errorf("start moto_server: %w", err)
	}
	p.alive = stdin
	var output strings.Builder
	for lines := bufio.NewScanner(stderr); p.target == nil && lines.Scan(); {
		fmt.Fprintln(&output, lines.Text())
		if found := address.FindString(lines.Text()); found != "" {
			if p.target, err = url.Parse(found); err != nil {
				return nil, err
			}
		}
	}
	go func() {
		defer close(p.drained)
		_, _ = io.Copy(io.Discard, stderr)
	}()
	if p.target == nil {
		p.stop()
		return nil, fmt.Errorf("moto_server has ended: %s", strings.TrimSpace(output.String()))
	}
	return p, nil
}

// stop ends the server and waits for its end.
func (p *process) stop() {
	_ = p.alive.Close()
	<-p.drained
	_ = p.command.Wait()
}

// serve puts a proxy in front of the server.
func (p *process) serve(lose func(action string) bool) *httptest.Server {
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(p.target)
			r.Out.Host = r.In.Host // URLs of queues are made of it
		},
		ModifyResponse: func(r *http.Response) error {
			if lose(r.Request.Header.Get("X-Amz-Target")) {
				return errors.New("lost")
			}
			return nil
		},
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".ReceiveMessage") {
			p.turn.Lock()
			defer p.turn.Unlock()
		}
		proxy.ServeHTTP(w, r)
	}))
}
