package template_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"vpnattach/events"
	"vpnattach/functions/rotate"
	"vpnattach/shared/aws/webidentity"
	"vpnattach/shared/core/attachment"
)

// functions are the resources of the template by the names of the programs.
var functions = map[string]string{"ingest": "IngestFunction", "apply": "ApplyFunction", "confirm": "ConfirmFunction", "rotate": "RotateFunction"}

func TestLint(t *testing.T) {
	t.Parallel()
	if out, err := exec.Command(tool(t, "cfn-lint"), source).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("cfn-lint: %v\n%s", err, out)
	}
}

// byLambda are the variables that Lambda sets.
var byLambda = []string{
	"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION",
	"AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_LOG_LEVEL", "LAMBDA_TASK_ROOT",
}

// unset are variables that the template leaves out: another endpoint for AWS's
// services, how long the one at the other end of a tunnel may lag, what STS_ENDPOINT and
// the function's name are there for, and the key itself in place of CREDENTIALS_SECRET.
var unset = []string{
	"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_EC2", "PEER_LAG", "ALIBABA_CLOUD_STS_REGION", "ALIBABA_CLOUD_ROLE_SESSION_NAME", "ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "ALIBABA_CLOUD_SECURITY_TOKEN",
}

// TestVariables: the template sets each variable that a program reads, and no other.
func TestVariables(t *testing.T) {
	t.Parallel()
	all := expand(t)
	for program, function := range functions {
		set := slices.Sorted(maps.Keys(at(all.Resources[function].Properties, "Environment", "Variables").(map[string]any)))
		read := slices.DeleteFunc(variables(t, program), func(name string) bool {
			return slices.Contains(byLambda, name) || slices.Contains(unset, name)
		})
		if !slices.Equal(set, read) {
			t.Errorf("%s\n reads  %q\n and has %q", program, read, set)
		}
	}
}

// variables are those that a program reads: it logs them at the level DEBUG, then exits
// since settings are missing.
func variables(t *testing.T, program string) []string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), program)
	if out, err := exec.Command("go", "build", "-tags", "lambda.norpc", "-ldflags", "-s -w", "-o", binary, root+"/functions/"+program+"/bootstrap").CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", program, err, out)
	}
	command := exec.Command(binary)
	command.Env = []string{"AWS_LAMBDA_LOG_LEVEL=DEBUG"}
	out, err := command.Output()
	if err == nil {
		t.Fatalf("%s starts without settings", program)
	}
	var line struct{ Variables []string }
	first, _, _ := bytes.Cut(out, []byte("\n"))
	if err := json.Unmarshal(first, &line); err != nil || len(line.Variables) == 0 {
		t.Fatalf("%s: output %s", program, out)
	}
	return line.Variables
}

// forMapping are the actions that Lambda itself calls with a function's role, for an
// event source mapping or for the log.
var forMapping = map[string][]string{
	"AWS::SQS::Queue":       {"sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"},
	"KinesisStreamArn":      {"kinesis:DescribeStream", "kinesis:DescribeStreamSummary", "kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:ListShards"},
	"TableStreamArn":        {"dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"},
	"AWS::Logs::LogGroup":   {"logs:CreateLogStream", "logs:PutLogEvents"},
	"a key of the account":  {"kms:Decrypt"}, // for the service that a call goes to
	"a failure destination": {"sqs:SendMessage"},
	"a written secret":      {"kms:GenerateDataKey"}, // for the service, too
}

