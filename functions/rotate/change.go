package rotate

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"vpnattach/shared/ledger"
	"vpnattach/shared/message"
	"vpnattach/shared/outcome"
)

// Where the changes come from that a rotation makes, as the ledger has it.
const (
	source = "vpnattach.rotate"
	rule   = "rotate" // references are taken of rules only
)

// forward is the change that gives our end the key of the new version.
func (r *rotation) forward() message.Change {
	return r.message(r.version, r.version, r.record.Time)
}

// back is the change that gives our end the key of AWSCURRENT again. It is newer than the
// one forward, and than those back to another version, and older than any other event
// that has come since: that one's key stays.
func (r *rotation) back() message.Change {
	id := r.record.Version + "/back"
	if r.record.Backs > 1 {
		id += fmt.Sprintf("-%d", r.record.Backs)
	}
	return r.message(id, r.record.Current, r.record.Time.Add(time.Duration(r.record.Backs)*time.Millisecond))
}

func (r *rotation) message(id, version string, at time.Time) message.Change {
	its := r.old.tunnel
	return message.Change{
		EventID: id, Time: at, Source: source, Rule: rule, Element: -1, Credentials: its.Credentials, Fate: true,
		RegionID: its.RegionID, VpnConnectionID: its.VpnConnectionID, Change: json.RawMessage(its.change(r.reference(version))),
	}
}

// queue queues a change, again while that fails for a time.
func (r *rotation) queue(ctx context.Context, m message.Change) error {
	for looks := 0; ; {
		err := r.config.Queue(ctx, m)
		if err == nil {
			return nil
		}
		if retry, why := r.again(ctx, &looks, "queue the change of our end", err); !retry {
			return why
		}
	}
}

// again waits, and reports whether a call that has failed is worth another try.
func (r *rotation) again(ctx context.Context, looks *int, what string, err error) (bool, *failure) {
	class := outcome.ClassOf(err)
	if class == outcome.ClassBlocked || class == outcome.ClassRejected || r.pause(ctx, looks, what) != nil {
		return false, failed(what, err)
	}
	return true, nil
}

// await queues a change and waits for its fate; nil when it has none by then. It may be on
// the queue already: then it is found done the second time. That it was rejected before
// since says nothing of now.
func (r *rotation) await(ctx context.Context, m message.Change, since, until time.Time) (*ledger.Fate, error) {
	id, queued := m.DeduplicationID(), false
	for looks := 0; ; {
		fate, err := r.config.Store.Fate(ctx, id)
		switch {
		case err != nil:
			if retry, why := r.again(ctx, &looks, "read the fate of the change of our end", err); !retry {
				return nil, why
			}
			continue
		case fate != nil && (fate.Status != outcome.Rejected || !fate.Time.Before(since)):
			return fate, nil
		case !r.now().Before(until):
			return nil, nil
		case !queued:
			if err := r.queue(ctx, m); err != nil {
				return nil, err
			}
			queued = true
			continue
		}
		if err := r.pause(ctx, &looks, "the change of our end"); err != nil {
			return nil, err
		}
	}
}
