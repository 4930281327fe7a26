// Package apply brings changes from the queue to the attachments they are for: at
// most one Modify call for each attachment in a batch.
//
//	handler, err := apply.New(apply.Config{Service: client, Ledger: store, DeadLetter: keep})
//	response, err := handler.Handle(ctx, batch)
//
// For each attachment: read the ledger, which may have all of it already; resolve
// references; Describe; fold the
// changes field by field, the newest first, without what the ledger has already;
// validate and merge; when something differs, record the call in the ledger and Modify;
// queue the confirm message; and last write the fields into the ledger. Whatever is
// interrupted is delivered again, and whatever is done already shows in Describe or in the
// ledger, so the configuration depends on the set of accepted events only.
//
// Each of these steps returns a decision or leaves it to the next one; decisions are
// carried out in one place.
//
// A record ends as applied, unchanged or rejected, or it goes back to the queue. In
// its group nothing overtakes it then: all that follow go back too.
package apply
