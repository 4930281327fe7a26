package secrets_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/smithy-go"

	"vpnattach/shared/aws/awstest"
	"vpnattach/shared/aws/secrets"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/outcome"
)

// A rotation over the wire: the version that is to be is made once, and AWSCURRENT moves
// from where it is said to be only.
func TestRotated(t *testing.T) {
	t.Parallel()
	manager := secretsmanager.NewFromConfig(awstest.Shared(t).Config())
	made, err := manager.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: aws.String("rotated/site-a"), SecretString: aws.String(`{"psk":"first-key-0001"}`)})
	if err != nil {
		t.Fatal(err)
	}
	arn, first := *made.ARN, *made.VersionId
	const second = "11111111-2222-3333-4444-555555555555"
	r := secrets.NewRotated(manager)
	stages := func(want map[string]string) {
		t.Helper()
		d, err := r.Describe(t.Context(), "rotated/site-a")
		if err != nil || d.ARN != arn {
			t.Fatalf("got %+v, %v", d, err)
		}
		for stage, version := range want {
			if !slices.Contains(d.Stages[version], stage) {
				t.Errorf("%s is not with %s: %v", stage, version, d.Stages)
			}
		}
	}
	stages(map[string]string{"AWSCURRENT": first})
	if _, _, err := r.Version(t.Context(), arn, second); !errors.Is(err, secrets.ErrNoVersion) {
		t.Errorf("got %v before it is made, want ErrNoVersion", err)
	}
	for range 2 { // the second time, it exists
		if err := r.Put(t.Context(), arn, second, secret.New(`{"psk":"second-key-0002"}`)); err != nil {
			t.Fatal(err)
		}
	}
	stages(map[string]string{"AWSCURRENT": first, "AWSPENDING": second})
	text, created, err := r.Version(t.Context(), arn, second)
	if err != nil || text.Reveal() != `{"psk":"second-key-0002"}` || created.IsZero() {
		t.Errorf("got another text, %v, %v", created, err)
	}
	if err := r.Move(t.Context(), arn, "AWSCURRENT", second, first); outcome.ClassOf(err) != outcome.ClassRejected {
		t.Errorf("got %v for a stage that is elsewhere", err)
	}
	if err := r.Move(t.Context(), arn, "AWSCURRENT", first, second); err != nil {
		t.Error(err)
	}
	stages(map[string]string{"AWSCURRENT": second, "AWSPREVIOUS": first})
	_, err = r.Describe(t.Context(), "rotated/missing")
	if err == nil || !strings.Contains(err.Error(), "describe rotated/missing") || outcome.ClassOf(err) != outcome.ClassRejected {
		t.Errorf("got %v for a secret that does not exist", err)
	}
}

// exists is a service that has another text for the version already, which moto takes.
type exists struct{ secrets.RotationAPI }

func (exists) PutSecretValue(context.Context, *secretsmanager.PutSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.PutSecretValueOutput, error) {
	return nil, &smithy.GenericAPIError{Code: "ResourceExistsException", Message: psk}
}

func TestRotatedExists(t *testing.T) {
	t.Parallel()
	if err := secrets.NewRotated(exists{}).Put(t.Context(), siteA, "v1", secret.New(psk)); err != nil {
		t.Errorf("got %v, want the version left as it is", err)
	}
}
