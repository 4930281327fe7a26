package vpc

import (
	"context"
	"errors"
	"sync"
	"time"

	"vpnattach/shared/core/request"
	"vpnattach/shared/outcome"
)

// longestPause is how long a region is left alone at most, whatever its answers ask for.
const longestPause = time.Minute

// pauses are the regions in which Describe, with which each change and each look at one
// begins, is not called for a while: where calls are throttled, until the service takes
// more, and where calls for two attachments in a row have failed, for as long as a record
// would wait that has failed so often. So an outage costs one call in a while, and not some
// for each attachment. One attachment alone stops no others. Whatever is not called is
// tried again as if it had failed.
type pauses struct {
	mutex   sync.Mutex
	regions map[string]*pause
}

type pause struct {
	cause    *Error    // why there is a pause
	until    time.Time // zero: there is none
	failures int       // calls in a row that have failed, but for those that began before the pause
	suspect  string    // the attachment whose call has failed, or is made to see whether the pause is over
}

func (p *pause) length() time.Duration {
	return min(outcome.ClassTransient.Handling().BackOff(p.failures), longestPause)
}

// refuse returns the error of a call that is not to be made now. When the service has
// failed it lets one call through after a pause, and others once that has an answer.
func (all *pauses) refuse(region, id string, now time.Time) *Error {
	all.mutex.Lock()
	defer all.mutex.Unlock()
	p := all.regions[region]
	if p == nil || p.until.IsZero() {
		return nil
	}
	left := p.until.Sub(now)
	switch over := left <= 0 || left > longestPause; { // or the clock has been set back
	case over && p.cause.Class == outcome.ClassThrottled:
		delete(all.regions, region)
		return nil
	case over:
		p.until, p.suspect = now.Add(p.length()), id
		return nil
	}
	if p.suspect != "" { // it has an answer soon
		left = min(left, time.Second)
	}
	e := *p.cause
	e.Action, e.RequestID, e.RetryAfter = request.DescribeAction, "", left
	e.Message = "not called, since another call in " + region + " has just failed: " + e.Message
	return &e
}

// note takes notice of the result of a call, and sets RetryAfter where there is a pause.
func (all *pauses) note(action, region, id string, failed *Error, now time.Time) {
	all.mutex.Lock()
	defer all.mutex.Unlock()
	p := all.regions[region]
	switch {
	case failed != nil && action == request.DiagnoseAction: // which no change waits for
	case failed != nil && failed.Class == outcome.ClassThrottled:
		if failed.RetryAfter > 0 {
			all.regions[region] = &pause{cause: failed, until: now.Add(min(failed.RetryAfter, longestPause))}
		}
	case failed == nil || failed.Class != outcome.ClassTransient:
		delete(all.regions, region) // the service answers
	case errors.Is(failed.cause, context.Canceled): // by who has called
	case p == nil || p.until.IsZero() && p.suspect == id:
		all.regions[region] = &pause{suspect: id, failures: 1}
	default:
		if p.until.IsZero() || p.suspect == id {
			p.cause, p.suspect = failed, ""
			p.failures++
			p.until = now.Add(p.length())
		}
		failed.RetryAfter = min(max(p.until.Sub(now), time.Millisecond), longestPause)
	}
}
