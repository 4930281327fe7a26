package template_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestDashboard: the body is JSON, each metric of ours is one that a function publishes,
// and its dimension is that function.
func TestDashboard(t *testing.T) {
	t.Parallel()
	all := expand(t)
	readme, err := os.ReadFile(root + "/functions/README.md")
	if err != nil {
		t.Fatal(err)
	}
	parts := list(at(all.Resources["Dashboard"].Properties, "DashboardBody", "Fn::Sub")) // the text, and what it calls Ledger
	text, _ := parts[0].(string)
	if name(given(at(parts[1], "Ledger"))) != "LedgerTable" {
		t.Errorf("the ledger is %v", parts[1])
	}
	var body struct {
		Widgets []struct {
			Type       string
			Properties struct {
				Title   string
				Alarms  []string
				Metrics [][]any
			}
		}
	}
	if err := json.Unmarshal([]byte(text), &body); err != nil {
		t.Fatalf("the body is not JSON: %v", err)
	}
	published := published(t)
	seen := map[string]bool{}
	for _, widget := range body.Widgets {
		if widget.Properties.Title == "" || widget.Type == "metric" && len(widget.Properties.Metrics) == 0 {
			t.Errorf("a widget without title or metrics: %+v", widget)
		}
		for _, alarm := range widget.Properties.Alarms {
			if name := strings.TrimSuffix(strings.TrimPrefix(alarm, "${"), ".Arn}"); all.Resources[name].Type != "AWS::CloudWatch::Alarm" {
				t.Errorf("%s: %s is not an alarm", widget.Properties.Title, alarm)
			} else if !strings.Contains(string(readme), "`"+name+"`") {
				t.Errorf("%s: functions/README.md does not name %s", widget.Properties.Title, name)
			} else if all.Resources[name].Properties["MetricName"] == "ApproximateAgeOfOldestMessage" {
				t.Errorf("%s: %s does not see what was received three times", widget.Properties.Title, name)
			}
		}
		var whole []string
		for _, short := range widget.Properties.Metrics {
			whole = long(short, whole)
			if len(whole) != 4 {
				t.Fatalf("%s: %v stands for %q", widget.Properties.Title, short, whole)
			}
			about, attribute, _ := strings.Cut(strings.Trim(whole[3], "${}"), ".")
			if about == "Ledger" {
				about = "LedgerTable"
			}
			if queue := whole[2] == "QueueName"; queue != (attribute == "QueueName") { // a Ref of a queue is its URL
				t.Errorf("%s: %s is not a %s", widget.Properties.Title, whole[3], whole[2])
			}
			checkMetric(t, &all, published, widget.Properties.Title, whole[0], whole[1], whole[2], about)
			seen[whole[1]] = true
		}
	}
	for _, metric := range []string{"ConsumedWriteCapacityUnits", "Duration", "NumberOfMessagesSent", "IncomingBytes", "Accepted", "Applied", "Blocked", "DeferredBusy", "DeferredThrottled", "DeferredTransient", "SettleTime", "ApiLatency", "ApproximateAgeOfOldestMessage", "Waited"} {
		if !seen[metric] {
			t.Errorf("the dashboard does not show %s", metric)
		}
	}
}

// TestAlarmMetrics: each alarm is on a metric that there is, with the dimension that it
// has, or it never goes off.
func TestAlarmMetrics(t *testing.T) {
	t.Parallel()
	all := expand(t)
	published := published(t)
	for alarm, r := range all.of("AWS::CloudWatch::Alarm") {
		for _, d := range list(r.Properties["Dimensions"]) {
			about := name(at(d, "Value"))
			if strings.HasSuffix(about, "Arn") { // of what the stack is given
				about = ""
			}
			checkMetric(t, &all, published, alarm, r.Properties["Namespace"].(string), r.Properties["MetricName"].(string), at(d, "Name").(string), about)
		}
	}
}

