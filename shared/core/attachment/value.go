package attachment

import (
	"strings"

	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/jsontext"
	"vpnattach/shared/core/secret"
)

// Value is one parameter's value, normalised to text: a boolean is "true" or
// "false", a number is decimal. The zero Value is absent. Every Value prints as
// ***, since many a table that holds values holds a key.
type Value struct {
	text  secret.Secret
	pos   int32 // where in the document
	state valueState
}

type valueState uint8

const (
	absent  valueState = iota
	usable             // well-formed: rules may judge it
	refused            // present, but an error has been found: rules stay silent
)

// NewValue makes a present value of normalised text.
func NewValue(text string) Value { return Value{text: secret.New(text), state: usable} }

// Present reports whether the document holds the value.
func (v Value) Present() bool { return v.state != absent }

// Text returns the normalised value, "" when absent. It may be a secret.
func (v Value) Text() string { return v.text.Reveal() }

// String returns ***, or nothing when the value is absent.
func (v Value) String() string {
	if !v.Present() {
		return ""
	}
	return secret.Redacted
}

// referenceMark starts a dynamic reference such as
// {{resolve:secretsmanager:name:SecretString:key}}, which stands for a secret.
const referenceMark = "{{resolve:"

// IsReference reports whether the value is a dynamic reference, to be resolved
// before the call.
func (v Value) IsReference() bool { return strings.HasPrefix(v.Text(), referenceMark) }

// masked reports whether the value is a secret that the service has not shown
// whole: empty, or ending in ***.
func (v Value) masked() bool {
	text := v.Text()
	return text == "" || strings.HasSuffix(text, "***")
}

// sectionState is what a document says of a nested object itself.
type sectionState struct {
	present bool
	pos     int32
}

// Tunnel is one item of TunnelOptionsSpecification: its values in the order of
// [TunnelSections].
type Tunnel struct {
	Values   [tunnelValues]Value
	sections [SectionBGP + 1]sectionState
	pos      int32
	unread   bool // the item is not an object, which is an error of its own
}

// Has reports whether the item holds the section's object.
func (t *Tunnel) Has(section int) bool { return t.sections[section].present }

// Section returns the values of one section, in the order of its Fields.
func (t *Tunnel) Section(section int) []Value {
	s := &TunnelSections[section]
	return t.Values[s.First : s.First+len(s.Fields)]
}

// Change is a patch to one attachment: what is absent stays as it is. Its values
// are in the order of [ConnectionSections]. Strings point into the document that
// was parsed.
type Change struct {
	Values     [connectionValues]Value
	sections   [SectionHealth + 1]sectionState
	tunnels    [MaxTunnels]Tunnel
	tunnelLen  int
	hasTunnels sectionState
	notes      finding.List   // found while parsing
	text       *jsontext.Text // memory for the next Parse
}

// Has reports whether the change holds the section's object.
func (c *Change) Has(section int) bool { return c.sections[section].present }

// Section returns the values of one section, in the order of its Fields.
func (c *Change) Section(section int) []Value {
	s := &ConnectionSections[section]
	return c.Values[s.First : s.First+len(s.Fields)]
}

// Tunnels returns the items of TunnelOptionsSpecification, at most [MaxTunnels].
func (c *Change) Tunnels() []Tunnel { return c.tunnels[:c.tunnelLen] }

// Text returns the value of one of the connection's own parameters, "" when
// absent.
func (c *Change) Text(field int) string { return c.Values[field].Text() }
