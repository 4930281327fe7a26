package aws

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	awseventbridge "github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/rs/zerolog"

	"vpnattach/shared/aws/emf"
	"vpnattach/shared/aws/eventbridge"
	"vpnattach/shared/aws/secrets"
	"vpnattach/shared/aws/sqs"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/ledger/dynamo"
	"vpnattach/shared/outcome"
	"vpnattach/shared/settings"
)

// Account is where a function runs.
type Account struct {
	*settings.Settings
	Log     zerolog.Logger
	Metrics *emf.Metrics
	AWS     aws.Config // of the clients of its services

	secrets *secrets.Resolver
}

// Open reads what every function needs: region, credentials, the name of the function
// and the level of the log. Log and metrics go to out.
func Open(getenv func(string) string, out io.Writer) *Account {
	a := &Account{Settings: settings.New(getenv)}
	a.Log = a.Settings.Log(out, zerolog.InfoLevel)
	a.Metrics = emf.New(out, "vpnattach", nil, emf.Dimension{Name: "FunctionName", Value: a.Required("AWS_LAMBDA_FUNCTION_NAME")})
	a.AWS = aws.Config{
		Region:      a.Required("AWS_REGION"),
		Credentials: credentials.NewStaticCredentialsProvider(a.Required("AWS_ACCESS_KEY_ID"), a.Required("AWS_SECRET_ACCESS_KEY"), a.Text("AWS_SESSION_TOKEN", "")),
		HTTPClient:  &http.Client{Transport: transport()},
	}
	if endpoint := a.URL("AWS_ENDPOINT_URL"); endpoint != "" {
		a.AWS.BaseEndpoint = &endpoint
	}
	return a
}

// transport keeps enough connections for a batch that is handled concurrently, and its
// timeout leaves time for another attempt.
func transport() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = 10
	t.ResponseHeaderTimeout = 10 * time.Second
	return t
}

// Sender sends to the queue whose URL is in the variable.
func (a *Account) Sender(variable string) *sqs.Sender {
	return sqs.NewSender(awssqs.NewFromConfig(a.AWS), a.Required(variable))
}

// Consumer changes the visibility of messages of the queue whose URL is in the
// variable.
func (a *Account) Consumer(variable string) *sqs.Consumer {
	return sqs.NewConsumer(awssqs.NewFromConfig(a.AWS), a.Required(variable))
}

// Ledger is the table that LEDGER_TABLE names.
func (a *Account) Ledger() *dynamo.Table {
	return dynamo.New(dynamodb.NewFromConfig(a.AWS), a.Required("LEDGER_TABLE"))
}

// Outcomes returns a function that publishes outcome events on the bus that EVENT_BUS
// names. It returns an error for each, as [eventbridge.Bus.Put] does.
func (a *Account) Outcomes() func(context.Context, []outcome.Outcome) []error {
	to := eventbridge.New(awseventbridge.NewFromConfig(a.AWS), a.Required("EVENT_BUS"), outcome.Source)
	return func(ctx context.Context, all []outcome.Outcome) []error {
		events := make([]eventbridge.Event, len(all))
		for i := range all {
			detail, err := json.Marshal(all[i])
			if err != nil { // a defect, and one that each of them would have
				return slices.Repeat([]error{fmt.Errorf("outcome event: %w", err)}, len(all))
			}
			events[i] = eventbridge.Event{DetailType: outcome.DetailType, Resources: []string{all[i].VpnConnectionID}, Time: all[i].Time, Detail: detail}
		}
		return to.Put(ctx, events)
	}
}

// Secrets resolves the references that SECRET_ARNS allows, in Secrets Manager and in
// the Parameter Store.
func (a *Account) Secrets() *secrets.Resolver {
	return a.resolver(secrets.Config{
		SecretsManager: secretsmanager.NewFromConfig(a.AWS), SSM: ssm.NewFromConfig(a.AWS), Allow: a.List("SECRET_ARNS"),
	})
}

// own fetches the function's own secrets, which are in Secrets Manager.
func (a *Account) own() *secrets.Resolver {
	if a.secrets == nil {
		a.secrets = a.resolver(secrets.Config{SecretsManager: secretsmanager.NewFromConfig(a.AWS)})
	}
	return a.secrets
}

func (a *Account) resolver(config secrets.Config) *secrets.Resolver {
	r, err := secrets.New(config)
	if err != nil {
		a.Bad("SECRET_ARNS", "is not a list of ARNs: "+err.Error())
	}
	return r
}

// Secret fetches the secret whose ARN is in the variable, once.
func (a *Account) Secret(ctx context.Context, variable string) secret.Secret {
	arn := a.Required(variable)
	if arn == "" {
		return secret.Secret{}
	}
	value, err := a.own().Fresh(ctx, arn)
	switch {
	case err != nil:
		a.Bad(variable, "names a secret that can't be read: "+err.Error())
	case value.IsZero():
		a.Bad(variable, "names a secret that is empty")
	}
	return value
}

// Rotated returns a function that returns the secret whose ARN is in the variable, at
// most a minute old; nil when the variable is not set.
func (a *Account) Rotated(variable string) func(context.Context) (secret.Secret, error) {
	arn := a.Text(variable, "")
	if arn == "" {
		return nil
	}
	own := a.own()
	return func(ctx context.Context) (secret.Secret, error) {
		value, err := own.Text(ctx, arn)
		if err == nil && value.IsZero() {
			err = errors.New("the secret that " + variable + " names is empty")
		}
		return value, err
	}
}
