// Package awstest runs moto's server for tests: SQS, DynamoDB, EventBridge, Secrets
// Manager and SSM over real HTTP, on loopback, with nothing kept.
//
//	aws := awstest.Shared(t)
//	client := sqs.NewFromConfig(aws.Config())
//
// A server is a process of its own, which ends with its test, or with the test
// program, even a killed one. moto takes requests in threads that lock nothing, so
// two conditional writes can both succeed, unlike those of the services. A proxy
// between client and moto therefore forwards one request at a time, except for those
// that wait for messages.
//
// For tests only. Without a moto_server a test is skipped, and fails where the
// environment says CI=true.
package awstest
