package lambdatest

import (
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"sync"
)

// process is an execution environment: a process with a Runtime API of its own, so that
// an invocation can't reach another one.
type process struct {
	config  *Config
	command *exec.Cmd
	server  *http.Server
	next    chan *invocation // for the next request of the program
	ended   chan struct{}    // closed when the process is gone

	mutex   sync.Mutex
	ready   bool        // it has asked for an invocation
	current *invocation // without a response yet
	failed  *Error      // the initialization error that the program has posted
}

func start(config *Config) (*process, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &process{config: config, next: make(chan *invocation), ended: make(chan struct{})}
	p.server = &http.Server{Handler: p.routes()}
	go func() { _ = p.server.Serve(listener) }() // until Close
	p.command = &exec.Cmd{
		Path: config.Program, Args: []string{config.Program}, Dir: filepath.Dir(config.Program),
		Env: config.env(listener.Addr().String()),
	}
	if config.Log != nil {
		p.command.Stdout, p.command.Stderr = config.Log, config.Log
	}
	if err := p.command.Start(); err != nil {
		_ = p.server.Close()
		return nil, err
	}
	go func() {
		_ = p.command.Wait()
		_ = p.server.Close()
		close(p.ended)
	}()
	return p, nil
}

func (p *process) hasEnded() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// wasReady reports whether the program had finished its initialization.
func (p *process) wasReady() bool {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.ready
}

// kill ends the process and waits for its end.
func (p *process) kill() {
	_ = p.command.Process.Kill()
	<-p.ended
}

// exitError says how the process has ended.
func (p *process) exitError() *Error {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.failed != nil {
		return p.failed
	}
	return &Error{ExitError, fmt.Sprintf("Runtime exited with error: %s", p.command.ProcessState)}
}
