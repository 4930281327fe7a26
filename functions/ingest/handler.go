package ingest

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/rs/zerolog"

	"vpnattach/shared/aws/invoke"
	"vpnattach/shared/core/event"
	"vpnattach/shared/core/finding"
)

// Handler takes events. It is safe for concurrent use.
type Handler struct{ config Config }

// New fills in the defaults. It fails for what [Config.Validate] refuses.
func New(config Config) (*Handler, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	if config.MaxBody == 0 {
		config.MaxBody = 256 << 10
	}
	if config.Margin == 0 {
		config.Margin = time.Second
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	return &Handler{config}, nil
}

// Invoke takes what an invocation brings and returns what its source wants to know;
// see the package. An error means that all of it has to come again. It implements
// lambda.Handler.
func (h *Handler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	ctx, cancel := h.limit(ctx)
	defer cancel()
	in := &invocation{Handler: h, now: h.config.Now().UTC()}
	var answer []byte
	err := in.recovered(ctx, func() (err error) {
		answer, err = in.invoke(ctx, payload)
		return err
	})
	if err != nil {
		in.counts.Kept = max(in.counts.Kept, 1)
	}
	in.finish(ctx)
	return answer, err
}

// limit keeps time for the answer: half of what is left at most.
func (h *Handler) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	margin := h.config.Margin
	if deadline, ok := ctx.Deadline(); ok {
		margin = min(margin, time.Until(deadline)/2)
	}
	return invoke.WithMargin(ctx, margin)
}

// invocation is the state of one call of Invoke.
type invocation struct {
	*Handler
	now         time.Time
	entry       string // what has invoked the function
	status      int    // of the answer to an HTTP request
	sender      string // of a webhook, and what it calls the delivery
	delivery    string
	counts      Counts
	eventIDs    []string
	traces      []string
	attachments []string
}

func (in *invocation) invoke(ctx context.Context, payload []byte) ([]byte, error) {
	delivery := event.ReadDelivery(payload)
	if delivery.Request != nil {
		return in.request(ctx, delivery.Request)
	}
	in.entry = cmp.Or(delivery.Kind.String(), Direct)
	documents := in.take(ctx, delivery)
	if delivery.Partial {
		return in.failures(delivery, documents)
	}
	result := accepted{Changes: []Change{}}
	for _, d := range documents {
		if !d.done {
			return nil, d.err
		}
		result.add(d)
	}
	return json.Marshal(result)
}

// accepted is the answer to an event that has been taken.
type accepted struct {
	Changes  []Change  `json:"changes"`
	Findings []Finding `json:"findings,omitempty"` // of events that ask for no change
	LeftOut  int       `json:"leftOut,omitempty"`  // changes and findings for which the answer has no room

	bytes int
}

// maxAnswer is how many bytes of changes and findings an answer holds.
const maxAnswer = 200 << 10

func (a *accepted) add(d *document) {
	for i := range d.results {
		if c := &d.results[i]; c.ChangeID != "" && !d.rejected && a.fits(c) {
			a.Changes = append(a.Changes, *c)
		}
	}
	for _, f := range d.findings() {
		if a.fits(&f) {
			a.Findings = append(a.Findings, f)
		}
	}
}

// fits reports whether there is room for one more, and counts it if there is not.
func (a *accepted) fits(item any) bool {
	if a.LeftOut == 0 {
		data, err := json.Marshal(item)
		if a.bytes += len(data); err == nil && a.bytes <= maxAnswer {
			return true
		}
	}
	a.LeftOut++
	return false
}

// saw and about note what the line in the log is about.
func (in *invocation) saw(eventID string) { in.eventIDs = note(in.eventIDs, eventID) }

func (in *invocation) about(vpnConnectionID string) {
	in.attachments = note(in.attachments, vpnConnectionID)
}

func note(list []string, id string) []string {
	const most = 100
	if len(list) < most && !slices.Contains(list, id) {
		return append(list, id)
	}
	return list
}

// finish writes the line of the invocation and reports its counts.
func (in *invocation) finish(ctx context.Context) {
	level := zerolog.InfoLevel
	switch {
	case in.counts.Kept > 0:
		level = zerolog.ErrorLevel
	case in.counts.Rejected+in.counts.Unsigned+in.counts.NoSecret > 0:
		level = zerolog.WarnLevel
	}
	line := in.log(ctx, level).Str("entry", in.entry)
	if in.status != 0 {
		line.Int("status", in.status).Str("sender", in.sender).Str("delivery", in.delivery).Int("repeated", in.counts.Repeated)
	}
	if len(in.traces) > 0 {
		line.Strs("traceIds", in.traces)
	}
	line.Strs("eventIds", in.eventIDs).Strs("vpnConnectionIds", in.attachments).
		Int("accepted", in.counts.Accepted).Int("ignored", in.counts.Ignored).Int("rejected", in.counts.Rejected).
		Int("unsigned", in.counts.Unsigned).Int("noSecret", in.counts.NoSecret).Int("kept", in.counts.Kept).Msg("taken")
	if in.config.Report != nil {
		_ = in.guard(ctx, "report the counts", func() error { in.config.Report(ctx, in.counts); return nil })
	}
}

// refused writes a line for each event and attachment of the document about which
// there is an error: the first, and how many there are.
func (in *invocation) refused(ctx context.Context, d *document) {
	type about struct{ eventID, vpnConnectionID string }
	errors := map[about]int{}
	findings := d.findings()
	for _, f := range findings {
		if f.Severity == finding.Error {
			errors[about{f.EventID, f.VpnConnectionID}]++
		}
	}
	for _, f := range findings {
		n := errors[about{f.EventID, f.VpnConnectionID}]
		if f.Severity != finding.Error || n == 0 {
			continue
		}
		delete(errors, about{f.EventID, f.VpnConnectionID})
		in.log(ctx, zerolog.WarnLevel).Str("source", d.source).Str("eventId", f.EventID).Str("vpnConnectionId", f.VpnConnectionID).
			Str("code", f.Check).Str("path", f.Path).Str("error", f.Message).Str("remedy", f.Hint).Int("errors", n).Msg("refused")
	}
}

// guard calls what may fail or panic, and logs when it does.
func (in *invocation) guard(ctx context.Context, what string, call func() error) error {
	if err := invoke.Recover(call); err != nil {
		invoke.Failed(in.log(ctx, zerolog.ErrorLevel), err, what)
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// recovered returns the error of a call, and logs when it panics.
func (in *invocation) recovered(ctx context.Context, call func() error) error {
	err := invoke.Recover(call)
	if _, panicked := err.(*invoke.Panic); panicked {
		invoke.Failed(in.log(ctx, zerolog.ErrorLevel), err, "panic")
	}
	return err
}

// log starts a line with the id of the invocation.
func (in *invocation) log(ctx context.Context, level zerolog.Level) *zerolog.Event {
	return invoke.Line(ctx, in.config.Log, level)
}
