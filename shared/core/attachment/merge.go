package attachment

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"vpnattach/shared/core/secret"
)

// Merge makes of a patch the change to send, given what the attachment is now:
// nothing of what the service does with a partial object is left to chance.
//
//   - A scalar is sent when it differs.
//   - A nested object is sent when one of its fields differs, and then whole. So is
//     the item of a tunnel, with all its objects, named by TunnelIndex.
//   - LocalSubnet and RemoteSubnet are always sent, and EffectImmediately, which may
//     fall to its default when it is left out.
//   - A value that no answer shows always differs, and makes all that the change names
//     go out, so that a request sent again is the same one, whatever has been done of it.
//   - Parameters without effect go along; alone they are not a difference.
//   - A masked key is never sent. With [Current.OmitMasked] the object goes out without it.
//   - A parameter without documentation is sent only when the change has it.
//
// differs is false when the attachment is as asked already. Whether the change
// can be sent at all is for [Validate] to say.
func Merge(c *Change, current *Current) (send Change, differs bool) {
	now, all := &current.config, c.unseen()
	for f := range connectionFields {
		v := c.Values[f]
		switch {
		case !v.Present():
		case isModifier(f):
			send.Values[f] = v
		case all || valueDiffers(&connectionFields[f], &v, &now.Values[f]):
			send.Values[f] = v
			differs = true
		}
	}
	for s := SectionIKE; s < len(ConnectionSections); s++ {
		section := &ConnectionSections[s]
		if sectionDiffers(section, c.Section(s), now.Section(s)) || all && c.Has(s) && (s != SectionIKE || current.OmitMasked || hasKey(c.Section(s), now.Section(s))) {
			differs = true
			send.sections[s].present = true
			fill(send.Section(s), c.Section(s), now.Section(s), section.Fields)
		}
	}
	for n := range c.Tunnels() {
		own := &c.tunnels[n]
		index, ok := current.tunnelIndex(own)
		if !ok {
			continue
		}
		to := &now.tunnels[index]
		if !tunnelDiffers(own, to) && (!all || !current.OmitMasked && !hasKey(own.Section(SectionIKE), to.Section(SectionIKE))) {
			continue
		}
		differs = true
		send.hasTunnels.present = true
		send.tunnels[send.tunnelLen] = wholeTunnel(own, to, index)
		send.tunnelLen++
	}
	for _, f := range [...]int{LocalSubnet, RemoteSubnet, EffectImmediately} {
		if !send.Values[f].Present() && now.Values[f].Text() != "" {
			send.Values[f] = now.Values[f]
		}
	}
	return send, differs
}

// unseen reports whether the change holds a value that no answer shows.
func (c *Change) unseen() bool {
	for f := range connectionFields {
		if connectionFields[f].Unseen && c.Values[f].Present() {
			return true
		}
	}
	return false
}

// hasKey reports whether an IKE object can go out with its key.
func hasKey(own, now []Value) bool { return own[PSK].Present() || !now[PSK].masked() }

// KeysLeftOut returns the keys that [Merge] leaves out, with [Current.OmitMasked], of what
// the change names: no answer shows whether they have stayed. The change names its tunnels
// by TunnelIndex.
func (c *Change) KeysLeftOut(current *Current) (keys []Field) {
	if c.Has(SectionIKE) && !hasKey(c.Section(SectionIKE), current.config.Section(SectionIKE)) {
		keys = append(keys, Field{section: SectionIKE, field: PSK})
	}
	for n := range c.Tunnels() {
		t := &c.tunnels[n]
		if index, ok := current.tunnelIndex(t); ok && !hasKey(t.Section(SectionIKE), current.config.tunnels[index].Section(SectionIKE)) {
			keys = append(keys, Field{tunnel: uint8(index + 1), section: SectionIKE, field: PSK})
		}
	}
	return keys
}

// isModifier reports whether the parameter only goes along with a change: it names the
// attachment or the request, or has no effect.
func isModifier(field int) bool {
	p := &connectionFields[field]
	return p.Identifier || p.NoEffect || p.Hidden
}

// fill puts the patch over what is there now, leaving out what is empty, masked or not
// documented.
func fill(dst, patch, now []Value, fields []Parameter) {
	for f := range dst {
		switch {
		case patch[f].Present():
			dst[f] = patch[f]
		case now[f].Text() == "" || fields[f].Hidden || fields[f].Secret && now[f].masked():
		default:
			dst[f] = now[f]
		}
	}
}

