// Package awstest runs moto's server for tests: SQS, DynamoDB, EventBridge, Secrets
// Manager and SSM over real HTTP, on loopback, with nothing kept.
//
//	aws := awstest.Shared(t)
//	client := sqs.NewFromConfig(aws.Config())
//
// A server is a process of its own, which ends with its test, or with the test
// program, however that ends. moto takes requests in threads that lock nothing, so
// that of two conditional writes both can succeed; the services are not like that.
// Between client and moto there is therefore a proxy that lets requests through one
// at a time, but for those that wait for messages.
//
// For tests only. Without a moto_server a test is skipped, and fails where the
// environment says CI=true.
package awstest
