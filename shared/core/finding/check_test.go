package finding_test

import (
	"slices"
	"testing"

	"vpnattach/shared/core/finding"
)

// mustPanic fails when declaring the check does not panic.
func mustPanic(t *testing.T, c finding.Check) {
	t.Helper()
	defer func() {
		if recover() == nil {
			t.Errorf("%+v is taken", c)
		}
	}()
	finding.Declare(c)
}

// TestDeclare is not parallel: the list of checks is for the time of initialisation.
func TestDeclare(t *testing.T) {
	last := finding.Declare(finding.Check{ID: "test-b", Severity: finding.Error, Part: finding.NoResult, Hint: "h", APICode: "c", Ref: "r"})
	first := finding.Declare(finding.Check{ID: "test-a", Severity: finding.Info, Part: finding.NoResult, Hint: "h", Fix: "f"})
	before := finding.Declare(finding.Check{ID: "test-c", Severity: finding.Info, Part: finding.RuleFile})
	mustPanic(t, finding.Check{ID: "test-a", Part: finding.Values})
	mustPanic(t, finding.Check{Part: finding.Values})

	all := finding.All()
	if i := slices.Index(all, before); i < 0 || slices.Index(all, first) < i || slices.Index(all, last) < slices.Index(all, first) {
		t.Errorf("the order is %v", all)
	}
	if !slices.Equal(all, finding.All()) {
		t.Error("the order changes")
	}
	if finding.Find("test-a") != first || finding.Find("test-d") != nil {
		t.Error("Find finds another check")
	}
	if last.Remedy() != "h" || first.Remedy() != "f" {
		t.Errorf("remedies %q and %q", last.Remedy(), first.Remedy())
	}
	want := finding.Finding{Check: "test-b", Path: "a.b", Severity: finding.Error, Message: "m", Hint: "h", APICode: "c", Ref: "r"}
	if got := last.At("a.b", "m"); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
