package outcome_test

import (
	"net/http"
	"testing"
	"time"

	"vpnattach/shared/outcome"
	"vpnattach/shared/vpc"
)

// TestHandling: only rejected changes become dead letters, and only blocked ones raise
// an alarm; all others are delivered again.
func TestHandling(t *testing.T) {
	t.Parallel()
	for _, code := range vpc.Codes() {
		got := code.Class.Handling()
		if rejected := code.Class == outcome.ClassRejected; got.DeadLetter != rejected || rejected != (got.First == 0) || rejected != (got.HTTPStatus == http.StatusBadRequest) {
			t.Errorf("%s: got %+v", code.Class, got)
		}
		if got.Alarm != (code.Class == outcome.ClassBlocked) {
			t.Errorf("%s: alarm %v", code.Class, got.Alarm)
		}
		if got.First > got.Most || got.Most > 15*time.Minute || got.HTTPStatus < 400 {
			t.Errorf("%s: got %+v", code.Class, got)
		}
	}
	if got := outcome.Class("").Handling(); got != (outcome.Handling{}) {
		t.Errorf("no failure: got %+v", got)
	}
}
