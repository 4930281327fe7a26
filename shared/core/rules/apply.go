package rules

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/event"
	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/rules/pattern"
	"vpnattach/shared/core/secret"
)

// Change is what one rule makes of one event, or of one element of it.
type Change struct {
	Rule        string    // the rule's name
	Element     int       // index into the array of each; -1 when the rule has none
	Credentials string    // the profile of credentials that the rule chooses; empty: the default one
	Document    string    // the change document: a JSON object in the order of the parameter table
	Time        time.Time // the event's own time by the rule's time, in UTC; zero when the rule has none
}

// Event is what rules are applied to.
type Event struct {
	Text string      // a JSON object that is known to be valid, such as event.Record.Event
	Via  string      // the way by which it has come, such as "bus"; empty: "local"
	Stop func() bool // whether to give up, asked for each element; nil: never
}

func (e *Event) way() string { return cmp.Or(e.Via, event.WayLocal) }

// Apply appends to dst the changes that the rules make of the event. What a rule can't
// make is among the findings, and only the element that it concerns is left out.
// Findings have the paths of the rule file and never show values. Once Stop reports
// true, nothing more is made.
func (s *Set) Apply(e Event, dst []Change) ([]Change, finding.Findings) {
	a := applier{Event: e, changes: dst, finder: finder{event: e.Text}}
	for i := range s.rules {
		if r := &s.rules[i]; s.takes(r, e.way()) && r.match.Match(e.Text) {
			a.apply(r)
		}
	}
	return a.changes, a.findings.Findings()
}

// applier is the state of one Apply.
type applier struct {
	Event
	finder
	changes  []Change
	bytes    int // of the values in all changes, those too that can't be made
	findings finding.List

	rule     *rule
	index    int
	element  string // JSON that paths read from
	version  string // of the secrets that the event is about; empty: not said
	document []byte
	tunnels  [attachment.MaxTunnels]bool // those that are in the document
}

var eachNotArray = finding.Declare(finding.Check{
	ID: "each-not-array", Severity: finding.Error, Part: finding.RuleMatch,
	Title: "The path of each finds no array.",
	Why:   "The rule makes a change of each element of that array.",
	Hint:  "give the path of an array, or leave each out",
})

func (a *applier) apply(r *rule) {
	a.rule, a.index, a.element = r, -1, a.Text
	if r.each == nil {
		a.one()
		return
	}
	if r.changed != nil && r.changed.whole() {
		if before := a.findings.Count(); !a.changed(r.changed) || a.findings.Count() > before {
			return
		}
	}
	each := a.find(r.each, a.Text)
	list := each.Result
	switch {
	case each.hole != "":
		a.hole(r.each, &each, ".each")
	case list.IsArray():
		list.ForEach(func(_, element gjson.Result) bool {
			a.index++
			a.element = element.Raw
			a.one()
			return a.bytes <= maxBytes && (a.Stop == nil || !a.Stop())
		})
		if a.bytes > maxBytes {
			a.index = -1
			a.add(changesTooLarge, ".each", "its changes have more than "+strconv.Itoa(maxBytes>>20)+" MiB together")
		}
	case list.Exists():
		a.add(eachNotArray, ".each", "each, "+pattern.Quote(r.each.text)+", finds "+pattern.TypeName(list)+", not an array")
	case !r.each.optional:
		a.addHinted(eachNotArray, ".each", "each, "+pattern.Quote(r.each.text)+", finds nothing", a.near(r.each))
	}
}

// maxBytes is how much the changes of one event may have together: a value that
// paths read from the whole event stands in the change of each element.
const maxBytes = 32 << 20

var changesTooLarge = finding.Declare(finding.Check{
	ID: "rule-changes-too-large", Severity: finding.Error, Part: finding.RuleMatch,
	Title: fmt.Sprintf("The changes that rules make of one event have more than %d MiB together.", maxBytes>>20),
	Why:   "A large value of the whole event, given to each of many elements, would need more memory than there is.",
	Hint:  "send the elements in several events, or give each only what it needs",
})

// add appends a finding about the rule and element at hand.
func (a *applier) add(check *finding.Check, path, message string) {
	a.addHinted(check, path, message, remedy{})
}

// addHinted is add with a remedy in place of the check's own, unless it is empty.
func (a *applier) addHinted(check *finding.Check, path, message string, r remedy) {
	if a.findings.Full(check) {
		return
	}
	where := "rule " + pattern.Quote(a.rule.name)
	if a.index >= 0 {
		where += ", element " + strconv.Itoa(a.index)
	}
	f := check.At(a.rule.path+path, where+": "+message).Hinted(r.hint)
	f.Fix = r.fix
	a.findings.Add(f)
}

var outsideOnly = finding.Declare(finding.Check{
	ID: "attachment-not-allowed", Severity: finding.Error, Part: finding.RuleMatch,
	Title: "A rule would change an attachment that its “only” does not list.",
	Why:   "“only” is the limit that the rule’s author set, whatever an event may say.",
	Hint:  "add the id to only, if the rule may change it",
})

// one makes one change of the element.
func (a *applier) one() {
	before := a.findings.Count()
	if c := a.rule.changed; c != nil && (a.rule.each == nil || !c.whole()) && !a.changed(c) {
		return
	}
	change := Change{Rule: a.rule.name, Element: a.index, Credentials: a.rule.credentials, Time: a.time()}
	a.version = a.secretVersion()
	a.document, a.tunnels = []byte("{}"), [attachment.MaxTunnels]bool{}
	for _, as := range a.rule.assignments {
		a.assign(as)
	}
	if a.tunnels == [...]bool{false, true} { // the list can't begin with a tunnel of which nothing is given
		a.written(sjson.DeleteBytes(a.document, tunnelItem(1)))
	}
	if a.findings.Count() > before {
		return
	}
	change.Document = string(a.document)
	if a.rule.only != nil && !slices.Contains(a.rule.only, gjson.Get(change.Document, "VpnConnectionId").Str) {
		a.add(outsideOnly, ".only", "the attachment that the event names is not in only")
		return
	}
	a.changes = append(a.changes, change)
}

