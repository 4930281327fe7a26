package apply

import (
	"slices"
	"strconv"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/ledger"
)

// fold is several changes as one: each field has the value of the newest change
// that names it, unless the ledger has a newer one.
type fold struct {
	change  attachment.Change
	winners map[attachment.Field]ledger.Stamp
	changes []*change // those with fields left in it, newest first
}

// newFold folds the changes, which have been resolved against current.
func newFold(changes []*change, entry ledger.Entry, key ledger.Key, current *attachment.Current) *fold {
	f := &fold{winners: map[attachment.Field]ledger.Stamp{}}
	f.change = blank(key)
	newest := slices.Clone(changes)
	slices.SortStableFunc(newest, func(a, b *change) int { return b.stamp.Compare(a.stamp) })
	for _, c := range newest {
		f.add(c, entry, key, current)
	}
	for _, c := range f.changes {
		if _, c.differs = attachment.Merge(&c.part, current); c.differs {
			f.change.TakeAlong(&c.asked)
		}
	}
	return f
}

func blank(key ledger.Key) (c attachment.Change) {
	c.Values[attachment.RegionID] = attachment.NewValue(key.RegionID)
	c.Values[attachment.VpnConnectionID] = attachment.NewValue(key.VpnConnectionID)
	return c
}

// add puts into the fold what of the change is newer than all else.
func (f *fold) add(c *change, entry ledger.Entry, key ledger.Key, current *attachment.Current) {
	c.part, c.left, c.lost, c.differs = blank(key), nil, nil, false
	fields := c.asked.Fields()
	wins := func(field attachment.Field) bool {
		_, taken := f.winners[field]
		return !taken && c.stamp.Compare(entry.Fields[field.Name()]) > 0
	}
	for _, field := range fields {
		switch {
		case !wins(field):
			if c.stamp.Compare(f.winners[field]) < 0 || c.stamp.Compare(entry.Fields[field.Name()]) < 0 {
				c.lost = append(c.lost, field)
			} // else it is the change itself that is done, or comes twice
		case f.torn(field, fields, wins, &c.asked, key, current):
			c.lost = append(c.lost, field)
		default:
			c.left = append(c.left, field)
		}
	}
	for _, field := range c.left {
		value := c.asked.Get(field)
		c.part.Set(field, value)
		f.change.Set(field, value)
		f.winners[field] = c.stamp
	}
	if len(c.left) > 0 {
		f.changes = append(f.changes, c)
	}
}

// torn reports whether a field has to lose together with the rest of its unit: the
// change has lost another field of the unit to a newer one, and what is left of the
// unit doesn't fit the newer value. (Where it does fit, it has to win, as it would
// have, had the older change come first.)
func (f *fold) torn(field attachment.Field, fields []attachment.Field, wins func(attachment.Field) bool,
	asked *attachment.Change, key ledger.Key, current *attachment.Current) bool {
	unit := field.Unit()
	if unit == "" {
		return false
	}
	whole, rest := true, blank(key)
	for _, other := range fields {
		switch {
		case other.Unit() != unit:
		case wins(other):
			rest.Set(other, asked.Get(other))
		default:
			whole = false
			if newer := f.change.Get(other); newer.Present() {
				rest.Set(other, newer)
			}
		}
	}
	return !whole && attachment.Validate(&rest, current, "").HasError()
}

// ids are what makes the ClientToken. Within one delivery the same events make the
// same one, so that a call repeated then is one change to the service. Another
// delivery gets another one, because between the two the attachment may have changed,
// and a repeated token would be answered without any effect. How often the record
// has been received does not tell deliveries apart: a queue may forget that in a
// crash. salt tells apart the calls of one delivery when the service says that a
// token is used up.
func (f *fold) ids(delivery string, salt int) []string {
	ids := []string{"delivery " + delivery}
	for _, c := range f.changes {
		ids = append(ids, c.message.EventID)
	}
	if salt > 0 {
		ids = append(ids, "attempt "+strconv.Itoa(salt))
	}
	return ids
}

// token is the ClientToken that the sender of a change has chosen. It counts only
// for a change that is sent alone and for the first time.
func (f *fold) token(salt int) attachment.Value {
	if c := f.changes[0]; len(f.changes) == 1 && c.received == 1 && salt == 0 {
		return c.asked.Values[attachment.ClientToken]
	}
	return attachment.Value{}
}

// fields is what the ledger has to record of changes that are done: all their
// fields, since those that lost have lost for good.
func fields(changes []*change) map[string]ledger.Stamp {
	stamps := map[string]ledger.Stamp{}
	for _, c := range changes {
		for _, field := range c.asked.Fields() {
			if name := field.Name(); c.stamp.Compare(stamps[name]) > 0 {
				stamps[name] = c.stamp
			}
		}
	}
	return stamps
}
