package credentials

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"vpnattach/shared/core/request"
	"vpnattach/shared/outcome"
)

const (
	// early is how long before its end a temporary key is renewed.
	early = 5 * time.Minute
	// soon is the shortest time between two attempts when the first one failed for a
	// reason that passes.
	soon = time.Second
	// assumeWithin ends an attempt.
	assumeWithin = 20 * time.Second
	// patience is how long callers wait for it while the key that there is still counts.
	patience = 2 * time.Second
)

var errNoRoles = errors.New("credentials: the profile has no key, and there is no way to take its role here: give it an access key")

// sessions are the temporary keys of roles. They are safe for concurrent use.
type sessions struct {
	assume func(context.Context, Role) (Session, error)
	now    func() time.Time
	stale  func(context.Context, error)

	mutex sync.Mutex
	roles map[Role]*held
}

// held is what is known of one role.
type held struct {
	session Session
	failure error     // of the last attempt
	next    time.Time // not before then is another one made
	refused bool      // the service does not accept the key
	renewal *renewal  // that is on; nil: none
}

// renewal is an attempt that callers wait for.
type renewal struct {
	done    chan struct{} // closed at its end
	cancel  context.CancelFunc
	waiting int
}

// get returns the role's key. All callers that need a new one wait for the same
// attempt, each until its own context ends; when none is left, the attempt is given up.
// Where there is a key that still counts they don't wait long, and the attempt goes on.
func (s *sessions) get(ctx context.Context, role Role) (request.Credentials, error) {
	if s.assume == nil {
		return request.Credentials{}, errNoRoles
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	h := s.roles[role]
	if h == nil {
		h = &held{}
		if s.roles == nil {
			s.roles = map[Role]*held{}
		}
		s.roles[role] = h
	}
	now := s.now()
	if r := h.renewal; r == nil && (now.Before(h.next) || !h.refused && now.Before(h.session.Expires.Add(-early))) {
		return h.key(now)
	} else if r == nil {
		s.renew(ctx, role, h)
	}
	r := h.renewal
	r.waiting++
	var enough <-chan time.Time
	if !h.refused && now.Before(h.session.Expires) {
		timer := time.NewTimer(patience)
		defer timer.Stop()
		enough = timer.C
	}
	s.mutex.Unlock()
	select {
	case <-r.done:
	case <-enough:
	case <-ctx.Done():
	}
	s.mutex.Lock()
	r.waiting--
	if ctx.Err() != nil {
		if r.waiting == 0 && h.renewal == r {
			r.cancel()
			h.renewal = nil
		}
		return request.Credentials{}, fmt.Errorf("credentials: %w", ctx.Err())
	}
	return h.key(s.now())
}

// key is what callers get now.
func (h *held) key(now time.Time) (request.Credentials, error) {
	switch {
	case now.Before(h.session.Expires):
		return h.session.Credentials, nil
	case h.failure != nil:
		return request.Credentials{}, h.failure
	}
	return request.Credentials{}, errors.New("credentials: the temporary key had expired when it came: compare the clock of this machine")
}

// renew starts an attempt.
func (s *sessions) renew(ctx context.Context, role Role, h *held) {
	// It is for all that wait, so that it does not end with the one that came first.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), assumeWithin)
	r := &renewal{done: make(chan struct{}), cancel: cancel}
	h.renewal = r
	go func() {
		defer cancel()
		defer close(r.done)
		session, err := s.assume(ctx, role)
		s.mutex.Lock()
		defer s.mutex.Unlock()
		if h.renewal != r { // given up
			return
		}
		h.renewal = nil
		now := s.now()
		h.next = now.Add(shortest)
		if err == nil {
			h.session, h.failure, h.refused = session, nil, false
			return
		}
		h.failure = fmt.Errorf("credentials: %w", err)
		if outcome.ClassOf(err) == outcome.ClassTransient {
			h.next = now.Add(soon)
		}
		if s.stale != nil && now.Before(h.session.Expires) {
			s.stale(ctx, h.failure)
		}
	}()
}

// refuse says that the service does not accept the role's key.
func (s *sessions) refuse(role Role) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if h := s.roles[role]; h != nil {
		h.refused = true
	}
}
