// Package secrets fetches secrets from AWS Secrets Manager and from the Parameter
// Store of AWS Systems Manager.
//
//	resolver, err := secrets.New(secrets.Config{SecretsManager: client, Allow: patterns})
//	psk, err := resolver.Resolve(ctx, reference)  // what an event's rule refers to
//	key, err := resolver.Text(ctx, arn)           // the program's own
//
// A reference is resolved only when the list of allowed ARNs covers it: once before
// anything is asked for, and again with the ARN that the answer names, since a name
// says nothing of region and account.
//
// Only what can't change is cached: a version that the reference pins. A reference to
// the current version is fetched each time, because the event with it often says that
// there is a new version; a cached value would then be applied as the new one, and
// stay.
//
// It needs secretsmanager:GetSecretValue, ssm:GetParameter, and kms:Decrypt where a
// key of the account's own encrypts. No error holds a secret.
package secrets

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/tidwall/gjson"

	"vpnattach/shared/core/secret"
)

const defaultKeep = time.Minute

// SecretsManagerAPI is what a Resolver needs of [secretsmanager.Client].
type SecretsManagerAPI interface {
	GetSecretValue(context.Context, *secretsmanager.GetSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error)
}

// SSMAPI is what a Resolver needs of [ssm.Client].
type SSMAPI interface {
	GetParameter(context.Context, *ssm.GetParameterInput, ...func(*ssm.Options)) (*ssm.GetParameterOutput, error)
}

// Config is what a Resolver needs. The services that are nil can't be used.
type Config struct {
	SecretsManager SecretsManagerAPI
	SSM            SSMAPI
	// Allow lists the ARNs that references may name, written as in the Resource of an
	// IAM policy: * stands for any text, ? for one character. Empty: none.
	Allow []string
	Keep  time.Duration    // how long a pinned version and a Text are cached; default 1 minute
	Now   func() time.Time // default [time.Now]
}

// Resolver fetches secrets. It is safe for concurrent use.
type Resolver struct {
	config Config
	allow  []pattern

	mutex sync.Mutex
	kept  map[secret.Reference]kept // without keys; those of a pinned version, and of Text
}

// kept is a secret's whole text.
type kept struct {
	text  secret.Secret
	until time.Time
}

// New fails when an entry of Allow is not a pattern of secrets or parameters.
func New(config Config) (*Resolver, error) {
	r := &Resolver{config: config, kept: map[secret.Reference]kept{}}
	var problems []error
	for _, text := range config.Allow {
		p, err := newPattern(text)
		if err != nil {
			problems = append(problems, err)
		}
		r.allow = append(r.allow, p)
	}
	if r.config.Keep == 0 {
		r.config.Keep = defaultKeep
	}
	if r.config.Now == nil {
		r.config.Now = time.Now
	}
	return r, errors.Join(problems...)
}

// Resolve returns the secret that a reference stands for. The error wraps
// [secret.ErrUnresolvable] when the reference is not allowed, or when the secret, the
// version, the key or the text does not exist; [secret.ErrDenied] when the permission
// is missing. After any other error a retry may help.
func (r *Resolver) Resolve(ctx context.Context, ref secret.Reference) (secret.Secret, error) {
	if !r.mayAllow(ref) {
		return secret.Secret{}, fmt.Errorf("%w: %s is not among the secrets that rules may use", secret.ErrUnresolvable, ref.ID)
	}
	version := ref
	version.Key = ""
	if ref.VersionID != "" {
		if text, known := r.lookUp(version); known {
			return member(text, ref)
		}
	}
	found, err := r.fetch(ctx, version)
	if err != nil {
		return secret.Secret{}, err
	}
	if !r.allows(ref.Service, found.arn) {
		return secret.Secret{}, fmt.Errorf("%w: %s, which %s names, is not among the secrets that rules may use", secret.ErrUnresolvable, found.arn, ref.ID)
	}
	if ref.VersionID != "" {
		r.keep(version, found.text)
	}
	return member(found.text, ref)
}

// Text returns the whole text of one of the program's own secrets: the ARN or the
// name of a secret, or the ARN of a parameter. Allow does not limit it. It is cached
// for Config.Keep; [Resolver.Fresh] always fetches. Its errors are those of
// [Resolver.Resolve].
func (r *Resolver) Text(ctx context.Context, arn string) (secret.Secret, error) {
	if text, known := r.lookUp(own(arn)); known {
		return text, nil
	}
	return r.Fresh(ctx, arn)
}

// Fresh is [Resolver.Text] without the cache, for callers that cache the secret
// themselves.
func (r *Resolver) Fresh(ctx context.Context, arn string) (secret.Secret, error) {
	found, err := r.fetch(ctx, own(arn))
	if err != nil {
		return secret.Secret{}, err
	}
	r.keep(own(arn), found.text)
	return found.text, nil
}

// own is the reference to a secret of the program. It pins no version: Resolve neither
// keeps nor looks up such a one.
func own(arn string) secret.Reference {
	if field(arn, 2) == "ssm" {
		return secret.Reference{Service: secret.SSMSecure, ID: arn}
	}
	return secret.Reference{Service: secret.SecretsManager, ID: arn}
}

func (r *Resolver) lookUp(ref secret.Reference) (secret.Secret, bool) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	k, known := r.kept[ref]
	return k.text, known && r.config.Now().Before(k.until)
}

// keep also drops expired secrets, so that none stays longer than it is used.
func (r *Resolver) keep(ref secret.Reference, text secret.Secret) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	now := r.config.Now()
	for other, k := range r.kept {
		if !now.Before(k.until) {
			delete(r.kept, other)
		}
	}
	r.kept[ref] = kept{text, now.Add(r.config.Keep)}
}

// member takes the value of the reference's key out of the JSON in the secret.
func member(text secret.Secret, ref secret.Reference) (secret.Secret, error) {
	if ref.Key == "" {
		return text, nil
	}
	document := text.Reveal()
	if !gjson.Valid(document) || !gjson.Parse(document).IsObject() {
		return secret.Secret{}, fmt.Errorf("%w: %s is not a JSON object, so it has no key %s", secret.ErrUnresolvable, ref.ID, ref.Key)
	}
	switch value := gjson.Get(document, gjson.Escape(ref.Key)); value.Type {
	case gjson.String:
		return secret.New(value.Str), nil
	case gjson.Number: // as it is written: a key of digits is not a quantity
		return secret.New(value.Raw), nil
	default:
		return secret.Secret{}, fmt.Errorf("%w: the JSON in %s has no text under the key %s", secret.ErrUnresolvable, ref.ID, ref.Key)
	}
}
