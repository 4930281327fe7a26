package outcome

import "errors"

// Reason says why a change was rejected, put off or found to have failed.
type Reason struct {
	// Code is one of the service, the name of a row of the table of failures where the
	// service gave none ("no answer"), the check of a finding, or a word of this project
	// such as "in-motion".
	Code    string `json:"code"`
	Message string `json:"message"`
	Remedy  string `json:"remedy"`
	Class   Class  `json:"class"`
}

// Failure is an error that knows its reason, such as one of the client of the VPC API.
type Failure interface {
	error
	Reason() Reason
}

// Denied is an error that says a permission is missing. A person has to grant it.
type Denied interface{ IsDenied() bool }

// ReasonOf returns what an error says: that a permission is missing, for the [Denied]
// in its chain; the reason of the [Failure] in it; else that the work was interrupted
// and is done again. No error here holds a secret.
func ReasonOf(err error) *Reason {
	var denied Denied
	if errors.As(err, &denied) && denied.IsDenied() {
		return &Reason{Code: "permission-missing", Message: err.Error(), Class: ClassBlocked,
			Remedy: "Allow the function's role what the message names, and to use the key that encrypts it."}
	}
	var known Failure
	if errors.As(err, &known) {
		why := known.Reason()
		return &why
	}
	return &Reason{Code: "interrupted", Message: err.Error(), Class: ClassTransient, Remedy: "Nothing: the change is tried again."}
}

// ClassOf returns the class of an error, none for nil.
func ClassOf(err error) Class {
	if err == nil {
		return ""
	}
	return ReasonOf(err).Class
}
