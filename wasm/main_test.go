package main

import (
	"bytes"
	"strings"
	"testing"
	"unsafe"
)

// TestCall is about what all functions have in common. It is one test, since the
// module has one input and one output.
func TestCall(t *testing.T) {
	t.Parallel()
	const key = "a-key-that-is-given-to-the-core"
	give := func(text string) (uint32, []byte) {
		at := (*byte)(Input(uint32(len(text))))
		given := unsafe.Slice(at, len(text))
		copy(given, text)
		return uint32(len(text)), given
	}
	echo := func(data []byte) []byte { return bytes.Clone(data) }

	size, input := give(key)
	if got := string(out[:call(echo, size)]); got != key {
		t.Fatalf("got %q, want what was given", got)
	}
	if !zero(input) {
		t.Errorf("the input is left in memory: %q", input)
	}
	output := out

	size, input = give(key)
	n := call(func(data []byte) []byte { panic("about " + string(data)) }, size)
	got := string(unsafe.Slice((*byte)(Output()), n))
	if !strings.HasPrefix(got, `{"error":{"code":"internal"`) || strings.Contains(got, key) {
		t.Errorf("after a panic: got %s, want an internal error", got)
	}
	if !zero(input) {
		t.Errorf("after a panic, the input is left in memory: %q", input)
	}
	if !zero(output) {
		t.Errorf("after the next call, the result is left in memory: %q", output)
	}

	size, _ = give(key)
	if got := string(out[:call(echo, size)]); got != key {
		t.Errorf("after a panic: got %q, want what was given", got)
	}
}

func zero(data []byte) bool { return len(bytes.Trim(data, "\x00")) == 0 }
