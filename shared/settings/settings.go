// Package settings reads a program's environment variables, the level of its log among
// them, and reports all their problems at once.
//
//	s := settings.New(os.Getenv)
//	log := s.Log(os.Stdout, zerolog.InfoLevel)
//	table := s.Required("LEDGER_TABLE")
//	within := s.Duration("CONFIRM_WITHIN", 10*time.Minute, time.Second)
//	if err := s.Err(); err != nil { … names each variable and what it may be … }
package settings

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/finding"
)

// Settings are environment variables as they are read. It is not for use by several
// goroutines at once.
type Settings struct {
	// ShowValues puts a wrong value beside what it should be, for a person who has typed
	// it. In a log it might be a secret in the wrong place.
	ShowValues bool

	getenv   func(string) string
	names    []string
	problems []error
}

// New reads from getenv, such as [os.Getenv]. A variable that is empty counts as not
// set.
func New(getenv func(string) string) *Settings { return &Settings{getenv: getenv} }

// Err returns the problems of the variables read so far, a line each.
func (s *Settings) Err() error { return errors.Join(s.problems...) }

// Names returns the variables that have been read so far, in alphabetical order.
func (s *Settings) Names() []string { return slices.Sorted(slices.Values(s.names)) }

// Bad adds a problem with a variable: what it must be, after its name. The
// same problem is added once.
func (s *Settings) Bad(name, problem string) {
	said := fmt.Errorf("%s %s", name, problem)
	if !slices.ContainsFunc(s.problems, func(p error) bool { return p.Error() == said.Error() }) {
		s.problems = append(s.problems, said)
	}
}

// wrong adds what a variable must be, and its value when values are shown.
func (s *Settings) wrong(name, must string) {
	if value := s.getenv(name); s.ShowValues && len(value) <= 64 {
		must += ", not " + strconv.Quote(value)
	}
	s.Bad(name, "must be "+must)
}

// Text returns a variable, or preset when it is not set.
func (s *Settings) Text(name, preset string) string {
	if !slices.Contains(s.names, name) {
		s.names = append(s.names, name)
	}
	if value := s.getenv(name); value != "" {
		return value
	}
	return preset
}

// Required returns a variable that must be set.
func (s *Settings) Required(name string) string {
	value := s.Text(name, "")
	if value == "" {
		s.Bad(name, "is not set")
	}
	return value
}

// OneOf returns a variable that may have only some values, of which the first is the
// preset one.
func (s *Settings) OneOf(name string, values ...string) string {
	value := s.Text(name, values[0])
	if !slices.Contains(values, value) {
		s.wrong(name, "one of "+strings.Join(values, ", "))
		return values[0]
	}
	return value
}

// Number returns a variable that is a whole number from low to high.
func (s *Settings) Number(name string, preset, low, high int) int {
	value, err := strconv.Atoi(s.Text(name, strconv.Itoa(preset)))
	if err != nil || value < low || value > high {
		s.wrong(name, fmt.Sprintf("a whole number from %d to %d", low, high))
		return preset
	}
	return value
}

// Port returns a variable that is the number of a port, or 0 for any that is free.
func (s *Settings) Port(name, preset string) string {
	value := s.Text(name, preset)
	if _, err := strconv.ParseUint(value, 10, 16); err != nil {
		s.wrong(name, "1–65535")
		return preset
	}
	return value
}

// Bool returns a variable that is true or false, as [strconv.ParseBool] reads it;
// false when it is not set.
func (s *Settings) Bool(name string) bool {
	value, err := strconv.ParseBool(s.Text(name, "false"))
	if err != nil {
		s.wrong(name, "true or false")
	}
	return value
}

// Duration returns a variable that is a duration of no less than least, as
// [time.ParseDuration] reads it.
func (s *Settings) Duration(name string, preset, least time.Duration) time.Duration {
	value, err := time.ParseDuration(s.Text(name, preset.String()))
	if err != nil || value < least {
		s.wrong(name, "a duration such as 90s or 10m, and no less than "+least.String())
		return preset
	}
	return value
}

// URL returns a variable that is a URL with scheme and host, or empty.
func (s *Settings) URL(name string) string {
	value := s.Text(name, "")
	at, err := url.Parse(value)
	switch {
	case value == "":
	case err != nil || at.Host == "" || at.Scheme != "http" && at.Scheme != "https":
		s.Bad(name, "must be a URL such as https://vpc.aliyuncs.com")
		return ""
	case at.User != nil || at.RawQuery != "" || at.Fragment != "": // which may be a password
		s.Bad(name, "must be a URL without a user, a query and a fragment, such as https://vpc.aliyuncs.com")
		return ""
	}
	return value
}

// List returns the items of a variable, with commas or blanks between them.
func (s *Settings) List(name string) []string {
	return strings.FieldsFunc(s.Text(name, ""), func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\t' })
}

// Peer returns PEER, the profile of the other end that changes are checked for; empty
// when it is not set.
func (s *Settings) Peer() string {
	name := s.Text("PEER", "")
	if name != "" && !attachment.KnownPeer(name) {
		s.wrong("PEER", "one of "+attachment.PeerNames())
		return ""
	}
	return name
}

// Log returns a log of JSON lines with the level that AWS_LAMBDA_LOG_LEVEL holds, which
// Lambda sets for a function; preset when it is not set. Control characters and
// bidirectional controls of what is logged are escaped.
func (s *Settings) Log(w io.Writer, preset zerolog.Level) zerolog.Logger {
	const name = "AWS_LAMBDA_LOG_LEVEL"
	level, err := zerolog.ParseLevel(s.Text(name, preset.String()))
	if err != nil {
		s.wrong(name, "one of TRACE, DEBUG, INFO, WARN, ERROR, FATAL")
		level = preset
	}
	return zerolog.New(visible{w}).Level(level)
}

// visible writes JSON lines in which nothing raw is left that a terminal would act on.
type visible struct{ io.Writer }

func (v visible) Write(line []byte) (int, error) {
	if _, err := v.Writer.Write(finding.VisibleJSON(line)); err != nil {
		return 0, err
	}
	return len(line), nil
}
