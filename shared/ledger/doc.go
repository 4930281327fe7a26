// Package ledger records, for each field of each attachment, the last event whose
// value for it has been applied. It is what makes the outcome independent of the
// order in which events arrive: an event's value is taken only when its [Stamp] is
// newer than the field's.
//
//	entry, err := store.Load(ctx, key)
//	if stamp.Compare(entry.Fields["IkeConfig.Psk"]) > 0 { … apply it … }
//	entry, err = ledger.Record(ctx, store, key, entry, done)
//
// A field that the ledger has a stamp for, equal or newer, is done. So its stamp is
// written last: what comes before may happen twice, after a crash, to the same
// effect. Only the [Call] is written before it is made. The ledger holds names, times, ids
// and keyed digests, never values.
package ledger
