package rotate

import (
	"time"

	"vpnattach/shared/outcome"
)

// Where results are published, as events of Amazon EventBridge with the source of
// outcomes.
const DetailType = "VPN Key Rotation Result"

// Status is the result of a step, or of a rotation.
type Status string

// The results.
const (
	Rotated    Status = "rotated"     // both ends have the new key, the tunnel is up, and AWSCURRENT has moved
	Followed   Status = "followed"    // our end has the key of the secret, and the tunnel is up
	Planned    Status = "planned"     // everything was checked, and nothing was changed
	Refused    Status = "refused"     // a condition does not hold, and nothing was touched
	TakenBack  Status = "taken-back"  // both ends have the key of AWSCURRENT again
	Waiting    Status = "waiting"     // the time was up, or a call failed; the next call goes on
	KeysDiffer Status = "keys-differ" // the two ends have, or may have, different keys: the alarm
)

// Result is what has become of a rotation, or of a step that failed: the detail of the
// event that is published, and a line of the log. It holds no secret.
type Result struct {
	Status    Status              `json:"status"`
	SecretID  string              `json:"secretId"`
	VersionID string              `json:"versionId"` // of the secret: the ClientRequestToken
	Step      string              `json:"step"`
	Time      time.Time           `json:"time"`
	Reason    *outcome.Reason     `json:"reason,omitempty"`
	Ends      []End               `json:"ends,omitempty"` // of the tunnel, ours first
	Diagnoses []outcome.Diagnosis `json:"diagnoses,omitempty"`
}

// End is one end of a tunnel.
type End struct {
	Cloud           string `json:"cloud"` // "Alibaba Cloud" or "AWS"
	RegionID        string `json:"regionId,omitempty"`
	VpnConnectionID string `json:"vpnConnectionId"`
	Tunnel          string `json:"tunnel"`           // its index, or its outside address
	State           string `json:"state,omitempty"`  // of the tunnel, or of its provisioning
	Status          string `json:"status,omitempty"` // of the negotiation, or of the telemetry
	Key             string `json:"key"`              // "AWSCURRENT", "AWSPENDING", "another" or "unknown"
}
