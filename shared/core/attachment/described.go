package attachment

import (
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/jsontext"
)

// Described is what the service has answered, about one attachment or several.
type Described struct {
	all        []*Current
	OmitMasked bool // of each [Current]
}

// maxDescribed is how many attachments an answer may have: pages of
// DescribeVpnConnections have 50 at most.
const maxDescribed = 1000

// ParseDescribed reads an answer of DescribeVpnConnection, DescribeVpnConnections or
// ModifyVpnAttachmentAttribute, in every form in which clients show it:
//
//   - the answer itself, or an SDK's wrapper with headers, statusCode and body;
//   - a list: VpnConnections, with or without VpnConnection within, or the array itself;
//   - names in the API's spelling, in camelCase or in snake_case;
//   - objects as objects, or as JSON text;
//   - tunnels as an array, or within TunnelOptions; numbers and booleans typed, or as text.
//
// It returns [ErrNotDescribed], or an error that says what can't be read: nothing of a
// configuration is left out in silence. The result keeps pointing into answer.
func ParseDescribed(answer string) (*Described, error) {
	doc, fault := new(jsontext.Text).Parse(answer)
	if fault != nil {
		return nil, &currentFault{fault}
	}
	if body := memberOf(doc, "body"); body.Exists() {
		doc = nested(body)
	}
	d := &Described{}
	list := doc
	if all := memberOf(doc, "VpnConnections"); all.Exists() {
		list = nested(all)
		if inner := memberOf(list, "VpnConnection"); inner.Exists() {
			list = nested(inner)
		}
		if list.IsObject() && list.IsEmpty() {
			return d, nil
		}
	}
	if !list.IsArray() {
		return d, d.add(list)
	}
	for i, item := range list.Elements {
		if i == maxDescribed {
			return nil, errors.New("the current configuration is a list of more than " + strconv.Itoa(maxDescribed) + " attachments")
		}
		if err := d.add(nested(item)); err != nil {
			return nil, &inList{i, err}
		}
	}
	return d, nil
}

// inList says of which element an error is.
type inList struct {
	index int
	err   error
}

func (e *inList) Error() string {
	return "attachment " + strconv.Itoa(e.index+1) + " of the list is " + e.err.Error()
}
func (e *inList) Unwrap() error { return e.err }

func (d *Described) add(doc jsontext.Value) error {
	current, err := readCurrent(doc)
	if err == nil {
		d.all = append(d.all, current)
	}
	return err
}

// Of returns the configuration of the attachment with that id; without an id, that of
// the only one. The error says which attachments there are. Of nil it returns nil.
func (d *Described) Of(id string) (*Current, error) {
	if d == nil {
		return nil, nil
	}
	var found *Current
	for _, current := range d.all {
		switch {
		case id != "" && current.VpnConnectionID != id:
		case found != nil && id == "":
			return nil, errors.New("the current configuration is a list of " + strconv.Itoa(len(d.all)) + " attachments; the change says by VpnConnectionId which of them it is for")
		case found != nil:
			return nil, errors.New("the current configuration has this attachment twice")
		default:
			found = current
		}
	}
	switch {
	case found != nil:
		current := *found
		current.OmitMasked = d.OmitMasked
		return &current, nil
	case len(d.all) == 0:
		return nil, errors.New("the current configuration is an empty list")
	case len(d.all) == 1:
		return nil, errors.New("the current configuration is that of " + d.all[0].name())
	}
	return nil, errors.New("the current configuration is a list of " + strconv.Itoa(len(d.all)) + " attachments without this one")
}

// name is the attachment's id, as far as it looks like one.
func (cur *Current) name() string {
	return finding.Quote(cur.VpnConnectionID, connectionFields[VpnConnectionID].couldBe(cur.VpnConnectionID))
}

// memberOf returns the member of that name, in the API's spelling or another one.
func memberOf(doc jsontext.Value, name string) jsontext.Value {
	if !doc.IsObject() {
		return jsontext.Value{}
	}
	if value := doc.Get(name); value.Exists() {
		return value
	}
	for key, value := range doc.Members {
		if len(key) >= len(name) && (strings.EqualFold(key, name) || len(key) > len(name) && separated(key) && squash(key) == squash(name)) {
			return value
		}
	}
	return jsontext.Value{}
}

// separated reports whether squash could make the key shorter. Nearly all keys of an
// answer are in the API's spelling, and most of those that are looked for are absent.
func separated(key string) bool {
	for i := range len(key) {
		if c := key[i]; c == '-' || c == '_' || c <= ' ' || c >= utf8.RuneSelf {
			return true
		}
	}
	return false
}

// nested returns the value that a text holds as JSON, else the value itself.
func nested(value jsontext.Value) jsontext.Value {
	if text := strings.TrimSpace(value.Text()); value.IsString() && text != "" && (text[0] == '{' || text[0] == '[') {
		if inner, fault := new(jsontext.Text).Parse(text); fault == nil {
			return inner
		}
	}
	return value
}
