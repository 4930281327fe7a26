package apply

import (
	"sync"
	"time"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/ledger"
)

// keptRecent is how many attachments' latest calls are kept.
const keptRecent = 1000

// recentCall is the latest call for an attachment that may have been carried out.
type recentCall struct {
	send attachment.Change
	ids  []string // of its events
	at   time.Time
}

// shows reports whether the attachment has all that the call asked for, as far as it
// can be seen.
func (c *recentCall) shows(current *attachment.Current) bool {
	for _, field := range c.send.Fields() {
		if same, known := current.Shows(field, c.send.Get(field).Text()); known && !same {
			return false
		}
	}
	return true
}

// recent are the latest calls of this process, of at most [keptRecent] attachments. The
// zero value is ready.
type recent struct {
	mu    sync.Mutex
	calls map[ledger.Key]*recentCall
}

func (r *recent) of(key ledger.Key) *recentCall {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.calls[key]
}

func (r *recent) made(key ledger.Key, call *recentCall) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.calls == nil || len(r.calls) >= keptRecent {
		r.calls = map[ledger.Key]*recentCall{}
	}
	r.calls[key] = call
}
