package rules

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/secret"
)

// assignment is one parameter of a rule's with or from: the value that its path finds
// in the event, or its constant, goes as it is written to its place in the change
// document.
type assignment struct {
	*target
	at       string // in the file
	from     *query // where in the event; nil with a constant
	words    *words // what the event's words are in the API's; nil: the same
	constant []byte // JSON
	pins     []pin  // references in the constant that the event's version pins
}

// pin is a dynamic reference that names no version.
type pin struct {
	to        string // sjson path in the change document
	reference secret.Reference
}

// target is a parameter that rules can give, and its place in the change document.
type target struct {
	name      string // as rules name it
	parameter *attachment.Parameter
	to        string // sjson path; a tunnel's place in the list is its index less 1
	tunnel    int    // index of the tunnel that it belongs to, 0 for none
	rank      int    // among all targets
}

const (
	tunnelPrefix = "Tunnel."
	clientToken  = "ClientToken"
)

// targets are in the order of the parameter table, and with it of change documents.
var targets = func() []target {
	var all []target
	var add func(prefix, to string, tunnel int, table []attachment.Parameter)
	add = func(prefix, to string, tunnel int, table []attachment.Parameter) {
		for i := range table {
			p := &table[i]
			name, to := prefix+p.Name, join(to, key(p.Name))
			if _, ok := attachment.Lookup(name); ok {
				all = append(all, target{name, p, to, tunnel, len(all)})
			}
			switch p.Kind {
			case attachment.Object:
				add(name+".", to, tunnel, p.Fields)
			case attachment.Array:
				for index := 1; index <= attachment.MaxTunnels; index++ {
					add(tunnelPrefix+strconv.Itoa(index)+".", tunnelItem(index), index, p.Fields)
				}
			}
		}
	}
	add("", "", 0, attachment.Parameters)
	return all
}()

// tunnelItem is the sjson path of the item of the tunnel with that index.
func tunnelItem(index int) string {
	return join(attachment.TunnelsName, strconv.Itoa(index-1))
}

// key is an object's key as a component of an sjson path, also one that looks like an
// index or means something in a path.
func key(name string) string {
	name = gjson.Escape(name)
	if name != "" && (name[0] == ':' || name[0] == '-' || name[0] >= '0' && name[0] <= '9') {
		return ":" + name
	}
	return name
}

// join appends a component to an sjson path.
func join(path, component string) string {
	if path == "" {
		return component
	}
	return path + "." + component
}

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

// assignment reads one member of with or from; nil when it adds that the member is wrong.
func (l *loader) assignment(name string, from bool, v gjson.Result, at string) *assignment {
	found := slices.IndexFunc(targets, func(t target) bool { return t.name == name })
	if found < 0 {
		if l.findings.Full(parameterUnknown) {
			return nil
		}
		l.addNear(parameterUnknown, at, "unknown parameter "+named(name), attachment.Nearest(name), "")
		return nil
	}
	as := &assignment{target: &targets[found], at: at}
	if from {
		if as.from = l.query(v, at); as.from == nil {
			return nil
		}
		return as
	}
	if v.Type == gjson.Null {
		l.add(wrongType, at, at+" is null, which is not a value", "leave it out")
		return nil
	}
	if name == clientToken {
		l.add(tokenFixed, at, at+" is the same for every request", "")
		return nil
	}
	as.pins = l.constant(as.parameter, name, v, at, as.to, nil)
	as.constant = []byte(v.Get("@ugly").Raw)
	return as
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
// that nothing else stands for a secret. It appends to pins the references without a
// version.
func (l *loader) constant(p *attachment.Parameter, name string, v gjson.Result, at, to string, pins []pin) []pin {
	switch {
	case p.Secret:
		reference, claims, err := secret.ParseReference(v.String())
		switch {
		case err != nil:
			l.add(referenceInvalid, at, err.Error(), "")
		case !claims:
			l.add(secretInFile, at, at+" is a secret in plain text", "")
		case reference.VersionID == "" && reference.VersionStage == "":
			pins = append(pins, pin{to, reference})
		}
	case v.IsObject() && p.Kind == attachment.Object:
		return l.fields(p, name, v, at, to, pins)
	case v.IsArray() && p.Kind == attachment.Array:
		for i, item := range v.Array() {
			if item.IsObject() {
				index := strconv.Itoa(i)
				pins = l.fields(p, name, item, at+"["+index+"]", join(to, index), pins)
			}
		}
	case holdsReference(v, 0):
		hint := ""
		if p.Kind == attachment.Object || p.Kind == attachment.Array {
			hint = "write " + name + " as JSON, not as text"
		}
		l.add(referenceMisplaced, at, at+" is not a secret parameter, so it can't hold a dynamic reference", hint)
	case v.Type == gjson.String && p.Kind == attachment.Object && gjson.Valid(v.Str):
		if inner := gjson.Parse(v.Str); inner.IsObject() {
			l.fields(p, name, inner, at, to, nil)
		}
	}
	return pins
}

// fields judges the members of a nested object.
func (l *loader) fields(p *attachment.Parameter, name string, v gjson.Result, at, to string, pins []pin) []pin {
	l.members(v, at, nil, func(field string, value gjson.Result, at string) {
		f := fieldNamed(p, field)
		if f == nil && l.findings.Full(parameterUnknown) {
			return
		}
		if f == nil {
			names := fieldNames(p)
			l.addNear(parameterUnknown, at, name+" has no field "+named(field), attachment.NearestOf(field, names), "it has "+strings.Join(names, ", "))
			return
		}
		pins = l.constant(f, f.Name, value, at, join(to, key(field)), pins)
	})
	return pins
}

func fieldNamed(p *attachment.Parameter, key string) *attachment.Parameter {
	for i := range p.Fields {
		if p.Fields[i].Name == key || slices.Contains(p.Fields[i].Aliases, key) {
			return &p.Fields[i]
		}
	}
	return nil
}

func fieldNames(p *attachment.Parameter) (names []string) {
	for i := range p.Fields {
		names = append(names, p.Fields[i].Name)
	}
	return names
}

var parameterConflict = finding.Declare(finding.Check{
	ID: "rule-parameter-conflict", Severity: finding.Error, Part: finding.RuleFile,
	Title: "A rule gives a parameter twice: in with and from, or an object and one of its fields.",
	Why:   "Which of the two counts would depend on their order.",
	Hint:  "keep one of them",
})

// conflicts finds parameters that are given twice, whole or in part.
func (l *loader) conflicts(list []*assignment) {
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
