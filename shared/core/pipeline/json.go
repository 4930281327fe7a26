package pipeline

import (
	"strconv"
	"time"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/jsontext"
	"vpnattach/shared/core/request"
	"vpnattach/shared/core/rules"
)

// AppendExplanations appends what [rules.Set.Explain] says, as a JSON array.
func AppendExplanations(dst []byte, all []rules.Explanation) []byte {
	return jsontext.AppendList(dst, all, func(dst []byte, e *rules.Explanation) []byte { return e.AppendJSON(dst) })
}

// AppendDifferences appends differences as a JSON array.
func AppendDifferences(dst []byte, all []attachment.Difference) []byte {
	return jsontext.AppendList(dst, all, func(dst []byte, d *attachment.Difference) []byte { return d.AppendJSON(dst) })
}

// AppendJSON appends the result as a JSON object: kind, via, eventId, time, source,
// rule, element, credentials, findings; change, differences and parameters when there is a
// change; and the request when it is for display, or when reveal is set. Unless
// reveal is set, secrets are "***".
func (r *Result) AppendJSON(dst []byte, reveal bool) []byte {
	dst = append(dst, '{')
	dst = jsontext.AppendMember(dst, "kind", r.Record.Kind.String())
	dst = jsontext.AppendMember(dst, "via", r.Record.Via.String())
	dst = jsontext.AppendMember(dst, "eventId", r.Record.ID)
	dst = jsontext.AppendMember(dst, "source", r.Record.Source)
	if !r.Time.IsZero() {
		dst = jsontext.AppendMember(dst, "time", r.Time.Format(time.RFC3339Nano))
	}
	dst = jsontext.AppendMember(dst, "rule", r.Rule)
	if r.Element >= 0 {
		dst = jsontext.AppendKey(dst, "element")
		dst = strconv.AppendInt(dst, int64(r.Element), 10)
	}
	if r.Credentials != "" {
		dst = jsontext.AppendMember(dst, "credentials", r.Credentials)
	}
	dst = jsontext.AppendKey(dst, "findings")
	dst = r.Findings.AppendJSON(dst)
	if r.Change == nil {
		return append(dst, '}')
	}
	dst = jsontext.AppendKey(dst, "change")
	dst = r.Change.AppendJSON(dst, reveal)
	if r.Differences != nil {
		dst = AppendDifferences(jsontext.AppendKey(dst, "differences"), r.Differences)
	}
	if r.Send != nil && !r.Findings.HasError() {
		token := ""
		if r.Request != nil {
			token = r.Request.ClientToken
		}
		dst = jsontext.AppendKey(dst, "parameters")
		dst = request.AppendParameters(dst, r.Send, token, reveal)
	}
	if r.Request != nil && (reveal || r.Redacted) {
		dst = jsontext.AppendKey(dst, "request")
		dst = r.Request.AppendJSON(dst)
	}
	return append(dst, '}')
}
