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