// TestPermissions: each function may call what it has called in the tests of the
// bundle, on the resources that it has called it on, and nothing else.
func TestPermissions(t *testing.T) {
	t.Parallel()
	all := expand(t)
	text, err := os.ReadFile("../testdata/actions.json")
	if err != nil {
		t.Fatal(err)
	}
	var called map[string]map[string][]string
	if err := json.Unmarshal(text, &called); err != nil {
		t.Fatal(err)
	}
	for program, function := range functions {
		want := map[string]bool{}
		need := func(resource string, actions ...string) {
			for _, action := range actions {
				want[resource+" "+action] = true
			}
		}
		for resource, actions := range called[program] {
			need(resource, actions...)
		}
		properties := all.Resources[function].Properties
		need(name(at(properties, "LoggingConfig", "LogGroup")), forMapping["AWS::Logs::LogGroup"]...)
		need("KmsKeyArns", forMapping["a key of the account"]...)
		if want["RotatedSecretArns secretsmanager:PutSecretValue"] {
			need("KmsKeyArns", forMapping["a written secret"]...)
		}
		for _, mapping := range all.of("AWS::Lambda::EventSourceMapping") {
			if name(mapping.Properties["FunctionName"]) != function {
				continue
			}
			origin := name(mapping.Properties["EventSourceArn"])
			if queue := all.Resources[origin].Type; queue != "" {
				need(origin, forMapping[queue]...)
			} else {
				need(origin, forMapping[origin]...)
			}
			if destination := at(mapping.Properties, "DestinationConfig", "OnFailure", "Destination"); destination != nil {
				need(name(destination), forMapping["a failure destination"]...)
			}
		}
		if got, want := allowed(t, &all, name(properties["Role"])), slices.Sorted(maps.Keys(want)); !slices.Equal(got, want) {
			t.Errorf("%s\n needs %q\n may   %q", program, want, got)
		}
	}
}

// allowed lists what a role allows, as "resource action".
func allowed(t *testing.T, all *template, role string) (pairs []string) {
	t.Helper()
	properties := all.Resources[role].Properties
	if managed := properties["ManagedPolicyArns"]; managed != nil {
		t.Errorf("%s has managed policies: %v", role, managed)
	}
	for _, policy := range list(properties["Policies"]) {
		for _, s := range list(at(policy, "PolicyDocument", "Statement")) {
			statement := given(s)
			if at(statement, "Effect") != "Allow" {
				t.Errorf("%s: a statement that does not allow", role)
			}
			for _, r := range list(at(statement, "Resource")) {
				resource := name(given(r))
				if resource == "*" {
					resource = conditionally(t, role, statement)
				}
				if strings.Contains(resource, "*") {
					t.Errorf("%s: the resource %s", role, resource)
				}
				if resource == "X-Ray" { // of Lambda, not of the program
					continue
				}
				for _, action := range list(at(statement, "Action")) {
					if strings.Contains(name(action), "*") {
						t.Errorf("%s: the action %v", role, action)
					}
					pairs = append(pairs, resource+" "+name(action))
				}
			}
		}
	}
	slices.Sort(pairs)
	return slices.Compact(pairs)
}

// conditionally returns what stands in place of the resource of an action that knows
// none: for tokens of AWS, the parameter with the audience that they are for. They are
// short-lived and of one algorithm, too. Traces are X-Ray's, and connections can be
// described all or none.
func conditionally(t *testing.T, role string, statement any) string {
	t.Helper()
	switch fmt.Sprint(at(statement, "Action")) {
	case "[xray:PutTelemetryRecords xray:PutTraceSegments]":
		return "X-Ray"
	case "ec2:DescribeVpnConnections":
		return "VpnConnectionArns"
	}
	condition := func(operator, key string) any { return at(statement, "Condition", operator, key) }
	audience := list(condition("ForAllValues:StringEquals", "sts:IdentityTokenAudience"))
	if at(statement, "Action") != "sts:GetWebIdentityToken" || len(audience) != 1 || condition("Null", "sts:IdentityTokenAudience") != "false" ||
		condition("NumericLessThanEquals", "sts:DurationSeconds") != float64(webidentity.Seconds) || condition("StringEquals", "sts:SigningAlgorithm") != webidentity.Algorithm {
		t.Errorf("%s: any resource for %v", role, statement)
		return "*"
	}
	return name(audience[0])
}

