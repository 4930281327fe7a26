package pipeline

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/event"
	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/request"
	"vpnattach/shared/core/rules"
)

// Options say how to make requests of events. The zero value judges change
// documents and signs nothing.
type Options struct {
	Rules       *rules.Set            // what to make of events that are not change documents; nil: nothing
	Via         string                // the way by which the event has come, such as "bus"; empty: [event.Record.Way], else "local"
	Current     *attachment.Described // the attachments as they are, for changes to them; nil: not known
	Peer        string                // a profile of attachment.Peers, or empty
	Credentials request.Credentials   // without an AccessKeyID no request is signed
	Signature   request.Signature     // V3 unless set
	Endpoint    string                // host or URL of the service; empty: by region
	Time        time.Time             // now, for signatures and for events from the future
	Nonce       func() string         // makes the nonce of each signature
	Stop        func() bool           // whether to give up, asked for each change; nil: never
	NewID       func() string         // makes the id of an event that has none; nil: it stays without

	// MergesLater says that each change is merged with the current configuration before it
	// is sent, though that is not known here; see [attachment.Validator].
	MergesLater bool

	// Redact makes requests for display, also without credentials, time and nonce;
	// see [request.Options].
	Redact bool
}

// Result is what the pipeline made of one change, or of a record that asks for
// none. It and all that it points to are valid until the callback returns.
type Result struct {
	Record   *event.Record
	Rule     string    // the name of the rule that made the change; empty for a change document
	Element  int       // index into the array of the rule's each; -1 without
	Time     time.Time // of the event: by the rule's time, else by the envelope; zero when neither has one
	Findings finding.Findings

	Credentials string // the profile of credentials that the rule chooses; empty: the default one

	// Change is the patch asked for; nil when the record asks for nothing, and
	// Findings say why.
	Change *attachment.Change
	// Current is the attachment as it is; nil when that is not known.
	Current *attachment.Current
	// Send is the change as it is to be sent, merged with Current when that is known;
	// nil when nothing differs.
	Send *attachment.Change
	// Differences are what would change, when Current is known.
	Differences []attachment.Difference
	// Request is Send, signed; nil when a finding is an error, when nothing differs
	// from Current, or without credentials.
	Request *request.Request
	// Redacted says that Request is for display.
	Redacted bool
}

// Pipeline turns events into requests and reuses its memory from one event to the
// next. The zero value is ready. It is not for use by several goroutines at once.
type Pipeline struct {
	opener    event.Opener
	records   []event.Record
	made      []rules.Change
	change    attachment.Change
	send      attachment.Change
	validator attachment.Validator
	builder   request.Builder
	result    Result
	ids       [1]string
}

// FutureLimit is how far ahead of now an event's own time may be.
const FutureLimit = 5 * time.Minute

// Run opens the event and calls each for every change in it, in order, and once
// for every record that asks for none, or of a batch that can't be opened. It returns an
// [*event.Error] when nothing can be opened; nothing has been called then; and
// [ErrStopped]. data must not change before Run
// returns.
func (p *Pipeline) Run(data []byte, o *Options, each func(*Result)) error {
	records, err := p.opener.Open(data, p.records[:0])
	if err != nil {
		records, err = event.OpenEach(data, records[:0])
	}
	p.records = records
	if err != nil {
		return err
	}
	return p.RunRecords(records, o, each)
}

// ErrStopped says that [Options.Stop] has ended the work before all was called.
var ErrStopped = errors.New("there is no time left for the event")

func (o *Options) stopped() bool { return o.Stop != nil && o.Stop() }

// RunRecords is [Pipeline.Run] for records that are open already, such as those of
// [event.OpenHTTP]. They must not change before it returns. The only error is
// [ErrStopped].
func (p *Pipeline) RunRecords(records []event.Record, o *Options, each func(*Result)) error {
	for i := range records {
		if err := p.record(&records[i], o, each); err != nil {
			return err
		}
	}
	return nil
}

