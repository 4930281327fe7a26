package credentials_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vpnattach/shared/core/request"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/credentials"
	"vpnattach/shared/outcome"
)

const (
	providerARN = "acs:ram::1135:oidc-provider/vpnattach"
	roleARN     = "acs:ram::1135:role/vpnattach"
	oidc        = `{"providerArn":"` + providerARN + `","roleArn":"` + roleARN + `","audience":"vpnattach"}`
)

var role = credentials.Role{ProviderARN: providerARN, RoleARN: roleARN, Audience: "vpnattach"}

// assumed returns the key that a role gives, under the name of the role's audience.
func assumed(r credentials.Role, lasts time.Duration) credentials.Session {
	return credentials.Session{
		Credentials: request.Credentials{AccessKeyID: "STS." + r.Audience, AccessKeySecret: secret.New(keySecret), SecurityToken: secret.New(token)},
		Expires:     time.Now().Add(lasts),
	}
}

func TestRoles(t *testing.T) {
	t.Parallel()
	other := strings.ReplaceAll(oidc, `"vpnattach"`, `"branch"`)
	tests := []struct {
		name, text, profile string
		want, err           string
	}{
		{"alone", `{"oidc":` + oidc + `}`, "", "STS.vpnattach", ""},
		{"by name", `{"default":{"accessKeyId":"a","accessKeySecret":"b"},"branch":{"oidc":` + other + `}}`, "branch", "STS.branch", ""},
		{"beside a key", `{"default":{"accessKeyId":"a","accessKeySecret":"b"},"branch":{"oidc":` + other + `}}`, "", "a", ""},
		{"other capitals", `{"OIDC":{"ProviderArn":"` + providerARN + `","RoleArn":"` + roleARN + `","Audience":"x"}}`, "", "STS.x", ""},
		{"a profile that is called so", `{"oidc":{"oidc":` + other + `}}`, "oidc", "STS.branch", ""},
		{"a key that is called so", `{"oidc":{"accessKeyId":"a","accessKeySecret":"b"}}`, "oidc", "a", ""},
		{"with a key", `{"oidc":` + oidc + `,"accessKeyId":"a","accessKeySecret":"` + keySecret + `"}`, "", "", "has an access key and oidc"},
		{"an empty role", `{"oidc":{}}`, "", "", "providerArn is not"},
		{"misspelt members", `{"oidc":{"provider_arn":"x","role_arn":"y"}}`, "", "", "providerArn is not"},
		{"beside a profile", `{"oidc":` + oidc + `,"branch":{"oidc":` + other + `}}`, "branch", "STS.branch", ""},
		{"default twice", `{"oidc":` + oidc + `,"default":{"oidc":` + other + `}}`, "", "", "twice"},
		{"no provider", `{"oidc":{"roleArn":"` + roleARN + `","audience":"x"}}`, "", "", "providerArn is not"},
		{"ARNs the wrong way round", `{"oidc":{"roleArn":"` + providerARN + `","providerArn":"` + roleARN + `","audience":"x"}}`, "", "", "providerArn is not"},
		{"a key for an ARN", `{"oidc":{"providerArn":"` + providerARN + `","roleArn":"` + keySecret + `","audience":"x"}}`, "", "", "roleArn is not"},
		{"no audience", `{"oidc":{"providerArn":"` + providerARN + `","roleArn":"` + roleARN + `"}}`, "", "", "audience must"},
		{"a number", `{"oidc":{"providerArn":"` + providerARN + `","roleArn":"` + roleARN + `","audience":1}}`, "", "", "audience must"},
		{"no object", `{"branch":{"oidc":"` + keySecret + `"}}`, "branch", "", "providerArn is not"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := credentials.New(credentials.Config{
				Fetch: func(context.Context) (secret.Secret, error) { return secret.New(tt.text), nil },
				Assume: func(_ context.Context, r credentials.Role) (credentials.Session, error) {
					return assumed(r, time.Hour), nil
				},
			})
			key, err := p.Get(t.Context(), tt.profile)
			if tt.err != "" {
				checkError(t, err, tt.err)
				return
			}
			if key.AccessKeyID != tt.want || err != nil {
				t.Errorf("got %q, %v", key.AccessKeyID, err)
			}
		})
	}
	_, err := credentials.New(credentials.Config{Default: &role}).Get(t.Context(), "")
	checkError(t, err, "no way to take its role")
}

