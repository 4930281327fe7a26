package ingest

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/event"
	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/pipeline"
	"vpnattach/shared/message"
	"vpnattach/shared/outcome"
)

// document is what is taken or refused as a whole: an HTTP request, a record of a
// batch, or the event of any other invocation.
type document struct {
	unit   *event.Unit // nil for an HTTP request
	source string      // as in Config.Sources
	via    string      // the way by which it came, see [rules.Event]
	trace  string      // header of an HTTP request, see [message.TraceID]
	name   string      // what the source calls it: the id of a message, a sequence number
	taken  string      // the id under which a signed webhook is remembered; empty for anything else

	messages []pending
	results  []Change     // of all events, in order; without a ChangeID those that ask for no change, and those with errors
	ignored  int          // events
	told     int          // findings in results
	rest     finding.List // those that are only counted

	done     bool         // it need not come again
	rejected bool         // with errors
	kept     bool         // among the dead letters
	unopened *event.Error // why it could not be opened
	err      error        // why it has to come again
}

// pending is a change for the queue.
type pending struct {
	message.Change
	first string // not empty: the change's time is when this id was first seen
}

// Change is a change that an event asks for. The answer shows those that have been
// taken.
type Change struct {
	ChangeID        string           `json:"changeId"` // the same when the same event comes again; empty for an event without a change, and with an error
	EventID         string           `json:"eventId"`
	Rule            string           `json:"rule"`    // that made the change; empty for a change document
	Element         int              `json:"element"` // of the rule's each; -1 without
	RegionID        string           `json:"regionId"`
	VpnConnectionID string           `json:"vpnConnectionId"`
	Findings        finding.Findings `json:"findings"` // warnings and infos
}

// Finding is a finding with what it is about, where that is known.
type Finding struct {
	finding.Finding
	EventID         string `json:"eventId,omitempty"`
	VpnConnectionID string `json:"vpnConnectionId,omitempty"`
}

// id is what a document is called that has no name, and its dead letter.
func (d *document) id() string {
	if d.name != "" {
		return digest(d.source, d.name)
	}
	return digest(d.source, d.body())
}

// body is what is kept of it in a dead letter.
func (d *document) body() string {
	if d.unit == nil {
		return ""
	}
	return d.unit.Body()
}