// known are the metrics of AWS that are used: by namespace their dimensions, with the
// type of what these name, and their names.
//
// Sources: the pages "Monitoring … with Amazon CloudWatch" of the services.
var known = map[string]struct {
	dimensions map[string]string
	names      string
}{
	"AWS/SQS":        {map[string]string{"QueueName": "AWS::SQS::Queue"}, "ApproximateNumberOfMessagesVisible ApproximateAgeOfOldestMessage NumberOfMessagesSent NumberOfMessagesReceived"},
	"AWS/Lambda":     {map[string]string{"FunctionName": "AWS::Lambda::Function"}, "Duration Errors Throttles IteratorAge DestinationDeliveryFailures"},
	"AWS/Logs":       {map[string]string{"LogGroupName": "AWS::Logs::LogGroup"}, "IncomingBytes"},
	"AWS/DynamoDB":   {map[string]string{"TableName": "AWS::DynamoDB::Table"}, "ConsumedReadCapacityUnits ConsumedWriteCapacityUnits"},
	"AWS/ApiGateway": {map[string]string{"ApiId": "AWS::ApiGatewayV2::Api"}, "5xx"},
	"AWS/Events":     {map[string]string{"RuleName": "AWS::Events::Rule", "EventBusName": "AWS::Events::EventBus"}, "InvocationsFailedToBeSentToDlq"},
	"AWS/SNS":        {map[string]string{"TopicName": ""}, "NumberOfNotificationsFailedToRedriveToDlq"},
}

// checkMetric checks that there is a metric, about a resource of the template; empty: about
// what the stack is given.
func checkMetric(t *testing.T, all *template, published map[string]map[string]bool, where, namespace, metric, dimension, about string) {
	t.Helper()
	kind := all.Resources[about].Type
	if namespace == "vpnattach" {
		if dimension != "FunctionName" || !published[about][metric] {
			t.Errorf("%s: %s does not publish %s with %s", where, about, metric, dimension)
		}
		return
	}
	if want, ok := known[namespace].dimensions[dimension]; !ok || want != kind || !slices.Contains(strings.Fields(known[namespace].names), metric) {
		t.Errorf("%s: there is no metric %s %s with %s of %s, a %s", where, namespace, metric, dimension, about, kind)
	}
}

// published are the names of the metrics of each function.
func published(t *testing.T) map[string]map[string]bool {
	t.Helper()
	all := map[string]map[string]bool{}
	for program, function := range functions {
		all[function] = metrics(t, root+"/functions/"+program+"/bootstrap", root+"/shared/aws")
	}
	return all
}

// long writes a metric in full: "." repeats a part of the one before, "..." all parts
// that come before those given.
func long(short []any, before []string) (whole []string) {
	for _, part := range short {
		text, ok := part.(string)
		switch {
		case !ok: // how it is shown
		case text == "...":
			given := 0
			for _, other := range short[1:] {
				if _, ok := other.(string); ok {
					given++
				}
			}
			whole = append(whole, before[:len(before)-given]...)
		case text == ".":
			whole = append(whole, before[len(whole)])
		default:
			whole = append(whole, text)
		}
	}
	return whole
}

var (
	counted = regexp.MustCompile(`(?i)metrics\.(?:Count|Time|Seconds)\("(\w+)"`)
	mapped  = regexp.MustCompile(`(?:outcome|rotate)\.\w+: *"(\w+)"`)
	other   = regexp.MustCompile(`metrics\.Count\(cmp\.Or\([^"]*"(\w+)"`)
)

// metrics are the names of those that the sources in the folders publish.
func metrics(t *testing.T, folders ...string) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for _, folder := range folders {
		files, err := filepath.Glob(folder + "/*.go")
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, pattern := range []*regexp.Regexp{counted, mapped, other} {
				for _, found := range pattern.FindAllSubmatch(source, -1) {
					names[string(found[1])] = true
				}
			}
		}
	}
	return names
}
