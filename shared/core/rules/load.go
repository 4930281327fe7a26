package rules

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/jsontext"
	"vpnattach/shared/core/rules/pattern"
	"vpnattach/shared/core/secret"
)

// Set is a loaded rule file. It doesn't change; any number of goroutines may use it.
type Set struct {
	rules []rule
	ways  bool // a rule has a via
	tests []Test
}

// Len returns how many rules there are; 0 for nil.
func (s *Set) Len() int {
	if s == nil {
		return 0
	}
	return len(s.rules)
}

type rule struct {
	path        string // in the file: "rules[0]"
	name        string
	match       *pattern.Pattern
	via         []way // nil: see [Set.takes]
	each        *query
	changed     *changed
	time        *query
	version     *query
	only        []string // nil: any attachment
	credentials string
	assignments []*assignment // in the order of the parameter table
}

var (
	fileKeys = []string{"rules", "tests", "$schema"}
	ruleKeys = []string{"name", "match", "via", "changed", "each", "from", "map", "with", "only", "time", "version", "credentials"}
)

var (
	fileInvalid = finding.Declare(finding.Check{
		ID: "rule-file-invalid", Severity: finding.Error, Part: finding.RuleFile,
		Title: "The rule file is not a JSON object with a list of rules.",
		Why:   "A rule file decides what is changed while no person is watching, so nothing in it is guessed.",
		Hint:  `begin with {"rules": [ … ]}`,
		Ref:   "https://www.rfc-editor.org/rfc/rfc8259",
	})
	fileEmpty = finding.Declare(finding.Check{
		ID: "rule-file-empty", Severity: finding.Warning, Part: finding.RuleFile,
		Title: "The rule file holds no rule.",
		Why:   "Without a rule no event leads to a change.",
		Hint:  "add a rule, or leave the file out",
	})
)

// Load reads a rule file. The Set is nil when a finding is an error. Paths of
// findings lead into the file: "rules[0].from.RemoteSubnet".
func Load(data []byte) (*Set, finding.Findings) {
	var l loader
	text := strings.TrimPrefix(string(data), "\ufeff") // the mark that some editors write
	if !gjson.Valid(text) {
		message, hint := "the rule file is not valid JSON", ""
		if _, fault := new(jsontext.Text).Parse(text); fault != nil {
			message, hint = "the rule file is "+fault.Error(), fault.Hint
		}
		l.add(fileInvalid, "", message, hint)
		return nil, l.findings.Findings()
	}
	file := gjson.Parse(text)
	if !file.IsObject() {
		l.add(fileInvalid, "", "a rule file is a JSON object, not "+pattern.TypeName(file), "")
		return nil, l.findings.Findings()
	}
	var set Set
	found := false
	l.members(file, "", fileKeys, func(key string, value gjson.Result, at string) {
		switch {
		case key == "$schema":
			l.text(value, at)
		case key == "tests":
			set.tests = l.tests(value, at)
		case !value.IsArray():
			found = true
			l.wrongType(at, "an array of rules", value)
		default:
			found = true
			for i, item := range value.Array() {
				set.rules = append(set.rules, l.rule(item, at+"["+strconv.Itoa(i)+"]"))
			}
		}
	})
	switch {
	case !found:
		l.add(fileInvalid, "", "the rule file has no rules", "")
	case len(set.rules) == 0 && !l.findings.HasError():
		l.add(fileEmpty, "rules", "the list of rules is empty, so no event leads to a change", "")
	}
	l.uniqueNames(set.rules)
	l.viaGaps(&set)
	if l.findings.HasError() {
		return nil, l.findings.Findings()
	}
	return &set, l.findings.Findings()
}

// loader gathers the findings of one file.
type loader struct {
	findings finding.List
}

func (l *loader) add(check *finding.Check, path, message, hint string) {
	l.findings.Add(check.At(path, message).Hinted(hint))
}

// addNear is add for a name that is not known: with the one that is most likely meant, or
// else with the hint.
func (l *loader) addNear(check *finding.Check, path, message, near, hint string) {
	f := check.At(path, message).Hinted(hint)
	if near != "" {
		f.Hint, f.Fix.Name = "did you mean "+near+"?", near
	}
	l.findings.Add(f)
}

var wrongType = finding.Declare(finding.Check{
	ID: "rule-wrong-type", Severity: finding.Error, Part: finding.RuleFile,
	Title: "A value in the rule file is of the wrong JSON type.",
	Why:   "What can’t be read as it was meant is not guessed.",
	Fix:   "Give the type that the finding names.",
})

func (l *loader) wrongType(path, wanted string, v gjson.Result) {
	l.add(wrongType, path, path+" takes "+wanted+", not "+pattern.TypeName(v), "")
}

// text reads a string that must not be empty.
func (l *loader) text(v gjson.Result, path string) (string, bool) {
	if v.Type != gjson.String || v.Str == "" {
		if v.Type == gjson.String {
			l.add(wrongType, path, path+" is empty", "")
		} else {
			l.wrongType(path, "a string", v)
		}
		return "", false
	}
	return v.Str, true
}

