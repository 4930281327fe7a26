package main

import (
	"fmt"
	"runtime/debug"
)

// version is set by make release.
var version = "development"

// versionCommand prints what a report about the program should say.
type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run(p *program) error {
	_, err := fmt.Fprintln(p.out, versionText())
	return err
}

// versionText is the version, the commit where the build knows it, and the version of Go.
func versionText() string {
	text := "vpnattach " + version
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return text
	}
	for _, s := range build.Settings {
		switch {
		case s.Key == "vcs.revision":
			text += ", commit " + s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			text += " with changes"
		}
	}
	return text + ", " + build.GoVersion
}