// A profile that was a key becomes a role, and a key again, while the program runs.
func TestKindChanges(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		text := ""
		p := credentials.New(credentials.Config{
			Fetch: func(context.Context) (secret.Secret, error) { return secret.New(text), nil },
			Assume: func(_ context.Context, r credentials.Role) (credentials.Session, error) {
				return assumed(r, time.Hour), nil
			},
		})
		for _, step := range []struct {
			text, want string
			refused    bool
		}{
			{`{"default":` + key("one") + `}`, "one", false}, {`{"default":{"oidc":` + oidc + `}}`, "one", false}, {`{"default":{"oidc":` + oidc + `}}`, "STS.vpnattach", true},
			{key("two"), "two", true}, {`{"oidc":` + oidc + `}`, "STS.vpnattach", true}, {`{"oidc":{}}`, "STS.vpnattach", true}, // a bad one keeps the one before
		} {
			if text = step.text; step.refused {
				time.Sleep(10 * time.Second)
				p.Refused("")
			}
			if got, err := p.Get(t.Context(), ""); got.AccessKeyID != step.want || err != nil {
				t.Errorf("%s: got %q, %v", step.want, got.AccessKeyID, err)
			}
		}
	})
}

// The default role needs no secret, and wins over what the secret has by that name.
func TestDefaultRole(t *testing.T) {
	t.Parallel()
	config := credentials.Config{
		Default: &role,
		Assume: func(_ context.Context, r credentials.Role) (credentials.Session, error) {
			return assumed(r, time.Hour), nil
		},
	}
	p := credentials.New(config)
	if key, err := p.Get(t.Context(), ""); key.AccessKeyID != "STS.vpnattach" || err != nil {
		t.Errorf("got %q, %v", key.AccessKeyID, err)
	}
	if err := p.Has(t.Context(), "far"); !errors.Is(err, credentials.ErrUnknown) {
		t.Errorf("got %v", err)
	}
	config.Fetch = func(context.Context) (secret.Secret, error) {
		return secret.New(`{"default":` + key("stored") + `,"far":` + key("far") + `}`), nil
	}
	p = credentials.New(config)
	for name, want := range map[string]string{"": "STS.vpnattach", "far": "far"} {
		if key, err := p.Get(t.Context(), name); key.AccessKeyID != want || err != nil {
			t.Errorf("%s: got %q, %v", name, key.AccessKeyID, err)
		}
	}
}

// unreachable is a failure that passes.
type unreachable struct{ error }

func (unreachable) Reason() outcome.Reason { return outcome.Reason{Class: outcome.ClassTransient} }

// untrusted is one that waits for a person.
type untrusted struct{ error }

func (untrusted) Reason() outcome.Reason { return outcome.Reason{Class: outcome.ClassBlocked} }

