package emulator

import (
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// connection is an IPsec-VPN connection. Its state is worked out from the clock,
// so nothing runs between two requests.
type connection struct {
	ID, Region    string
	NetworkType   string
	Bandwidth     string
	CEN           string `json:",omitempty"` // the CEN instance of TransitRouter
	TransitRouter string `json:",omitempty"` // empty: not associated
	InternetIP    string
	Created       int64        // milliseconds since 1970
	Condition     string       `json:",omitempty"` // see [Server.SetCondition]
	Peers         map[int]Peer `json:",omitempty"` // by the tunnel's place in Links; see [Server.SetPeer]
	labels

	Config config    // in effect until Ready
	Next   *config   `json:",omitempty"` // in effect from Ready on
	Ready  time.Time // when the change in the background is done
}

// config is what Modify can change.
type config struct {
	Name, LocalSubnet, RemoteSubnet     string
	EffectImmediately, EnableTunnelsBGP bool
	Dual                                bool
	Links                               []link // one, or the two tunnels
}

// link is the single tunnel of a connection, or one of two.
type link struct {
	TunnelID        string `json:",omitempty"`
	InternetIP      string
	CustomerGateway string
	Role            string `json:",omitempty"` // master or slave; empty: see role
	DPD, NAT        bool
	Drawn           bool `json:",omitempty"` // a change without a key has brought the key in IKE
	IKE, IPsec, BGP group
	Health          group `json:",omitempty"` // single-tunnel only
}

// role is the tunnel's role; without one of its own, the first tunnel is master.
func (l *link) role(i int) string { return cmp.Or(l.Role, choose(i == 0, "master", "slave")) }

// gateway is a customer gateway.
type gateway struct {
	ID, Region, Name, Description, IP string
	ASN                               int64
	Created                           int64
	labels
}

// clone copies the configuration. Groups are replaced, never written to, so
// they can be shared.
func (c *config) clone() *config {
	copied := *c
	copied.Links = slices.Clone(c.Links)
	return &copied
}

// bgpOn reports whether BGP is on for the connection's tunnels.
func (c *config) bgpOn() bool {
	if c.Dual {
		return c.EnableTunnelsBGP
	}
	return c.Links[0].BGP["EnableBgp"] == "true"
}

// current is the configuration in effect.
func (c *connection) current(now time.Time) *config {
	if c.Next != nil && !now.Before(c.Ready) {
		return c.Next
	}
	return &c.Config
}

func (c *connection) busy(now time.Time) bool {
	return now.Before(c.Ready) || c.Condition == "VpnConnection.Configuring"
}

// state is the State of Describe.
func (c *connection) state(now time.Time) string {
	switch {
	case c.Condition == "VpnConnection.FinancialLocked":
		return "financialLocked"
	case now.Before(c.Ready) && c.Next == nil:
		return "provisioning"
	case c.busy(now):
		return "updating"
	case c.TransitRouter != "":
		return "attached"
	}
	return "init"
}

// spares reports whether the change in the background leaves tunnel i as it is, since it
// is one of the other tunnel alone.
func (c *connection) spares(i int, now time.Time) bool {
	if c.Next == nil || !now.Before(c.Ready) || !c.Config.Dual {
		return false
	}
	before, next := c.Config, *c.Next
	same := func(i int) bool { return reflect.DeepEqual(before.Links[i], next.Links[i]) }
	return same(i) && !same(1-i) && before.LocalSubnet == next.LocalSubnet && before.RemoteSubnet == next.RemoteSubnet &&
		before.EffectImmediately == next.EffectImmediately && before.EnableTunnelsBGP == next.EnableTunnelsBGP
}

// records are changed values by their key, "connection/ID", "gateway/ID" or
// "token/…"; a nil value deletes.
type records map[string]any

// commit saves the records and applies them: both, or neither.
func (s *Server) commit(changed records) error {
	if s.config.Save != nil {
		saved := make(map[string][]byte, len(changed))
		for key, value := range changed {
			if value == nil {
				saved[key] = nil
				continue
			}
			data, err := json.Marshal(value)
			if err != nil {
				return fmt.Errorf("encode %s: %w", key, err)
			}
			saved[key] = data
		}
		if err := s.config.Save(saved); err != nil {
			return fmt.Errorf("save: %w", err)
		}
	}
	for key, value := range changed {
		kind, id, _ := strings.Cut(key, "/")
		switch value := value.(type) {
		case *connection:
			s.connections[id] = value
		case *gateway:
			s.gateways[id] = value
		case *token:
			s.tokens[id] = value
			s.tokenOrder = append(s.tokenOrder, id)
		case nil:
			switch kind {
			case "connection":
				delete(s.connections, id)
				delete(s.lagging, id)
			case "gateway":
				delete(s.gateways, id)
			case "token":
				delete(s.tokens, id)
				s.tokenOrder = slices.DeleteFunc(s.tokenOrder, func(other string) bool { return other == id })
			}
		}
	}
	return nil
}

// load takes over the records of an earlier run.
func (s *Server) load(saved map[string][]byte) error {
	for key, data := range saved {
		kind, id, _ := strings.Cut(key, "/")
		var err error
		switch kind {
		case "connection":
			c := new(connection)
			err = json.Unmarshal(data, c)
			c.Ready = s.bounded(c.Ready)
			s.connections[id] = c
		case "gateway":
			g := new(gateway)
			err = json.Unmarshal(data, g)
			s.gateways[id] = g
		case "token":
			t := new(token)
			err = json.Unmarshal(data, t)
			s.tokens[id] = t
			s.tokenOrder = append(s.tokenOrder, id)
		default:
			err = fmt.Errorf("unknown kind %q", kind)
		}
		if err != nil {
			return fmt.Errorf("load %s: %w", key, err)
		}
	}
	slices.SortFunc(s.tokenOrder, func(a, b string) int { return int(s.tokens[a].Sequence - s.tokens[b].Sequence) })
	if n := len(s.tokenOrder); n > 0 {
		s.sequence = s.tokens[s.tokenOrder[n-1]].Sequence
	}
	return nil
}

// bounded is the end of a task as this run's clock tells it. One that is further ahead
// than a task takes was written by a clock that has been set back since: it is over.
func (s *Server) bounded(ready time.Time) time.Time {
	now := s.config.Now()
	switch rest := ready.Sub(now); {
	case rest > s.config.UpdateTime:
		return now
	case rest > 0:
		return now.Add(rest)
	}
	return ready
}

// seed makes the three attachments that the emulator starts with.
func (s *Server) seed() error {
	created := s.config.Now().UnixMilli()
	gateways := []*gateway{
		{ID: "cgw-local1", Region: "cn-hangzhou", Name: "site-1", IP: "198.51.100.1", ASN: 65001, Created: created},
		{ID: "cgw-local2", Region: "cn-hangzhou", Name: "site-2", IP: "198.51.100.2", ASN: 65002, Created: created},
	}
	newLink := func(id, ip string, peer *gateway, third, psk string) link {
		l := link{TunnelID: id, InternetIP: ip, CustomerGateway: peer.ID, DPD: true, NAT: true}
		l.IKE = group{"Psk": psk, "IkeVersion": "ikev2", "IkeMode": "main", "IkeEncAlg": "aes256", "IkeAuthAlg": "sha256",
			"IkePfs": "group14", "IkeLifetime": "28800", "LocalId": ip, "RemoteId": peer.IP}
		l.IPsec = group{"IpsecEncAlg": "aes256", "IpsecAuthAlg": "sha256", "IpsecPfs": "group14", "IpsecLifetime": "3600"}
		l.BGP = group{"LocalAsn": "64512", "TunnelCidr": "169.254." + third + ".0/30", "LocalBgpIp": "169.254." + third + ".1"}
		if id == "" {
			l.BGP["EnableBgp"] = "true"
			l.Health = group{"enable": "true", "dip": "192.168." + third + ".1", "sip": "10." + third + ".0.1", "interval": "5", "retry": "4", "Policy": "reserve_route"}
		}
		return l
	}
	newConnection := func(id, router, net string, links ...link) *connection {
		c := &connection{ID: id, Region: "cn-hangzhou", NetworkType: "public", Bandwidth: "Standard", TransitRouter: router, InternetIP: links[0].InternetIP, Created: created}
		if router != "" {
			c.CEN = "cen-local"
		}
		c.Config = config{Name: strings.TrimPrefix(id, "vco-"), LocalSubnet: "10." + net + ".0.0/24,10." + net + ".1.0/24",
			RemoteSubnet: "192.168." + net + ".0/24", EffectImmediately: true,
			Dual: len(links) == 2, EnableTunnelsBGP: len(links) == 2, Links: links}
		return c
	}
	seeds := records{}
	for _, g := range gateways {
		seeds["gateway/"+g.ID] = g
	}
	for _, c := range []*connection{
		newConnection("vco-localsingle", "tr-local", "10", newLink("", "203.0.113.1", gateways[0], "10", "local-single-key")),
		newConnection("vco-localdual", "tr-local", "20",
			newLink("tun-localdual1", "203.0.113.2", gateways[0], "20", "local-dual-key-1"),
			newLink("tun-localdual2", "203.0.113.3", gateways[1], "21", "local-dual-key-2")),
		newConnection("vco-localfree", "", "30", newLink("", "203.0.113.4", gateways[1], "30", "local-free-key")),
	} {
		seeds["connection/"+c.ID] = c
	}
	return s.commit(seeds)
}
