package emulator

import "fmt"

// Partial is what a change does with the members that it leaves out of an object or of
// a tunnel's item. The service does not document it; what is known is that an
// official tool leaves objects out of tunnels' items, and keys out of IKE objects.
type Partial string

const (
	// PartialObjects is the default: an object that an item leaves out stays, a member
	// that is left out of an object or item that is sent is reset, but a key stays.
	PartialObjects Partial = "objects"
	// PartialKeep keeps all that is left out.
	PartialKeep Partial = "keep"
	// PartialReset resets all that is left out, whole objects of an item and
	// EffectImmediately too, and draws a new key.
	PartialReset Partial = "reset"
)

// ParsePartial reads the name of a behaviour; empty text is the default. Another name
// is an error.
func ParsePartial(name string) (Partial, error) {
	switch p := Partial(name); p {
	case "":
		return PartialObjects, nil
	case PartialObjects, PartialKeep, PartialReset:
		return p, nil
	}
	return "", fmt.Errorf("%q is not keep, objects or reset", name)
}

// keeps reports whether a member that an object leaves out stays as it was.
func (p Partial) keeps(member string) bool {
	return p == PartialKeep || p == PartialObjects && member == "Psk"
}
