package main

import (
	"io"
	"net"
	"net/http"
)

const (
	prefix    = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:"
	queueBase = "https://sqs.eu-central-1.amazonaws.com/123456789012/"
)

// serveAWS answers as Secrets Manager does, always with the same secret, and as a table
// without items does. The functions call nothing else before their first answer.
func serveAWS() (url string, stop func(), err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Header.Get("X-Amz-Target") {
		case "secretsmanager.GetSecretValue":
			w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		case "DynamoDB_20120810.GetItem":
			w.Header().Set("Content-Type", "application/x-amz-json-1.0")
			_, _ = io.WriteString(w, `{}`)
			return
		default:
			http.Error(w, "only GetSecretValue and GetItem are served here", http.StatusNotImplemented)
			return
		}
		_, _ = io.WriteString(w, `{"ARN":"`+prefix+`digest-key-AbCdEf","Name":"digest-key","SecretString":"whsec_ZXhhbXBsZS1leGFtcGxlLWV4YW1wbGUtZXhhbXBsZQ==","VersionId":"1"}`) // fails only when the client is gone
	})}
	go func() { _ = server.Serve(listener) }() // until Close
	return "http://" + listener.Addr().String(), func() { _ = server.Close() }, nil
}

// environment has the variables of all functions.
func environment(aws string) []string {
	return []string{
		"AWS_REGION=eu-central-1", "AWS_ACCESS_KEY_ID=example", "AWS_SECRET_ACCESS_KEY=example", "AWS_SESSION_TOKEN=example",
		"AWS_ENDPOINT_URL=" + aws, "AWS_LAMBDA_LOG_LEVEL=INFO", "LEDGER_TABLE=ledger", "EVENT_BUS=bus",
		"CHANGE_QUEUE_URL=" + queueBase + "changes.fifo", "DEAD_LETTER_QUEUE_URL=" + queueBase + "letters.fifo",
		"CONFIRM_QUEUE_URL=" + queueBase + "confirm", "FAILED_QUEUE_URL=" + queueBase + "failed",
		"DIGEST_KEY_SECRET=" + prefix + "digest-key-AbCdEf", "CREDENTIALS_SECRET=" + prefix + "credentials-AbCdEf",
		"WEBHOOK_SECRET=" + prefix + "webhook-AbCdEf", "CHANGE_SOURCES=webhook", "SECRET_ARNS=" + prefix + "vpn/*",
		"MODE=apply", "VPC_RATE=10", "CONFIRM_WITHIN=10m",
	}
}
