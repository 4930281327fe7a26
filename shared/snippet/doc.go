// Package snippet writes a request in the forms in which people send one by hand.
//
//	text := snippet.Curl(nil, r) // paste it into a shell
//
// [Languages] lists all forms; a new one is a function and a row there. A snippet
// is as secret as its request: build that with [request.Options.Redact] for display.
package snippet

import "vpnattach/shared/request"

// Language is one form of a request.
type Language struct {
	Name   string // for a command line: "curl"
	Title  string // for people
	Append func(dst []byte, r *request.Request) []byte
}

// Languages are all forms.
var Languages = []Language{
	{"curl", "curl", Curl},
	{"http", "HTTP message", HTTP},
}
