package credentials_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"vpnattach/shared/core/request"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/credentials"
)

// The keys of the tests. No error may show a part of them.
const (
	keySecret = "k3y-secret-of-one"
	token     = "t0ken-of-one"
)

const one = `{"accessKeyId":"LTAI-one","accessKeySecret":"` + keySecret + `","securityToken":"` + token + `"}`

// source is a secret that changes, and a clock.
type source struct {
	text    string
	err     error
	fetches int
	at      time.Time
	stale   []string
}

func (s *source) profiles() *credentials.Profiles {
	s.at = time.Unix(1_000_000, 0)
	return credentials.New(credentials.Config{
		Fetch: func(context.Context) (secret.Secret, error) {
			s.fetches++
			return secret.New(s.text), s.err
		},
		Now:   func() time.Time { return s.at },
		Stale: func(_ context.Context, err error) { s.stale = append(s.stale, err.Error()) },
	})
}

func TestForms(t *testing.T) {
	t.Parallel()
	const missing, blank = "is required", "contains white space"
	tests := []struct {
		name, text, profile string
		want                string // id, secret, token
		err                 string
	}{
		{"one key", one, "", "LTAI-one " + keySecret + " " + token, ""},
		{"one key by name", one, "default", "LTAI-one " + keySecret + " " + token, ""},
		{"the SDK's spelling", `{"AccessKeyId":"a","AccessKeySecret":"` + keySecret + `","SecurityToken":"t","Expiration":"2026-01-01T00:00:00Z"}`, "", "a " + keySecret + " t", ""},
		{"several, the first", `{"default":{"accessKeyId":"a","accessKeySecret":"b"},"far":{"AccessKeyId":"c","AccessKeySecret":"d"}}`, "", "a b ", ""},
		{"several, another", `{"default":{"accessKeyId":"a","accessKeySecret":"b"},"far":{"AccessKeyId":"c","AccessKeySecret":"d"}}`, "far", "c d ", ""},
		{"one wrong beside a good one", `{"bad":{"accessKeyId":"` + keySecret + `"},"far":{"AccessKeyId":"c","AccessKeySecret":"d"}}`, "far", "c d ", ""},
		{"the wrong one", `{"bad":{"accessKeyId":"` + keySecret + `"}}`, "bad", "", `profile "bad": accessKeySecret ` + missing},
		{"no default", `{"far":{"accessKeyId":"c","accessKeySecret":"` + keySecret + `"}}`, "", "", `no profile "default"`},
		{"no such profile", one, "far", "", `no profile "far"`},
		{"no id", `{"accessKeySecret":"` + keySecret + `"}`, "", "", `profile "default": accessKeyId ` + missing},
		{"a number", `{"accessKeyId":"a","accessKeySecret":12}`, "", "", "accessKeySecret " + missing},
		{"a line's end", `{"accessKeyId":"a","accessKeySecret":"` + keySecret + `\n"}`, "", "", "accessKeySecret " + blank},
		{"a blank in the token", `{"accessKeyId":"a","accessKeySecret":"b","securityToken":"` + token + ` "}`, "", "", "securityToken " + blank},
		{"not JSON", keySecret, "", "", "is not JSON"},
		{"a list", `["` + keySecret + `"]`, "", "", "not a JSON object"},
		{"empty", "{}", "", "", "no access key"},
		{"nothing", "", "", "", "is not JSON"},
		{"something else", `{"` + keySecret + `":"` + token + `"}`, "", "", "no access key"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := source{text: tt.text}
			key, err := s.profiles().Get(t.Context(), tt.profile)
			if tt.err != "" {
				checkError(t, err, tt.err)
				return
			}
			if got := show(key); got != tt.want || err != nil {
				t.Errorf("got %v", err)
			}
		})
	}
}

// show reveals a key, for comparing only.
func show(key request.Credentials) string {
	return key.AccessKeyID + " " + key.AccessKeySecret.Reveal() + " " + key.SecurityToken.Reveal()
}

func checkError(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
	for _, private := range []string{keySecret, token} {
		if text := fmt.Sprintf("%v %+v %#v", err, err, err); strings.Contains(text, private) {
			t.Errorf("the error shows a key")
		}
	}
}

func key(id string) string {
	return `{"accessKeyId":"` + id + `","accessKeySecret":"` + keySecret + `"}`
}

