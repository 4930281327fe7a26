package rules

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/rules/pattern"
	"vpnattach/shared/core/secret"
)

// given is one parameter of a rule's with or from.
type given struct {
	at        string // in the file
	name      string // as the rule names it
	parameter attachment.Parameter
	constant  string // JSON; empty with from
	from      *query
}

// member is one member of the change document that a rule gives: a value, an object
// or the array of tunnels.
type member struct {
	key     string // in the document; of an item, the index of its tunnel
	rank    int    // place in the parameter table
	value   *given // nil: an object or array of members
	members []member
}

const (
	tunnelPrefix = "Tunnel."
	clientToken  = "ClientToken"
)

var (
	parameterUnknown = finding.Declare(finding.Check{
		ID: "rule-parameter-unknown", Severity: finding.Error, Part: finding.RuleFile,
		Title: "A rule names a parameter that the API does not have.",
		Why:   "A misspelt parameter would silently change nothing.",
		Hint:  "use the API's names: RemoteSubnet, IkeConfig.Psk, Tunnel.1.TunnelIkeConfig.Psk",
	})
	tokenFixed = finding.Declare(finding.Check{
		ID: "client-token-fixed", Severity: finding.Error, Part: finding.RuleFile,
		Title: "A constant ClientToken makes the service take different requests for one.",
		Why:   "The service takes two requests with one token for the same, and does not carry out the second.",
		Hint:  "leave it out: it is computed from the events and the parameters",
	})
)

// given reads one member of with or from.
func (l *loader) given(name string, from bool, v gjson.Result, at string) (given, bool) {
	parameter, ok := attachment.Lookup(name)
	if !ok {
		hint := ""
		if near := attachment.Nearest(name); near != "" {
			hint = "did you mean " + near + "?"
		}
		l.add(parameterUnknown, at, "there is no parameter "+pattern.Quote(name), hint)
		return given{}, false
	}
	g := given{at: at, name: name, parameter: parameter}
	if from {
		g.from = l.query(v, at)
		return g, g.from != nil
	}
	if v.Type == gjson.Null {
		l.add(wrongType, at, at+" is null, which is no value", "leave it out")
		return given{}, false
	}
	if name == clientToken {
		l.add(tokenFixed, at, at+" is the same for every request", "")
		return given{}, false
	}
	l.constant(&parameter, name, v, at)
	g.constant = v.Get("@ugly").Raw
	return g, true
}

var (
	referenceInvalid = finding.Declare(finding.Check{
		ID: "reference-invalid", Severity: finding.Error, Part: finding.RuleFile,
		Title: "A dynamic reference to a secret can't be read.",
		Why:   "A reference that can’t be read would be sent as the key, in plain text.",
		Hint:  "write {{resolve:secretsmanager:name-or-arn:SecretString:json-key}} or {{resolve:ssm-secure:name:version}}",
		Ref:   refReference,
	})
	secretInFile = finding.Declare(finding.Check{
		ID: "secret-in-rule-file", Severity: finding.Warning, Part: finding.RuleFile,
		Title: "A rule file holds a secret in plain text.",
		Why:   "A rule file is kept in repositories and shown in reviews. A key in it is known to all who can read it.",
		Hint:  "store it and give a reference: {{resolve:secretsmanager:vpn/site-a:SecretString:psk}}",
		Ref:   refReference,
	})
)

// constant judges the secrets in a value of with: where a reference may stand, and
// that nothing else stands for a secret.
func (l *loader) constant(p *attachment.Parameter, name string, v gjson.Result, at string) {
	switch {
	case p.Secret:
		if _, claims, err := secret.ParseReference(v.String()); err != nil {
			l.add(referenceInvalid, at, err.Error(), "")
		} else if !claims {
			l.add(secretInFile, at, at+" is a secret in plain text", "")
		}
	case v.IsObject() && p.Kind == attachment.Object:
		l.fields(p, name, v, at)
	case v.IsArray() && p.Kind == attachment.Array:
		for i, item := range v.Array() {
			if item.IsObject() {
				l.fields(p, name, item, at+"["+strconv.Itoa(i)+"]")
			}
		}
	case holdsReference(v, 0):
		hint := ""
		if p.Kind == attachment.Object || p.Kind == attachment.Array {
			hint = "write " + name + " as JSON, not as text"
		}
		l.add(referenceMisplaced, at, at+" is no secret parameter, so it can't hold a dynamic reference", hint)
	case v.Type == gjson.String && p.Kind == attachment.Object && gjson.Valid(v.Str):
		if inner := gjson.Parse(v.Str); inner.IsObject() {
			l.fields(p, name, inner, at)
		}
	}
}

