// Package rules turns events into changes by a rule file.
//
//	set, findings := rules.Load(file)               // findings with JSON paths, all at once
//	changes, findings := set.Apply(rules.Event{Text: event, Via: "bus"}, nil)      // a change document per rule and element
//	explanations := set.Explain(rules.Event{Text: event})              // which rule matched, why not, what each path gave
//
// A rule file is a JSON object:
//
//	{"rules": [{
//	  "name":  "sites-from-inventory",
//	  "via":   ["bus"],
//	  "match": {"source": ["com.example.inventory"]},
//	  "each":  "detail.sites",
//	  "from":  {"VpnConnectionId": "vpn.id", "RegionId": "vpn.region", "RemoteSubnet": "networks", "Name": "label?"},
//	  "with":  {"EffectImmediately": true},
//	  "only":  ["vco-p0w5112fgnl2ihlmf0000"],
//	  "time":  "$.time",
//	  "credentials": "branch-offices"
//	}]}
//
// match is an event pattern of Amazon EventBridge, see [vpnattach/shared/core/rules/pattern].
// Every rule that matches gives its changes, in the order of the file.
//
// via lists the ways by which the rule's events come: the ARN of a queue, a stream or a
// topic that calls directly, "bus", "webhook" or "webhook:NAME", "invoke", "local"; "*"
// at the end stands for any text. Once one rule of a file has a via, those without take
// no webhook.
//
// with gives constants, from gives gjson paths; both name parameters as the API
// does: RemoteSubnet, IkeConfig, IkeConfig.Psk, and Tunnel.1.TunnelIkeConfig.Psk for
// the tunnel whose TunnelIndex is 1. A rule is thus a list of assignments from gjson
// paths to sjson paths; a value goes into the change document as it is written, so no
// number becomes a float. each is the path of an array: one change per element, and
// paths are read from the element; with "$." in front they are read from the whole
// event. A path that finds nothing, or null, is an error, and there is no change,
// unless the path ends in "?": then the parameter is left out, also for empty text and an
// empty list. A path that gathers a value of each element of a list, networks.#.prefix,
// is an error when an element lacks it.
//
// changed names an object before and after a change, and fields of both: the rule is for
// events, or elements, in which they differ. map says what the event's words are in the
// API's: a table, or "common" for [attachment.Parameter.Meant].
//
// time is the path of the event's own time, in a form that
// [vpnattach/shared/core/event.ParseTime] takes. only limits the attachments that the
// rule may change. credentials is the profile of access keys to make the change with.
//
// Secrets are dynamic references, which only with can hold and only as the whole
// value of a secret parameter; see [vpnattach/shared/core/secret.Reference]. A value out
// of an event that holds one, at any depth and also in JSON text within a string, is
// an error. version is the path of the version of the secret that the event is about:
// references to it that name no version are pinned to it. Let match leave out versions
// that are not in use yet: Secrets Manager tells of a rotation's new version while it is
// pending, and again once it is current.
//
// Paths are of gjson with its queries, wildcards, multipaths and modifiers. Left out
// are @dig, since it takes the first key of that name anywhere in the event, literals
// ("!"), since constants belong into with, @pretty, JSON lines ("..") and modifiers
// that a program may have added to gjson.
//
// A file's "tests" are events with what is wanted of them, see [Test]; package pipeline
// runs them.
package rules
