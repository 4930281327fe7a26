package apply

import (
	"vpnattach/shared/core/finding"
)

var superseded = finding.Check{
	ID: "superseded-by-newer", Severity: finding.Info,
	Title: "A newer event has given the field, or the pair it belongs to, its value, so this event's value is not sent.",
	Hint:  "nothing to do; to have this value after all, send it in a new event",
}

// Rules returns the rows of the findings that this package adds.
func Rules() []finding.Check { return []finding.Check{superseded} }

// overruled are the findings for the fields that the change has lost.
func (c *change) overruled() (found finding.Findings) {
	for _, field := range c.lost {
		name := field.Name()
		found = append(found, finding.Finding{Rule: superseded.ID, Path: name, Severity: superseded.Severity,
			Message: "a newer event owns " + name, Hint: superseded.Hint})
	}
	return found
}
