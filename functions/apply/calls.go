package apply

import (
	"sync"
	"time"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/ledger"
	"vpnattach/shared/vpc"
)

// sentCall is a call of Modify.
type sentCall struct {
	send     attachment.Change
	answer   vpc.Answer
	answered bool // with success; else it may have been carried out or not
}

// keptCalls is how many calls are kept from one delivery to the next. A change whose
// call was dropped is applied nevertheless, but its outcome says unchanged.
const keptCalls = 1000

// calls are those made for changes that have gone back to the queue since. The zero
// value is ready.
type calls struct {
	mu       sync.Mutex
	byChange map[string]*sentCall // by the deduplication id
}

// take returns the calls made for the changes in earlier deliveries.
func (k *calls) take(changes []*change) map[*change]*sentCall {
	k.mu.Lock()
	defer k.mu.Unlock()
	taken := map[*change]*sentCall{}
	for _, c := range changes {
		id := c.message.DeduplicationID()
		if call := k.byChange[id]; call != nil {
			taken[c] = call
			delete(k.byChange, id)
		}
	}
	return taken
}

// keep stores the change's call, if any, for its next delivery.
func (k *calls) keep(c *change, call *sentCall) {
	if call == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.byChange == nil || len(k.byChange) >= keptCalls {
		k.byChange = map[string]*sentCall{}
	}
	k.byChange[c.message.DeduplicationID()] = call
}

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

// recent are the latest calls of this process, of at most [keptCalls] attachments. The
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
	if r.calls == nil || len(r.calls) >= keptCalls {
		r.calls = map[ledger.Key]*recentCall{}
	}
	r.calls[key] = call
}
