package bundle_test

import (
	"context"
	"crypto/rand"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	eventtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"vpnattach/shared/aws/awstest"
	"vpnattach/shared/core/request"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/ledger/dynamo"
	"vpnattach/shared/vpc"
)

const (
	region    = "eu-central-1"
	accountID = "123456789012"
)

// queues are those of template.yaml, with their attributes there.
var queues = map[string]map[string]string{
	"ChangeQueue": {
		"FifoQueue": "true", "DeduplicationScope": "messageGroup", "FifoThroughputLimit": "perMessageGroupId", "VisibilityTimeout": "360",
	},
	"DeadLetterQueue":  {"FifoQueue": "true"},
	"ConfirmQueue":     {"VisibilityTimeout": "360"},
	"EventQueue":       {"VisibilityTimeout": "360"},
	"FailedEventQueue": {},
	// Not in the template: targets of rules, in place of the function ingest and of
	// whoever wants to know the outcomes.
	"Invocations": {},
	"Outcomes":    {},
}

// account is a world's part of the AWS account. All worlds share one, so everything
// has the world's prefix before its name.
type account struct {
	aws    *awstest.Server
	prefix string
	table  string
	bus    string
	urls   map[string]string // of queues, by their names in the template
	arns   map[string]string // of queues and secrets, by their names in the template
	names  map[string]string // in the template, by the names in the account

	sqs    *sqs.Client
	events *eventbridge.Client
	vault  *secretsmanager.Client
	params *ssm.Client
}

func newAccount(w *world, server *awstest.Server) account {
	a := account{
		aws: server, prefix: newPrefix(), urls: map[string]string{}, arns: map[string]string{}, names: map[string]string{},
		sqs: sqs.NewFromConfig(server.Config()), events: eventbridge.NewFromConfig(server.Config()),
		vault: secretsmanager.NewFromConfig(server.Config()), params: ssm.NewFromConfig(server.Config()),
	}
	a.table = server.Table(w, dynamo.KeyAttribute)
	a.names[a.table] = "LedgerTable"
	for name, attributes := range queues {
		physical := a.prefix + name
		if attributes["FifoQueue"] != "" {
			physical += ".fifo"
		}
		made, err := a.sqs.CreateQueue(w.Context(), &sqs.CreateQueueInput{QueueName: &physical, Attributes: attributes})
		if err != nil {
			w.Fatal(err)
		}
		a.urls[name], a.arns[name] = *made.QueueUrl, "arn:aws:sqs:"+region+":"+accountID+":"+physical
		a.names[physical] = name
	}
	credentials := w.credentialsText
	if w.setup.credentials != nil {
		credentials = w.setup.credentials
	}
	a.keep(w, "WebhookSecretArn", "webhook", strings.Join(w.webhooks, "\n"))
	a.keep(w, "DigestKey", "digest", w.newSecret("digest key", rand.Text()+rand.Text()))
	a.keep(w, "CredentialsSecretArn", "credentials", credentials(w.keys))
	a.makeBus(w)
	return a
}

// makeBus makes the bus, the rule that invokes ingest with every event but outcomes, and
// one for outcomes.
func (a *account) makeBus(w *world) {
	a.bus = a.prefix + "bus"
	a.names[a.bus] = "EventBus"
	if _, err := a.events.CreateEventBus(w.Context(), &eventbridge.CreateEventBusInput{Name: &a.bus}); err != nil {
		w.Fatal(err)
	}
	for target, pattern := range map[string]string{
		"Invocations": `{"account":["` + accountID + `"],"source":[{"anything-but":"vpnattach"}]}`,
		"Outcomes":    `{"source":["vpnattach"]}`,
	} {
		name := a.prefix + target
		if _, err := a.events.PutRule(w.Context(), &eventbridge.PutRuleInput{Name: &name, EventBusName: &a.bus, EventPattern: &pattern}); err != nil {
			w.Fatal(err)
		}
		if _, err := a.events.PutTargets(w.Context(), &eventbridge.PutTargetsInput{
			Rule: &name, EventBusName: &a.bus, Targets: []eventtypes.Target{{Id: &target, Arn: aws.String(a.arns[target])}},
		}); err != nil {
			w.Fatal(err)
		}
	}
}

// keep makes a secret, known to the template under that name, and returns its ARN.
func (a *account) keep(w *world, resource, name, text string) string {
	w.Helper()
	made, err := a.vault.CreateSecret(w.Context(), &secretsmanager.CreateSecretInput{Name: aws.String(a.prefix + name), SecretString: &text})
	if err != nil {
		w.Fatal(err)
	}
	a.arns[resource], a.names[*made.ARN] = *made.ARN, resource
	return *made.ARN
}

// replace gives a secret another text, and returns the version's id.
func (a *account) replace(w *world, arn, text string) (version string) {
	w.Helper()
	out, err := a.vault.PutSecretValue(w.Context(), &secretsmanager.PutSecretValueInput{SecretId: &arn, SecretString: &text})
	if err != nil {
		w.Fatal(err)
	}
	return *out.VersionId
}

// keepParameter makes a parameter that rules may refer to, and returns its name.
func (a *account) keepParameter(w *world, name, text string) string {
	w.Helper()
	name = "/" + a.prefix + name
	a.names[name] = "SecretArns"
	if _, err := a.params.PutParameter(w.Context(), &ssm.PutParameterInput{
		Name: &name, Value: &text, Type: ssmtypes.ParameterTypeSecureString, Overwrite: aws.Bool(true),
	}); err != nil {
		w.Fatal(err)
	}
	return name
}

// items is the whole ledger, as JSON.
func (a *account) items(w *world) string {
	w.Helper()
	// Called when the test has ended, and its context with it.
	found, err := dynamodb.NewFromConfig(a.aws.Config()).Scan(context.Background(), &dynamodb.ScanInput{TableName: &a.table})
	if err != nil {
		w.Fatal(err)
	}
	return encode(found.Items)
}

// changeSources are those whose change documents are accepted.
func changeSources(w *world) []string {
	return []string{
		"webhook", "com.example.vpn", w.arns["EventQueue"],
		"arn:aws:sns:" + region + ":" + accountID + ":vpn-changes",
		"arn:aws:kinesis:" + region + ":" + accountID + ":stream/vpn-changes",
		"arn:aws:dynamodb:" + region + ":" + accountID + ":table/vpn-attachments/*",
	}
}

// mustClient returns a client of the VPC API with the key of a profile.
func mustClient(w *world, endpoint, profile string) *vpc.Client {
	w.Helper()
	client, err := vpc.New(vpc.Config{
		Endpoint: strings.TrimSuffix(endpoint, "/"),
		Credentials: func(context.Context) (request.Credentials, error) {
			return request.Credentials{AccessKeyID: profile, AccessKeySecret: secret.New(w.keys[profile])}, nil
		},
	})
	if err != nil {
		w.Fatal(err)
	}
	return client
}
