package ingest

import (
	"fmt"

	"vpnattach/shared/core/event"
	"vpnattach/shared/core/finding"
)

// Limits of what goes into the queue.
const (
	MaxMessage = 200 << 10 // bytes of a message, so that it stays below the 256 KiB of a queue with what comes with it
	MaxName    = 512       // bytes of an event's id, and of its source

	maxGroup = 128 // characters of the name of a group in an SQS FIFO queue
)

var (
	notListed = finding.Check{
		ID: "source-not-listed", Severity: finding.Error,
		Title: "A change document came without a rule, and its source is not listed.",
		Hint:  "list the source among those whose change documents are accepted, or write a rule that makes the change of the event",
	}
	forged = finding.Check{
		ID: "source-forged", Severity: finding.Error,
		Title: "An event came over HTTP and says that it is one of AWS, whose services post to no webhook.",
		Hint:  "let the service send it to EventBridge, SNS, SQS, Kinesis or DynamoDB, or give your own event a source of its own",
	}
	notVerified = finding.Check{
		ID: "request-not-verified", Severity: finding.Error,
		Title: "An HTTP request came by another way than over HTTP, where its signature would have been checked.",
		Hint:  "have its sender post it again, signed; no HTTP request is ever kept to be sent again",
	}
	lost = finding.Check{
		ID: string(event.PayloadLost), Severity: finding.Error,
		Title: "Lambda tells of a failure without the event or the records that have failed.",
		Hint:  "read the records from their stream, which keeps them until its retention ends, and send them here, or have the events sent again",
	}
	nameTooLong = finding.Check{
		ID: "event-name-too-long", Severity: finding.Error,
		Title: fmt.Sprintf("The event's id or source has more than %d bytes.", MaxName),
		Hint:  "give the event a short id that is its own, such as a UUID",
	}
	noGroup = finding.Check{
		ID: "connection-id-unsendable", Severity: finding.Error,
		Title: fmt.Sprintf("The id of the VPN connection can't be the name of a group in the queue: more than %d characters, or others than ASCII without blanks.", maxGroup),
		Hint:  "give the id as the console shows it: vco- and 20 letters and digits",
	}
	tooLarge = finding.Check{
		ID: "change-too-large", Severity: finding.Error,
		Title: fmt.Sprintf("The change has more than the %d bytes that the queue takes.", MaxMessage),
		Hint:  "send less in one change; an attachment has no parameter that needs so much",
	}
)

// Rules returns the rows of the findings that this package adds.
func Rules() []finding.Check {
	return []finding.Check{notListed, forged, notVerified, lost, nameTooLong, noGroup, tooLarge}
}

func found(rule finding.Check, message string) finding.Finding {
	return finding.Finding{Rule: rule.ID, Severity: rule.Severity, Message: message, Hint: rule.Hint}
}
