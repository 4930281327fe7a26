package main

import (
	"fmt"

	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/pipeline"
)

// validateCommand checks a change document or an event.
type validateCommand struct {
	sources
	JSON bool `name:"json" help:"Print JSON instead of text."`
	Fix  bool `help:"Write what findings say is to be written, where only one thing can be meant, into the file; to standard output for -."`
}

// Run prints the findings of every change.
func (c *validateCommand) Run(p *program) error {
	data, err := p.read(c.File)
	if err != nil {
		return err
	}
	o, err := p.options(&c.sources)
	if err != nil {
		return err
	}
	t := text{w: p.out, colour: p.colour}
	list := jsonList{w: p.out}
	if c.Fix {
		if c.File == "-" { // standard output is for the document
			t = text{w: p.err, colour: p.errColour}
		}
		var fixed finding.Findings
		if data, fixed, err = p.fix(c, data, o); err != nil {
			return err
		}
		if c.JSON {
			list.add(append(fixed.AppendJSON([]byte(`{"fixed":`)), '}'))
		} else {
			t.fixed(c.File, fixed)
		}
	}
	var v tally
	err = new(pipeline.Pipeline).Run(data, o, func(r *pipeline.Result) {
		p.failed = p.failed || r.Findings.HasError()
		if c.JSON {
			list.add(r.AppendJSON(nil, false))
			return
		}
		t.recognised(r)
		t.findings(r.Findings)
		t.differences(r.Differences)
		fmt.Fprintln(t.w)
		v.add(r)
	})
	if err != nil {
		return inFile(c.File, data, err)
	}
	if c.JSON {
		list.close()
		return nil
	}
	t.close(&v)
	return nil
}
