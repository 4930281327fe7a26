package apply

import (
	"vpnattach/shared/core/finding"
)

var superseded = finding.Declare(finding.Check{
	ID: "superseded-by-newer", Severity: finding.Info, Part: finding.Delivery,
	Title: "A newer event has given the field, or the pair it belongs to, its value, so this event's value is not sent.",
	Why:   "Events arrive in any order. The newest one for a field counts, so that the result does not depend on the delivery.",
	Hint:  "nothing to do; to have this value after all, send it in a new event",
})

// overruled are the findings for the fields that the change has lost.
func (c *change) overruled() (found finding.Findings) {
	for _, field := range c.lost {
		name := field.Name()
		found = append(found, superseded.At(name, "a newer event owns "+name))
	}
	return found
}
