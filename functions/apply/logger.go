package apply

import (
	"fmt"
	"io"

	"github.com/rs/zerolog"
)

// LevelVariable is the environment variable that Lambda sets to the level of a
// function's log: TRACE, DEBUG, INFO, WARN, ERROR or FATAL.
const LevelVariable = "AWS_LAMBDA_LOG_LEVEL"

// NewLogger returns a logger of JSON lines with the level that [LevelVariable]
// holds, info when it is empty. getenv is [os.Getenv].
func NewLogger(w io.Writer, getenv func(string) string) (zerolog.Logger, error) {
	level := zerolog.InfoLevel
	if text := getenv(LevelVariable); text != "" {
		var err error
		if level, err = zerolog.ParseLevel(text); err != nil {
			return zerolog.Nop(), fmt.Errorf("%s: %w", LevelVariable, err)
		}
	}
	return zerolog.New(w).Level(level), nil
}
