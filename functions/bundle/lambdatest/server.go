package lambdatest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// Limits of the service.
const (
	maxAnswer = 6 << 20 // bytes
	account   = "123456789012"
	region    = "eu-central-1"
)

// invocation is one that the function handles or will handle.
type invocation struct {
	id       string
	deadline time.Time
	payload  []byte
	result   chan result // of capacity 1
}

type result struct {
	answer []byte
	err    error
}

func (p *process) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", p.serveNext)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", func(w http.ResponseWriter, r *http.Request) {
		p.finish(w, r, func(body []byte) result { return result{answer: body} })
	})
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", func(w http.ResponseWriter, r *http.Request) {
		p.finish(w, r, func(body []byte) result { return result{err: errorOf(body)} })
	})
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", p.serveInitError)
	return mux
}

// serveNext answers with the next invocation, once there is one.
func (p *process) serveNext(w http.ResponseWriter, r *http.Request) {
	p.mutex.Lock()
	p.ready = true
	p.mutex.Unlock()
	select {
	case call := <-p.next:
		p.mutex.Lock()
		p.current = call
		p.mutex.Unlock()
		header := w.Header()
		header.Set("Content-Type", "application/json")
		header.Set("Lambda-Runtime-Aws-Request-Id", call.id)
		header.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(call.deadline.UnixMilli(), 10))
		header.Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:"+region+":"+account+":function:"+p.config.Name)
		header.Set("Lambda-Runtime-Trace-Id", fmt.Sprintf("Root=1-%08x-%s;Parent=%s;Sampled=0", time.Now().Unix(), hex(call.id, 24), hex(call.id, 16)))
		_, _ = w.Write(call.payload) // on failure the function does not answer, and the invocation times out
	case <-r.Context().Done():
	}
}

// hex returns the first n hexadecimal digits of an id.
func hex(id string, n int) string {
	digits := make([]byte, 0, n)
	for i := 0; len(digits) < n; i++ {
		if id[i] != '-' {
			digits = append(digits, id[i])
		}
	}
	return string(digits)
}

// finish ends the current invocation with what the function has posted.
func (p *process) finish(w http.ResponseWriter, r *http.Request, made func(body []byte) result) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxAnswer))
	if err != nil {
		refuse(w, http.StatusRequestEntityTooLarge, "Function.ResponseSizeTooLarge", "the response is too large or incomplete")
		return
	}
	p.mutex.Lock()
	call := p.current
	if call == nil || call.id != r.PathValue("id") {
		p.mutex.Unlock()
		refuse(w, http.StatusBadRequest, "InvalidRequestID", "this is not the current invocation")
		return
	}
	p.current = nil
	p.mutex.Unlock()
	w.WriteHeader(http.StatusAccepted)
	call.result <- made(body)
}

func (p *process) serveInitError(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxAnswer))
	if err != nil {
		refuse(w, http.StatusRequestEntityTooLarge, "Function.ResponseSizeTooLarge", "the error is too large or incomplete")
		return
	}
	p.mutex.Lock()
	p.failed = errorOf(body)
	p.mutex.Unlock()
	w.WriteHeader(http.StatusAccepted)
}

func refuse(w http.ResponseWriter, status int, kind, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(Error{kind, message}) // fails only when the program is gone
}
