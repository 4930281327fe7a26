package rulefile

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"vpnattach/shared/aws/invoke"
	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/pipeline"
	"vpnattach/shared/core/rules"
)

const (
	// lookAfter is when a file is looked at again; without rules to go on with, sooner.
	lookAfter, retryAfter = time.Minute, 10 * time.Second
	// lookWithin is how long that may take while there are rules to go on with.
	lookWithin = 5 * time.Second
)

// Config is what a File needs. Versions is mandatory.
type Config struct {
	Versions Versions
	// Report is told, whenever rules are asked for, whether the newest version is not the
	// one in use; nil: it is not told.
	Report func(stale bool)
	Now    func() time.Time // default [time.Now]
	Log    zerolog.Logger   // the zero value logs nothing
}

// File is a rule file that may change. It is safe for concurrent use.
type File struct {
	config Config

	mutex   sync.Mutex
	set     *rules.Set // nil: no version has been good so far
	version string     // its
	sum     [32]byte   // of its text: a parameter that was deleted begins anew with version 1
	next    time.Time  // when to look again
	stale   error      // why the newest version is not in use
}

// New fills in the defaults.
func New(config Config) *File {
	if config.Now == nil {
		config.Now = time.Now
	}
	return &File{config: config}
}

// Rules returns the rules in force. It fails only when no version has been good so far.
func (f *File) Rules(ctx context.Context) (*rules.Set, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if now := f.config.Now(); !now.Before(f.next) {
		before := f.stale
		f.look(ctx)
		switch {
		case ctx.Err() != nil && f.stale != nil: // not a fault of the file, so the next caller looks again
			if f.set != nil {
				f.stale = before
			}
		case f.set == nil:
			f.next = now.Add(retryAfter)
		default:
			f.next = now.Add(lookAfter)
		}
	}
	if f.config.Report != nil {
		f.config.Report(f.stale != nil)
	}
	if f.set == nil {
		return nil, fmt.Errorf("rules: %w", f.stale)
	}
	return f.set, nil
}

// look takes the newest good version.
func (f *File) look(ctx context.Context) {
	if f.set != nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, lookWithin)
		defer cancel()
	}
	f.stale = nil
	seen := 0
	for v, err := range f.config.Versions(ctx) {
		sum := sha256.Sum256(v.Text)
		if err == nil && v.ID == f.version && sum == f.sum && f.set != nil {
			break // and those before it are older still
		}
		var set *rules.Set
		remedy := "Restore the rule file, or allow the function's role to read it;"
		if err == nil {
			set, err = check(v.Text)
			remedy = "Correct the rule file;"
		}
		if err == nil {
			f.set, f.version, f.sum = set, v.ID, sum
			invoke.Line(ctx, f.config.Log, zerolog.InfoLevel).Str("version", v.ID).Int("rules", set.Len()).Msg("rules")
			break
		}
		invoke.Line(ctx, f.config.Log, zerolog.ErrorLevel).Str("version", v.ID).Err(err).Bool("alarm", true).
			Str("remedy", remedy+" the last good version stays in use until then.").Msg("rules")
		f.stale = errors.Join(f.stale, err)
		if seen++; seen == mostVersions {
			break
		}
	}
	if f.set == nil && f.stale == nil {
		f.stale = errors.New("there is no version of the rule file")
	}
}

// check reads a version, and runs the tests in it that need no other file.
func check(text []byte) (*rules.Set, error) {
	set, found := rules.Load(text)
	for _, f := range found {
		if f.Severity == finding.Error {
			return nil, fmt.Errorf("the rule file has an error: %s (%s %s)", f.Message, f.Check, f.Path)
		}
	}
	tests := set.Tests()
	for i := range tests {
		if tests[i].File != "" {
			continue
		}
		if verdict := pipeline.RunTest(set, &tests[i], ""); !verdict.Passed() {
			why := verdict.Problems[0]
			return nil, fmt.Errorf("a test of the rule file has failed: %s: %s", why.Path, why.Message)
		}
	}
	return set, nil
}
