package main

import (
	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/jsontext"
	"vpnattach/shared/core/pipeline"
)

// diffCommand compares an attachment with what changes ask.
type diffCommand struct {
	sources
	JSON bool `name:"json" help:"Print JSON instead of text."`
}

// Help says what the exit code means.
func (c *diffCommand) Help() string {
	return `The exit code is 0 when the attachment is as the change asks, 3 when it differs, 1 when the change
has an error, and 2 when the command line or a file is not as it should be.`
}

// Run prints the differences of every change.
func (c *diffCommand) Run(p *program) error {
	if c.JSON {
		p.printJSON()
	}
	if c.Current == "" {
		return usage("diff compares with the current configuration: give --current, the answer of DescribeVpnConnection")
	}
	o, err := p.options(&c.sources)
	if err != nil {
		return err
	}
	t := p.text()
	p.each(c.Files, func(name string) error {
		data, err := p.read(name)
		if err != nil {
			return err
		}
		if len(c.Files) > 1 && !c.JSON {
			t.say(t.bold(visible(name)))
		}
		err = new(pipeline.Pipeline).Run(data, o, func(r *pipeline.Result) {
			p.failed = p.failed || r.Findings.HasError()
			p.differs = p.differs || len(r.Differences) > 0
			if c.JSON {
				p.list.add(appendComparison(nil, r))
				return
			}
			t.recognised(r)
			t.findings(r.Findings)
			t.differences(r.Differences)
			switch {
			case r.Findings.HasError() || len(r.Differences) > 0:
			case r.Change == nil:
				t.line(t.dim("nothing"), "the event asks for no change")
			default:
				t.line(t.green("same"), "the attachment is as the change asks")
			}
		})
		if err != nil {
			return inFile(name, data, err)
		}
		return nil
	})
	return nil
}

// appendComparison appends of which attachment it is, unless the event asks for no change,
// the findings and the differences.
func appendComparison(dst []byte, r *pipeline.Result) []byte {
	dst = append(dst, '{')
	if r.Change != nil {
		dst = jsontext.AppendMember(dst, "regionId", r.Change.Text(attachment.RegionID))
		dst = jsontext.AppendMember(dst, "vpnConnectionId", r.Change.Text(attachment.VpnConnectionID))
	}
	dst = r.Findings.AppendJSON(jsontext.AppendKey(dst, "findings"))
	return append(pipeline.AppendDifferences(jsontext.AppendKey(dst, "differences"), r.Differences), '}')
}