// TestQueues: every queue is encrypted and has the longest retention; one that a
// function reads has a long visibility timeout and ReportBatchItemFailures.
func TestQueues(t *testing.T) {
	t.Parallel()
	all := expand(t)
	for name, queue := range all.of("AWS::SQS::Queue") {
		p := queue.Properties
		if p["SqsManagedSseEnabled"] != true {
			t.Errorf("%s is not encrypted", name)
		}
		if p["MessageRetentionPeriod"] != 1209600.0 {
			t.Errorf("%s keeps messages for %v seconds", name, p["MessageRetentionPeriod"])
		}
	}
	for name := range all.of("AWS::SQS::Queue") {
		if !onlyTLS(&all, name) {
			t.Errorf("%s takes requests without TLS", name)
		}
	}
	for mapping, r := range all.of("AWS::Lambda::EventSourceMapping") {
		p := r.Properties
		if types := fmt.Sprint(p["FunctionResponseTypes"]); types != "[ReportBatchItemFailures]" {
			t.Errorf("%s: response types %s", mapping, types)
		}
		queue := all.Resources[name(p["EventSourceArn"])]
		if queue.Type != "AWS::SQS::Queue" {
			if at(p, "DestinationConfig", "OnFailure", "Destination") == nil {
				t.Errorf("%s: messages that always fail are lost", mapping)
			}
			continue
		}
		visible, _ := queue.Properties["VisibilityTimeout"].(float64)
		timeout, _ := all.Resources[name(p["FunctionName"])].Properties["Timeout"].(float64)
		if timeout == 0 || visible < 6*timeout {
			t.Errorf("%s: visibility timeout %v s, function timeout %v s", mapping, visible, timeout)
		}
		if received, _ := at(queue.Properties, "RedrivePolicy", "maxReceiveCount").(float64); received < 100 {
			t.Errorf("%s: a record is removed after %v deliveries", mapping, received)
		}
	}
	changes := all.Resources["ChangeQueue"].Properties
	if letters := all.Resources[name(at(changes, "RedrivePolicy", "deadLetterTargetArn"))].Properties; changes["FifoQueue"] != true || letters["FifoQueue"] != true {
		t.Error("the queue of changes and that of its dead letters must be FIFO queues")
	}
}

// onlyTLS reports whether a policy of the queue denies all requests that come without
// TLS.
func onlyTLS(all *template, queue string) bool {
	for _, policy := range all.of("AWS::SQS::QueuePolicy") {
		if queues := list(policy.Properties["Queues"]); len(queues) != 1 || name(queues[0]) != queue {
			continue
		}
		for _, s := range list(at(policy.Properties, "PolicyDocument", "Statement")) {
			if at(s, "Effect") == "Deny" && at(s, "Principal") == "*" && at(s, "Action") == "sqs:*" && name(at(s, "Resource")) == queue &&
				at(s, "Condition", "Bool", "aws:SecureTransport") == "false" {
				return true
			}
		}
	}
	return false
}

