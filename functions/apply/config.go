package apply

import (
	"context"
	"errors"
	"time"

	"github.com/rs/zerolog"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/ledger"
	"vpnattach/shared/message"
	"vpnattach/shared/outcome"
	"vpnattach/shared/vpc"
)

// Service is the part of the VPC API that apply needs; [vpc.Client] is one.
type Service interface {
	Describe(ctx context.Context, regionID, vpnConnectionID string) (*attachment.Current, error)
	Modify(ctx context.Context, send *attachment.Change, eventIDs []string) (vpc.Answer, error)
}

// Config is what a Handler needs. All functions must be safe for concurrent use.
type Config struct {
	Service Service
	// Profile returns the service with the credentials of the profile that a rule has
	// chosen. An error means that the profile does not exist, and rejects the change.
	// nil: only the default profile exists.
	Profile func(ctx context.Context, name string) (Service, error)
	Ledger  ledger.Store
	// Confirm queues the message that asks for confirmation; nil: changes are not
	// confirmed.
	Confirm func(ctx context.Context, m message.Check) error
	// DeadLetter keeps rejected records, in the mode plan too. It may be called
	// twice for one record, with the same ID and MessageID. It returns an error for each
	// record, in their order, nil for one that is kept; no errors at all when all are.
	DeadLetter func(ctx context.Context, all []DeadLetter) []error
	// Visibility changes the visibility timeout of records that go back to the queue;
	// nil: the queue's own timeout counts.
	Visibility func(ctx context.Context, receipts []string, after time.Duration) error
	// Resolve fetches the secret that a dynamic reference stands for. An error that
	// wraps [secret.ErrUnresolvable] rejects the change; any other puts it off, and one
	// that wraps [secret.ErrDenied] counts as blocked. nil: changes
	// with references are rejected.
	Resolve func(ctx context.Context, r secret.Reference) (secret.Secret, error)
	// Publish is called, at least once, with the outcomes of changes that confirm does
	// not see: planned or superseded ones, and rejected ones once their dead letters are
	// kept. Its errors are as those of DeadLetter. nil: not published.
	Publish func(ctx context.Context, all []outcome.Outcome) []error
	// Fate records what has become of a change whose message asks for it, by its
	// deduplication id. The change goes back to the queue when that fails. nil: not recorded.
	Fate func(ctx context.Context, id string, fate ledger.Fate) error
	// Waiting records that a change of the attachment goes back to the queue, and by when it
	// has been delivered again. Whether that fails does not matter to the change. nil: not
	// recorded.
	Waiting func(ctx context.Context, key ledger.Key, until time.Time) error
	// Report is called with the outcome of each record, once per delivery; nil: not
	// reported.
	Report func(ctx context.Context, o Outcome)

	Plan bool // do everything but change: outcomes are planned
	// OmitMasked leaves a masked key out of a phase 1 that changes, in place of rejecting
	// the change; see [attachment.Current].
	OmitMasked bool
	Peer       string        // a profile of [attachment.Peers], or empty
	DigestKey  secret.Secret // of the digests in confirm messages and in the ledger; mandatory
	Margin     time.Duration // before the context's deadline, when calls of the service end; the last third is for the answer; default 3 seconds
	// MaxAge is how long a record may be in the queue before it becomes a dead letter,
	// which must be before the queue itself removes it; 0: no limit.
	MaxAge time.Duration
	// Lag is how long Describe may show an attachment as it was before a call; default 5
	// minutes. So long a change waits when a crash has left open whether a call was made.
	Lag           time.Duration
	ConfirmWithin time.Duration    // after which confirm reports drift; default 10 minutes
	Now           func() time.Time // default [time.Now]
	Log           zerolog.Logger   // the zero value logs nothing
}

// Validate names what is missing.
func (c *Config) Validate() error {
	switch {
	case c.Service == nil:
		return errors.New("apply: no service")
	case c.Ledger == nil:
		return errors.New("apply: no ledger")
	case c.DeadLetter == nil:
		return errors.New("apply: no dead letters")
	case c.DigestKey.IsZero():
		return errors.New("apply: no key for digests")
	}
	return nil
}
