package finding

import (
	"slices"
	"strings"

	"vpnattach/shared/core/jsontext"
)

// Check is one thing that is judged: what a finding of it means, how bad it is and
// why, what to do, and who says so. It is declared once, beside the code that
// reports it:
//
//	var lifetimeZero = finding.Declare(finding.Check{
//		ID: "lifetime-zero", Severity: finding.Warning, Part: finding.Values,
//		Title: "A lifetime of 0 seconds: allowed, with undocumented meaning.",
//		…
//	})
type Check struct {
	ID       string // stable, in kebab-case
	Severity Severity
	Part     Part   // of the list, by subject
	Title    string // what a finding means, one sentence
	Why      string // the reason, for readers of the reference
	Hint     string // the remedy; a finding may carry a closer one
	Fix      string // the remedy as the reference says it, where findings have no common hint
	APICode  string // the error code of the service; "" leaves it to the parameter's row
	InSchema bool   // the JSON Schema of a change document says it too
	Ref      string // the document that says so; empty where vpnattach itself does
}

// Part is a part of the list of checks.
type Part uint8

// The parts, in the order of the list.
const (
	Document Part = iota
	Values
	Addresses
	Together
	Current
	Peer
	RuleFile
	RuleMatch
	Event
	Delivery
	NoResult // also, or only, the code of an error in place of a result
)

// String returns the part's heading.
func (p Part) String() string {
	return [...]string{
		Document:  "The document and its form",
		Values:    "Values",
		Addresses: "Addresses and CIDR blocks",
		Together:  "Values that belong together",
		Current:   "With the current configuration",
		Peer:      "The other end",
		RuleFile:  "Rule files",
		RuleMatch: "Rules on an event",
		Event:     "From event to request",
		Delivery:  "What happens to an event",
		NoResult:  "Why there is no result",
	}[p]
}

// declared are all checks. It is written only while the program's packages are
// initialised.
var declared []*Check

// Declare puts a check on the list. It is for variables of packages; it panics when
// the check has no id, or one that another check has.
func Declare(c Check) *Check {
	if c.ID == "" || Find(c.ID) != nil {
		panic("finding: the check " + c.ID + " has no id, or is declared twice")
	}
	declared = append(declared, &c)
	return &c
}

// All returns the checks of all packages that the program is linked from, by part
// and within it by id. They must not be changed.
func All() []*Check {
	all := slices.Clone(declared)
	slices.SortStableFunc(all, func(a, b *Check) int {
		if a.Part != b.Part {
			return int(a.Part) - int(b.Part)
		}
		return strings.Compare(a.ID, b.ID)
	})
	return all
}

// Find returns the check with that id, or nil.
func Find(id string) *Check {
	for _, c := range declared {
		if c.ID == id {
			return c
		}
	}
	return nil
}

// Remedy returns what to do about a finding, as the reference says it.
func (c *Check) Remedy() string {
	if c.Fix != "" {
		return c.Fix
	}
	return c.Hint
}

// AppendJSON appends the check as a JSON object; what is empty is left out.
func (c *Check) AppendJSON(dst []byte) []byte {
	dst = append(dst, '{')
	for _, m := range [...]struct{ key, text string }{
		{"id", c.ID}, {"severity", c.Severity.String()}, {"part", c.Part.String()}, {"title", c.Title}, {"why", c.Why},
		{"hint", c.Hint}, {"fix", c.Fix}, {"apiCode", c.APICode}, {"ref", c.Ref},
	} {
		dst = jsontext.AppendMember(dst, m.key, m.text)
	}
	return append(dst, '}')
}

// At makes a finding of the check, at a path within the document.
func (c *Check) At(path, message string) Finding {
	return Finding{
		Check: c.ID, Path: path, Severity: c.Severity, Message: message,
		Hint: c.Hint, APICode: c.APICode, Ref: c.Ref,
	}
}
