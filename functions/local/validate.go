package main

import (
	"fmt"
	"slices"

	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/pipeline"
)

// validateCommand checks change documents or events.
type validateCommand struct {
	sources
	Format string `help:"Form of the findings: ${enum}. With github they are annotations of a workflow of GitHub Actions." enum:"text,json,github" default:"text"`
	JSON   bool   `name:"json" help:"As --format json."`
	Max    int    `help:"Print at most so many changes of each file; the verdict counts all. 0 prints all: the default, but for text, where it is 100." default:"-1" placeholder:"N"`
	Fix    bool   `help:"Write what findings say is to be written, where only one thing can be meant, into the file; to standard output for -."`
}

// Run prints the findings of every change.
func (c *validateCommand) Run(p *program) error {
	if c.JSON {
		c.Format = "json"
	}
	if c.Format == "json" {
		p.printJSON()
	}
	if c.Max < -1 {
		return usage("--max must be 0, which prints all, or more, not %d", c.Max)
	}
	if c.Max < 0 {
		c.Max = 0
		if c.Format == "text" {
			c.Max = 100
		}
	}
	o, err := p.options(&c.sources)
	if err != nil {
		return err
	}
	t := p.text()
	if c.Fix && slices.Contains(c.Files, "-") { // standard output is for the document
		t = text{w: p.err, colour: p.errColour}
	}
	var v tally
	p.each(c.Files, func(name string) error {
		if len(c.Files) > 1 && c.Format == "text" {
			t.say(t.bold(visible(name)))
		}
		err := c.file(p, name, o, &t, &v)
		if err != nil && c.Format == "github" {
			annotateProblem(p.out, name, err)
		}
		return err
	})
	if c.Format == "text" && (p.code == exitOK || v.changes > 0) {
		t.close(&v)
	}
	return nil
}

// file prints the findings of one file.
func (c *validateCommand) file(p *program, name string, o *pipeline.Options, t *text, v *tally) error {
	data, err := p.read(name)
	if err != nil {
		return err
	}
	if c.Fix {
		var fixed finding.Findings
		if data, fixed, err = p.fix(c, name, data, o); err != nil {
			return err
		}
		switch c.Format {
		case "json":
			p.list.add(append(fixed.AppendJSON([]byte(`{"fixed":`)), '}'))
		case "github":
			told := text{w: p.err, colour: p.errColour}
			told.fixed(name, fixed)
		default:
			t.fixed(name, fixed)
		}
	}
	printed, left := 0, 0
	err = new(pipeline.Pipeline).Run(data, o, func(r *pipeline.Result) {
		p.failed = p.failed || r.Findings.HasError()
		v.add(r)
		if printed++; c.Max > 0 && printed > c.Max {
			left++
			return
		}
		switch c.Format {
		case "json":
			p.list.add(r.AppendJSON(nil, false))
		case "github":
			annotate(p.out, name, data, r)
		default:
			t.recognised(r)
			t.findings(r.Findings)
			t.differences(r.Differences)
			fmt.Fprintln(t.w)
		}
	})
	if err != nil {
		return inFile(name, data, err)
	}
	if left > 0 {
		rest := text{w: p.err, colour: p.errColour}
		rest.line(rest.dim("left out"), visible(fmt.Sprintf("%d more of %s; --max 0 prints all", left, nameOf(name))))
	}
	return nil
}
