// Package event turns the bytes of any supported event source into records.
//
//	records, err := event.Open(data, records[:0])
//	for _, r := range records {
//		r.Via.String() // "sqs > sns > eventbridge"
//		r.Event        // the JSON that rules match on
//		r.Data         // the JSON object that may be a change document
//	}
//
// A document is recognised by its shape alone: an Amazon EventBridge event, a
// CloudEvent, the records of SQS, SNS, Kinesis, DynamoDB streams, Kafka and Amazon MQ,
// an SNS notification, what Lambda sends to a failure destination, an HTTP
// request as API Gateway, a function URL, a load balancer or VPC Lattice hands it on, a
// bare change document, an array of all these or several one behind the other, or else a
// payload of any shape. What an envelope carries is opened in turn, up to [MaxEnvelopes]
// deep, and once out of gzip. What is recognised and holds no event is a payload with a
// [Record.Refusal]. [Forms] lists all. [OpenHTTP] does the same for a request that came over plain HTTP.
//
// [ReadDelivery] takes apart what one invocation of a function brings: what is to be
// taken or refused as a whole, who has sent it, and what its source calls it. A source
// of events is a file here, and a case in open.go, a row of services when its records
// come in batches, or one of closed when it is refused; and a row of Forms.
//
// Id, time and source come from the innermost envelope that has them. They are
// what the sender says: anyone who may post to a function URL may post an
// EventBridge event of any source, so trust needs [Record.Via] as well.
//
// # Memory
//
// Records are substrings of the bytes they were opened from. Those bytes must
// not change while a record is in use. A copy is made only where text must be
// decoded: an escaped JSON string, base64, a DynamoDB image, a CloudEvent whose
// attributes stand in HTTP headers.
package event
