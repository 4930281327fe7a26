package dynamo_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"vpnattach/shared/aws/awstest"
	"vpnattach/shared/ledger"
	"vpnattach/shared/ledger/dynamo"
	"vpnattach/shared/outcome"
)

// What a rotation needs of the table beside the entries: fates, changes that wait, and
// rotations that are not done.
func TestRotationItems(t *testing.T) {
	t.Parallel()
	s := awstest.Shared(t)
	table := dynamo.New(client(s), s.Table(t, dynamo.KeyAttribute))
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	if fate, err := table.Fate(t.Context(), "0a1b"); err != nil || fate != nil {
		t.Errorf("got %v, %v before there is one", fate, err)
	}
	rejected := ledger.Fate{Status: outcome.Rejected, Time: noon.Add(1), Reason: &outcome.Reason{Code: "psk-unknown", Message: "m", Remedy: "r", Class: outcome.ClassRejected}}
	must(table.RecordFate(t.Context(), "0a1b", ledger.Fate{Status: outcome.Applied, Time: noon}))
	must(table.RecordFate(t.Context(), "0a1b", rejected))
	if fate, err := table.Fate(t.Context(), "0a1b"); err != nil || !reflect.DeepEqual(*fate, rejected) {
		t.Errorf("got %+v, %v", fate, err)
	}

	if until, err := table.Waiting(t.Context(), key); err != nil || !until.IsZero() {
		t.Errorf("got %v, %v before any waits", until, err)
	}
	must(table.RecordWaiting(t.Context(), key, noon.Add(time.Minute)))
	if until, err := table.Waiting(t.Context(), key); err != nil || !until.Equal(noon.Add(time.Minute)) {
		t.Errorf("got %v, %v", until, err)
	}
	if entry, err := table.Load(t.Context(), key); err != nil || entry.Version != 0 {
		t.Errorf("the attachment's entry: got %v, %v", entry, err)
	}

	none, err := table.LoadRotations(t.Context())
	if err != nil || len(none.Open) != 0 || none.Version != 0 {
		t.Fatalf("got %+v, %v before any", none, err)
	}
	one := ledger.Rotations{Open: map[string]ledger.Rotation{"arn": {
		Version: "v1", Attachment: key.String(), Current: "v0", Phase: ledger.Back, Time: noon, Began: noon.Add(2), Sent: ledger.Asked, SentAt: noon.Add(3),
		Backs: 1, Touched: noon.Add(4), Writes: 7, Reason: rejected.Reason,
	}}}
	must(table.SaveRotations(t.Context(), one))
	if err := table.SaveRotations(t.Context(), one); !errors.Is(err, ledger.ErrConflict) {
		t.Errorf("got %v for a write as if there was none, want ErrConflict", err)
	}
	got, err := table.LoadRotations(t.Context())
	if one.Version = 1; err != nil || !reflect.DeepEqual(got, one) {
		t.Errorf("got %+v, %v, want %+v", got, err, one)
	}
	got.Open = map[string]ledger.Rotation{}
	must(table.SaveRotations(t.Context(), got))
	if err := table.SaveRotations(t.Context(), got); !errors.Is(err, ledger.ErrConflict) {
		t.Errorf("got %v for the second write of one version, want ErrConflict", err)
	}
	if got, err := table.LoadRotations(t.Context()); err != nil || len(got.Open) != 0 || got.Version != 2 {
		t.Errorf("got %+v, %v at the end", got, err)
	}
}
