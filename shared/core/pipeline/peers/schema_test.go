package peers

import (
	"encoding/json"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/finding"
)

// schema compiles the JSON Schema of a change document.
func schema(t *testing.T) func(document string) error {
	t.Helper()
	parsed, err := jsonschema.UnmarshalJSON(strings.NewReader(string(attachment.Schema())))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("change.schema.json", parsed); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile("change.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return func(document string) error {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(document))
		if err != nil {
			return err
		}
		return compiled.Validate(value)
	}
}

// TestSchemaAndDocuments holds the schema against the documents that validation is tested
// with: it refuses none that is accepted, and accepts exactly those refused ones whose
// errors are on the list of what no schema can express.
func TestSchemaAndDocuments(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../../attachment/testdata/documents.json")
	if err != nil {
		t.Fatal(err)
	}
	var documents []struct {
		Name, Change string
		Errors       []string
	}
	if err := json.Unmarshal(data, &documents); err != nil {
		t.Fatal(err)
	}
	check, beyond, shown := schema(t), attachment.BeyondSchema(), map[string]bool{}
	for _, d := range documents {
		err := check(d.Change)
		if len(d.Errors) == 0 && err != nil {
			t.Errorf("%s is accepted, but the schema says %v", d.Name, err)
		}
		if err == nil {
			for _, id := range d.Errors {
				if !slices.Contains(beyond, id) {
					t.Errorf("%s: the schema lets %s pass, which is not on the list", d.Name, id)
				}
			}
		}
		if len(d.Errors) == 1 && err == nil {
			shown[d.Errors[0]] = true
		}
	}
	large := strings.Repeat(",10.1.0.0/24", attachment.MaxChange/12)
	if check(`{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-a","LocalSubnet":"10.0.0.0/24","RemoteSubnet":"10.1.0.0/24`+large+`"}`) == nil {
		shown["change-too-large"] = true
	}
	for _, id := range beyond {
		if !shown[id] {
			t.Errorf("no document shows that the schema can't express %s", id)
		}
	}
}

// TestSchemaAndGenerated holds the schema against documents that are made of the table of
// parameters, with values as people and programs spell them.
func TestSchemaAndGenerated(t *testing.T) {
	t.Parallel()
	check, beyond := schema(t), attachment.BeyondSchema()
	accepted := 0
	rapid.Check(t, func(t *rapid.T) {
		document := object(t, attachment.Parameters, attachment.Single)
		if rapid.Bool().Draw(t, "dual") {
			document = object(t, attachment.Parameters, attachment.Dual)
		}
		findings := attachment.Validate(attachment.Parse(document, attachment.FromEvent), nil, "")
		err := check(document)
		if !findings.HasError() {
			accepted++
		}
		if !findings.HasError() && err != nil {
			t.Fatalf("%s is accepted, but the schema says %v", document, err)
		}
		if err != nil || strings.Contains(document, `"{`) || strings.Contains(document, `"[{`) {
			return // nor does it look into an object that is given as JSON text
		}
		for _, f := range findings {
			if f.Severity == finding.Error && !slices.Contains(beyond, f.Check) {
				t.Fatalf("%s: the schema lets %s pass, which is not on the list: %s", document, f.Check, f.Message)
			}
		}
	})
	if accepted == 0 {
		t.Error("no document is accepted")
	}
	t.Log(accepted, "documents are accepted")
}

// object draws a JSON object of parameters for an attachment of a mode.
func object(t *rapid.T, fields []attachment.Parameter, mode attachment.Mode) string {
	var members []string
	for i := range fields {
		p := &fields[i]
		if p.Mode != attachment.Both && p.Mode != mode || !p.Required && rapid.IntRange(0, 2).Draw(t, "given") > 0 {
			continue
		}
		name := p.Name
		if len(p.Aliases) > 0 && rapid.Bool().Draw(t, "alias") {
			name = p.Aliases[0]
		}
		members = append(members, quoted(name)+":"+value(t, p, mode))
	}
	return "{" + strings.Join(members, ",") + "}"
}

// value draws a value of a parameter: mostly one that is accepted, also in another
// spelling, with blanks, or as another type.
func value(t *rapid.T, p *attachment.Parameter, mode attachment.Mode) string {
	one := func(of ...string) string { return rapid.SampledFrom(of).Draw(t, p.Name) }
	blank := func() string { return one("", "", "", " ", "\n", "\t ") }
	rarely := func(text string) string { // is another one accepted
		if rapid.IntRange(0, 40).Draw(t, "rare") > 0 {
			return ""
		}
		return text
	}
	switch p.Kind {
	case attachment.Object:
		inner := object(t, p.Fields, mode)
		return one(inner, inner, inner, quoted(inner), quoted(inner+" \n"))
	case attachment.Array:
		var items []string
		for i := range rapid.IntRange(1, 2).Draw(t, "items") {
			inner := object(t, p.Fields, mode)
			index := one(`"TunnelIndex":`, `"TunnelIndex": `) + one(strconv.Itoa(i+1), quoted(strconv.Itoa(i+1)))
			if strings.Contains(inner, `"TunnelIndex"`) {
				items = append(items, inner)
			} else {
				items = append(items, strings.TrimSuffix("{"+index+","+inner[1:], ",}")+map[bool]string{true: "}"}[inner == "{}"])
			}
		}
		list := "[" + strings.Join(items, ",") + "]"
		return one(list, list, quoted(list))
	case attachment.Bool:
		text := one("true", "false", "True", "FALSE")
		return one("true", "false", quoted(blank()+text+blank()))
	case attachment.Int, attachment.ASN:
		n := rapid.Int64Range(p.Min, max(p.Max, p.Min)).Draw(t, p.Name)
		text := strconv.FormatInt(n, 10)
		return one(text, quoted(text), text+".0", quoted(blank()+text+".0"+blank()), text+"e0")
	case attachment.IP:
		return quoted(rarely(" ") + one("10.1.0.1", "192.168.10.1") + rarely("\n"))
	case attachment.CIDR:
		return quoted(rarely(" ") + "169.254.11.0/30" + rarely("\n"))
	case attachment.Subnets:
		a, b := one("10.0.0.0/8", "172.16.0.0/12"), one("192.168.0.0/24", "192.168.1.0/24")
		list := "[" + quoted(a) + "," + quoted(blank()+b+blank()) + "]"
		if rarely("x") != "" {
			return one(quoted(a+";"+b), quoted(a+"\n"+b), quoted(a+" "+b), quoted(list))
		}
		return one(quoted(a), quoted(a+","+b), quoted(a+", "+b), quoted(blank()+a+" ,"+b+blank()), list, "["+quoted(a)+"]")
	}
	if len(p.Enum) > 0 {
		text := rapid.SampledFrom(p.Enum).Draw(t, p.Name)
		return quoted(rarely(" ") + text + rarely("x"))
	}
	text := map[string]string{"RegionId": "cn-hangzhou", "VpnConnectionId": "vco-a"}[p.Name]
	switch {
	case text != "":
	case p.Name == "LocalBgpIp":
		text = "169.254.11.1"
	case p.Secret && p.Name == "Psk":
		text = "fYx3tQpL8sVw2NdKzR6mHb4c"
	case p.Example != "":
		text = p.Example
	default:
		text = "abc"
	}
	return quoted(rarely(" ") + text + rarely("\n"))
}

func quoted(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(text)
}
