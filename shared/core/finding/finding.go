package finding

import (
	"errors"
	"slices"

	"github.com/tidwall/gjson"
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

	Pos int `json:"-"` // order within the document
}

// Hinted returns the finding with a closer hint than its check's, unless hint is empty.
func (f Finding) Hinted(hint string) Finding {
	if hint != "" {
		f.Hint = hint
	}
	return f
}

// AppendJSON appends the finding as a JSON object with its keys in the order of
// the fields; empty hint, apiCode and ref are left out.
func (f *Finding) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"rule":`...)
	dst = gjson.AppendJSONString(dst, f.Check)
	dst = append(dst, `,"path":`...)
	dst = gjson.AppendJSONString(dst, f.Path)
	dst = append(dst, `,"severity":"`...)
	dst = append(dst, f.Severity.String()...)
	dst = append(dst, `","message":`...)
	dst = gjson.AppendJSONString(dst, f.Message)
	for _, optional := range [...]struct{ key, value string }{
		{"hint", f.Hint}, {"apiCode", f.APICode}, {"ref", f.Ref},
	} {
		if optional.value != "" {
			dst = append(dst, ',', '"')
			dst = append(dst, optional.key...)
			dst = append(dst, '"', ':')
			dst = gjson.AppendJSONString(dst, optional.value)
		}
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
	dst = append(dst, '[')
	for i := range fs {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = fs[i].AppendJSON(dst)
	}
	return append(dst, ']')
}

// Sorted puts the findings into document order; those at one place keep the order
// in which they were found. What is said of two equal items of a list is said once.
func (fs Findings) Sorted() Findings {
	slices.SortStableFunc(fs, func(a, b Finding) int { return a.Pos - b.Pos })
	return slices.Compact(fs)
}
