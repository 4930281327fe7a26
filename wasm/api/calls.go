package api

import (
	"cmp"
	"strings"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/fix"
	"vpnattach/shared/core/jsontext"
	"vpnattach/shared/core/pipeline"
	"vpnattach/shared/core/request"
	"vpnattach/shared/core/snippet"
)

// Validate judges a change document. The input is an object with change
// (required), current, masked and peer, as [Transform] takes them; change may be a string
// that holds its text. The output is {"findings": [...]} or an error.
func Validate(data []byte) []byte { return ValidateWith(new(pipeline.Pipeline), data) }

// ValidateWith is [Validate] with the memory of p, which is used again.
func ValidateWith(p *pipeline.Pipeline, data []byte) []byte {
	in, err := parseInput(data, "change", "current", "masked", "peer")
	if err != nil {
		return appendError(nil, err)
	}
	found := p.ValidateChange(in.readChange, &in.options)
	return append(found.AppendJSON([]byte(`{"findings":`)), '}')
}

// Fix applies the certain fixes among a change document's findings; see [fix.Apply].
// The input is that of [Validate], and path: only what a finding at that path says; or
// json: true, for a document of any kind: only what is not JSON in it. The output is
// {"change": the text, "fixed": the findings applied, "findings": those of the text,
// which are none with json}, or an error.
func Fix(data []byte) []byte {
	in, err := parseInput(data, "change", "current", "masked", "peer", "path", "json")
	if err != nil {
		return appendError(nil, err)
	}
	if in.json {
		text, fixed := fix.JSON(textOf(in.document))
		out := jsontext.AppendText([]byte{'{'}, "change", text)
		out = fixed.AppendJSON(jsontext.AppendKey(out, "fixed"))
		return append(out, `,"findings":[]}`...)
	}
	text, fixed := fix.Apply(textOf(in.document), in.options.Current, in.options.Peer, in.path)
	out := jsontext.AppendText([]byte{'{'}, "change", text)
	out = fixed.AppendJSON(jsontext.AppendKey(out, "fixed"))
	found := new(pipeline.Pipeline).ValidateChange(func(c *attachment.Change) { c.Parse(text, attachment.FromEvent) }, &in.options)
	return append(found.AppendJSON(jsontext.AppendKey(out, "findings")), '}')
}

// Build makes the request of one change document. The input is that of
// [Transform] with change in place of event, and without rules and explain. The
// output is one [pipeline.Result], or an error.
func Build(data []byte) []byte { return BuildWith(new(pipeline.Pipeline), data) }

// BuildWith is [Build] with the memory of p, which is used again.
func BuildWith(p *pipeline.Pipeline, data []byte) []byte {
	in, err := parseInput(data, "change", "current", "masked", "peer", "credentials", "signature", "endpoint",
		"time", "nonce", "reveal", "redact")
	if err != nil {
		return appendError(nil, err)
	}
	out := make([]byte, 0, 8192) // enough for most results
	p.RunChange(in.readChange, &in.options, func(r *pipeline.Result) { out = r.AppendJSON(out, in.reveal) })
	return out
}

// Diff tells what a change would alter. The input is an object with change and
// current (both required), masked, peer and reveal. The output has findings, current (the
// configuration as a change document, with VpnConnectionId and, as far as an answer tells
// it, RegionId), differences, and send (what is to be sent, as a change document) when
// anything differs; or it is an error. Of a list, current is the attachment that the
// change names, or the only one.
func Diff(data []byte) []byte {
	in, err := parseInput(data, "change", "current", "masked", "peer", "reveal")
	if err == nil && in.options.Current == nil {
		err = invalid("current", "current is required", "give the answer of DescribeVpnConnection as it came")
	}
	if err != nil {
		return appendError(nil, err)
	}
	var out []byte
	new(pipeline.Pipeline).RunChange(in.readChange, &in.options, func(r *pipeline.Result) {
		current, err := in.options.Current.Of(r.Change.Text(attachment.VpnConnectionID))
		if only, one := in.options.Current.Of(""); err != nil && one == nil {
			current, err = only, nil // the findings say that it is another
		}
		if err != nil {
			out = appendError(nil, &inputError{check: currentInvalid, path: "current", message: err.Error(), hint: "give what DescribeVpnConnection returns for this attachment"})
			return
		}
		out = r.Findings.AppendJSON([]byte(`{"findings":`))
		out = current.Config().AppendJSON(jsontext.AppendKey(out, "current"), in.reveal)
		out = pipeline.AppendDifferences(jsontext.AppendKey(out, "differences"), r.Differences)
		if r.Send != nil {
			out = r.Send.AppendJSON(jsontext.AppendKey(out, "send"), in.reveal)
		}
		out = append(out, '}')
	})
	return out
}

