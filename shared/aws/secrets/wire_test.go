package secrets_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"vpnattach/shared/aws/awstest"
	"vpnattach/shared/aws/secrets"
	"vpnattach/shared/core/secret"
)

func TestWire(t *testing.T) {
	t.Parallel()
	config := awstest.Shared(t).Config()
	manager, store := secretsmanager.NewFromConfig(config), ssm.NewFromConfig(config)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	made, err := manager.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: aws.String("wire/site-a"), SecretString: aws.String(`{"psk":"first-key-0001"}`)})
	must(err)
	_, err = manager.PutSecretValue(t.Context(), &secretsmanager.PutSecretValueInput{SecretId: made.ARN, SecretString: aws.String(`{"psk":"second-key-0002"}`)})
	must(err)
	for _, value := range []string{"first-key-0001", "second-key-0002"} {
		_, err = store.PutParameter(t.Context(), &ssm.PutParameterInput{Name: aws.String("/wire/psk"), Value: &value, Type: ssmtypes.ParameterTypeSecureString, Overwrite: aws.Bool(true)})
		must(err)
	}
	_, err = store.PutParameter(t.Context(), &ssm.PutParameterInput{Name: aws.String("/wire/plain"), Value: aws.String(psk), Type: ssmtypes.ParameterTypeString})
	must(err)

	r, err := secrets.New(secrets.Config{SecretsManager: manager, SSM: store, Allow: []string{
		"arn:aws:secretsmanager:eu-central-1:123456789012:secret:wire/*", "arn:aws:ssm:eu-central-1:123456789012:parameter/wire/*",
	}})
	must(err)
	for reference, want := range map[string]string{
		"{{resolve:secretsmanager:wire/site-a:SecretString:psk}}":                                "second-key-0002",
		"{{resolve:secretsmanager:" + *made.ARN + ":SecretString:psk}}":                          "second-key-0002",
		"{{resolve:secretsmanager:" + *made.ARN + ":SecretString:psk:AWSPREVIOUS}}":              "first-key-0001",
		"{{resolve:secretsmanager:" + *made.ARN + ":SecretString:psk::" + *made.VersionId + "}}": "first-key-0001",
		"{{resolve:ssm-secure:/wire/psk}}":                                                       "second-key-0002",
		"{{resolve:ssm-secure:/wire/psk:1}}":                                                     "first-key-0001",
	} {
		got, err := r.Resolve(t.Context(), mustParse(t, reference))
		if err != nil || got.Reveal() != want {
			t.Errorf("%s: got another text, or %v", reference, err)
		}
	}
	for _, reference := range []string{
		"{{resolve:secretsmanager:wire/missing}}", "{{resolve:secretsmanager:wire/site-a:SecretString:none}}",
		"{{resolve:secretsmanager:wire/site-a:SecretString:psk::00000000-0000-0000-0000-000000000000}}",
		"{{resolve:ssm-secure:/wire/missing}}", "{{resolve:ssm-secure:/wire/psk:9}}", "{{resolve:ssm-secure:/wire/plain}}",
	} {
		_, err := r.Resolve(t.Context(), mustParse(t, reference))
		if !errors.Is(err, secret.ErrUnresolvable) || strings.Contains(err.Error(), psk) {
			t.Errorf("%s: got %v", reference, err)
		}
	}
	for arn, want := range map[string]string{
		*made.ARN: `{"psk":"second-key-0002"}`, "wire/site-a": `{"psk":"second-key-0002"}`,
		"arn:aws:ssm:eu-central-1:123456789012:parameter/wire/psk": "second-key-0002",
	} {
		if got, err := r.Text(t.Context(), arn); err != nil || got.Reveal() != want {
			t.Errorf("%s: got another text, or %v", arn, err)
		}
	}
}
