package outcome

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/finding"
)

// Status is the result of a field, of a change in one delivery, or of an outcome as a
// whole.
type Status string

// What apply finds of a change in one delivery. Only the last two are published.
const (
	Applied   Status = "applied"   // sent, and taken by the service
	Unchanged Status = "unchanged" // the attachment was as asked, or newer events own all its fields
	Deferred  Status = "deferred"  // back on the queue
	Ignored   Status = "ignored"   // an event that asks for no change
	Rejected  Status = "rejected"  // nothing was changed, and the change is among the dead letters
	Planned   Status = "planned"   // nothing was changed, because the mode is plan
)

// What confirm finds. An outcome as a whole has the worst of its fields, in this order
// from good to bad; it is superseded only when all fields are.
const (
	Settled    Status = "settled"    // the attachment is as asked
	Superseded Status = "superseded" // a newer event owns the field
	Unverified Status = "unverified" // the service masks the secret, or never shows the field
	Drifted    Status = "drifted"    // at the deadline, the attachment is not as asked
	Failed     Status = "failed"     // the attachment is gone, or it did not settle, or it could not be looked at
)

// Where outcomes are published, as events of Amazon EventBridge.
const (
	Source     = "vpnattach"                     // the event's source
	DetailType = "VPN Attachment Change Outcome" // the event's detail-type
)

// Outcome is the result of one or more changes of an attachment: the detail of the
// event that is published, at least once. It holds no secret. Its JSON Schema is
// [Schema].
type Outcome struct {
	ID              string    `json:"id"` // the same when the outcome is published again; see [NewID]
	RegionID        string    `json:"regionId"`
	VpnConnectionID string    `json:"vpnConnectionId"`
	RequestID       string    `json:"requestId"` // of the Modify call; empty when none was needed or made, or no answer came
	EventIDs        []string  `json:"eventIds"`
	TraceIDs        []string  `json:"traceIds,omitempty"` // of the traces that the events belong to
	Status          Status    `json:"status"`
	Time            time.Time `json:"time"` // when this was found

	// What confirm found.
	Fields      map[string]Status `json:"fields,omitempty"`      // by the field's name, as in the ledger
	State       string            `json:"state,omitempty"`       // of the connection, as Describe has it
	Negotiation string            `json:"negotiation,omitempty"` // Status of a single-tunnel connection, such as ipsec_sa_established
	Tunnels     []Tunnel          `json:"tunnels,omitempty"`     // of a dual-tunnel connection
	// Diagnoses say why tunnels are down: after drift and failure, and where a tunnel that
	// was up, or should have come up, is not.
	Diagnoses []Diagnosis `json:"diagnoses,omitempty"`
	// SettleMillis is the time from the answer of Modify until this was found, in
	// milliseconds, or from the call where no answer came; absent when nothing was sent.
	SettleMillis int64 `json:"settleMillis,omitempty"`

	// Why it failed or was rejected; what is planned.
	Reason      *Reason                 `json:"reason,omitempty"`
	Findings    finding.Findings        `json:"findings,omitempty"`
	Differences []attachment.Difference `json:"differences,omitempty"`
	LeftOut     int                     `json:"leftOut,omitempty"` // how many findings [Outcome.Fit] has left out
}

// NewID returns the id of an outcome of changes, given by their own ids in any order: a
// hash of these and the status, and for a rejected one also of the reason's code. An
// outcome can be published twice, after a crash or a lost answer, and then has the same.
func NewID(status Status, why *Reason, changeIDs []string) string {
	parts := append([]string{string(status), ""}, slices.Compact(slices.Sorted(slices.Values(changeIDs)))...)
	if status == Rejected && why != nil {
		parts[1] = why.Code // after a redrive it may be another, which is news
	}
	hash := sha256.New()
	for _, part := range parts {
		fmt.Fprintf(hash, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(hash.Sum(nil)[:16])
}

// Tunnel is the state of one tunnel.
type Tunnel struct {
	Index       int    `json:"index"`
	State       string `json:"state"`       // such as active
	Negotiation string `json:"negotiation"` // such as ipsec_sa_established
}

// An event has a limited size, and a change can have more findings than that.
const (
	maxFindings = 100
	maxText     = 500       // bytes of one value or message
	maxSize     = 200 << 10 // bytes of the whole
)

// Fit leaves out and shortens what would make the event too large: findings beyond
// the first hundred, and the rest of long texts.
func (o *Outcome) Fit() {
	all := len(o.Findings)
	o.Findings = slices.Clone(o.Findings[:min(all, maxFindings)])
	o.Differences = slices.Clone(o.Differences)
	for i := range o.Findings {
		f := &o.Findings[i]
		f.Path, f.Message, f.Hint = shorten(f.Path), shorten(f.Message), shorten(f.Hint)
	}
	for i := range o.Differences {
		d := &o.Differences[i]
		d.Path, d.From, d.To = shorten(d.Path), shorten(d.From), shorten(d.To)
	}
	if o.Reason != nil {
		why := *o.Reason
		why.Message, why.Remedy = shorten(why.Message), shorten(why.Remedy)
		o.Reason = &why
	}
	for o.size() > maxSize && len(o.Findings)+len(o.Differences) > 0 {
		o.Findings, o.Differences = o.Findings[:len(o.Findings)/2], o.Differences[:len(o.Differences)/2]
	}
	o.LeftOut = all - len(o.Findings)
}

func (o *Outcome) size() int {
	text, err := json.Marshal(o)
	if err != nil {
		return 0 // the sender reports the error
	}
	return len(text)
}

func shorten(text string) string {
	if len(text) <= maxText {
		return text
	}
	return strings.ToValidUTF8(text[:maxText], "") + "…"
}

//go:embed outcome.schema.json
var schema []byte

// Schema returns the JSON Schema (2020-12) of the published event.
func Schema() []byte { return schema }
