package probe

import (
	"cmp"
	"errors"
	"regexp"
	"strings"
	"time"

	"vpnattach/shared/outcome"
	"vpnattach/shared/vpc"
)

// Report is what a run has found out. Times are in milliseconds.
type Report struct {
	Region          string `json:"region"`
	VpnConnectionID string `json:"vpnConnectionId,omitempty"` // with [Config.IDs]

	Answer   *Reading  `json:"answer,omitempty"` // nil: DescribeVpnConnection has not answered
	Clock    *Clock    `json:"clock,omitempty"`  // nil: the answer had no date
	Limits   []Header  `json:"rateLimits"`       // seen in any answer, the latest value of each
	Calls    []Call    `json:"calls"`            // in their order
	Write    *Write    `json:"write,omitempty"`  // nil: nothing was sent
	Settings []Setting `json:"settings"`         // that it recommends
	Error    *Failure  `json:"error,omitempty"`  // why it has ended early
}

// Clock is this machine's clock beside that of the service.
type Clock struct {
	AheadSeconds  float64 `json:"aheadSeconds"`  // below 0: it is behind
	WithinSeconds float64 `json:"withinSeconds"` // how exact that is
}

// Header is a header of an answer.
type Header struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Call is one request and its result.
type Call struct {
	Action     string `json:"action"`
	Millis     int64  `json:"millis"`
	Code       string `json:"code,omitempty"`             // of the failure; empty: success
	RetryAfter int64  `json:"retryAfterMillis,omitempty"` // that the service asks for
	RequestID  string `json:"requestId,omitempty"`        // with [Config.IDs]
}

// Write is what a change of the name has shown.
type Write struct {
	Refused  string `json:"refused,omitempty"` // the code with which the first request was refused; nothing has changed then
	Repeated string `json:"repeated,omitempty"`
	// Seen are the states since the first request was accepted, each when it was first seen.
	Seen           []Sight  `json:"seen"`
	VisibleMillis  int64    `json:"visibleMillis,omitempty"` // until Describe showed anything of the change; 0: not seen
	SettledMillis  int64    `json:"settledMillis,omitempty"` // until the attachment was at rest with the new name; 0: not seen
	ChangedBesides []string `json:"changedBesides"`          // parameters that changed though they were not sent, or sent as they were
	Restored       bool     `json:"restored"`                // Describe shows the old name again, at rest
	RestoreMillis  int64    `json:"restoreMillis,omitempty"`
}

// What a second request with the same ClientToken did.
const (
	RepeatedSame    = "same"    // accepted with the first one's request id: one change
	RepeatedAnother = "another" // accepted with a request id of its own: one change or two
	RepeatedLost    = "lost"    // accepted, after the first one's answer was lost
)

// Sight is what Describe has shown at one time.
type Sight struct {
	AfterMillis int64    `json:"afterMillis"`
	State       string   `json:"state"`
	Status      string   `json:"status"`
	Tunnels     []string `json:"tunnels,omitempty"` // states
	Name        string   `json:"name"`              // "before", "changed" or "other"
}

// Setting is a recommendation.
type Setting struct {
	Name  string `json:"name"`
	Value string `json:"value"` // empty: as it is by default
	Of    string `json:"of"`    // "template", "serve", or empty for this machine
	Why   string `json:"why"`
}

// Failure is why a run has ended early.
type Failure struct {
	Code    string `json:"code,omitempty"`
	Message string `json:"message"`
	Remedy  string `json:"remedy,omitempty"`
}

// idLike are ids of resources, requests, keys and accounts, and addresses.
var idLike = regexp.MustCompile(`(?i)request id \S+|\b(?:vco|tun|cgw|vpn|vgw|tr|cen|rg|eip)-[a-z0-9-]*[0-9][a-z0-9-]*|\b(?:acs|arn):\S+|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b(?:LTAI|STS\.|AKIA|ASIA)\w+|\b(?:\d{1,3}\.){3}\d{1,3}\b`)

const hidden = "***"

// hide removes ids from a text, unless they are wanted.
func (r *run) hide(text string) string {
	if r.config.IDs {
		return text
	}
	return idLike.ReplaceAllString(strings.ReplaceAll(text, r.config.ID, hidden), hidden)
}

// failure writes an error for the report.
func (r *run) failure(err error) *Failure {
	if lost, ok := errors.AsType[*NotRestoredError](err); ok {
		return &Failure{"not-restored", lost.Error(), "Restore it with the command."}
	}
	if known, ok := errors.AsType[*vpc.Error](err); ok {
		return &Failure{cmp.Or(known.Code, known.Row), r.hide(known.Message), r.hide(remedyOf(known))}
	}
	if why, ok := errors.AsType[outcome.Failure](err); ok {
		reason := why.Reason()
		return &Failure{reason.Code, r.hide(reason.Message), r.hide(reason.Remedy)}
	}
	if stopped, ok := errors.AsType[*stop](err); ok {
		return &Failure{stopped.code, stopped.message, stopped.remedy}
	}
	return &Failure{Message: r.hide(err.Error())}
}

// remedyOf is what to do about a failure when no event waits for it.
func remedyOf(failed *vpc.Error) string {
	switch failed.Class {
	case outcome.ClassBusy, outcome.ClassThrottled, outcome.ClassTransient:
		return "Run the probe again later."
	}
	remedy, _, _ := strings.Cut(failed.Remedy, " Then send a new event") // what the table ends with for changes
	return remedy
}

// stop is a reason of the probe's own to end.
type stop struct{ code, message, remedy string }

func (s *stop) Error() string { return s.message }

func millis(d time.Duration) int64 { return max(1, d.Milliseconds()) }
