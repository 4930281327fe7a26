package main

import (
	"cmp"
	"fmt"
	"runtime/debug"
)

// version is set by make release, and commit by every build with make.
var version, commit string

// versionCommand prints what a report about the program should say.
type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run(p *program) error {
	_, err := fmt.Fprintln(p.out, versionText())
	return err
}

// versionText is the version, the commit where the build knows it, and the version of Go.
func versionText() string {
	text, commit, changed := "vpnattach "+cmp.Or(version, "development"), commit, false
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return text
	}
	for _, s := range build.Settings { // of go build and go install by themselves
		switch {
		case s.Key == "vcs.revision" && commit == "":
			commit = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = true
		}
	}
	if commit != "" {
		text += ", commit " + commit
	}
	if changed {
		text += " with changes"
	}
	return text + ", " + build.GoVersion
}
