package apply

import (
	"slices"
	"strconv"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/ledger"
)

// part is a change as it takes part in a fold.
type part struct {
	*change
	asked      attachment.Change  // the change with its tunnels named by index
	alone      attachment.Change  // what is left of it for the fold
	remaining  []attachment.Field // the fields of alone
	superseded []attachment.Field // those that a newer event owns
	differs    bool               // alone differs from what the attachment is
}

// fold is several changes as one: each field has the value of the newest change
// that names it, unless the ledger has a newer one.
type fold struct {
	key     ledger.Key
	entry   ledger.Entry
	current *attachment.Current

	change  attachment.Change
	winners map[attachment.Field]ledger.Stamp
	parts   []*part // newest first
	live    []*part // those with fields in it
}

// newFold folds the parts and fills in their other fields.
func newFold(parts []*part, entry ledger.Entry, key ledger.Key, current *attachment.Current) *fold {
	f := &fold{key: key, entry: entry, current: current, change: emptyChange(key), winners: map[attachment.Field]ledger.Stamp{}, parts: slices.Clone(parts)}
	slices.SortStableFunc(f.parts, func(a, b *part) int { return b.stamp.Compare(a.stamp) })
	for _, p := range f.parts {
		f.add(p)
	}
	for _, p := range f.live {
		if _, p.differs = attachment.Merge(&p.alone, current); p.differs {
			f.change.TakeAlong(&p.asked)
		}
	}
	return f
}

func emptyChange(key ledger.Key) (c attachment.Change) {
	c.Values[attachment.RegionID] = attachment.NewValue(key.RegionID)
	c.Values[attachment.VpnConnectionID] = attachment.NewValue(key.VpnConnectionID)
	return c
}

// wins reports whether the part's value of a field is the newest.
func (f *fold) wins(p *part, field attachment.Field) bool {
	_, taken := f.winners[field]
	return !taken && p.stamp.Compare(f.entry.Fields[field.Name()]) > 0
}

// add puts the fields of the part that are the newest into the fold.
func (f *fold) add(p *part) {
	p.alone = emptyChange(f.key)
	for _, field := range p.asked.Fields() {
		switch {
		case !f.wins(p, field):
			if p.stamp.Compare(f.winners[field]) < 0 || p.stamp.Compare(f.entry.Fields[field.Name()]) < 0 {
				p.superseded = append(p.superseded, field)
			} // else the same change is done already, or was sent twice
		case f.splitsUnit(p, field):
			p.superseded = append(p.superseded, field)
		default:
			p.remaining = append(p.remaining, field)
		}
	}
	for _, field := range p.remaining {
		value := p.asked.Get(field)
		p.alone.Set(field, value)
		f.change.Set(field, value)
		f.winners[field] = p.stamp
	}
	if len(p.remaining) > 0 {
		f.live = append(f.live, p)
	}
}

// splitsUnit reports whether a field is superseded together with the rest of its unit:
// a newer change owns another field of the unit, and the remaining fields are not valid
// beside the newer value. (Where they are valid they count, as they would if the older
// change had come first.)
func (f *fold) splitsUnit(p *part, field attachment.Field) bool {
	unit := field.Unit()
	if unit == "" {
		return false
	}
	whole, rest := true, emptyChange(f.key)
	for _, other := range p.asked.Fields() {
		switch {
		case other.Unit() != unit:
		case f.wins(p, other):
			rest.Set(other, p.asked.Get(other))
		default:
			whole = false
			if newer := f.change.Get(other); newer.Present() {
				rest.Set(other, newer)
			}
		}
	}
	return !whole && attachment.Validate(&rest, f.current, "").HasError()
}

// ids are what makes the ClientToken. Within one delivery the same events make the
// same one, so that a call repeated then is one change to the service. Another
// delivery gets another one, because between the two the attachment may have changed,
// and a repeated token would be answered without any effect. The receive count does
// not distinguish deliveries: a queue may lose it in a crash. salt distinguishes the
// calls of one delivery when the service says that a token was used.
func (f *fold) ids(delivery string, salt int) []string {
	ids := []string{"delivery " + delivery}
	for _, p := range f.live {
		ids = append(ids, p.message.EventID)
	}
	if salt > 0 {
		ids = append(ids, "attempt "+strconv.Itoa(salt))
	}
	return ids
}

// token is the ClientToken that the sender of a change has chosen. It is used only for
// a change that is sent alone and for the first time.
func (f *fold) token(salt int) attachment.Value {
	if p := f.live[0]; len(f.live) == 1 && p.received == 1 && salt == 0 {
		return p.asked.Values[attachment.ClientToken]
	}
	return attachment.Value{}
}

// stamps is what the ledger records of changes that are done: all their fields, since
// superseded ones stay superseded.
func (f *fold) stamps() map[string]ledger.Stamp {
	stamps := map[string]ledger.Stamp{}
	for _, p := range f.parts {
		for _, field := range p.asked.Fields() {
			if name := field.Name(); p.stamp.Compare(stamps[name]) > 0 {
				stamps[name] = p.stamp
			}
		}
	}
	return stamps
}
