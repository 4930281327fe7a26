package rotate_test

import (
	"testing"
	"time"

	"vpnattach/functions/rotate"
)

func mustWorld(t *testing.T, o options) *world {
	t.Helper()
	w, err := newWorld(o)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// rotation begins a rotation and takes its four steps.
func (w *world) rotation(version string) (result rotate.Result, err error) {
	w.secret.stages["AWSPENDING"] = version
	for _, step := range []string{rotate.Create, rotate.Set, rotate.Test, rotate.Finish} {
		if result, err = w.step(step, version); err != nil {
			return result, err
		}
	}
	return result, nil
}

func TestRotation(t *testing.T) {
	t.Parallel()
	w := mustWorld(t, options{update: 5 * time.Second, provision: 2 * time.Minute, peerLag: 5 * time.Second})
	result, err := w.rotation("v1")
	if err != nil || result.Status != rotate.Rotated {
		t.Fatalf("got %+v, %v", result, err)
	}
	key := w.secret.key()
	if w.secret.stages["AWSCURRENT"] != "v1" || key == oldKey || w.ours() != key || w.peer.key[0] != key || !w.peer.up() {
		t.Errorf("not rotated")
	}
}
