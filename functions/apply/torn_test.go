package apply_test

import (
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/ledger"
)

// TestTorn: what an event loses together with its partner leaves no stamp, so what is
// older and fits still counts, in every order.
func TestTorn(t *testing.T) {
	t.Parallel()
	for _, kind := range []struct {
		attachment, object, block string
		change                    func(bgp string) string
	}{
		{singleAttachment, "BgpConfig.", "169.254.10.", func(bgp string) string { return `{"BgpConfig":{` + bgp + `}}` }},
		{dualAttachment, "Tunnel.2.TunnelBgpConfig.", "169.254.21.", func(bgp string) string {
			return `{"TunnelOptionsSpecification":[{"TunnelIndex":2,"TunnelBgpConfig":{` + bgp + `}}]}`
		}},
	} {
		older := at(t, "older", 3, kind.attachment, kind.change(`"LocalBgpIp":"`+kind.block+`2"`))
		pair := at(t, "pair", 2, kind.attachment, kind.change(`"TunnelCidr":"169.254.12.0/30","LocalBgpIp":"169.254.12.1"`))
		newest := at(t, "newest", 1, kind.attachment, kind.change(`"TunnelCidr":"`+kind.block+`0/30"`))
		for _, batches := range [][][]events.SQSMessage{
			{{older}, {newest}, {pair}}, {{newest}, {older}, {pair}}, {{newest}, {pair}, {older}},
			{{older, newest, pair}}, {{newest, pair}, {older}}, {{older}, {pair, newest}}, {{newest}, {pair, older}},
		} {
			s, ip := newFixture(t, kind.attachment), kind.block+"1"
			s.modify = func() error { ip = kind.block + "2"; return nil }
			s.describe = func() (*attachment.Current, error) {
				return current(t, kind.attachment, kind.block+"1\"", ip+`"`)
			}
			found := ""
			for _, batch := range batches {
				s.run(t, batch...)
				for _, o := range s.outcomes {
					if o.EventID == "pair" {
						expect(t, "fields that the pair has lost", o.Stale, 2)
						for _, f := range o.Findings {
							found += f.Check + " " + f.Path + ","
						}
					}
				}
			}
			expect(t, "findings", found, "superseded-by-newer "+kind.object+"TunnelCidr,superseded-by-newer "+kind.object+"LocalBgpIp,")
			expect(t, "address", ip, kind.block+"2")
			entry, _ := s.store.Load(t.Context(), ledger.Key{RegionID: "cn-hangzhou", VpnConnectionID: kind.attachment})
			expect(t, "stamps", entry.Fields[kind.object+"TunnelCidr"].EventID+" "+entry.Fields[kind.object+"LocalBgpIp"].EventID, "newest older")
		}
	}
}
