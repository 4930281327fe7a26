package confirm

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
)

// Service is the part of the VPC API that confirm needs. The class of its errors is that
// of [outcome.ClassOf].
type Service interface {
	Describe(ctx context.Context, regionID, vpnConnectionID string) (*attachment.Current, error)
	// Diagnose says why tunnels of an attachment that was described are down.
	Diagnose(ctx context.Context, regionID string, current *attachment.Current) ([]outcome.Diagnosis, error)
}

// Config is what a Handler needs. All functions must be safe for concurrent use.
type Config struct {
	Service Service
	// Profile returns the service with other credentials than Service has, those of
	// the profile that a rule has chosen; nil: only the default profile exists.
	Profile func(ctx context.Context, name string) (Service, error)
	Ledger  ledger.Store
	// Again puts the message back on the queue, to be delivered after the delay.
	Again func(ctx context.Context, m message.Check, delay time.Duration) error
	// Visibility changes the visibility timeout of records that could be neither decided
	// nor sent again; nil: the queue's own timeout counts.
	Visibility func(ctx context.Context, receipts []string, after time.Duration) error
	// Report is called with the number of such records in a batch, when there are any;
	// nil: not reported.
	Report func(ctx context.Context, kept int)
	// Publish is called with the outcome, at least once.
	Publish func(ctx context.Context, o outcome.Outcome) error

	DigestKey secret.Secret    // the same as apply's
	Margin    time.Duration    // before the context's deadline, kept for the answer; default 2 seconds
	Now       func() time.Time // default [time.Now]
	Log       zerolog.Logger   // the zero value logs nothing
}

// Validate names what is missing.
func (c *Config) Validate() error {
	switch {
	case c.Service == nil:
		return errors.New("confirm: no service")
	case c.Ledger == nil:
		return errors.New("confirm: no ledger")
	case c.Again == nil:
		return errors.New("confirm: no way to look again")
	case c.Publish == nil:
		return errors.New("confirm: no way to publish outcomes")
	case c.DigestKey.IsZero():
		return errors.New("confirm: no key for digests")
	}
	return nil
}
