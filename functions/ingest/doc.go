// Package ingest takes events from any source and puts the changes that they ask for
// into the queue.
//
//	handler, err := ingest.New(ingest.Config{Rules: set, Send: send, DeadLetter: keep, FirstSeen: table.FirstSeen})
//	lambda.Start(handler)
//
// What has invoked the function is known by the shape of the payload, which package
// event takes apart:
//
//   - An HTTP request through API Gateway, a function URL or a load balancer is
//     answered. It is taken only with the signature of a sender, which package webhook
//     checks: 202 when all its changes are in the queue, else none is, and the answer is
//     problem details (RFC 9457).
//   - Records of SQS, Kinesis and DynamoDB streams, by an event source mapping with
//     ReportBatchItemFailures or by EventBridge Pipes that wait for the answer
//     (REQUEST_RESPONSE), are answered with those that have to come again.
//   - Anything else (EventBridge, SNS, a direct invocation) comes again as a whole when
//     Invoke returns an error.
//
// An HTTP request, a record, or the event of any other invocation is taken or refused
// as a whole: when one of the changes in it has an error, none is sent. What is refused
// goes to the dead letters, except for an HTTP request, whose sender has the answer.
//
// # Trust
//
// A change document that no rule has made is accepted only from the sources listed:
// the ARN of a queue, topic or stream, the source of an EventBridge event, [Webhook]
// for signed HTTP, [Direct] for an invocation with anything else. For ARN and source it
// goes by what the payload says. That is true as far as AWS alone invokes the function;
// a caller with lambda:InvokeFunction can write a payload that claims any source, and so
// is trusted in all of them.
//
// [Handler.Take] asks for no signature: its caller answers for who has sent the event.
//
// What comes over HTTP can't be an event of AWS and is refused when it says so. An HTTP
// request in any other place, such as a message, is refused, since its signature was
// never checked; none is ever among the dead letters. Of its headers only those
// count that the signature covers, as id and time of the event; the ce- headers of a
// CloudEvent in binary mode decide nothing.
//
// Rules may name the ways by which their events come (via). The way is what AWS or a
// signature vouches for: the ARN of what has called, "bus", "webhook" with the name of
// its sender if that has one, or "invoke"; never what the event says.
//
// A dead letter holds no key: *** stands for the values of members that are named like
// one, in texts, base64 and gzip within the event too.
//
// A message in the queue [Config.Redrive] has the source that it had at first: the one
// in its attribute Source, which [DeadLetter] brings there; of what Lambda has put into
// its failure destination, that of the payload; of the dead letter of a subscription
// or, with the attribute RULE_ARN, of a rule, the topic or the event's source; else the
// queue itself. So what was refused for its source stays refused until somebody lists
// it. All that is what the message says: sqs:SendMessage on that queue is trust in every
// source, like lambda:InvokeFunction, and so is any service that puts there a text
// that others choose, such as a subscription with raw message delivery.
//
// # Ids and times
//
// An event that comes again under a known id changes nothing: it has the same change
// id and the same time. Where only its delivery gives it a time, that is when the id
// was first seen. An event without any id gets the request id of the invocation, which
// stays the same when Lambda tries again.
//
// A webhook is known by the id that is signed, or else by a hash of its sender and
// body. Once its changes are in the queue, and never before, it is remembered, and not
// taken again while it is.
package ingest
