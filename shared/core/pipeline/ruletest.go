package pipeline

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/event"
	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/jsontext"
	"vpnattach/shared/core/rules"
)

// Verdict is what a test of a rule file has come to.
type Verdict struct {
	Test     *rules.Test
	Problems []Problem // none: the test has passed
}

// Problem is one thing that came otherwise than the test wants.
type Problem struct {
	Path    string // in the rule file: "tests[0].want[1]"
	Message string
	Hint    string
	// Differences are those of a change; From is what was wanted, To what came.
	Differences []attachment.Difference
}

// Passed reports whether the test has passed.
func (v *Verdict) Passed() bool { return len(v.Problems) == 0 }

func (v *Verdict) add(path, message, hint string) {
	v.Problems = append(v.Problems, Problem{Path: v.Test.Path + path, Message: message, Hint: hint})
}

// RunTest runs one of the rule file's tests. file holds the contents of the event's file,
// if the test names one. The rules are applied and the changes judged as those of
// any event are; the clock is that of the event, so that none is from the future.
func RunTest(set *rules.Set, test *rules.Test, file string) Verdict {
	v := Verdict{Test: test}
	text, err := test.Input(file)
	if err != nil {
		v.add(".set", err.Error(), "")
		return v
	}
	got := []string{}
	var refused finding.Findings
	p := new(Pipeline)
	err = p.Run([]byte(text), &Options{Rules: set, Via: test.Via}, func(r *Result) {
		for _, f := range r.Findings {
			if f.Severity == finding.Error {
				refused = append(refused, f)
			}
		}
		if r.Change != nil && !r.Findings.HasError() {
			got = append(got, string(r.Change.AppendJSON(nil, true)))
		}
	})
	if opening := (*event.Error)(nil); errors.As(err, &opening) {
		refused = append(refused, opening.Finding())
	}
	v.refusals(refused)
	if test.Want == nil {
		return v
	}
	if len(got) != len(test.Want) {
		v.add(".want", "wants "+changes(len(test.Want))+", but the rules make "+changes(len(got)), whyNone(set, test, text, got))
	}
	for i := range max(len(got), len(test.Want)) {
		v.compare(i, at(test.Want, i), at(got, i))
	}
	return v
}

func at(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return "{}"
}

func changes(n int) string {
	if n == 1 {
		return "1 change"
	}
	return strconv.Itoa(n) + " changes"
}

// compare adds in what a change differs from the one wanted.
func (v *Verdict) compare(i int, want, got string) {
	differences := attachment.Compare(attachment.Parse(want, attachment.FromRule), attachment.Parse(got, attachment.FromRule))
	if len(differences) > 0 {
		v.add(".want["+strconv.Itoa(i)+"]", "the change is another one than wanted", "")
		v.Problems[len(v.Problems)-1].Differences = differences
	}
}

// refusals holds the errors against those that the test names.
func (v *Verdict) refusals(refused finding.Findings) {
	for _, id := range v.Test.Refused {
		if slices.ContainsFunc(refused, func(f finding.Finding) bool { return f.Check == id }) {
			continue
		}
		hint := ""
		if finding.Find(id) == nil {
			var known []string
			for _, c := range finding.All() {
				known = append(known, c.ID)
			}
			if hint = "no finding has this name"; attachment.NearestOf(id, known) != "" {
				hint += "; did you mean " + attachment.NearestOf(id, known) + "?"
			}
		}
		v.add(".refused", "wants the error "+finding.Name(id)+", which does not come", hint)
	}
	for _, f := range refused {
		if !slices.Contains(v.Test.Refused, f.Check) {
			where := ""
			if f.Path != "" {
				where = f.Path + ": "
			}
			v.add("", "refused: "+where+f.Message, strings.TrimSpace(f.Hint+"  ("+f.Check+")"))
		}
	}
}

// whyNone says why no rule has matched, where none has.
func whyNone(set *rules.Set, test *rules.Test, text string, got []string) string {
	if len(got) > 0 {
		return ""
	}
	records, err := event.Open([]byte(text), nil)
	if err != nil {
		return ""
	}
	var reasons []string
	for i := range records {
		for _, e := range set.Explain(rules.Event{Text: records[i].Event, Via: cmp.Or(test.Via, records[i].Way)}) {
			if !e.Matched {
				reasons = append(reasons, e.Rule+" "+e.Path+": "+e.Reason)
			}
		}
	}
	return strings.Join(reasons, "\n")
}

// AppendJSON appends the verdict as a JSON object: {"name","passed","problems":[{"path",
// "message","hint","differences":[{"path","want","got"}]}]}.
func (v *Verdict) AppendJSON(dst []byte) []byte {
	dst = jsontext.AppendText(append(dst, '{'), "name", v.Test.Name)
	dst = strconv.AppendBool(jsontext.AppendKey(dst, "passed"), v.Passed())
	if v.Passed() {
		return append(dst, '}')
	}
	dst = jsontext.AppendList(jsontext.AppendKey(dst, "problems"), v.Problems, func(dst []byte, p *Problem) []byte {
		dst = jsontext.AppendText(append(dst, '{'), "path", p.Path)
		dst = jsontext.AppendText(dst, "message", p.Message)
		dst = jsontext.AppendMember(dst, "hint", p.Hint)
		if p.Differences != nil {
			dst = jsontext.AppendList(jsontext.AppendKey(dst, "differences"), p.Differences, func(dst []byte, d *attachment.Difference) []byte {
				dst = jsontext.AppendText(append(dst, '{'), "path", d.Path)
				dst = jsontext.AppendText(dst, "want", d.From)
				return append(jsontext.AppendText(dst, "got", d.To), '}')
			})
		}
		return append(dst, '}')
	})
	return append(dst, '}')
}
