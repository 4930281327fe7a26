package server

import (
	"errors"
	"io"
	"net/http"
	"os"
	"strconv"
)

// bodyFault is why the body of a request can't be read.
type bodyFault struct {
	status        int
	code, message string
}

// readBody reads the body of a request, which may have so many bytes. What it can't read is
// to be refused even where the sender seems to be gone: where a handler says nothing,
// net/http answers 200, and half of an event would count as taken.
func readBody(w http.ResponseWriter, r *http.Request, most int64) ([]byte, *bodyFault) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	var tooLarge *http.MaxBytesError
	switch {
	case err == nil:
		return body, nil
	case errors.As(err, &tooLarge):
		return nil, &bodyFault{http.StatusRequestEntityTooLarge, "too-large", "the body is larger than " + strconv.FormatInt(most, 10) + " bytes"}
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, &bodyFault{http.StatusRequestTimeout, "too-slow", "the body has not come within " + readTimeout.String() + "; nothing of it is taken"}
	}
	return nil, &bodyFault{http.StatusBadRequest, "cut-off", "the body has ended too early or can't be read; nothing of it is taken"}
}

// answer refuses the request.
func (f *bodyFault) answer(w http.ResponseWriter) { refuse(w, f.status, f.code, f.message) }
