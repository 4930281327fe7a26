package ingest

import (
	"strings"

	"github.com/tidwall/gjson"

	"vpnattach/shared/core/event"
	"vpnattach/shared/core/finding"
)

var forged = finding.Declare(finding.Check{
	ID: "source-forged", Severity: finding.Error, Part: finding.Delivery,
	Title: "An event came over HTTP and says that it is one of AWS, whose services post to no webhook.",
	Why:   "Rules trust the source that an event names. AWS services deliver through AWS alone, so over HTTP somebody else has written it.",
	Hint:  "let the service send it to EventBridge, SNS, SQS, Kinesis or DynamoDB, or give your own event a source of its own",
})

// claimsAWS reports whether an event that came over HTTP says that it is one of AWS.
// A rule may look for that in every place where it stands in true events, and takes
// an element of an array for the whole, so arrays are searched too, and keys that come
// twice.
func claimsAWS(r *event.Record) bool {
	for _, envelope := range r.Via[1:] {
		if envelope != 0 && envelope != event.EventBridge && envelope != event.CloudEvents {
			return true
		}
	}
	claims := false
	gjson.Parse(r.Event).ForEach(func(key, v gjson.Result) bool {
		switch key.Str {
		case "source":
			claims = anyText(v, func(s string) bool { return strings.HasPrefix(s, "aws.") })
		case "detail-type":
			claims = anyText(v, func(s string) bool { return strings.HasSuffix(s, " via cloudtrail") })
		case "eventSource", "EventSource":
			claims = anyText(v, isService)
		case "detail", "Records":
			claims = holdsService(v)
		}
		return !claims
	})
	return claims
}

// isService recognises the eventSource of CloudTrail and of Lambda's records.
func isService(s string) bool {
	return strings.HasPrefix(s, "aws:") || strings.HasSuffix(s, ".amazonaws.com") || strings.HasSuffix(s, ".amazonaws.com.cn")
}

// holdsService reports whether an object, or one in an array, has the eventSource of
// a service.
func holdsService(v gjson.Result) (holds bool) {
	v.ForEach(func(key, member gjson.Result) bool {
		switch {
		case v.IsArray():
			holds = holdsService(member)
		case key.Str == "eventSource" || key.Str == "EventSource":
			holds = anyText(member, isService)
		}
		return !holds
	})
	return holds
}

// anyText reports whether the test holds for a text, in lower case, or for one in an
// array.
func anyText(v gjson.Result, test func(string) bool) (holds bool) {
	if !v.IsArray() {
		return v.Type == gjson.String && test(strings.ToLower(v.Str))
	}
	v.ForEach(func(_, element gjson.Result) bool {
		holds = anyText(element, test)
		return !holds
	})
	return holds
}
