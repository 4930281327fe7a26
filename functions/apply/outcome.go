package apply

import (
	"encoding/json"
	"time"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/request"
	"vpnattach/shared/ledger"
	"vpnattach/shared/message"
	"vpnattach/shared/outcome"
)

// Outcome is the result of one record in one delivery. It holds no secret.
type Outcome struct {
	EventID         string           `json:"eventId"`
	VpnConnectionID string           `json:"vpnConnectionId"`
	Status          outcome.Status   `json:"status"`
	RequestID       string           `json:"requestId"`   // of the Modify call
	ClientToken     string           `json:"clientToken"` // as sent
	Parameters      json.RawMessage  `json:"parameters"`  // an object: the RPC parameters as sent, secrets as ***
	Findings        finding.Findings `json:"findings"`
	Error           *outcome.Reason  `json:"error"` // why it was rejected or deferred; null otherwise

	// Differences are what would change, when planned.
	Differences []attachment.Difference `json:"-"`
	Stale       int                     `json:"-"` // how many of its fields newer events own
	MessageID   string                  `json:"-"` // of the record
	Waited      time.Duration           `json:"-"` // how long a deferred one has been in the queue; 0 for others
}

// outcome returns the outcome of a decision on the change.
func (c *change) outcome(d decision) Outcome {
	o := Outcome{
		EventID: c.message.EventID, VpnConnectionID: c.vpnConnectionID(), Status: d.status, Error: d.reason,
		Parameters: json.RawMessage("{}"), Findings: append(finding.Findings{}, d.findings...),
		Differences: d.differences, MessageID: c.record.MessageId,
	}
	if d.status != outcome.Deferred {
		o.Stale = d.superseded
	}
	if d.call != nil {
		o.RequestID, o.ClientToken = d.call.answer.RequestID, d.call.answer.ClientToken
		o.Parameters = request.AppendParameters(nil, &d.call.send, o.ClientToken, false)
	}
	return o
}

// published returns the outcome to publish, if confirm will not publish one. In the mode
// plan an unchanged one is published as planned, too.
func (c *change) published(d decision, now time.Time, plan bool) (outcome.Outcome, bool) {
	var status outcome.Status
	switch {
	case d.status == outcome.Rejected:
		status = outcome.Rejected
	case d.status == outcome.Unchanged && d.allSuperseded:
		status = outcome.Superseded
	case d.status == outcome.Planned, plan && d.status == outcome.Unchanged:
		status = outcome.Planned
	default:
		return outcome.Outcome{}, false
	}
	result := c.outcome(d)
	o := outcome.Outcome{
		ID: outcome.NewID(status, result.Error, []string{c.id()}), RegionID: c.message.RegionID, VpnConnectionID: result.VpnConnectionID, RequestID: result.RequestID,
		EventIDs: []string{result.EventID}, Time: now.UTC(), Status: status,
		Reason: result.Error, Findings: result.Findings, Differences: result.Differences,
	}
	if c.message.TraceID != "" {
		o.TraceIDs = []string{c.message.TraceID}
	}
	o.Fit()
	return o, true
}

// fate is what has become of the change for good, if its message asks for that.
func (c *change) fate(d decision, now time.Time) (ledger.Fate, bool) {
	fate := ledger.Fate{Status: d.status, Reason: d.reason, Time: now.UTC()}
	if d.status == outcome.Unchanged && d.allSuperseded {
		fate.Status = outcome.Superseded
	}
	return fate, c.message.Fate && d.status != outcome.Deferred
}

// DeadLetter is a rejected record with the reason and the remedy. Sending Body again is a redrive.
type DeadLetter struct {
	ID      string           `json:"id"`   // the same for the same change
	Message message.Change   `json:"-"`    // decoded; zero when Body can't be
	Body    string           `json:"body"` // of the record; may hold a key in clear
	Reason  outcome.Reason   `json:"reason"`
	Found   finding.Findings `json:"findings"`
	Time    time.Time        `json:"time"`
	// MessageID is the record's: the same for each of its deliveries, and another one
	// after a redrive.
	MessageID string `json:"-"`
}

// deadLetter returns the dead letter of a rejected change.
func (c *change) deadLetter(d decision, now time.Time) DeadLetter {
	result := c.outcome(d)
	return DeadLetter{
		ID: c.id(), MessageID: result.MessageID, Message: c.message, Body: c.record.Body,
		Reason: *result.Error, Found: result.Findings, Time: now.UTC(),
	}
}

// id is that of the change, or of the record when there is none in it.
func (c *change) id() string {
	if c.message.EventID == "" {
		return c.record.MessageId
	}
	return c.message.DeduplicationID()
}
