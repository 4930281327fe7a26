package rules

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"vpnattach/shared/core/event"
	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/rules/pattern"
)

var (
	viaInvalid = finding.Declare(finding.Check{
		ID: "rule-via", Severity: finding.Error, Part: finding.RuleFile,
		Title: "A rule's via names something that is not a way by which events come.",
		Why:   "A way that no event comes by would leave the rule silent for ever. One that is not understood might let in what was to stay out.",
		Hint:  "name the ARN of a queue, a stream, a topic or a cluster, kafka:TOPIC, bus, webhook, webhook:NAME, invoke or local, with a * at the end at most",
	})
	viaMissing = finding.Declare(finding.Check{
		ID: "rule-via-missing", Severity: finding.Info, Part: finding.RuleFile,
		Title: "A rule has no via: it takes events by all ways, or by all but webhooks where another rule of the file has one.",
		Why:   "What an event says about its source proves nothing: each sender of webhooks can write any source. A file that names ways for some rules means to tell them apart.",
		Hint:  "name the ways by which the rule's events come, such as \"via\": [\"bus\"]",
	})
)

// way is one item of via: a name, or the beginning of one.
type way struct {
	text string
	open bool // any text may follow
}

func (w way) takes(via string) bool {
	return via == w.text || w.open && strings.HasPrefix(via, w.text) || w.text == event.WayWebhook && isWebhook(via)
}

func isWebhook(via string) bool {
	return via == event.WayWebhook || strings.HasPrefix(via, event.WayWebhook+":")
}

// takes reports whether the rule is for events that come by that way. Without a via of
// its own it takes all but webhooks once another rule of the file has one.
func (s *Set) takes(r *rule, via string) bool {
	if r.via == nil {
		return !s.ways || !isWebhook(via)
	}
	return slices.ContainsFunc(r.via, func(w way) bool { return w.takes(via) })
}

// via reads the list of ways, which is not nil.
func (l *loader) via(v gjson.Result, path string) []way {
	ways := []way{}
	if !v.IsArray() || len(v.Array()) == 0 {
		l.wrongType(path, "an array with at least one way", v)
		return ways
	}
	for i, item := range v.Array() {
		at := path + "[" + strconv.Itoa(i) + "]"
		text, ok := l.text(item, at)
		if !ok {
			continue
		}
		w := way{}
		if w.text, w.open = strings.CutSuffix(text, "*"); !w.isWay() {
			l.add(viaInvalid, at, at+" is not a way by which events come", "")
			continue
		}
		ways = append(ways, w)
	}
	return ways
}

func (w way) isWay() bool {
	switch w.text {
	case "":
		return w.open
	case event.WayBus, event.WayWebhook, event.WayInvoke, event.WayLocal:
		return !w.open
	}
	if name, ok := strings.CutPrefix(w.text, event.WayWebhook+":"); ok {
		return (name != "" || w.open) && !strings.ContainsFunc(name, notInName)
	}
	if topic, ok := strings.CutPrefix(w.text, event.KafkaPrefix); ok {
		return (topic != "" || w.open) && !strings.ContainsFunc(topic, notInName)
	}
	const prefix = "arn:"
	if w.open && len(w.text) <= len(prefix) {
		return w.text == prefix
	}
	arn := strings.SplitN(w.text, ":", 6)
	return arn[0] == "arn" && !strings.Contains(w.text, "*") && (w.open || len(arn) == 6) &&
		(len(arn) < 3 || len(arn) == 3 && w.open || event.IsService(arn[2]))
}

func notInName(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("._-", r)
}

// viaGaps finds the rules that say nothing about ways.
func (l *loader) viaGaps(s *Set) {
	s.ways = slices.ContainsFunc(s.rules, func(r rule) bool { return r.via != nil })
	takes := "it takes events by all ways, webhooks too"
	if s.ways {
		takes = "it takes no webhook"
	}
	for i := range s.rules {
		if r := &s.rules[i]; r.via == nil {
			l.add(viaMissing, r.path, r.path+" names no via, so "+takes, "")
		}
	}
}

// viaMismatch says why the rule takes no event of that way.
func (r *rule) viaMismatch(via string) string {
	var wanted []string
	for _, w := range r.via {
		text := w.text
		if w.open {
			text += "*"
		}
		wanted = append(wanted, pattern.Quote(text))
	}
	if wanted == nil {
		return "takes no webhook, since other rules of the file name a via and this one does not"
	}
	return "wants " + strings.Join(wanted, " or ") + ", but the event comes by " + pattern.Quote(via)
}
