package secrets_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/smithy-go"

	"vpnattach/shared/aws/secrets"
	"vpnattach/shared/core/secret"
)

const (
	psk    = "n3w-pre-shared-key"
	heads  = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:"
	siteA  = heads + "vpn/site-a-9fK2aB"
	params = "arn:aws:ssm:eu-central-1:123456789012:parameter/"
)

// services are fakes of Secrets Manager and the Parameter Store.
type services struct {
	arn    string // of every answer
	text   *string
	kind   ssmtypes.ParameterType
	err    error
	calls  int
	region string
	asked  string
}

func (s *services) GetSecretValue(_ context.Context, in *secretsmanager.GetSecretValueInput, set ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	s.calls++
	o := secretsmanager.Options{Region: "own"}
	for _, f := range set {
		f(&o)
	}
	s.region, s.asked = o.Region, strings.Join([]string{*in.SecretId, aws.ToString(in.VersionStage), aws.ToString(in.VersionId)}, "|")
	if s.err != nil {
		return nil, s.err
	}
	return &secretsmanager.GetSecretValueOutput{ARN: &s.arn, SecretString: s.text, SecretBinary: []byte(psk)}, nil
}

func (s *services) GetParameter(_ context.Context, in *ssm.GetParameterInput, set ...func(*ssm.Options)) (*ssm.GetParameterOutput, error) {
	s.calls++
	o := ssm.Options{Region: "own"}
	for _, f := range set {
		f(&o)
	}
	s.region, s.asked = o.Region, fmt.Sprint(*in.Name, "|", *in.WithDecryption)
	if s.err != nil {
		return nil, s.err
	}
	return &ssm.GetParameterOutput{Parameter: &ssmtypes.Parameter{ARN: &s.arn, Value: s.text, Type: s.kind}}, nil
}

func mustNew(t *testing.T, s *services, configure ...func(*secrets.Config)) *secrets.Resolver {
	t.Helper()
	config := secrets.Config{SecretsManager: s, SSM: s, Allow: []string{heads + "vpn/*", params + "vpn/*"}}
	for _, c := range configure {
		c(&config)
	}
	r, err := secrets.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func mustParse(t *testing.T, text string) secret.Reference {
	t.Helper()
	r, claims, err := secret.ParseReference(text)
	if !claims || err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return r
}

func TestResolve(t *testing.T) {
	t.Parallel()
	document := `{"psk":"` + psk + `","digits":0123,"a.b":"dotted","nested":{"psk":"x"},"none":null}`
	document = strings.Replace(document, "0123", "123456789012345678901234", 1)
	tests := []struct {
		name, reference string
		service         services
		want            string
		asked, region   string
	}{
		{"the whole text", "{{resolve:secretsmanager:vpn/site-a}}", services{arn: siteA, text: aws.String(psk)}, psk, "vpn/site-a||", "own"},
		{"a key", "{{resolve:secretsmanager:" + siteA + ":SecretString:psk}}", services{arn: siteA, text: &document}, psk, siteA + "||", "eu-central-1"},
		{"digits as they are written", "{{resolve:secretsmanager:vpn/site-a:SecretString:digits}}", services{arn: siteA, text: &document}, "123456789012345678901234", "vpn/site-a||", "own"},
		{"a key with a dot", "{{resolve:secretsmanager:vpn/site-a:SecretString:a.b}}", services{arn: siteA, text: &document}, "dotted", "vpn/site-a||", "own"},
		{"a stage", "{{resolve:secretsmanager:vpn/site-a:SecretString:psk:AWSPENDING}}", services{arn: siteA, text: &document}, psk, "vpn/site-a|AWSPENDING|", "own"},
		{"a version", "{{resolve:secretsmanager:vpn/site-a:SecretString:psk::7a1b}}", services{arn: siteA, text: &document}, psk, "vpn/site-a||7a1b", "own"},
		{"a parameter", "{{resolve:ssm-secure:/vpn/psk}}", services{arn: params + "vpn/psk", text: aws.String(psk), kind: "SecureString"}, psk, "/vpn/psk|true", "own"},
		{"a parameter's version", "{{resolve:ssm-secure:" + params + "vpn/psk:3}}", services{arn: params + "vpn/psk", text: aws.String(psk), kind: "SecureString"}, psk, params + "vpn/psk:3|true", "eu-central-1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := mustNew(t, &tt.service).Resolve(t.Context(), mustParse(t, tt.reference))
			if err != nil || got.Reveal() != tt.want {
				t.Errorf("got another text, or %v", err)
			}
			if tt.service.asked != tt.asked || tt.service.region != tt.region {
				t.Errorf("asked for %s in %s, want %s in %s", tt.service.asked, tt.service.region, tt.asked, tt.region)
			}
		})
	}
}

