package attachment

import "vpnattach/shared/core/secret"

// Compare lists in what a change differs, by meaning, from the one that is wanted, in the
// order of the table, what names the attachment and the tunnels included. From is what is
// wanted and To what got has; what is absent is empty. Of secrets only dynamic references
// are shown, and a wanted *** takes any key.
func Compare(want, got *Change) []Difference {
	var all []Difference
	compare := func(at location, want, got *Value) {
		p := at.parameter()
		anyKey := p.Secret && want.Text() == secret.Redacted && got.Present()
		if want.Present() == got.Present() && (!want.Present() || anyKey || !p.differs(want, got)) {
			return
		}
		d := Difference{Path: at.path(), From: p.display(want), To: p.display(got)}
		if d.From == secret.Redacted && d.To == secret.Redacted {
			d.To += " (another key)"
		}
		all = append(all, d)
	}
	for s := range ConnectionSections {
		for f := range want.Section(s) {
			compare(location{section: s, field: f}, &want.Section(s)[f], &got.Section(s)[f])
		}
	}
	tunnels := func(n int, want, got *Tunnel) {
		for s := range TunnelSections {
			for f := range want.Section(s) {
				compare(location{tunnel: n + 1, section: s, field: f}, &want.Section(s)[f], &got.Section(s)[f])
			}
		}
	}
	var none Tunnel
	for n := range want.Tunnels() {
		if other := got.itemOf(&want.tunnels[n]); other >= 0 {
			tunnels(n, &want.tunnels[n], &got.tunnels[other])
		} else {
			tunnels(n, &want.tunnels[n], &none)
		}
	}
	for n := range got.Tunnels() {
		if want.itemOf(&got.tunnels[n]) < 0 {
			tunnels(n, &none, &got.tunnels[n])
		}
	}
	return all
}

// itemOf returns which item names the same tunnel, or -1.
func (c *Change) itemOf(t *Tunnel) int {
	for n := range c.Tunnels() {
		own := &c.tunnels[n]
		if own.Values[TunnelIndex].Text() == t.Values[TunnelIndex].Text() && own.Values[TunnelID].Text() == t.Values[TunnelID].Text() {
			return n
		}
	}
	return -1
}

// differs reports whether two values differ in meaning.
func (p *Parameter) differs(a, b *Value) bool {
	if p.Kind == Subnets || p.Kind == CIDR {
		return valueDiffers(p, a, b)
	}
	return a.Text() != b.Text()
}

// display returns a value without its secret.
func (p *Parameter) display(v *Value) string {
	if p.Secret && v.Present() && !v.IsReference() {
		return secret.Redacted
	}
	return v.Text()
}
