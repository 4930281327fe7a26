package probe

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/tidwall/gjson"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/request"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/outcome"
	"vpnattach/shared/vpc"
)

// Config says what is probed. VPC.Credentials, Region and ID are mandatory.
type Config struct {
	VPC    vpc.Config // HTTP, Observe, TokenKey and Now are the probe's own
	Region string
	ID     string // of the attachment
	IDs    bool   // the report has ids

	// Confirm asks whether the name may be changed, with what has been read; nil: nothing
	// is sent. It returns an error to decline.
	Confirm func(context.Context, *Reading, Sent) error
	// Progress is told in a few words what is being done; nil: not told.
	Progress func(string)
	// Wait ends each wait: for an answer, for a change to settle, for the name to be
	// restored. Default: 5 minutes.
	Wait time.Duration

	Now   func() time.Time                           // default [time.Now]
	Sleep func(context.Context, time.Duration) error // default: until then, or the context's end
}

// Sent is what the write sends beside a name, as Describe has shown it.
type Sent struct{ LocalSubnet, RemoteSubnet, EffectImmediately string }

// NotRestoredError says that the attachment may still have the name of the probe.
type NotRestoredError struct {
	Send attachment.Change // what puts the old one back
	why  *Failure
}

func (e *NotRestoredError) Error() string {
	return "the attachment may still have the name of the probe: " + e.why.Message
}

const (
	defaultWait = 5 * time.Minute
	// every is the time between two looks at the attachment.
	every = time.Second
	// most is how often a call is sent that is throttled or gets no answer.
	most = 4
	// maxRequestID is the length of the longest id that is shown.
	maxRequestID = 64
)

// run is one probe.
type run struct {
	config   Config
	client   *vpc.Client
	recorder *recorder
	report   Report
}

// Run probes. When ctx ends it restores the name, if that was changed, and gives
// that up only when force ends too. The report is as far as it came, beside an error too.
func Run(ctx, force context.Context, config Config) (*Report, error) {
	r := &run{config: config}
	c := &r.config
	c.Wait = cmp.Or(c.Wait, defaultWait)
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Sleep == nil {
		c.Sleep = sleep
	}
	if c.Progress == nil {
		c.Progress = func(string) {}
	}
	r.recorder = &recorder{next: http.DefaultTransport, now: c.Now}
	if c.VPC.HTTP != nil && c.VPC.HTTP.Transport != nil {
		r.recorder.next = c.VPC.HTTP.Transport
	}
	own := c.VPC
	own.HTTP, own.Now, own.Observe = &http.Client{Transport: r.recorder}, c.Now, nil
	own.TokenKey = secret.New(rand.Text()) // a temporary access key may change on the way
	client, err := vpc.New(own)
	if err != nil {
		return nil, err
	}
	r.client = client
	r.report = Report{Region: c.Region, Limits: []Header{}, Calls: []Call{}, Settings: []Setting{}}
	if c.IDs {
		r.report.VpnConnectionID = c.ID
	}
	err = r.all(ctx, force)
	if err != nil && ctx.Err() != nil && r.report.Write == nil {
		err = &stop{"interrupted", "it was interrupted; nothing was sent", ""}
	}
	if err != nil {
		r.report.Error = r.failure(err)
	}
	r.recommend()
	return &r.report, err
}

// all is the whole probe.
func (r *run) all(ctx, force context.Context) error {
	current, err := r.describe(ctx)
	if err != nil {
		return err
	}
	r.report.Answer = r.read(r.recorder.get().body, current)
	if r.config.Confirm == nil {
		return nil
	}
	return r.write(ctx, force, current)
}

// describe calls Describe, again while it is throttled or gets no answer.
func (r *run) describe(ctx context.Context) (current *attachment.Current, err error) {
	err = r.persist(ctx, func() error {
		begun := r.config.Now()
		current, err = r.client.Describe(ctx, r.config.Region, r.config.ID)
		r.note(request.DescribeAction, begun, secret.List{}.SafeID(gjson.Get(r.recorder.get().body, "RequestId").Str, maxRequestID), err)
		return err
	})
	return current, err
}

// modify sends the change once, and returns the request id.
func (r *run) modify(ctx context.Context, send *attachment.Change, event string) (string, error) {
	begun := r.config.Now()
	answer, err := r.client.Modify(ctx, send, []string{event})
	r.note(request.ModifyAction, begun, answer.RequestID, err)
	return answer.RequestID, err
}

// note keeps what a call has shown.
func (r *run) note(action string, begun time.Time, requestID string, err error) {
	call := Call{Action: action, Millis: millis(r.config.Now().Sub(begun))}
	var failed *vpc.Error
	if errors.As(err, &failed) {
		call.Code, call.RetryAfter = cmp.Or(failed.Code, failed.Row, "no access key"), failed.RetryAfter.Milliseconds()
		requestID = failed.RequestID
	}
	if r.config.IDs {
		call.RequestID = requestID
	}
	r.report.Calls = append(r.report.Calls, call)
	seen := r.recorder.get()
	if seen.clock != nil {
		r.report.Clock = seen.clock
	}
	for _, limit := range seen.limits {
		r.report.setLimit(limit)
	}
}

func (r *Report) setLimit(limit Header) {
	for i := range r.Limits {
		if r.Limits[i].Name == limit.Name {
			r.Limits[i] = limit
			return
		}
	}
	r.Limits = append(r.Limits, limit)
}

// persist tries again what is throttled, or gets no answer.
func (r *run) persist(ctx context.Context, try func() error) error {
	for attempt := 1; ; attempt++ {
		err := try()
		class := outcome.ClassOf(err)
		if err == nil || attempt == most || ctx.Err() != nil || class != outcome.ClassThrottled && class != outcome.ClassTransient {
			return err
		}
		after := every << (attempt - 1)
		var failed *vpc.Error
		if errors.As(err, &failed) {
			after = max(after, failed.RetryAfter)
		}
		if after > r.config.Wait {
			return err
		}
		r.config.Progress(fmt.Sprintf("%s: trying again in %s", class, after))
		if wait := r.config.Sleep(ctx, after); wait != nil {
			return wait
		}
	}
}

// sleep waits, or returns the context's error.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