func TestResolveFails(t *testing.T) {
	t.Parallel()
	api := func(code string) error { return &smithy.GenericAPIError{Code: code, Message: psk} }
	const plain, keyed, parameter = "{{resolve:secretsmanager:vpn/site-a}}", "{{resolve:secretsmanager:vpn/site-a:SecretString:psk}}", "{{resolve:ssm-secure:/vpn/psk}}"
	tests := []struct {
		name, reference string
		service         services
		want            error // nil: to be tried again
		says            string
		calls           int
	}{
		{"not allowed", "{{resolve:secretsmanager:other/site-a}}", services{}, secret.ErrUnresolvable, "not among", 0},
		{"not allowed by ARN", "{{resolve:secretsmanager:" + heads + "other-9fK2aB}}", services{}, secret.ErrUnresolvable, "not among", 0},
		{"another account", "{{resolve:secretsmanager:" + strings.Replace(siteA, "12:secret", "13:secret", 1) + "}}", services{}, secret.ErrUnresolvable, "not among", 0},
		{"the name is another's", plain, services{arn: strings.Replace(siteA, "eu-", "us-", 1), text: aws.String(psk)}, secret.ErrUnresolvable, "which vpn/site-a names", 1},
		{"no ARN in the answer", plain, services{text: aws.String(psk)}, secret.ErrUnresolvable, "not among", 1},
		{"no such secret", plain, services{err: api("ResourceNotFoundException")}, secret.ErrUnresolvable, "vpn/site-a, or that version of it, does not exist", 1},
		{"deleted", plain, services{err: api("InvalidRequestException")}, secret.ErrUnresolvable, "marked for deletion", 1},
		{"bytes", plain, services{arn: siteA}, secret.ErrUnresolvable, "not text", 1},
		{"not JSON", keyed, services{arn: siteA, text: aws.String(psk)}, secret.ErrUnresolvable, "not a JSON object", 1},
		{"no such key", keyed, services{arn: siteA, text: aws.String(`{"other":"` + psk + `"}`)}, secret.ErrUnresolvable, "under the key psk", 1},
		{"no text under the key", keyed, services{arn: siteA, text: aws.String(`{"psk":["` + psk + `"]}`)}, secret.ErrUnresolvable, "under the key psk", 1},
		{"no such parameter", parameter, services{err: api("ParameterNotFound")}, secret.ErrUnresolvable, "/vpn/psk, or that version of it, does not exist", 1},
		{"no such version", parameter, services{err: api("ParameterVersionNotFound")}, secret.ErrUnresolvable, "/vpn/psk, or that version of it, does not exist", 1},
		{"a plain parameter", parameter, services{arn: params + "vpn/psk", text: aws.String(psk), kind: "String"}, secret.ErrUnresolvable, "not a SecureString", 1},
		{"denied", plain, services{err: &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "not authorized to perform: secretsmanager:GetSecretValue"}}, secret.ErrDenied, "not authorized", 1},
		{"the key denied", plain, services{err: api("DecryptionFailure")}, secret.ErrDenied, "decrypted", 1},
		{"throttled", plain, services{err: api("ThrottlingException")}, nil, "ThrottlingException", 1},
		{"failed", plain, services{err: api("InternalServiceError")}, nil, "InternalServiceError", 1},
		{"late", plain, services{err: fmt.Errorf("send: %w", context.DeadlineExceeded)}, context.DeadlineExceeded, "deadline", 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := mustNew(t, &tt.service).Resolve(t.Context(), mustParse(t, tt.reference))
			if err == nil || !got.IsZero() || !strings.Contains(err.Error(), tt.says) {
				t.Fatalf("got %v, want %q", err, tt.says)
			}
			for _, kind := range []error{secret.ErrUnresolvable, secret.ErrDenied, context.DeadlineExceeded} {
				if got, want := errors.Is(err, kind), kind == tt.want; got != want {
					t.Errorf("%v: is %v: got %v", err, kind, got)
				}
			}
			if tt.service.calls != tt.calls {
				t.Errorf("got %d calls, want %d", tt.service.calls, tt.calls)
			}
			if strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), psk) {
				t.Error("the error shows the secret")
			}
		})
	}
}

