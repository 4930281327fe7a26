package api

import (
	"strconv"

	"github.com/tidwall/gjson"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/jsontext"
	"vpnattach/shared/core/snippet"
)

// Parameters returns what the core knows, for those who make forms, types or a
// reference of it: {"parameters": the parameter table, "rules": a row for each check
// that findings name, "peers", "languages"}. What is empty or false is left out of
// a row.
func Parameters() []byte {
	out := appendParameters([]byte(`{"parameters":`), attachment.Parameters)
	out = jsontext.AppendList(jsontext.AppendKey(out, "rules"), finding.All(), func(dst []byte, c **finding.Check) []byte { return (*c).AppendJSON(dst) })
	out = append(out, `,"peers":[`...)
	for _, peer := range attachment.Peers() {
		out = openRow(out)
		out = jsontext.AppendMember(out, "name", peer.Name)
		out = append(jsontext.AppendMember(out, "doc", peer.Doc), '}')
	}
	out = append(out, `],"languages":[`...)
	for i := range snippet.Languages {
		out = openRow(out)
		out = jsontext.AppendMember(out, "name", snippet.Languages[i].Name)
		out = append(jsontext.AppendMember(out, "title", snippet.Languages[i].Title), '}')
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
		dst = jsontext.AppendMember(dst, "name", p.Name)
		dst = appendTexts(dst, "aliases", p.Aliases)
		dst = jsontext.AppendMember(dst, "response", p.Response)
		dst = jsontext.AppendMember(dst, "kind", kindNames[p.Kind])
		dst = jsontext.AppendMember(dst, "mode", p.Mode.String())
		for _, flag := range [...]struct {
			key string
			set bool
		}{
			{"address", p.Identifier}, {"required", p.Required}, {"secret", p.Secret},
			{"noEffect", p.NoEffect}, {"unseen", p.Unseen}, {"hidden", p.Hidden},
		} {
			if flag.set {
				dst = append(jsontext.AppendKey(dst, flag.key), "true"...)
			}
		}
		dst = jsontext.AppendMember(dst, "unit", p.Unit)
		dst = appendTexts(dst, "enum", p.Enum)
		if p.Min != 0 || p.Max != 0 {
			dst = strconv.AppendInt(jsontext.AppendKey(dst, "min"), p.Min, 10)
			dst = strconv.AppendInt(jsontext.AppendKey(dst, "max"), p.Max, 10)
		}
		dst = jsontext.AppendMember(dst, "default", p.Default)
		dst = jsontext.AppendMember(dst, "doc", p.Doc)
		dst = jsontext.AppendMember(dst, "example", p.Example)
		dst = jsontext.AppendMember(dst, "apiCode", p.APICode)
		if len(p.Fields) > 0 {
			dst = appendParameters(jsontext.AppendKey(dst, "fields"), p.Fields)
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
	dst = append(jsontext.AppendKey(dst, key), '[')
	for i, text := range texts {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = gjson.AppendJSONString(dst, text)
	}
	return append(dst, ']')
}
