package rotate

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"vpnattach/shared/core/secret"
	"vpnattach/shared/outcome"
)

// DetailType is that of the events of Amazon EventBridge as which results are published,
// with the source of outcomes.
const DetailType = "VPN Key Rotation Result"

// Status is the result of a step, or of a rotation.
type Status string

// The results.
const (
	Done       Status = "done"        // the step is done, and the rotation goes on
	Rotated    Status = "rotated"     // both ends have the new key, the tunnel is up, and AWSCURRENT has moved
	Followed   Status = "followed"    // our end has the key of the secret, and the tunnel is up
	Planned    Status = "planned"     // everything was checked, and nothing was changed
	Refused    Status = "refused"     // a condition does not hold, and nothing was touched
	TakenBack  Status = "taken-back"  // both ends have the key of AWSCURRENT again
	Waiting    Status = "waiting"     // the time was up, or a call failed; the next call goes on
	KeysDiffer Status = "keys-differ" // an end has another key than AWSCURRENT's, or may have: the alarm
)

// Result is what has become of a rotation, or of a step that failed: the detail of the
// event that is published. It holds no secret.
type Result struct {
	Status    Status              `json:"status"`
	SecretID  string              `json:"secretId"`
	VersionID string              `json:"versionId,omitempty"` // of the secret: the ClientRequestToken
	Step      string              `json:"step"`
	Time      time.Time           `json:"time"`
	Reason    *outcome.Reason     `json:"reason,omitempty"`
	Ends      []End               `json:"ends,omitempty"` // of the tunnel, ours first
	Diagnoses []outcome.Diagnosis `json:"diagnoses,omitempty"`
	Took      time.Duration       `json:"-"` // from when the first end was touched; of one that is rotated
}

// End is one end of a tunnel as it was last seen.
type End struct {
	Cloud           string `json:"cloud"` // Alibaba Cloud or AWS
	RegionID        string `json:"regionId,omitempty"`
	VpnConnectionID string `json:"vpnConnectionId"`
	Tunnel          string `json:"tunnel"`           // its index, or its outside address
	State           string `json:"state,omitempty"`  // of the connection
	Status          string `json:"status,omitempty"` // of the negotiation, or of the telemetry
	Key             string `json:"key"`              // AWSCURRENT, AWSPENDING, another or unknown
}

// String names the end, and says how it was last seen.
func (e End) String() string {
	text := fmt.Sprintf("tunnel %s of %s (%s", e.Tunnel, e.VpnConnectionID, e.Cloud)
	for _, part := range []string{e.State, e.Status} {
		if part != "" {
			text += ", " + part
		}
	}
	return text + ", key: " + e.Key + ")"
}

// failure is why a step fails.
type failure struct {
	status    Status
	reason    outcome.Reason
	diagnoses []outcome.Diagnosis
}

func (f *failure) Error() string { return f.reason.Code + ": " + f.reason.Message }

// Reason implements [outcome.Failure].
func (f *failure) Reason() outcome.Reason { return f.reason }

// refused is a condition that does not hold.
func refused(code, message, remedy string) *failure {
	return &failure{status: Refused, reason: outcome.Reason{Code: code, Message: message, Remedy: remedy, Class: outcome.ClassRejected}}
}

// waiting says that the next call goes on.
func waiting(for_ string) *failure {
	return &failure{status: Waiting, reason: outcome.Reason{Code: "waiting", Message: "the time of this call was up while it waited for " + for_,
		Remedy: "Nothing: the next call goes on.", Class: outcome.ClassBusy}}
}

// overtaken says that another call works on the rotation.
func overtaken() *failure {
	return &failure{status: Waiting, reason: outcome.Reason{Code: "overtaken", Message: "another call works on this rotation",
		Remedy: "Nothing: that call goes on.", Class: outcome.ClassBusy}}
}

func isOvertaken(err error) bool {
	var f *failure
	return errors.As(err, &f) && f.reason.Code == "overtaken"
}

// failed says what an error of a call means to a step: that it can be repeated.
func failed(what string, err error) *failure {
	var known *failure
	if errors.As(err, &known) {
		return known
	}
	why := *outcome.ReasonOf(err)
	why.Message = what + ": " + why.Message
	return &failure{status: Waiting, reason: why}
}

// result is that of a failure.
func (f *failure) result() Result {
	why := f.reason
	return Result{Status: f.status, Reason: &why, Diagnoses: f.diagnoses}
}

// Error is what a step returns when it fails. Its text names the tunnel and both ends.
type Error struct{ Result Result }

// Error says what has failed, why, and what to do.
func (e *Error) Error() string {
	r := &e.Result
	text := fmt.Sprintf("%s of %s", r.Step, r.SecretID)
	if r.VersionID != "" {
		text += ", version " + r.VersionID
	}
	text += fmt.Sprintf(": %s: %s: %s", r.Status, r.Reason.Code, r.Reason.Message)
	for _, d := range r.Diagnoses {
		text += "; " + d.Code + ": " + d.Cause
	}
	for i, end := range r.Ends {
		text += []string{"; ", " and "}[min(i, 1)] + end.String()
	}
	return text + ". " + r.Reason.Remedy
}

// hide takes keys out of what comes from outside, which should not hold them.
func hide(text *string, keys secret.List) {
	for i := range keys {
		if key := keys[i].Reveal(); key != "" {
			*text = strings.ReplaceAll(*text, key, secret.Redacted)
		}
	}
}

// hidden is the reason without the keys of the rotation.
func (r *rotation) hidden(why outcome.Reason) *outcome.Reason {
	for _, text := range []*string{&why.Code, &why.Message, &why.Remedy} {
		hide(text, secret.List{r.old.key, r.next.key})
	}
	return &why
}
