package secrets

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"vpnattach/shared/aws/retry"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/outcome"
)

// RotationAPI is what a [Rotated] needs of [secretsmanager.Client].
type RotationAPI interface {
	SecretsManagerAPI
	DescribeSecret(context.Context, *secretsmanager.DescribeSecretInput, ...func(*secretsmanager.Options)) (*secretsmanager.DescribeSecretOutput, error)
	PutSecretValue(context.Context, *secretsmanager.PutSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.PutSecretValueOutput, error)
	UpdateSecretVersionStage(context.Context, *secretsmanager.UpdateSecretVersionStageInput, ...func(*secretsmanager.Options)) (*secretsmanager.UpdateSecretVersionStageOutput, error)
}

// Rotated are the secrets that a rotation function rotates. Its errors hold no secret.
// It is safe for concurrent use.
type Rotated struct{ api RotationAPI }

// NewRotated returns the secrets of an account.
func NewRotated(api RotationAPI) *Rotated { return &Rotated{api} }

// Described is what Secrets Manager says of a secret without its values.
type Described struct {
	ARN string
	// RotationEnabled is false only when rotation was enabled once, and is not now.
	RotationEnabled bool
	Stages          map[string][]string // of each version that has any
}

// ErrNoVersion is returned for a version that does not exist, or that has no text yet.
var ErrNoVersion = errors.New("the version of the secret does not exist")

// stagePending is that of a version that is to be.
const stagePending = "AWSPENDING"

// Describe returns the secret's ARN and the stages of its versions. id is its name or ARN.
func (r *Rotated) Describe(ctx context.Context, id string) (Described, error) {
	out, err := r.api.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &id})
	if err != nil {
		return Described{}, rotationError("describe "+id, err)
	}
	return Described{
		ARN: aws.ToString(out.ARN), RotationEnabled: out.RotationEnabled == nil || *out.RotationEnabled, Stages: out.VersionIdsToStages,
	}, nil
}

// Version returns the text of a version and when it was created, or [ErrNoVersion].
func (r *Rotated) Version(ctx context.Context, arn, version string) (secret.Secret, time.Time, error) {
	out, err := r.api.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &arn, VersionId: &version})
	switch {
	case err != nil && retry.Of(err).Code == "ResourceNotFoundException":
		return secret.Secret{}, time.Time{}, ErrNoVersion
	case err != nil:
		return secret.Secret{}, time.Time{}, rotationError("read a version of "+arn, err)
	case out.SecretString == nil:
		return secret.Secret{}, time.Time{}, ErrNoVersion
	}
	return secret.New(*out.SecretString), aws.ToTime(out.CreatedDate).UTC(), nil
}

// Put makes the version that is to be: it becomes AWSPENDING. A version that has text
// already is left as it is.
func (r *Rotated) Put(ctx context.Context, arn, version string, text secret.Secret) error {
	value := text.Reveal()
	_, err := r.api.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{
		SecretId: &arn, ClientRequestToken: &version, SecretString: &value, VersionStages: []string{stagePending},
	})
	if err != nil && retry.Of(err).Code == "ResourceExistsException" {
		return nil
	}
	if err != nil {
		return rotationError("store a version of "+arn, err)
	}
	return nil
}

// Move takes a stage from one version and gives it to the other; to is empty for none. It
// fails when the stage is not with from.
func (r *Rotated) Move(ctx context.Context, arn, stage, from, to string) error {
	in := &secretsmanager.UpdateSecretVersionStageInput{SecretId: &arn, VersionStage: &stage, RemoveFromVersionId: &from}
	if to != "" {
		in.MoveToVersionId = &to
	}
	if _, err := r.api.UpdateSecretVersionStage(ctx, in); err != nil {
		return rotationError("move "+stage+" of "+arn, err)
	}
	return nil
}

// refusal is a call that was refused, so that no other attempt is of use.
type refusal struct {
	text string
	code string
	err  *retry.Error
}

func (e *refusal) Error() string { return e.text }
func (e *refusal) Unwrap() error { return e.err }

// Reason implements [outcome.Failure].
func (e *refusal) Reason() outcome.Reason {
	return outcome.Reason{Code: e.code, Message: e.text, Class: outcome.ClassRejected,
		Remedy: "Look at the secret, and at the permissions of the function's role for it."}
}

// rotationError wraps an error by whether a retry can help. What denies access is
// [outcome.Denied] by itself.
func rotationError(what string, err error) error {
	failed := retry.Of(err)
	if failed.Temporary || failed.IsDenied() || failed.Code == "" {
		return fmt.Errorf("secrets: %s: %w", what, failed)
	}
	return &refusal{fmt.Sprintf("secrets: %s: %v", what, failed), failed.Code, failed}
}
