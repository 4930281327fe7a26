package attachment

import (
	"net/netip"
	"strconv"
	"strings"
)

// Field names one value of an attachment that events can change: a parameter of
// the connection, or one of the tunnel with that TunnelIndex. Identifiers
// are not fields, nor is what [Change.TakeAlong] takes.
type Field struct {
	tunnel  uint8 // 0: the connection; else the TunnelIndex
	section uint8 // index into ConnectionSections or TunnelSections
	field   uint8 // index into the section's Fields
}

func (f Field) in() *Section {
	if f.tunnel > 0 {
		return &TunnelSections[f.section]
	}
	return &ConnectionSections[f.section]
}

// Parameter returns the field's row of the parameter table.
func (f Field) Parameter() *Parameter { return &f.in().Fields[f.field] }

// Name returns the name that [Lookup] knows: "Name", "IkeConfig.Psk",
// "Tunnel.1.TunnelIkeConfig.Psk".
func (f Field) Name() string { return f.prefix() + f.Parameter().Name }

// Partners returns the other fields of the field's unit.
func (f Field) Partners() (others []Field) {
	unit := f.Parameter().Unit
	for i := range f.in().Fields {
		if other := (Field{f.tunnel, f.section, uint8(i)}); unit != "" && other != f && other.Parameter().Unit == unit {
			others = append(others, other)
		}
	}
	return others
}

// Fits reports whether the change's values of the field's unit go together: a
// LocalBgpIp has to lie within its TunnelCidr. A value that is absent fits every other.
func (c *Change) Fits(f Field) bool {
	if f.section != SectionBGP || f.Parameter().Unit == "" {
		return true
	}
	at := TunnelCIDR
	if f.tunnel > 0 {
		at -= LocalASN
	}
	block, errBlock := netip.ParsePrefix(c.Get(Field{f.tunnel, f.section, uint8(at)}).Text())
	ip, errIP := netip.ParseAddr(c.Get(Field{f.tunnel, f.section, uint8(at + LocalBGPIP - TunnelCIDR)}).Text())
	return errBlock != nil || errIP != nil || block.Contains(ip)
}

func (f Field) prefix() string {
	prefix := ""
	if f.tunnel > 0 {
		prefix = "Tunnel." + strconv.Itoa(int(f.tunnel)) + "."
	}
	if name := f.in().Name; name != "" {
		prefix += name + "."
	}
	return prefix
}

// fieldsByName are all fields.
var fieldsByName = func() map[string]Field {
	all := map[string]Field{}
	for tunnel := range MaxTunnels + 1 {
		sections := ConnectionSections
		if tunnel > 0 {
			sections = TunnelSections
		}
		for s := range sections {
			for p := range sections[s].Fields {
				if f := (Field{uint8(tunnel), uint8(s), uint8(p)}); f.changes() {
					all[f.Name()] = f
				}
			}
		}
	}
	return all
}()

// FieldNamed finds a field by its name.
func FieldNamed(name string) (Field, bool) {
	f, ok := fieldsByName[name]
	return f, ok
}

// changes reports whether the value is one that events change.
func (f Field) changes() bool {
	switch {
	case f.section > SectionTop:
		return true
	case f.tunnel > 0:
		return f.field != TunnelIndex && f.field != TunnelID
	}
	return !isModifier(int(f.field))
}

// Resolve returns the change with its tunnels named by TunnelIndex, and whether
// that could be done. It can't when an item names no tunnel of the attachment, two
// items name the same, or index and id don't fit; [Validate] tells which. Without the
// current configuration no TunnelId can be.
func (c *Change) Resolve(current *Current) (Change, bool) {
	resolved, seen := *c, [MaxTunnels]bool{}
	for n := range resolved.Tunnels() {
		t := &resolved.tunnels[n]
		index, ok := current.tunnelIndex(t)
		if !ok || seen[index] {
			return Change{}, false
		}
		id := t.Values[TunnelID].Text()
		if id != "" && (current == nil || current.Tunnels[index].ID != "" && id != current.Tunnels[index].ID) {
			return Change{}, false
		}
		seen[index] = true
		t.Values[TunnelID] = Value{}
		if !t.Values[TunnelIndex].Present() {
			t.Values[TunnelIndex] = NewValue(strconv.Itoa(index + 1))
		}
	}
	return resolved, true
}

