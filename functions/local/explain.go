package main

import (
	"cmp"
	"fmt"
	"strconv"
	"time"

	"github.com/tidwall/gjson"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/event"
	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/jsontext"
	"vpnattach/shared/core/pipeline"
	"vpnattach/shared/core/rules"
	"vpnattach/shared/credentials/sts"
	"vpnattach/shared/vpc"
)

// explainCommand tells what the rules make of an event, or what a finding means.
type explainCommand struct {
	What  string `arg:"" help:"An event, with --rules (- is standard input); the name of a finding, such as psk-short, or a code of a service, such as InvalidName or PskMismatch; or events, for every form of event that is taken, and that is refused."`
	Rules string `help:"Rule file." placeholder:"FILE"`
	Via   string `help:"The way by which the event has come: an ARN, bus, webhook, webhook:NAME, invoke or local; by the event itself when absent." placeholder:"WAY"`
	JSON  bool   `name:"json" help:"Print JSON instead of text."`
}

// Run prints, for every record of the event and every rule, whether the rule
// matched and why not, and what its paths gave; then the changes, what validation finds in
// them, and its verdict. Without rules it prints what a finding or an error code means, and
// what to do.
func (c *explainCommand) Run(p *program) error {
	switch {
	case c.What == "events" && c.Rules == "":
		c.forms(p)
		return nil
	case c.Rules == "":
		return c.name(p)
	}
	if c.JSON {
		p.printJSON()
	}
	set, err := p.loadRules(c.Rules)
	if err != nil {
		return err
	}
	p.each([]string{c.What}, func(string) error { return c.file(p, set) })
	return nil
}

// file explains an event.
func (c *explainCommand) file(p *program, set *rules.Set) error {
	data, err := p.read(c.What)
	if err != nil {
		return err
	}
	records, err := event.OpenEach(data, nil)
	if err != nil {
		return inFile(c.What, data, err)
	}
	o := &pipeline.Options{Rules: set, Via: c.Via, Time: time.Now().UTC()}
	if c.JSON {
		for i := range records {
			out := []byte(`{"explanations":[]`)
			if records[i].Event != "" {
				out = pipeline.AppendExplanations([]byte(`{"explanations":`), set.Explain(c.event(&records[i])))
			}
			out = append(out, `,"results":[`...)
			if err := p.judge(records[i:i+1], o, func(r *pipeline.Result) {
				if out[len(out)-1] != '[' {
					out = append(out, ',')
				}
				out = r.AppendJSON(out, false)
			}); err != nil {
				return err
			}
			p.list.add(append(out, ']', '}'))
		}
		return nil
	}
	t := p.text()
	var v tally
	for i := range records {
		t.record(&records[i])
		if records[i].Event != "" {
			for _, e := range set.Explain(c.event(&records[i])) {
				t.explanation(&e)
			}
		}
		if err := p.judge(records[i:i+1], o, func(r *pipeline.Result) {
			t.result(r)
			v.add(r)
		}); err != nil {
			return err
		}
	}
	t.close(&v)
	return nil
}

// tally counts what the core makes of an event.
type tally struct {
	findings [finding.Info + 1]int
	changes  int
}

func (v *tally) add(r *pipeline.Result) {
	for _, f := range r.Findings {
		v.findings[f.Severity]++
	}
	if r.Change != nil {
		v.changes++
	}
}

// close writes the verdict: whether the event asks for a change, and what is wrong with it.
func (t *text) close(v *tally) {
	if v.changes == 0 && v.findings[finding.Error] == 0 {
		t.line(t.dim("nothing"), "the event asks for no change")
		return
	}
	t.total(v.findings)
}

// judge takes records through the core and notes whether a finding is an error.
func (p *program) judge(records []event.Record, o *pipeline.Options, each func(*pipeline.Result)) error {
	return new(pipeline.Pipeline).RunRecords(records, o, func(r *pipeline.Result) {
		p.failed = p.failed || r.Findings.HasError()
		each(r)
	})
}

func (c *explainCommand) event(r *event.Record) rules.Event {
	return rules.Event{Text: r.Event, Via: cmp.Or(c.Via, r.Way)}
}

// forms lists the forms of events.
func (c *explainCommand) forms(p *program) {
	if c.JSON {
		p.printJSON()
	}
	t := p.text()
	for _, f := range event.Forms() {
		if c.JSON {
			p.list.add(appendMembers([2]string{"name", f.Name}, [2]string{"shape", f.Shape}, [2]string{"taken", f.Taken}, [2]string{"hint", f.Hint}, [2]string{"ref", f.Ref}))
			continue
		}
		t.line(t.bold(visible(f.Name)), "")
		t.line("known by", visible(f.Shape))
		if f.Taken != "" {
			t.line(t.green("taken"), visible(f.Taken))
		} else {
			t.line(t.red("refused"), visible(f.Hint))
		}
	}
}

