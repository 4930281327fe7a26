package apply

import (
	"encoding/json"
	"time"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/request"
	"vpnattach/shared/message"
	"vpnattach/shared/outcome"
)

// Outcome is what became of one record in one delivery. It holds no secret.
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
}

// outcome returns what is told of a decision on the change.
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

// published returns what there is to publish of the change, if anything: confirm will
// not look at it. In the mode plan a change that would alter nothing is planned, too.
func (c *change) published(d decision, now time.Time, plan bool) (outcome.Outcome, bool) {
	var status outcome.Status
	switch {
	case d.status == outcome.Rejected:
		status = outcome.Rejected
	case d.status == outcome.Unchanged && d.overtaken:
		status = outcome.Superseded
	case d.status == outcome.Planned, plan && d.status == outcome.Unchanged:
		status = outcome.Planned
	default:
		return outcome.Outcome{}, false
	}
	told := c.outcome(d)
	o := outcome.Outcome{
		RegionID: c.message.RegionID, VpnConnectionID: told.VpnConnectionID, RequestID: told.RequestID,
		EventIDs: []string{told.EventID}, Time: now.UTC(), Status: status,
		Reason: told.Error, Findings: told.Findings, Differences: told.Differences,
	}
	o.Fit()
	return o, true
}

// DeadLetter is a rejected record with all that a person needs to decide what to do
// about it. Sending Body again is a redrive.
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

// letter returns what is kept of the change among the dead letters.
func (c *change) letter(d decision, now time.Time) DeadLetter {
	told := c.outcome(d)
	letter := DeadLetter{
		ID: told.MessageID, MessageID: told.MessageID, Message: c.message, Body: c.record.Body,
		Reason: *told.Error, Found: told.Findings, Time: now.UTC(),
	}
	if c.message.EventID != "" {
		letter.ID = c.message.DeduplicationID()
	}
	return letter
}
