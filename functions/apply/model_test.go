package apply_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"
	"pgregory.net/rapid"

	"vpnattach/shared/message"
)

// The model shares no code with apply: an event is a table of field names and values,
// and an attachment is the flattened answer of Describe.

var attachments = []string{"vco-localsingle", "vco-localdual", "vco-localfree"}

const (
	singleAttachment = "vco-localsingle"
	dualAttachment   = "vco-localdual"
)

// event is one change with its place in the order.
type event struct {
	id, attachment string
	time           time.Time
	fields         map[string]string // by ledger name
	document       string
	rule           string // set: the keys are references
	bad            bool   // the service will refuse it
}

func (e *event) message() message.Change {
	m := message.Change{EventID: e.id, Time: e.time, Source: "test", Rule: e.rule, Element: -1,
		RegionID: "cn-hangzhou", VpnConnectionID: e.attachment, Change: json.RawMessage(e.document)}
	return m
}

func newer(a, b *event) int { return cmp.Or(a.time.Compare(b.time), cmp.Compare(a.id, b.id)) }

// keys are the pre-shared keys that events bring.
var keys = []string{"model-key-one-0001", "model-key-two-0002", "model-key-three-03"}

// drawEvent makes an event that is valid by itself.
func drawEvent(t *rapid.T, n int) *event {
	e := &event{
		id:         fmt.Sprintf("event-%02d", n),
		attachment: rapid.SampledFrom(attachments).Draw(t, "attachment"),
		time:       start.Add(-time.Duration(rapid.IntRange(0, 5).Draw(t, "age")) * time.Second),
		fields:     map[string]string{},
	}
	if rapid.IntRange(0, 4).Draw(t, "by rule") == 0 {
		e.rule = "keys"
	}
	set := func(name string, values ...string) {
		e.fields[name] = rapid.SampledFrom(values).Draw(t, name)
	}
	for range rapid.IntRange(1, 3).Draw(t, "topics") {
		topic := rapid.IntRange(0, 9).Draw(t, "topic")
		prefix, ike, ipsec, bgp := "", "IkeConfig.", "IpsecConfig.", "BgpConfig."
		nets := []string{"169.254.10.0/30", "169.254.11.0/30", "169.254.12.0/30"}
		if e.attachment == dualAttachment && topic > 2 {
			tunnel := rapid.IntRange(1, 2).Draw(t, "tunnel")
			prefix = "Tunnel." + strconv.Itoa(tunnel) + "."
			ike, ipsec, bgp = prefix+"TunnelIkeConfig.", prefix+"TunnelIpsecConfig.", prefix+"TunnelBgpConfig."
			nets = []string{"169.254.20.0/30", "169.254.21.0/30", "169.254.22.0/30"}
		}
		switch topic {
		case 0:
			set("Name", "alpha", "beta", "gamma")
		case 1:
			set("LocalSubnet", "10.1.0.0/24", "10.2.0.0/24,10.3.0.0/24")
		case 2:
			set("RemoteSubnet", "192.168.1.0/24", "192.168.2.0/24,192.168.3.0/24")
		case 3:
			set(ike+"Psk", keys...)
		case 4:
			set(ike+"IkeVersion", "ikev1", "ikev2")
			set(ike+"IkeLifetime", "3600", "28800")
		case 5:
			set(ipsec+"IpsecEncAlg", "aes", "aes192", "aes256")
		case 6:
			set(ipsec+"IpsecLifetime", "1800", "3600", "7200")
		case 7:
			net := rapid.SampledFrom(nets).Draw(t, "net")
			host := netip.MustParsePrefix(net).Addr().Next()
			if rapid.Bool().Draw(t, "second host") {
				host = host.Next()
			}
			e.fields[bgp+"LocalBgpIp"] = host.String()
			delete(e.fields, bgp+"TunnelCidr")
			if rapid.IntRange(0, 2).Draw(t, "whole pair") > 0 {
				e.fields[bgp+"TunnelCidr"] = net
			}
		case 8:
			if e.attachment == dualAttachment {
				set(prefix+"EnableDpd", "true", "false")
				break
			}
			for _, name := range []string{"dip", "sip"} {
				if rapid.Bool().Draw(t, name+" too") {
					set("HealthCheckConfig."+name, "10.9.0.1", "10.9.0.2", "10.9.0.3")
				}
			}
			set("HealthCheckConfig.interval", "3", "7")
		case 9:
			set(bgp+"LocalAsn", "64512", "64513", "64514")
		}
	}
	if rapid.IntRange(0, 3).Draw(t, "effect") == 0 {
		set("EffectImmediately", "true", "false")
	}
	if e.attachment == singleAttachment && rapid.IntRange(0, 6).Draw(t, "bad") == 0 {
		e.bad = true
		e.fields["CustomerGatewayId"] = "cgw-nowhere"
	}
	e.document = e.write(func() bool { return rapid.Bool().Draw(t, "by id") })
	return e
}

