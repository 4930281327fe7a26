package main

import (
	"cmp"
	"fmt"
	"time"

	"github.com/tidwall/gjson"

	"vpnattach/shared/core/event"
	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/pipeline"
	"vpnattach/shared/core/rules"
)

// explainCommand tells what the rules make of an event, or what a finding means.
type explainCommand struct {
	What  string `arg:"" help:"An event, with --rules (- is standard input); the name of a finding, such as psk-short; or events, for every form of event that is taken, and that is refused."`
	Rules string `help:"Rule file." placeholder:"FILE"`
	Via   string `help:"The way by which the event has come: an ARN, bus, webhook, webhook:NAME, invoke or local; by the event itself when absent." placeholder:"WAY"`
	JSON  bool   `name:"json" help:"Print JSON instead of text."`
}

// Run prints, for every record of the event and every rule, whether the rule
// matched and why not, and what its paths gave; then the changes, what validation finds in
// them, and its verdict. Without rules it prints what a finding means, why it is one, and
// what to do.
func (c *explainCommand) Run(p *program) error {
	if c.Rules == "" {
		return c.check(p)
	}
	data, err := p.read(c.What)
	if err != nil {
		return err
	}
	set, err := p.loadRules(c.Rules)
	if err != nil {
		return err
	}
	records, err := event.OpenEach(data, nil)
	if err != nil {
		return inFile(c.What, data, err)
	}
	o := &pipeline.Options{Rules: set, Via: c.Via, Time: time.Now().UTC()}
	if c.JSON {
		list := jsonList{w: p.out}
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
			list.add(append(out, ']', '}'))
		}
		list.close()
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

func (c *explainCommand) check(p *program) error {
	if c.What == "events" {
		t := p.text()
		for _, f := range event.Forms() {
			t.line(t.bold(visible(f.Name)), "")
			t.line("known by", visible(f.Shape))
			if f.Taken != "" {
				t.line(t.green("taken"), visible(f.Taken))
			} else {
				t.line(t.red("refused"), visible(f.Hint))
			}
		}
		return nil
	}
	check := finding.Find(c.What)
	if check == nil {
		return usage("no finding has the name %q; to explain an event, give --rules", c.What)
	}
	if c.JSON {
		fmt.Fprintf(p.out, "%s\n", check.AppendJSON(nil))
		return nil
	}
	t := p.text()
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
	return nil
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
