package apply

import (
	"fmt"
	"slices"
	"time"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/ledger"
	"vpnattach/shared/message"
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

// digest is what the ledger holds of a value. It begins with what tells one key from
// another, since the digests of another key say nothing.
func digest(key secret.Secret, value string) string {
	return keyName(key) + message.Digest(key, value)
}

func keyName(key secret.Secret) string { return message.Digest(key, "")[:8] }

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

// ids are what makes the ClientToken, with the parameters: all events of the fold, those
// too that have nothing in it, so that an event that comes again among others makes
// another request. The same events make the same ids in every delivery and process, so
// that a call repeated is one change to the service.
//
// An event counts once more when the attachment has a value of its own that the fold
// takes back. It was sent after a call for all of them had been made, which happens when
// a crash cuts a batch anew, and the token of that call has been used up.
func (f *fold) ids() (ids []string) {
	for _, p := range f.parts {
		id := fmt.Sprintf("%q %q %q", p.stamp.EventID, p.stamp.Source, p.stamp.Part)
		ids = append(ids, id)
		if slices.ContainsFunc(p.superseded, func(field attachment.Field) bool { return f.takesBack(p, field) }) {
			ids = append(ids, "not "+id)
		}
	}
	return ids
}

// takesBack reports whether the attachment has the part's value of a field, and the fold
// another one.
func (f *fold) takesBack(p *part, field attachment.Field) bool {
	value, newer := p.asked.Get(field).Text(), f.change.Get(field)
	shown, _ := f.current.Shows(field, value)
	stays, _ := f.current.Shows(field, newer.Text())
	return shown && newer.Present() && !stays
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
// sent is when a call for the fold was answered, zero without one.
func (f *fold) stamps(sent time.Time, key secret.Secret) map[string]ledger.Stamp {
	stamps := map[string]ledger.Stamp{}
	for _, p := range f.parts {
		for _, field := range p.asked.Fields() {
			if name := field.Name(); p.stamp.Compare(stamps[name]) > 0 && !slices.Contains(p.torn, field) {
				stamps[name] = p.stamp
			}
		}
	}
	for field, stamp := range f.winners {
		if !sent.IsZero() && !key.IsZero() {
			stamp.Sent, stamp.Digest = sent, digest(key, field.Canonical(f.change.Get(field).Text()))
			stamps[field.Name()] = stamp
		}
	}
	return stamps
}
