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

// keptEarlier is how many calls and letters are kept from one delivery to the next. A
// change whose call was dropped is applied nevertheless, but its outcome says unchanged;
// a record whose letter was dropped may have two dead letters.
const keptEarlier = 1000

// earlier is what was done in earlier deliveries for records that have gone back to the
// queue since. The zero value is ready.
type earlier struct {
	mu      sync.Mutex
	calls   map[string]*sentCall // by the change's deduplication id
	letters map[string]bool      // by the record's message id: its dead letter is kept
}

// take returns the calls made for the changes, and which of them have a dead letter.
func (e *earlier) take(changes []*change) (calls map[*change]*sentCall, letters map[*change]bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	calls, letters = map[*change]*sentCall{}, map[*change]bool{}
	for _, c := range changes {
		id := c.message.DeduplicationID()
		if call := e.calls[id]; call != nil {
			calls[c] = call
			delete(e.calls, id)
		}
		if e.letters[c.record.MessageId] {
			letters[c] = true
			delete(e.letters, c.record.MessageId)
		}
	}
	return calls, letters
}

// keep stores the change's call, if any, and whether it has a dead letter, for its next
// delivery.
func (e *earlier) keep(c *change, call *sentCall, letter bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.calls)+len(e.letters) >= keptEarlier {
		e.calls, e.letters = nil, nil
	}
	if call != nil {
		if e.calls == nil {
			e.calls = map[string]*sentCall{}
		}
		e.calls[c.message.DeduplicationID()] = call
	}
	if letter {
		if e.letters == nil {
			e.letters = map[string]bool{}
		}
		e.letters[c.record.MessageId] = true
	}
}
