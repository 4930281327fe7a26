package template_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

const (
	root   = "../../.."
	source = root + "/template.yaml"
)

// template is the part of the expanded template that the tests read.
type template struct {
	Parameters map[string]struct {
		Type, Description string
		AllowedValues     []any
	}
	Conditions map[string]any
	Resources  map[string]resource
	Outputs    map[string]struct{ Description string }
}

type resource struct {
	Type       string
	Condition  string
	Properties map[string]any

	DeletionPolicy, UpdateReplacePolicy string
}

// tool finds a program of the environment that `make tools` makes, or else on the
// path. Without it the test is skipped, but not in CI.
func tool(t *testing.T, name string) string {
	t.Helper()
	if own, err := filepath.Abs(root + "/.build/tools/bin/" + name); err == nil {
		if _, err := os.Stat(own); err == nil {
			return own
		}
	}
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	const how = "%s is not installed: run make tools, or pip install cfn-lint"
	if os.Getenv("CI") != "" {
		t.Fatalf(how, name)
	}
	t.Skipf(how, name)
	return ""
}

// expand returns the expanded template, which is made once in some seconds.
func expand(t *testing.T) template {
	t.Helper()
	tool(t, "cfn-lint") // comes with what the script needs
	python := tool(t, "python3")
	expanding.Do(func() {
		command := exec.Command(python, "expand.py", source)
		var stderr strings.Builder
		command.Stderr = &stderr
		text, err := command.Output()
		if err == nil {
			err = json.Unmarshal(text, &expanded)
		}
		if err != nil {
			failed = fmt.Errorf("expand the template: %w\n%s", err, stderr.String())
		}
	})
	if failed != nil {
		t.Fatal(failed)
	}
	return expanded
}

var (
	expanding sync.Once
	expanded  template
	failed    error
)

// of lists the resources of a type by name.
func (t *template) of(kind string) map[string]resource {
	found := map[string]resource{}
	for name, r := range t.Resources {
		if r.Type == kind {
			found[name] = r
		}
	}
	return found
}

// at follows keys into nested objects.
func at(v any, keys ...string) any {
	for _, key := range keys {
		object, _ := v.(map[string]any)
		v = object[key]
	}
	return v
}

// name returns the resource or parameter that a Ref, a GetAtt or the like names, or a
// text itself.
func name(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case map[string]any:
		if ref, ok := v["Ref"].(string); ok {
			return ref
		}
		for _, part := range []string{"Fn::Select", "Fn::Split"} { // of what is the second of two
			if pair, ok := v[part].([]any); ok {
				return name(pair[1])
			}
		}
		switch target := v["Fn::GetAtt"].(type) {
		case []any:
			return fmt.Sprint(target[0])
		case string:
			before, _, _ := strings.Cut(target, ".")
			return before
		}
	}
	return fmt.Sprintf("%v", v)
}

// list returns the items of an array, or a single value as one item.
func list(v any) []any {
	if items, ok := v.([]any); ok {
		return items
	}
	return []any{v}
}

// given replaces Fn::If by its value when the condition is true.
func given(v any) any {
	if branches, ok := at(v, "Fn::If").([]any); ok {
		return given(branches[1])
	}
	return v
}
