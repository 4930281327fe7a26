package main

import (
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"vpnattach/functions/local/server"
	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/finding"
	"vpnattach/shared/outcome"
)

// outcomePrinter writes outcomes for people.
type outcomePrinter struct{ text }

// outcome writes one line, and a second with the remedy when something is wrong.
func (o *outcomePrinter) outcome(out *server.Outcome) {
	says := o.bold(visible(out.VpnConnectionID))
	switch {
	case out.Status == outcome.Ignored:
		says = "the event is not a change document, and no rule matches it"
	case out.VpnConnectionID == "":
		says = "no attachment"
	}
	says += o.dim("  event ") + visible(out.EventID)
	if c := out.Confirmed; c != nil {
		o.confirmed(says, c)
		return
	}
	if out.RequestID != "" {
		says += o.dim("  request ") + visible(out.RequestID)
	}
	if out.Error != nil {
		says += o.dim("  "+visible(out.Error.Code)+": ") + visible(out.Error.Message)
	}
	o.line(o.status(out.Status), says)
	if out.Error != nil && out.Error.Remedy != "" {
		o.line("", o.dim(visible(out.Error.Remedy)))
	}
	if out.Status == outcome.Ignored {
		o.line("", o.dim("RULES of serve names a rule file; vpnattach explain FILE --rules FILE says what matches, and why not"))
	}
}

func (o *outcomePrinter) confirmed(says shown, c *outcome.Outcome) {
	negotiation := []string{c.Negotiation}
	if len(c.Tunnels) > 0 {
		negotiation = nil
	}
	for _, t := range c.Tunnels {
		negotiation = append(negotiation, t.Negotiation)
	}
	says += o.dim("  now ") + visible(c.State) + "  " + o.dim(visible(strings.Join(negotiation, " ")))
	if c.Reason != nil {
		says += "  " + visible(c.Reason.Message)
	}
	label := o.green(visible(string(c.Status)))
	switch c.Status {
	case outcome.Drifted, outcome.Failed:
		label = o.red(visible(string(c.Status)))
	case outcome.Unverified, outcome.Superseded:
		label = o.yellow(visible(string(c.Status)))
	}
	o.line(label, says)
	for i := range c.Diagnoses {
		o.diagnosis(&c.Diagnoses[i])
	}
}

// diagnosis writes why a tunnel is down, and what to do about it.
func (o *outcomePrinter) diagnosis(d *outcome.Diagnosis) {
	says := o.dim("tunnel  ")
	if d.Tunnel > 0 {
		says = o.dim(visible("tunnel " + strconv.Itoa(d.Tunnel) + "  "))
	}
	says += visible(d.Code) + o.dim(": ") + visible(d.Cause)
	if d.Ours != "" || d.Theirs != "" {
		says += o.dim("  here ") + visible(d.Ours) + o.dim("  there ") + visible(d.Theirs)
	}
	o.line("", says)
	o.line("", o.dim(visible(d.Remedy)))
}

func (o *outcomePrinter) status(s outcome.Status) shown {
	switch s {
	case outcome.Applied, outcome.Unchanged, outcome.Planned:
		return o.green(visible(string(s)))
	case outcome.Deferred:
		return o.yellow(visible(string(s)))
	case outcome.Rejected:
		return o.red(visible(string(s)))
	}
	return o.dim(visible(string(s)))
}

// details writes what was sent or would be, and the findings.
func (o *outcomePrinter) details(out *server.Outcome) {
	var pairs [][2]shown
	gjson.ParseBytes(out.Parameters).ForEach(func(name, value gjson.Result) bool {
		pairs = append(pairs, [2]shown{visible(name.Str), visible(value.Str)})
		return true
	})
	o.pairs(pairs)
	pairs = nil
	for _, d := range gjson.ParseBytes(out.Differences).Array() {
		pairs = append(pairs, [2]shown{visible(attachment.Place(d.Get("path").Str, int(d.Get("tunnel").Int()))), visible(d.Get("from").Str) + o.dim(" becomes ") + visible(d.Get("to").Str)})
	}
	o.pairs(pairs)
	o.findings(findingsOf(out.Findings))
}

// findingsOf reads findings back from JSON.
func findingsOf(data []byte) finding.Findings {
	var all finding.Findings
	for _, f := range gjson.ParseBytes(data).Array() {
		severity := finding.Info
		for _, s := range []finding.Severity{finding.Error, finding.Warning} {
			if f.Get("severity").Str == s.String() {
				severity = s
			}
		}
		all = append(all, finding.Finding{
			Check: f.Get("rule").Str, Path: f.Get("path").Str, Severity: severity, Message: f.Get("message").Str,
			Hint: f.Get("hint").Str, APICode: f.Get("apiCode").Str, Ref: f.Get("ref").Str,
			Fix: finding.Fix{Value: f.Get("fix.value").Raw, Name: f.Get("fix.name").Str},
		})
	}
	return all
}
