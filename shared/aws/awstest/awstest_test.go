package awstest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// recorder records whether a test was skipped or failed.
type recorder struct {
	testing.TB
	did string
}

func (r *recorder) Helper()           {}
func (r *recorder) Skip(args ...any)  { r.did = "skip: " + fmt.Sprint(args...) }
func (r *recorder) Fatal(args ...any) { r.did = "fatal: " + fmt.Sprint(args...) }

func TestNoServer(t *testing.T) {
	for name, tt := range map[string]struct{ script, ci, want string }{
		"missing":       {"", "", "skip: no moto_server on the path: make tools, or pip install 'moto[server]'; or set MOTO_SERVER"},
		"missing on CI": {"", "true", "fatal: no moto_server on the path"},
		"ends":          {"#!/bin/sh\necho no module named moto >&2\n", "", "fatal: moto_server has ended: no module named moto"},
		"ends silently": {"#!/bin/sh\n", "", "fatal: moto_server has ended: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("CI", tt.ci)
			path := filepath.Join(t.TempDir(), "moto_server")
			if tt.script != "" {
				if err := os.WriteFile(path, []byte(tt.script), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			_, err := start(path)
			got := &recorder{TB: t}
			check(got, err)
			if !strings.HasPrefix(got.did, tt.want) {
				t.Errorf("got %q, want %q", got.did, tt.want)
			}
		})
	}
}

func TestLosing(t *testing.T) {
	t.Parallel()
	s := Shared(t)
	var lost atomic.Int32
	losing := s.Losing(t, func(action string) bool {
		lose := action == "AmazonSQS.CreateQueue"
		if lose {
			lost.Add(1)
		}
		return lose
	})
	name := aws.String("losing")
	_, err := sqs.NewFromConfig(losing.Config()).CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: name})
	if err == nil || lost.Load() != 5 {
		t.Errorf("got %v after %d attempts, want an error after 5", err, lost.Load())
	}
	for _, server := range []*Server{s, losing} {
		queue, err := sqs.NewFromConfig(server.Config()).GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: name})
		if err != nil || !strings.HasPrefix(*queue.QueueUrl, server.URL) {
			t.Errorf("got %+v, %v, want a queue at %s", queue, err, server.URL)
		}
	}
}

// TestWaiting: a ReceiveMessage that waits blocks no other request, and is not blocked.
func TestWaiting(t *testing.T) {
	t.Parallel()
	s := Shared(t)
	client := sqs.NewFromConfig(s.Config())
	queue, err := client.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("waiting")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: queue.QueueUrl, MessageBody: aws.String("come")}); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	s.process.turn.Lock()
	defer s.process.turn.Unlock()
	output, err := client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: queue.QueueUrl, WaitTimeSeconds: 20})
	if err != nil || len(output.Messages) != 1 {
		t.Errorf("got %+v, %v", output, err)
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	s := Shared(t)
	first, second := s.Table(t, "pk"), s.Losing(t, keepAll).Table(t, "pk")
	if first == second {
		t.Errorf("two tables of the name %s", first)
	}
	answer, err := dynamodb.NewFromConfig(s.Config()).DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: &second})
	if err != nil || *answer.Table.KeySchema[0].AttributeName != "pk" {
		t.Errorf("got %+v, %v", answer, err)
	}
}

// TestEnds shows that a server ends with the test, and with a test program that is killed.
func TestEnds(t *testing.T) {
	t.Parallel()
	s := Shared(t)
	if os.Getenv("MOTO_TEST_HOLD") == "1" {
		fmt.Println("listens on", s.process.target.Host)
		_, _ = io.Copy(io.Discard, os.Stdin)
		return
	}
	t.Run("with the test", func(t *testing.T) {
		t.Parallel()
		var connection net.Conn
		t.Run("", func(t *testing.T) { connection = dial(t, Start(t).process.target.Host) })
		ended(t, connection)
	})
	t.Run("with the program", func(t *testing.T) {
		t.Parallel()
		program := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestEnds$", "-test.v")
		program.Env = append(os.Environ(), "MOTO_TEST_HOLD=1")
		if _, err := program.StdinPipe(); err != nil {
			t.Fatal(err)
		}
		out, err := program.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := program.Start(); err != nil {
			t.Fatal(err)
		}
		var connection net.Conn
		for lines := bufio.NewScanner(out); connection == nil && lines.Scan(); {
			if _, host, found := strings.Cut(lines.Text(), "listens on "); found {
				connection = dial(t, host)
			}
		}
		if err := program.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = program.Wait()
		if connection == nil {
			t.Fatal("the program has started no server")
		}
		ended(t, connection)
	})
}

func dial(t *testing.T, host string) net.Conn {
	t.Helper()
	connection, err := new(net.Dialer).DialContext(context.WithoutCancel(t.Context()), "tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	return connection
}

// ended waits for the other end to be closed.
func ended(t *testing.T, connection net.Conn) {
	t.Helper()
	defer func() { _ = connection.Close() }()
	if n, err := connection.Read(make([]byte, 1)); n != 0 || err == nil {
		t.Errorf("got %d bytes, %v, want the connection closed", n, err)
	}
}