var (
	keyUnknown = finding.Declare(finding.Check{
		ID: "rule-key-unknown", Severity: finding.Error, Part: finding.RuleFile,
		Title: "The rule file has an unknown key.",
		Why:   "A misspelt “only” would leave a rule without its limits.",
		Hint:  "a rule has name, match, via, changed, with, from, map, each, only, time, version and credentials",
	})
	keyRepeated = finding.Declare(finding.Check{
		ID: "rule-key-repeated", Severity: finding.Error, Part: finding.RuleFile,
		Title: "A key appears twice in one object of the rule file.",
		Why:   "Of two members with one name only one counts, and not always the one that its author looks at.",
		Hint:  "keep one of them",
	})
)

// sortedMembers are an object's members, and the order of their keys. The module's maps
// may have no keys out of its input.
type sortedMembers struct {
	keys   []string
	values []gjson.Result
	order  []int
}

func sorted(v gjson.Result) (m sortedMembers) {
	v.ForEach(func(key, value gjson.Result) bool {
		m.order = append(m.order, len(m.keys))
		m.keys, m.values = append(m.keys, key.Str), append(m.values, value)
		return true
	})
	slices.SortStableFunc(m.order, func(a, b int) int { return strings.Compare(m.keys[a], m.keys[b]) })
	return m
}

// repeatedKeys says of each member of an object whether one before it has its key.
func repeatedKeys(v gjson.Result) []bool {
	m := sorted(v)
	repeated := make([]bool, len(m.keys))
	for i := 1; i < len(m.order); i++ {
		repeated[m.order[i]] = m.keys[m.order[i]] == m.keys[m.order[i-1]]
	}
	return repeated
}

// members calls handle for each member of the object v, the known ones only when
// there is a list of them.
func (l *loader) members(v gjson.Result, path string, known []string, handle func(key string, value gjson.Result, at string)) {
	repeated := repeatedKeys(v)
	i := -1
	v.ForEach(func(key, value gjson.Result) bool {
		i++
		at := pattern.Join(path, key.Str)
		switch {
		case repeated[i]:
			l.add(keyRepeated, at, at+" appears twice", "")
		case known != nil && !slices.Contains(known, key.Str):
			if l.findings.Full(keyUnknown) {
				break
			}
			l.addNear(keyUnknown, at, "unknown key "+named(key.Str), attachment.NearestOf(key.Str, known), "known here are "+strings.Join(known, ", "))
		default:
			handle(key.Str, value, at)
		}
		return true
	})
}

// named returns a name in quotes, as far as [finding.Name] shows it.
func named(name string) string {
	if shown := finding.Name(name); shown != name {
		return shown
	}
	return pattern.Quote(name)
}

var incomplete = finding.Declare(finding.Check{
	ID: "rule-incomplete", Severity: finding.Error, Part: finding.RuleFile,
	Title: "A rule lacks what every rule needs: match, and VpnConnectionId and RegionId in with or from.",
	Why:   "A rule without a pattern would match every event, and a change that names no attachment reaches nothing.",
	Fix:   "Add what the finding names.",
})

func (l *loader) rule(v gjson.Result, path string) rule {
	r := rule{path: path}
	if !v.IsObject() {
		l.wrongType(path, "an object", v)
		r.via = []way{} // says nothing of ways either, but not because it forgets to
		return r
	}
	l.members(v, path, ruleKeys, func(key string, value gjson.Result, at string) {
		switch key {
		case "name":
			r.name = l.name(value, at, "rule")
		case "credentials":
			r.credentials = l.name(value, at, "profile of credentials")
		case "match":
			r.match = l.match(value, at)
		case "via":
			r.via = l.via(value, at)
		case "each":
			r.each = l.query(value, at)
		case "changed":
			r.changed = l.changed(value, at)
		case "time":
			r.time = l.query(value, at)
		case "version":
			r.version = l.query(value, at)
		case "only":
			r.only = l.only(value, at)
		case "with", "from":
			if !value.IsObject() {
				l.wrongType(at, "an object of parameters", value)
				return
			}
			l.members(value, at, nil, func(name string, value gjson.Result, at string) {
				if as := l.assignment(name, key == "from", value, at); as != nil {
					r.assignments = append(r.assignments, as)
				}
			})
		}
	})
	if !v.Get("name").Exists() {
		l.add(nameInvalid, path, path+" has no name", "")
	}
	if !v.Get("match").Exists() {
		l.add(incomplete, path, path+" has no match", `say which events the rule is for: "match": {"source": ["com.example.inventory"]}`)
	}
	for _, name := range [...]string{"RegionId", "VpnConnectionId"} {
		escaped := gjson.Escape(name)
		if !v.Get("with."+escaped).Exists() && !v.Get("from."+escaped).Exists() {
			l.add(incomplete, path, path+" gives no "+name, "give it in with, or its path in from")
		}
	}
	l.conflicts(r.assignments)
	if words := v.Get("map"); words.Exists() {
		l.words(words, path+".map", &r)
	}
	if r.version != nil {
		l.pinned(&r)
	}
	for _, as := range r.assignments {
		if as.name == "VpnConnectionId" && as.from == nil && r.only != nil && !slices.Contains(r.only, gjson.ParseBytes(as.constant).Str) {
			l.add(outsideOnly, as.at, as.at+" is not in the rule's only", "")
		}
	}
	slices.SortStableFunc(r.assignments, func(a, b *assignment) int { return a.rank - b.rank })
	return r
}

