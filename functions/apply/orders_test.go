package apply_test

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"vpnattach/functions/apply"
	"vpnattach/shared/core/attachment"
	"vpnattach/shared/emulator"
	"vpnattach/shared/ledger"
	"vpnattach/shared/outcome"
	"vpnattach/shared/vpc"
)

// How many plays of one set of events a run makes, in all orders and batch cuts.
const (
	plays     = 4_000 / slowed
	soakPlays = 100_000
)

// TestAllOrders plays random sets of three and four partial changes in all orders and
// all cuts into batches, and compares what becomes of the attachment between the plays
// that accept the same changes, and with the model. What the service does with what a
// change leaves out is another in each play. With SOAK=1 it plays more.
func TestAllOrders(t *testing.T) {
	most := plays
	if os.Getenv("SOAK") == "1" {
		most = soakPlays
	}
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 0))
	played, sets := 0, 0
	for played < most && !t.Failed() {
		group := groups[sets%len(groups)]
		changes := make([]*event, 3+sets/len(groups)%2)
		for i := range changes {
			changes[i] = group.draw(random, i)
		}
		sets++
		played += playAll(t, group, changes)
	}
	t.Logf("%d plays of %d sets, seed %d", played, sets, seed)
}

// TestHalves: a block, which a newer one replaces, has torn an older pair, while the
// attachment has no address that would refuse either. The address counts by the newest
// block, so it must not be lost with the one between.
func TestHalves(t *testing.T) {
	t.Parallel()
	for _, group := range groups {
		for _, pair := range group.pairs {
			if !strings.Contains(group.name, "over") {
				continue
			}
			changes := []*event{{id: "e0", fields: map[string]string{}}, {id: "e1", fields: map[string]string{}}, {id: "e2", fields: map[string]string{}}}
			blocks, addresses := group.values[pair[0]], group.values[pair[1]]
			changes[0].fields[pair[0]], changes[0].fields[pair[1]] = blocks[0], addresses[1]
			changes[1].fields[pair[0]], changes[2].fields[pair[0]] = blocks[1], blocks[0]
			for i, e := range changes {
				e.attachment, e.time = group.attachment, start.Add(time.Duration(i-5)*time.Second)
				e.document = e.write(func() bool { return false })
			}
			playAll(t, group, changes)
		}
	}
}

// playAll plays changes in all orders and all cuts into batches, compares the results, and
// returns how many plays there were.
func playAll(t *testing.T, group *fieldGroup, changes []*event) (played int) {
	results := map[string]playing{}
	for _, order := range permutations(len(changes)) {
		for cuts := range 1 << (len(changes) - 1) {
			p := play(t, group, partials[played%len(partials)], changes, order, cuts)
			played++
			want := group.model(changes, p.accepted)
			if first, known := results[p.accepted]; !known {
				results[p.accepted] = p
			} else if first.shown != p.shown {
				t.Errorf("%s: accepted %s: got %s as %s, and %s as %s", group.name, p.accepted, p.shown, p.how, first.shown, first.how)
			}
			if p.shown != want {
				t.Errorf("%s: accepted %s: got %s as %s, the model has %s", group.name, p.accepted, p.shown, p.how, want)
			}
		}
	}
	if t.Failed() {
		for _, e := range changes {
			t.Logf("%s %v %s", e.id, e.time.Sub(start), e.document)
		}
	}
	return played
}

// playing is the result of one play.
type playing struct{ accepted, shown, how string }

// A group are fields that have something to do with each other.
type fieldGroup struct {
	name, attachment string
	fields           []string            // by the ledger's name
	values           map[string][]string // of each
	pairs            [][2]string         // a block and the address that has to lie in it
	begin            string              // a change that is made by hand before all others; members it leaves out are reset
	before           map[string]string   // what the fields have at first
}

