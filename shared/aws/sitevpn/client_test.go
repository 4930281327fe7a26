package sitevpn_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"vpnattach/shared/aws/sitevpn"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/outcome"
)

const (
	vpn   = "vpn-0123456789abcdef0"
	first = "203.0.113.17"
	key   = "n3wPreSharedKey.0123456789"
)

// client returns a client of a service that answers so, and a function that returns the
// bodies it was sent.
func client(t *testing.T, answer http.HandlerFunc) (*sitevpn.Client, func() []string) {
	t.Helper()
	var mutex sync.Mutex
	var sent []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mutex.Lock()
		sent = append(sent, string(body))
		mutex.Unlock()
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		answer(w, r)
	}))
	t.Cleanup(server.Close)
	return sitevpn.New(aws.Config{
			Region: "eu-central-1", BaseEndpoint: &server.URL,
			Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret-access-key-of-the-test", "session-token-of-the-test"),
		}, ""), func() []string {
			mutex.Lock()
			defer mutex.Unlock()
			return slices.Clone(sent)
		}
}

// answers is a service that knows one connection, and nothing of its tunnels.
func answers(connections string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("Action") == "DescribeVpnConnections" {
			_, _ = io.WriteString(w, connections)
			return
		}
		_, _ = io.WriteString(w, "<GetActiveVpnTunnelStatusResponse/>")
	}
}

// TestRequest: the bodies are those that the SDK's own client of EC2 sends, v1.347.0.
func TestRequest(t *testing.T) {
	t.Parallel()
	c, sent := client(t, func(w http.ResponseWriter, r *http.Request) {
		signed := r.Header.Get("Authorization")
		if !strings.HasPrefix(signed, "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/") || !strings.Contains(signed, "/eu-west-1/ec2/aws4_request, SignedHeaders=content-length;content-type;host;x-amz-date;x-amz-security-token,") {
			t.Errorf("signed as %s", signed)
		}
		_, _ = io.WriteString(w, `<ModifyVpnTunnelOptionsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId></ModifyVpnTunnelOptionsResponse>`)
	})
	if err := c.ModifyKey(t.Context(), "eu-west-1", vpn, first, secret.New(key), false); err != nil {
		t.Fatal(err)
	}
	want := "Action=ModifyVpnTunnelOptions&TunnelOptions.PreSharedKey=n3wPreSharedKey.0123456789&Version=2016-11-15&VpnConnectionId=vpn-0123456789abcdef0&VpnTunnelOutsideIpAddress=203.0.113.17"
	if sent()[0] != want {
		t.Errorf("got %s", strings.ReplaceAll(sent()[0], key, "***"))
	}
}

