package finding_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"vpnattach/shared/core/finding"
)

// TestListIsBounded: whatever is added, no more than the limit is told, what is left out
// is counted, and an error is never lost.
func TestListIsBounded(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var list, whole finding.List
		added, errors := 0, 0
		for i := range rapid.IntRange(0, 400).Draw(t, "n") {
			severity := finding.Severity(rapid.SampledFrom([]int{3, 3, 3, 2, 1}).Draw(t, "severity"))
			if severity == finding.Error {
				errors++
			}
			added++
			c := &finding.Check{ID: "c", Severity: severity}
			if rapid.Bool().Draw(t, "asked") && list.Full(c) {
				continue
			}
			list.Add(c.At("", fmt.Sprint(i)))
		}
		found := list.Findings()
		whole.Add(found...) // one list into another
		if again := whole.Findings(); len(again) != len(found) || again.HasError() != found.HasError() {
			t.Fatalf("a list of %d findings becomes one of %d", len(found), len(again))
		} else if n := len(found); n > 0 && again[n-1].Message != found[n-1].Message {
			t.Fatalf("got %q, want %q", again[n-1].Message, found[n-1].Message)
		}
		if found.HasError() != (errors > 0) || list.HasError() != (errors > 0) {
			t.Fatalf("of %d errors, the findings say %v", errors, found.HasError())
		}
		if added <= finding.Most {
			if len(found) != added {
				t.Fatalf("%d of %d are told", len(found), added)
			}
			return
		}
		told := found[:len(found)-1]
		if len(told) != finding.Most || found[len(told)].Check != "findings-left-out" {
			t.Fatalf("%d of %d are told, and last is %+v", len(told), added, found[len(told)])
		}
		if want := fmt.Sprintf("%d more findings are not told: %[1]d c", added-finding.Most); found[len(told)].Message != want {
			t.Fatalf("got %q, want %q", found[len(told)].Message, want)
		}
		toldErrors := 0
		for _, f := range told {
			if f.Severity == finding.Error {
				toldErrors++
			}
		}
		if toldErrors != min(errors, finding.Most) {
			t.Fatalf("%d of %d errors are told", toldErrors, errors)
		}
	})
}

func TestListCountsByCheck(t *testing.T) {
	t.Parallel()
	var list finding.List
	for range finding.Most {
		list.Add(finding.Finding{Check: "a", Severity: finding.Info})
	}
	before := list.Findings()
	for i, check := range []string{"b", "c", "b", "d"} {
		list.Add(finding.Finding{Check: check, Severity: finding.Warning - finding.Severity(i/3)})
	}
	got := list.Findings()
	want := finding.Finding{Check: "findings-left-out", Severity: finding.Warning, Message: "4 more findings are not told: 2 b, 1 a, 1 c"}
	if last := got[len(got)-1]; last.Check != want.Check || last.Severity != want.Severity || last.Message != want.Message {
		t.Errorf("got %+v, want %+v", last, want)
	}
	if got[finding.Most-1].Check != "d" || slices.ContainsFunc(before, func(f finding.Finding) bool { return f.Check != "a" }) {
		t.Errorf("an error is not told, or what was returned before has changed: %+v", got[finding.Most-1])
	}
}
