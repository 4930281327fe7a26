package pipeline

import (
	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/event"
	"vpnattach/shared/core/finding"
)

var eventForeign = finding.Declare(finding.Check{
	ID: "event-not-for-us", Severity: finding.Info, Part: finding.Event,
	Title: "The event is not a change document, and no rule matches it.",
	Why:   "Sources send many kinds of events. This one asks for no change, which is not an error.",
	Hint:  "give a rule file whose pattern matches the event",
})

// nothing says why a record asks for no change: an error for an
// unknown payload when there are no rules that could match it.
func nothing(record *event.Record, o *Options) finding.Findings {
	if record.Kind == event.Payload && o.Rules == nil {
		unknown := event.Unknown(*record)
		if resembles(record) {
			unknown.Hint = "a change document names its attachment by RegionId and VpnConnectionId, spelled so"
		}
		return finding.Findings{unknown.Finding()}
	}
	message := "the event is not a change document"
	if o.Rules != nil {
		message += ", and no rule matches it"
	}
	return finding.Findings{eventForeign.At("", message)}
}

// resembles reports whether a payload has a key that is a parameter's name in another
// spelling.
func resembles(record *event.Record) bool {
	for key := range record.Document.Members {
		if attachment.IsSpelling(key) {
			return true
		}
	}
	return false
}
