package rulefile_test

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"vpnattach/shared/aws/rulefile"
)

// file is a rule file with that many rules, which has a failing test if asked for.
func file(rules int, failing bool) string {
	list := make([]string, rules)
	for i := range list {
		list[i] = `{"name":"r` + string(rune('a'+i)) + `","match":{"kind":["site"]},"from":{"Name":"name"},"with":{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localsingle"}}`
	}
	tests := `{"name":"in another file","event":"site.json","want":[]}`
	if failing {
		tests += `,{"name":"never","event":{"kind":"site","name":"a"},"want":[]}`
	} else {
		tests += `,{"name":"other kinds","event":{"kind":"x"},"want":[]}`
	}
	return `{"rules":[` + strings.Join(list, ",") + `],"tests":[` + tests + `]}`
}

// history are versions of a file, the newest first.
type history struct {
	texts []string
	err   error // in place of the first
	reads int
	hang  bool
}

func (h *history) versions(ctx context.Context) iter.Seq2[rulefile.Version, error] {
	return func(yield func(rulefile.Version, error) bool) {
		if h.hang {
			<-ctx.Done()
			yield(rulefile.Version{}, ctx.Err())
			return
		}
		if h.reads++; h.err != nil {
			yield(rulefile.Version{}, h.err)
			return
		}
		for _, text := range h.texts {
			if !yield(rulefile.Version{ID: text, Text: []byte(text)}, nil) {
				return
			}
			h.reads++
		}
	}
}

func TestFile(t *testing.T) {
	t.Parallel()
	const broken = `{"rules":[{"name":"x"}]}`
	down := errors.New("no answer")
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	var h history
	var log bytes.Buffer
	var stale bool
	var f *rulefile.File
	fresh := func() {
		f = rulefile.New(rulefile.Config{Versions: h.versions, Now: func() time.Time { return now }, Log: zerolog.New(&log), Report: func(s bool) { stale = s }})
	}
	for _, step := range []struct {
		name  string
		texts []string
		err   error
		after time.Duration
		fresh bool
		rules int // 0: none are in force
		stale bool
		reads int
	}{
		{"the first", []string{file(1, false)}, nil, 0, true, 1, false, 1},
		{"within a minute", []string{file(2, false)}, nil, 59 * time.Second, false, 1, false, 0},
		{"after a minute", []string{file(2, false), file(1, false)}, nil, time.Second, false, 2, false, 1},
		{"no newer one", []string{file(2, false)}, nil, time.Minute, false, 2, false, 1},
		{"a bad one", []string{broken, file(2, false)}, nil, time.Minute, false, 2, true, 2},
		{"a failing test", []string{file(3, true), broken, file(2, false)}, nil, time.Minute, false, 2, true, 3},
		{"a good one before a bad one", []string{broken, file(4, false), file(2, false)}, nil, time.Minute, false, 4, true, 2},
		{"no answer", nil, down, time.Minute, false, 4, true, 1},
		{"corrected", []string{file(5, false), broken}, nil, time.Minute, false, 5, false, 1},
		{"a start while it is bad", []string{broken, file(3, true), file(2, false)}, nil, 0, true, 2, true, 3},
		{"a start without a good one", []string{broken}, nil, 0, true, 0, true, 2},
		{"within ten seconds", []string{file(1, false)}, nil, 9 * time.Second, false, 0, true, 0},
		{"after ten seconds", []string{file(1, false)}, nil, time.Second, false, 1, false, 1},
		{"a start without an answer", nil, down, 0, true, 0, true, 1},
		{"no version at all", []string{}, nil, 0, true, 0, true, 1},
	} {
		if h.texts, h.err, h.reads = step.texts, step.err, 0; step.fresh {
			fresh()
		}
		now = now.Add(step.after)
		set, err := f.Rules(t.Context())
		if set.Len() != step.rules || (err == nil) != (step.rules > 0) || stale != step.stale || h.reads != step.reads {
			t.Errorf("%s: %d rules, %v, stale %v, %d versions were read", step.name, set.Len(), err, stale, h.reads)
		}
	}
	if n := strings.Count(log.String(), `"alarm":true`); n == 0 || strings.Count(log.String(), `"remedy"`) != n {
		t.Errorf("got log %s", log.String())
	}
}

// TestMadeAnew: a parameter that was deleted and made anew begins with version 1 again, and
// what it holds then counts.
func TestMadeAnew(t *testing.T) {
	t.Parallel()
	now := time.Now()
	text := file(1, false)
	f := rulefile.New(rulefile.Config{Now: func() time.Time { return now }, Versions: func(context.Context) iter.Seq2[rulefile.Version, error] {
		return func(yield func(rulefile.Version, error) bool) {
			yield(rulefile.Version{ID: "1", Text: []byte(text)}, nil)
		}
	}})
	for rules := 1; rules < 4; rules++ {
		text = file(rules, false)
		if set, err := f.Rules(t.Context()); set.Len() != rules || err != nil {
			t.Errorf("got %d rules, want %d, %v", set.Len(), rules, err)
		}
		now = now.Add(time.Minute)
	}
}

// TestEnded: a caller whose time is up delays no other, and makes no rules stale.
func TestEnded(t *testing.T) {
	t.Parallel()
	h := history{texts: []string{file(1, false)}}
	now := time.Now()
	stale := false
	f := rulefile.New(rulefile.Config{Versions: h.versions, Now: func() time.Time { return now }, Report: func(s bool) { stale = s }})
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, start := range []bool{true, false} {
		h.hang = true
		if set, err := f.Rules(ended); start != (set == nil) || start != errors.Is(err, context.Canceled) || stale != start {
			t.Errorf("got %d rules, %v, stale %v", set.Len(), err, stale)
		}
		h.hang = false
		if set, err := f.Rules(t.Context()); set.Len() != 1 || err != nil || stale {
			t.Errorf("got %d rules, %v, stale %v", set.Len(), err, stale)
		}
		now = now.Add(time.Minute)
	}
}

// TestConcurrent: those who ask at once wait for one look.
func TestConcurrent(t *testing.T) {
	t.Parallel()
	h := history{texts: []string{file(1, false)}}
	f := rulefile.New(rulefile.Config{Versions: h.versions})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if set, err := f.Rules(context.Background()); set.Len() != 1 || err != nil {
				t.Errorf("got %d rules, %v", set.Len(), err)
			}
		})
	}
	all.Wait()
	if h.reads != 1 {
		t.Errorf("it was read %d times", h.reads)
	}
}
