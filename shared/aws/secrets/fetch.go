package secrets

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"vpnattach/shared/aws/retry"
	"vpnattach/shared/core/secret"
)

// found is a secret as a service has returned it.
type found struct {
	text secret.Secret
	arn  string
}

// fetch asks the service for the whole text of a secret.
func (r *Resolver) fetch(ctx context.Context, ref secret.Reference) (found, error) {
	switch {
	case ref.Service == secret.SecretsManager && r.config.SecretsManager != nil:
		return r.fromSecretsManager(ctx, ref)
	case ref.Service == secret.SSMSecure && r.config.SSM != nil:
		return r.fromSSM(ctx, ref)
	}
	return found{}, fmt.Errorf("%w: no client for the service %q", secret.ErrUnresolvable, ref.Service)
}

func (r *Resolver) fromSecretsManager(ctx context.Context, ref secret.Reference) (found, error) {
	in := &secretsmanager.GetSecretValueInput{SecretId: &ref.ID}
	if ref.VersionID != "" {
		in.VersionId = &ref.VersionID
	}
	if ref.VersionStage != "" {
		in.VersionStage = &ref.VersionStage
	}
	out, err := r.config.SecretsManager.GetSecretValue(ctx, in, func(o *secretsmanager.Options) {
		if region := field(ref.ID, 3); region != "" {
			o.Region = region
		}
	})
	switch {
	case err != nil:
		return found{}, explain(ref, err)
	case out.SecretString == nil:
		return found{}, fmt.Errorf("%w: %s is binary, not text", secret.ErrUnresolvable, ref.ID)
	}
	return found{secret.New(*out.SecretString), aws.ToString(out.ARN)}, nil
}

func (r *Resolver) fromSSM(ctx context.Context, ref secret.Reference) (found, error) {
	name := ref.ID
	if ref.VersionID != "" {
		name += ":" + ref.VersionID
	}
	out, err := r.config.SSM.GetParameter(ctx, &ssm.GetParameterInput{Name: &name, WithDecryption: aws.Bool(true)}, func(o *ssm.Options) {
		if region := field(ref.ID, 3); region != "" {
			o.Region = region
		}
	})
	switch {
	case err != nil:
		return found{}, explain(ref, err)
	case out.Parameter == nil || out.Parameter.Value == nil || out.Parameter.Type != ssmtypes.ParameterTypeSecureString:
		return found{}, fmt.Errorf("%w: %s is not a SecureString", secret.ErrUnresolvable, ref.ID)
	}
	return found{secret.New(*out.Parameter.Value), aws.ToString(out.Parameter.ARN)}, nil
}

// explain wraps the error by whether a retry can help.
func explain(ref secret.Reference, err error) error {
	failed := retry.Of(err)
	switch failed.Code {
	case "ResourceNotFoundException", "ParameterNotFound", "ParameterVersionNotFound":
		return fmt.Errorf("%w: %s, or that version of it, does not exist: %w", secret.ErrUnresolvable, ref.ID, failed)
	case "InvalidRequestException":
		return fmt.Errorf("%w: %s is marked for deletion: %w", secret.ErrUnresolvable, ref.ID, failed)
	case "InvalidParameterException", "ValidationException":
		return fmt.Errorf("%w: the service rejects %s: %w", secret.ErrUnresolvable, ref.ID, failed)
	case "DecryptionFailure", "InvalidKeyId":
		return fmt.Errorf("%w: %s can't be decrypted: %w", secret.ErrDenied, ref.ID, failed)
	}
	if retry.IsDenied(failed.Code) {
		return fmt.Errorf("%w: %s: %w", secret.ErrDenied, ref.ID, failed)
	}
	return fmt.Errorf("secrets: %s: %w", ref.ID, failed)
}
