package apply

import (
	"fmt"
	"slices"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/ledger"
)

// part is a change as it takes part in a fold.
type part struct {
	*change
	asked      attachment.Change  // the change with its tunnels named by index
	alone      attachment.Change  // what is left of it for the fold
	remaining  []attachment.Field // the fields of alone
	superseded []attachment.Field // those that a newer event owns, and the torn ones
	torn       []attachment.Field // those that lose because their partner has lost
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
		case f.tears(p, field):
			p.superseded = append(p.superseded, field)
			p.torn = append(p.torn, field)
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

// tears reports whether a field that would win has to lose because it does not fit its
// partner: the other field of its unit, which a newer event owns. Where it does fit, it
// has to win, as it would have, had the older change come first.
//
// Of a partner that the fold replaces, the value from before counts too if that is newer
// than the change: had the change come before the fold, it would have been torn, or been
// rejected where it does not name the partner.
func (f *fold) tears(p *part, field attachment.Field) bool {
	for _, partner := range field.Partners() {
		lost := p.asked.Get(partner).Present() && !f.wins(p, partner)
		newer := f.change.Get(partner)
		replaced := newer.Present() && fits(p, field, partner, newer)
		if lost && newer.Present() && !replaced {
			return true
		}
		before := p.stamp.Compare(f.entry.Fields[partner.Name()]) < 0
		if before && (lost || replaced) && !fits(p, field, partner, f.current.Value(partner)) {
			return true
		}
	}
	return false
}

// fits reports whether the part's value of the field goes with that value of its partner.
func fits(p *part, field, partner attachment.Field, value attachment.Value) bool {
	var pair attachment.Change
	pair.Set(field, p.asked.Get(field))
	if value.Present() {
		pair.Set(partner, value)
	}
	return pair.Fits(field)
}

// ids are those of all events of the fold, those too that have nothing in it, so that an
// event that comes again among others makes another request.
func (f *fold) ids() (ids []string) {
	for _, p := range f.parts {
		ids = append(ids, fmt.Sprintf("%q %q %q", p.stamp.EventID, p.stamp.Source, p.stamp.Part))
	}
	return ids
}

// newest is the latest stamp of the fields in the fold.
func (f *fold) newest() (newest ledger.Stamp) {
	for _, stamp := range f.winners {
		if stamp.Compare(newest) > 0 {
			newest = stamp
		}
	}
	return newest
}

// token is the ClientToken that the sender of a change has chosen. It counts only
// for a change that is alone.
func (f *fold) token() attachment.Value {
	if len(f.parts) == 1 {
		return f.parts[0].asked.Values[attachment.ClientToken]
	}
	return attachment.Value{}
}

// stamps is what the ledger has to record of changes that are done: all their fields,
// since those that lost to a newer one have lost for good, but not the torn ones. Their
// values are nobody's, so an older event that fits may still give the field its value.
func (f *fold) stamps() map[string]ledger.Stamp {
	stamps := map[string]ledger.Stamp{}
	for _, p := range f.parts {
		for _, field := range p.asked.Fields() {
			if name := field.Name(); p.stamp.Compare(stamps[name]) > 0 && !slices.Contains(p.torn, field) {
				stamps[name] = p.stamp
			}
		}
	}
	return stamps
}