var groups = func() []*fieldGroup {
	pair := func(prefix string, blocks ...string) *fieldGroup {
		g := &fieldGroup{fields: []string{prefix + "TunnelCidr", prefix + "LocalBgpIp"}, values: map[string][]string{}}
		for _, block := range blocks {
			ip := netip.MustParsePrefix(block).Addr().Next()
			g.values[prefix+"TunnelCidr"] = append(g.values[prefix+"TunnelCidr"], block)
			g.values[prefix+"LocalBgpIp"] = append(g.values[prefix+"LocalBgpIp"], ip.String(), ip.Next().String())
		}
		g.pairs = [][2]string{{prefix + "TunnelCidr", prefix + "LocalBgpIp"}}
		return g
	}
	plain := func(fields map[string][]string) *fieldGroup {
		return &fieldGroup{fields: slices.Sorted(maps.Keys(fields)), values: fields}
	}
	const first, second = "Tunnel.1.", "Tunnel.2."
	yes := []string{"true", "false"}
	health := plain(map[string][]string{"HealthCheckConfig.dip": {"10.9.0.1", "10.9.0.2"}, "HealthCheckConfig.sip": {"10.9.0.3", "10.9.0.4"}, "HealthCheckConfig.interval": {"5", "7"}})
	single := pair("BgpConfig.", "169.254.10.0/30", "169.254.12.0/30")
	tunnels := []*fieldGroup{pair(first+"TunnelBgpConfig.", "169.254.20.0/30", "169.254.22.0/30"), pair(second+"TunnelBgpConfig.", "169.254.21.0/30", "169.254.22.0/30")}
	type part struct {
		name, attachment string
		parts            []*fieldGroup
		begin            string
	}
	all := []part{
		{"pair", singleAttachment, []*fieldGroup{single}, ""},
		{"pair of a tunnel", dualAttachment, tunnels[1:], ""},
		{"pairs of both tunnels", dualAttachment, tunnels, ""},
		{"health check", singleAttachment, []*fieldGroup{health}, ""},
		{"both tunnels", dualAttachment, []*fieldGroup{plain(map[string][]string{
			first + "TunnelIkeConfig.Psk": keys, first + "TunnelIpsecConfig.IpsecLifetime": {"1800", "3600"}, first + "EnableDpd": yes,
			second + "TunnelIkeConfig.IkeLifetime": {"3600", "28800"}, second + "EnableDpd": yes, "EffectImmediately": yes})}, ""},
		{"effect", singleAttachment, []*fieldGroup{plain(map[string][]string{"EffectImmediately": yes, "Name": {"alpha", "localsingle"}, "IkeConfig.IkeLifetime": {"3600", "28800"}})}, ""},
		{"effect and a pair", dualAttachment, []*fieldGroup{pair(first+"TunnelBgpConfig.", "169.254.20.0/30", "169.254.22.0/30"), plain(map[string][]string{"EffectImmediately": yes})}, ""},
		{"top and nested", singleAttachment, []*fieldGroup{pair("BgpConfig.", "169.254.10.0/30", "169.254.12.0/30"), plain(map[string][]string{
			"LocalSubnet": {"10.1.0.0/24", "10.10.0.0/24,10.10.1.0/24"}, "RemoteSubnet": {"192.168.1.0/24", "192.168.10.0/24"}, "EnableDpd": yes, "BgpConfig.LocalAsn": {"64512", "64513"}, "IkeConfig.Psk": keys})}, ""},
	}
	// What there is at first counts too: nothing of a pair, half of it, or all of it, with
	// BGP or the health check off, and events that switch it.
	for _, has := range []struct{ name, bgp, tunnel string }{
		{"nothing", "", ""},
		{"a block", `,"TunnelCidr":"169.254.10.0/30"`, `,"TunnelCidr":"169.254.22.0/30"`},
		{"a pair", `,"TunnelCidr":"169.254.10.0/30","LocalBgpIp":"169.254.10.1"`, `,"TunnelCidr":"169.254.22.0/30","LocalBgpIp":"169.254.22.1"`},
	} {
		bgp := `{"BgpConfig":{"EnableBgp":false` + has.bgp + `}}`
		tunnelBgp := `{"EnableTunnelsBgp":false,"TunnelOptionsSpecification":[{"TunnelIndex":1,"TunnelBgpConfig":{"LocalAsn":64512}},` +
			`{"TunnelIndex":2,"TunnelBgpConfig":{"LocalAsn":64512` + has.tunnel + `}}]}`
		all = append(all,
			part{"pair over " + has.name, singleAttachment, []*fieldGroup{single}, bgp},
			part{"pair and BGP over " + has.name, singleAttachment, []*fieldGroup{single, plain(map[string][]string{"BgpConfig.EnableBgp": yes})}, bgp},
			part{"pair of a tunnel over " + has.name, dualAttachment, tunnels[1:], tunnelBgp},
			part{"pairs of both tunnels and BGP over " + has.name, dualAttachment, append(tunnels[:2:2], plain(map[string][]string{"EnableTunnelsBgp": yes})), tunnelBgp})
	}
	for _, has := range []struct{ name, health string }{
		{"nothing", ""}, {"a dip", `,"dip":"10.9.0.2"`}, {"a sip", `,"sip":"10.9.0.4"`}, {"both", `,"dip":"10.9.0.2","sip":"10.9.0.4"`},
	} {
		all = append(all, part{"health check over " + has.name, singleAttachment,
			[]*fieldGroup{health, plain(map[string][]string{"HealthCheckConfig.enable": yes})}, `{"HealthCheckConfig":{"enable":false` + has.health + `}}`})
	}
	var groups []*fieldGroup
	for _, of := range all {
		g := &fieldGroup{name: of.name, attachment: of.attachment, begin: of.begin, values: map[string][]string{}, before: map[string]string{}}
		for _, part := range of.parts {
			g.fields, g.pairs = append(g.fields, part.fields...), append(g.pairs, part.pairs...)
			maps.Copy(g.values, part.values)
		}
		api, _, err := g.service(start, emulator.PartialObjects)
		if err != nil {
			panic(err)
		}
		shown := flatten(api.Describe(g.attachment))
		for _, name := range g.fields {
			g.before[name] = shown[shownAs(name)]
		}
		groups = append(groups, g)
	}
	return groups
}()

