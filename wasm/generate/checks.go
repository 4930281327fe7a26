package main

import (
	"vpnattach/shared/core/finding"

	// For their checks.
	_ "vpnattach/functions/apply"
	_ "vpnattach/functions/ingest"
	_ "vpnattach/functions/local/server"
)

// The page itself says that its module has stopped.
var _ = finding.Declare(finding.Check{
	ID: "stopped", Severity: finding.Error, Part: finding.NoResult,
	Title: "The module has stopped, so nothing is judged.",
	Why:   "It ran out of memory, or has a fault. The page keeps what was typed.",
	Fix:   "Press “Try again”. If it stops again, make the input smaller, and report it without keys.",
})
