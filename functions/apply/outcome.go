package apply

import (
	"encoding/json"
	"time"

	"vpnattach/shared/attachment"
)

// Status says what became of a record.
type Status string

// What can become of a record.
const (
	Applied   Status = "applied"   // sent, and taken by the service
	Unchanged Status = "unchanged" // the attachment was as asked, or newer events own all its fields
	Deferred  Status = "deferred"  // back on the queue
	Rejected  Status = "rejected"  // among the dead letters
	Planned   Status = "planned"   // would be sent, but for the mode plan
)

// Outcome is what became of one record in one delivery. It holds no secret.
type Outcome struct {
	EventID         string              `json:"eventId"`
	VpnConnectionID string              `json:"vpnConnectionId"`
	Status          Status              `json:"status"`
	RequestID       string              `json:"requestId"`   // of the Modify call
	ClientToken     string              `json:"clientToken"` // as sent
	Parameters      json.RawMessage     `json:"parameters"`  // an object: the RPC parameters as sent, secrets as ***
	Findings        attachment.Findings `json:"findings"`
	Error           *Error              `json:"error"` // why it was rejected or deferred; null otherwise

	// Differences are what would change, when planned.
	Differences []attachment.Difference `json:"-"`
	MessageID   string                  `json:"-"` // of the record
}

// Error says why a record was rejected or put off.
type Error struct {
	// Code is one of the service, the name of a row of [vpnattach/shared/vpc.Codes]
	// when the service gave none ("no answer"), the rule of a finding, or one of this
	// package such as "in-motion".
	Code    string `json:"code"`
	Message string `json:"message"`
	Remedy  string `json:"remedy"`
	Class   string `json:"class"` // of [vpnattach/shared/vpc.Class], such as "busy"
}

// DeadLetter is a rejected record with all that a person needs to decide what to do
// about it. Sending Body again is a redrive.
type DeadLetter struct {
	ID      string              `json:"id"`   // the same for the same change
	Message Message             `json:"-"`    // decoded; zero when Body can't be
	Body    string              `json:"body"` // of the record; may hold a key in clear
	Reason  Error               `json:"reason"`
	Found   attachment.Findings `json:"findings"`
	Time    time.Time           `json:"time"`
}
