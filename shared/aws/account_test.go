package aws_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"vpnattach/shared/aws"
	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/outcome"
)

// lambda is what Lambda itself puts into the environment.
var lambda = map[string]string{
	"AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret-of-aws", "AWS_SESSION_TOKEN": "token",
	"AWS_LAMBDA_FUNCTION_NAME": "apply", "AWS_LAMBDA_LOG_LEVEL": "INFO",
}

func open(more ...string) *aws.Account {
	env := maps.Clone(lambda)
	for _, v := range more {
		name, value, _ := strings.Cut(v, "=")
		env[name] = value
	}
	return aws.Open(func(name string) string { return env[name] }, io.Discard)
}

func TestWhatIsWrong(t *testing.T) {
	t.Parallel()
	a := open("AWS_REGION=", "AWS_LAMBDA_LOG_LEVEL=LOUD", "PEER=none-such", "SECRET_ARNS=secret:*", "VPC_ENDPOINT=vpc", "VPC_RATE=0", "AWS_ENDPOINT_URL_EC2=ec2")
	a.Sender("CONFIRM_QUEUE_URL")
	a.Ledger()
	a.Outcomes()
	a.Peer()
	a.Secrets()
	a.VPC(secret.Secret{})
	a.SiteVPN()
	a.Secret(t.Context(), "DIGEST_KEY_SECRET")
	if a.Rotated("WEBHOOK_SECRET") != nil {
		t.Error("a secret that is not set is read")
	}
	got := a.Err().Error()
	for _, name := range []string{"AWS_REGION", "AWS_LAMBDA_LOG_LEVEL", "CONFIRM_QUEUE_URL", "LEDGER_TABLE", "EVENT_BUS", "PEER", "SECRET_ARNS",
		"VPC_ENDPOINT", "VPC_RATE", "AWS_ENDPOINT_URL_EC2", "CREDENTIALS_SECRET", "DIGEST_KEY_SECRET"} {
		if !strings.Contains("\n"+got, "\n"+name+" ") {
			t.Errorf("nothing is said of %s:\n%s", name, got)
		}
	}
	if strings.Contains(got, "secret-of-aws") {
		t.Error("it shows a secret")
	}
}

func TestNothingIsWrong(t *testing.T) {
	t.Parallel()
	a := open("LEDGER_TABLE=l", "Q=https://sqs.eu-central-1.amazonaws.com/1/q", "EVENT_BUS=b", "PEER=aws", "ALIBABA_CLOUD_ACCESS_KEY_ID=id", "ALIBABA_CLOUD_ACCESS_KEY_SECRET=s")
	a.Sender("Q")
	a.Consumer("Q")
	a.Ledger()
	a.Outcomes()
	a.Secrets()
	services := a.VPC(secret.Secret{})
	if peer := a.Peer(); peer != "aws" || a.Err() != nil {
		t.Errorf("peer %q, %v", peer, a.Err())
	}
	if _, err := services.Default(); err != nil {
		t.Error(err)
	}
	if _, err := services.Profile(t.Context(), "site-b"); err == nil || !strings.Contains(err.Error(), `no profile "site-b"`) {
		t.Errorf("an unknown profile: %v", err)
	}
}

// TestWithoutKey: a role is enough, and half of one is not.
func TestWithoutKey(t *testing.T) {
	t.Parallel()
	const provider, role, audience = "ALIBABA_CLOUD_OIDC_PROVIDER_ARN=acs:ram::1:oidc-provider/p", "ALIBABA_CLOUD_ROLE_ARN=acs:ram::1:role/r", "OIDC_AUDIENCE=a"
	for _, tt := range []struct {
		variables []string
		want      string // part of the error; empty: there is none
	}{
		{[]string{provider, role, audience, "ALIBABA_CLOUD_STS_REGION=eu-central-1"}, ""},
		{[]string{provider, role, audience, "CREDENTIALS_SECRET=arn:aws:secretsmanager:eu-central-1:1:secret:x"}, ""},
		{[]string{provider, role}, "audience must"},
		{[]string{provider, audience}, "roleArn is not"},
		{[]string{role, audience}, "providerArn is not"},
		{[]string{audience}, "CREDENTIALS_SECRET must be set, or ALIBABA_CLOUD_ROLE_ARN"},
		{[]string{provider, role, audience, "STS_ENDPOINT=https://host/path"}, "STS_ENDPOINT must"},
		{[]string{provider, role, audience, "ALIBABA_CLOUD_STS_REGION=a/b"}, "ALIBABA_CLOUD_STS_REGION must"},
	} {
		a := open(tt.variables...)
		a.VPC(secret.New("token-key"))
		if err := a.Err(); (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: got %v", tt.variables, err)
		}
	}
}

// TestSecret: one of the function's own secrets, from a service that answers as
// Secrets Manager does.
func TestSecret(t *testing.T) {
	t.Parallel()
	const arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:digest-9fK2aB"
	value := "the-digest-key"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Amz-Security-Token") != "token" || !strings.Contains(r.Header.Get("Authorization"), "AKIDEXAMPLE") {
			t.Errorf("signed as %v", r.Header)
		}
		_ = json.NewEncoder(w).Encode(map[string]string{"ARN": arn, "Name": "digest", "SecretString": value, "VersionId": "v"})
	}))
	defer server.Close()
	a := open("AWS_ENDPOINT_URL="+server.URL, "KEY="+arn)
	if got := a.Secret(t.Context(), "KEY"); got.Reveal() != value || a.Err() != nil {
		t.Errorf("got %d bytes, %v", len(got.Reveal()), a.Err())
	}
	if got, err := a.Rotated("KEY")(t.Context()); err != nil || got.Reveal() != value {
		t.Errorf("got %d bytes, %v", len(got.Reveal()), err)
	}
	server.Config.Handler = http.NotFoundHandler()
	if a.Secret(t.Context(), "KEY"); a.Err() == nil || !strings.HasPrefix(a.Err().Error(), "KEY names a secret that can't be read: ") {
		t.Errorf("got %v", a.Err())
	}
}

func TestAttributes(t *testing.T) {
	t.Parallel()
	why := outcome.Reason{Code: "c", Message: "m", Remedy: "r", Class: outcome.ClassRejected}
	found := slices.Repeat(finding.Findings{{Check: "subnet-overlap", Path: "LocalSubnet", Severity: finding.Warning, Message: strings.Repeat("m", 100)}}, 2000)
	got := aws.Attributes(why, found, time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), "e1", "e2")
	var shown []map[string]string
	if err := json.Unmarshal([]byte(got["Findings"]), &shown); err != nil || len(shown) == 0 || len(got["Findings"]) > 32<<10 {
		t.Errorf("%d findings in %d bytes, %v", len(shown), len(got["Findings"]), err)
	}
	delete(got, "Findings")
	want := map[string]string{"Code": "c", "Message": "m", "Remedy": "r", "Class": "rejected", "FindingCount": "2000", "EventIds": "e1 e2", "RejectedAt": "2026-03-01T12:00:00Z"}
	if !maps.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}
