// Package logging makes the log of every program here: JSON lines, with the level that
// Lambda sets.
//
//	log, err := logging.New(os.Stdout, os.Getenv)
package logging

import (
	"fmt"
	"io"

	"github.com/rs/zerolog"
)

// LevelVariable is the environment variable that Lambda sets to the level of a
// function's log: TRACE, DEBUG, INFO, WARN, ERROR or FATAL.
const LevelVariable = "AWS_LAMBDA_LOG_LEVEL"

// New returns a logger of JSON lines with the level that [LevelVariable] holds, info
// when it is empty. getenv is [os.Getenv].
func New(w io.Writer, getenv func(string) string) (zerolog.Logger, error) {
	level := zerolog.InfoLevel
	if text := getenv(LevelVariable); text != "" {
		var err error
		if level, err = zerolog.ParseLevel(text); err != nil {
			return zerolog.Nop(), fmt.Errorf("%s: %w", LevelVariable, err)
		}
	}
	return zerolog.New(w).Level(level), nil
}
