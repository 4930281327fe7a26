package outcome

import (
	"net/http"
	"time"
)

// Class is the kind of a failure. It alone decides how the failure is handled; see
// [Class.Handling].
type Class string

// The classes. The zero value means success.
const (
	// ClassBusy: the attachment, or what it belongs to, is being changed.
	ClassBusy Class = "busy"
	// ClassThrottled: too many calls.
	ClassThrottled Class = "throttled"
	// ClassTransient: the service failed, or no answer came. The change may have been
	// made: Describe decides before another attempt.
	ClassTransient Class = "transient"
	// ClassBlocked: the account or the configuration is at fault, not the change: access
	// keys, permissions, clock, overdue payment, quota, a proxy in between. A person has
	// to do what the remedy says.
	ClassBlocked Class = "blocked"
	// ClassRejected: the change will never be accepted as it is.
	ClassRejected Class = "rejected"
	// ClassNonceUsed: the service has seen the nonce before. The client has tried
	// others.
	ClassNonceUsed Class = "nonce-used"
	// ClassTokenMismatch: the ClientToken was used for another change. Describe, and
	// build the request anew.
	ClassTokenMismatch Class = "token-mismatch"
)

// Handling says how a failure is handled.
type Handling struct {
	HTTPStatus  int           // of an answer that reports it
	Retry       bool          // the same delivery tries again, after another Describe
	First, Most time.Duration // how long a record that goes back to the queue stays invisible: the first time, and at most
	DeadLetter  bool          // the record becomes a dead letter; else it goes back to the queue
	Alarm       bool          // a person has to act
}

// Handling returns the row of the class; the zero value for an unknown class.
func (c Class) Handling() Handling { return handling[c] }

var handling = map[Class]Handling{
	ClassBusy:          {HTTPStatus: http.StatusServiceUnavailable, First: time.Second, Most: 30 * time.Second},
	ClassThrottled:     {HTTPStatus: http.StatusTooManyRequests, First: time.Second, Most: time.Minute},
	ClassTransient:     {HTTPStatus: http.StatusServiceUnavailable, First: time.Second, Most: time.Minute, Retry: true},
	ClassBlocked:       {HTTPStatus: http.StatusServiceUnavailable, First: 5 * time.Second, Most: 15 * time.Minute, Alarm: true},
	ClassRejected:      {HTTPStatus: http.StatusBadRequest, DeadLetter: true},
	ClassNonceUsed:     {HTTPStatus: http.StatusServiceUnavailable, First: time.Second, Most: time.Minute, Retry: true},
	ClassTokenMismatch: {HTTPStatus: http.StatusServiceUnavailable, First: time.Second, Most: time.Minute, Retry: true},
}

// manyDeliveries is the number after which a record is retried less often.
const manyDeliveries = 30

// BackOff returns how long a record that has been received so often stays invisible. It
// grows with their number, since a queue removes a record after its maxReceiveCount.
func (h Handling) BackOff(received int) time.Duration {
	most := h.Most
	if received > manyDeliveries {
		most = 15 * time.Minute
	}
	return min(h.First<<min(max(received-1, 0), 10), most)
}