// TestErrors: what may have been done, what was not, and that no key is told.
func TestErrors(t *testing.T) {
	t.Parallel()
	failed := func(status int, code, message string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error><Code>"+code+"</Code><Message>"+message+"</Message></Error></Errors><RequestID>1c0f9e3e-4a5b-4c6d-8e7f-112233445566</RequestID></Response>")
		}
	}
	for _, tt := range []struct {
		name, code string
		answer     http.HandlerFunc
		class      outcome.Class
		calls      int // of Modify
	}{
		{"busy", "IncorrectState", failed(400, "IncorrectState", "The connection is modifying."), outcome.ClassBusy, 1},
		{"busy, as documented", "InvalidVpnConnection.InvalidState", failed(400, "InvalidVpnConnection.InvalidState", ""), outcome.ClassBusy, 1},
		{"throttled", "RequestLimitExceeded", failed(503, "RequestLimitExceeded", "Request limit exceeded."), outcome.ClassThrottled, 3},
		{"not allowed", "UnauthorizedOperation", failed(403, "UnauthorizedOperation", "You are not authorized to perform this operation."), outcome.ClassBlocked, 1},
		{"not signed", "AuthFailure", failed(401, "AuthFailure", "AWS was not able to validate the provided access credentials"), outcome.ClassBlocked, 1},
		{"another connection", "InvalidVpnConnectionID.NotFound", failed(400, "InvalidVpnConnectionID.NotFound", "The vpnConnection ID does not exist"), outcome.ClassRejected, 1},
		{"a key in the message", "InvalidParameterValue", failed(400, "InvalidParameterValue", "Value ("+key+") for parameter PreSharedKey is invalid."), outcome.ClassRejected, 1},
		{"half a key in the message", "InvalidParameterValue", failed(400, "InvalidParameterValue", "Value ("+key[:16]+"…) is invalid."), outcome.ClassRejected, 1},
		{"a key as the code", "HTTP-400", failed(400, key, ""), outcome.ClassRejected, 1},
		{"out of order", "InternalError", failed(500, "InternalError", "An internal error has occurred"), outcome.ClassTransient, 1},
		{"unknown, of the service", "HTTP-503", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }, outcome.ClassTransient, 1},
		{"a redirect", "HTTP-302", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) }, outcome.ClassTransient, 1},
		{"no answer", "no-response", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, outcome.ClassTransient, 1},
		{"another answer", "unexpected-response", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>"+key+"</html>") }, outcome.ClassTransient, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, sent := client(t, tt.answer)
			err := c.ModifyKey(t.Context(), "", vpn, first, secret.New(key), false)
			var known *sitevpn.Error
			if !errors.As(err, &known) || known.Code != tt.code || outcome.ClassOf(err) != tt.class || known.Remedy == "" || len(sent()) != tt.calls {
				t.Fatalf("got %v, class %s, after %d calls", err, outcome.ClassOf(err), len(sent()))
			}
			for _, secret := range []string{key, key[:12], "secret-access-key-of-the-test", "session-token-of-the-test"} {
				if why := known.Reason(); strings.Contains(err.Error()+why.Code+why.Message+why.Remedy, secret) {
					t.Error("the error holds a secret")
				}
			}
			dry := c.ModifyKey(t.Context(), "", vpn, first, secret.New(key), true)
			if outcome.ClassOf(dry) != tt.class || !strings.HasPrefix(sent()[tt.calls], "Action=ModifyVpnTunnelOptions&DryRun=true&") {
				t.Errorf("as a dry run: got %v", dry)
			}
		})
	}
}

// TestReadsAreRepeated: a call without an effect is tried three times.
func TestReadsAreRepeated(t *testing.T) {
	t.Parallel()
	c, sent := client(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) })
	if _, err := c.Describe(t.Context(), "", vpn); outcome.ClassOf(err) != outcome.ClassTransient || len(sent()) != 3 {
		t.Errorf("got %v after %d calls", err, len(sent()))
	}
}

// TestDryRun: the code of a dry run is its success, and an answer without it is not.
func TestDryRun(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]bool{
		"<Response><Errors><Error><Code>DryRunOperation</Code><Message>Request would have succeeded, but DryRun flag is set.</Message></Error></Errors><RequestID>r</RequestID></Response>": true,
		"<ModifyVpnTunnelOptionsResponse/>": false,
	} {
		c, _ := client(t, func(w http.ResponseWriter, _ *http.Request) {
			if want {
				w.WriteHeader(http.StatusPreconditionFailed)
			}
			_, _ = io.WriteString(w, answer)
		})
		if err := c.ModifyKey(t.Context(), "", vpn, first, secret.New(key), true); (err == nil) != want {
			t.Errorf("got %v", err)
		}
	}
}

// TestEnd: the end of the context is in the error's chain.
func TestEnd(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	<-ctx.Done()
	c, _ := client(t, func(http.ResponseWriter, *http.Request) {})
	if err := c.ModifyKey(ctx, "", vpn, first, secret.New(key), false); !errors.Is(err, context.DeadlineExceeded) || outcome.ClassOf(err) != outcome.ClassTransient {
		t.Errorf("got %v", err)
	}
}
