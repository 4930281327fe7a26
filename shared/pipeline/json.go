package pipeline

import (
	"errors"
	"strconv"
	"time"

	"github.com/tidwall/gjson"

	"vpnattach/shared/attachment"
	"vpnattach/shared/event"
	"vpnattach/shared/request"
	"vpnattach/shared/rules"
	"vpnattach/shared/secret"
)

// RunJSON is [Pipeline.Run] with JSON on both sides. The input is an object:
//
//	event        any JSON, or a string that holds the event's text; required
//	rules        a rule file, as an object
//	current      what DescribeVpnConnection returned
//	peer         a peer profile, "aws"
//	credentials  {"accessKeyId", "accessKeySecret", "securityToken"}; without them nothing is signed
//	signature    "v3" (default) or "v1"
//	endpoint     host or URL of the service; by region when absent
//	time         now, in RFC 3339
//	nonce        of the first signature; those that follow add -2, -3, ...
//	explain      true: say of every rule why it matched or not
//	reveal       true: secrets and signed requests are shown; else secrets are "***"
//
// The output is {"results": [...]}, one for each change or for a record that asks
// for none, as [Result.AppendJSON] writes them, with "rules" (findings of the rule
// file) and "explanations" (one list for each record) when there are any; or
// {"error": {"code", "path", "message", "hint", "findings"}}.
func RunJSON(input []byte) []byte {
	in, err := parseInput(input)
	if err != nil {
		return appendError(nil, err)
	}
	var p Pipeline
	out := append([]byte(nil), `{"results":[`...)
	err = p.Run(in.event, &in.options, func(r *Result) {
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
// rule, element, findings; change, send and differences and parameters when there
// is a change; and, when revealed, the signed request. Unless reveal is set,
// secrets are "***".
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
	dst = appendKey(dst, "findings")
	dst = r.Findings.AppendJSON(dst)
	if r.Change == nil {
		return append(dst, '}')
	}
	dst = appendKey(dst, "change")
	dst = r.Change.AppendJSON(dst, reveal)
	if r.Differences != nil {
		dst = appendKey(dst, "differences")
		dst = append(dst, '[')
		for i := range r.Differences {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = r.Differences[i].AppendJSON(dst)
		}
		dst = append(dst, ']')
	}
	if r.Send != nil && !r.Findings.HasError() {
		token := ""
		if r.Request != nil {
			token = r.Request.ClientToken
		}
		dst = appendKey(dst, "parameters")
		dst = request.AppendParameters(dst, r.Send, token, reveal)
	}
	if reveal && r.Request != nil {
		dst = appendKey(dst, "request")
		dst = r.Request.AppendJSON(dst)
	}
	return append(dst, '}')
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

// inputError is an error of the input of RunJSON.
type inputError struct {
	code, path, message, hint string
	findings                  attachment.Findings
}

func (e *inputError) Error() string { return e.path + ": " + e.message }

func appendError(dst []byte, err error) []byte {
	in := &inputError{code: "internal", message: err.Error()}
	var opening *event.Error
	switch {
	case errors.As(err, &opening):
		in = &inputError{code: string(opening.Code), path: opening.Path, message: opening.Message, hint: opening.Hint}
	default:
		errors.As(err, &in)
	}
	dst = append(dst, `{"error":{`...)
	dst = appendMember(dst, "code", in.code)
	dst = appendMember(dst, "path", in.path)
	dst = appendMember(dst, "message", in.message)
	dst = appendMember(dst, "hint", in.hint)
	if in.findings != nil {
		dst = appendKey(dst, "findings")
		dst = in.findings.AppendJSON(dst)
	}
	return append(dst, '}', '}')
}

type input struct {
	event           []byte
	options         Options
	ruleFindings    attachment.Findings
	explain, reveal bool
}

func parseInput(data []byte) (*input, error) {
	if !gjson.ValidBytes(data) {
		return nil, &inputError{code: "input-invalid", message: "the input is not valid JSON"}
	}
	doc := gjson.ParseBytes(data)
	if !doc.IsObject() {
		return nil, &inputError{code: "input-invalid", message: "the input is not a JSON object"}
	}
	in := &input{}
	var err error
	doc.ForEach(func(key, value gjson.Result) bool {
		err = in.set(key.Str, value)
		return err == nil
	})
	if err == nil && in.event == nil {
		err = &inputError{code: "input-invalid", path: "event", message: "there is no event"}
	}
	return in, err
}

// nonces returns first, and then first with a number.
func nonces(first string) func() string {
	n := 0
	return func() string {
		if n++; n == 1 {
			return first
		}
		return first + "-" + strconv.Itoa(n)
	}
}

func (in *input) set(key string, value gjson.Result) error {
	o := &in.options
	switch key {
	case "event":
		if value.Type == gjson.String {
			in.event = []byte(value.Str)
		} else {
			in.event = []byte(value.Raw)
		}
	case "rules":
		if value.Type == gjson.Null {
			break
		}
		set, findings := rules.Load([]byte(value.Raw))
		if set == nil {
			return &inputError{code: "rules-invalid", path: key, message: "the rule file has errors", findings: findings}
		}
		o.Rules, in.ruleFindings = set, findings
	case "current":
		if value.Type == gjson.Null {
			break
		}
		current, err := attachment.ParseCurrent(value.Raw)
		if err != nil {
			return &inputError{code: "current-invalid", path: key, message: err.Error(), hint: "give the answer of DescribeVpnConnection as it came"}
		}
		o.Current = current
	case "peer":
		if value.Str != "" && !attachment.KnownPeer(value.Str) {
			return &inputError{code: "input-invalid", path: key, message: "there is no such peer profile", hint: "aws"}
		}
		o.Peer = value.Str
	case "credentials":
		o.Credentials = request.Credentials{
			AccessKeyID:     value.Get("accessKeyId").Str,
			AccessKeySecret: secret.New(value.Get("accessKeySecret").Str),
			SecurityToken:   secret.New(value.Get("securityToken").Str),
		}
	case "signature":
		switch value.Str {
		case "", "v3":
			o.Signature = request.V3
		case "v1":
			o.Signature = request.V1
		default:
			return &inputError{code: "input-invalid", path: key, message: "there is no such signature", hint: "v3 or v1"}
		}
	case "endpoint":
		o.Endpoint = value.Str
	case "time":
		t, err := time.Parse(time.RFC3339, value.Str)
		if err != nil {
			return &inputError{code: "input-invalid", path: key, message: "the time is not RFC 3339", hint: "write it like 2026-11-02T09:30:00Z"}
		}
		o.Time = t
	case "nonce":
		o.Nonce = nonces(value.Str)
	case "explain":
		in.explain = value.Bool()
	case "reveal":
		in.reveal = value.Bool()
	default:
		return &inputError{code: "input-invalid", path: key, message: "the input has no such member"}
	}
	return nil
}