// RunChange is [Pipeline.Run] for a document that is meant as a change, whatever
// it holds: what it lacks is among the findings. read parses it; the record is empty but
// for its kind.
func (p *Pipeline) RunChange(read func(*attachment.Change), o *Options, each func(*Result)) {
	p.records = append(p.records[:0], event.Record{Kind: event.Change})
	p.result = Result{Record: &p.records[0], Element: -1}
	read(&p.change)
	p.process(o, each)
}

// ValidateChange returns the findings of such a document by the options' Current and Peer.
func (p *Pipeline) ValidateChange(read func(*attachment.Change), o *Options) finding.Findings {
	read(&p.change)
	current, other := CurrentOf(&p.change, o.Current)
	found := p.validator.Validate(&p.change, current, o.Peer)
	if other == nil {
		return found
	}
	return append(other, found...)
}

// Forget lets go of all that the pipeline has kept of events, requests and keys, and
// overwrites the texts of requests. Memory for the next request stays.
func (p *Pipeline) Forget() {
	builder := p.builder
	builder.Forget()
	*p = Pipeline{}
	p.builder = builder
}

func (p *Pipeline) record(record *event.Record, o *Options, each func(*Result)) error {
	if o.stopped() {
		return ErrStopped
	}
	if record.ID == "" && o.NewID != nil {
		record.ID = o.NewID()
	}
	if slices.ContainsFunc(record.Via[1:], event.Kind.IsGateway) {
		p.result = Result{Record: record, Element: -1, Findings: finding.Findings{
			RequestInside.At("", "an HTTP request is in the place of an event, and its signature can't be checked here")}}
		each(&p.result)
		return nil
	}
	var findings finding.Findings
	p.made = p.made[:0]
	if o.Rules != nil && record.Event != "" {
		p.made, findings = o.Rules.Apply(rules.Event{Text: record.Event, Via: cmp.Or(o.Via, record.Way), Stop: o.Stop}, p.made)
		if o.stopped() { // before all was made
			return ErrStopped
		}
	}
	for i := range p.made {
		if o.stopped() {
			return ErrStopped
		}
		made := &p.made[i]
		p.result = Result{Record: record, Rule: made.Rule, Element: made.Element, Time: made.Time, Credentials: made.Credentials}
		p.change.Parse(made.Document, attachment.FromRule)
		p.process(o, each)
	}
	switch {
	case len(p.made) > 0 && findings == nil:
		return nil
	case len(p.made) == 0 && findings == nil && isChange(record):
		if findings = foreignItem(record); findings != nil {
			break
		}
		p.result = Result{Record: record, Element: -1}
		p.change.ParseValue(record.Document, attachment.FromEvent)
		p.process(o, each)
		return nil
	case findings == nil:
		findings = nothing(record, o)
	}
	p.result = Result{Record: record, Element: -1, Findings: findings}
	each(&p.result)
	return nil
}

var (
	// EventInFuture finds an event whose own time is further ahead than [FutureLimit].
	EventInFuture = finding.Declare(finding.Check{
		ID: "event-in-future", Severity: finding.Error, Part: finding.Event,
		Title: "The event's own time is more than five minutes ahead, so it would win over every later change.",
		Why:   "The newest event owns a field. One dated next year would own it until then.",
		Hint:  "correct the sender's clock",
	})
	timestampUnread = finding.Declare(finding.Check{
		ID: "timestamp-unreadable", Severity: finding.Warning, Part: finding.Event,
		Title: "The payload's timestamp can't be read, so the time at which the event was first seen counts.",
		Why:   "The time decides which of two events is newer. Two events that overtake each other on their way are then told apart by their arrival.",
		Hint:  "name the event's own time in the rule's time, or have the sender write RFC 3339",
	})
	currentOfAnother = finding.Declare(finding.Check{
		ID: "current-of-another", Severity: finding.Error, Part: finding.Event,
		Title: "The current configuration given is not that of this attachment, so the change can't be merged.",
		Why:   "Merged with another attachment’s configuration, the request would carry its key and its addresses.",
		Hint:  "give what DescribeVpnConnection returns for this attachment, or a list that has it",
	})
)

