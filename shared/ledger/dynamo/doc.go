// Package dynamo keeps the ledger in a DynamoDB table: the store of the cloud.
//
//	table := dynamo.New(dynamodb.NewFromConfig(config), "Ledger")
//
// The table's partition key is [KeyAttribute], a string; it has no sort key. Time to
// live is on [ExpiryAttribute]. An attachment's item never expires, and reads
//
//	pk       cn-hangzhou/vco-p0w5112fgnl2ihlmf0000
//	version  7
//	call     {"number": 3, "request": "…", "sent": "2026-03-01T12:00:01Z", "asked": {"IkeConfig.Psk": "…", …}}
//	fields   {"IkeConfig.Psk": {"time": "2026-03-01T12:00:00Z", "way": "…", "sequence": "…", "id": "…", "source": "…", "part": "…"}, …}
//
// way, sequence, source and part only where they are not empty. Beside it are the ids that have been
// seen, "seen/…", for as long as they are kept, and what rotations need: the fates of
// changes, "fate/…", until when changes wait, "waiting/…", and the rotations that are not
// done, "rotations".
//
// Reads are consistent, and writes are conditional on what they were made from. A
// client that sends a write again whose answer it has not got may be told that the
// condition fails, because of itself: that is a [ledger.ErrConflict], after which
// [ledger.Record] reads again, finds its stamps there and is done.
package dynamo
