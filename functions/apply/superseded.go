package apply

import (
	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/finding"
)

var superseded = finding.Declare(finding.Check{
	ID: "superseded-by-newer", Severity: finding.Info, Part: finding.Delivery,
	Title: "A newer event has given the field, or the pair it belongs to, its value, so this event's value is not sent.",
	Why:   "Events arrive in any order. The newest one for a field counts, so that the result does not depend on the delivery.",
	Hint:  "nothing to do; to have this value after all, send it in a new event",
})

// supersededFindings are the findings for fields that a newer event owns.
func supersededFindings(fields []attachment.Field) (found finding.Findings) {
	for _, field := range fields {
		name := field.Name()
		found = append(found, superseded.At(name, "a newer event owns "+name))
	}
	return found
}
