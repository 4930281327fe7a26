package main

import (
	"fmt"
	"strings"
	"time"

	"vpnattach/functions/local/probe"
	"vpnattach/shared/core/request"
)

// probePrinter writes a report for people.
type probePrinter struct{ text }

func (o *probePrinter) report(r *probe.Report) {
	id := ""
	if r.VpnConnectionID != "" {
		id = r.VpnConnectionID + "  "
	}
	if a := r.Answer; a != nil {
		o.answer(id, a)
	} else {
		o.line(o.blue("service"), visible(id)+"DescribeVpnConnection was not answered")
	}
	if r.Clock != nil {
		o.line(o.blue("clock"), visible(r.Clock.String()))
	} else {
		o.line(o.blue("clock"), "unknown: no answer had a date")
	}
	for _, h := range r.Limits {
		o.line(o.blue("limit"), visible(h.Name+": "+h.Value))
	}
	if len(r.Limits) == 0 {
		o.line(o.blue("limit"), "no answer had an x-ratelimit header")
	}
	o.calls(r.Calls)
	if r.Write != nil {
		o.write(r.Write)
	}
	if e := r.Error; e != nil {
		says := visible(e.Message)
		if e.Code != "" {
			says = o.dim(visible(e.Code)+": ") + says
		}
		o.line(o.red("error"), says)
		if e.Remedy != "" {
			o.line("", o.dim(visible(e.Remedy)))
		}
	}
	for _, s := range r.Settings {
		says := o.bold(visible(s.Name + "=" + s.Value))
		if s.Value == "" {
			says = o.bold(visible(s.Name)) + " as it is by default"
		}
		if s.Of != "" {
			says += o.dim(visible("  (" + s.Of + ")"))
		}
		o.line(o.green("setting"), says)
		o.line("", visible(s.Why))
	}
	if len(r.Settings) == 0 {
		o.line(o.green("setting"), "nothing to recommend")
	}
}

// calls writes those that change something or have failed, and the number of the others.
func (o *probePrinter) calls(all []probe.Call) {
	number, slowest := 0, int64(0)
	for _, call := range all {
		if call.Action == request.DescribeAction && call.Code == "" && call.RequestID == "" {
			number, slowest = number+1, max(slowest, call.Millis)
			continue
		}
		says := fmt.Sprintf("%s  %d ms", call.Action, call.Millis)
		if call.Code != "" {
			says += "  " + call.Code
		}
		if call.RetryAfter > 0 {
			says += fmt.Sprintf(", to be sent again after %d ms", call.RetryAfter)
		}
		if call.RequestID != "" {
			says += "  request " + call.RequestID
		}
		o.line(o.blue("call"), visible(says))
	}
	if number > 0 {
		o.line(o.blue("call"), visible(fmt.Sprintf("%s  %d ms at most, in %d", request.DescribeAction, slowest, number)))
	}
}

func (o *probePrinter) answer(id string, a *probe.Reading) {
	mode := "single-tunnel"
	if a.Dual {
		mode = "dual-tunnel"
	}
	o.line(o.blue("service"), visible(id+mode+", "+a.AttachType+", "+a.State+", "+a.Status))
	for _, t := range a.Tunnels {
		o.line("", visible(fmt.Sprintf("Tunnel %d  ", t.Index)+strings.Join(strings.Fields(fmt.Sprint(t.ID, " ", t.State, " ", t.Status)), "  ")))
	}
	for _, k := range a.Keys {
		path := k.Path
		if k.Tunnel > 0 {
			path = fmt.Sprintf("Tunnel %d %s", k.Tunnel, path)
		}
		o.line(o.blue("key"), visible(path+" is "+map[string]string{"clear": "shown whole", "masked": "masked", "absent": "not shown"}[k.Shown]))
	}
	if a.TunnelList != "none" {
		o.line(o.blue("tunnels"), map[string]shown{"wrapped": "a list within TunnelOptions", "array": "a plain list"}[a.TunnelList])
	}
	for _, list := range []struct {
		label, says shown
		names       []string
	}{
		{"typed", "numbers and booleans: ", a.Typed},
		{"text", "written as text: ", a.Text},
		{"unknown", "not in the official SDK: ", a.Unknown},
		{"missing", "not shown: ", a.Absent},
	} {
		if len(list.names) > 0 {
			o.line(o.blue(list.label), list.says+visible(strings.Join(list.names, ", ")))
		}
	}
	if len(a.Unknown) == 0 {
		o.line(o.blue("unknown"), "no member that the official SDK does not have")
	}
}

func (o *probePrinter) write(w *probe.Write) {
	if w.Refused != "" {
		o.line(o.yellow("write"), "the new name was refused: "+visible(w.Refused))
		return
	}
	for _, s := range w.Seen {
		says := fmt.Sprintf("after %s  %s, %s", duration(s.AfterMillis), s.State, s.Status)
		for i, state := range s.Tunnels {
			says += fmt.Sprintf(", tunnel %d %s", i+1, state)
		}
		o.line(o.blue("seen"), visible(says+map[string]string{"before": ", old name", "changed": ", new name", "other": ", a name of somebody else"}[s.Name]))
	}
	switch w.Repeated {
	case probe.RepeatedSame:
		o.line(o.blue("token"), "the repeated request was answered with the first one's request id: one change")
	case probe.RepeatedAnother:
		o.line(o.blue("token"), "the repeated request was accepted with a request id of its own")
	case probe.RepeatedLost:
		o.line(o.blue("token"), "the first answer was lost, and the repeated request was accepted")
	default:
		o.line(o.yellow("token"), "the repeated request was refused: "+visible(w.Repeated))
	}
	if w.SettledMillis > 0 {
		o.line(o.blue("settled"), visible("after "+duration(w.SettledMillis)+", the first sign of the change after "+duration(w.VisibleMillis)))
	}
	if len(w.ChangedBesides) > 0 {
		o.line(o.red("changed"), "besides the name: "+visible(tunnelWords.Replace(strings.Join(w.ChangedBesides, ", "))))
	} else if w.SettledMillis > 0 {
		o.line(o.blue("changed"), "nothing but the name")
	}
	if w.Restored {
		o.line(o.green("restored"), visible("the name, after "+duration(w.RestoreMillis)))
	} else {
		o.line(o.red("restored"), "not known: see the command")
	}
}

// tunnelWords writes the names of fields as people say them.
var tunnelWords = strings.NewReplacer("Tunnel.1.", "Tunnel 1 ", "Tunnel.2.", "Tunnel 2 ")

func duration(millis int64) string {
	return (time.Duration(millis) * time.Millisecond).String()
}
