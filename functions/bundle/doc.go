// Package bundle holds the tests of the whole bundle as it runs in the cloud: the
// built programs of ingest, apply and confirm, with the cloud around them played on
// loopback.
//
//   - Lambda is package runtimeapi: it starts the programs as processes and hands them
//     invocations through the Runtime API.
//   - SQS, DynamoDB, EventBridge, Secrets Manager and the Parameter Store are moto's,
//     over real HTTP. Between it and each function stands a proxy that notes what the
//     function calls: testdata/actions.json holds all of that, by the names in
//     template.yaml, for comparison with the policies there. UPDATE=1 writes it anew.
//   - The event source mappings, API Gateway, the retries of asynchronous invocations
//     and their failure destination are played by the tests.
//   - The VPC API is the emulator, with its faults.
//
// # Time
//
// In the queues time passes only when a test says so. What goes back to a queue stays
// hidden, however long the function has asked for, until the test lets time pass; and
// what is sent with a delay is there at once. What the functions have asked for is
// noted and checked. The emulator's clock is the test's as well: it stands still until
// a test moves it. The clock of the functions is the machine's.
//
// # Secrets
//
// Each test has secrets of its own. At its end, all that anybody may see is searched
// for them: the lines of the functions' logs with the metrics among them, the answers,
// the attributes of all messages, the confirm messages, the outcome events and the
// items of the ledger. The bodies of changes, which do hold them, prove the search.
package bundle
