package rules

import (
	"github.com/tidwall/gjson"

	"vpnattach/shared/core/attachment"
)

// Schema returns the JSON Schema (2020-12) of rule files, for editors. It is made of
// the parameter table, and kept as rules.schema.json beside this file.
func Schema() []byte {
	b := []byte(schemaHead)
	b = append(b, `    "with": {
      "type": "object",
      "description": "Constants, by parameter. Secrets are dynamic references.",
      "additionalProperties": false,
      "properties": {`...)
	b = appendParameters(b, func(b []byte, p *attachment.Parameter) []byte {
		return appendType(append(b, `{`...), p)
	})
	b = append(b, `
      }
    },
    "from": {
      "type": "object",
      "description": "Paths to the values in the event or in the element of each, by parameter.",
      "additionalProperties": false,
      "properties": {`...)
	b = appendParameters(b, func(b []byte, p *attachment.Parameter) []byte {
		b = gjson.AppendJSONString(append(b, `{"$ref": "#/$defs/path", "description": `...), p.Doc)
		return append(b, '}')
	})
	return append(b, "\n      }\n    }\n  }\n}\n"...)
}

// appendParameters appends each name that a rule can give, with its schema.
func appendParameters(b []byte, schema func([]byte, *attachment.Parameter) []byte) []byte {
	for i := range targets {
		if i > 0 {
			b = append(b, ',')
		}
		b = gjson.AppendJSONString(append(b, "\n        "...), targets[i].name)
		b = schema(append(b, ": "...), targets[i].parameter)
	}
	return b
}

// appendType appends what follows the brace of a constant's schema.
func appendType(b []byte, p *attachment.Parameter) []byte {
	b = gjson.AppendJSONString(append(b, `"description": `...), p.Doc)
	switch p.Kind {
	case attachment.Bool:
		b = append(b, `, "type": ["boolean", "string"]`...)
	case attachment.Int, attachment.ASN:
		b = append(b, `, "type": ["integer", "number", "string"]`...)
	case attachment.Subnets:
		b = append(b, `, "type": ["string", "array"], "items": {"type": "string"}`...)
	case attachment.Object:
		b = appendFields(append(b, `, "type": ["object", "string"]`...), p)
	case attachment.Array:
		b = append(b, `, "type": "array", "items": {"type": "object"`...)
		b = append(appendFields(b, p), '}')
	default:
		b = append(b, `, "type": "string"`...)
	}
	for i, value := range p.Enum {
		if i == 0 {
			b = append(b, `, "enum": [`...)
		} else {
			b = append(b, `, `...)
		}
		b = gjson.AppendJSONString(b, value)
	}
	if len(p.Enum) > 0 {
		b = append(b, ']')
	}
	switch {
	case p.Secret:
		b = append(b, `, "examples": ["{{resolve:secretsmanager:vpn/site-a:SecretString:psk}}"]`...)
	case p.Example != "":
		b = append(gjson.AppendJSONString(append(b, `, "examples": [`...), p.Example), ']')
	}
	return append(b, '}')
}

func appendFields(b []byte, p *attachment.Parameter) []byte {
	b = append(b, `, "properties": {`...)
	for i := range p.Fields {
		if i > 0 {
			b = append(b, `, `...)
		}
		b = gjson.AppendJSONString(b, p.Fields[i].Name)
		b = appendType(append(b, `: {`...), &p.Fields[i])
	}
	return append(b, '}')
}

