// Package events holds the sample events and rule files: one for each source and
// each example of a rule. Tests, the program and the page's examples menu use the
// very same files.
package events

import "embed"

// Files holds NAME.json for each sample event and rules/NAME.json for each rule
// file.
//
//go:embed *.json rules/*.json
var Files embed.FS
