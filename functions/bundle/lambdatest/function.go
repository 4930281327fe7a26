package lambdatest

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Config says what to run. Name and Program are mandatory.
type Config struct {
	Name    string        // of the function
	Program string        // path of the program, which Lambda requires to be named bootstrap
	Env     []string      // NAME=value, beside those that Lambda sets; nothing is inherited
	Timeout time.Duration // of an invocation, after which the process is killed; default 1 minute
	Log     *os.File      // receives the program's output; nil: discarded
}

// Function is a deployed function with one execution environment at most. It is safe
// for concurrent use; invocations wait for each other.
type Function struct {
	config Config
	turn   sync.Mutex // held by the current invocation

	mutex   sync.Mutex
	process *process // nil: none has been started yet, or the function is closed
	started int      // processes so far
}

// Error is the error of a function, as its caller gets it: what the function has
// returned, or how its process has ended.
type Error struct {
	Type    string `json:"errorType"` // such as errorString, Runtime.ExitError, Sandbox.Timedout
	Message string `json:"errorMessage"`
}

// Error shows type and message.
func (e *Error) Error() string { return "function: " + e.Type + ": " + e.Message }

// Types of the errors that are the service's.
const (
	ExitError = "Runtime.ExitError" // the process has ended
	Timedout  = "Sandbox.Timedout"  // it was killed, since it took too long
)

// New returns a function without a process.
func New(config Config) *Function {
	config.Timeout = cmp.Or(config.Timeout, time.Minute)
	return &Function{config: config}
}

// Invoke hands the payload to the function and returns its answer. A process is
// started when none is running. The error is an [*Error], or says why the program can't be
// started or that the context has ended; then the process is killed.
func (f *Function) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	f.turn.Lock()
	defer f.turn.Unlock()
	ctx, cancel := context.WithTimeout(ctx, f.config.Timeout)
	defer cancel()
	deadline, _ := ctx.Deadline()
	call := &invocation{id: newID(), deadline: deadline, payload: payload, result: make(chan result, 1)}
	p, err := f.dispatch(ctx, call)
	if err != nil {
		return nil, err
	}
	select {
	case r := <-call.result:
		return r.answer, r.err
	case <-p.ended:
	case <-ctx.Done():
		p.kill()
		return nil, timeoutError(ctx, f.config.Timeout)
	}
	select {
	case r := <-call.result: // its result came before it ended
		return r.answer, r.err
	default:
		return nil, p.exitError()
	}
}

// dispatch gives the invocation to the process, or to a new one when that has ended
// since the last invocation.
func (f *Function) dispatch(ctx context.Context, call *invocation) (*process, error) {
	for {
		p, err := f.running()
		if err != nil {
			return nil, fmt.Errorf("start %s: %w", f.config.Name, err)
		}
		select {
		case p.next <- call:
			return p, nil
		case <-p.ended:
			if !p.wasReady() {
				return nil, p.exitError()
			}
		case <-ctx.Done():
			p.kill()
			return nil, timeoutError(ctx, f.config.Timeout)
		}
	}
}

// timeoutError says why an invocation was cancelled.
func timeoutError(ctx context.Context, timeout time.Duration) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return &Error{Timedout, fmt.Sprintf("Task timed out after %.2f seconds", timeout.Seconds())}
	}
	return ctx.Err()
}

// running returns the running process, or starts one.
func (f *Function) running() (*process, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.process != nil && !f.process.hasEnded() {
		return f.process, nil
	}
	p, err := start(&f.config)
	if err != nil {
		return nil, err
	}
	f.process = p
	f.started++
	return p, nil
}

// Kill ends the process as a crash does, and returns when it is gone. The current
// invocation, if any, fails; the next one gets a new process.
func (f *Function) Kill() {
	f.mutex.Lock()
	p := f.process
	f.mutex.Unlock()
	if p != nil {
		p.kill()
	}
}

// Started returns how many processes have been started so far.
func (f *Function) Started() int {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.started
}

// Close ends the process, as Lambda does with an idle one.
func (f *Function) Close() { f.Kill() }

// env is the environment of a process, see
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
func (c *Config) env(address string) []string {
	return append([]string{
		"AWS_LAMBDA_RUNTIME_API=" + address,
		"AWS_LAMBDA_FUNCTION_NAME=" + c.Name,
		"AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE=256",
		"AWS_LAMBDA_INITIALIZATION_TYPE=on-demand",
		"LAMBDA_TASK_ROOT=" + filepath.Dir(c.Program),
		"_HANDLER=bootstrap",
		"TZ=:UTC", "LANG=en_US.UTF-8", "PATH=/usr/local/bin:/usr/bin/:/bin:/opt/bin",
	}, c.Env...)
}

// newID returns an id in the form of a UUID.
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// errorOf reads the error that a function has posted.
func errorOf(body []byte) *Error {
	e := &Error{}
	if err := json.Unmarshal(body, e); err != nil {
		return &Error{"Runtime.Unknown", "the error is not in the form of the Runtime API"}
	}
	return e
}