// write makes the change document. byID says whether an item names its tunnel by the id.
func (e *event) write(byID func() bool) string {
	doc := map[string]any{"RegionId": "cn-hangzhou", "VpnConnectionId": e.attachment}
	var tunnels [2]map[string]any
	for name, value := range e.fields {
		if e.rule != "" && strings.HasSuffix(name, ".Psk") {
			value = fmt.Sprintf("{{resolve:secretsmanager:vpn/keys:SecretString:k%d}}", slices.Index(keys, value))
		}
		into := doc
		if rest, ok := strings.CutPrefix(name, "Tunnel."); ok {
			i := int(rest[0] - '1')
			if tunnels[i] == nil {
				tunnels[i] = map[string]any{}
			}
			into, name = tunnels[i], rest[2:]
		}
		if object, field, nested := strings.Cut(name, "."); nested {
			if into[object] == nil {
				into[object] = map[string]any{}
			}
			into, name = into[object].(map[string]any), field
		}
		into[name] = value
	}
	var items []any
	for i, item := range tunnels {
		if item == nil {
			continue
		}
		if byID() {
			item["TunnelId"] = "tun-localdual" + strconv.Itoa(i+1)
		} else {
			item["TunnelIndex"] = i + 1
		}
		items = append(items, item)
	}
	if items != nil {
		doc["TunnelOptionsSpecification"] = items
	}
	text, err := json.Marshal(doc)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// flatten makes a table of the answer of Describe, by its names, without what is not
// configuration.
func flatten(answer []byte) map[string]string {
	table := map[string]string{}
	var walk func(path string, v gjson.Result)
	walk = func(path string, v gjson.Result) {
		if !v.IsObject() && !v.IsArray() {
			table[path] = v.String()
			return
		}
		i := 0
		v.ForEach(func(key, value gjson.Result) bool {
			name := key.Str
			if v.IsArray() {
				i++
				name = strconv.Itoa(i)
			}
			switch name {
			case "State", "Status", "BgpStatus", "PeerBgpIp":
			default:
				walk(strings.TrimPrefix(path+"."+name, "."), value)
			}
			return true
		})
	}
	walk("", gjson.ParseBytes(answer))
	return table
}

// shownAs translates a field's name into the one that flatten gives.
func shownAs(name string) string {
	if rest, ok := strings.CutPrefix(name, "Tunnel."); ok {
		return "TunnelOptionsSpecification.TunnelOptions." + rest
	}
	if field, ok := strings.CutPrefix(name, "HealthCheckConfig."); ok {
		return "VcoHealthCheck." + strings.ToUpper(field[:1]) + field[1:]
	}
	if field, ok := strings.CutPrefix(name, "BgpConfig."); ok {
		return "VpnBgpConfig." + field
	}
	return name
}

// edit is a change that was made by hand, not by apply.
type edit struct {
	attachment, field, value string
	at                       int // on the logical clock
}

// expected returns the values that Describe may show: one, or more where an event was
// rejected after a call of it was lost.
func (h *harness) expected(attachment string) map[string][]string {
	want := map[string][]string{}
	for name, value := range h.before[attachment] {
		want[name] = []string{value}
	}
	winners := map[string]*event{}
	for _, e := range h.events {
		for name := range e.fields {
			if old := winners[name]; e.attachment == attachment && h.accepted[e.id] && (old == nil || newer(e, old) > 0) {
				winners[name] = e
			}
		}
	}
	for name, e := range winners {
		want[shownAs(name)] = []string{e.fields[name]}
	}
	for _, x := range h.edits {
		e := winners[x.field]
		switch name := shownAs(x.field); {
		case x.attachment != attachment:
		case e == nil || h.doneAt(e, x.field) < x.at:
			want[name] = []string{x.value}
		case h.sentAt[e.id] < x.at:
			// Sent before the edit and done after it: the same request again has no effect,
			// so the edit stays, unless another request was made.
			want[name] = append(want[name], x.value)
		}
	}
	for _, e := range h.events {
		if e.attachment == attachment && h.committed[e.id] && !h.accepted[e.id] {
			for name, value := range e.fields {
				want[shownAs(name)] = append(want[shownAs(name)], value)
			}
		}
	}
	// A block goes with its address: an event that gives only the address is taken
	// only where the address fits, and a block that has lost its address loses too.
	for name, addresses := range want {
		if prefix, ok := strings.CutSuffix(name, "LocalBgpIp"); ok {
			want[prefix+"TunnelCidr"] = nil
			for _, address := range addresses {
				block := netip.PrefixFrom(netip.MustParseAddr(address), 30).Masked()
				want[prefix+"TunnelCidr"] = append(want[prefix+"TunnelCidr"], block.String())
			}
		}
	}
	return want
}
