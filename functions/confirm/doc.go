// Package confirm checks whether an attachment is as asked, and publishes the outcome.
// It changes nothing.
//
//	handler, err := confirm.New(confirm.Config{Service: client, Ledger: store, Again: requeue, Publish: put, DigestKey: key})
//	response, err := handler.Handle(ctx, batch)
//
// Each message of apply names the fields that were asked for. As long as the
// attachment is being changed, or differs, the message goes back to the queue with a
// delay, until its deadline.
package confirm