// TestKept: what holds changes or the order of events outlives the stack, and the next
// one can go on with the ledger.
func TestKept(t *testing.T) {
	t.Parallel()
	all := expand(t)
	for _, kind := range []string{"AWS::SQS::Queue", "AWS::SQS::QueuePolicy", "AWS::DynamoDB::Table"} {
		if len(all.of(kind)) == 0 {
			t.Errorf("no %s", kind)
		}
		for name, r := range all.of(kind) {
			if r.DeletionPolicy != "Retain" || r.UpdateReplacePolicy != "Retain" {
				t.Errorf("%s is deleted: %s, %s", name, r.DeletionPolicy, r.UpdateReplacePolicy)
			}
		}
	}
	table := all.Resources["LedgerTable"]
	if table.Condition != "HasOwnLedger" || table.Properties["DeletionProtectionEnabled"] != true {
		t.Errorf("the table: %+v", table)
	}
	if condition := fmt.Sprint(all.Conditions["HasOwnLedger"]); !strings.Contains(condition, "LedgerTableName") {
		t.Errorf("the condition is %s", condition)
	}
	for program, function := range functions {
		branches, _ := at(all.Resources[function].Properties, "Environment", "Variables", "LEDGER_TABLE", "Fn::If").([]any)
		if len(branches) != 3 || branches[0] != "HasOwnLedger" || name(branches[1]) != "LedgerTable" || name(branches[2]) != "LedgerTableName" {
			t.Errorf("%s uses the table %v", program, branches)
		}
		role := name(all.Resources[function].Properties["Role"])
		text, err := json.Marshal(all.Resources[role].Properties)
		if err != nil || !strings.Contains(string(text), "table/${LedgerTableName}") {
			t.Errorf("%s must not use a given table: %v", role, err)
		}
	}
}

// TestWebhooks: each route has a throttle, and the log of its requests is JSON without
// text of the sender.
func TestWebhooks(t *testing.T) {
	t.Parallel()
	all := expand(t)
	stages := all.of("AWS::ApiGatewayV2::Stage")
	if len(stages) != 1 {
		t.Fatalf("got %d stages", len(stages))
	}
	for name, stage := range stages {
		paths, _ := at(all.Resources["WebhookApi"].Properties, "Body", "paths").(map[string]any)
		if len(paths) == 0 {
			t.Error("the API has no path")
		}
		for path := range paths {
			route := at(stage.Properties, "RouteSettings", "POST "+path)
			for _, limit := range []string{"ThrottlingBurstLimit", "ThrottlingRateLimit"} {
				if n, _ := at(route, limit).(float64); n <= 0 {
					t.Errorf("%s %s: %s is %v", name, path, limit, at(route, limit))
				}
			}
		}
		format, _ := at(stage.Properties, "AccessLogSettings", "Format").(string)
		var line map[string]string
		if err := json.Unmarshal([]byte(format), &line); err != nil || line["requestId"] == "" || line["status"] == "" {
			t.Errorf("%s: the log's lines are %s: %v", name, format, err)
		}
		for _, free := range []string{"userAgent", "path", "queryString", "header"} {
			if strings.Contains(format, free) {
				t.Errorf("%s: the log has %s, which the sender writes", name, free)
			}
		}
	}
}

// TestTracing: it is a parameter, and with it the functions may write traces.
func TestTracing(t *testing.T) {
	t.Parallel()
	all := expand(t)
	for program, function := range functions {
		p := all.Resources[function].Properties
		if mode := name(at(p, "TracingConfig", "Mode")); mode != "Tracing" {
			t.Errorf("%s: tracing is %s", program, mode)
		}
		text, err := json.Marshal(all.Resources[name(p["Role"])].Properties)
		if err != nil || !strings.Contains(string(text), `{"Fn::If":["HasTracing",{"Action":["xray:PutTelemetryRecords","xray:PutTraceSegments"]`) {
			t.Errorf("%s may not write traces: %s", program, text)
		}
	}
}

