package webidentity_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"vpnattach/shared/aws/webidentity"
	"vpnattach/shared/credentials/ststest"
	"vpnattach/shared/outcome"
)

const audience = "vpnattach"

// client returns the SDK's client with next to no time between its attempts.
func client(region, endpoint string, transport http.RoundTripper) *sts.Client {
	config := aws.Config{
		Region: region, Credentials: credentials.NewStaticCredentialsProvider("ASIA", "s3cret-of-aws", "session-t0ken"),
		HTTPClient: &http.Client{Transport: transport},
		Retryer: func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxBackoff, o.RateLimiter = time.Millisecond, ratelimit.None })
		},
	}
	if endpoint != "" {
		config.BaseEndpoint = &endpoint
	}
	return sts.NewFromConfig(config)
}

func serve(t *testing.T) (*ststest.AWS, string) {
	t.Helper()
	service := ststest.NewAWS("eu-central-1", audience, "arn:aws:iam::123456789012:role/apply")
	server := httptest.NewServer(service)
	t.Cleanup(server.Close)
	service.Issuer = server.URL
	return service, server.URL
}

func TestGet(t *testing.T) {
	t.Parallel()
	service, url := serve(t)
	given := ""
	service.OnToken = func(token string) { given = token }
	token, err := webidentity.New(client("eu-central-1", url, nil)).Get(t.Context(), audience)
	if err != nil || token.Reveal() != given || given == "" {
		t.Errorf("got %d bytes, %v", len(token.Reveal()), err)
	}
}

// TestRegional: the operation is asked for in the region itself, since the global
// endpoint does not have it.
func TestRegional(t *testing.T) {
	t.Parallel()
	for region, want := range map[string]string{
		"us-east-1": "sts.us-east-1.amazonaws.com", "us-gov-west-1": "sts.us-gov-west-1.amazonaws.com", "cn-north-1": "sts.cn-north-1.amazonaws.com.cn",
	} {
		host := ""
		_, err := webidentity.New(client(region, "", roundTripper(func(r *http.Request) (*http.Response, error) {
			host = r.URL.Host
			return nil, errors.New("not sent")
		}))).Get(t.Context(), audience)
		if host != want || err == nil {
			t.Errorf("%s: got %s, %v", region, host, err)
		}
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (r roundTripper) RoundTrip(request *http.Request) (*http.Response, error) { return r(request) }

func TestFailures(t *testing.T) {
	t.Parallel()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, tt := range []struct {
		name, code string // that the service answers with
		audience   string
		region     string
		ctx        context.Context
		class      outcome.Class
		want       string // part of the remedy or the message
	}{
		{"not enabled", "OutboundWebIdentityFederationDisabledException", audience, "eu-central-1", t.Context(), outcome.ClassBlocked, "aws iam enable-outbound-web-identity-federation"},
		{"a session that ends", "SessionDurationEscalationException", audience, "eu-central-1", t.Context(), outcome.ClassBlocked, "next session"},
		{"too large", "JWTPayloadSizeExceededException", audience, "eu-central-1", t.Context(), outcome.ClassBlocked, "tags"},
		{"a new code", "EntirelyNew", audience, "eu-central-1", t.Context(), outcome.ClassBlocked, "vpnattach trust"},
		{"throttled", "Throttling", audience, "eu-central-1", t.Context(), outcome.ClassThrottled, "later"},
		{"throttled by another name", "RequestLimitExceeded", audience, "eu-central-1", t.Context(), outcome.ClassThrottled, "later"},
		{"out of service", "ServiceUnavailable", audience, "eu-central-1", t.Context(), outcome.ClassTransient, "tried again"},
		{"ended", "", audience, "eu-central-1", ended, outcome.ClassTransient, "tried again"},
		{"another audience", "", "another", "eu-central-1", t.Context(), outcome.ClassBlocked, "not authorized to perform: sts:GetWebIdentityToken"},
		{"another region", "", audience, "eu-west-1", t.Context(), outcome.ClassBlocked, "SignatureDoesNotMatch"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			service, url := serve(t)
			service.Refuse(tt.code)
			_, err := webidentity.New(client(tt.region, url, nil)).Get(tt.ctx, tt.audience)
			if err == nil {
				t.Fatal("it succeeds")
			}
			why := outcome.ReasonOf(err)
			if why.Class != tt.class || !strings.Contains(why.Remedy+why.Message, tt.want) {
				t.Errorf("got %+v", why)
			}
			if text := fmt.Sprintf("%v %+v", err, why); strings.Contains(text, "s3cret") || strings.Contains(text, "t0ken") {
				t.Error("the error shows a secret")
			}
			if tt.ctx == ended && !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
		})
	}
}
