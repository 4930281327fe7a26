package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

var midnight = time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)

// eventID is an event's id by its number.
const eventID = "event-%d"

// change is an event of the day.
type change struct {
	at         time.Duration // after midnight, when it comes
	late       time.Duration // how much older the event is
	attachment int
	number     int // of the event; one that comes twice has the same
	kind       int // what it changes
}

// drawDay draws a day: of ten events six come at any time to any attachment, two in
// bursts of a minute to twenty in one region, and two to the hot ones, of which there are ten. Of a
// hundred one comes twice, and five come up to ten minutes late.
func drawDay(n, attachments int, seed uint64) []change {
	r := rand.New(rand.NewPCG(seed, uint64(n)))
	var bursts []time.Duration
	for range max(n/2500, 1) {
		bursts = append(bursts, time.Duration(r.Int64N(int64(24*time.Hour-time.Minute))))
	}
	day := make([]change, 0, n)
	for len(day) < n {
		c := change{at: time.Duration(r.Int64N(int64(24 * time.Hour))), attachment: r.IntN(attachments), number: len(day), kind: r.IntN(len(kinds))}
		switch r.IntN(10) {
		case 0, 1:
			i := r.IntN(len(bursts))
			c.at = bursts[i] + time.Duration(r.Int64N(int64(time.Minute)))
			c.attachment = ((i*37+r.IntN(20))*len(regions) + i%len(regions)) % attachments
		case 2, 3:
			c.attachment = r.IntN(min(10, attachments))
		}
		switch chance := r.IntN(100); {
		case chance == 0 && len(day) > 0:
			c.number, c.attachment, c.kind = day[len(day)-1].number, day[len(day)-1].attachment, day[len(day)-1].kind
			c.at, c.late = day[len(day)-1].at+10*time.Minute, day[len(day)-1].late+10*time.Minute
		case chance <= 5:
			c.late = time.Duration(r.Int64N(int64(10 * time.Minute)))
		}
		day = append(day, c)
	}
	slices.SortStableFunc(day, func(a, b change) int { return cmp.Compare(a.at, b.at) })
	return day
}

// drawHot draws one minute of one attachment, whose events come in their order or in any.
func drawHot(n int, ordered bool, seed uint64) []change {
	r := rand.New(rand.NewPCG(seed, uint64(n)))
	day := make([]change, n)
	for i := range day {
		day[i] = change{at: time.Minute * time.Duration(i) / time.Duration(n), number: i, kind: i % 2}
		if !ordered {
			day[i].late = time.Duration(r.Int64N(int64(time.Minute)))
		}
	}
	return day
}

// kinds are what events change: the field, and the change document's part for a value.
var kinds = []struct {
	field string
	part  func(n int) map[string]any
}{
	{"Name", func(n int) map[string]any { return map[string]any{"Name": name(n)} }},
	{"RemoteSubnet", func(n int) map[string]any { return map[string]any{"RemoteSubnet": subnet(n)} }},
	{"Tunnel.2.TunnelIkeConfig.Psk", func(n int) map[string]any {
		return map[string]any{"TunnelOptionsSpecification": []any{map[string]any{"TunnelIndex": 2, "TunnelIkeConfig": map[string]any{"Psk": name(n)}}}}
	}},
}

func name(n int) string { return fmt.Sprintf("value-%09d", n) }

func subnet(n int) string { return fmt.Sprintf("192.%d.%d.0/24", 168+n>>8%64, n%256) }

// value is what the event asks of its field.
func (c *change) value() string {
	if kinds[c.kind].field == "RemoteSubnet" {
		return subnet(c.number)
	}
	return name(c.number)
}

func (c *change) time() time.Time { return midnight.Add(c.at - c.late) }

// payload is the event as EventBridge hands it to ingest.
func (c *change) payload(region string) []byte {
	detail := kinds[c.kind].part(c.number)
	detail["RegionId"], detail["VpnConnectionId"] = region, attachmentID(c.attachment)
	text, _ := json.Marshal(map[string]any{ // never fails
		"version": "0", "id": fmt.Sprintf(eventID, c.number), "detail-type": "VPN Attachment Change", "source": "com.example.vpn",
		"account": "123456789012", "time": c.time().Format(time.RFC3339Nano), "region": "eu-central-1", "resources": []string{}, "detail": detail,
	})
	return text
}
