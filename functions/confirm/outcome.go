package confirm

import "time"

// Status says what became of a field, or of all that a message asked for.
type Status string

// What can become of a field. The outcome as a whole has the worst of its fields,
// in this order from good to bad; it is superseded only when all fields are.
const (
	Settled    Status = "settled"    // the attachment is as asked
	Superseded Status = "superseded" // a newer event owns the field
	Unverified Status = "unverified" // the service masks the secret
	Drifted    Status = "drifted"    // at the deadline, the attachment is not as asked
	Failed     Status = "failed"     // the attachment is gone, or it did not settle, or it could not be looked at
)

// Outcome is the event that confirm publishes. It is reported only: nothing is
// applied again.
type Outcome struct {
	RegionID        string            `json:"regionId"`
	VpnConnectionID string            `json:"vpnConnectionId"`
	RequestID       string            `json:"requestId"`
	EventIDs        []string          `json:"eventIds"`
	Status          Status            `json:"status"`
	Fields          map[string]Status `json:"fields"`            // by the field's name
	State           string            `json:"state"`             // of the connection, as Describe has it
	Negotiation     string            `json:"negotiation"`       // Status of a single-tunnel connection, such as ipsec_sa_established
	Tunnels         []Tunnel          `json:"tunnels,omitempty"` // of a dual-tunnel connection
	Error           string            `json:"error,omitempty"`   // why it failed
	Time            time.Time         `json:"time"`
}

// Tunnel is the state of one tunnel.
type Tunnel struct {
	Index       int    `json:"index"`
	State       string `json:"state"`       // such as active
	Negotiation string `json:"negotiation"` // such as ipsec_sa_established
}
