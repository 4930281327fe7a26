package bundle_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
)

// actionsFile holds what each function has called in all tests: by function and by
// the resource's name in template.yaml (that of a parameter where the template takes
// the resource from outside) the IAM actions.
const actionsFile = "testdata/actions.json"

// actions are IAM actions by function and resource.
type actions struct {
	mutex  sync.Mutex
	byName map[string]map[string][]string
}

var actionsSeen actions

// add records an action.
func (a *actions) add(function, resource, action string) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if a.byName == nil {
		a.byName = map[string]map[string][]string{}
	}
	if a.byName[function] == nil {
		a.byName[function] = map[string][]string{}
	}
	known := a.byName[function][resource]
	if i, found := slices.BinarySearch(known, action); !found {
		a.byName[function][resource] = slices.Insert(known, i, action)
	}
}

// check compares all that was called in a whole run with the file, or writes it.
func (a *actions) check() error {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if a.byName == nil {
		return nil // without moto nothing is called
	}
	got, err := json.MarshalIndent(a.byName, "", "  ")
	if err != nil {
		return err
	}
	got = append(got, '\n')
	if os.Getenv("UPDATE") != "" {
		return os.WriteFile(actionsFile, got, 0o644)
	}
	want, err := os.ReadFile(actionsFile)
	if err != nil {
		return err
	}
	if string(want) != string(got) {
		return fmt.Errorf("%s differs from the calls of the functions (UPDATE=1 writes it):\n%s", actionsFile, got)
	}
	return nil
}

// iamAction returns the action that a policy has to allow for a call, by the call's
// X-Amz-Target.
func iamAction(target string) string {
	service, call, _ := strings.Cut(target, ".")
	service = map[string]string{
		"AmazonSQS": "sqs", "DynamoDB_20120810": "dynamodb", "AWSEvents": "events", "secretsmanager": "secretsmanager", "AmazonSSM": "ssm",
	}[service]
	return service + ":" + strings.TrimSuffix(call, "Batch")
}

func TestIAMAction(t *testing.T) {
	t.Parallel()
	for target, want := range map[string]string{
		"AmazonSQS.SendMessageBatch": "sqs:SendMessage", "DynamoDB_20120810.PutItem": "dynamodb:PutItem", "AWSEvents.PutEvents": "events:PutEvents",
	} {
		if got := iamAction(target); got != want {
			t.Errorf("%s: got %s, want %s", target, got, want)
		}
	}
}
