package event

import "encoding/base64"

// Log lines are not opened: anyone who can write a line into a log could ask for a change.

var logsForm = Form{
	Name: "a subscription of CloudWatch Logs", Shape: "awslogs.data, or messageType DATA_MESSAGE with logEvents, as a stream carries it",
	Hint: "send the event itself to EventBridge, SNS or SQS; what CloudTrail logs comes as an EventBridge event \"AWS API Call via CloudTrail\"",
	Ref:  "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html",
	is: func(v value, t *texts) bool {
		kind, is := logsMessage(v, t)
		return is && kind != "CONTROL_MESSAGE"
	},
}

var logsCheckForm = Form{
	Name: "a check of CloudWatch Logs", Shape: "the same with messageType CONTROL_MESSAGE", Taken: "nothing: CloudWatch Logs asks whether the destination can be reached",
	is: func(v value, t *texts) bool {
		kind, is := logsMessage(v, t)
		return is && kind == "CONTROL_MESSAGE"
	},
	idle: true,
}

// logsMessage returns the type of what a subscription sends: as Lambda has it, in base64
// of gzip, or as it comes out of a stream.
func logsMessage(v value, t *texts) (kind string, is bool) {
	if data := v.Get("awslogs").Get("data"); data.IsString() {
		zipped, err := base64.StdEncoding.DecodeString(data.Text())
		if err != nil {
			return "", true
		}
		if text, broken := unzip(view(zipped)); broken == nil {
			v, _ = t.parse(text) // what is broken has no type
		}
		return v.Get("messageType").Text(), true
	}
	return v.Get("messageType").Text(), v.Get("logEvents").IsArray() && v.Get("messageType").IsString()
}
