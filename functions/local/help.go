package main

import (
	"vpnattach/shared/core/finding"
	"vpnattach/shared/credentials/sts"
	"vpnattach/shared/vpc"
)

// helpCommand tells how a command is used, or lists what the tables hold.
type helpCommand struct {
	What string `arg:"" optional:"" help:"A command; findings, for all that validation and the like may say; or codes, for the errors of the services."`
}

// Run prints it.
func (c *helpCommand) Run(p *program) error {
	t := p.text()
	switch c.What {
	case "":
		p.code = p.command([]string{"--help"})
	case "findings":
		all := finding.All()
		for i, check := range all {
			if i == 0 || all[i-1].Part != check.Part {
				t.say(t.bold(visible(check.Part.String())))
			}
			t.line(t.severity(check.Severity), t.bold(visible(check.ID)))
			t.line("", visible(check.Title))
		}
		t.say("\n  vpnattach explain NAME gives the reason and the remedy of one.")
	case "codes":
		for _, code := range vpc.Codes() {
			t.code(&code)
		}
		t.say("\n" + t.bold("Of STS, where a role is taken"))
		for _, code := range sts.Codes() {
			known := codeOf(&code)
			t.code(&known)
		}
		t.say("\n" + t.bold("In diagnoses of tunnels"))
		for _, cause := range vpc.Causes() {
			t.cause(&cause)
		}
	default:
		p.code = p.command([]string{c.What, "--help"})
	}
	return nil
}
