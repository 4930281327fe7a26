package pipeline

import (
	"strconv"
	"time"

	"github.com/tidwall/gjson"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/request"
	"vpnattach/shared/core/rules"
)

// RunJSON is [Pipeline.Run] with JSON on both sides. The input is an object:
//
//	event        any JSON, or a string that holds the event's text; required
//	rules        a rule file
//	current      what DescribeVpnConnection returned
//	peer         a peer profile, "aws"
//	credentials  {"accessKeyId", "accessKeySecret", "securityToken"}; without them nothing is signed
//	signature    "v3" (default) or "v1"
//	endpoint     host or URL of the service; by region when absent
//	time         now, in RFC 3339
//	nonce        of the first signature; those that follow add -2, -3, ...
//	explain      true: say of every rule why it matched or not
//	reveal       true: secrets and signed requests are shown; else secrets are "***"
//	redact       true: requests are made for display, see [Options]
//
// Like the event, rules and current are JSON or a string that holds its text.
//
// The output is {"results": [...]}, one for each change or for a record that asks
// for none, as [Result.AppendJSON] writes them, with "rules" (findings of the rule
// file) and "explanations" (one list for each record) when there are any; or
// {"error": {"code", "path", "message", "hint", "findings"}}.
func RunJSON(data []byte) []byte {
	in, err := parseInput(data, "event", "rules", "current", "peer", "credentials", "signature", "endpoint",
		"time", "nonce", "explain", "reveal", "redact")
	if err != nil {
		return appendError(nil, err)
	}
	var p Pipeline
	out := append([]byte(nil), `{"results":[`...)
	err = p.Run([]byte(in.document), &in.options, func(r *Result) {
		if out[len(out)-1] != '[' {
			out = append(out, ',')
		}
		out = r.AppendJSON(out, in.reveal)
	})
	if err != nil {
		return appendError(nil, err)
	}
	out = append(out, ']')
	if len(in.ruleFindings) > 0 {
		out = append(out, `,"rules":`...)
		out = in.ruleFindings.AppendJSON(out)
	}
	if in.explain && in.options.Rules != nil {
		out = append(out, `,"explanations":[`...)
		for i := range p.records {
			if i > 0 {
				out = append(out, ',')
			}
			out = AppendExplanations(out, in.options.Rules.Explain(p.records[i].Event))
		}
		out = append(out, ']')
	}
	return append(out, '}')
}

// AppendExplanations appends what [rules.Set.Explain] says, as a JSON array.
func AppendExplanations(dst []byte, all []rules.Explanation) []byte {
	dst = append(dst, '[')
	for i := range all {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = all[i].AppendJSON(dst)
	}
	return append(dst, ']')
}

// AppendJSON appends the result as a JSON object: kind, via, eventId, time, source,
// rule, element, credentials, findings; change, differences and parameters when there is a
// change; and the request when it is for display, or when reveal is set. Unless
// reveal is set, secrets are "***".
func (r *Result) AppendJSON(dst []byte, reveal bool) []byte {
	dst = append(dst, '{')
	dst = appendMember(dst, "kind", r.Record.Kind.String())
	dst = appendMember(dst, "via", r.Record.Via.String())
	dst = appendMember(dst, "eventId", r.Record.ID)
	dst = appendMember(dst, "source", r.Record.Source)
	if !r.Time.IsZero() {
		dst = appendMember(dst, "time", r.Time.Format(time.RFC3339Nano))
	}
	dst = appendMember(dst, "rule", r.Rule)
	if r.Element >= 0 {
		dst = appendKey(dst, "element")
		dst = strconv.AppendInt(dst, int64(r.Element), 10)
	}
	if r.Credentials != "" {
		dst = appendMember(dst, "credentials", r.Credentials)
	}
	dst = appendKey(dst, "findings")
	dst = r.Findings.AppendJSON(dst)
	if r.Change == nil {
		return append(dst, '}')
	}
	dst = appendKey(dst, "change")
	dst = r.Change.AppendJSON(dst, reveal)
	if r.Differences != nil {
		dst = appendDifferences(appendKey(dst, "differences"), r.Differences)
	}
	if r.Send != nil && !r.Findings.HasError() {
		token := ""
		if r.Request != nil {
			token = r.Request.ClientToken
		}
		dst = appendKey(dst, "parameters")
		dst = request.AppendParameters(dst, r.Send, token, reveal)
	}
	if r.Request != nil && (reveal || r.Redacted) {
		dst = appendKey(dst, "request")
		dst = r.Request.AppendJSON(dst)
	}
	return append(dst, '}')
}

func appendDifferences(dst []byte, all []attachment.Difference) []byte {
	dst = append(dst, '[')
	for i := range all {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = all[i].AppendJSON(dst)
	}
	return append(dst, ']')
}

func appendKey(dst []byte, key string) []byte {
	if dst[len(dst)-1] != '{' {
		dst = append(dst, ',')
	}
	dst = append(dst, '"')
	dst = append(dst, key...)
	return append(dst, '"', ':')
}

// appendMember appends a text member, or nothing when the text is empty.
func appendMember(dst []byte, key, text string) []byte {
	if text == "" {
		return dst
	}
	return gjson.AppendJSONString(appendKey(dst, key), text)
}
