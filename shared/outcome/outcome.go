package outcome

import (
	_ "embed"
	"slices"
	"strings"
	"time"

	"vpnattach/shared/attachment"
)

// Status says what became of a field, or of all that an outcome is about.
type Status string

// What can become of a change. Of those that confirm finds, an outcome as a whole has
// the worst of its fields, in this order from good to bad; it is superseded only when
// all fields are.
const (
	Settled    Status = "settled"    // the attachment is as asked
	Superseded Status = "superseded" // a newer event owns the field
	Unverified Status = "unverified" // the service masks the secret
	Drifted    Status = "drifted"    // at the deadline, the attachment is not as asked
	Failed     Status = "failed"     // the attachment is gone, or it did not settle, or it could not be looked at

	Rejected Status = "rejected" // nothing was changed, and the change is among the dead letters
	Planned  Status = "planned"  // nothing was changed, because the mode is plan
)

// Where outcomes are published, as events of Amazon EventBridge.
const (
	Source     = "vpnattach"                     // the event's source
	DetailType = "VPN Attachment Change Outcome" // the event's detail-type
)

// Outcome is what became of one or more changes of an attachment: the detail of the
// event that is published, at least once. It holds no secret. Its JSON Schema is
// [Schema].
type Outcome struct {
	RegionID        string    `json:"regionId"`
	VpnConnectionID string    `json:"vpnConnectionId"`
	RequestID       string    `json:"requestId"` // of the Modify call; empty when none was needed or made
	EventIDs        []string  `json:"eventIds"`
	Status          Status    `json:"status"`
	Time            time.Time `json:"time"` // when this was found

	// What confirm found.
	Fields      map[string]Status `json:"fields,omitempty"`      // by the field's name, as in the ledger
	State       string            `json:"state,omitempty"`       // of the connection, as Describe has it
	Negotiation string            `json:"negotiation,omitempty"` // Status of a single-tunnel connection, such as ipsec_sa_established
	Tunnels     []Tunnel          `json:"tunnels,omitempty"`     // of a dual-tunnel connection
	// SettleMillis is the time from the answer of Modify until this was found, in
	// milliseconds; absent when nothing was sent.
	SettleMillis int64 `json:"settleMillis,omitempty"`

	// Why it failed or was rejected; what is planned.
	Reason      *Reason                 `json:"reason,omitempty"`
	Findings    attachment.Findings     `json:"findings,omitempty"`
	Differences []attachment.Difference `json:"differences,omitempty"`
	LeftOut     int                     `json:"leftOut,omitempty"` // how many findings [Outcome.Fit] has left out
}

// An event has a limited size, and a change can have more findings than that.
const (
	maxFindings = 100
	maxText     = 1000 // bytes of one value or message
)

// Fit leaves out and shortens what would make the event too large: findings beyond
// the first hundred, and the rest of long values. The log has no more than that.
func (o *Outcome) Fit() {
	if n := len(o.Findings); n > maxFindings {
		o.LeftOut, o.Findings = n-maxFindings, o.Findings[:maxFindings]
	}
	o.Findings, o.Differences = slices.Clone(o.Findings), slices.Clone(o.Differences)
	for i := range o.Findings {
		o.Findings[i].Message = short(o.Findings[i].Message)
	}
	for i := range o.Differences {
		d := &o.Differences[i]
		d.From, d.To = short(d.From), short(d.To)
	}
}

func short(text string) string {
	if len(text) <= maxText {
		return text
	}
	return strings.ToValidUTF8(text[:maxText], "") + "…"
}

// Tunnel is the state of one tunnel.
type Tunnel struct {
	Index       int    `json:"index"`
	State       string `json:"state"`       // such as active
	Negotiation string `json:"negotiation"` // such as ipsec_sa_established
}

//go:embed outcome.schema.json
var schema []byte

// Schema returns the JSON Schema (2020-12) of the published event.
func Schema() []byte { return schema }
