package sqs_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"vpnattach/shared/aws/awstest"
	"vpnattach/shared/aws/sqs"
)

// mustCreate returns the URL of a queue.
func mustCreate(t *testing.T, client *awssqs.Client, name string) string {
	t.Helper()
	in := &awssqs.CreateQueueInput{QueueName: &name, Attributes: map[string]string{}}
	if strings.HasSuffix(name, ".fifo") {
		in.Attributes["FifoQueue"] = "true"
	}
	out, err := client.CreateQueue(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return *out.QueueUrl
}

func mustReceive(t *testing.T, client *awssqs.Client, url string) []types.Message {
	t.Helper()
	out, err := client.ReceiveMessage(t.Context(), &awssqs.ReceiveMessageInput{
		QueueUrl: &url, MaxNumberOfMessages: 10,
		MessageAttributeNames: []string{"All"}, MessageSystemAttributeNames: []types.MessageSystemAttributeName{"All"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.Messages
}

func TestWireOrdered(t *testing.T) {
	t.Parallel()
	client := awssqs.NewFromConfig(awstest.Shared(t).Config())
	url := mustCreate(t, client, "ordered.fifo")
	list := entries("a1", "a2", "b1", "a3")
	list[0].Attributes = map[string]string{"reason": "first", "none": ""}
	for range 2 { // the second time all are known
		if err := sqs.NewSender(client, url).Send(t.Context(), list); err != nil {
			t.Fatal(err)
		}
	}
	got := map[string]string{}
	for range 4 { // moto gives one message of a group at a time
		for _, m := range mustReceive(t, client, url) {
			group := m.Attributes["MessageGroupId"]
			got[group] += *m.Body + " "
			if *m.Body == "a1" && aws.ToString(m.MessageAttributes["reason"].StringValue) != "first" {
				t.Errorf("attributes: %v", m.MessageAttributes)
			}
			if _, err := client.DeleteMessage(t.Context(), &awssqs.DeleteMessageInput{QueueUrl: &url, ReceiptHandle: m.ReceiptHandle}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got["a"] != "a1 a2 a3 " || got["b"] != "b1 " {
		t.Errorf("got %v", got)
	}
}

func TestWireChangeVisibility(t *testing.T) {
	t.Parallel()
	client := awssqs.NewFromConfig(awstest.Shared(t).Config())
	url := mustCreate(t, client, "hidden")
	if err := sqs.NewSender(client, url).Send(t.Context(), []sqs.Entry{{Body: "one"}}); err != nil {
		t.Fatal(err)
	}
	messages := mustReceive(t, client, url)
	if len(messages) != 1 || len(mustReceive(t, client, url)) != 0 {
		t.Fatalf("got %d messages, want one, once", len(messages))
	}
	consumer := sqs.NewConsumer(client, url)
	if err := consumer.ChangeVisibility(t.Context(), []string{*messages[0].ReceiptHandle}, 0); err != nil {
		t.Fatal(err)
	}
	if messages = mustReceive(t, client, url); len(messages) != 1 {
		t.Fatalf("visible again: got %d messages, want it again", len(messages))
	}
	if err := consumer.ChangeVisibility(t.Context(), []string{*messages[0].ReceiptHandle}, time.Hour); err != nil {
		t.Fatal(err)
	}
	err := consumer.ChangeVisibility(t.Context(), []string{"no receipt"}, time.Hour)
	var failed *sqs.Error
	if !errors.As(err, &failed) || !failed.Failures[0].Refused {
		t.Errorf("an invalid receipt: got %v", err)
	}
}

func TestWireFailures(t *testing.T) {
	t.Parallel()
	config := awstest.Shared(t).Config()
	client := awssqs.NewFromConfig(config)
	url := mustCreate(t, client, "failures")
	nowhere := config
	nowhere.BaseEndpoint = aws.String("http://127.0.0.1:1")
	nowhere.RetryMaxAttempts = 1
	tests := []struct {
		name    string
		client  *awssqs.Client
		url     string
		body    string
		code    string
		refused bool
	}{
		{"no queue", client, strings.Replace(url, "failures", "missing", 1), psk, "NonExistentQueue", false},
		{"too large", client, url, psk + strings.Repeat("x", 1<<20), "BatchRequestTooLong", true},
		{"connection refused", awssqs.NewFromConfig(nowhere), url, psk, sqs.NoAnswer, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			// Too short for the pause before a second attempt, long enough for a first.
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if tt.code == sqs.NoAnswer {
				ctx = ending{ctx}
			}
			err := sqs.NewSender(tt.client, tt.url).Send(ctx, []sqs.Entry{{Body: tt.body}})
			var failed *sqs.Error
			if !errors.As(err, &failed) {
				t.Fatalf("got %v", err)
			}
			if f := failed.Failures[0]; !strings.Contains(f.Code, tt.code) || f.Refused != tt.refused {
				t.Errorf("got %+v, want %s, refused %v", f, tt.code, tt.refused)
			}
			if strings.Contains(err.Error(), psk) {
				t.Errorf("the error quotes the body: %v", err)
			}
			t.Log(err)
		})
	}
}

// ending is a context whose deadline is now, and which does not end.
type ending struct{ context.Context }

func (ending) Deadline() (time.Time, bool) { return time.Now(), true }
