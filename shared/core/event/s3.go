package event

// A notification of S3 names an object and doesn't hold it.

var s3Form = Form{
	Name: "a notification of Amazon S3", Shape: "Records whose eventSource is aws:s3",
	Hint: "put the change into the event: a notification names an object and doesn't hold it; or write a rule that matches the notification as it is",
	Ref:  "https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html",
	is:   func(v value, _ *texts) bool { return eventSource(firstRecord(v)) == "aws:s3" },
}

var s3TestForm = Form{
	Name: "the test message of Amazon S3", Shape: "Event s3:TestEvent", Taken: "nothing: S3 sends it once, when notifications are set up",
	Ref:  "https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html",
	is:   func(v value, _ *texts) bool { return v.Get("Event").Text() == "s3:TestEvent" },
	idle: true,
}
