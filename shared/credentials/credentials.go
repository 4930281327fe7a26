// Package credentials holds the Alibaba Cloud access keys that requests are signed
// with: one or more, each under the name of a profile, all in one secret.
//
//	profiles := credentials.New(credentials.Config{Fetch: fetch})
//	keys, err := profiles.Get(ctx, "branch-offices")
//	...
//	if vpc.KeyRefused(err) {
//		profiles.Refused("branch-offices") // the next Get looks whether there is another
//	}
//
// The secret's text is JSON, either one key or an object of them:
//
//	{"accessKeyId": "…", "accessKeySecret": "…"}
//	{"default": {"accessKeyId": "…", "accessKeySecret": "…"},
//	 "branch-offices": {"AccessKeyId": "…", "AccessKeySecret": "…", "SecurityToken": "…"}}
//
// The one key is that of the profile "default". Upper and lower case don't matter in
// the names of the three members; others are ignored. No error shows any of it.
package credentials

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"vpnattach/shared/core/request"
	"vpnattach/shared/core/secret"
)

// Default is the profile that is used where none is named.
const Default = "default"

const (
	defaultKeep = 5 * time.Minute
	// shortest time between two fetches, even after a failure.
	shortest = 10 * time.Second
)

// Config is what Profiles need. Only Fetch is mandatory.
type Config struct {
	// Fetch returns the text of the secret, as it is now.
	Fetch func(ctx context.Context) (secret.Secret, error)
	Keep  time.Duration    // after which the secret is fetched again; default 5 minutes
	Now   func() time.Time // default [time.Now]
	// Stale is called with the reason why the secret can't be fetched or read again
	// while older keys stay in use; nil: not reported.
	Stale func(ctx context.Context, err error)
}

// Profiles are access keys by name. They are safe for concurrent use.
type Profiles struct {
	config Config

	mutex    sync.Mutex
	profiles map[string]profile // nil: not fetched yet
	failure  error              // of the last fetch
	next     time.Time          // the earliest time of the next fetch
	due      time.Time          // when the next fetch is due
}

// profile is a key, or what is wrong with it.
type profile struct {
	key request.Credentials
	err error
}

// ErrUnknown is returned for a name that no profile has.
var ErrUnknown = errors.New("credentials: no profile")

// New returns the profiles that Fetch brings. Nothing is fetched yet.
func New(config Config) *Profiles {
	if config.Keep == 0 {
		config.Keep = defaultKeep
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	return &Profiles{config: config}
}

// Fixed returns one key that never changes as the profile "default".
func Fixed(key request.Credentials) *Profiles {
	return &Profiles{profiles: map[string]profile{Default: {key, check(Default, &key)}}}
}

// Get returns the key of a profile; an empty name is "default". The secret is fetched
// again after Config.Keep, after [Profiles.Refused], and for a name that is not in it,
// but not within 10 seconds of the last fetch. While fetching fails, the known keys
// stay in use.
func (p *Profiles) Get(ctx context.Context, name string) (request.Credentials, error) {
	name = cmp.Or(name, Default)
	p.mutex.Lock()
	defer p.mutex.Unlock()
	found, known := p.profiles[name]
	if p.config.Fetch != nil {
		if now := p.config.Now(); !now.Before(p.next) && (!known || found.err != nil || !now.Before(p.due)) {
			p.refresh(ctx, now)
			found, known = p.profiles[name]
		}
	}
	switch {
	case known:
		return found.key, found.err
	case p.profiles == nil:
		return request.Credentials{}, p.failure
	}
	return request.Credentials{}, fmt.Errorf("%w %q: add it to the secret, or correct the rule that names it", ErrUnknown, name)
}

// Refused says that the service does not know the key of a profile, or refuses its
// signature. The next Get fetches the secret.
func (p *Profiles) Refused(name string) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if _, known := p.profiles[cmp.Or(name, Default)]; known {
		p.due = time.Time{}
	}
}

// refresh fetches the secret. Callers wait for each other, so that many of them make
// one fetch.
func (p *Profiles) refresh(ctx context.Context, now time.Time) {
	text, err := p.config.Fetch(ctx)
	if err != nil && ctx.Err() != nil { // not a fault of the secret, so it must not delay other callers
		p.failure = fmt.Errorf("credentials: %w", ctx.Err())
		return
	}
	p.next = now.Add(shortest)
	var fresh map[string]profile
	if err == nil {
		fresh, err = parse(text)
	}
	if err != nil {
		p.failure = fmt.Errorf("credentials: %w", err)
		if p.profiles != nil {
			p.reportStale(ctx, p.failure)
		}
		return
	}
	for name, found := range fresh {
		if old, known := p.profiles[name]; found.err != nil && known && old.err == nil {
			p.reportStale(ctx, found.err)
			fresh[name] = old
		}
	}
	p.profiles, p.failure, p.due = fresh, nil, now.Add(p.config.Keep)
}

func (p *Profiles) reportStale(ctx context.Context, err error) {
	if p.config.Stale != nil {
		p.config.Stale(ctx, err)
	}
}
