// Package events holds the sample events and rule files: one for each source and
// each example of a rule. Tests, the program and the page's examples menu use the
// very same files.
package events

import "embed"

// Files holds NAME.json for each sample event, rules/NAME.json for each rule file, and in
// rotation/ what the function rotate is for: a secret, and what it is invoked with.
//
//go:embed *.json rules/*.json rotation/*.json
var Files embed.FS