// TestFunctions: each runs on arm64 in Amazon Linux 2023, logs as JSON into a group with
// a retention, and has a failure destination for asynchronous invocations.
func TestFunctions(t *testing.T) {
	t.Parallel()
	all := expand(t)
	if got := len(all.of("AWS::Lambda::Function")); got != len(functions) {
		t.Errorf("got %d functions, want %d", got, len(functions))
	}
	for program, function := range functions {
		p := all.Resources[function].Properties
		if p["Runtime"] != "provided.al2023" || fmt.Sprint(p["Architectures"]) != "[arm64]" || p["Handler"] != "bootstrap" {
			t.Errorf("%s runs as %v on %v", program, p["Runtime"], p["Architectures"])
		}
		if at(p, "LoggingConfig", "LogFormat") != "JSON" || all.Resources[name(at(p, "LoggingConfig", "LogGroup"))].Properties["RetentionInDays"] == nil {
			t.Errorf("%s: logging %v", program, p["LoggingConfig"])
		}
		for _, kind := range []string{"Errors", "Throttles"} {
			if !alarmed(&all, "AWS/Lambda", kind, function) {
				t.Errorf("%s: no alarm for %s", program, kind)
			}
		}
	}
	for _, queue := range []string{"DeadLetterQueue", "FailedEventQueue", "ConfirmDeadLetterQueue"} {
		if !alarmed(&all, "AWS/SQS", "ApproximateNumberOfMessagesVisible", queue) {
			t.Errorf("%s: no alarm for its messages", queue)
		}
	}
	for _, function := range []string{"IngestFunction", "ConfirmFunction"} {
		if !alarmed(&all, "vpnattach", "Kept", function) {
			t.Errorf("%s: no alarm for records that have to come again", function)
		}
	}
	if !alarmed(&all, "vpnattach", "Waited", "ApplyFunction") || !alarmed(&all, "AWS/SQS", "ApproximateAgeOfOldestMessage", "ChangeQueue") || !alarmed(&all, "vpnattach", "Blocked", "ApplyFunction") {
		t.Error("no alarm for changes that wait")
	}
	for _, metric := range []string{"Drifted", "Failed", "TunnelDown"} {
		if !alarmed(&all, "vpnattach", metric, "ConfirmFunction") {
			t.Errorf("no alarm for what confirm finds: %s", metric)
		}
	}
	if !alarmed(&all, "vpnattach", "KeysDiffer", "RotateFunction") {
		t.Error("no alarm for ends with different keys")
	}
	destinations := map[string]string{}
	for _, r := range all.of("AWS::Lambda::EventInvokeConfig") {
		destinations[name(r.Properties["FunctionName"])] = name(at(r.Properties, "DestinationConfig", "OnFailure", "Destination"))
	}
	for rule, r := range all.of("AWS::Events::Rule") {
		for _, target := range list(r.Properties["Targets"]) {
			// What rotate is to do is in the ledger and in the secret, and comes again.
			kept := destinations[name(at(target, "Arn"))] != "" || name(at(target, "Arn")) == "RotateFunction"
			if at(target, "DeadLetterConfig", "Arn") == nil || !kept {
				t.Errorf("%s: an event that %s can't take is lost", rule, name(at(target, "Arn")))
			}
		}
	}
	for topic, r := range all.of("AWS::SNS::Subscription") {
		if at(r.Properties, "RedrivePolicy", "deadLetterTargetArn") == nil {
			t.Errorf("%s: messages that can't be delivered are lost", topic)
		}
	}
}

