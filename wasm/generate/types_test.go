package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/finding"
)

// TestDeclarations compares what the tables say with the file that the npm package
// is built from; UPDATE=1 writes it.
func TestDeclarations(t *testing.T) {
	t.Parallel()
	const file = "../npm/src/generated.ts"
	want := declarations()
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(file, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is stale: UPDATE=1 go test writes it anew", file)
	}
}

// TestRanges: no bound of a row reads as an impossible one.
func TestRanges(t *testing.T) {
	t.Parallel()
	text := string(declarations())
	if strings.Contains(text, " to 0") {
		t.Error("a range ends at 0")
	}
	if !strings.Contains(text, "Region of the attachment. Not empty.") {
		t.Error("a text that can't be empty is not told so")
	}
}

// TestEveryRow looks for each row of the tables.
func TestEveryRow(t *testing.T) {
	t.Parallel()
	text := string(declarations())
	var each func(table []attachment.Parameter)
	each = func(table []attachment.Parameter) {
		for _, p := range table {
			for _, name := range append([]string{p.Name}, p.Aliases...) {
				if !strings.Contains(text, "\n  "+name+"?: ") && !strings.Contains(text, "\n  "+name+": ") {
					t.Errorf("the types have no member %s", name)
				}
			}
			for _, value := range p.Enum {
				if !strings.Contains(text, `"`+value+`"`) {
					t.Errorf("%s can't be %q", p.Name, value)
				}
			}
			each(p.Fields)
		}
	}
	each(attachment.Parameters)
	for _, c := range finding.All() {
		if !strings.Contains(text, `  | "`+c.ID+`"`) {
			t.Errorf("the types have no check %s", c.ID)
		}
	}
}
