package main

import (
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"vpnattach/shared/core/attachment"
)

// schemaValidator checks change documents by their JSON Schema. It knows less than
// attachment.Validate: a schema can't compare two values.
type schemaValidator struct{ schema *jsonschema.Schema }

func newSchemaValidator() (*schemaValidator, error) {
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(string(attachment.Schema())))
	if err != nil {
		return nil, err
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("change.schema.json", document); err != nil {
		return nil, err
	}
	schema, err := compiler.Compile("change.schema.json")
	return &schemaValidator{schema}, err
}

func (v *schemaValidator) run(document string) error {
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(document))
	if err != nil {
		return err
	}
	return v.schema.Validate(value)
}