func wholeTunnel(own, now *Tunnel, index int) Tunnel {
	t := Tunnel{pos: own.pos}
	for s := range TunnelSections {
		fill(t.Section(s), own.Section(s), now.Section(s), TunnelSections[s].Fields)
		for _, v := range t.Section(s) {
			t.sections[s].present = t.sections[s].present || v.Present()
		}
	}
	t.Values[TunnelIndex] = NewValue([...]string{"1", "2"}[index])
	t.Values[TunnelID] = Value{}
	return t
}

func sectionDiffers(section *Section, own, now []Value) bool {
	for f := range own {
		if own[f].Present() && valueDiffers(&section.Fields[f], &own[f], &now[f]) {
			return true
		}
	}
	return false
}

func tunnelDiffers(own, now *Tunnel) bool {
	for s := range TunnelSections {
		for f, v := range own.Section(s) {
			if s == SectionTop && (f == TunnelIndex || f == TunnelID) {
				continue
			}
			if v.Present() && valueDiffers(&TunnelSections[s].Fields[f], &v, &now.Section(s)[f]) {
				return true
			}
		}
	}
	return false
}

// valueDiffers compares by meaning. A key differs from one that is not known; a
// reference, and what no answer shows, from everything.
func valueDiffers(p *Parameter, own, now *Value) bool {
	switch {
	case own.IsReference() || p.Unseen || p.Secret && now.masked():
		return true
	case p.Kind == Subnets || p.Kind == CIDR:
		return !slices.Equal(canonicalCIDRs(own.Text()), canonicalCIDRs(now.Text()))
	}
	return own.Text() != now.Text()
}

// canonicalCIDRs returns the blocks of a list, canonical, sorted and without repetition.
func canonicalCIDRs(list string) []string {
	items := strings.Split(list, ",")
	for i, item := range items {
		if block, err := netip.ParsePrefix(strings.TrimSpace(item)); err == nil {
			items[i] = block.Masked().String()
		}
	}
	slices.SortStableFunc(items, strings.Compare)
	return slices.Compact(items)
}

// Difference is one field that the change would alter. From and To are "***" for
// a secret; From is empty when the field is not set now.
type Difference struct {
	Path   string `json:"path"`             // as the change document has it
	Tunnel int    `json:"tunnel,omitempty"` // TunnelIndex of the tunnel that it is about; 0: none
	From   string `json:"from"`
	To     string `json:"to"`
}

// Place is the path for people: "Tunnel 2 TunnelIkeConfig.Psk" where the path counts the
// items of a list.
func (d *Difference) Place() string { return Place(d.Path, d.Tunnel) }

// Place is the path of a difference with that Tunnel for people.
func Place(path string, tunnel int) string {
	if item, member, ok := strings.Cut(path, "]."); ok && tunnel > 0 && strings.HasPrefix(item, TunnelsName+"[") {
		return "Tunnel " + strconv.Itoa(tunnel) + " " + member
	}
	return path
}

// Diff lists what the change would alter, in the order of the table.
func Diff(c *Change, current *Current) []Difference {
	var all []Difference
	compare := func(at location, tunnel int, own, now *Value) {
		p := at.parameter()
		if !own.Present() || !valueDiffers(p, own, now) {
			return
		}
		d := Difference{Path: at.path(), Tunnel: tunnel, From: now.Text(), To: own.Text()}
		if p.Secret {
			d.From, d.To = secret.Redacted, secret.Redacted
		}
		all = append(all, d)
	}
	for s := range ConnectionSections {
		own, now := c.Section(s), current.config.Section(s)
		for f := range own {
			if s > SectionTop || !isModifier(f) {
				compare(location{section: s, field: f}, 0, &own[f], &now[f])
			}
		}
	}
	for n := range c.Tunnels() {
		index, ok := current.tunnelIndex(&c.tunnels[n])
		if !ok {
			continue
		}
		for s := range TunnelSections {
			own, now := c.tunnels[n].Section(s), current.config.tunnels[index].Section(s)
			for f := range own {
				if s > SectionTop || f != TunnelIndex && f != TunnelID {
					compare(location{tunnel: n + 1, section: s, field: f}, index+1, &own[f], &now[f])
				}
			}
		}
	}
	return all
}
