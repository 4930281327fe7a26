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

// playCommand takes the sample events through the whole core.
type playCommand struct{}

// Run prints, for each sample, what was recognised, the findings and the request.
func (c *playCommand) Run(p *program) error {
	set, err := sampleRules()
	if err != nil {
		return err
	}
	names, err := fs.Glob(events.Files, "*.json")
	if err != nil {
		return err
	}
	o := &pipeline.Options{
		Rules: set, Time: time.Now().UTC(), Nonce: nonce,
		Credentials: request.Credentials{AccessKeyID: "local", AccessKeySecret: secret.New("local-secret")},
	}
	t := text{w: p.out, colour: p.colour}
	var total [finding.Info + 1]int
	requests := 0
	for _, name := range names {
		data, err := fs.ReadFile(events.Files, name)
		if err != nil {
			return err
		}
		fmt.Fprintf(p.out, "%s\n", t.bold(visible("events/"+name)))
		err = new(pipeline.Pipeline).Run(data, o, func(r *pipeline.Result) {
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
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	fmt.Fprintf(p.out, "%d events, %d requests; nothing has been sent.\n", len(names), requests)
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