// service returns a service as the group begins with, and a client of it, at a time that
// stays the same: nothing takes time.
func (g *fieldGroup) service(now time.Time, partial emulator.Partial) (*emulator.Server, *vpc.Client, error) {
	clock, state := func() time.Time { return now }, map[string][]byte{}
	config := emulator.Config{Now: clock, State: state, Accounts: []emulator.Account{{AccessKeyID: accessKey.AccessKeyID, Secret: accessKey.AccessKeySecret}}}
	if g.begin != "" {
		config.Save = func(records map[string][]byte) error { maps.Copy(state, records); return nil }
		api, err := emulator.New(config)
		if err != nil {
			return nil, nil, err
		}
		client, err := newClient(api, clock)
		if err != nil {
			return nil, nil, err
		}
		begin := attachment.Parse(g.begin, attachment.FromEvent)
		begin.Values[attachment.RegionID] = attachment.NewValue("cn-hangzhou")
		begin.Values[attachment.VpnConnectionID] = attachment.NewValue(g.attachment)
		if _, err = client.Modify(context.Background(), begin, []string{"begin"}); err != nil {
			return nil, nil, err
		}
		config.Save = nil
	}
	config.Partial = partial
	api, err := emulator.New(config)
	if err != nil {
		return nil, nil, err
	}
	client, err := newClient(api, clock)
	return api, client, err
}