// Sign signs one call of the API. The input is an object with parameters (a
// change document; for DescribeVpnConnection only RegionId and VpnConnectionId are
// read), action ("ModifyVpnAttachmentAttribute" unless given, or
// "DescribeVpnConnection"), and credentials, signature, endpoint, time, nonce and
// redact as for [Transform]. The output is {"request"}, with findings when there are
// any, or an error: "change-invalid" comes with the findings.
func Sign(data []byte) []byte {
	in, err := parseInput(data, "parameters", "action", "credentials", "signature", "endpoint", "time", "nonce", "redact")
	if err != nil {
		return appendError(nil, err)
	}
	c := new(attachment.Change)
	in.readChange(c)
	o := request.Options{
		Credentials: in.options.Credentials, Signature: in.options.Signature, Endpoint: in.options.Endpoint,
		Time: in.options.Time, Redact: in.options.Redact,
	}
	if in.options.Nonce != nil {
		o.Nonce = in.options.Nonce()
	}
	var r *request.Request
	var findings finding.Findings
	switch in.action {
	case "", request.ModifyAction:
		if findings = attachment.Validate(c, nil, ""); findings.HasError() {
			return appendError(nil, refused("parameters", findings))
		}
		r, err = new(request.Builder).Modify(c, o)
	case request.DescribeAction:
		r, err = new(request.Builder).Describe(c.Text(attachment.RegionID), c.Text(attachment.VpnConnectionID), o)
	default:
		err = invalid("action", "unknown action", "known actions: "+request.ModifyAction+", "+request.DescribeAction)
		return appendError(nil, err)
	}
	if err != nil {
		return appendError(nil, &inputError{check: pipeline.NotSigned, message: err.Error()})
	}
	out := r.AppendJSON([]byte(`{"request":`))
	if len(findings) > 0 {
		out = findings.AppendJSON(jsontext.AppendKey(out, "findings"))
	}
	return append(out, '}')
}

func refused(path string, findings finding.Findings) error {
	return &inputError{check: changeInvalid, path: path, message: "the change has errors", findings: findings}
}

// Snippet writes the request of a change document in one of the
// [snippet.Languages]. The input is that of [Build] without redact, and
// language, the name of one of them, and accountId, see [snippet.Input]. Without
// reveal, secrets are variables and nothing is signed. With it, forms that carry a
// signature need credentials, time and nonce. The output is {"text"}, with findings
// when there are any, or an error.
func Snippet(data []byte) []byte {
	in, err := parseInput(data, "change", "language", "current", "masked", "peer", "credentials", "signature", "endpoint",
		"time", "nonce", "reveal", "accountId")
	if err != nil {
		return appendError(nil, err)
	}
	language, err := languageNamed(in.language)
	if err != nil {
		return appendError(nil, err)
	}
	if in.reveal && in.options.Credentials.AccessKeyID == "" && language.Signed {
		return appendError(nil, &inputError{check: pipeline.NotSigned, path: "credentials", message: request.ErrCredentials.Error()})
	}
	in.options.Redact = !in.reveal || !language.Signed
	var out []byte
	new(pipeline.Pipeline).RunChange(in.readChange, &in.options, func(r *pipeline.Result) {
		form := snippet.Input{
			Change: cmp.Or(r.Send, r.Change), Asked: r.Change, Request: r.Request, Current: r.Current, Reveal: in.reveal, AccountID: in.accountID,
		}
		found := language.Judge(form, r.Findings)
		switch {
		case found.HasError():
			out = appendError(nil, refused("change", found))
		case r.Send == nil && language.End == "":
			out = appendError(nil, &inputError{check: pipeline.NothingDiffers, path: "change", message: "the attachment is as the change asks already"})
		default:
			out = jsontext.AppendMember([]byte{'{'}, "text", string(language.Append(nil, form)))
			if len(found) > 0 {
				out = found.AppendJSON(jsontext.AppendKey(out, "findings"))
			}
			out = append(out, '}')
		}
	})
	return out
}

func languageNamed(name string) (*snippet.Language, error) {
	var known []string
	for i := range snippet.Languages {
		if snippet.Languages[i].Name == name {
			return &snippet.Languages[i], nil
		}
		known = append(known, snippet.Languages[i].Name)
	}
	return nil, invalid("language", "unknown language", "known languages: "+strings.Join(known, ", "))
}
