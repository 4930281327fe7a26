package vpc_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"vpnattach/shared/core/request"
	"vpnattach/shared/emulator"
	"vpnattach/shared/outcome"
	"vpnattach/shared/vpc"
)

// Each request waits before it is signed, and is reported after; repeated ones too.
func TestWaitAndObserve(t *testing.T) {
	t.Parallel()
	api := mustEmulate(t, emulator.Config{})
	if err := api.InjectFaults(emulator.Fault{Code: "SignatureNonceUsed"}); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	var got []string
	client := mustNew(t, serve(t, api), func(c *vpc.Config) {
		c.Wait = func(context.Context) error {
			got = append(got, "wait")
			return nil
		}
		c.Now = func() time.Time {
			now = now.Add(time.Millisecond) // one for the signature, one before, one after
			return now
		}
		c.Observe = func(action string, took time.Duration, class outcome.Class) {
			got = append(got, fmt.Sprint(action, " ", took, " ", class))
		}
	})
	if _, err := client.Modify(t.Context(), mustParse(t, singleChange), ids); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Describe(t.Context(), "cn-hangzhou", "vco-missing"); err == nil {
		t.Fatal("found")
	}
	want := []string{
		"wait", request.ModifyAction + " 1ms nonce-used", "wait", request.ModifyAction + " 1ms ",
		"wait", request.DescribeAction + " 1ms rejected",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A request that can't wait long enough is not sent, and comes back later.
func TestWaitFails(t *testing.T) {
	t.Parallel()
	full := errors.New("would exceed the context's deadline")
	for _, tt := range []struct {
		name string
		wait func(context.CancelFunc) error
		want outcome.Class
		is   error
	}{
		{"no time left", func(context.CancelFunc) error { return full }, outcome.ClassThrottled, full},
		{"ended meanwhile", func(cancel context.CancelFunc) error { cancel(); return context.Canceled }, outcome.ClassTransient, context.Canceled},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			client := mustNew(t, "", func(c *vpc.Config) {
				c.Wait = func(context.Context) error { return tt.wait(cancel) }
				c.Observe = func(string, time.Duration, outcome.Class) { t.Error("observed") }
				c.HTTP = &http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) {
					t.Error("sent")
					return nil, errors.New("sent")
				})}
			})
			_, err := client.Modify(ctx, mustParse(t, singleChange), ids)
			if got := mustBeError(t, err); got.Class != tt.want || !errors.Is(err, tt.is) {
				t.Errorf("got %v: %v, want %v", got.Class, err, tt.want)
			}
		})
	}
}

func TestKeyRefused(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]bool{
		"InvalidAccessKeyId.NotFound": true, "InvalidAccessKeyId.Inactive": true, "InvalidAccessKeyId": true, "SignatureDoesNotMatch": true,
		"InvalidSecurityToken.Expired": true, "MissingSecurityToken": true,
		"Forbidden.RAM": false, "VpnConnection.Configuring": false, "InvalidTimeStamp.Expired": false, "InvalidName": false,
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			refused := 0
			client := mustNew(t, serve(t, answering(http.StatusBadRequest, "application/json", fmt.Sprintf(`{"Code":%q,"Message":"no"}`, code))),
				func(c *vpc.Config) { c.Refused = func() { refused++ } })
			_, err := client.Describe(t.Context(), "cn-hangzhou", "vco-1")
			if got := vpc.KeyRefused(fmt.Errorf("describe: %w", err)); got != want || (refused == 1) != want {
				t.Errorf("got %v, %d calls of Refused, want %v", got, refused, want)
			}
		})
	}
	if vpc.KeyRefused(nil) || vpc.KeyRefused(context.Canceled) {
		t.Error("an error that is not the API's counts as a refused key")
	}
}