// name explains a finding or an error code.
func (c *explainCommand) name(p *program) error {
	t := p.text()
	check := finding.Find(c.What)
	code, known := vpc.Explain(c.What)
	if ofSTS, ok := sts.Explain(c.What); ok && !known {
		code, known = codeOf(&ofSTS), true
	}
	cause, isCause := vpc.ExplainCause(c.What)
	switch {
	case check != nil && c.JSON:
		fmt.Fprintf(p.out, "%s\n", check.AppendJSON(nil))
	case check != nil:
		t.line(t.severity(check.Severity), t.bold(visible(check.ID)))
		t.line("", visible(check.Title))
		t.line("why", visible(check.Why))
		t.line("remedy", visible(check.Remedy()))
		if check.APICode != "" {
			t.line("service", "answers "+visible(check.APICode))
		}
		if check.Ref != "" {
			t.line("source", visible(check.Ref))
		}
	case known && c.JSON:
		fmt.Fprintf(p.out, "%s\n", appendMembers([2]string{"name", code.Name}, [2]string{"class", string(code.Class)}, [2]string{"meaning", code.Meaning}, [2]string{"remedy", code.Remedy}, [2]string{"source", code.Source}))
	case known:
		t.code(&code)
		t.line("source", visible(code.Source))
	case isCause && c.JSON:
		fmt.Fprintf(p.out, "%s\n", appendMembers([2]string{"name", cause.Code}, [2]string{"meaning", cause.Meaning}, [2]string{"remedy", cause.Remedy}, [2]string{"source", vpc.CausesSource}))
	case isCause:
		t.cause(&cause)
		t.line("source", visible(vpc.CausesSource))
	default:
		var names []string
		for _, check := range finding.All() {
			names = append(names, check.ID)
		}
		for _, code := range vpc.Codes() {
			names = append(names, code.Name)
		}
		for _, code := range sts.Codes() {
			names = append(names, code.Name)
		}
		for _, cause := range vpc.Causes() {
			names = append(names, cause.Code)
		}
		near := "vpnattach help findings and vpnattach help codes list them."
		if name := attachment.NearestOf(c.What, names); name != "" {
			near = "did you mean " + name + "?"
		}
		return usage("no finding and no error code has the name %q: %s To explain an event, give --rules", c.What, near)
	}
	return nil
}

// code writes what an error code means.
func (t *text) code(code *vpc.Code) {
	says := t.bold(visible(code.Name)) + t.dim("  "+visible(string(code.Class)))
	if code.Status != 0 {
		says += t.dim("  HTTP " + visible(strconv.Itoa(code.Status)))
	}
	t.say(says)
	t.line("", visible(code.Meaning))
	t.line("remedy", visible(code.Remedy))
}

// codeOf is a code of STS in the form of those of the VPC API.
func codeOf(c *sts.Code) vpc.Code {
	return vpc.Code{Name: c.Name, Class: c.Class, Meaning: c.Meaning, Remedy: c.Remedy, Source: c.Source}
}

// cause writes what a code of a diagnosis means.
func (t *text) cause(cause *vpc.Cause) {
	t.say(t.bold(visible(cause.Code)) + t.dim("  why a tunnel is down"))
	t.line("", visible(cause.Meaning))
	t.line("remedy", visible(cause.Remedy))
}

// appendMembers makes a JSON object; what is empty is left out.
func appendMembers(members ...[2]string) []byte {
	dst := []byte("{")
	for _, m := range members {
		dst = jsontext.AppendMember(dst, m[0], m[1])
	}
	return append(dst, '}')
}

func (t *text) explanation(e *rules.Explanation) {
	if !e.Matched {
		t.line(t.dim("no match"), t.bold(visible(e.Rule))+"  "+visible(e.Path+": "+e.Reason))
		return
	}
	t.line(t.green("match"), t.bold(visible(e.Rule)))
	var given [][2]shown
	element := -1
	for _, g := range e.Given {
		if g.Element != element {
			element = g.Element
			given = append(given, [2]shown{t.dim(visible(fmt.Sprint("element ", element))), ""})
		}
		from := t.dim("constant")
		if g.From != "" {
			from = t.dim("from " + visible(g.From))
		}
		value := t.dim("nothing")
		if g.Found {
			value = visible(gjson.Get(g.Value, "@ugly").Raw)
		}
		if g.Word != "" {
			from = t.dim("for "+visible(gjson.Get(g.Word, "@ugly").Raw)) + "  " + from
		}
		given = append(given, [2]shown{visible(g.Parameter), value + "  " + from})
	}
	t.pairs(given)
}

// result writes the change document that is made of an event, secrets hidden, and what
// is wrong with it or with the event.
func (t *text) result(r *pipeline.Result) {
	if r.Change != nil {
		t.line(t.blue("change"), visible(string(r.Change.AppendJSON(nil, false))))
	}
	t.findings(r.Findings)
}
