package ingest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/rules"
	"vpnattach/shared/message"
	"vpnattach/shared/outcome"
	"vpnattach/shared/webhook"
)

// Names in [Config.Sources] of what has neither an ARN nor the source of an
// EventBridge event.
const (
	Webhook = "webhook" // signed HTTP requests; "webhook:NAME" those of one sender
	Direct  = "invoke"  // an invocation by anyone with the permission for it
)

// Config is what a Handler needs. All functions must be safe for concurrent use.
type Config struct {
	// Rules make changes of events; nil: only change documents are known.
	Rules *rules.Set
	// RulesNow takes the place of Rules where they can change: it returns those in force.
	// After an error, events have to come again. nil: Rules counts.
	RulesNow func(ctx context.Context) (*rules.Set, error)
	// Send puts the messages into the queue, all of them or with an error. After an
	// error the same may be sent again, some of them being in the queue already: the
	// deduplication id makes that harmless.
	Send func(ctx context.Context, messages []message.Change) error
	// DeadLetter keeps what was refused. It may be told of the same twice, under the
	// same ID.
	DeadLetter func(ctx context.Context, d DeadLetter) error
	// FirstSeen remembers t as the time at which the id was first seen, and returns
	// what it has remembered for that id before, if it has. The id is 64 hexadecimal
	// digits.
	FirstSeen func(ctx context.Context, id string, t time.Time) (time.Time, error)
	// Senders returns who may send webhooks, and how each of them signs; nil: every
	// request is refused.
	Senders func(ctx context.Context) (*webhook.Senders, error)
	// Remember remembers that the webhook of that id has been taken, and Known reports
	// whether one has. The id is 64 hexadecimal digits. Both are needed with Senders.
	Remember func(ctx context.Context, id string) error
	Known    func(ctx context.Context, id string) (bool, error)
	// Report receives the counts of each invocation; nil: they are not counted.
	Report func(ctx context.Context, c Counts)

	// Sources may send change documents without a rule: ARNs of queues, topics and
	// streams, sources of EventBridge events, [Webhook], [Direct]. A "*" at the end of
	// one stands for any rest.
	Sources []string
	// AnySource lets every source send change documents, one without a name too, as on
	// one machine.
	AnySource bool
	// Redrive is the ARN of the queue that failed events are moved to, to be tried
	// again; empty: no such queue. A message in it is judged by the source that it had
	// at first, not as one from that queue; see Trust in the package's text.
	Redrive string
	Peer    string           // a profile of [attachment.Peers], or empty
	MaxBody int              // bytes that the body of an HTTP request may have; default 256 KiB
	Margin  time.Duration    // before the context's deadline, kept for the answer; default 1 second
	Now     func() time.Time // default [time.Now]
	Log     zerolog.Logger   // the zero value logs nothing
}

// Validate names what is missing or can't be meant.
func (c *Config) Validate() error {
	switch {
	case c.Send == nil:
		return errors.New("ingest: no queue for changes")
	case c.DeadLetter == nil:
		return errors.New("ingest: no dead letters")
	case c.FirstSeen == nil:
		return errors.New("ingest: no memory of the ids seen")
	case c.Senders != nil && (c.Remember == nil || c.Known == nil):
		return errors.New("ingest: no memory of the webhooks taken")
	case c.Peer != "" && !attachment.KnownPeer(c.Peer):
		return fmt.Errorf("ingest: unknown peer profile %q; known profiles: %s", c.Peer, attachment.PeerNames())
	case c.Redrive != "" && !strings.HasPrefix(c.Redrive, "arn:"):
		return fmt.Errorf("ingest: redrive %q: write the ARN of a queue", c.Redrive)
	case c.MaxBody < 0 || c.Margin < 0:
		return errors.New("ingest: a limit below zero")
	}
	for _, source := range c.Sources {
		if source == "" || strings.Contains(strings.TrimSuffix(source, "*"), "*") {
			return fmt.Errorf("ingest: source %q: write a name or an ARN, with a * at its end at most", source)
		}
	}
	return nil
}

// lists reports whether the source may send change documents.
func (c *Config) lists(source string) bool {
	if c.AnySource {
		return true
	}
	for _, listed := range c.Sources {
		prefix, open := strings.CutSuffix(listed, "*")
		// What is sent to the queue of redriven events may be anybody's, so that one has to
		// be listed by its whole name.
		if source != "" && (source == listed || listed == Webhook && isWebhook(source) || open && source != c.Redrive && strings.HasPrefix(source, prefix)) {
			return true
		}
	}
	return false
}

// DeadLetter is what was refused, with all that a person needs to decide what to do
// about it. Sending Body again to the queue [Config.Redrive], with Source as the
// message's attribute of that name, is a redrive.
type DeadLetter struct {
	ID       string           `json:"id"`       // the same for the same delivery by its source
	Name     string           `json:"name"`     // what its source calls it; may be empty
	Body     string           `json:"body"`     // the event or record as it came, but with *** for what is named like a key
	Source   string           `json:"source"`   // as in [Config.Sources]
	EventIDs []string         `json:"eventIds"` // of the events with errors, as far as they are known
	Findings finding.Findings `json:"findings"` //
	Reason   outcome.Reason   `json:"reason"`   // the first error
	Time     time.Time        `json:"time"`     // at which it was refused
}

// Counts are the results of one invocation.
type Counts struct {
	Accepted int // changes that are in the queue
	Ignored  int // events that ask for no change
	Repeated int // webhooks that have been taken before
	Rejected int // requests, records and events with errors
	Unsigned int // requests without a good signature
	NoSecret int // requests that could not be verified, since no usable secret is known
	Kept     int // requests, records and events that have to come again
}
