package attachment

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"vpnattach/shared/core/finding"
)

// Validate judges a change by every check and returns all findings in document
// order, or nil. Without current (nil), only what the change
// itself proves wrong is an error, and a check that needs a value which the change
// does not carry stays silent; with current, the merged result is judged. peer
// names a profile of [Peers], or is empty.
//
// To judge many changes, keep a [Validator].
func Validate(c *Change, current *Current, peer string) finding.Findings {
	return new(Validator).Validate(c, current, peer)
}

// Validator judges changes and reuses its memory from one call to the next. The
// zero value is ready. It is not for use by several goroutines at once.
type Validator struct {
	// MergesLater says that the change will be merged with the current configuration
	// before anything is sent, though it is not known yet: what a partial object does to
	// the service does not matter then.
	MergesLater bool

	j      judge
	merged Change
}

// Validate is the function [Validate]. The findings stay valid.
func (v *Validator) Validate(c *Change, current *Current, peer string) finding.Findings {
	j := &v.j
	*j = judge{change: c, current: current, mergesLater: v.MergesLater, merged: &v.merged, peer: peerNamed(peer), subnets: j.subnets}
	for side := range j.subnets {
		j.subnets[side].known = false
	}
	noted := c.notes.Findings()
	j.found.Add(noted...)
	if len(noted) > 0 && noted[0].Check == jsonInvalid.ID {
		return j.found.Findings()
	}
	j.overlay()
	j.connection()
	for n := range c.Tunnels() {
		j.tunnel(n)
	}
	j.crossFieldChecks()
	if current != nil {
		j.againstCurrent()
	}
	found := j.found.Findings().Sorted()
	j.found = finding.List{}
	j.nameTunnels(found)
	return found
}

// nameTunnels has messages say which tunnel they mean, where checks name the item as
// paths do, by its place in the list.
func (j *judge) nameTunnels(found finding.Findings) {
	for i := range found {
		f := &found[i]
		for n := range j.change.Tunnels() {
			item := location{tunnel: n + 1, field: wholeSection}.path()
			name := j.tunnelName(n)
			f.Message, f.Hint = withName(f.Message, item, name), withName(f.Hint, item, name)
			// A message about a tunnel says so, wherever it is shown.
			if strings.HasPrefix(f.Path, item) && !strings.Contains(f.Message, name) {
				f.Message = name + strings.TrimPrefix(f.Path, item) + ": " + f.Message
				f.Message = strings.Replace(f.Message, name+".", name+" ", 1)
			}
		}
	}
}

// withName replaces the path of an item, and the dot between it and a member.
func withName(text, item, name string) string {
	if !strings.Contains(text, item) {
		return text
	}
	return strings.ReplaceAll(strings.ReplaceAll(text, item+".", name+" "), item, name)
}

// tunnelName is what people call the tunnel that the n-th item is about: "Tunnel 2", or
// its place in the list where the item does not say.
func (j *judge) tunnelName(n int) string {
	t := &j.change.tunnels[n]
	if index, ok := j.current.tunnelIndex(t); ok {
		return "Tunnel " + strconv.Itoa(index+1)
	}
	if index := t.Values[TunnelIndex].Text(); index == "1" || index == "2" {
		return "Tunnel " + index
	}
	return "item " + strconv.Itoa(n+1) + " of " + TunnelsName
}

// judge is one validation under way.
type judge struct {
	change      *Change
	current     *Current // nil when not known
	mergesLater bool
	merged      *Change // the change over current; a copy of the change when current is not known
	peer        *Peer
	found       finding.List
	subnets     [2]subnetList       // LocalSubnet and RemoteSubnet, parsed
	tunnels     [MaxTunnels]*Tunnel // in merged, the tunnel that the n-th item names
}

// report adds a finding at a location. An error has the parameter's error code, unless
// the check has one of its own.
func (j *judge) report(check *finding.Check, at location, message string) {
	j.reportHint(check, at, message, "")
}

// reportHint is report with a closer hint than the check's, unless hint is empty.
func (j *judge) reportHint(check *finding.Check, at location, message, hint string) {
	j.reportFix(check, at, message, hint, finding.Fix{})
}

// reportFix is reportHint with what to write.
func (j *judge) reportFix(check *finding.Check, at location, message, hint string, fix finding.Fix) {
	f := check.At(at.path(), message).Hinted(hint)
	f.Pos, f.Fix = int(j.position(at)), fix
	if f.APICode == "" && f.Severity == finding.Error && at.field != wholeSection {
		f.APICode = at.parameter().APICode
	}
	j.found.Add(f)
}

