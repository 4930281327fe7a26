package message

import (
	"regexp"
	"strings"
)

var (
	traceParent = regexp.MustCompile(`^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}`)
	traceRoot   = regexp.MustCompile(`^1-[0-9a-f]{8}-[0-9a-f]{24}$`)
)

// TraceID returns the id of the trace that a header names: a traceparent of W3C Trace
// Context, or the Root of X-Ray's X-Amzn-Trace-Id. Anything else names none.
func TraceID(header string) string {
	if found := traceParent.FindStringSubmatch(header); found != nil && strings.Trim(found[1], "0") != "" {
		return found[1]
	}
	for part := range strings.SplitSeq(header, ";") {
		if root, ok := strings.CutPrefix(strings.TrimSpace(part), "Root="); ok && traceRoot.MatchString(root) {
			return root
		}
	}
	return ""
}