// digest is a hash of the parts.
func digest(parts ...string) string {
	hash := sha256.New()
	for _, part := range parts {
		fmt.Fprintf(hash, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(hash.Sum(nil))
}

// add adds what there is to say about an event that no change is taken from.
func (d *document) add(eventID string, findings ...finding.Finding) {
	d.addResult(Change{EventID: eventID, Element: -1, Findings: findings})
}

// addResult adds what there is to say about a change or an event. Beyond the most
// findings that one document may have, what is refused is only counted.
func (d *document) addResult(c Change) {
	d.rejected = d.rejected || c.Findings.HasError()
	if len(c.Findings) > 0 && d.told >= finding.Most {
		d.rest.Leave(c.Findings...)
		if c.Findings.HasError() {
			return
		}
		c.Findings = finding.Findings{}
	}
	d.told += len(c.Findings)
	d.results = append(d.results, c)
}

// findings are those of events that ask for no change, and all the errors.
func (d *document) findings() (list []Finding) {
	for _, c := range d.results {
		if c.ChangeID != "" {
			continue
		}
		for _, f := range c.Findings {
			list = append(list, Finding{f, c.EventID, c.VpnConnectionID})
		}
	}
	for _, f := range d.rest.Findings() {
		list = append(list, Finding{Finding: f})
	}
	return list
}

// refuse adds the finding for an event that can't be opened. It reports false for
// any other error.
func (d *document) refuse(err error) bool {
	if !errors.As(err, &d.unopened) {
		return false
	}
	d.add("", d.unopened.Finding())
	return true
}

// judge makes messages of the events, and findings.
func (in *invocation) judge(ctx context.Context, d *document, records []event.Record) error {
	if d.unit != nil && (isWebhook(d.source) || slices.ContainsFunc(records, holdsRequest)) {
		d.add("", pipeline.RequestInside.At("", "an HTTP request is in the place of an event, and its signature can't be checked here"))
		return nil
	}
	set, err := in.rules(ctx)
	if err != nil {
		return err
	}
	options := &pipeline.Options{Rules: set, Peer: in.config.Peer, Time: in.now, Via: d.via, MergesLater: true, Stop: func() bool { return ctx.Err() != nil }}
	var core pipeline.Pipeline
	var failed error
	for i := range records {
		r := &records[i]
		if r.ID == "" {
			r.ID = cmp.Or(d.name, d.id()) + r.Part
		}
		in.saw(r.ID)
		if d.unit == nil && claimsAWS(r) {
			d.add(r.ID, forged.At("", "the event says that it comes from AWS, but it came over HTTP"))
			continue
		}
		if r.Time.IsZero() {
			r.Time, r.Delivered = in.now, true
		}
		trace := d.traceID(ctx, r) // once: an event may be large, and make many changes
		err := core.RunRecords(records[i:i+1], options, func(result *pipeline.Result) {
			if err := in.result(d, trace, result); err != nil {
				failed = err
			}
		})
		if err != nil {
			return err
		}
	}
	return failed
}

const maxGroup = 128 // characters of the name of a group in an SQS FIFO queue

var notListed = finding.Declare(finding.Check{
	ID: "source-not-listed", Severity: finding.Error, Part: finding.Delivery,
	Title: "A change document came without a rule, and its source is not listed.",
	Why:   "A change document says itself what to change. Anyone who can post an event could change every attachment, if any source were believed.",
	Hint:  "list the source among those whose change documents are accepted, or write a rule that makes the change of the event",
})

// result makes a message of one change, or findings that say why not.
func (in *invocation) result(d *document, trace string, r *pipeline.Result) error {
	if r.Change == nil {
		d.add(r.Record.ID, append(finding.Findings{}, r.Findings...)...)
		if !r.Findings.HasError() {
			d.ignored++
		}
		return nil
	}
	c := Change{
		EventID: r.Record.ID, Rule: r.Rule, Element: r.Element, RegionID: r.Change.Text(attachment.RegionID),
		VpnConnectionID: r.Change.Text(attachment.VpnConnectionID), Findings: append(finding.Findings{}, r.Findings...),
	}
	if r.Rule == "" && !in.config.lists(d.source) {
		c.Findings = append(c.Findings, notListed.At("", "a change document from "+strconv.Quote(d.source)+" is not accepted without a rule"))
	}
	if len(c.RegionID) > maxGroup {
		c.RegionID = "" // nothing that could name it
	}
	if !isGroup(c.VpnConnectionID) {
		c.VpnConnectionID = ""
	}
	var m pending
	if !c.Findings.HasError() {
		var err error
		if m.Change, err = message.NewChange(r); err != nil {
			return err
		}
		m.TraceID = trace
		if m.TraceID != "" {
			in.traces = note(in.traces, m.TraceID)
		}
	}
	if c.Findings.HasError() {
		d.addResult(c)
		return nil
	}
	in.about(c.VpnConnectionID)
	if r.Record.Delivered && r.Time.Equal(r.Record.Time) {
		m.first = digest(r.Record.Source, r.Record.ID)
	}
	c.ChangeID = m.DeduplicationID()
	d.messages = append(d.messages, m)
	d.addResult(c)
	return nil
}

// isGroup reports whether a queue takes the name for that of a group:
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
func isGroup(name string) bool {
	for i := range len(name) {
		if name[i] <= ' ' || name[i] > '~' {
			return false
		}
	}
	return name != "" && len(name) <= maxGroup
}

// letter is the document for the dead letters.
func (d *document) letter(now time.Time) DeadLetter {
	letter := DeadLetter{ID: d.id(), Name: d.name, Body: mask(d.body()), Source: d.source, EventIDs: []string{}, Time: now}
	for _, f := range d.findings() {
		letter.Findings = append(letter.Findings, f.Finding)
		if f.Severity != finding.Error {
			continue
		}
		if letter.Reason.Code == "" {
			letter.Reason = outcome.Reason{Code: f.Check, Message: f.Message, Remedy: f.Hint, Class: outcome.ClassRejected}
		}
		if len(letter.EventIDs) < finding.Most && f.EventID != "" && !slices.Contains(letter.EventIDs, f.EventID) {
			letter.EventIDs = append(letter.EventIDs, f.EventID)
		}
	}
	return letter
}
