package apply

import (
	"errors"
	"time"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/outcome"
	"vpnattach/shared/vpc"
)

// decision is what is done with a change in this delivery. The zero value decides
// nothing.
type decision struct {
	status     outcome.Status
	reason     *outcome.Reason  // why it is rejected or deferred; nil otherwise
	findings   finding.Findings // nil: those of the last validation
	retryAfter time.Duration    // minimum time until the next delivery, when deferred

	call          *sentCall               // that was sent for it, or would be; nil: none
	differences   []attachment.Difference // what would change, when planned
	superseded    int                     // how many of its fields newer events own
	allSuperseded bool                    // they own all that it asked for
}

// anotherRound is the status of changes that need another look at the attachment. It is
// used within [target.apply] only.
const anotherRound outcome.Status = "another-round"

// byReason decides by the class of a reason: a dead letter, or back to the queue.
func byReason(why *outcome.Reason) decision {
	if why.Class.Handling().DeadLetter {
		return decision{status: outcome.Rejected, reason: why}
	}
	return decision{}.deferred(why)
}

// byError decides by the class of an error.
func byError(err error) decision {
	d := byReason(outcome.ReasonOf(err))
	var known *vpc.Error
	if errors.As(err, &known) {
		d.retryAfter = known.RetryAfter
	}
	return d
}

// invalid rejects for the first error among the findings.
func invalid(found finding.Findings) decision {
	why := &outcome.Reason{Code: "invalid", Message: "the change is not valid", Class: outcome.ClassRejected, Remedy: "Correct the change and send a new event."}
	for _, f := range found {
		if f.Severity == finding.Error {
			why.Code, why.Message = f.Check, f.Message
			if f.Hint != "" {
				why.Remedy = f.Hint
			}
			break
		}
	}
	return decision{status: outcome.Rejected, reason: why, findings: found}
}

// deferred is the decision to send the record back to the queue after all.
func (d decision) deferred(why *outcome.Reason) decision {
	d.status, d.reason = outcome.Deferred, why
	return d
}

// requeueBehind sends a record back together with one before it. An applied one stays
// so, and is found done in the next delivery; a rejected one is validated again.
func (d decision) requeueBehind() decision {
	if d.status != outcome.Rejected {
		return d
	}
	return d.deferred(&outcome.Reason{Code: "in-order", Message: "a record before it in its group goes back to the queue: " + d.reason.Message,
		Class: outcome.ClassBusy, Remedy: "Nothing: the change is tried again."})
}

// expire rejects a deferred record that the queue would soon remove: one that has been
// in it for longer than after. 0: none.
func (d decision) expire(c *change, now time.Time, after time.Duration) (decision, bool) {
	if after == 0 || d.status != outcome.Deferred || c.waited(now) <= after {
		return d, false
	}
	d.status, d.reason = outcome.Rejected, &outcome.Reason{Code: "too-old", Class: outcome.ClassRejected,
		Message: "it has waited in the queue for " + after.String() + "; the last obstacle was " + d.reason.Code + ": " + d.reason.Message,
		Remedy:  d.reason.Remedy + " Then redrive the dead letter."}
	return d, true
}

// backOff is how long a record that has been received so often stays invisible.
func (d decision) backOff(received int) time.Duration {
	class := outcome.ClassBusy // when it goes back only because one before it does
	if d.reason != nil {
		class = d.reason.Class
	}
	return max(d.retryAfter, class.Handling().BackOff(received))
}

// decisions are those on the changes of a batch.
type decisions map[*change]decision

// open returns the changes without a decision.
func (all decisions) open(changes []*change) (open []*change) {
	for _, c := range changes {
		if all[c].status == "" {
			open = append(open, c)
		}
	}
	return open
}

// decideOpen makes the same decision on all open changes.
func (all decisions) decideOpen(changes []*change, d decision) decisions {
	for _, c := range all.open(changes) {
		all[c] = d
	}
	return all
}

// blocker returns the reason why the attachment can't be changed now; nil: it can.
func blocker(current *attachment.Current) *outcome.Reason {
	switch {
	case current.State == "deleted":
		return &outcome.Reason{Code: "deleted", Message: "the attachment has been deleted", Class: outcome.ClassRejected,
			Remedy: "Send the change for the attachment that took its place."}
	case current.State == "financialLocked":
		return &outcome.Reason{Code: "VpnConnection.FinancialLocked", Message: "the attachment is locked because a payment is overdue",
			Class: outcome.ClassBlocked, Remedy: "Settle the account's overdue payment."}
	case !current.Settled():
		return &outcome.Reason{Code: "in-motion", Message: "the attachment is " + current.State + " or one of its tunnels is being changed",
			Class: outcome.ClassBusy, Remedy: "Nothing: the change is sent once that is over."}
	}
	return nil
}

// unresolved decides on a change with a reference that could not be resolved.
func unresolved(err error) decision {
	var whole *wholeSecret
	switch {
	case err == nil:
		return decision{}
	case errors.As(err, &whole):
		return invalid(finding.Findings{whole.finding(err.Error())})
	case errors.Is(err, secret.ErrUnresolvable):
		return byReason(&outcome.Reason{Code: "reference-unresolvable", Message: err.Error(), Class: outcome.ClassRejected,
			Remedy: "Correct the reference in the rule, or the permission to read the secret, and send the event again."})
	case errors.Is(err, secret.ErrDenied):
		return byReason(&outcome.Reason{Code: "secret-denied", Message: err.Error(), Class: outcome.ClassBlocked,
			Remedy: "Allow the function's role to read the secret, and to use the key that encrypts it."})
	}
	return byError(err)
}