// Each step moves the clock, and says which key is in use then and how often the role
// has been taken.
func TestRenewal(t *testing.T) {
	t.Parallel()
	blocked, transient := untrusted{errors.New("not trusted")}, unreachable{errors.New("no answer")}
	type step struct {
		after   time.Duration
		err     error // of an attempt
		refused bool  // by the VPC API, before
		want    string
		taken   int
	}
	tests := []struct {
		name  string
		lasts time.Duration
		steps []step
		stale int
	}{
		{"until five minutes before its end", time.Hour, []step{{0, nil, false, "1", 1}, {55*time.Minute - 1, nil, false, "1", 1}, {1, nil, false, "2", 2}, {time.Minute, nil, false, "2", 2}}, 0},
		{"the old one while it lasts", time.Hour, []step{{0, nil, false, "1", 1}, {56 * time.Minute, blocked, false, "1", 2}, {9 * time.Second, nil, false, "1", 2}, {time.Second, blocked, false, "1", 3}, {4 * time.Minute, blocked, false, "", 4}}, 2},
		{"not at once again", time.Hour, []step{{0, blocked, false, "", 1}, {9 * time.Second, nil, false, "", 1}, {time.Second, nil, false, "1", 2}}, 0},
		{"soon again", time.Hour, []step{{0, transient, false, "", 1}, {time.Second - 1, nil, false, "", 1}, {1, nil, false, "1", 2}}, 0},
		{"refused", time.Hour, []step{{0, nil, false, "1", 1}, {time.Minute, nil, true, "2", 2}}, 0},
		{"refused too soon", time.Hour, []step{{0, nil, false, "1", 1}, {9 * time.Second, nil, true, "1", 1}, {time.Second, nil, false, "2", 2}}, 0},
		{"short", 2 * time.Minute, []step{{0, nil, false, "1", 1}, {9 * time.Second, nil, false, "1", 1}, {time.Second, nil, false, "2", 2}}, 0},
		{"expired when it came", -time.Minute, []step{{0, nil, false, "", 1}, {9 * time.Second, nil, false, "", 1}, {time.Second, nil, false, "", 2}}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				taken, given, stale := 0, 0, 0
				var failure error
				p := credentials.New(credentials.Config{
					Default: &role,
					Assume: func(context.Context, credentials.Role) (credentials.Session, error) {
						taken++
						s := assumed(role, tt.lasts)
						if failure == nil {
							given++
						}
						s.Credentials.AccessKeyID = strconv.Itoa(given)
						return s, failure
					},
					Stale: func(_ context.Context, err error) {
						stale++
						checkError(t, err, "not trusted")
					},
				})
				for i, step := range tt.steps {
					time.Sleep(step.after)
					failure = step.err
					if step.refused {
						p.Refused("")
					}
					got, err := p.Get(t.Context(), "")
					if got.AccessKeyID != step.want || (err != nil) != (step.want == "") || taken != step.taken {
						t.Errorf("step %d: got %q, %v, taken %d times, want %q, %d", i, got.AccessKeyID, err, taken, step.want, step.taken)
					}
					if step.err != nil && step.want == "" && !errors.Is(err, step.err) {
						t.Errorf("step %d: got %v", i, err)
					}
				}
				if stale != tt.stale {
					t.Errorf("told %d times that the key is an old one, want %d", stale, tt.stale)
				}
			})
		})
	}
}

// While the key that there is still counts, nobody waits long for another one, and the
// attempt goes on without them.
func TestSlowRenewal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		taken := 0
		p := credentials.New(credentials.Config{
			Default: &role,
			Assume: func(_ context.Context, r credentials.Role) (credentials.Session, error) {
				taken++
				s := assumed(r, time.Hour)
				s.Credentials.AccessKeyID = strconv.Itoa(taken)
				if taken > 1 {
					time.Sleep(15 * time.Second)
				}
				return s, nil
			},
		})
		for _, step := range []struct {
			after, waits time.Duration
			refused      bool
			want         string
		}{
			{0, 0, false, "1"}, {56 * time.Minute, 2 * time.Second, false, "1"}, {0, 2 * time.Second, false, "1"}, {11 * time.Second, 0, false, "2"},
			{time.Minute, 15 * time.Second, true, "3"}, // a key that is refused is none
		} {
			time.Sleep(step.after)
			if step.refused {
				p.Refused("")
			}
			begun := time.Now()
			key, err := p.Get(t.Context(), "")
			if waited := time.Since(begun); key.AccessKeyID != step.want || err != nil || waited != step.waits {
				t.Errorf("after %v: got %q, %v, after %v", step.after, key.AccessKeyID, err, waited)
			}
		}
	})
}

// Many callers wait for one attempt. One whose context ends leaves the others to it;
// with the last it ends, and the next caller makes another.
func TestOneRenewalForAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		taken, given := 0, 0
		p := credentials.New(credentials.Config{
			Default: &role,
			Assume: func(ctx context.Context, r credentials.Role) (credentials.Session, error) {
				taken++
				select {
				case <-ctx.Done():
					given++
					return credentials.Session{}, ctx.Err()
				case <-time.After(5 * time.Second):
					return assumed(r, time.Hour), nil
				}
			},
		})
		var group sync.WaitGroup
		ask := func(within time.Duration, want bool) {
			group.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), within)
				defer cancel()
				if _, err := p.Get(ctx, ""); (err == nil) != want || !want && !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("within %v: got %v", within, err)
				}
			})
		}
		ask(time.Second, false)
		ask(2*time.Second, false)
		group.Wait()
		synctest.Wait()
		if taken != 1 || given != 1 {
			t.Errorf("taken %d times, of which %d were given up, want one that was", taken, given)
		}
		ask(time.Second, false)
		for range 16 {
			ask(10*time.Second, true)
		}
		group.Wait()
		if taken != 2 {
			t.Errorf("taken %d times, want 16 callers to wait for one attempt", taken)
		}
	})
}
