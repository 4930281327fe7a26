package message

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"vpnattach/shared/core/secret"
	"vpnattach/shared/ledger"
)

// Check asks for the confirmation of what has been applied to one attachment. It
// holds no secret.
type Check struct {
	RegionID        string    `json:"regionId"`
	VpnConnectionID string    `json:"vpnConnectionId"`
	RequestID       string    `json:"requestId,omitempty"` // of the Modify call; empty when nothing differed, or no answer came
	EventIDs        []string  `json:"eventIds"`
	ChangeIDs       []string  `json:"changeIds,omitempty"`   // see [Change.DeduplicationID]
	TraceIDs        []string  `json:"traceIds,omitempty"`    // of the traces that the events belong to
	Credentials     string    `json:"credentials,omitempty"` // the profile that the rule has chosen
	Sent            time.Time `json:"sent,omitzero"`         // when Modify was answered, or sent where no answer came
	Asked           []Asked   `json:"asked"`
	Deadline        time.Time `json:"deadline"` // when drift is reported
	// Within is how long before the Deadline the message was made, so that a clock that has
	// been set back since does not put it off; 0 in older messages.
	Within   time.Duration `json:"within,omitempty"`
	Attempts int           `json:"attempts,omitempty"` // how often it has been looked at

	// Before are the Status of the negotiation before the change, such as
	// ipsec_sa_established: of each tunnel in its order, or of a single-tunnel connection.
	Before  []string  `json:"before,omitempty"`
	Settled time.Time `json:"settled,omitzero"` // when it was first found as asked, while a tunnel is still waited for
	// BothEnds says that the other end is changed with this one, which takes minutes: the
	// tunnels have until the Deadline to come up.
	BothEnds bool `json:"bothEnds,omitempty"`
}

// Asked is one field as an event asked for it.
type Asked struct {
	Field  string       `json:"field"` // as in the ledger
	Stamp  ledger.Stamp `json:"stamp"`
	Value  string       `json:"value,omitempty"`  // of a field that is not a secret
	Digest string       `json:"digest,omitempty"` // of a secret, see [Digest]; empty for a masked key that was left out
}

// Digest replaces a secret in a message: an HMAC-SHA256 in hexadecimal digits. The key
// keeps anyone who reads the queue from guessing pre-shared keys; apply and confirm
// need the same.
func Digest(key secret.Secret, value string) string {
	mac := hmac.New(sha256.New, []byte(key.Reveal()))
	mac.Write([]byte("vpnattach confirm\n" + value))
	return hex.EncodeToString(mac.Sum(nil))
}

// Encode returns the message as JSON.
func (m *Check) Encode() (string, error) {
	data, err := json.Marshal(m)
	if err != nil {
		return "", fmt.Errorf("check message: %w", err)
	}
	return string(data), nil
}

// DecodeCheck reads what [Check.Encode] wrote.
func DecodeCheck(text string) (Check, error) {
	var m Check
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		return m, fmt.Errorf("check message: %w", err)
	}
	if m.RegionID == "" || m.VpnConnectionID == "" || m.Deadline.IsZero() {
		return m, fmt.Errorf("check message: region, attachment or deadline is missing")
	}
	return m, nil
}