// position returns where in the document the location is: the value's own position,
// or that of the nearest object around it.
func (j *judge) position(at location) int32 {
	c := j.change
	switch {
	case at.tunnel == wholeList:
		return c.hasTunnels.pos
	case at.tunnel > 0:
		t := &c.tunnels[at.tunnel-1]
		if at.field != wholeSection {
			if v := &t.Section(at.section)[at.field]; v.Present() {
				return v.pos
			}
		}
		if at.section > 0 && t.sections[at.section].present {
			return t.sections[at.section].pos
		}
		return t.pos
	}
	if at.field != wholeSection {
		if v := &c.Section(at.section)[at.field]; v.Present() {
			return v.pos
		}
	}
	return c.sections[at.section].pos
}

// window is one section of the change together with the same section over the
// current configuration.
type window struct {
	own, merged []Value
	at          location
	shift       int // TunnelBgpConfig lacks the first field of BgpConfig
}

func (j *judge) window(tunnel, section int) window {
	w := window{at: location{tunnel: tunnel, section: section, field: wholeSection}}
	if tunnel == 0 {
		w.own, w.merged = j.change.Section(section), j.merged.Section(section)
		return w
	}
	w.own, w.merged = j.change.tunnels[tunnel-1].Section(section), j.tunnels[tunnel-1].Section(section)
	if section == SectionBGP {
		w.shift = LocalASN
	}
	return w
}

// text returns the merged value, "" when it is absent, refused, or a reference
// that only the service's side of the program can resolve.
func (w window) text(field int) string {
	if field < w.shift {
		return ""
	}
	v := w.merged[field-w.shift]
	if v.state != usable || v.IsReference() {
		return ""
	}
	return v.Text()
}

func (w window) touched(fields ...int) bool {
	return slices.ContainsFunc(fields, func(f int) bool { return f >= w.shift && w.own[f-w.shift].Present() })
}

// locationOr returns the location of the field when the change holds it, else other.
func (w window) locationOr(field int, other location) location {
	if w.touched(field) {
		return w.location(field)
	}
	return other
}

// location returns where to report on the fields: the first that the change holds.
func (w window) location(fields ...int) location {
	at := w.at
	for _, f := range fields {
		if f >= w.shift && w.own[f-w.shift].Present() {
			at.field = f - w.shift
			break
		}
	}
	return at
}

// overlay makes the merged configuration, in which refused values are marked too.
func (j *judge) overlay() {
	if j.current == nil {
		*j.merged = *j.change
		for n := range j.tunnels {
			j.tunnels[n] = &j.merged.tunnels[n]
		}
		return
	}
	*j.merged = j.current.With(j.change)
	for n := range j.change.Tunnels() {
		t := &j.change.tunnels[n]
		if index, ok := j.current.tunnelIndex(t); ok {
			j.tunnels[n] = &j.merged.tunnels[index]
		} else {
			unknown := *t
			j.tunnels[n] = &unknown
		}
	}
}

// With returns the configuration with the values of a change over it. Tunnel n is
// item n-1.
func (cur *Current) With(c *Change) Change {
	merged := cur.config
	overlay(merged.Values[:], c.Values[:])
	hold(merged.sections[:], c.sections[:])
	for n := range c.Tunnels() {
		t := &c.tunnels[n]
		if index, ok := cur.tunnelIndex(t); ok {
			overlay(merged.tunnels[index].Values[:], t.Values[:])
			hold(merged.tunnels[index].sections[:], t.sections[:])
		}
	}
	return merged
}

func overlay(base, patch []Value) {
	for i := range patch {
		if patch[i].Present() {
			base[i] = patch[i]
		}
	}
}

func hold(base, patch []sectionState) {
	for s := range patch {
		base[s].present = base[s].present || patch[s].present
	}
}

func (j *judge) connection() {
	for s := range ConnectionSections {
		w := j.window(0, s)
		j.values(w, ConnectionSections[s].Fields)
		if s > SectionTop && j.change.Has(s) {
			j.section(s, w)
		}
	}
	j.peer.blocks(j, j.window(0, SectionTop))
	j.peer.crossFieldChecks(j, j.window(0, SectionIKE), j.window(0, SectionIPsec), j.window(0, SectionBGP))
}

func (j *judge) tunnel(n int) {
	for s := range TunnelSections {
		w := j.window(n+1, s)
		j.values(w, TunnelSections[s].Fields)
		if s > SectionTop && j.change.tunnels[n].Has(s) {
			j.section(s, w)
		}
	}
	j.peer.crossFieldChecks(j, j.window(n+1, SectionIKE), j.window(n+1, SectionIPsec), j.window(n+1, SectionBGP))
}