// fields judges the members of a nested object.
func (l *loader) fields(p *attachment.Parameter, name string, v gjson.Result, at string) {
	l.members(v, at, nil, func(key string, value gjson.Result, at string) {
		field := fieldNamed(p, key)
		if field == nil {
			l.add(parameterUnknown, at, name+" has no field "+pattern.Quote(key), nearestField(p, key))
			return
		}
		l.constant(field, field.Name, value, at)
	})
}

func fieldNamed(p *attachment.Parameter, key string) *attachment.Parameter {
	for i := range p.Fields {
		if p.Fields[i].Name == key || slices.Contains(p.Fields[i].Aliases, key) {
			return &p.Fields[i]
		}
	}
	return nil
}

func nearestField(p *attachment.Parameter, key string) string {
	var names []string
	for i := range p.Fields {
		names = append(names, p.Fields[i].Name)
	}
	if near := attachment.NearestOf(key, names); near != "" {
		return "did you mean " + near + "?"
	}
	return "it has " + strings.Join(names, ", ")
}

var parameterConflict = finding.Declare(finding.Check{
	ID: "rule-parameter-conflict", Severity: finding.Error, Part: finding.RuleFile,
	Title: "A rule gives a parameter twice: in with and from, or an object and one of its fields.",
	Why:   "Which of the two counts would depend on their order.",
	Hint:  "keep one of them",
})

// conflicts finds parameters that are given twice, whole or in part.
func (l *loader) conflicts(list []given) {
	for i := range list {
		for j := range i {
			a, b := list[i].name, list[j].name
			if a == b || within(a, b) || within(b, a) {
				l.add(parameterConflict, list[i].at, list[i].at+" gives what "+list[j].at+" gives too", "")
				break
			}
		}
	}
}

// within reports whether the parameter named field is a part of the one named whole.
func within(field, whole string) bool {
	return strings.HasPrefix(field, whole+".") || whole == attachment.TunnelsName && strings.HasPrefix(field, tunnelPrefix)
}

// arrange makes the plan of the change document out of what a rule gives: members in
// the order of the parameter table, tunnels by index.
func arrange(list []given) []member {
	root := member{}
	for i := range list {
		g := &list[i]
		into, fields, name := &root, attachment.Parameters, g.name
		if rest, ok := strings.CutPrefix(name, tunnelPrefix); ok {
			index, field, _ := strings.Cut(rest, ".")
			rank := rankOf(fields, attachment.TunnelsName)
			into, fields = into.child(attachment.TunnelsName, rank), fields[rank].Fields
			into, name = into.child(index, int(index[0])), field
		}
		if object, field, ok := strings.Cut(name, "."); ok {
			rank := rankOf(fields, object)
			into, fields, name = into.child(object, rank), fields[rank].Fields, field
		}
		into.members = append(into.members, member{key: name, rank: rankOf(fields, name), value: g})
	}
	root.sort()
	return root.members
}

func (m *member) child(key string, rank int) *member {
	for i := range m.members {
		if m.members[i].key == key && m.members[i].value == nil {
			return &m.members[i]
		}
	}
	m.members = append(m.members, member{key: key, rank: rank})
	return &m.members[len(m.members)-1]
}

func (m *member) sort() {
	slices.SortStableFunc(m.members, func(a, b member) int { return a.rank - b.rank })
	for i := range m.members {
		m.members[i].sort()
	}
}

func rankOf(table []attachment.Parameter, name string) int {
	return slices.IndexFunc(table, func(p attachment.Parameter) bool { return p.Name == name })
}

// maxText is how deep JSON text in strings of JSON text is looked into for
// references; the service itself reads one level.
const maxText = 3

// holdsReference reports whether v holds the mark of a dynamic reference in a string
// or key, at any depth, in JSON text too.
func holdsReference(v gjson.Result, texts int) bool {
	if v.Type != gjson.JSON {
		if v.Type != gjson.String {
			return false
		}
		if strings.Contains(v.Str, secret.Mark) {
			return true
		}
		return texts < maxText && strings.ContainsAny(v.Str, "{[\"") && strings.Contains(v.Str, `\`) &&
			gjson.Valid(v.Str) && holdsReference(gjson.Parse(v.Str), texts+1)
	}
	if !strings.Contains(v.Raw, `\`) { // what has no escapes says all in its own spelling
		return strings.Contains(v.Raw, secret.Mark)
	}
	found := false
	v.ForEach(func(key, value gjson.Result) bool {
		found = strings.Contains(key.Str, secret.Mark) || holdsReference(value, texts)
		return !found
	})
	return found
}
