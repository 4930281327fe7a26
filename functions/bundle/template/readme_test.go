package template_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestReadme: the table of settings has each parameter.
func TestReadme(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(root + "/functions/README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "\n## Settings\n")
	table, _, _ = strings.Cut(table, "\n## ")
	for name := range expand(t).Parameters {
		if !strings.Contains(table, "`"+name+"`") {
			t.Errorf("functions/README.md does not describe the parameter %s", name)
		}
	}
}

// TestReadmeOutputs: the table of outputs has each, and each that the page names is one.
func TestReadmeOutputs(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(root + "/functions/README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "\n| output | what it is for |\n")
	table, rest, _ := strings.Cut(table, "\n\n")
	outputs := expand(t).Outputs
	for name := range outputs {
		if !strings.Contains(table, "`"+name+"`") {
			t.Errorf("functions/README.md does not list the output %s", name)
		}
	}
	for _, match := range regexp.MustCompile(`<(?:old |new )?(\w+)(?: of the old stack)?>`).FindAllStringSubmatch(rest, -1) {
		if _, ok := outputs[match[1]]; !ok && strings.HasSuffix(match[1], "Arn") {
			t.Errorf("functions/README.md has a command with <%s>, which is not an output", match[1])
		}
	}
}

// TestReadmeCost: what the alarms of a stack cost is what the readme says, for one with
// the defaults of all parameters.
func TestReadmeCost(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(root + "/functions/README.md")
	if err != nil {
		t.Fatal(err)
	}
	all, alarms := expand(t), 0
	for _, r := range all.of("AWS::CloudWatch::Alarm") {
		if r.Condition == "" {
			alarms++
		}
	}
	if want := fmt.Sprintf("%d alarms %.2f", alarms, float64(alarms)*0.10); !strings.Contains(string(text), want) {
		t.Errorf("functions/README.md does not say %q", want)
	}
}
