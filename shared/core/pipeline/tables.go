package pipeline

import (
	"strconv"

	"github.com/tidwall/gjson"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/snippet"
)

// TablesJSON returns what the core knows, for those who make forms, types or a
// reference of it: {"parameters": the parameter table, "rules": a row for each check
// that findings name, "peers", "languages"}. What is empty or false is left out of
// a row.
func TablesJSON() []byte {
	out := appendParameters([]byte(`{"parameters":`), attachment.Parameters)
	out = append(out, `,"rules":[`...)
	for _, c := range finding.All() {
		out = openRow(out)
		out = appendMember(out, "id", c.ID)
		out = appendMember(out, "severity", c.Severity.String())
		out = appendMember(out, "part", c.Part.String())
		out = appendMember(out, "title", c.Title)
		out = appendMember(out, "why", c.Why)
		out = appendMember(out, "hint", c.Hint)
		out = appendMember(out, "fix", c.Fix)
		out = appendMember(out, "apiCode", c.APICode)
		out = appendMember(out, "ref", c.Ref)
		out = append(out, '}')
	}
	out = append(out, `],"peers":[`...)
	for _, peer := range attachment.Peers() {
		out = openRow(out)
		out = appendMember(out, "name", peer.Name)
		out = append(appendMember(out, "doc", peer.Doc), '}')
	}
	out = append(out, `],"languages":[`...)
	for i := range snippet.Languages {
		out = openRow(out)
		out = appendMember(out, "name", snippet.Languages[i].Name)
		out = append(appendMember(out, "title", snippet.Languages[i].Title), '}')
	}
	return append(out, ']', '}')
}

// openRow begins an object within an array.
func openRow(dst []byte) []byte {
	if dst[len(dst)-1] == '}' {
		dst = append(dst, ',')
	}
	return append(dst, '{')
}

// kindNames are finer than the JSON types that Kind.String gives.
var kindNames = [...]string{
	attachment.Text: "text", attachment.Bool: "bool", attachment.Int: "int", attachment.ASN: "asn", attachment.IP: "ip",
	attachment.CIDR: "cidr", attachment.Subnets: "subnets", attachment.Object: "object", attachment.Array: "array",
}

func appendParameters(dst []byte, table []attachment.Parameter) []byte {
	dst = append(dst, '[')
	for i := range table {
		p := &table[i]
		dst = openRow(dst)
		dst = appendMember(dst, "name", p.Name)
		dst = appendTexts(dst, "aliases", p.Aliases)
		dst = appendMember(dst, "response", p.Response)
		dst = appendMember(dst, "kind", kindNames[p.Kind])
		dst = appendMember(dst, "mode", p.Mode.String())
		for _, flag := range [...]struct {
			key string
			set bool
		}{
			{"address", p.Address}, {"required", p.Required}, {"secret", p.Secret},
			{"noEffect", p.NoEffect}, {"hidden", p.Hidden},
		} {
			if flag.set {
				dst = append(appendKey(dst, flag.key), "true"...)
			}
		}
		dst = appendMember(dst, "unit", p.Unit)
		dst = appendTexts(dst, "enum", p.Enum)
		if p.Min != 0 || p.Max != 0 {
			dst = strconv.AppendInt(appendKey(dst, "min"), p.Min, 10)
			dst = strconv.AppendInt(appendKey(dst, "max"), p.Max, 10)
		}
		dst = appendMember(dst, "default", p.Default)
		dst = appendMember(dst, "doc", p.Doc)
		dst = appendMember(dst, "example", p.Example)
		dst = appendMember(dst, "apiCode", p.APICode)
		if len(p.Fields) > 0 {
			dst = appendParameters(appendKey(dst, "fields"), p.Fields)
		}
		dst = append(dst, '}')
	}
	return append(dst, ']')
}

// appendTexts appends a member that is a list of texts, or nothing for an empty one.
func appendTexts(dst []byte, key string, texts []string) []byte {
	if len(texts) == 0 {
		return dst
	}
	dst = append(appendKey(dst, key), '[')
	for i, text := range texts {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = gjson.AppendJSONString(dst, text)
	}
	return append(dst, ']')
}
