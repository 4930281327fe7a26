package apply_test

import (
	"slices"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"pgregory.net/rapid"

	"vpnattach/shared/aws/awstest"
	"vpnattach/shared/ledger"
	"vpnattach/shared/ledger/dynamo"
)

// dynamoSchedules is how many schedules a run of the tests plays over DynamoDB: fewer,
// since every step of the ledger is a request.
const dynamoSchedules = 60

// TestDynamoConverges plays what [TestConvergence] plays over a ledger in DynamoDB,
// whose answers are sometimes lost, so that the client retries or gives up.
func TestDynamoConverges(t *testing.T) {
	s := awstest.Shared(t)
	lost := new(answers)
	client := dynamodb.NewFromConfig(s.Losing(t, lost.next).Config())
	converge(t, dynamoSchedules, func(r *rapid.T) ledger.Store {
		table := s.Table(t, dynamo.KeyAttribute)
		// A client gives up after five.
		lost.draw(rapid.SliceOfN(rapid.SampledFrom([]int{-10, -3, -1, 1, 2, 5}), 0, 10).Draw(r, "lost answers"))
		return dynamo.New(client, table)
	}, func() { lost.draw(nil) })
}

// answers says which answers are lost, in their order.
type answers struct {
	mu   sync.Mutex
	lost []bool
}

// draw takes how many in a row are lost or, below zero, arrive.
func (a *answers) draw(runs []int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.lost = nil
	for _, n := range runs {
		a.lost = append(a.lost, slices.Repeat([]bool{n > 0}, max(n, -n))...)
	}
}

func (a *answers) next(string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.lost) == 0 {
		return false
	}
	lose := a.lost[0]
	a.lost = a.lost[1:]
	return lose
}
