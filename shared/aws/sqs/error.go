package sqs

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"vpnattach/shared/aws/retry"
)

// Codes of failures that are not the service's.
const (
	Behind   = "behind a failed one" // not sent, since an entry of its group before it failed
	NoAnswer = "no answer"           // whether the service has the message is not known
)

// Failure is a message for which a call has failed.
type Failure struct {
	Index   int    // in the list that was given
	Code    string // of the service, or one of this package's
	Refused bool   // the message itself is at fault: a retry would fail as well
}

// Error says which messages of a call have failed. The others have succeeded.
type Error struct {
	Failures []Failure // by index; not empty

	total int
	what  string // "sent" or "hidden": what did not happen to them
	cause error
}

// Error says how many messages failed and why.
func (e *Error) Error() string {
	count := map[string]int{}
	var codes []string
	for _, f := range e.Failures {
		if count[f.Code]++; count[f.Code] == 1 {
			codes = append(codes, f.Code)
		}
	}
	for i, code := range codes {
		codes[i] = fmt.Sprintf("%d %s", count[code], code)
	}
	text := fmt.Sprintf("queue: %d of %d messages not %s: %s", len(e.Failures), e.total, e.what, strings.Join(codes, ", "))
	if e.cause != nil {
		text += ": " + e.cause.Error()
	}
	return text
}

// IsDenied reports whether a permission is missing, for the queue or for the key that
// encrypts it.
func (e *Error) IsDenied() bool {
	return slices.ContainsFunc(e.Failures, func(f Failure) bool { return retry.IsDenied(f.Code) })
}

// Errors returns the error of a call for each of its messages, in their order, nil for
// those that have succeeded; none at all when all have.
func Errors(err error, messages int) []error {
	if err == nil {
		return nil
	}
	var known *Error
	if !errors.As(err, &known) {
		return slices.Repeat([]error{err}, messages)
	}
	each := make([]error, messages)
	for _, f := range known.Failures {
		each[f.Index] = err
	}
	return each
}

// Unwrap returns why the last call that failed as a whole did so: a [*retry.Error],
// or nil when calls failed in parts only.
func (e *Error) Unwrap() error { return e.cause }

func newError(what string, total int, call *retry.Error, failures []Failure) error {
	if len(failures) == 0 {
		return nil
	}
	var cause error
	if call != nil {
		cause = call
	}
	slices.SortFunc(failures, func(a, b Failure) int { return cmp.Compare(a.Index, b.Index) })
	return &Error{Failures: failures, total: total, what: what, cause: cause}
}

// callResult is the result of one call.
type callResult struct {
	failures  []Failure
	call      *retry.Error // that failed as a whole; nil when it was answered
	permanent bool         // a retry would fail as well, with other messages too
}

// answered returns the result of a call that got a response. The ids in the answer are
// positions in the batch; an entry that is not in it counts as failed.
func answered(batch []int, done map[string]bool, failed []types.BatchResultErrorEntry) (o callResult) {
	reported := make(map[string]Failure, len(failed))
	for i := range failed {
		code := aws.ToString(failed[i].Code)
		denied := retry.IsDenied(code)
		reported[aws.ToString(failed[i].Id)] = Failure{Code: code, Refused: failed[i].SenderFault && !denied}
		o.permanent = o.permanent || denied
	}
	for i, n := range batch {
		id := strconv.Itoa(i)
		f, known := reported[id]
		if done[id] && !known {
			continue
		}
		f.Index, f.Code = n, cmp.Or(f.Code, NoAnswer)
		o.failures = append(o.failures, f)
	}
	return o
}

// unanswered returns the result of a call that failed as a whole.
func unanswered(batch []int, failed *retry.Error) callResult {
	o := callResult{call: failed, permanent: !failed.Temporary && !blamesMessage(failed)}
	for _, n := range batch {
		o.failures = append(o.failures, Failure{Index: n, Code: codeOf(failed), Refused: blamesMessage(failed)})
	}
	return o
}

// blamesMessage reports whether a call failed because of what a message holds, rather
// than because of the queue or the caller.
func blamesMessage(failed *retry.Error) bool {
	for _, code := range []string{"InvalidMessageContents", "InvalidParameterValue", "InvalidAttributeValue", "BatchRequestTooLong", "MissingParameter"} {
		if strings.Contains(failed.Code, code) {
			return true
		}
	}
	return false
}

func codeOf(failed *retry.Error) string { return cmp.Or(failed.Code, NoAnswer) }
