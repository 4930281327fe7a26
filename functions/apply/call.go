package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/request"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/ledger"
	"vpnattach/shared/message"
	"vpnattach/shared/outcome"
)

// How long after a call an attachment that does not show it yet is taken for one that
// Describe shows as it was, and not for an edited one: whatever it shows, and when it shows
// just what it showed before the call. [Config].Lag limits both.
const (
	lagLimit   = 20 * time.Second
	staleLimit = 5 * time.Minute
)

var lagging = &outcome.Reason{Code: "describe-lags", Class: outcome.ClassBusy,
	Message: "the attachment does not show the change before this one yet",
	Remedy:  "Nothing: the change is sent once it does, or shows an edit, or five minutes after that one."}

// lags reports whether Describe does not show yet what the latest call has changed. What
// is merged with that would take the change back, and what does not differ from it might
// count as done. The very request that was sent then may be sent again, since it has the
// same token.
func (t *target) lags(f *fold, send *attachment.Change) bool {
	call, key := &t.entry.Call, t.config.DigestKey
	since := t.config.Now().Sub(call.Sent)
	// A call that is further ahead was made by a clock that has been set back since.
	if since <= -lagLimit || since >= t.config.Lag || !strings.HasPrefix(call.Request, keyName(key)) || call.Request == f.digest(send, key) {
		return false
	}
	for name, asked := range call.Asked {
		if field, known := attachment.FieldNamed(name); known {
			value := f.current.Value(field).Text()
			now := digestOf(field, value, key)
			if _, shown := f.current.Shows(field, value); shown && !strings.HasPrefix(asked, now) && (since < lagLimit || strings.HasSuffix(asked, now)) {
				return true
			}
		}
	}
	return false
}

// announce records a call before it is made, and returns the ids that make its
// ClientToken: those of the events and the number of the request. It asks for another
// round when the ledger has been written meanwhile.
func (t *target) announce(ctx context.Context, f *fold, send *attachment.Change, r *rounds) ([]string, decision) {
	key, call := t.config.DigestKey, t.entry.Call
	if digest := f.digest(send, key); call.Request != digest {
		call.Request = digest
		call.Number++
	}
	call.Sent, call.Asked, call.Before = t.config.Now().UTC(), map[string]string{}, r.before
	for _, field := range send.Fields() {
		call.Asked[field.Name()] = digestOf(field, send.Get(field).Text(), key) + digestOf(field, f.current.Value(field).Text(), key)
	}
	if d := t.record(ctx, call, r); d.status != "" {
		return nil, d
	}
	return append(f.ids(), fmt.Sprintf("request %d", call.Number)), decision{}
}

// sent reports whether the latest call, which an earlier delivery may have made, has asked
// for what the fold asks for, and is not confirmed yet.
func (t *target) sent(f *fold) bool {
	return t.entry.Call.Before != nil && slices.ContainsFunc(f.change.Fields(), func(field attachment.Field) bool {
		asked, ok := t.entry.Call.Asked[field.Name()]
		return ok && strings.HasPrefix(asked, digestOf(field, f.change.Get(field).Text(), t.config.DigestKey))
	})
}

// refused records that the latest call has changed nothing, so that no change waits for
// it to show. When that fails they wait in vain, for five minutes.
func (t *target) refused(ctx context.Context) {
	call := t.entry.Call
	t.entry.Call.Asked, call.Asked = nil, nil
	t.entry.Call.Before, call.Before = nil, nil
	t.record(ctx, call, &rounds{})
}

// record writes a call into the ledger.
func (t *target) record(ctx context.Context, call ledger.Call, r *rounds) decision {
	entry := t.entry
	entry.Call = call
	err := t.config.Ledger.Save(ctx, t.key, entry)
	if err == nil {
		entry.Version++
		t.entry = entry
		return decision{}
	}
	if errors.Is(err, ledger.ErrConflict) {
		if stored, again := t.config.Ledger.Load(ctx, t.key); again == nil && r.failed+1 < attempts {
			r.failed++
			t.entry = stored
			return decision{status: anotherRound}
		}
	}
	return byError(fmt.Errorf("record the call: %w", err))
}

// digest identifies a request by its events and its parameters, whatever token it has.
func (f *fold) digest(send *attachment.Change, key secret.Secret) string {
	bare := *send
	bare.Values[attachment.ClientToken] = attachment.Value{}
	return digest(key, strings.Join(f.ids(), "\n")+"\n"+string(request.AppendParameters(nil, &bare, "", true)))
}

// digestOf is that of a value, the same for all that mean the same.
func digestOf(field attachment.Field, value string, key secret.Secret) string {
	return message.Digest(key, field.Canonical(value))[:16]
}

// digest begins with what tells one key from another, since the digests of another key
// say nothing.
func digest(key secret.Secret, value string) string {
	return keyName(key) + message.Digest(key, value)
}

func keyName(key secret.Secret) string { return message.Digest(key, "")[:8] }
