package event

import (
	"strings"
	"testing"
)

// TestEveryServiceHasAForm: the reference says by what each service is recognised.
func TestEveryServiceHasAForm(t *testing.T) {
	t.Parallel()
	shapes := ""
	for _, f := range recordForms {
		shapes += f.Shape + " "
	}
	for _, s := range services {
		if !strings.Contains(strings.ToLower(shapes), strings.ToLower(s.id)) {
			t.Errorf("no row of recordForms names %s", s.id)
		}
	}
}