// Each step moves the clock, does something, and says which key is in use then and how
// often the secret has been fetched.
func TestRefresh(t *testing.T) {
	t.Parallel()
	broken := errors.New("no permission")
	type step struct {
		after   time.Duration
		do      func(*source, *credentials.Profiles)
		want    string // id of the key
		fetches int
	}
	put := func(text string) func(*source, *credentials.Profiles) {
		return func(s *source, _ *credentials.Profiles) { s.text, s.err = text, nil }
	}
	fail := func(s *source, _ *credentials.Profiles) { s.err = broken }
	refused := func(_ *source, p *credentials.Profiles) { p.Refused("") }
	both := func(do ...func(*source, *credentials.Profiles)) func(*source, *credentials.Profiles) {
		return func(s *source, p *credentials.Profiles) {
			for _, d := range do {
				d(s, p)
			}
		}
	}
	tests := []struct {
		name  string
		steps []step
		stale string
	}{
		{"kept", []step{{0, put(key("one")), "one", 1}, {299 * time.Second, put(key("two")), "one", 1}, {time.Second, nil, "two", 2}}, ""},
		{"refused", []step{{0, put(key("one")), "one", 1}, {time.Minute, both(put(key("two")), refused), "two", 2}, {0, nil, "two", 2}}, ""},
		{"refused too soon", []step{{0, put(key("one")), "one", 1}, {9 * time.Second, both(put(key("two")), refused), "one", 1}, {time.Second, nil, "two", 2}}, ""},
		{"another's key refused", []step{{0, put(key("one")), "one", 1}, {time.Minute, func(_ *source, p *credentials.Profiles) { p.Refused("far") }, "one", 1}}, ""},
		{"can't be fetched again", []step{{0, put(key("one")), "one", 1}, {time.Hour, fail, "one", 2}, {9 * time.Second, nil, "one", 2}, {time.Second, put(key("two")), "two", 3}}, "no permission"},
		{"can't be read again", []step{{0, put(key("one")), "one", 1}, {time.Hour, put(keySecret), "one", 2}}, "not JSON"},
		{"a profile can't be read again", []step{{0, put(key("one")), "one", 1}, {time.Hour, put(`{"default":{"accessKeyId":"` + token + `"}}`), "one", 2}}, "accessKeySecret is required"},
		{"not at first", []step{{0, fail, "", 1}, {9 * time.Second, put(key("one")), "", 1}, {time.Second, nil, "one", 2}}, ""},
		{"added", []step{{0, put(`{"far":` + key("far") + `}`), "", 1}, {10 * time.Second, put(`{"default":` + key("one") + `}`), "one", 2}}, ""},
		{"removed", []step{{0, put(key("one")), "one", 1}, {time.Hour, put(`{"far":` + key("far") + `}`), "", 2}}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var s source
			p := s.profiles()
			for i, step := range tt.steps {
				s.at = s.at.Add(step.after)
				if step.do != nil {
					step.do(&s, p)
				}
				got, err := p.Get(t.Context(), "")
				if got.AccessKeyID != step.want || (err != nil) != (step.want == "") || s.fetches != step.fetches {
					t.Errorf("step %d: got %q, %v, %d fetches, want %q, %d", i, got.AccessKeyID, err, s.fetches, step.want, step.fetches)
				}
				if err != nil {
					checkError(t, err, "credentials: ")
				}
			}
			if len(s.stale) > 1 || (len(s.stale) == 1) != (tt.stale != "") {
				t.Fatalf("stale: got %d", len(s.stale))
			}
			for _, text := range s.stale {
				checkError(t, errors.New(text), tt.stale)
			}
		})
	}
}

// A caller whose context has ended neither delays the others nor loses what it has fetched.
func TestEndedContext(t *testing.T) {
	t.Parallel()
	s := source{text: one}
	p := s.profiles()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s.err = ctx.Err()
	if _, err := p.Get(ctx, ""); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	s.err = nil
	if _, err := p.Get(t.Context(), ""); err != nil || s.fetches != 2 {
		t.Errorf("got %v after %d fetches", err, s.fetches)
	}
}

// TestSlowFetch: the known keys don't wait for a fetch that hangs, and are not held up by
// the next one at once.
func TestSlowFetch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hangs := false
		p := credentials.New(credentials.Config{Fetch: func(ctx context.Context) (secret.Secret, error) {
			if hangs {
				<-ctx.Done()
				return secret.Secret{}, ctx.Err()
			}
			return secret.New(one), nil
		}})
		for _, waits := range []time.Duration{0, 5 * time.Second, 0} {
			begun := time.Now()
			if _, err := p.Get(t.Context(), ""); err != nil || time.Since(begun) != waits {
				t.Errorf("got %v after %v, want the key after %v", err, time.Since(begun), waits)
			}
			if !hangs {
				time.Sleep(5 * time.Minute)
			}
			hangs = true
		}
	})
}

func TestFixed(t *testing.T) {
	t.Parallel()
	p := credentials.Fixed(request.Credentials{AccessKeyID: "a", AccessKeySecret: secret.New(keySecret)})
	p.Refused("")
	if got, err := p.Get(t.Context(), ""); err != nil || got.AccessKeyID != "a" {
		t.Errorf("got %v", err)
	}
	_, err := p.Get(t.Context(), "far")
	checkError(t, err, `no profile "far"`)
	_, err = credentials.Fixed(request.Credentials{AccessKeyID: keySecret}).Get(t.Context(), "")
	checkError(t, err, "accessKeySecret is required")
}

// Many callers make one fetch.
func TestConcurrent(t *testing.T) {
	t.Parallel()
	var fetches atomic.Int32
	p := credentials.New(credentials.Config{Fetch: func(context.Context) (secret.Secret, error) {
		fetches.Add(1)
		return secret.New(one), nil
	}})
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			if _, err := p.Get(t.Context(), ""); err != nil {
				t.Error(err)
			}
			p.Refused("")
		})
	}
	group.Wait()
	if got := fetches.Load(); got != 1 {
		t.Errorf("got %d fetches, want 1", got)
	}
}