// draw makes a change of some fields. Both of a pair go together in it, as a sender
// would have them.
func (g *fieldGroup) draw(random *rand.Rand, n int) *event {
	e := &event{id: fmt.Sprint("e", n), attachment: g.attachment, time: start.Add(-time.Duration(random.IntN(5)) * time.Second), fields: map[string]string{}}
	for len(e.fields) == 0 {
		for _, name := range g.fields {
			if random.IntN(len(g.fields)) <= 1 {
				values := g.values[name]
				e.fields[name] = values[random.IntN(len(values))]
			}
		}
	}
	for _, pair := range g.pairs {
		if block, ip := e.fields[pair[0]], e.fields[pair[1]]; block != "" && ip != "" && !within(block, ip) {
			e.fields[pair[0]] = netip.PrefixFrom(netip.MustParseAddr(ip), 30).Masked().String()
		}
	}
	e.document = e.write(func() bool { return random.IntN(2) == 0 })
	return e
}

func within(block, ip string) bool {
	return netip.MustParsePrefix(block).Contains(netip.MustParseAddr(ip))
}

// model is what the fields have after the accepted changes: of each the newest value,
// but of a pair whose block or address is overruled the rest counts only where it fits
// what has overruled it.
func (g *fieldGroup) model(changes []*event, accepted string) string {
	newest := slices.DeleteFunc(slices.Clone(changes), func(e *event) bool { return !strings.Contains(accepted, e.id) })
	slices.SortFunc(newest, func(a, b *event) int { return newer(b, a) })
	has := map[string]string{}
	for _, e := range newest {
		own := maps.Clone(e.fields)
		for _, pair := range g.pairs {
			block, ip := cmp.Or(has[pair[0]], own[pair[0]]), cmp.Or(has[pair[1]], own[pair[1]])
			if own[pair[0]] != "" && own[pair[1]] != "" && !within(block, ip) {
				delete(own, pair[0])
				delete(own, pair[1])
			}
		}
		for name, value := range own {
			if has[name] == "" {
				has[name] = value
			}
		}
	}
	shown := ""
	for _, name := range g.fields {
		shown += " " + cmp.Or(has[name], g.before[name])
	}
	return shown
}

// partials are the behaviours of a service that documents none.
var partials = []emulator.Partial{emulator.PartialKeep, emulator.PartialObjects, emulator.PartialReset}

// play delivers the changes in an order, cut into batches where cuts has a bit.
func play(t *testing.T, g *fieldGroup, partial emulator.Partial, changes []*event, order []int, cuts int) playing {
	api, client, err := g.service(start, partial)
	if err != nil {
		t.Fatal(err)
	}
	statuses := map[string]outcome.Status{}
	handler, err := apply.New(apply.Config{
		Service: client, Ledger: new(ledger.Memory), Now: func() time.Time { return start }, DigestKey: digestKey,
		DeadLetter: func(_ context.Context, all []apply.DeadLetter) []error { return make([]error, len(all)) },
		Report:     func(_ context.Context, o apply.Outcome) { statuses[o.EventID] = o.Status },
	})
	if err != nil {
		t.Fatal(err)
	}
	var batch events.SQSEvent
	how := ""
	for i, n := range order {
		e := changes[n]
		m := e.message()
		record, err := m.Record(e.id, e.id, 1)
		if err != nil {
			t.Fatal(err)
		}
		batch.Records = append(batch.Records, record)
		how += e.id + " "
		if i < len(order)-1 && cuts>>i&1 == 0 {
			continue
		}
		if _, err := handler.Handle(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
		batch.Records, how = nil, how+"| "
	}
	var accepted []string
	for _, e := range changes {
		switch status := statuses[e.id]; status {
		case outcome.Applied, outcome.Unchanged:
			accepted = append(accepted, e.id)
		case outcome.Rejected:
		default:
			t.Errorf("%s of %s is %q", e.id, how, status)
		}
	}
	shown, values := flatten(api.Describe(g.attachment)), ""
	for _, name := range g.fields {
		values += " " + shown[shownAs(name)]
	}
	return playing{strings.Join(accepted, " "), values, how}
}

// permutations are all orders of n things.
func permutations(n int) (all [][]int) {
	if n == 0 {
		return [][]int{{}}
	}
	for _, shorter := range permutations(n - 1) {
		for at := range n {
			all = append(all, slices.Insert(slices.Clone(shorter), at, n-1))
		}
	}
	return all
}
