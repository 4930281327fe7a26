package outcome

import (
	"slices"
	"time"
)

// Established is the Status of a connection or tunnel that is up.
const Established = "ipsec_sa_established"

// Diagnosis is what the service says of a tunnel that is not up, or may go down: the
// answer of DiagnoseVpnConnections in words of the table of causes. It holds no secret,
// and nothing of the tunnel's log.
type Diagnosis struct {
	Tunnel   int       `json:"tunnel,omitempty"`   // its index; absent for a single-tunnel connection, and where nobody could say why
	Severity string    `json:"severity,omitempty"` // Critical or Warn; absent when there was no answer
	Code     string    `json:"code"`               // such as PskMismatch
	Cause    string    `json:"cause"`              // in plain words
	Ours     string    `json:"ours,omitempty"`     // what the attachment has, where both ends differ
	Theirs   string    `json:"theirs,omitempty"`   // what the other end has
	Remedy   string    `json:"remedy"`             // what to do about it
	Since    time.Time `json:"since,omitzero"`
}

// Down reports whether a tunnel that the diagnoses are about is not up.
func (o *Outcome) Down() bool {
	return slices.ContainsFunc(o.Diagnoses, func(d Diagnosis) bool {
		if len(o.Tunnels) == 0 {
			return o.Negotiation != Established
		}
		return slices.ContainsFunc(o.Tunnels, func(t Tunnel) bool {
			return (d.Tunnel == t.Index || d.Tunnel == 0) && t.Negotiation != Established // 0: nobody could say why
		})
	})
}
