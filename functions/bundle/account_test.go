package bundle_test

import (
	"context"
	"crypto/rand"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	eventtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"vpnattach/functions/rotate"
	"vpnattach/shared/aws/awstest"
	"vpnattach/shared/core/request"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/ledger/dynamo"
	"vpnattach/shared/outcome"
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
	// subscribers of the outcomes and of the results of rotations.
	"Invocations": {},
	"Outcomes":    {},
	"Results":     {},
}

// account is a harness's part of the AWS account. All harnesses share one account, so
// all names start with the harness's prefix.
type account struct {
	aws    *awstest.Server
	prefix string
	table  string
	bus    string
	urls   map[string]string // of queues, by their names in the template
	arns   map[string]string // of queues and secrets, by their names in the template
	names  map[string]string // in the template, by the names in the account

	sqs     *sqs.Client
	events  *eventbridge.Client
	vault   *secretsmanager.Client
	params  *ssm.Client
	buckets *s3.Client
}

func newAccount(h *harness, server *awstest.Server) account {
	a := account{
		aws: server, prefix: newPrefix(), urls: map[string]string{}, arns: map[string]string{}, names: map[string]string{},
		sqs: sqs.NewFromConfig(server.Config()), events: eventbridge.NewFromConfig(server.Config()),
		vault: secretsmanager.NewFromConfig(server.Config()), params: ssm.NewFromConfig(server.Config()),
		buckets: s3.NewFromConfig(server.Config(), func(o *s3.Options) { o.UsePathStyle = true }),
	}
	a.table = server.Table(h, dynamo.KeyAttribute)
	a.names[a.table] = "LedgerTable"
	for name, attributes := range queues {
		physical := a.prefix + name
		if attributes["FifoQueue"] != "" {
			physical += ".fifo"
		}
		made, err := a.sqs.CreateQueue(h.Context(), &sqs.CreateQueueInput{QueueName: &physical, Attributes: attributes})
		if err != nil {
			h.Fatal(err)
		}
		a.urls[name], a.arns[name] = *made.QueueUrl, "arn:aws:sqs:"+region+":"+accountID+":"+physical
		a.names[physical] = name
	}
	credentials := h.credentialsText
	if h.setup.credentials != nil {
		credentials = h.setup.credentials
	}
	a.createSecret(h, "WebhookSecretArn", "webhook", strings.Join(h.webhooks, "\n"))
	a.createSecret(h, "DigestKey", "digest", h.newSecret("digest key", rand.Text()+rand.Text()))
	a.createSecret(h, "CredentialsSecretArn", "credentials", credentials(h.keys))
	a.makeBus(h)
	return a
}

// makeBus creates the bus, the rule that invokes ingest with every event but our own, and
// those for outcomes and for results of rotations.
func (a *account) makeBus(h *harness) {
	a.bus = a.prefix + "bus"
	a.names[a.bus] = "EventBus"
	if _, err := a.events.CreateEventBus(h.Context(), &eventbridge.CreateEventBusInput{Name: &a.bus}); err != nil {
		h.Fatal(err)
	}
	for target, pattern := range map[string]string{
		"Invocations": `{"account":["` + accountID + `"],"source":[{"anything-but":"vpnattach"}]}`,
		"Outcomes":    `{"source":["vpnattach"],"detail-type":["` + outcome.DetailType + `"]}`,
		"Results":     `{"source":["vpnattach"],"detail-type":["` + rotate.DetailType + `"]}`,
	} {
		name := a.prefix + target
		if _, err := a.events.PutRule(h.Context(), &eventbridge.PutRuleInput{Name: &name, EventBusName: &a.bus, EventPattern: &pattern}); err != nil {
			h.Fatal(err)
		}
		if _, err := a.events.PutTargets(h.Context(), &eventbridge.PutTargetsInput{
			Rule: &name, EventBusName: &a.bus, Targets: []eventtypes.Target{{Id: &target, Arn: aws.String(a.arns[target])}},
		}); err != nil {
			h.Fatal(err)
		}
	}
}

// createSecret creates a secret, known to the template under that name, and returns its
// ARN.
func (a *account) createSecret(h *harness, resource, name, text string) string {
	h.Helper()
	made, err := a.vault.CreateSecret(h.Context(), &secretsmanager.CreateSecretInput{Name: aws.String(a.prefix + name), SecretString: &text})
	if err != nil {
		h.Fatal(err)
	}
	a.arns[resource], a.names[*made.ARN] = *made.ARN, resource
	return *made.ARN
}

