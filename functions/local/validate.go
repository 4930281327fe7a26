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
	list := jsonList{w: p.out}
	var v tally
	err = p.each(c.Files, func(name string) error {
		if len(c.Files) > 1 {
			if list.file = name; c.Format == "text" {
				t.say(t.bold(visible(name)))
			}
		}
		return c.file(p, name, o, &t, &list, &v)
	})
	if err != nil {
		return err
	}
	switch c.Format {
	case "json":
		list.close()
	case "text":
		if p.code == exitOK || v.changes > 0 {
			t.close(&v)
		}
	}
	return nil
}

// file prints the findings of one file.
func (c *validateCommand) file(p *program, name string, o *pipeline.Options, t *text, list *jsonList, v *tally) error {
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
			list.add(append(fixed.AppendJSON([]byte(`{"fixed":`)), '}'))
		case "text":
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
			list.add(r.AppendJSON(nil, false))
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
		err = inFile(name, data, err)
		if c.Format == "github" {
			annotateFault(p.out, err)
		}
		return err
	}
	if left > 0 {
		rest := text{w: p.err, colour: p.errColour}
		rest.line(rest.dim("left out"), visible(fmt.Sprintf("%d more of %s; --max 0 prints all", left, nameOf(name))))
	}
	return nil
}
