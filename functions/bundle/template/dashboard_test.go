package template_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
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
	text, _ := at(all.Resources["Dashboard"].Properties, "DashboardBody", "Fn::Sub").(string)
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
	published := map[string]map[string]bool{} // by function
	for program, function := range functions {
		published[function] = metrics(t, root+"/functions/"+program+"/bootstrap", root+"/shared/aws")
	}
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
			name := strings.TrimSuffix(strings.Trim(whole[3], "${}"), ".QueueName")
			if all.Resources[name].Type == "" {
				t.Errorf("%s: %s is not a resource", widget.Properties.Title, whole[3])
			}
			if whole[0] == "vpnattach" && !published[name][whole[1]] {
				t.Errorf("%s: %s does not publish %s", widget.Properties.Title, name, whole[1])
			}
			seen[whole[1]] = true
		}
	}
	for _, metric := range []string{"Accepted", "Applied", "Blocked", "DeferredBusy", "DeferredThrottled", "DeferredTransient", "SettleTime", "ApiLatency", "ApproximateAgeOfOldestMessage", "Waited"} {
		if !seen[metric] {
			t.Errorf("the dashboard does not show %s", metric)
		}
	}
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
	mapped  = regexp.MustCompile(`outcome\.\w+: *"(\w+)"`)
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
