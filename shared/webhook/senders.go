package webhook

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"vpnattach/shared/core/event"
	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/jsontext"
	"vpnattach/shared/core/secret"
)

// EventsPath is the member with the senders that have no path of their own.
const EventsPath = "/events"

// Senders are all who may send webhooks. The zero value is none.
type Senders struct {
	byName   map[string]*sender
	pathless []*sender // all of Standard Webhooks
	problems []Problem
}

// sender is one of them.
type sender struct {
	name string // empty for one without
	scheme
	all []key // empty: it can't be used
}

// Problem is what can't be used of the senders' text.
type Problem struct {
	Sender string // its name; empty when it has none
	Secret int    // which of the secrets, from 1; 0 when it is not about one
	Text   string // to be put after its name
	Remedy string
}

// Error implements error. It shows no secret.
func (p Problem) Error() string {
	what := "the text of the senders"
	switch {
	case p.Sender != "" && p.Secret > 0:
		what = "secret " + strconv.Itoa(p.Secret) + " of the sender " + finding.Name(p.Sender)
	case p.Sender != "":
		what = "the sender " + finding.Name(p.Sender)
	case p.Secret > 0:
		what = "webhook secret " + strconv.Itoa(p.Secret)
	}
	return what + " " + p.Text + "; " + p.Remedy
}

// Signed is a request whose signature is good. Nothing else of its headers is known to
// come from the sender.
type Signed struct {
	// Sender is its name; empty for a secret without one.
	Sender string
	// ID is the same whenever the sender tries again: the one that is signed, else a hash
	// of the sender and the body.
	ID string
	// Time is that of the signature; zero when the scheme signs none.
	Time time.Time
	// Delivery is what the sender calls the delivery, or what has caused it; for the log.
	Delivery string
}

var (
	// ErrUnknown is returned for a path that belongs to no sender.
	ErrUnknown = errors.New("no sender has that path")
	// ErrNoSecret is returned when no usable secret of the sender is known.
	ErrNoSecret = errors.New("no usable secret of the sender is known")

	errNoneFits = errors.New("no secret fits the signature")
)

// Refused says why a request is not taken as the sender's. The reason is for the log.
type Refused struct {
	Reason string
	Asks   string // what a request needs, for its sender
}

// Error implements error.
func (r *Refused) Error() string { return r.Reason }

// Parse reads the text. What can't be used of it is among the problems, and its sender
// refused; the others are not affected.
func Parse(text string) *Senders {
	s := &Senders{byName: map[string]*sender{}}
	if unquoted := tidy(text); strings.HasPrefix(unquoted, "{") {
		s.read(unquoted)
	} else {
		s.readPlain(unquoted)
	}
	s.refuseShared()
	return s
}

// Problems are what can't be used, in the order of the text.
func (s *Senders) Problems() []Problem {
	if s == nil {
		return nil
	}
	return s.problems
}

// Paths are those of the senders that can be used, in the order of their names; the last
// is [EventsPath] when there are some without one of their own.
func (s *Senders) Paths() (paths []string) {
	if s == nil {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(s.byName)) {
		if len(s.byName[name].all) > 0 {
			paths = append(paths, event.WebhookPath+name)
		}
	}
	if slices.ContainsFunc(s.pathless, func(c *sender) bool { return len(c.all) > 0 }) {
		paths = append(paths, EventsPath)
	}
	return paths
}

// Verify checks the request to the path /webhooks/name, or to any other path when name is
// empty, at that time. An error is [ErrUnknown], [ErrNoSecret] or a [*Refused].
func (s *Senders) Verify(name string, header http.Header, body []byte, now time.Time) (Signed, error) {
	var candidates []*sender
	if s != nil {
		candidates = s.pathless
		if name != "" {
			candidates = nil
			if known := s.byName[name]; known != nil {
				candidates = []*sender{known}
			}
		}
	}
	var by *sender
	var signed claims
	var reason error
	for _, c := range candidates {
		if len(c.all) == 0 {
			continue
		}
		got, err := c.check(c.all, header, body)
		if err == nil {
			by, signed = c, got
		} else if reason == nil {
			reason = err
		}
	}
	switch {
	case by == nil && reason != nil:
		return Signed{}, &Refused{reason.Error(), candidates[0].asks()}
	case by == nil && (len(candidates) > 0 || s == nil || len(s.byName)+len(s.pathless) == 0):
		return Signed{}, ErrNoSecret
	case by == nil:
		return Signed{}, ErrUnknown
	case !signed.at.IsZero() && (signed.at.Before(now.Add(-window)) || signed.at.After(now.Add(window))):
		return Signed{}, &Refused{"the signed time is more than five minutes away from now", by.asks()}
	}
	id := signed.id
	if id == "" {
		id = hashOf(by.name, body)
	}
	return Signed{Sender: by.name, ID: id, Time: signed.at, Delivery: by.deliveryOf(header, body)}, nil
}

