package logging_test

import (
	"io"
	"testing"

	"github.com/rs/zerolog"

	"vpnattach/shared/logging"
)

func TestLevel(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]zerolog.Level{"": zerolog.InfoLevel, "DEBUG": zerolog.DebugLevel, "WARN": zerolog.WarnLevel} {
		log, err := logging.New(io.Discard, func(name string) string {
			if name != "AWS_LAMBDA_LOG_LEVEL" {
				t.Errorf("reads %s", name)
			}
			return text
		})
		if err != nil || log.GetLevel() != want {
			t.Errorf("%q: got %v, %v, want %v", text, log.GetLevel(), err, want)
		}
	}
	if _, err := logging.New(io.Discard, func(string) string { return "LOUD" }); err == nil {
		t.Error("an unknown level is taken")
	}
}
