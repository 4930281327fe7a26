package pipeline

import (
	"strings"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/event"
	"vpnattach/shared/core/finding"
)

// rule is a row of this package's findings.
type rule finding.Check

// Finding makes a finding of the row.
func (r *rule) Finding(path, message string) finding.Finding {
	return finding.Finding{Rule: r.ID, Path: path, Severity: r.Severity, Message: message, Hint: r.Hint, Ref: r.Ref}
}

var (
	eventInFuture = rule{ID: "event-in-future", Severity: finding.Error,
		Title: "The event's own time is more than five minutes ahead, so it would win over every later change.",
		Hint:  "correct the sender's clock"}
	eventForeign = rule{ID: "event-not-for-us", Severity: finding.Info,
		Title: "The event is no change document, and no rule matches it.",
		Hint:  "give a rule file whose pattern matches the event"}
	currentOfAnother = rule{ID: "current-of-another", Severity: finding.Error,
		Title: "The current configuration given is that of another attachment, so the change can't be merged.",
		Hint:  "give what DescribeVpnConnection returns for this attachment"}
	nothingDiffers = rule{ID: "nothing-differs", Severity: finding.Info,
		Title: "The attachment is as the change asks, so there is nothing to send."}
	referenceOpen = rule{ID: "reference-unresolved", Severity: finding.Info,
		Title: "The change holds a dynamic reference to a secret, so no request can be signed yet.",
		Hint:  "the reference is resolved just before the change is applied"}
	notSigned = rule{ID: "not-signed", Severity: finding.Error,
		Title: "The change is good, but no request could be made of it."}
)

// Rules returns the rows of the findings that this package adds.
func Rules() []finding.Check {
	var rows []finding.Check
	for _, r := range []*rule{&eventInFuture, &eventForeign, &currentOfAnother, &nothingDiffers, &referenceOpen, &notSigned} {
		rows = append(rows, finding.Check(*r))
	}
	return rows
}

// nothing says why a record asks for no change: an error for a payload that
// nobody knows, when no rule could have known it.
func nothing(record *event.Record, o *Options) finding.Findings {
	if record.Kind == event.Payload && o.Rules == nil {
		unknown := event.Unknown(*record)
		if resembles(record) {
			unknown.Hint = "a change document names its attachment by RegionId and VpnConnectionId, spelled so"
		}
		return finding.Findings{{
			Rule: string(unknown.Code), Path: unknown.Path, Severity: finding.Error,
			Message: unknown.Message, Hint: unknown.Hint,
		}}
	}
	message := "the event is no change document"
	if o.Rules != nil {
		message += ", and no rule matches it"
	}
	return finding.Findings{eventForeign.Finding("", message)}
}

// resembles reports whether a payload has a key that is nearly a parameter's name.
func resembles(record *event.Record) bool {
	for key := range record.Document.Members {
		if strings.EqualFold(attachment.Nearest(key), key) {
			return true
		}
	}
	return false
}