const schemaHead = `{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Rules of vpnattach",
  "description": "How events become changes of VPN attachments.",
  "type": "object",
  "required": ["rules"],
  "additionalProperties": false,
  "properties": {
    "$schema": {"type": "string", "description": "This schema, for editors."},
    "rules": {"type": "array", "description": "All rules that match an event give their changes, in this order.", "items": {"$ref": "#/$defs/rule"}},
    "tests": {"type": "array", "description": "Tests of the rules, which vpnattach test runs.", "items": {"$ref": "#/$defs/test"}}
  },
  "$defs": {
    "rule": {
      "type": "object",
      "required": ["name", "match"],
      "additionalProperties": false,
      "properties": {
        "name": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$", "description": "The rule's own name."},
        "match": {"$ref": "#/$defs/pattern", "description": "Which events the rule is for: an event pattern of Amazon EventBridge."},
        "via": {"type": "array", "minItems": 1, "items": {"type": "string", "pattern": "^(bus|webhook(:[A-Za-z0-9._-]+\\*?)?|invoke|local|arn:.*|\\*)$"}, "description": "The ways by which the rule's events come: the ARN of a queue, a stream or a topic that calls directly, bus, webhook or webhook:NAME, invoke, local; * at the end stands for any text.", "examples": [["bus"], ["webhook"], ["arn:aws:sqs:eu-central-1:123456789012:vpn-changes"]]},
        "changed": {
          "type": "object",
          "required": ["before", "after"],
          "additionalProperties": false,
          "description": "The rule is for events that tell of a difference between two objects, such as NetBox's snapshots.",
          "properties": {
            "before": {"$ref": "#/$defs/path", "description": "Path of the object before the change.", "examples": ["snapshots.prechange"]},
            "after": {"$ref": "#/$defs/path", "description": "Path of the object after the change.", "examples": ["snapshots.postchange"]},
            "fields": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/path"}, "description": "Paths within both of which one must differ; any difference counts unless given.", "examples": [["status", "custom_fields.networks"]]}
          }
        },
        "each": {"$ref": "#/$defs/path", "description": "Path of an array: one change for each of its elements, from which the paths of from are then read."},
        "from": {"$ref": "#/$defs/from"},
        "map": {
          "description": "What the event's words are in the API's, by parameter of from: a table, or common for the words of other tools (AES-256, SHA2-256, DH14, 8h, yes). common alone is for all of from.",
          "anyOf": [
            {"const": "common"},
            {"type": "object", "additionalProperties": {"anyOf": [{"const": "common"}, {"type": "object", "minProperties": 1, "additionalProperties": {"type": ["string", "number", "boolean"]}}]}}
          ],
          "examples": ["common", {"RegionId": {"fra": "eu-central-1"}, "IkeConfig.IkeEncAlg": "common"}]
        },
        "with": {"$ref": "#/$defs/with"},
        "only": {"type": "array", "minItems": 1, "items": {"type": "string", "minLength": 1}, "description": "Ids of the VPN connections that the rule may change; it changes no other."},
        "time": {"$ref": "#/$defs/path", "description": "Path of the event's own time: RFC 3339, or seconds, milliseconds or microseconds since 1970."},
        "version": {"$ref": "#/$defs/path", "description": "Path of the version of the secret that the event is about: references in with that name no version are pinned to it."},
        "credentials": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$", "description": "The profile of Alibaba Cloud credentials to make the change with; the default one unless given."}
      }
    },
    "test": {
      "type": "object",
      "required": ["name", "event"],
      "anyOf": [{"required": ["want"]}, {"required": ["refused"]}],
      "additionalProperties": false,
      "properties": {
        "name": {"type": "string", "minLength": 1, "description": "What the test shows."},
        "event": {"type": ["object", "array", "string"], "description": "The event, or the name of a file with it, from where the rule file is."},
        "set": {"type": "object", "description": "Values that the event has in place of its own, by path.", "examples": [{"detail.requestParameters.secretId": "vpn/site-b"}]},
        "via": {"type": "string", "minLength": 1, "description": "The way by which the event comes; by the event itself unless given."},
        "want": {"type": "array", "items": {"type": "object"}, "description": "The change documents that the rules are to make, in this order; empty for none. *** stands for any key."},
        "refused": {"anyOf": [{"type": "string", "minLength": 1}, {"type": "array", "minItems": 1, "items": {"type": "string", "minLength": 1}}], "description": "The findings that are to be errors.", "examples": ["path-finds-nothing"]}
      }
    },
    "path": {
      "type": "string",
      "minLength": 1,
      "description": "A gjson path. With $. in front it is read from the whole event; with ? at the end it may find nothing, empty text or an empty list.",
      "examples": ["detail.sites", "networks", "label?", "$.detail.region", "tags.#(key==\"vpn\").value"]
    },
    "pattern": {
      "type": "object",
      "minProperties": 1,
      "properties": {
        "$or": {"type": "array", "minItems": 2, "items": {"$ref": "#/$defs/pattern"}, "description": "Alternatives, of which one must match."}
      },
      "additionalProperties": {"anyOf": [{"$ref": "#/$defs/pattern"}, {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/condition"}}]}
    },
    "condition": {
      "anyOf": [
        {"type": ["string", "number", "boolean", "null"], "description": "The value itself."},
        {
          "type": "object",
          "minProperties": 1,
          "maxProperties": 1,
          "additionalProperties": false,
          "properties": {
            "prefix": {"$ref": "#/$defs/textOrIgnoreCase", "description": "The value begins with this text."},
            "suffix": {"$ref": "#/$defs/textOrIgnoreCase", "description": "The value ends with this text."},
            "equals-ignore-case": {"type": "string", "description": "The value is this text but for upper and lower case."},
            "wildcard": {"type": "string", "description": "The value is this text, in which * stands for any text."},
            "anything-but": {
              "description": "The value exists and is not one of these.",
              "anyOf": [
                {"$ref": "#/$defs/texts"},
                {"type": "number"},
                {"type": "array", "minItems": 1, "items": {"type": "number"}},
                {
                  "type": "object",
                  "minProperties": 1,
                  "maxProperties": 1,
                  "additionalProperties": false,
                  "properties": {
                    "prefix": {"$ref": "#/$defs/texts"},
                    "suffix": {"$ref": "#/$defs/texts"},
                    "equals-ignore-case": {"$ref": "#/$defs/texts"},
                    "wildcard": {"$ref": "#/$defs/texts"}
                  }
                }
              ]
            },
            "numeric": {"type": "array", "minItems": 2, "maxItems": 4, "items": {"anyOf": [{"type": "number"}, {"enum": ["=", "<", "<=", ">", ">="]}]}, "description": "The value is a number in this range.", "examples": [[">", 0, "<=", 5]]},
            "cidr": {"type": "string", "description": "The value is an address of this network.", "examples": ["10.0.0.0/24"]},
            "exists": {"type": "boolean", "description": "true: the value exists; false: it does not."}
          }
        }
      ]
    },
    "textOrIgnoreCase": {
      "anyOf": [
        {"type": "string"},
        {"type": "object", "required": ["equals-ignore-case"], "additionalProperties": false, "properties": {"equals-ignore-case": {"type": "string"}}}
      ]
    },
    "texts": {"anyOf": [{"type": "string"}, {"type": "array", "minItems": 1, "items": {"type": "string"}}]},
`
