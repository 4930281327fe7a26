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

// Server is a moto server, or a proxy in front of one; see [Server.Losing].
type Server struct {
	// URL is the endpoint of every service, for AWS_ENDPOINT_URL. Any credentials are
	// accepted.
	URL string

	process *process
}

// Start starts a server that ends with the test.
func Start(t testing.TB) *Server {
	t.Helper()
	p, err := start(program())
	check(t, err)
	t.Cleanup(p.stop)
	front := p.serve(keepAll)
	t.Cleanup(front.Close)
	return &Server{front.URL, p}
}

// Shared returns the one server that all tests of a package share, which ends with the
// test program. Starting one takes seconds. Each test needs its own names of
// queues, tables and secrets.
func Shared(t testing.TB) *Server {
	t.Helper()
	if testing.Short() {
		t.Skip("-short starts no moto_server")
	}
	s, err := shared()
	check(t, err)
	return s
}

var shared = sync.OnceValues(func() (*Server, error) {
	p, err := start(program())
	if err != nil {
		return nil, err
	}
	return &Server{p.serve(keepAll).URL, p}, nil
})

func program() string { return cmp.Or(os.Getenv("MOTO_SERVER"), "moto_server") }

func keepAll(string) bool { return false }

// check skips the test without a server, or ends it in CI.
func check(t testing.TB, err error) {
	t.Helper()
	switch {
	case errors.Is(err, errMissing) && os.Getenv("CI") != "true":
		t.Skip(err)
	case err != nil:
		t.Fatal(err)
	}
}

// Losing returns a proxy to the same server that loses responses: the server carries
// the request out, then the connection breaks. lose chooses by the action as in the
// X-Amz-Target header ("DynamoDB_20120810.PutItem"), and must be safe for concurrent
// use.
func (s *Server) Losing(t testing.TB, lose func(action string) bool) *Server {
	front := s.process.serve(lose)
	t.Cleanup(front.Close)
	return &Server{front.URL, s.process}
}

// Config returns the configuration of clients: region eu-central-1, and five attempts
// a millisecond apart at most.
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

// Table makes a DynamoDB table with a name of its own, whose partition key is a string,
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
