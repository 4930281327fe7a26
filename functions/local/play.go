package main

import (
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"vpnattach/events"
	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/pipeline"
	"vpnattach/shared/core/request"
	"vpnattach/shared/core/rules"
	"vpnattach/shared/core/secret"
)

// playCommand takes the sample events, or files, through the whole core.
type playCommand struct {
	Files []string `arg:"" optional:"" name:"file" help:"Events to take in place of the samples; - is standard input."`
	Rules string   `help:"Rule file for these events, in place of the samples' rules." placeholder:"FILE"`
}

// Run prints, for each event, what was recognised, the findings and the request.
func (c *playCommand) Run(p *program) error {
	set, err := sampleRules()
	if c.Rules != "" {
		set, err = p.loadRules(c.Rules)
	}
	if err != nil {
		return err
	}
	names, read, under := c.Files, p.read, ""
	if len(names) == 0 {
		under = "events/"
		read = func(name string) ([]byte, error) { return fs.ReadFile(events.Files, name) }
		if names, err = fs.Glob(events.Files, "*.json"); err != nil {
			return err
		}
	}
	o := &pipeline.Options{
		Rules: set, Time: time.Now().UTC(), Nonce: nonce,
		Credentials: request.Credentials{AccessKeyID: "local", AccessKeySecret: secret.New("local-secret")},
	}
	t := p.text()
	var total [finding.Info + 1]int
	requests := 0
	p.each(names, func(name string) error {
		data, err := read(name)
		if err != nil {
			return err
		}
		t.say(t.bold(visible(under + name)))
		err = new(pipeline.Pipeline).Run(data, o, func(r *pipeline.Result) {
			p.failed = p.failed || len(c.Files) > 0 && r.Findings.HasError()
			t.recognised(r)
			t.findings(r.Findings)
			t.request(r)
			fmt.Fprintln(p.out)
			for _, f := range r.Findings {
				total[f.Severity]++
			}
			if r.Request != nil {
				requests++
			}
		})
		if err != nil {
			return inFile(name, data, err)
		}
		return nil
	})
	if p.code != exitOK && len(names) == 1 {
		return nil
	}
	fmt.Fprintf(p.out, "%d %s, %d %s; nothing has been sent.\n", len(names), plural("event", len(names)), requests, plural("request", requests))
	t.total(total)
	return nil
}

// sampleRules joins the sample rule files into one set.
func sampleRules() (*rules.Set, error) {
	names, err := fs.Glob(events.Files, "rules/*.json")
	if err != nil {
		return nil, err
	}
	var all []string
	for _, name := range names {
		data, err := fs.ReadFile(events.Files, name)
		if err != nil {
			return nil, err
		}
		for _, rule := range gjson.GetBytes(data, "rules").Array() {
			all = append(all, rule.Raw)
		}
	}
	set, findings := rules.Load([]byte(`{"rules":[` + strings.Join(all, ",") + `]}`))
	if set == nil {
		return nil, fmt.Errorf("the sample rules have errors: %s", findings.AppendJSON(nil))
	}
	return set, nil
}
