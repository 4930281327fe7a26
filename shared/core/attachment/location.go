package attachment

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/agnivade/levenshtein"
)

// location is where a finding belongs: a field, or a section or list as a whole.
type location struct {
	tunnel  int // 0: the connection; n: the n-th item of TunnelOptionsSpecification
	section int // index into ConnectionSections or TunnelSections
	field   int // index into the section's Fields
}

const (
	wholeSection = -1 // as a field: the object itself
	wholeList    = -1 // as a tunnel: TunnelOptionsSpecification itself
)

// whole is the change document itself.
var whole = location{field: wholeSection}

// parameter returns the table row of the field.
func (at location) parameter() *Parameter { return &at.in().Fields[at.field] }

func (at location) in() *Section {
	if at.tunnel > 0 {
		return &TunnelSections[at.section]
	}
	return &ConnectionSections[at.section]
}

// path returns the location as text: "IkeConfig.Psk",
// "TunnelOptionsSpecification[0].TunnelIkeConfig.Psk", "" for the document.
func (at location) path() string {
	if at.tunnel == wholeList {
		return TunnelsName
	}
	path := ""
	if at.tunnel > 0 {
		path = TunnelsName + "[" + strconv.Itoa(at.tunnel-1) + "]"
	}
	path = joinPath(path, at.in().Name)
	if at.field == wholeSection {
		return path
	}
	return joinPath(path, at.parameter().Name)
}

func joinPath(path, name string) string {
	if path == "" || name == "" {
		return path + name
	}
	return path + "." + name
}

// Lookup finds a parameter by the name that rules use for it: "RemoteSubnet",
// "IkeConfig", "IkeConfig.Psk", "Tunnel.1.TunnelIkeConfig.Psk" (the tunnel whose
// TunnelIndex is 1), "Tunnel.2.EnableDpd".
func Lookup(name string) (Parameter, bool) {
	table := Parameters
	if rest, ok := strings.CutPrefix(name, "Tunnel."); ok {
		index, field, ok := strings.Cut(rest, ".")
		if !ok || index != "1" && index != "2" {
			return Parameter{}, false
		}
		table, name = tunnelParameters, field
		if name == tunnelFields[TunnelIndex].Name || name == tunnelFields[TunnelID].Name {
			return Parameter{}, false // the name says which tunnel already
		}
	}
	object, field, nested := strings.Cut(name, ".")
	for _, p := range table {
		switch {
		case p.Name != object:
		case !nested:
			return p, true
		case p.Kind == Object:
			for _, f := range p.Fields {
				if f.Name == field {
					return f, true
				}
			}
		}
	}
	return Parameter{}, false
}

// Nearest returns the name that Lookup knows and that name most likely means, or
// "" when none is near.
func Nearest(name string) string {
	if rest, ok := strings.CutPrefix(name, TunnelsName+"."); ok {
		name = "Tunnel." + rest // the flattened form of the wire
		if _, ok := Lookup(name); ok {
			return name
		}
	}
	prefix, table := "", Parameters
	if rest, ok := strings.CutPrefix(name, "Tunnel."); ok {
		if len(rest) < 3 || rest[0] != '1' && rest[0] != '2' || rest[1] != '.' {
			return ""
		}
		prefix, name, table = name[:len("Tunnel.")+2], rest[2:], tunnelParameters
	}
	object, field, nested := strings.Cut(name, ".")
	near := nearest(object, table)
	if near == "" || !nested {
		return joinNonEmpty(prefix, near)
	}
	for _, p := range table {
		if p.Name == near {
			if f := nearest(field, p.Fields); f != "" {
				return prefix + near + "." + f
			}
		}
	}
	return ""
}

func joinNonEmpty(prefix, name string) string {
	if name == "" {
		return ""
	}
	return prefix + name
}

// nearest returns the name in table closest to name.
func nearest(name string, table []Parameter) string {
	var known []string
	for _, p := range table {
		known = append(append(known, p.Name), p.Aliases...)
	}
	near := NearestOf(name, known)
	for _, p := range table {
		if slices.Contains(p.Aliases, near) {
			return p.Name
		}
	}
	return near
}

// NearestOf returns the word that name most likely means, or "" when none is near:
// the same but for case, or few letters away.
func NearestOf(name string, known []string) string {
	if len(name) > 64 {
		return ""
	}
	best, bestDistance := "", max(min(2, len(name)-1), len(name)/3)+1
	lower, length := strings.ToLower(name), utf8.RuneCountInString(name)
	for _, candidate := range known {
		// The difference in length is the least distance, and costs nothing beside it.
		if n := utf8.RuneCountInString(candidate); max(n-length, length-n) >= bestDistance {
			continue
		}
		if d := levenshtein.ComputeDistance(lower, strings.ToLower(candidate)); d < bestDistance && d < len(candidate) {
			best, bestDistance = candidate, d
		}
	}
	return best
}

// unknownHint says what an unknown name most likely means.
func unknownHint(name string, known []Parameter) string {
	for _, p := range known {
		if p.Response == name {
			return name + " is its name in answers; in requests it is " + p.Name
		}
	}
	if near := nearest(name, known); near != "" {
		return "did you mean " + near + "?"
	}
	return ""
}
