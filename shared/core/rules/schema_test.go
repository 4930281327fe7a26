package rules_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"vpnattach/shared/core/rules"
)

const schemaFile = "rules.schema.json"

func TestSchemaIsCurrent(t *testing.T) {
	t.Parallel()
	want := rules.Schema()
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(schemaFile, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is stale: UPDATE=1 go test ./shared/core/rules writes it anew", schemaFile)
	}
}

// schema is what the test needs of JSON Schema: names, references, types.
type schema struct {
	Ref        string             `json:"$ref"`
	Defs       map[string]*schema `json:"$defs"`
	Properties map[string]*schema
	Required   []string
	Enum       []any
}

func mustSchema(t *testing.T) *schema {
	t.Helper()
	var s schema
	if err := json.Unmarshal(rules.Schema(), &s); err != nil {
		t.Fatalf("the schema is not JSON: %v", err)
	}
	return &s
}

func TestSchemaCoversSamples(t *testing.T) {
	t.Parallel()
	s := mustSchema(t)
	rule := s.Defs["rule"].Properties
	files, _ := filepath.Glob("../../../events/rules/*.json")
	if len(files) == 0 {
		t.Fatal("no rule examples")
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var file map[string]json.RawMessage
		var list []map[string]json.RawMessage
		if err := json.Unmarshal(data, &file); err != nil {
			t.Fatal(err)
		}
		for key := range file {
			if s.Properties[key] == nil {
				t.Errorf("%s: the schema has no %s", name, key)
			}
		}
		if err := json.Unmarshal(file["rules"], &list); err != nil {
			t.Fatal(err)
		}
		for _, r := range list {
			for key := range r {
				if rule[key] == nil {
					t.Errorf("%s: the schema has no %s", name, key)
				}
			}
			for _, key := range []string{"with", "from"} {
				var parameters map[string]any
				if r[key] != nil {
					if err := json.Unmarshal(r[key], &parameters); err != nil {
						t.Fatal(err)
					}
				}
				for parameter := range parameters {
					if s.Defs[key].Properties[parameter] == nil {
						t.Errorf("%s: the schema has no %s in %s", name, parameter, key)
					}
				}
			}
		}
	}
}

func TestSchemaReferences(t *testing.T) {
	t.Parallel()
	s := mustSchema(t)
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, item := range v {
				walk(item)
			}
		case map[string]any:
			if ref, ok := v["$ref"].(string); ok && s.Defs[filepath.Base(ref)] == nil {
				t.Errorf("%s leads nowhere", ref)
			}
			for _, item := range v {
				walk(item)
			}
		}
	}
	var all any
	if err := json.Unmarshal(rules.Schema(), &all); err != nil {
		t.Fatal(err)
	}
	walk(all)
	for _, name := range []string{"RemoteSubnet", "IkeConfig", "IkeConfig.Psk", "Tunnel.1.TunnelIkeConfig.Psk", "Tunnel.2.EnableDpd", "TunnelOptionsSpecification"} {
		if s.Defs["with"].Properties[name] == nil || s.Defs["from"].Properties[name] == nil {
			t.Errorf("the schema has no %s", name)
		}
	}
	if s.Defs["with"].Properties["Tunnel.1.TunnelIndex"] != nil {
		t.Error("the schema has a parameter that rules refuse")
	}
}