var (
	noEffect = finding.Declare(finding.Check{
		ID: "no-effect", Severity: finding.Info, Part: finding.Values,
		Title: "Newer documentation says that the parameter has no effect.",
		Why:   "Older pages describe it, newer ones say that it changes nothing. To send it is harmless and misleading.",
		Hint:  "leave it out",
		Ref:   refAPI,
	})
	undocumented = finding.Declare(finding.Check{
		ID: "undocumented-parameter", Severity: finding.Info, Part: finding.Values,
		Title: "The official SDK has the parameter, the documentation does not.",
		Why:   "It may change its meaning or vanish without notice.",
		Hint:  "leave it out unless support told you to set it",
		Ref:   refAPI,
	})
)

// values judges each value of a section by its row of the parameter table, then
// by its own check.
func (j *judge) values(w window, fields []Parameter) {
	at := w.at
	for f := range w.own {
		v := &w.own[f]
		if v.state != usable || v.IsReference() {
			continue
		}
		at.field = f
		param, text := &fields[f], v.Text()
		if param.NoEffect {
			j.report(noEffect, at, at.path()+" is documented as having no effect")
		}
		if param.Hidden {
			j.report(undocumented, at, at.path()+" is not documented")
		}
		if param.Secret && !j.isKey(at, text) || !j.constraints(param, at, text) {
			w.merged[f].state = refused // in the merged copy: the change itself stays as it was
			continue
		}
		if check := checkOf(at, param); check != nil {
			check(j, at, text)
		}
	}
}

var (
	valueNotAllowed = finding.Declare(finding.Check{
		ID: "value-not-allowed", Severity: finding.Error, Part: finding.Values, InSchema: true,
		Title: "The value is not one that the API allows.",
		Why:   "The service takes only the values that its documentation lists, and refuses the call for any other.",
		Fix:   "Choose one of the values that the finding lists; the list of parameters has them too.",
		Ref:   refAPI,
	})
	outOfRange = finding.Declare(finding.Check{
		ID: "out-of-range", Severity: finding.Error, Part: finding.Values, InSchema: true,
		Title: "The number is outside of the documented range.",
		Why:   "The documentation gives the range, and the service refuses what lies outside.",
		Fix:   "Give a number within the range that the finding names.",
		Ref:   refAPI,
	})
	textIsMask = finding.Declare(finding.Check{
		ID: "text-is-a-mask", Severity: finding.Error, Part: finding.Values,
		Title: "The text is nothing but asterisks.",
		Why:   "Displays show asterisks in place of a value. Sent back, they would become the value.",
		Hint:  "give the value itself, or leave the parameter out to keep the current one",
		Ref:   refAPI,
	})
	textLength = finding.Declare(finding.Check{
		ID: "text-length", Severity: finding.Error, Part: finding.Values, InSchema: true,
		Title: "The text is shorter or longer than documented.",
		Why:   "The documentation limits the length, and the service refuses a longer text or an empty one.",
		Fix:   "Shorten the text to the length that the finding names, or leave the parameter out.",
		Ref:   refAPI,
	})
)

// constraints judges a value by what the parameter's row says: the values
// allowed, the range, the length, the form.
func (j *judge) constraints(param *Parameter, at location, text string) bool {
	switch param.Kind {
	case Int, ASN:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < param.Min || n > param.Max {
			bounds := strconv.FormatInt(param.Min, 10) + " to " + strconv.FormatInt(param.Max, 10)
			j.reportHint(outOfRange, at, at.path()+" is "+param.number(text)+", not within "+bounds, "give a number from "+bounds)
			return false
		}
	case Subnets:
		return j.subnetList(at, text)
	case CIDR:
		return j.tunnelCIDR(at, text)
	case IP:
		return j.address(at, text)
	case Text:
		if strings.HasPrefix(text, "*") && !param.Secret && strings.Trim(text, "*") == "" {
			j.report(textIsMask, at, at.path()+" is nothing but asterisks")
			return false
		}
		if len(param.Enum) > 0 && !slices.Contains(param.Enum, text) {
			hint, fix := "one of "+strings.Join(param.Enum, ", "), finding.Fix{}
			if value := param.meant(text); value != "" {
				hint, fix.Value = writeIt(value), param.json(value)
			}
			j.reportFix(valueNotAllowed, at, at.path()+" is "+param.Quote(text)+", which the API does not allow", hint, fix)
			return false
		}
		if n := length(text, param.Max); n < param.Min || param.Max > 0 && n > param.Max {
			bounds := strconv.FormatInt(param.Min, 10) + " to " + strconv.FormatInt(param.Max, 10) + " characters"
			if param.Max == 0 {
				bounds = "at least 1 character"
			}
			j.reportHint(textLength, at, at.path()+" has "+strconv.FormatInt(n, 10)+" characters, not "+bounds, "give "+bounds)
			return false
		}
	}
	return true
}

// length returns the number of characters, or of bytes where that is within most
// already.
func length(text string, most int64) int64 {
	if n := int64(len(text)); n <= most {
		return n
	}
	return int64(utf8.RuneCountInString(text))
}