// hashOf is an id for a request that has none.
func hashOf(name string, body []byte) string {
	hash := sha256.New()
	fmt.Fprintf(hash, "%d:%s", len(name), name)
	hash.Write(body)
	return "sha256:" + hex.EncodeToString(hash.Sum(nil))
}

// deliveryOf is what the sender calls the delivery; empty when it looks like no id.
func (c *sender) deliveryOf(header http.Header, body []byte) string {
	const longest = 64
	for _, name := range c.delivery {
		if id := secret.List(nil).SafeID(header.Get(name), longest); id != "" {
			return id
		}
	}
	for _, path := range c.request {
		if id := secret.List(nil).SafeID(gjson.GetBytes(body, path).Str, longest); id != "" {
			return id
		}
	}
	return ""
}

// readPlain reads secrets of Standard Webhooks with blanks between them.
func (s *Senders) readPlain(text string) {
	n := 0
	for one := range strings.FieldsSeq(text) {
		one = strings.Trim(one, quotes)
		n++
		name := ""
		if before, rest, ok := strings.Cut(one, "="); ok && isStandard(rest) {
			name, one = before, rest
		}
		c := &sender{name: name, scheme: *schemeNamed("standard")}
		if name != "" && !isName(name) {
			s.add(Problem{Secret: n, Text: "has a name that is not one", Remedy: nameRemedy})
			continue
		}
		s.addKeys(c, n, one)
		s.pathless = append(s.pathless, c)
	}
}

func (s *Senders) add(p Problem) { s.problems = append(s.problems, p) }

// addKeys adds what a secret stands for, or the problem with it.
func (s *Senders) addKeys(c *sender, n int, pasted string) {
	keys, p := c.keys(pasted)
	if p != nil {
		p.Sender, p.Secret = c.name, n
		s.add(*p)
	}
	c.all = append(c.all, keys...)
}

const nameRemedy = "write up to 64 letters, digits, dots, hyphens and underscores"

// isName reports whether a sender may be called that: it is part of a path, and of the
// via of rules.
func isName(name string) bool { return name != "" && isHeader(name) }

// read reads an object of senders.
func (s *Senders) read(text string) {
	v, fault := new(jsontext.Text).Parse(text)
	if fault != nil {
		s.add(Problem{Text: fmt.Sprintf("is not JSON at line %d, column %d", fault.Line, fault.Column), Remedy: cmp.Or(fault.Hint, "write an object of senders by name, or secrets of Standard Webhooks with blanks between them")})
		return
	}
	seen := map[string]bool{}
	for name, member := range v.Members {
		switch {
		case seen[name]:
			s.add(Problem{Sender: name, Text: "is there twice", Remedy: "put all its secrets into one list"})
			s.byName[name] = &sender{name: name, scheme: *schemeNamed("standard")}
		case name == EventsPath && member.IsString():
			s.readPlain(member.Text())
		case name == EventsPath:
			s.add(Problem{Sender: name, Text: "is not a text", Remedy: "write secrets of Standard Webhooks with blanks between them"})
		case !isName(name):
			s.add(Problem{Sender: name, Text: "has a name that is not one", Remedy: nameRemedy})
		default:
			s.readSender(name, member)
		}
		seen[name] = true
	}
}

