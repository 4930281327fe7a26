package message

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/event"
	"vpnattach/shared/core/pipeline"
	"vpnattach/shared/ledger"
)

// Change is a change on its way through the queue.
type Change struct {
	EventID         string          `json:"eventId"`
	Time            time.Time       `json:"time"`               // the event's own
	Way             string          `json:"way,omitempty"`      // with Sequence: the Series of an [event.Record]
	Sequence        string          `json:"sequence,omitempty"` //
	Source          string          `json:"source,omitempty"`
	Rule            string          `json:"rule,omitempty"`        // empty: the event was a change document
	Element         int             `json:"element,omitempty"`     // of the rule's each; -1 without
	Credentials     string          `json:"credentials,omitempty"` // the profile that the rule has chosen
	TraceID         string          `json:"traceId,omitempty"`     // see [TraceID]
	RegionID        string          `json:"regionId"`
	VpnConnectionID string          `json:"vpnConnectionId"`
	Fate            bool            `json:"fate,omitempty"` // a rotation waits for its [ledger.Fate]
	Change          json.RawMessage `json:"change"`         // the change document; may hold a key in clear
}

// NewChange makes the message of a result that holds a change without errors. The
// event needs an id and a time; the caller sets them when the source gave none.
func NewChange(r *pipeline.Result) (Change, error) {
	if r.Change == nil || r.Findings.HasError() {
		return Change{}, errors.New("change message: the result holds no valid change")
	}
	m := Change{
		EventID: r.Record.ID, Time: r.Time, Way: r.Record.Series, Sequence: r.Record.Sequence, Source: r.Record.Source, Rule: r.Rule, Element: r.Element, Credentials: r.Credentials,
		RegionID: r.Change.Text(attachment.RegionID), VpnConnectionID: r.Change.Text(attachment.VpnConnectionID),
		Change: r.Change.AppendJSON(nil, true),
	}
	return m, m.check()
}

func (m *Change) check() error {
	switch {
	case m.EventID == "":
		return errors.New("change message: no event id")
	case m.Time.IsZero():
		return errors.New("change message: no event time")
	case !event.InRange(m.Time):
		return errors.New("change message: the event time is before 1970 or after 2261")
	case m.RegionID == "" || m.VpnConnectionID == "":
		return errors.New("change message: no region or no attachment")
	case max(len(m.EventID), len(m.Source), len(m.Way), len(m.Sequence)) > event.MaxName: // the ledger keeps them with each field
		return fmt.Errorf("change message: the event's id, source, way or sequence has more than %d bytes", event.MaxName)
	}
	return nil
}

// Encode returns the message as JSON, the body of a record.
func (m *Change) Encode() (string, error) {
	data, err := json.Marshal(m)
	if err != nil {
		return "", fmt.Errorf("change message: %w", err)
	}
	return string(data), nil
}

// DecodeChange reads what [Change.Encode] wrote. Its errors don't show the text.
func DecodeChange(text string) (Change, error) {
	var m Change
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		return Change{}, errors.New("change message: not valid JSON of a change message")
	}
	return m, m.check()
}

// Stamp returns the change's place in the order of all changes.
func (m *Change) Stamp() ledger.Stamp {
	s := ledger.Stamp{Time: m.Time.UTC(), Way: m.Way, Sequence: m.Sequence, EventID: m.EventID, Source: m.Source}
	if m.Rule != "" {
		s.Part = m.Rule + "#" + strconv.Itoa(m.Element)
	}
	return s
}

// Key names the attachment.
func (m *Change) Key() ledger.Key {
	return ledger.Key{RegionID: m.RegionID, VpnConnectionID: m.VpnConnectionID}
}

// Group returns the FIFO group that the message belongs to.
func (m *Change) Group() string { return m.VpnConnectionID }

// DeduplicationID identifies the change, in 64 hexadecimal digits: the hash of source, event id, rule, element, region and
// attachment.
func (m *Change) DeduplicationID() string {
	hash := sha256.New()
	for _, part := range []string{m.Source, m.EventID, m.Rule, strconv.Itoa(m.Element), m.RegionID, m.VpnConnectionID} {
		fmt.Fprintf(hash, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(hash.Sum(nil))
}

// Record returns the message as a FIFO queue delivers it. received counts its
// deliveries, this one included.
func (m *Change) Record(messageID, receipt string, received int) (events.SQSMessage, error) {
	body, err := m.Encode()
	return events.SQSMessage{
		MessageId: messageID, ReceiptHandle: receipt, Body: body,
		Attributes: map[string]string{
			"MessageGroupId": m.Group(), "MessageDeduplicationId": m.DeduplicationID(),
			"ApproximateReceiveCount": strconv.Itoa(received),
		},
	}, err
}
