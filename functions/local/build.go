package main

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"vpnattach/shared/core/event"
	"vpnattach/shared/core/pipeline"
	"vpnattach/shared/core/request"
	"vpnattach/shared/core/snippet"
)

// buildCommand makes signed requests of a change document or an event.
type buildCommand struct {
	sources
	Format    string `help:"Form of the output: ${enum}." enum:"${formats}" default:"json"`
	Signature string `help:"Kind of signature: ${enum}." enum:"v3,v1" default:"v3"`
	Endpoint  string `help:"Host or URL of the service; by region when absent." placeholder:"HOST"`
	Redact    bool   `help:"Write *** in place of pre-shared keys, in json and http too; nothing is signed then, and no access key is needed." xor:"keys"`
	Secrets   bool   `xor:"keys" help:"Write pre-shared keys into commands and code, in place of variables, and sign what is signed."`
}

// Help says where keys are.
func (c *buildCommand) Help() string {
	return `json and http are the signed request itself, with the pre-shared keys in it. The other forms take them
from variables of the environment, VPN_PSK or VPN_PSK_TUNNEL_1 and VPN_PSK_TUNNEL_2, and the access
key from those of Alibaba Cloud's tools; with --secrets keys are written out, and curl is signed.
Forms that begin with peer- are the configuration of the other end, of all that --current has.`
}

// formats are the forms of the output: json, and every language of a snippet.
func formats() string {
	names := "json"
	for _, language := range snippet.Languages {
		names += "," + language.Name
	}
	return names
}

// Run prints the request of every change, and findings on standard error. An event is
// taken or refused as a whole, and each record of a batch by itself, as ingest does it:
// where a finding is an error, no request is made of the other changes either.
func (c *buildCommand) Run(p *program) error {
	o, err := p.options(&c.sources)
	if err != nil {
		return err
	}
	reveal := c.Secrets || !c.Redact && (c.Format == "json" || c.Format == "http")
	if o.Credentials = p.credentials(); reveal {
		if o.Credentials, err = p.signingKey(); err != nil {
			return err
		}
	}
	o.Redact = !reveal
	o.Endpoint, o.NewID = c.Endpoint, nonce
	if c.Signature == "v1" {
		o.Signature = request.V1
	}
	if c.Format == "json" {
		p.printJSON()
	}
	p.each(c.Files, func(name string) error { return c.file(p, name, o, reveal) })
	return nil
}

// file prints the requests of one file.
func (c *buildCommand) file(p *program, name string, o *pipeline.Options, reveal bool) error {
	data, err := p.read(name)
	if err != nil {
		return err
	}
	t := text{w: p.err, colour: p.errColour}
	named := len(c.Files) == 1
	var all built
	form := slices.IndexFunc(snippet.Languages, func(l snippet.Language) bool { return l.Name == c.Format }) // -1: json
	each := func(r *pipeline.Result) {
		in := snippet.Input{Change: cmp.Or(r.Send, r.Change), Asked: r.Change, Request: r.Request, Current: r.Current, Reveal: reveal}
		otherEnd := form >= 0 && snippet.Languages[form].End != "" && r.Change != nil
		if otherEnd {
			r.Findings = snippet.Languages[form].Judge(in, r.Findings)
		}
		if len(r.Findings) > 0 {
			if !named {
				t.say(t.bold(visible(name)))
				named = true
			}
			t.recognised(r)
			t.findings(r.Findings)
		}
		all.refused = all.refused || r.Findings.HasError()
		switch {
		case form < 0:
			all.refusals = append(all.refusals, r.AppendJSON(nil, false))
			if r.Request != nil {
				all.requests++
			}
			all.results = append(all.results, r.AppendJSON(nil, reveal && r.Request != nil))
		case otherEnd && !r.Findings.HasError(), !otherEnd && r.Request != nil:
			all.requests++
			all.results = append(all.results, snippet.Languages[form].Append(nil, in))
		}
	}
	end := func() {
		p.failed = p.failed || all.refused
		show := all.results
		if all.refused {
			if show = all.refusals; all.requests > 0 {
				t.line(t.dim("withheld"), visible(strconv.Itoa(all.requests)+" "+plural("request", all.requests)+" of the same event, which is taken or refused as a whole"))
			}
		}
		for _, text := range show {
			if c.Format == "json" {
				p.list.add(text)
			} else {
				fmt.Fprintf(p.out, "%s\n", text)
			}
		}
		all = built{}
	}
	pipe := new(pipeline.Pipeline)
	if units := event.ReadDelivery(data).Units; len(units) > 1 {
		for i := range units {
			if err := pipe.RunRecords(units[i].Records(), o, each); err != nil {
				return err
			}
			end()
		}
	} else {
		if err := pipe.Run(data, o, each); err != nil {
			return inFile(name, data, err)
		}
		end()
	}
	return nil
}

// built is what is made of an event, or of a record of a batch.
type built struct {
	refused  bool     // a finding is an error
	requests int      // in results
	results  [][]byte // to be printed
	refusals [][]byte // to be printed when it is refused
}
