package awstest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Server is a moto server, or another way to one; see [Server.Losing].
type Server struct {
	// URL is the endpoint of every service: what AWS_ENDPOINT_URL is for. Any
	// credentials are right.
	URL string

	process *process
}

// Start starts a server that ends with the test.
func Start(t testing.TB) *Server {
	t.Helper()
	p, err := start(program())
	check(t, err)
	t.Cleanup(p.stop)
	front := p.serve(nothing)
	t.Cleanup(front.Close)
	return &Server{front.URL, p}
}

// Shared returns the one server that all tests of a package share, which ends with the
// test program. Starting one takes seconds. Names of queues, tables and secrets have
// to be each test's own.
func Shared(t testing.TB) *Server {
	t.Helper()
	s, err := shared()
	check(t, err)
	return s
}

var shared = sync.OnceValues(func() (*Server, error) {
	p, err := start(program())
	if err != nil {
		return nil, err
	}
	return &Server{p.serve(nothing).URL, p}, nil
})

func program() string { return cmp.Or(os.Getenv("MOTO_SERVER"), "moto_server") }

func nothing(string) bool { return false }

// check skips or ends the test when there is no server.
func check(t testing.TB, err error) {
	t.Helper()
	switch {
	case errors.Is(err, errMissing) && os.Getenv("CI") != "true":
		t.Skip(err)
	case err != nil:
		t.Fatal(err)
	}
}

// Losing returns another way to the same server, on which answers get lost: the server
// does what it is asked, and then the connection breaks. lose chooses by the action as
// the X-Amz-Target header has it ("DynamoDB_20120810.PutItem"), and has to be safe for concurrent use.
func (s *Server) Losing(t testing.TB, lose func(action string) bool) *Server {
	front := s.process.serve(lose)
	t.Cleanup(front.Close)
	return &Server{front.URL, s.process}
}

// Config returns the configuration of clients: region eu-central-1, and five attempts
// with next to no time between them.
func (s *Server) Config() aws.Config {
	return aws.Config{
		Region:       "eu-central-1",
		BaseEndpoint: &s.URL,
		Credentials:  credentials.NewStaticCredentialsProvider("test", "test", ""),
		Retryer: func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) {
				o.MaxAttempts, o.MaxBackoff, o.RateLimiter = 5, time.Millisecond, ratelimit.None
			})
		},
	}
}

// Table makes a DynamoDB table with a name of its own, whose partition key is a text,
// and returns the name.
func (s *Server) Table(t testing.TB, key string) string {
	t.Helper()
	name := fmt.Sprintf("table-%d", s.process.tables.Add(1))
	_, err := dynamodb.NewFromConfig(s.Config()).CreateTable(context.Background(), &dynamodb.CreateTableInput{
		TableName:            &name,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: &key, AttributeType: types.ScalarAttributeTypeS}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: &key, KeyType: types.KeyTypeHash}},
		BillingMode:          types.BillingModePayPerRequest,
	})
	if err != nil {
		t.Fatal(err)
	}
	return name
}
