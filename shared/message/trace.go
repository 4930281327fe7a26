package message

import (
	"regexp"
	"strings"
)

var (
	traceParent = regexp.MustCompile(`^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?$`)
	traceRoot   = regexp.MustCompile(`^1-[0-9a-f]{8}-[0-9a-f]{24}$`)
)

// TraceID returns the id of the trace that a header names: a traceparent of W3C Trace
// Context, or the Root of X-Ray's X-Amzn-Trace-Id. Anything else names none.
func TraceID(header string) string {
	if found := traceParent.FindStringSubmatch(header); found != nil {
		version, trace, parent, more := found[1], found[2], found[3], found[4]
		if version == "ff" || version == "00" && more != "" || strings.Trim(trace, "0") == "" || strings.Trim(parent, "0") == "" {
			return ""
		}
		return trace
	}
	for part := range strings.SplitSeq(header, ";") {
		if root, ok := strings.CutPrefix(strings.TrimSpace(part), "Root="); ok && traceRoot.MatchString(root) {
			return root
		}
	}
	return ""
}
