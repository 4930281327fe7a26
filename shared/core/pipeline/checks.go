package pipeline

import (
	"strings"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/event"
	"vpnattach/shared/core/finding"
)

var (
	// EventInFuture finds an event whose own time is further ahead than [FutureLimit].
	EventInFuture = finding.Declare(finding.Check{
		ID: "event-in-future", Severity: finding.Error, Part: finding.Event,
		Title: "The event's own time is more than five minutes ahead, so it would win over every later change.",
		Why:   "The newest event owns a field. One dated next year would own it until then.",
		Hint:  "correct the sender's clock",
	})
	eventForeign = finding.Declare(finding.Check{
		ID: "event-not-for-us", Severity: finding.Info, Part: finding.Event,
		Title: "The event is no change document, and no rule matches it.",
		Why:   "Sources send many kinds of events. This one asks for no change, and that is no error.",
		Hint:  "give a rule file whose pattern matches the event",
	})
	currentOfAnother = finding.Declare(finding.Check{
		ID: "current-of-another", Severity: finding.Error, Part: finding.Event,
		Title: "The current configuration given is that of another attachment, so the change can't be merged.",
		Why:   "Merged with another attachment’s configuration, the request would carry its key and its addresses.",
		Hint:  "give what DescribeVpnConnection returns for this attachment",
	})
	referenceOpen = finding.Declare(finding.Check{
		ID: "reference-unresolved", Severity: finding.Info, Part: finding.Event,
		Title: "The change holds a dynamic reference to a secret, so no request can be signed yet.",
		Why:   "The secret is read only where the change is applied, so that nothing on the way holds it.",
		Hint:  "the reference is resolved just before the change is applied",
	})
	// NothingDiffers finds a change that the attachment has already.
	NothingDiffers = finding.Declare(finding.Check{
		ID: "nothing-differs", Severity: finding.Info, Part: finding.NoResult,
		Title: "The attachment is as the change asks, so there is nothing to send.",
		Why:   "A request that changes nothing would still put the attachment into “updating”.",
		Fix:   "Nothing: the attachment is as it should be.",
	})
	// NotSigned finds a change of which no request can be made.
	NotSigned = finding.Declare(finding.Check{
		ID: "not-signed", Severity: finding.Error, Part: finding.NoResult,
		Title: "The change is good, but no request could be made of it.",
		Why:   "The values are good, but no request can carry them: it would be too large, or has no host.",
		Fix:   "The finding says what is in the way.",
	})
)

// nothing says why a record asks for no change: an error for a payload that
// nobody knows, when no rule could have known it.
func nothing(record *event.Record, o *Options) finding.Findings {
	if record.Kind == event.Payload && o.Rules == nil {
		unknown := event.Unknown(*record)
		if resembles(record) {
			unknown.Hint = "a change document names its attachment by RegionId and VpnConnectionId, spelled so"
		}
		return finding.Findings{unknown.Finding()}
	}
	message := "the event is no change document"
	if o.Rules != nil {
		message += ", and no rule matches it"
	}
	return finding.Findings{eventForeign.At("", message)}
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
