package api

import (
	"errors"
	"slices"
	"strconv"
	"time"
	"unsafe"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/event"
	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/jsontext"
	"vpnattach/shared/core/pipeline"
	"vpnattach/shared/core/request"
	"vpnattach/shared/core/rules"
	"vpnattach/shared/core/secret"
)

// input is what the functions with JSON on both sides are given.
type input struct {
	document        jsontext.Value // event, change or parameters
	language        string
	action          string
	accountID       string
	path            string
	events          jsontext.Value // of tests, by the names of their files
	options         pipeline.Options
	ruleFindings    finding.Findings
	explain, reveal bool
	json, opened    bool
	omitMasked      bool
	limit           int // of results; -1: none
}

// What keeps an input from being validated.
var (
	inputInvalid = finding.Declare(finding.Check{
		ID: "input-invalid", Severity: finding.Error, Part: finding.NoResult,
		Title: "A call of the core has an unknown member, lacks one, or has one of the wrong type.",
		Why:   "An option that is not understood might be the one that matters, so nothing is guessed.",
		Fix:   "Give the members that the function’s types name. On the page: choose the peer, the signature and the form of the request anew.",
	})
	currentInvalid = finding.Declare(finding.Check{
		ID: "current-invalid", Severity: finding.Error, Part: finding.NoResult,
		Title: "The current configuration is not an answer of DescribeVpnConnection.",
		Why:   "Merged with anything else, a request could reset what the attachment has.",
		Fix:   "Paste the answer as it came: of the API, the CLI or an SDK, about one attachment or a list, with State or another member that only answers have.",
	})
	rulesInvalid = finding.Declare(finding.Check{
		ID: "rules-invalid", Severity: finding.Error, Part: finding.NoResult,
		Title: "The rule file has errors, so no event is read by it.",
		Why:   "A rule file that is understood in part could change the wrong attachment.",
		Fix:   "The findings of the rule file say what to fix, each with its path.",
	})
	changeInvalid = finding.Declare(finding.Check{
		ID: "change-invalid", Severity: finding.Error, Part: finding.NoResult,
		Title: "The change has errors, so no request is made of it.",
		Why:   "The service would refuse it, or do something else than was meant.",
		Fix:   "Fix the findings that are errors. A key that is a reference can be shown as a mask only.",
	})
	internal = finding.Declare(finding.Check{
		ID: "internal", Severity: finding.Error, Part: finding.NoResult,
		Title: "The core failed on this input.",
		Why:   "This is a fault of vpnattach, not of the input.",
		Fix:   "Report it with the input, and without keys.",
	})
)

// inputError is an error of the input.
type inputError struct {
	check               *finding.Check
	path, message, hint string
	findings            finding.Findings
}

func (e *inputError) Error() string { return e.path + ": " + e.message }

func invalid(path, message, hint string) error {
	return &inputError{check: inputInvalid, path: path, message: message, hint: hint}
}

func appendError(dst []byte, err error) []byte {
	in := &inputError{check: internal, message: err.Error()}
	var opening *event.Error
	switch {
	case errors.As(err, &opening):
		in = &inputError{check: finding.Find(string(opening.Code)), path: opening.Path, message: opening.Message, hint: opening.Hint}
	default:
		errors.As(err, &in)
	}
	dst = append(dst, `{"error":{`...)
	dst = jsontext.AppendMember(dst, "code", in.check.ID)
	dst = jsontext.AppendMember(dst, "path", in.path)
	dst = jsontext.AppendMember(dst, "message", in.message)
	dst = jsontext.AppendMember(dst, "hint", in.hint)
	if in.findings != nil {
		dst = jsontext.AppendKey(dst, "findings")
		dst = in.findings.AppendJSON(dst)
	}
	return append(dst, '}', '}')
}

// parseInput reads an object with the members named. The first must be there. What it returns points into data.
func parseInput(data []byte, members ...string) (*input, error) {
	doc, fault := new(jsontext.Text).Parse(unsafe.String(unsafe.SliceData(data), len(data)))
	if fault != nil {
		return nil, invalid("", "the input is "+fault.Error(), fault.Hint)
	}
	if !doc.IsObject() {
		return nil, invalid("", "the input is not a JSON object", "")
	}
	in := &input{limit: -1}
	for key, value := range doc.Members {
		if !slices.Contains(members, key) {
			return nil, invalid(key, "unknown member", "")
		}
		if err := in.set(key, value); err != nil {
			return nil, err
		}
	}
	if !doc.Get(members[0]).Exists() {
		return nil, invalid(members[0], members[0]+" is required", "")
	}
	if in.options.Current != nil {
		in.options.Current.OmitMasked = in.omitMasked
	}
	return in, nil
}

