package main

import (
	"fmt"

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
	Secrets   bool   `help:"Write pre-shared keys into commands and code, in place of variables, and sign what is signed."`
}

// Help says where keys are.
func (c *buildCommand) Help() string {
	return `json and http are the signed request itself, with the pre-shared keys in it. The other forms take them
from variables of the environment, VPN_PSK or VPN_PSK_TUNNEL_1 and VPN_PSK_TUNNEL_2, and the access
key from those of Alibaba Cloud's tools; with --secrets keys are written out, and curl is signed.`
}

// formats are the forms of the output: json, and every language of a snippet.
func formats() string {
	names := "json"
	for _, language := range snippet.Languages {
		names += "," + language.Name
	}
	return names
}

// Run prints the request of every change, and findings on standard error. When a
// finding is an error nothing is printed on standard output for that change.
func (c *buildCommand) Run(p *program) error {
	data, err := p.read(c.File)
	if err != nil {
		return err
	}
	o, err := p.options(&c.sources)
	if err != nil {
		return err
	}
	reveal := c.Secrets || c.Format == "json" || c.Format == "http"
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
	t := text{w: p.err, colour: p.errColour}
	list := jsonList{w: p.out}
	err = new(pipeline.Pipeline).Run(data, o, func(r *pipeline.Result) {
		p.failed = p.failed || r.Findings.HasError()
		if len(r.Findings) > 0 {
			t.recognised(r)
			t.findings(r.Findings)
		}
		if c.Format == "json" {
			list.add(r.AppendJSON(nil, r.Request != nil))
			return
		}
		for _, language := range snippet.Languages {
			if r.Request != nil && language.Name == c.Format {
				fmt.Fprintf(p.out, "%s\n", language.Append(nil, snippet.Input{Change: r.Send, Asked: r.Change, Request: r.Request, Current: r.Current, Reveal: reveal}))
			}
		}
	})
	if err != nil {
		return inFile(c.File, data, err)
	}
	if c.Format == "json" {
		list.close()
	}
	return nil
}