// readSender reads one sender. One with a problem is known by its name, without keys.
func (s *Senders) readSender(name string, v jsontext.Value) {
	c := &sender{name: name}
	s.byName[name] = c
	c.scheme = *schemeNamed("standard")
	if own := schemeNamed(name); own != nil {
		c.scheme = *own
	}
	refuse := func(text, remedy string) { s.add(Problem{Sender: name, Text: text, Remedy: remedy}) }
	// The console of Secrets Manager writes every value as a text.
	if inner := tidy(v.Text()); strings.HasPrefix(inner, "{") {
		object, fault := new(jsontext.Text).Parse(inner)
		if fault != nil {
			refuse("is not JSON", "write an object with scheme and secrets")
			return
		}
		v = object
	}
	if v.IsString() && c.scheme.name == "hmac" || !v.IsString() && !v.IsObject() {
		refuse("is not an object", `write {"scheme": "…", "secrets": ["…"]}; schemes are `+schemeNames())
		return
	}
	secrets := v
	settings := map[string]string{}
	for key, member := range v.Members {
		switch {
		case key == "secrets":
			secrets = member
		case key == "secret":
			refuse("has secret", `write "secrets" and a list, even for one`)
			return
		case !slices.Contains(settingNames, key):
			refuse("has a member that is not known: "+finding.Name(key), "known are secrets, "+strings.Join(settingNames, ", "))
			return
		case !member.IsString():
			refuse(key+" is not a text", "write it in quotes")
			return
		default:
			settings[key] = member.Text()
		}
	}
	if given, ok := settings["scheme"]; ok {
		known := schemeNamed(given)
		if known == nil {
			refuse("has an unknown scheme", "known schemes are "+schemeNames())
			return
		}
		c.scheme = *known
	}
	if !s.applySettings(c, settings) {
		return
	}
	s.readSecrets(c, secrets)
}

// readSecrets reads a list of secrets, or one.
func (s *Senders) readSecrets(c *sender, v jsontext.Value) {
	n := 0
	for _, one := range v.Elements {
		n++
		if !one.IsString() {
			s.add(Problem{Sender: c.name, Secret: n, Text: "is not a text", Remedy: "write it in quotes"})
			continue
		}
		s.addKeys(c, n, one.Text())
	}
	switch {
	case v.IsString():
		s.addKeys(c, 1, v.Text())
	case n == 0:
		s.add(Problem{Sender: c.name, Text: "has no secret", Remedy: `write "secrets": ["…"], with what the sender signs with`})
	}
}

var settingNames = []string{"scheme", "header", "hash", "encoding", "prefix", "timestamp", "content"}

// applySettings gives a sender of the scheme hmac its settings. It reports false when
// the sender can't be used.
func (s *Senders) applySettings(c *sender, settings map[string]string) bool {
	delete(settings, "scheme")
	if c.scheme.name != "hmac" {
		for name := range settings {
			s.add(Problem{Sender: c.name, Text: "has " + name + ", which only the scheme hmac has", Remedy: "leave it out, or write \"scheme\": \"hmac\""})
			return false
		}
		return true
	}
	own := digest{
		header: settings["header"], hash: settings["hash"], base64: settings["encoding"] == "base64", prefix: settings["prefix"],
		timestamp: settings["timestamp"], content: settings["content"],
	}
	p := own.problem()
	if encoding, given := settings["encoding"]; given && encoding != "hex" && encoding != "base64" {
		p = &Problem{Text: "has an unknown encoding", Remedy: "write hex or base64"}
	}
	if p != nil {
		p.Sender = c.name
		s.add(*p)
		return false
	}
	c.signer = own
	return true
}

// refuseShared refuses senders that have a secret in common: what one of them has
// signed could be posted in the name of the other.
func (s *Senders) refuseShared() {
	var all []*sender
	for _, name := range slices.Sorted(maps.Keys(s.byName)) {
		all = append(all, s.byName[name])
	}
	all = append(all, s.pathless...)
	owners := map[[sha256.Size]byte]*sender{}
	shared := map[*sender]bool{}
	for _, c := range all {
		for _, k := range c.all {
			hash := sha256.Sum256([]byte(k.bytes.Reveal()))
			other, known := owners[hash]
			owners[hash] = c
			if !known || other.name == c.name {
				continue
			}
			if !shared[c] || !shared[other] {
				s.add(Problem{
					Sender: called(other), Text: "has a secret that " + called(c) + " has too",
					Remedy: "give each sender a secret of its own: what one has signed could be posted in the name of the other",
				})
			}
			shared[c], shared[other] = true, true
		}
	}
	for c := range shared {
		c.all = nil
	}
}

// called is the name of a sender in a problem.
func called(c *sender) string {
	if c.name == "" {
		return EventsPath
	}
	return c.name
}
