// Package confirm looks whether an attachment has become what was asked, and
// publishes the outcome. It changes nothing.
//
//	handler, err := confirm.New(confirm.Config{Service: client, Ledger: store, Again: requeue, Publish: put, DigestKey: key})
//	response, err := handler.Handle(ctx, batch)
//
// Each message of apply names the fields that were asked for. As long as the
// attachment is in motion, or differs, the message goes back on the queue with a
// delay, until its deadline.
package confirm