// assign writes the parameter's value into the document, if there is a value.
func (a *applier) assign(as *assignment) {
	value := as.constant
	if as.from != nil {
		v := a.find(as.from, a.element)
		if as.words != nil {
			a.bytes += len(v.Raw) // which are looked up, whether they are found or not
		}
		path := as.at[len(a.rule.path):]
		switch {
		case !v.Exists():
			if !as.from.optional {
				a.findsNothing(as.from, path, as.name)
			}
			return
		case v.hole != "":
			a.hole(as.from, &v, path)
			return
		case v.reference:
			a.add(referenceInEvent, path, "the path "+pattern.Quote(as.from.text)+" finds a dynamic reference for "+as.name+", which only a rule's with may give")
			return
		}
		raw := v.Raw
		if as.words != nil {
			var ok bool
			if raw, ok = a.mapped(as, v.Result); !ok {
				return
			}
		}
		value = []byte(raw)
	}
	a.bytes += len(as.to) + len(value)
	if as.tunnel > 0 && !a.tunnels[as.tunnel-1] {
		a.tunnels[as.tunnel-1] = true
		a.written(sjson.SetBytes(a.document, join(tunnelItem(as.tunnel), "TunnelIndex"), int64(as.tunnel)))
	}
	a.written(sjson.SetRawBytes(a.document, as.to, value))
	for i := range as.pins {
		a.pin(&as.pins[i])
	}
}

// written takes the document that sjson has written. It can only fail where a value has
// no place in another, and a file that asks for that is not loaded.
func (a *applier) written(document []byte, err error) {
	if err != nil {
		a.add(parameterConflict, "", err.Error())
		return
	}
	a.document = document
}

var pathFindsNothing = finding.Declare(finding.Check{
	ID: "path-finds-nothing", Severity: finding.Error, Part: finding.RuleMatch,
	Title: "A path of a rule finds nothing in the event.",
	Why:   "The rule promises a value that this event does not have. A change without it might do something else.",
	Hint:  `end the path in "?" if the value may be absent`,
	Ref:   refPath,
})

// findsNothing adds that a path finds nothing for what it is to give.
func (a *applier) findsNothing(q *query, path, gives string) {
	if a.findings.Full(pathFindsNothing) { // what was meant is looked for in the whole event
		return
	}
	a.addHinted(pathFindsNothing, path, "the path "+pattern.Quote(q.text)+" finds nothing for "+gives, a.near(q))
}

// pin writes a reference with the event's version in it.
func (a *applier) pin(p *pin) {
	if a.version == "" {
		return
	}
	pinned := p.reference
	pinned.VersionID = a.version
	if _, _, err := secret.ParseReference(pinned.String()); err != nil {
		a.add(versionUnreadable, ".version", err.Error())
		return
	}
	a.written(sjson.SetBytes(a.document, p.to, pinned.String()))
}

var versionUnreadable = finding.Declare(finding.Check{
	ID: "version-unreadable", Severity: finding.Error, Part: finding.RuleMatch,
	Title: "What an event gives as the version of a secret is not a version.",
	Why:   "The event is about one version of the secret. Another version might be a key that the other end does not have yet.",
	Hint:  "give in version the path of a version id, or of the version number of a parameter",
	Ref:   refReference,
})

// secretVersion reads the version that the rule's references are pinned to.
func (a *applier) secretVersion() string {
	q := a.rule.version
	if q == nil {
		return ""
	}
	v := a.find(q, a.element)
	switch text := v.String(); {
	case !v.Exists() && !q.optional:
		a.findsNothing(q, ".version", "version")
	case v.Exists() && !isVersion(text):
		a.add(versionUnreadable, ".version", "what the path "+pattern.Quote(q.text)+" finds is not the version of a secret")
	default:
		return text
	}
	return ""
}

// isVersion reports whether s can be the version id of a secret, or the version
// number of a parameter.
func isVersion(s string) bool {
	return len(s) > 0 && len(s) <= 64 && strings.Trim(s, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-") == ""
}

var timeUnreadable = finding.Declare(finding.Check{
	ID: "time-unreadable", Severity: finding.Error, Part: finding.RuleMatch,
	Title: "The event's own time can't be read.",
	Why:   "The time decides which of two events is newer, so without it an old event could undo a new one.",
	Hint:  "write it in RFC 3339, or as seconds, milliseconds or microseconds since 1970",
	Ref:   refTime,
})

// time reads the event's own time.
func (a *applier) time() time.Time {
	q := a.rule.time
	if q == nil {
		return time.Time{}
	}
	v := a.find(q, a.element)
	if !v.Exists() {
		if !q.optional {
			a.findsNothing(q, ".time", "time")
		}
		return time.Time{}
	}
	t, err := parseTime(v.Result)
	if bad := (*event.Error)(nil); errors.As(err, &bad) {
		a.addHinted(timeUnreadable, ".time", "what the path "+pattern.Quote(q.text)+" finds "+bad.Message, remedy{hint: bad.Hint})
	}
	return t
}

// parseTime reads a time that is text or a number, as it is written.
func parseTime(v gjson.Result) (time.Time, error) {
	if v.Type == gjson.String {
		return event.ParseTime(v.Str)
	}
	return event.ParseTime(v.Raw)
}
