package finding

import (
	"errors"
	"slices"

	"vpnattach/shared/core/jsontext"
)

// Severity says what a finding means for the call.
type Severity uint8

const (
	// Error: the service refuses the value by its documentation, or it can only be
	// a mistake. Nothing is sent.
	Error Severity = iota + 1
	// Warning: the service takes the value, but it is harmful or doubtful.
	Warning
	// Info: the value was normalised, or has no effect.
	Info
)

// String returns "error", "warning" or "info".
func (s Severity) String() string {
	switch s {
	case Error:
		return "error"
	case Warning:
		return "warning"
	case Info:
		return "info"
	}
	return "unknown"
}

// MarshalText returns the same text as String.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what [Severity.MarshalText] wrote.
func (s *Severity) UnmarshalText(text []byte) error {
	for *s = Error; *s <= Info; *s++ {
		if s.String() == string(text) {
			return nil
		}
	}
	return errors.New("severity: neither error nor warning nor info")
}

// Finding is one result of judging an event, a rule file or a change. It never
// holds the value of a secret.
type Finding struct {
	Check    string   `json:"rule"`              // the id of the check
	Path     string   `json:"path"`              // where: "IkeConfig.Psk", "TunnelOptionsSpecification[0].TunnelIndex"; empty for the whole document
	Severity Severity `json:"severity"`          //
	Message  string   `json:"message"`           // what is wrong, one sentence
	Hint     string   `json:"hint,omitempty"`    // what to do about it
	APICode  string   `json:"apiCode,omitempty"` // the error code that the service would answer with
	Ref      string   `json:"ref,omitempty"`     // the document that says so
	Fix      Fix      `json:"fix,omitzero"`      // what to write, where one thing is meant: for certain in a change document, most likely in a rule file

	Pos int `json:"-"` // order within the document

	left string // of a finding that counts others: how many of which check
}

// Fix says what to write in place of what a finding is about: a value at its path, or
// another name for the member there. The zero Fix is none.
type Fix struct {
	Value string // JSON text: "aes256" in quotes, true, 28800
	Name  string // of the member within its object; the path, if it belongs into another one, as in TunnelOptionsSpecification[0].TunnelIndex
}

// AppendJSON appends the fix as a JSON object with value or name.
func (f Fix) AppendJSON(dst []byte) []byte {
	dst = append(dst, '{')
	if f.Value != "" {
		dst = append(append(dst, `"value":`...), f.Value...)
	} else {
		dst = jsontext.AppendText(dst, "name", f.Name)
	}
	return append(dst, '}')
}

// MarshalJSON returns what AppendJSON appends.
func (f Fix) MarshalJSON() ([]byte, error) { return f.AppendJSON(nil), nil }

// WithValue returns the finding with a value to write, given as JSON text.
func (f Finding) WithValue(value string) Finding {
	f.Fix.Value = value
	return f
}

// Hinted returns the finding with a closer hint than its check's, unless hint is empty.
func (f Finding) Hinted(hint string) Finding {
	if hint != "" {
		f.Hint = hint
	}
	return f
}

// AppendJSON appends the finding as a JSON object with its keys in the order of
// the fields; empty hint, apiCode, ref and fix are left out.
func (f *Finding) AppendJSON(dst []byte) []byte {
	dst = jsontext.AppendText(append(dst, '{'), "rule", f.Check)
	dst = jsontext.AppendText(dst, "path", f.Path)
	dst = jsontext.AppendText(dst, "severity", f.Severity.String())
	dst = jsontext.AppendText(dst, "message", f.Message)
	dst = jsontext.AppendMember(dst, "hint", f.Hint)
	dst = jsontext.AppendMember(dst, "apiCode", f.APICode)
	dst = jsontext.AppendMember(dst, "ref", f.Ref)
	if f.Fix != (Fix{}) {
		dst = f.Fix.AppendJSON(append(dst, `,"fix":`...))
	}
	return append(dst, '}')
}

// Findings are the results of one judgement, in document order.
type Findings []Finding

// HasError reports whether any finding is an [Error].
func (fs Findings) HasError() bool {
	return slices.ContainsFunc(fs, func(f Finding) bool { return f.Severity == Error })
}

// AppendJSON appends the findings as a JSON array.
func (fs Findings) AppendJSON(dst []byte) []byte {
	return jsontext.AppendList(dst, fs, func(dst []byte, f *Finding) []byte { return f.AppendJSON(dst) })
}

// Sorted puts the findings into document order; those at one place keep the order
// in which they were found. What is said of two equal items of a list is said once.
func (fs Findings) Sorted() Findings {
	slices.SortStableFunc(fs, func(a, b Finding) int { return a.Pos - b.Pos })
	return slices.Compact(fs)
}