var versionUnused = finding.Declare(finding.Check{
	ID: "rule-version-unused", Severity: finding.Error, Part: finding.RuleFile,
	Title: "A rule names the version of a secret, but gives no reference to one, or references to several.",
	Why:   "A version pins a reference to the secret that the event is about. Without a reference there is nothing to pin.",
	Hint:  "leave version out, or give the secret as a dynamic reference in with",
	Ref:   refReference,
})

// pinned judges what the rule's version would pin: one secret, since the versions of
// two are not the same.
func (l *loader) pinned(r *rule) {
	var one *secret.Reference
	for _, as := range r.assignments {
		pins := as.pins
		for j := range pins {
			reference := &pins[j].reference
			if one != nil && (reference.Service != one.Service || reference.ID != one.ID) {
				l.add(versionUnused, r.path+".version", r.path+" would pin two secrets to one version", "give each its own rule, or name the version of one of them in its reference")
				return
			}
			one = reference
		}
	}
	if one == nil {
		l.add(versionUnused, r.path+".version", r.path+" has no reference that a version could pin", "")
	}
}

var nameInvalid = finding.Declare(finding.Check{
	ID: "rule-name", Severity: finding.Error, Part: finding.RuleFile,
	Title: "A rule has no name, a bad one, or one that another rule has; or it chooses credentials by a bad name.",
	Why:   "Outcomes and explanations name the rule, and deduplication tells changes of one event apart by it.",
	Hint:  "give each rule its own name of at most 64 letters, digits, dots, hyphens and underscores",
})

func (l *loader) name(v gjson.Result, path, of string) string {
	name, ok := l.text(v, path)
	if !ok {
		return ""
	}
	for i := range len(name) {
		c := name[i]
		if len(name) > 64 || c != '-' && c != '_' && c != '.' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			l.add(nameInvalid, path, path+" is not a valid name for a "+of, "use at most 64 letters, digits, dots, hyphens and underscores")
			return ""
		}
	}
	return name
}

func (l *loader) uniqueNames(rules []rule) {
	for i := range rules {
		for j := range i {
			if rules[i].name != "" && rules[i].name == rules[j].name {
				l.add(nameInvalid, rules[i].path+".name", rules[i].path+" has the name of "+rules[j].path, "")
				break
			}
		}
	}
}

var (
	patternInvalid = finding.Declare(finding.Check{
		ID: "pattern-invalid", Severity: finding.Error, Part: finding.RuleFile,
		Title: "The pattern of a rule is not one that EventBridge takes.",
		Why:   "The pattern is the one that EventBridge takes, so that it can be tried there. What EventBridge refuses is refused here.",
		Fix:   "Write it as the finding says. The page completes fields and operators.",
		Ref:   refPattern,
	})
	patternNever = finding.Declare(finding.Check{
		ID: "pattern-never-matches", Severity: finding.Error, Part: finding.RuleFile,
		Title: "No event can match the pattern.",
		Why:   "Two conditions exclude each other, so the rule would never apply, and no error would say so.",
		Fix:   "Loosen one of the conditions that the finding names.",
		Ref:   refPattern,
	})
)

func (l *loader) match(v gjson.Result, path string) *pattern.Pattern {
	p, problems := pattern.Parse(v.Raw)
	for _, problem := range problems {
		at := path
		if problem.Path != "" && problem.Path[0] != '[' {
			at += "."
		}
		check := patternInvalid
		if problem.Never {
			check = patternNever
		}
		l.add(check, at+problem.Path, problem.Message, problem.Hint)
	}
	return p
}

var pathInvalid = finding.Declare(finding.Check{
	ID: "path-invalid", Severity: finding.Error, Part: finding.RuleFile,
	Title: "A path of a rule can't be read.",
	Why:   "A path that can’t be read finds nothing in any event.",
	Fix:   "Write the path in gjson’s syntax, such as detail.sites or $.detail.region.",
	Ref:   refPath,
})

func (l *loader) query(v gjson.Result, path string) *query {
	if v.Type != gjson.String {
		l.wrongType(path, "a path as a string", v)
		return nil
	}
	q, problem := parseQuery(v.Str)
	if problem != "" {
		l.add(pathInvalid, path, problem, "")
		return nil
	}
	return &q
}

func (l *loader) only(v gjson.Result, path string) []string {
	ids := []string{}
	if !v.IsArray() {
		l.wrongType(path, "an array of ids of VPN connections", v)
		return nil
	}
	for i, item := range v.Array() {
		if id, ok := l.text(item, path+"["+strconv.Itoa(i)+"]"); ok {
			ids = append(ids, id)
		}
	}
	if len(v.Array()) == 0 {
		l.add(wrongType, path, path+" is empty, so the rule could change nothing", "list the attachments that the rule may change, or leave only out")
	}
	return ids
}