// CurrentOf returns what is known of the attachment that a change is for: nil when
// nothing is, or with a finding, an error, when what is known is of others.
func CurrentOf(c *attachment.Change, known *attachment.Described) (*attachment.Current, finding.Findings) {
	id := c.Text(attachment.VpnConnectionID)
	if id == "" {
		return nil, nil // which is an error of the change
	}
	current, err := known.Of(id)
	if err != nil {
		return nil, finding.Findings{currentOfAnother.At("VpnConnectionId", err.Error())}
	}
	return current, nil
}

// process takes the change in p.change from its findings to its request.
func (p *Pipeline) process(o *Options, each func(*Result)) {
	r := &p.result
	r.Change, r.Send = &p.change, &p.change
	if r.Time.IsZero() {
		r.Time = r.Record.Time
		if bad := r.Record.BadTime; bad != nil {
			r.Findings = append(r.Findings, timestampUnread.At(bad.Path, bad.Path+" "+bad.Message).Hinted(bad.Hint))
		}
	}
	current, other := CurrentOf(&p.change, o.Current)
	r.Current, r.Findings = current, append(r.Findings, other...)
	if !o.Time.IsZero() && r.Time.After(o.Time.Add(FutureLimit)) {
		r.Findings = append(r.Findings, EventInFuture.At("", "the event's time "+r.Time.Format(time.RFC3339)+" is ahead of now"))
	}
	p.validator.MergesLater = o.MergesLater
	found := p.validator.Validate(&p.change, current, o.Peer)
	if r.Findings == nil {
		r.Findings = found
	} else {
		r.Findings = append(r.Findings, found...)
	}
	if current != nil {
		p.merge(current)
	}
	if r.Send != nil && !r.Findings.HasError() && (o.Redact || o.Credentials.AccessKeyID != "") {
		p.sign(o)
	}
	each(r)
}

// NothingDiffers finds a change that the attachment has already.
var NothingDiffers = finding.Declare(finding.Check{
	ID: "nothing-differs", Severity: finding.Info, Part: finding.NoResult,
	Title: "The attachment is as the change asks, so there is nothing to send.",
	Why:   "A request that changes nothing would still put the attachment into “updating”.",
	Fix:   "Nothing: the attachment is as it should be.",
})

// merge makes Send of the change, given what the attachment is.
func (p *Pipeline) merge(current *attachment.Current) {
	r, differs := &p.result, false
	p.send, differs = attachment.Merge(&p.change, current)
	if !differs {
		r.Send = nil
		if r.Findings.HasError() {
			return
		}
		r.Findings = append(r.Findings, NothingDiffers.At("", "the attachment is as the change asks already"))
		return
	}
	r.Send, r.Differences = &p.send, attachment.Diff(&p.change, current)
}

var (
	referenceOpen = finding.Declare(finding.Check{
		ID: "reference-unresolved", Severity: finding.Info, Part: finding.Event,
		Title: "The change holds a dynamic reference to a secret, so no request can be signed yet.",
		Why:   "The secret is read only where the change is applied, so that nothing on the way holds it.",
		Hint:  "the reference is resolved just before the change is applied",
	})
	// NotSigned finds a change of which no request can be made.
	NotSigned = finding.Declare(finding.Check{
		ID: "not-signed", Severity: finding.Error, Part: finding.NoResult,
		Title: "The change is good, but no request could be made of it.",
		Why:   "The values are good, but no request can carry them: it would be too large, or has no host.",
		Fix:   "The finding says what is in the way.",
	})
)

// sign makes the request, or a finding that says why it can't.
func (p *Pipeline) sign(o *Options) {
	r := &p.result
	options := request.Options{
		Credentials: o.Credentials, Signature: o.Signature, Endpoint: o.Endpoint,
		Time: o.Time, Redact: o.Redact,
	}
	if o.Nonce != nil {
		options.Nonce = o.Nonce()
	}
	if r.Record.ID != "" {
		p.ids[0] = r.Record.ID
		options.EventIDs = p.ids[:]
	}
	signed, err := p.builder.Modify(r.Send, options)
	switch {
	case errors.Is(err, request.ErrReference):
		r.Findings = append(r.Findings, referenceOpen.At("", err.Error()))
	case err != nil:
		r.Findings = append(r.Findings, NotSigned.At("", err.Error()))
	default:
		r.Request, r.Redacted = signed, o.Redact
	}
}
