package main

import (
	"regexp"
	"testing"

	"vpnattach/shared/core/finding"
)

// TestChecks: each check says what it means, why and what to do. The tests of the
// packages bring each of theirs.
func TestChecks(t *testing.T) {
	t.Parallel()
	id := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	for _, c := range finding.All() {
		if !id.MatchString(c.ID) || c.Severity < finding.Error || c.Severity > finding.Info || c.Part.String() == "" {
			t.Errorf("%q, %v, %v: id, severity or part is wrong", c.ID, c.Severity, c.Part)
		}
		if len(c.Title) < 10 || len(c.Why) < 10 || c.Remedy() == "" {
			t.Errorf("%s says too little: %+v", c.ID, c)
		}
		if c.APICode != "" && c.Severity != finding.Error {
			t.Errorf("%s is not an error, so the service does not answer it", c.ID)
		}
	}
}
