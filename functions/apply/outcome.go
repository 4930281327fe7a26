package apply

import (
	"encoding/json"
	"time"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/finding"
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

// published returns what there is to publish of the record, if anything: confirm will
// not look at it. In the mode plan a change that would alter nothing is planned, too.
func (c *change) published(now time.Time, plan bool) (outcome.Outcome, bool) {
	o := outcome.Outcome{
		RegionID: c.message.RegionID, VpnConnectionID: c.outcome.VpnConnectionID, RequestID: c.outcome.RequestID,
		EventIDs: []string{c.outcome.EventID}, Time: now.UTC(),
		Reason: c.outcome.Error, Findings: c.outcome.Findings, Differences: c.outcome.Differences,
	}
	switch {
	case c.outcome.Status == outcome.Rejected:
		o.Status = outcome.Rejected
	case c.outcome.Status == outcome.Unchanged && len(c.left) == 0 && len(c.lost) > 0:
		o.Status = outcome.Superseded
	case c.outcome.Status == outcome.Planned, plan && c.outcome.Status == outcome.Unchanged:
		o.Status = outcome.Planned
	default:
		return o, false
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