// textOf returns the JSON text that the value is, or that it holds as a string.
func textOf(value jsontext.Value) string {
	if value.IsString() {
		return value.Text()
	}
	return value.Raw()
}

// readChange parses the document, which has been checked with the input unless it is a
// text of its own.
func (in *input) readChange(c *attachment.Change) {
	if in.document.IsString() {
		c.Parse(in.document.Text(), attachment.FromEvent)
	} else {
		c.ParseValue(in.document, attachment.FromEvent)
	}
}

// nonces returns first, and then first with a number.
func nonces(first string) func() string {
	n := 0
	return func() string {
		if n++; n == 1 || first == "" {
			return first
		}
		return first + "-" + strconv.Itoa(n)
	}
}

func (in *input) set(key string, value jsontext.Value) error {
	o := &in.options
	switch key {
	case "event", "change", "parameters":
		in.document = value
	case "events":
		if !value.IsObject() {
			return invalid(key, "it must be an object", "give the event of each file by the name that a test has for it")
		}
		in.events = value
	case "rules":
		if value.IsNull() {
			break
		}
		return in.setRules(textOf(value))
	case "current":
		if value.IsNull() {
			break
		}
		current, err := attachment.ParseDescribed(textOf(value))
		if err != nil {
			return &inputError{check: currentInvalid, path: key, message: err.Error(), hint: "give the answer of DescribeVpnConnection as it came"}
		}
		o.Current = current
	case "credentials":
		if !value.IsObject() && !value.IsNull() {
			return invalid(key, "it must be an object", "give accessKeyId and accessKeySecret")
		}
		for member, text := range value.Members {
			switch {
			case member != "accessKeyId" && member != "accessKeySecret" && member != "securityToken":
				return invalid(key+"."+finding.Name(member), "unknown member", "give accessKeyId, accessKeySecret and, with a temporary key, securityToken")
			case !text.IsString() && !text.IsNull():
				return invalid(key+"."+member, "it must be a string", "")
			}
		}
		o.Credentials = request.Credentials{
			AccessKeyID:     value.Get("accessKeyId").Text(),
			AccessKeySecret: secret.New(value.Get("accessKeySecret").Text()),
			SecurityToken:   secret.New(value.Get("securityToken").Text()),
		}
	case "explain", "reveal", "redact", "json", "opened":
		if !value.IsBool() {
			return invalid(key, "it must be true or false", "")
		}
		*map[string]*bool{"explain": &in.explain, "reveal": &in.reveal, "redact": &o.Redact, "json": &in.json, "opened": &in.opened}[key] = value.Raw() == "true"
	case "limit":
		n, err := strconv.Atoi(value.Raw())
		if err != nil || n < 0 {
			return invalid(key, "it must be a whole number, 0 or more", "")
		}
		in.limit = n
	default:
		if !value.IsString() {
			return invalid(key, "it must be a string", "")
		}
		return in.setText(key, value.Text())
	}
	return nil
}

func (in *input) setRules(text string) error {
	// A rule file is read by recursion, so its depth is bounded before.
	if _, fault := new(jsontext.Text).Parse(text); fault != nil && fault.TooDeep {
		return &inputError{check: rulesInvalid, path: "rules", message: "the rule file is " + fault.Error()}
	}
	set, findings := rules.Load([]byte(text))
	if set == nil {
		return &inputError{check: rulesInvalid, path: "rules", message: "the rule file has errors", findings: findings}
	}
	in.options.Rules, in.ruleFindings = set, findings
	return nil
}

func (in *input) setText(key, text string) error {
	o := &in.options
	switch key {
	case "peer":
		if text != "" && !attachment.KnownPeer(text) {
			return invalid(key, "unknown peer profile", "known profiles: "+attachment.PeerNames())
		}
		o.Peer = text
	case "signature":
		switch text {
		case "", "v3":
			o.Signature = request.V3
		case "v1":
			o.Signature = request.V1
		default:
			return invalid(key, "unknown signature", "known signatures: v3, v1")
		}
	case "masked":
		if text != "" && text != "refuse" && text != "omit" {
			return invalid(key, "unknown treatment of masked keys", "known: refuse, omit")
		}
		in.omitMasked = text == "omit"
	case "via":
		o.Via = text
	case "endpoint":
		o.Endpoint = text
	case "time":
		t, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return invalid(key, "the time is not RFC 3339", "write it like 2026-11-02T09:30:00Z")
		}
		o.Time = t
	case "nonce":
		o.Nonce = nonces(text)
	case "language":
		in.language = text
	case "action":
		in.action = text
	case "accountId":
		in.accountID = text
	case "path":
		in.path = text
	}
	return nil
}