// putSecret gives a secret another text, and returns the version's id.
func (a *account) putSecret(h *harness, arn, text string) (version string) {
	h.Helper()
	out, err := a.vault.PutSecretValue(h.Context(), &secretsmanager.PutSecretValueInput{SecretId: &arn, SecretString: &text})
	if err != nil {
		h.Fatal(err)
	}
	return *out.VersionId
}

// createParameter creates a parameter that rules may refer to, and returns its name.
func (a *account) createParameter(h *harness, name, text string) string {
	h.Helper()
	name = "/" + a.prefix + name
	a.names[name] = "SecretArns"
	if _, err := a.params.PutParameter(h.Context(), &ssm.PutParameterInput{
		Name: &name, Value: &text, Type: ssmtypes.ParameterTypeSecureString, Overwrite: aws.Bool(true),
	}); err != nil {
		h.Fatal(err)
	}
	return name
}

// placeRules makes the place of a rule file that changes, and returns its ARN.
func (a *account) placeRules(h *harness) string {
	h.Helper()
	switch in := h.setup.rulesIn; in {
	case "RulesObject":
		bucket := a.prefix + "rules"
		a.names[bucket+"/vpn/rules.json"], a.names[bucket] = in, in
		_, err := a.buckets.CreateBucket(h.Context(), &s3.CreateBucketInput{
			Bucket: &bucket, CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: region},
		})
		h.must(err)
		_, err = a.buckets.PutBucketVersioning(h.Context(), &s3.PutBucketVersioningInput{
			Bucket: &bucket, VersioningConfiguration: &s3types.VersioningConfiguration{Status: s3types.BucketVersioningStatusEnabled},
		})
		h.must(err)
		return "arn:aws:s3:::" + bucket + "/vpn/rules.json"
	case "RulesParameter":
		arn := "arn:aws:ssm:" + region + ":" + accountID + ":parameter/" + a.prefix + "vpn/rules"
		a.names[arn], a.names["/"+a.prefix+"vpn/rules"] = in, in
		return arn
	}
	return ""
}

// putRules makes a new version of the rule file there.
func (a *account) putRules(h *harness, text string) {
	h.Helper()
	name, object := strings.CutPrefix(h.ruleFile, "arn:aws:s3:::")
	if !object {
		_, name, _ = strings.Cut(h.ruleFile, ":parameter")
		_, err := a.params.PutParameter(h.Context(), &ssm.PutParameterInput{
			Name: &name, Value: &text, Type: ssmtypes.ParameterTypeString, Overwrite: aws.Bool(true),
		})
		h.must(err)
		return
	}
	bucket, key, _ := strings.Cut(name, "/")
	_, err := a.buckets.PutObject(h.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: strings.NewReader(text)})
	h.must(err)
}

// items is the whole ledger, as JSON.
func (a *account) items(h *harness) string {
	h.Helper()
	// Called when the test has ended, and its context with it.
	found, err := dynamodb.NewFromConfig(a.aws.Config()).Scan(context.Background(), &dynamodb.ScanInput{TableName: &a.table})
	if err != nil {
		h.Fatal(err)
	}
	return encode(found.Items)
}

// changeSources are those whose change documents are accepted.
func changeSources(h *harness) []string {
	return []string{
		"webhook", "com.example.vpn", h.arns["EventQueue"],
		"arn:aws:sns:" + region + ":" + accountID + ":vpn-changes",
		"arn:aws:kinesis:" + region + ":" + accountID + ":stream/vpn-changes",
		"arn:aws:dynamodb:" + region + ":" + accountID + ":table/vpn-attachments/*",
	}
}

// mustClient returns a client of the VPC API with the key of a profile.
func mustClient(h *harness, endpoint, profile string) *vpc.Client {
	h.Helper()
	client, err := vpc.New(vpc.Config{
		Endpoint: strings.TrimSuffix(endpoint, "/"),
		Credentials: func(context.Context) (request.Credentials, error) {
			return request.Credentials{AccessKeyID: profile, AccessKeySecret: secret.New(h.keys[profile])}, nil
		},
	})
	if err != nil {
		h.Fatal(err)
	}
	return client
}
