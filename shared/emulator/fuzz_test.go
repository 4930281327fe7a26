package emulator

import (
	"bytes"
	"testing"
	"time"
)

// Whatever the parameters hold, Modify succeeds or returns an error without
// any effect, and every tunnel keeps a key.
func FuzzModify(f *testing.F) {
	f.Add("VpnConnectionId=vco-localsingle&IkeConfig={}&BgpConfig={\"EnableBgp\":true}")
	f.Add("VpnConnectionId=vco-localdual&TunnelOptionsSpecification.1.TunnelBgpConfig.TunnelCidr=169.254.9.0/30&EnableTunnelsBgp=false")
	f.Add("VpnConnectionId=vco-localfree&LocalSubnet=0.0.0.0/0,&HealthCheckConfig=null&Name=%F0%9F")
	f.Fuzz(func(t *testing.T, query string) {
		pairs, err := splitPairs(query)
		if err != nil {
			t.Skip("not a query")
		}
		partial := []Partial{PartialKeep, PartialObjects, PartialReset}[len(query)%3]
		s, err := New(Config{Partial: partial, Now: func() time.Time { return time.Unix(1_800_000_000, 0) }})
		if err != nil {
			t.Fatal(err)
		}
		req := &request{params: map[string]string{}}
		for _, p := range pairs {
			req.params[p.key] = p.value
		}
		req.params["RegionId"] = "cn-hangzhou"
		id := req.params["VpnConnectionId"]
		before := s.Describe(id)
		_, changed, refused := s.modifyAttachment(req)
		if !bytes.Equal(before, s.Describe(id)) {
			t.Error("Modify changed something before its commit")
		}
		if refused != nil {
			if refused.status < 400 || refused.code == "" {
				t.Errorf("got refusal %+v", refused)
			}
			return
		}
		if err := s.commit(changed); err != nil {
			t.Fatal(err)
		}
		for _, l := range s.connections[id].current(s.config.Now()).Links {
			if l.IKE["Psk"] == "" || len(l.IPsec) != 4 || len(l.BGP) < 3 {
				t.Errorf("got an incomplete tunnel %+v", l)
			}
		}
	})
}
