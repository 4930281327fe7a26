package api

import (
	"cmp"
	"strconv"

	"vpnattach/shared/core/event"
	"vpnattach/shared/core/jsontext"
	"vpnattach/shared/core/pipeline"
	"vpnattach/shared/core/rules"
)

// Transform is [pipeline.Pipeline.Run] with JSON on both sides. The input is an object:
//
//	event        any JSON, or a string that holds the event's text; required
//	rules        a rule file
//	via          the way by which the event has come, see [rules.Event]; by the event itself when absent
//	current      what DescribeVpnConnection or DescribeVpnConnections returned, in any form
//	             that [attachment.ParseDescribed] reads
//	masked       "refuse" (default) or "omit": what to do about a phase 1 whose current key
//	             is masked, see [attachment.Current]
//	peer         a peer profile, "aws"
//	credentials  {"accessKeyId", "accessKeySecret", "securityToken"}; without them nothing is signed
//	signature    "v3" (default) or "v1"
//	endpoint     host or URL of the service; by region when absent
//	time         now, in RFC 3339
//	nonce        of the first signature; those that follow add -2, -3, ...
//	explain      true: say of every rule why it matched or not
//	reveal       true: secrets and signed requests are shown; else secrets are "***"
//	redact       true: requests are made for display, see [pipeline.Options]
//	opened       true: return the events as rules see them, with their secrets
//	limit        how many results are returned at most; as many as [maxResults] holds when absent
//
// Like the event, rules and current are JSON or a string that holds its text.
//
// The output is {"results": [...]}, one for each change or for a record that asks
// for none, as [pipeline.Result.AppendJSON] writes them, with "leftOut" (how many more there
// are, for which the output has no room), "rules" (findings of the rule
// file) and "explanations" (one list for each record) when there are any, and with opened
// "opened", {"event", "way"} for each record, as [event.Record] has them; or
// {"error": {"code", "path", "message", "hint", "findings"}}.
func Transform(data []byte) []byte { return transform(data, maxResults) }

// maxResults is how many bytes of results an output holds: fewer than would end a page.
const maxResults = 128 << 20

func transform(data []byte, most int) []byte {
	in, err := parseInput(data, "event", "rules", "via", "current", "masked", "peer", "credentials", "signature", "endpoint",
		"time", "nonce", "explain", "reveal", "redact", "opened", "limit")
	if err != nil {
		return appendError(nil, err)
	}
	records, err := event.OpenEach([]byte(textOf(in.document)), nil)
	if err != nil {
		return appendError(nil, err)
	}
	out, n, leftOut := []byte(`{"results":[`), 0, 0
	_ = new(pipeline.Pipeline).RunRecords(records, &in.options, func(r *pipeline.Result) {
		if leftOut > 0 || n == in.limit || len(out) > most {
			leftOut++
			return
		}
		if n++; n > 1 {
			out = append(out, ',')
		}
		out = r.AppendJSON(out, in.reveal)
	})
	out = append(out, ']')
	if leftOut > 0 {
		out = strconv.AppendInt(jsontext.AppendKey(out, "leftOut"), int64(leftOut), 10)
	}
	if len(in.ruleFindings) > 0 {
		out = in.ruleFindings.AppendJSON(jsontext.AppendKey(out, "rules"))
	}
	if in.explain && in.options.Rules != nil {
		out = jsontext.AppendList(jsontext.AppendKey(out, "explanations"), records, func(dst []byte, r *event.Record) []byte {
			if len(dst) > 2*most {
				return append(dst, "[]"...)
			}
			return pipeline.AppendExplanations(dst, in.options.Rules.Explain(rules.Event{Text: r.Event, Via: cmp.Or(in.options.Via, r.Way)}))
		})
	}
	if in.opened {
		out = jsontext.AppendList(jsontext.AppendKey(out, "opened"), records, func(dst []byte, r *event.Record) []byte {
			dst = jsontext.AppendText(append(dst, '{'), "event", r.Event)
			return append(jsontext.AppendMember(dst, "way", r.Way), '}')
		})
	}
	return append(out, '}')
}