// TestRotation: without secrets that are rotated or followed there is no function, and
// nobody but Secrets Manager and the rules may invoke it.
func TestRotation(t *testing.T) {
	t.Parallel()
	all := expand(t)
	for name, r := range all.Resources {
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		its := strings.HasPrefix(name, "Rotat") || strings.HasPrefix(name, "Follow") || strings.Contains(string(text), `"RotateFunction"`)
		if optional := slices.Contains([]string{"HasRotation", "HasRotated", "HasFollowed"}, r.Condition); its != optional {
			t.Errorf("%s has the condition %q", name, r.Condition)
		}
	}
	callers := map[string]string{}
	for _, r := range all.of("AWS::Lambda::Permission") {
		if name(r.Properties["FunctionName"]) == "RotateFunction" {
			callers[fmt.Sprint(r.Properties["Principal"], " ", name(r.Properties["SourceArn"]))] = name(r.Properties["SourceAccount"])
		}
	}
	want := map[string]string{"events.amazonaws.com FollowRule": "<nil>", "events.amazonaws.com WatchRule": "<nil>", "secretsmanager.amazonaws.com <nil>": "AWS::AccountId"}
	if !maps.Equal(callers, want) {
		t.Errorf("it may be invoked by %q", callers)
	}
	timeout, _ := all.Resources["RotateFunction"].Properties["Timeout"].(float64)
	if timeout != 900 {
		t.Errorf("it has %v seconds", timeout)
	}
	follow := all.Resources["FollowRule"].Properties
	pattern := follow["EventPattern"]
	if name(at(pattern, "resources")) != "FollowedSecretArns" || fmt.Sprint(at(pattern, "detail", "labelUpdated")) != "[AWSCURRENT]" {
		t.Errorf("it follows %v", pattern)
	}
	sample, err := events.Files.ReadFile("rotation/followed.json")
	if err != nil {
		t.Fatal(err)
	}
	transform := at(list(follow["Targets"])[0], "InputTransformer")
	input, _ := at(transform, "InputTemplate").(string)
	for variable, path := range at(transform, "InputPathsMap").(map[string]any) { // as EventBridge does it
		value := gjson.GetBytes(sample, strings.NewReplacer("$.", "", "[0]", ".0").Replace(path.(string)))
		input = strings.ReplaceAll(input, "<"+variable+">", value.Raw)
	}
	var got rotate.Event
	if err := json.Unmarshal([]byte(input), &got); err != nil {
		t.Fatal(err)
	}
	wanted := rotate.Event{
		Step: rotate.Follow, SecretID: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:vpn/site-b/tunnel-1-Qm7RtX",
		ClientRequestToken: "5a8f3f0e-9c1b-4d5c-8a57-2f6a1b7c9d30",
	}
	if got != wanted {
		t.Errorf("an event that is followed becomes %+v", got)
	}
}

func alarmed(all *template, namespace, metric, about string) bool {
	for _, alarm := range all.of("AWS::CloudWatch::Alarm") {
		p := alarm.Properties
		if p["Namespace"] == namespace && p["MetricName"] == metric && name(at(list(p["Dimensions"])[0], "Value")) == about {
			return p["AlarmActions"] != nil && p["AlarmDescription"] != nil
		}
	}
	return false
}

// TestPackaged: the template in a release takes each function from its zip file, and
// builds none.
func TestPackaged(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("make", "-s", "-C", root, "--no-print-directory", "packaged-template").Output()
	if err != nil {
		t.Fatal(err)
	}
	text := string(out)
	functions := regexp.MustCompile(`(?m)^  (\w+)Function:\n    Type: AWS::Serverless::Function$`).FindAllStringSubmatch(text, -1)
	if len(functions) != 4 {
		t.Errorf("got the functions %q", functions)
	}
	for _, f := range functions {
		_, properties, _ := strings.Cut(text, "\n  "+f[1]+"Function:\n")
		if properties, _, _ = strings.Cut(properties, "\n\n"); !strings.Contains(properties, "\n      CodeUri: "+strings.ToLower(f[1])+".zip\n") {
			t.Errorf("%s is not taken from its zip file: %.300s", f[1], properties)
		}
	}
	if strings.Contains(text, "CodeUri: .") || strings.Contains(text, "BuildMethod") {
		t.Error("it has functions that are built")
	}
}

// TestPeers: the parameter takes each profile that there is.
func TestPeers(t *testing.T) {
	t.Parallel()
	want := []any{""}
	for _, p := range attachment.Peers() {
		want = append(want, p.Name)
	}
	if got := expand(t).Parameters["Peer"].AllowedValues; !slices.Equal(got, want) {
		t.Errorf("Peer takes %q, want %q", got, want)
	}
}

func TestDescriptions(t *testing.T) {
	t.Parallel()
	all := expand(t)
	for name, p := range all.Parameters {
		if p.Description == "" {
			t.Errorf("parameter %s has no description", name)
		}
	}
	for name, o := range all.Outputs {
		if o.Description == "" {
			t.Errorf("output %s has no description", name)
		}
	}
}