func TestAllow(t *testing.T) {
	t.Parallel()
	tests := []struct {
		allow, id string
		answer    string
		want      bool
	}{
		{heads + "vpn/*", "vpn/site-a", siteA, true},
		{heads + "vpn/*", siteA, siteA, true},
		{heads + "vpn/*", "vpnsite", heads + "vpnsite-9fK2aB", false},
		{siteA, siteA, siteA, true},
		{siteA, "vpn/site-a", siteA, true},
		{siteA, heads + "vpn/site-a", siteA, true},
		{siteA, "vpn/site-a", heads + "vpn/site-a-aaaaaa", false}, // the secret was made anew
		{siteA, "vpn/site", heads + "vpn/site-9fK2aB", false},
		{heads + "vpn/site-a-??????", "vpn/site-a", siteA, true},
		{heads + "vpn/site-a-??????", heads + "vpn/site-a-more-9fK2aB", heads + "vpn/site-a-more-9fK2aB", false},
		{"arn:aws:secretsmanager:*:123456789012:secret:vpn/*", "vpn/site-a", siteA, true},
		{"arn:aws:secretsmanager:*:123456789012:secret:vpn/*", "vpn/site-a", strings.Replace(siteA, "123456789012", "999999999999", 1), false},
		{params + "vpn/*", siteA, siteA, false},
	}
	for _, tt := range tests {
		t.Run(tt.allow+" "+tt.id, func(t *testing.T) {
			t.Parallel()
			s := services{arn: tt.answer, text: aws.String(psk)}
			r := mustNew(t, &s, func(c *secrets.Config) { c.Allow = []string{tt.allow} })
			_, err := r.Resolve(t.Context(), secret.Reference{Service: secret.SecretsManager, ID: tt.id})
			if (err == nil) != tt.want {
				t.Errorf("got %v, want allowed %v", err, tt.want)
			}
		})
	}
	none := mustNew(t, &services{}, func(c *secrets.Config) { c.Allow = nil })
	if _, err := none.Resolve(t.Context(), mustParse(t, "{{resolve:secretsmanager:a}}")); !errors.Is(err, secret.ErrUnresolvable) {
		t.Errorf("an empty list: got %v", err)
	}
}

func TestNew(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "*", "arn:*", "vpn/*", "arn:aws:s3:::bucket", "arn:aws:secretsmanager:*:*:*", "arn:aws:ssm:eu-central-1:123456789012:*", heads + `vpn\*`} {
		if _, err := secrets.New(secrets.Config{Allow: []string{siteA, bad}}); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%q", bad)) {
			t.Errorf("%q: got %v", bad, err)
		}
	}
	r := mustNew(t, nil, func(c *secrets.Config) { c.SecretsManager, c.SSM = nil, nil })
	if _, err := r.Resolve(t.Context(), mustParse(t, "{{resolve:secretsmanager:vpn/a}}")); !errors.Is(err, secret.ErrUnresolvable) {
		t.Errorf("no service: got %v", err)
	}
}

// A pinned version is cached for a while, the current one never is.
func TestKeep(t *testing.T) {
	t.Parallel()
	at := time.Unix(1_000_000, 0)
	s := services{arn: siteA, text: aws.String(`{"psk":"one","other":"two"}`)}
	r := mustNew(t, &s, func(c *secrets.Config) { c.Now = func() time.Time { return at } })
	resolve := func(reference, want string, calls int) {
		t.Helper()
		got, err := r.Resolve(t.Context(), mustParse(t, reference))
		if err != nil || got.Reveal() != want || s.calls != calls {
			t.Errorf("%s: got %v, %d calls, want %d", reference, err, s.calls, calls)
		}
	}
	text := func(get func(context.Context, string) (secret.Secret, error), want string, calls int) {
		t.Helper()
		got, err := get(t.Context(), siteA)
		if err != nil || got.Reveal() != want || s.calls != calls {
			t.Errorf("got %v, %d calls, want %d", err, s.calls, calls)
		}
	}
	const pinned = "{{resolve:secretsmanager:" + siteA + ":SecretString:psk::v1}}"
	const current = "{{resolve:secretsmanager:" + siteA + ":SecretString:psk}}"
	const whole = "{{resolve:secretsmanager:" + siteA + "}}"
	resolve(pinned, "one", 1)
	resolve(strings.Replace(pinned, ":psk:", ":other:", 1), "two", 1)
	resolve(strings.Replace(pinned, "v1", "v2", 1), "one", 2)
	resolve(current, "one", 3)
	resolve(current, "one", 4)
	text(r.Text, *s.text, 5)
	text(r.Text, *s.text, 5)
	resolve(whole, *s.text, 6) // what Text keeps is not for references
	s.text = aws.String(`{"psk":"new"}`)
	resolve(current, "new", 7)
	resolve(pinned, "one", 7)
	text(r.Fresh, *s.text, 8)
	text(r.Text, *s.text, 8)
	at = at.Add(time.Minute)
	resolve(pinned, "new", 9)
	text(r.Text, *s.text, 10)
}
