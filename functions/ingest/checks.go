package ingest

import (
	"fmt"

	"vpnattach/shared/core/finding"
)

// Limits of what goes into the queue.
const (
	MaxMessage = 200 << 10 // bytes of a message, so that it stays below the 256 KiB of a queue with what comes with it

	maxGroup = 128 // characters of the name of a group in an SQS FIFO queue
)

var (
	notListed = finding.Declare(finding.Check{
		ID: "source-not-listed", Severity: finding.Error, Part: finding.Delivery,
		Title: "A change document came without a rule, and its source is not listed.",
		Why:   "A change document says itself what to change. Whoever can post an event could change every attachment, if any source were believed.",
		Hint:  "list the source among those whose change documents are accepted, or write a rule that makes the change of the event",
	})
	forged = finding.Declare(finding.Check{
		ID: "source-forged", Severity: finding.Error, Part: finding.Delivery,
		Title: "An event came over HTTP and says that it is one of AWS, whose services post to no webhook.",
		Why:   "Rules trust the source that an event names. AWS services deliver through AWS alone, so over HTTP somebody else has written it.",
		Hint:  "let the service send it to EventBridge, SNS, SQS, Kinesis or DynamoDB, or give your own event a source of its own",
	})
	notVerified = finding.Declare(finding.Check{
		ID: "request-not-verified", Severity: finding.Error, Part: finding.Delivery,
		Title: "An HTTP request came by another way than over HTTP, where its signature would have been checked.",
		Why:   "The signature says who has sent a request and that it was not altered. What comes by way of a queue can be checked for neither.",
		Hint:  "have its sender post it again, signed; no HTTP request is ever kept to be sent again",
	})
	noGroup = finding.Declare(finding.Check{
		ID: "connection-id-unsendable", Severity: finding.Error, Part: finding.Delivery,
		Title: fmt.Sprintf("The id of the VPN connection can't be the name of a group in the queue: more than %d characters, or others than ASCII without blanks.", maxGroup),
		Why:   "Changes to one attachment stay in order because the queue groups them by its id. What can’t be such a name is not an id of an attachment either.",
		Hint:  "give the id as the console shows it: vco- and 20 letters and digits",
	})
	tooLarge = finding.Declare(finding.Check{
		ID: "change-too-large", Severity: finding.Error, Part: finding.Delivery,
		Title: fmt.Sprintf("The change has more than the %d bytes that the queue takes.", MaxMessage),
		Why:   "The queue refuses larger messages, and this one would come back for ever.",
		Hint:  "send less in one change; an attachment has no parameter that needs so much",
	})
)

func found(check *finding.Check, message string) finding.Finding { return check.At("", message) }
