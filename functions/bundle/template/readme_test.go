package template_test

import (
	"os"
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
