// Package bundle holds the tests of the whole bundle as it runs in the cloud: the
// built programs of ingest, apply, confirm and rotate, with the cloud around them emulated
// on loopback.
//
//   - Lambda is package lambdatest: it starts the programs as processes and hands them
//     invocations through the Runtime API.
//   - SQS, DynamoDB, EventBridge, Secrets Manager, the Parameter Store and S3 are moto's,
//     over real HTTP. A proxy between moto and each function records the calls:
//     testdata/actions.json has them by the names in template.yaml, to compare with the
//     policies there. UPDATE=1 writes it anew.
//   - The event source mappings, API Gateway, the retries of asynchronous invocations
//     and their failure destination are emulated by the tests.
//   - The VPC API is the emulator, with its faults. Package sitevpntest is the EC2 API: the
//     other end of the tunnels whose keys are rotated, each end the other's device.
//   - Secrets Manager's steps of a rotation are taken by the tests, since moto invokes no
//     function that is not its own.
//
// # Time
//
// Tests move the time of the queues. A message that goes back to a queue stays invisible
// until the test lets time pass, and one that is sent with a delay arrives at once; the
// tests record and check the timeouts and delays. The tests move the emulator's clock
// too. The functions use the machine's clock.
//
// # Secrets
//
// Each test has secrets of its own. At its end, every public text is
// searched for them: the lines of the logs with their metrics, the answers,
// the attributes of all messages, the confirm messages, the outcome events and the
// items of the ledger. The bodies of changes, which do hold them, prove that the
// search works.
package bundle
