package apply

import (
	"errors"
	"time"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/outcome"
	"vpnattach/shared/vpc"
)

// manyDeliveries is after how many a record comes less often.
const manyDeliveries = 30

// inTheWay says why nothing can be sent to the attachment as it is.
func inTheWay(current *attachment.Current) *outcome.Reason {
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

// interrupted says why there was no time for another attempt: for the last one, if
// there was any.
func interrupted(last error) *outcome.Reason {
	if last != nil {
		return outcome.ReasonOf(last)
	}
	return outcome.ReasonOf(errors.New("there was no time left to try the change"))
}

func waitOf(err error) time.Duration {
	var known *vpc.Error
	if errors.As(err, &known) {
		return known.RetryAfter
	}
	return 0
}

// backOff is how long a record stays away that has been delivered so often. What does
// not help for long is done seldom: a queue counts deliveries, and there is a number
// of them at which it takes a record away.
func backOff(why *outcome.Reason, received int, atLeast time.Duration) time.Duration {
	handling := why.Class.Handling()
	most := handling.Most
	if received > manyDeliveries {
		most = 15 * time.Minute
	}
	return max(atLeast, min(handling.First<<min(received-1, 10), most))
}