// Fields returns the fields that the change holds, in the order of the table; of
// tunnels only those named by TunnelIndex.
func (c *Change) Fields() []Field {
	var all []Field
	for s := range ConnectionSections {
		all = appendFields(all, 0, s, c.Section(s))
	}
	for n := range c.Tunnels() {
		t := &c.tunnels[n]
		if index, ok := (*Current)(nil).tunnelIndex(t); ok {
			for s := range TunnelSections {
				all = appendFields(all, index+1, s, t.Section(s))
			}
		}
	}
	return all
}

func appendFields(all []Field, tunnel, section int, values []Value) []Field {
	for i := range values {
		if f := (Field{uint8(tunnel), uint8(section), uint8(i)}); values[i].Present() && f.changes() {
			all = append(all, f)
		}
	}
	return all
}

// Get returns the field's value, absent when the change does not hold it.
func (c *Change) Get(f Field) Value {
	if f.tunnel == 0 {
		return c.Section(int(f.section))[f.field]
	}
	for n := range c.Tunnels() {
		if index, ok := (*Current)(nil).tunnelIndex(&c.tunnels[n]); ok && index+1 == int(f.tunnel) {
			return c.tunnels[n].Section(int(f.section))[f.field]
		}
	}
	return Value{}
}

// Set puts a present value into the field, with the objects that it belongs to.
func (c *Change) Set(f Field, v Value) {
	if f.tunnel == 0 {
		c.Section(int(f.section))[f.field] = v
		c.sections[f.section].hold(v.pos)
		return
	}
	t := c.tunnelNamed(int(f.tunnel), v.pos)
	t.Section(int(f.section))[f.field] = v
	t.sections[f.section].hold(v.pos)
}

func (s *sectionState) hold(pos int32) {
	if !s.present {
		*s = sectionState{present: true, pos: pos}
	}
}

// tunnelNamed returns the item of the tunnel, a new one if the change has none.
func (c *Change) tunnelNamed(index int, pos int32) *Tunnel {
	c.hasTunnels.hold(pos)
	for n := range c.Tunnels() {
		if i, ok := (*Current)(nil).tunnelIndex(&c.tunnels[n]); ok && i+1 == index {
			return &c.tunnels[n]
		}
	}
	n := min(c.tunnelLen, MaxTunnels-1)
	c.tunnelLen = n + 1
	c.tunnels[n] = Tunnel{pos: pos}
	c.tunnels[n].Values[TunnelIndex] = NewValue(strconv.Itoa(index))
	return &c.tunnels[n]
}

// TakeAlong copies from other, where c has none, the parameters that go along with
// a change without being one: those without effect.
func (c *Change) TakeAlong(other *Change) {
	for f := range connectionFields {
		if isModifier(f) && !connectionFields[f].Identifier && !c.Values[f].Present() {
			c.Values[f] = other.Values[f]
		}
	}
}

// Value returns the field's value as the service shows it. It may be a secret, also
// a masked one.
func (cur *Current) Value(f Field) Value {
	if f.tunnel > 0 {
		return cur.config.tunnels[f.tunnel-1].Section(int(f.section))[f.field]
	}
	return cur.config.Get(f)
}

// Canonical returns the one form of all values of the field that mean the same.
func (f Field) Canonical(value string) string {
	if kind := f.Parameter().Kind; kind == Subnets || kind == CIDR {
		return strings.Join(canonicalCIDRs(value), ",")
	}
	return value
}

// Shows says of a value that was asked for whether the attachment has it, by
// meaning. known is false for a secret that the service does not show whole, and for
// what no answer shows.
func (cur *Current) Shows(f Field, value string) (same, known bool) {
	own, now := NewValue(value), cur.Value(f)
	if p := f.Parameter(); p.Unseen || p.Secret && now.masked() {
		return false, false
	}
	return !valueDiffers(f.Parameter(), &own, &now), true
}

// Settled reports whether the attachment is at rest, so that a change to it can be
// sent: it is attached, init or active, or of unknown state, and no tunnel is
// being changed.
func (cur *Current) Settled() bool {
	switch cur.State {
	case "attached", "init", "active", "":
	default:
		return false
	}
	for i := range cur.Tunnels {
		if state := cur.Tunnels[i].State; cur.Dual && state != "active" && state != "" {
			return false
		}
	}
	return true
}
