package probe

import (
	"bytes"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// recorder keeps what an answer has beside its meaning, which is all that the client of
// the API hands on.
type recorder struct {
	next http.RoundTripper
	now  func() time.Time

	mutex sync.Mutex
	last  answer
}

// answer is the latest answer: its body, which may hold keys, and what its headers say.
type answer struct {
	body   string
	clock  *Clock // nil: no date
	limits []Header
}

// maxBody is how much of an answer is kept, as much as the client of the API reads.
const maxBody = 1 << 20

func (r *recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	r.set(answer{})
	sent := r.now()
	response, err := r.next.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	received := r.now()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody))
	_ = response.Body.Close()
	if err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	r.set(answer{string(body), clockOf(response.Header, sent, received), limitsOf(response.Header)})
	return response, nil
}

func (r *recorder) set(a answer) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.last = a
}

func (r *recorder) get() answer {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.last
}

// clockOf compares this machine's clock with the date of an answer, which has whole
// seconds and was written at some time between sent and received.
func clockOf(header http.Header, sent, received time.Time) *Clock {
	date, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return nil
	}
	middle := sent.Add(received.Sub(sent) / 2)
	return &Clock{
		AheadSeconds:  roundSeconds(middle.Sub(date.Add(time.Second / 2))),
		WithinSeconds: roundSeconds(received.Sub(sent)/2 + time.Second/2),
	}
}

func roundSeconds(d time.Duration) float64 { return d.Round(100 * time.Millisecond).Seconds() }

// plainLimit is what the values of rate-limit headers look like.
var plainLimit = regexp.MustCompile(`^[A-Za-z0-9:;,.=_ -]{1,200}$`)

func limitsOf(header http.Header) (all []Header) {
	for name := range header {
		name := strings.ToLower(name)
		if value := header.Get(name); strings.HasPrefix(name, "x-ratelimit") && plainLimit.MatchString(value) {
			all = append(all, Header{name, value})
		}
	}
	slices.SortFunc(all, func(a, b Header) int { return strings.Compare(a.Name, b.Name) })
	return all
}
