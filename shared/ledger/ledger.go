package ledger

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"
)

// Stamp is an event's place in the order of all events: by time, way, sequence, id,
// source and part, each where those before it are equal. The zero Stamp is older than
// any event.
type Stamp struct {
	Time time.Time `json:"time"` // the event's own
	// Way and Sequence are the ARN of the stream or FIFO queue that the event has come
	// by and the number that it has there, in decimal digits. Both are empty for an event
	// with an id of its own, which may come by several ways, and in entries that were
	// written before stamps had them. Numbers of different ways say nothing about each
	// other, so the way comes first: were it passed over for events without a number,
	// three events could each be newer than another.
	Way      string `json:"way,omitempty"`
	Sequence string `json:"sequence,omitempty"`
	EventID  string `json:"id"`
	// Source is the event's, since ids are unique only within one. It is absent from
	// entries that were written before stamps had it, and from events without any.
	Source string `json:"source,omitempty"`
	// Part tells the changes of one event from each other when rules make several of
	// it, so that no two changes have the same place: "rule#element", ordered by the
	// rule's name and the element's number. Empty for a change document.
	Part string `json:"part,omitempty"`
}

// Compare returns -1 when s is older than other, 0 when they are the same, +1 when s
// is newer.
func (s Stamp) Compare(other Stamp) int {
	return cmp.Or(s.Time.Compare(other.Time), cmp.Compare(s.Way, other.Way), compareNumbers(s.Sequence, other.Sequence),
		cmp.Compare(s.EventID, other.EventID), cmp.Compare(s.Source, other.Source), compareParts(s.Part, other.Part))
}

// compareNumbers compares decimal digits of any length by their value; none is zero.
func compareNumbers(a, b string) int {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}

func compareParts(a, b string) int {
	ruleA, elementA := splitPart(a)
	ruleB, elementB := splitPart(b)
	return cmp.Or(cmp.Compare(ruleA, ruleB), cmp.Compare(elementA, elementB), cmp.Compare(a, b))
}

func splitPart(part string) (rule string, element int) {
	i := strings.LastIndexByte(part, '#')
	if i < 0 {
		return part, 0
	}
	element, _ = strconv.Atoi(part[i+1:])
	return part[:i], element
}

// Key names an attachment.
type Key struct{ RegionID, VpnConnectionID string }

// String returns region and id with a slash between them.
func (k Key) String() string { return k.RegionID + "/" + k.VpnConnectionID }

// Entry is what is recorded for one attachment. The zero Entry is that of an
// attachment that no event has changed yet.
type Entry struct {
	Fields  map[string]Stamp // by the field's name: "Name", "IkeConfig.Psk", "Tunnel.1.EnableDpd"
	Call    Call             // the latest one; zero before the first
	Version uint64           // counts the writes; see [Store]
}

// Call is a call that changes an attachment. It is recorded before it is made, so that
// after a crash it is known that it may have been carried out. Its digests are
// keyed.
type Call struct {
	// Number counts the requests for the attachment: it is another one when the request is
	// not the one before it. So a request that is repeated has the same number, and
	// one that is made again after another request has a new one.
	Number  uint64            `json:"number,omitempty"`
	Request string            `json:"request,omitempty"` // a digest of its events and parameters
	Sent    time.Time         `json:"sent,omitzero"`     // just before it was made
	Asked   map[string]string `json:"asked,omitempty"`   // by the field's name, digests of the value and of the one before; nil once the service has refused it
	Before  []string          `json:"before,omitempty"`  // the negotiation's Status of each tunnel before it; nil once its fields are recorded, or it was refused
}

// Merge returns the entry with the newer stamp of each field, in the same version,
// and whether that is more than the entry had: then nobody asks any more what was before
// the call. The entry itself stays as it is.
func (e Entry) Merge(fields map[string]Stamp) (Entry, bool) {
	merged, grown := e, false
	merged.Fields = maps.Clone(e.Fields)
	if merged.Fields == nil {
		merged.Fields = make(map[string]Stamp, len(fields))
	}
	for name, stamp := range fields {
		if have, ok := merged.Fields[name]; !ok || stamp.Compare(have) > 0 {
			merged.Fields[name], grown = stamp, true
		}
	}
	if grown {
		merged.Call.Before = nil
	}
	return merged, grown
}

// ErrConflict is returned by [Store.Save] when the entry has been written since it
// was loaded.
var ErrConflict = errors.New("ledger: the entry has been written since it was loaded")

// Store keeps entries. It is safe for concurrent use.
type Store interface {
	// Load returns the entry, the zero Entry for an attachment without one.
	Load(ctx context.Context, key Key) (Entry, error)
	// Save writes the entry if what is stored still has its Version, and stores it
	// with the next one; else it returns [ErrConflict]. After any other error the
	// entry may have been written or not.
	Save(ctx context.Context, key Key, entry Entry) error
}

// conflicts is how many times Record reads again before it gives up.
const conflicts = 10

// Record brings the newer stamp of each field into the store, reading again when
// another writer was faster, and returns the entry as it is then. entry is what was
// loaded before; nothing is written when it has all of it already.
func Record(ctx context.Context, store Store, key Key, entry Entry, fields map[string]Stamp) (Entry, error) {
	for range conflicts {
		merged, grown := entry.Merge(fields)
		if !grown {
			return entry, nil
		}
		err := store.Save(ctx, key, merged)
		if err == nil {
			merged.Version++
			return merged, nil
		}
		if !errors.Is(err, ErrConflict) {
			return entry, fmt.Errorf("write the ledger of %s: %w", key, err)
		}
		if entry, err = store.Load(ctx, key); err != nil {
			return entry, fmt.Errorf("read the ledger of %s: %w", key, err)
		}
	}
	return entry, fmt.Errorf("write the ledger of %s: %w", key, ErrConflict)
}
