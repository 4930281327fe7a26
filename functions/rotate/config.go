package rotate

import (
	"context"
	"errors"
	"time"

	"github.com/rs/zerolog"

	"vpnattach/shared/aws/secrets"
	"vpnattach/shared/aws/sitevpn"
	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/ledger"
	"vpnattach/shared/message"
	"vpnattach/shared/outcome"
)

// Service is the part of the VPC API that rotate needs; [vpnattach/shared/vpc.Client] is
// one.
type Service interface {
	Describe(ctx context.Context, regionID, vpnConnectionID string) (*attachment.Current, error)
	Diagnose(ctx context.Context, regionID string, current *attachment.Current) ([]outcome.Diagnosis, error)
}

// Peer is AWS's end of the tunnels, the part of the EC2 API that rotate needs. The class
// of its errors is that of [outcome.ClassOf]: after a transient one a change may have
// been made, after any other it was not. No error holds a key. An empty region is the
// function's own.
type Peer interface {
	// Describe returns the connection with the provisioning of both tunnels.
	Describe(ctx context.Context, region, vpnConnectionID string) (*sitevpn.Connection, error)
	// ModifyKey gives a tunnel another key. It returns once that is accepted; then the
	// tunnel is down until its provisioning is available again. With dryRun it only finds
	// out whether the call is allowed.
	ModifyKey(ctx context.Context, region, vpnConnectionID, outsideIP string, key secret.Secret, dryRun bool) error
}

// Secrets is the part of Secrets Manager that rotate needs; [secrets.Rotated] is one. No
// error holds a secret.
type Secrets interface {
	// Describe returns the secret's ARN and the stages of its versions; id is its name or
	// ARN.
	Describe(ctx context.Context, id string) (secrets.Described, error)
	// Version returns the text of a version and when it was created, or
	// [secrets.ErrNoVersion].
	Version(ctx context.Context, arn, version string) (text secret.Secret, created time.Time, err error)
	// Put makes the version that is to be: it becomes AWSPENDING. A version that exists
	// already is left as it is, without an error.
	Put(ctx context.Context, arn, version string, text secret.Secret) error
	// Move takes a stage from one version, and gives it to the other; an empty one is
	// left out. It fails when the stage is not with from.
	Move(ctx context.Context, arn, stage, from, to string) error
}

// Store is what rotate reads and writes of the ledger's table.
type Store interface {
	Load(ctx context.Context, key ledger.Key) (ledger.Entry, error)
	Fate(ctx context.Context, id string) (*ledger.Fate, error)
	Waiting(ctx context.Context, key ledger.Key) (time.Time, error)
	LoadRotations(ctx context.Context) (ledger.Rotations, error)
	SaveRotations(ctx context.Context, all ledger.Rotations) error
}

// Config is what a Handler needs. All functions must be safe for concurrent use.
type Config struct {
	Service Service
	// Profile returns the service with the credentials of the profile that the secret
	// names; nil: only the default profile exists.
	Profile func(ctx context.Context, name string) (Service, error)
	Peer    Peer
	Secrets Secrets
	Store   Store
	// Queue puts a change on the queue of changes.
	Queue func(ctx context.Context, m message.Change) error
	// Publish is called, at least once, with the result of a rotation, and whenever the two
	// ends are left with different keys; nil: not published.
	Publish func(ctx context.Context, r Result) error
	// Report is called with each result and each step that failed; nil: not reported.
	Report func(ctx context.Context, r Result)

	Plan         bool          // check everything and change nothing; the steps fail with what they found
	OmitMasked   bool          // as apply's
	PeerProfile  string        // as apply's, of the other end of what is followed
	ApplyWithin  time.Duration // after which a change that is not applied is taken back; default 5 minutes
	TestWithin   time.Duration // after which a tunnel that is not up is taken back; default 10 minutes
	Lag          time.Duration // how long the ends may show themselves as before a change; default 1 minute
	AbandonAfter time.Duration // after which a rotation that no call works on is taken back; default 20 minutes
	Margin       time.Duration // before the context's deadline, kept for the answer; default 5 seconds
	Draw         func() (secret.Secret, error)
	Wait         func(ctx context.Context, d time.Duration) error // default: a timer
	Now          func() time.Time                                 // default [time.Now]
	Log          zerolog.Logger                                   // the zero value logs nothing
}

// Validate names what is missing.
func (c *Config) Validate() error {
	switch {
	case c.Service == nil:
		return errors.New("rotate: no service")
	case c.Peer == nil:
		return errors.New("rotate: no peer")
	case c.Secrets == nil:
		return errors.New("rotate: no secrets")
	case c.Store == nil:
		return errors.New("rotate: no store")
	case c.Queue == nil:
		return errors.New("rotate: no queue of changes")
	}
	return nil
}
