// Package settings reads what a program is told by environment variables, and says
// all that is wrong with them at once.
//
//	s := settings.New(os.Getenv)
//	table := s.Required("LEDGER_TABLE")
//	within := s.Duration("CONFIRM_WITHIN", 10*time.Minute)
//	if err := s.Err(); err != nil { … names each variable and what it may be … }
package settings

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Settings are environment variables as they are read. It is not for use by several
// goroutines at once.
type Settings struct {
	getenv   func(string) string
	names    []string
	problems []error
}

// New reads from getenv, such as [os.Getenv]. A variable that is empty counts as not
// set.
func New(getenv func(string) string) *Settings { return &Settings{getenv: getenv} }

// Err returns all that was wrong with what has been read so far, a line each. It
// shows no values, since one of them may be a secret in the wrong place.
func (s *Settings) Err() error { return errors.Join(s.problems...) }

// Names returns the variables that have been read so far, in alphabetical order.
func (s *Settings) Names() []string { return slices.Sorted(slices.Values(s.names)) }

// Bad notes a problem with a variable: what it should be, after its name.
func (s *Settings) Bad(name, problem string) {
	s.problems = append(s.problems, fmt.Errorf("%s %s", name, problem))
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
		s.Bad(name, "is none of "+strings.Join(values, ", "))
		return values[0]
	}
	return value
}

// Number returns a variable that is a whole number from low to high.
func (s *Settings) Number(name string, preset, low, high int) int {
	value, err := strconv.Atoi(s.Text(name, strconv.Itoa(preset)))
	if err != nil || value < low || value > high {
		s.Bad(name, fmt.Sprintf("is no whole number from %d to %d", low, high))
		return preset
	}
	return value
}

// Duration returns a variable that is a positive duration, as [time.ParseDuration]
// reads it.
func (s *Settings) Duration(name string, preset time.Duration) time.Duration {
	value, err := time.ParseDuration(s.Text(name, preset.String()))
	if err != nil || value <= 0 {
		s.Bad(name, "is no duration such as 90s or 10m")
		return preset
	}
	return value
}

// URL returns a variable that is a URL with scheme and host, or empty.
func (s *Settings) URL(name string) string {
	value := s.Text(name, "")
	if at, err := url.Parse(value); value != "" && (err != nil || at.Host == "" || at.Scheme != "http" && at.Scheme != "https") {
		s.Bad(name, "is no URL such as https://vpc.aliyuncs.com")
		return ""
	}
	return value
}

// List returns the items of a variable, with commas or blanks between them.
func (s *Settings) List(name string) []string {
	return strings.FieldsFunc(s.Text(name, ""), func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\t' })
}
