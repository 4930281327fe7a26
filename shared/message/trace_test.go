package message_test

import (
	"strings"
	"testing"

	"vpnattach/shared/message"
)

func TestTraceID(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]string{
		"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01":                              "4bf92f3577b34da6a3ce929d0e0e4736",
		"01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more":                         "4bf92f3577b34da6a3ce929d0e0e4736",
		"Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1":           "1-5759e988-bd862e3fe1be46a994272793",
		"Self=1-67891234-12456789abcdef012345678;Root=1-67891233-abcdef012345678912345678":     "1-67891233-abcdef012345678912345678",
		"00-00000000000000000000000000000000-00f067aa0ba902b7-01":                              "",
		"00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01":                              "",
		"00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01":                              "",
		"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more":                         "",
		"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-011":                             "",
		"ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01":                              "",
		"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01" + strings.Repeat("0", 1<<20): "",
		"Root=a-key;Parent=1":              "",
		"4bf92f3577b34da6a3ce929d0e0e4736": "",
		"":                                 "",
	} {
		if got := message.TraceID(header); got != want {
			t.Errorf("%q: got %q, want %q", header, got, want)
		}
	}
}
