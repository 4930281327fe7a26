// Package snippet writes a request in the forms in which people send one by hand,
// and what goes with it: the permission, the infrastructure, the event, and the
// configuration of the other end.
//
//	in := snippet.Input{Change: change, Request: r, Reveal: true}
//	text := snippet.Curl(nil, in) // paste it into a shell
//
// [Languages] lists all forms; a new one is a function and a row there. Whatever the
// values hold, a snippet is well-formed and gives them back unaltered: each language
// has its own escapes. SDK code and commands take the access key from the usual
// environment or configuration. Pre-shared keys are variables of the environment,
// VPN_PSK or VPN_PSK_TUNNEL_1, unless they are to be revealed. HTTP, and with Reveal curl,
// carry a signature.
package snippet

import (
	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/request"
)

// Input is what a snippet is made of.
type Input struct {
	Change  *attachment.Change // what to send; it has passed [attachment.Validate]
	Request *request.Request   // made of that change by [request.Builder.Modify]

	// Asked is the change as it was before it was merged with Current; nil: Change.
	Asked *attachment.Change

	// Current is the configuration that the change is for, nil if it is not known. Terraform
	// needs some of it.
	Current *attachment.Current

	// Reveal shows secrets. Without it they are variables, and Request has to be built with
	// [request.Options.Redact], since HTTP shows it as it is.
	Reveal bool

	AccountID string // Alibaba Cloud account for the RAM policy; empty: any

	variables []variable
}

// Language is one form of a request.
type Language struct {
	Name   string // for a command line: "curl"
	Title  string // for people
	Signed bool   // with Reveal, the request itself, whose signature the service takes for 15 minutes
	Append func(dst []byte, in Input) []byte

	// End says that it is not a request but the configuration of the other end: the profile of
	// [attachment.Peers] that this has, or "any".
	End string
}

// Languages are all forms.
var Languages = []Language{
	{"curl", "curl", true, Curl, ""},
	{"aliyun", "aliyun CLI", true, Aliyun, ""}, // it may have to be curl
	{"go", "Go", false, Go, ""},
	{"python", "Python", false, Python, ""},
	{"typescript", "TypeScript", false, TypeScript, ""},
	{"terraform", "Terraform", false, Terraform, ""},
	{"ram-policy", "RAM policy", false, RAMPolicy, ""},
	{"put-events", "EventBridge put-events", false, PutEvents, ""},
	{"http", "HTTP message", true, HTTP, ""},
	{"peer-aws", "Other end: AWS CLI", false, PeerAWS, "aws"},
	{"peer-terraform", "Other end: AWS Terraform", false, PeerTerraform, "aws"},
	{"peer-strongswan", "Other end: strongSwan", false, PeerStrongSwan, "any"},
	{"peer-sheet", "Other end: parameters", false, PeerSheet, "any"},
}
