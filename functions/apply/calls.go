package apply

import (
	"sync"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/vpc"
)

// sentCall is a call of Modify.
type sentCall struct {
	send     attachment.Change
	answer   vpc.Answer
	answered bool // with success; else it may have been carried out or not
}

// remember notes a call with the changes that it was sent for.
func (f *fold) remember(send *attachment.Change, answer vpc.Answer, answered bool) {
	call := &sentCall{*send, answer, answered}
	for _, c := range f.changes {
		if c.differs {
			c.call = call
		}
	}
}

// keptCalls is how many calls are kept from one delivery to the next. Without them
// a change is applied all the same, and only its outcome says unchanged.
const keptCalls = 1000

// calls are those made for changes that have gone back to the queue since. The zero
// value is ready.
type calls struct {
	mu       sync.Mutex
	byChange map[string]*sentCall // by the deduplication id
}

// take returns the call made for a change in an earlier delivery, or nil.
func (k *calls) take(c *change) *sentCall {
	id := c.message.DeduplicationID()
	k.mu.Lock()
	defer k.mu.Unlock()
	call := k.byChange[id]
	delete(k.byChange, id)
	return call
}

// keep keeps the change's call for its next delivery.
func (k *calls) keep(c *change) {
	if c.call == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.byChange == nil || len(k.byChange) >= keptCalls {
		k.byChange = map[string]*sentCall{}
	}
	k.byChange[c.message.DeduplicationID()] = c.call
}
