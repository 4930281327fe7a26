package event

import "strings"

// isInvocation recognises what Lambda sends to the destination of an asynchronous
// invocation, and to that of a stream's failed records, as EventBridge Pipes does:
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
// https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
// https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
func (d *document) isInvocation() bool {
	return d.requestContext.Get("functionArn").IsString() ||
		d.kinesisBatch.Get("shardId").IsString() || d.tableBatch.Get("shardId").IsString()
}

var invocationForm = Form{
	Name: "failed invocation", Shape: "requestContext.functionArn, KinesisBatchInfo or DDBStreamBatchInfo, as destinations of Lambda and of pipes get it",
	Taken: "the event in requestPayload; a report without it is refused with where the records are",
	Ref:   "https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html",
}

// openInvocation opens the event that the function was invoked with, so that a
// failed one can be sent again as it is. The time is that of the failure.
func openInvocation(d *document, from origin, dst []Record) ([]Record, *Error) {
	if err := from.enter(Invocation); err != nil {
		return nil, err
	}
	from.set(d.requestContext.Get("requestId"), value{})
	if err := from.setTime(d.timestamp, "timestamp"); err != nil {
		return nil, err
	}
	from.delivered = true
	var err *Error
	switch payload := d.requestPayload; {
	case !payload.Exists():
		return nil, d.withoutPayload()
	case payload.IsObject():
		dst, err = openObject(payload, from, dst)
	case payload.IsArray():
		dst, err = openArray(payload, from, dst)
	default:
		err = wrongType("", "an event", payload)
	}
	return dst, err.in("requestPayload")
}

// withoutPayload is the error for a report of a failure without what has failed: of records it
// says where they are in their stream, and of a payload that is too large for the
// destination, nothing.
func (d *document) withoutPayload() *Error {
	batch, command, retention := d.kinesisBatch, "kinesis", "until its retention ends"
	if !batch.IsObject() {
		batch, command, retention = d.tableBatch, "dynamodbstreams", "for 24 hours"
	}
	if !batch.IsObject() {
		return newError(PayloadLost, "a failed invocation without its payload, so the event can't be read").
			hint("have the event sent again; Lambda leaves out a payload that is too large for the destination")
	}
	return newError(PayloadLost, "a report without the records that it is about: those of shard ", reportField(batch, "shardId", "shardId-"),
		" from sequence number ", reportField(batch, "startSequenceNumber", ""), " to ", reportField(batch, "endSequenceNumber", ""),
		" of ", reportField(batch, "streamArn", "arn:")).
		hint("the stream itself keeps the records " + retention + ": read them from there (aws " + command +
			" get-shard-iterator --shard-iterator-type AT_SEQUENCE_NUMBER, then get-records) and send them here, or have the events sent again")
}

// reportField returns a name out of a report about records; with a prefix one such as
// those of AWS, else a number. What doesn't look like one may be anything, and isn't
// shown.
func reportField(batch value, key, prefix string) string {
	allowed := "0123456789"
	if prefix != "" {
		allowed += "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ:/._-"
	}
	const most = 512
	s := batch.Get(key).Text()
	if s == "" || len(s) > most || !strings.HasPrefix(s, prefix) || strings.Trim(s, allowed) != "" {
		return "(" + key + " is missing or can't be read)"
	}
	return s
}
