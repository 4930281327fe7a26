// Package credentials holds the Alibaba Cloud access keys that requests are signed
// with: one or more, each under the name of a profile. A profile is a key that is stored
// in a secret, or a RAM role that gives a temporary key for a token of an OIDC provider.
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
//	 "branch-offices": {"oidc": {"providerArn": "acs:ram::…", "roleArn": "acs:ram::…", "audience": "…"}}}
//
// The one key is that of the profile "default", and objects beside it are more profiles.
// Upper and lower case don't matter in the names of members, and a temporary key has a
// securityToken too; other members are ignored. No error shows any of it.
//
// A role's temporary key is renewed five minutes before its end, once for all that wait
// for it.
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
	// fetchWithin is how long a fetch may take while there are keys to go on with.
	fetchWithin = 5 * time.Second
)

// Config is what Profiles need: Fetch, or Default with Assume.
type Config struct {
	// Fetch returns the text of the secret, as it is now; nil: there is none.
	Fetch func(ctx context.Context) (secret.Secret, error)
	// Default is the profile "default", whatever the secret has by that name; nil: the
	// secret's.
	Default *Role
	// Assume takes a role. Its error may be an [outcome.Failure]; one of the class
	// transient is tried again after a second, any other after ten.
	Assume func(ctx context.Context, role Role) (Session, error)

	Keep time.Duration    // after which the secret is fetched again; default 5 minutes
	Now  func() time.Time // default [time.Now]
	// Stale is called with the reason why the secret can't be fetched or read again, or
	// a role not be taken again, while older keys stay in use; nil: not reported.
	Stale func(ctx context.Context, err error)
}

// Profiles are access keys by name. They are safe for concurrent use.
type Profiles struct {
	config   Config
	sessions sessions

	mutex    sync.Mutex
	profiles map[string]profile // nil: not fetched yet
	failure  error              // of the last fetch
	next     time.Time          // the earliest time of the next fetch
	due      time.Time          // when the next fetch is due
}

// profile is a key or a role, or what is wrong with it.
type profile struct {
	key  request.Credentials
	role *Role
	err  error
}

// ErrUnknown is returned for a name that no profile has.
var ErrUnknown = errors.New("credentials: no profile")

// New returns the profiles that Fetch and Default bring. Nothing is fetched yet.
func New(config Config) *Profiles {
	if config.Keep == 0 {
		config.Keep = defaultKeep
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	return &Profiles{config: config, sessions: sessions{assume: config.Assume, now: config.Now, stale: config.Stale}}
}

// Fixed returns one key that never changes as the profile "default".
func Fixed(key request.Credentials) *Profiles {
	return &Profiles{profiles: map[string]profile{Default: {key: key, err: check(Default, &key)}}}
}

// Get returns the key of a profile; an empty name is "default". The secret is fetched
// again after Config.Keep, after [Profiles.Refused], and for a name that is not in it,
// but not within 10 seconds of the last fetch. A role is taken again five minutes before
// its key ends. While that fails, the known keys stay in use.
func (p *Profiles) Get(ctx context.Context, name string) (request.Credentials, error) {
	found, err := p.find(ctx, cmp.Or(name, Default))
	switch {
	case err != nil:
		return request.Credentials{}, err
	case found.role != nil:
		return p.sessions.get(ctx, *found.role)
	}
	return found.key, nil
}

// Has returns an error that is [ErrUnknown] when there is no profile of that name, as
// the secret is now. Any other error says that it is not known.
func (p *Profiles) Has(ctx context.Context, name string) error {
	_, err := p.find(ctx, cmp.Or(name, Default))
	return err
}

// find returns the profile, or what is wrong with it.
func (p *Profiles) find(ctx context.Context, name string) (profile, error) {
	if name == Default && p.config.Default != nil {
		return profile{role: p.config.Default}, nil
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	found, known := p.profiles[name]
	if p.config.Fetch != nil {
		if now := p.config.Now(); !now.Before(p.next) && (!known || found.err != nil || !now.Before(p.due)) {
			p.refresh(ctx)
			found, known = p.profiles[name]
		}
	}
	switch {
	case known:
		return found, found.err
	case p.profiles == nil && p.failure != nil:
		return profile{}, p.failure
	}
	return profile{}, fmt.Errorf("%w %q: add it to the secret, or correct the rule that names it", ErrUnknown, name)
}

// Refused says that the service does not know the key of a profile, or refuses its
// signature. The next Get fetches the secret, or takes the role again.
func (p *Profiles) Refused(name string) {
	name = cmp.Or(name, Default)
	p.mutex.Lock()
	defer p.mutex.Unlock()
	found, known := p.profiles[name]
	if name == Default && p.config.Default != nil {
		found, known = profile{role: p.config.Default}, false
	}
	if found.role != nil {
		p.sessions.refuse(*found.role)
	}
	if known {
		p.due = time.Time{}
	}
}

// refresh fetches the secret. Callers wait for each other, so that many of them make
// one fetch.
func (p *Profiles) refresh(ctx context.Context) {
	within, cancel := ctx, context.CancelFunc(func() {})
	if p.profiles != nil {
		within, cancel = context.WithTimeout(ctx, fetchWithin)
	}
	text, err := p.config.Fetch(within)
	cancel()
	if err != nil && ctx.Err() != nil { // not a fault of the secret, so it must not delay other callers
		p.failure = fmt.Errorf("credentials: %w", ctx.Err())
		return
	}
	now := p.config.Now()
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
