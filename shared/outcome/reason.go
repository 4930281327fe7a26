package outcome

import (
	"cmp"
	"errors"

	"vpnattach/shared/vpc"
)

// Reason says why a change was rejected, put off or found to have failed.
type Reason struct {
	// Code is one of the service, the name of a row of [vpc.Codes] when the service
	// gave none ("no answer"), the rule of a finding, or a word of this project such
	// as "in-motion".
	Code    string `json:"code"`
	Message string `json:"message"`
	Remedy  string `json:"remedy"`
	Class   string `json:"class"` // of [vpc.Class], such as "busy"
}

// Denied is an error that says a permission is missing. A person has to grant it.
type Denied interface{ IsDenied() bool }

// ReasonOf returns what an error says: that of the [*vpc.Error] in its chain; that a
// permission is missing, for [Denied]; else that the work was interrupted and is done
// again. No error here holds a secret.
func ReasonOf(err error) *Reason {
	var denied Denied
	if errors.As(err, &denied) && denied.IsDenied() {
		return &Reason{Code: "permission-missing", Message: err.Error(), Class: vpc.Blocked.String(),
			Remedy: "Allow the function's role what the message names, and to use the key that encrypts it."}
	}
	var known *vpc.Error
	if errors.As(err, &known) {
		return &Reason{Code: cmp.Or(known.Code, known.Row), Message: known.Message, Remedy: known.Remedy, Class: known.Class.String()}
	}
	return &Reason{Code: "interrupted", Message: err.Error(), Class: vpc.Transient.String(), Remedy: "Nothing: the change is tried again."}
}
