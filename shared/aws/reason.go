package aws

import (
	"strconv"
	"strings"
	"time"

	"vpnattach/shared/core/finding"
	"vpnattach/shared/outcome"
)

// maxFindings is how many bytes of a message the findings may take. FindingCount
// has the number of all.
const maxFindings = 32 << 10

// Attributes are those of a dead letter: why it was rejected, what to do about it,
// when, and the ids of its events.
func Attributes(why outcome.Reason, found finding.Findings, t time.Time, eventIDs ...string) map[string]string {
	text := found.AppendJSON(nil)
	for n := len(found); len(text) > maxFindings && n > 0; n /= 2 {
		text = found[:n/2].AppendJSON(nil)
	}
	return map[string]string{
		"Code": why.Code, "Message": why.Message, "Remedy": why.Remedy, "Class": string(why.Class),
		"Findings": string(text), "FindingCount": strconv.Itoa(len(found)), "RejectedAt": t.UTC().Format(time.RFC3339), "EventIds": strings.Join(eventIDs, " "),
	}
}
