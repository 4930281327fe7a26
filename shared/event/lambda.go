package event

// isInvocation recognises what Lambda sends to the destination of an asynchronous
// invocation:
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
func (d *document) isInvocation() bool {
	return d.requestPayload.Exists() && d.requestContext.Get("functionArn").IsString()
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
	case payload.IsObject():
		dst, err = openObject(payload, from, dst)
	case payload.IsArray():
		dst, err = openArray(payload, from, dst)
	default:
		err = wrongType("", "an event", payload)
	}
	return dst, err.in("requestPayload")
}
