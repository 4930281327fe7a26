package emulator

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"
)

// Peer is the device at the other end of a tunnel. The zero value agrees with
// whatever the attachment has, but for a key that a change has made the service draw:
// nobody has told it to the device.
type Peer struct {
	Silent bool `json:",omitempty"` // it does not answer

	// Wants are the values that the attachment must have for the device to agree, in
	// clear: Psk, IkeVersion, IkeMode, IkeEncAlg, IkeAuthAlg, IkePfs, IkeLifetime, LocalId,
	// RemoteId, IpsecEncAlg, IpsecAuthAlg, IpsecPfs, IpsecLifetime, EnableNatTraversal,
	// LocalSubnet and RemoteSubnet. So RemoteId is the device's own identity. It agrees
	// with what is left out, but for a RemoteId that is the address of another customer
	// gateway of the region.
	Wants map[string]string `json:",omitempty"`
}

// Phases of a negotiation. Values compared in phaseNone may differ.
const (
	phaseNone = iota
	phase1
	phase2
)

// comparisons are what both ends have to agree on, in the order in which they find
// out. The codes are those of the help page for IPsec-VPN errors; log is a phrase by
// which it knows them in the connection's log.
var comparisons = []struct {
	name              string
	phase             int
	code, reason, log string
}{
	{"IkeVersion", phase1, "IkeVersionMismatch", "The IKE version does not match.", "unknown ikev2 peer"},
	{"IkeMode", phase1, "NegotiationModeMismatch", "The negotiation mode does not match.", "not acceptable Identity Protection mode"},
	{"IkeEncAlg", phase1, "AlgorithmMismatch", "The encryption algorithm of IKE does not match.", "rejected enctype"},
	{"IkeAuthAlg", phase1, "AuthenticationAlgorithmMismatch", "The authentication algorithm of IKE does not match.", "rejected hashtype"},
	{"IkePfs", phase1, "DhGroupMismatch", "The DH group of IKE does not match.", "rejected dh_group"},
	{"Psk", phase1, "PskMismatch", "The pre-shared key does not match.", "mismatch of preshared secrets"},
	{"RemoteId", phase1, "PeerIdMismatch", "The RemoteId does not match.", "does not match peers id"},
	{"LocalId", phase1, "PeerIdMismatch", "The LocalId does not match.", "does not match peers id"},
	{"EnableNatTraversal", phase1, "NatTMismatch", "NAT traversal does not match.", "ignore the packet, received unexpecting payload type 130"},
	{"IpsecEncAlg", phase2, "EncryptionAlgorithmMismatch", "The encryption algorithm of IPsec does not match.", "trns_id mismatched"},
	{"IpsecAuthAlg", phase2, "AlgorithmMismatch", "The authentication algorithm of IPsec does not match.", "authtype mismatched"},
	{"IpsecPfs", phase2, "PfsMismatch", "The DH group of IPsec does not match.", "pfs group mismatched"},
	{"LocalSubnet", phase2, "TrafficSelectorMismatch", "The protected data flows do not match.", "traffic selector mismatch"},
	{"RemoteSubnet", phase2, "TrafficSelectorMismatch", "The protected data flows do not match.", "traffic selector mismatch"},
	{"IkeLifetime", phaseNone, "LifetimeMismatch", "The SA lifetime of IKE does not match.", "long lifetime proposed"},
	{"IpsecLifetime", phaseNone, "LifetimeMismatch", "The SA lifetime of IPsec does not match.", "long lifetime proposed"},
}

// SetPeer sets what the device at the other end of a tunnel has: from then on the
// tunnel's Status and its result of DiagnoseVpnConnections follow from both ends. The
// tunnel is the TunnelId, or the VpnConnectionId of a single-tunnel attachment. It
// fails for another tunnel, a name that [Peer] does not list, or subnets that are
// not a list of CIDR blocks.
//
// POST /emulator/peers with {"Tunnel":"…","Silent":true} or {"Tunnel":"…","Wants":{"Psk":"…"}}
// does the same.
func (s *Server) SetPeer(tunnel string, peer Peer) error {
	wants := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(peer.Wants)) {
		value := peer.Wants[name]
		known := false
		for _, c := range comparisons {
			known = known || c.name == name
		}
		if !known {
			return fmt.Errorf("emulator: %q is not a value that a peer can want", name)
		}
		if name == "LocalSubnet" || name == "RemoteSubnet" {
			if value, known = parseSubnets(value); !known {
				return fmt.Errorf("emulator: %s is not a list of CIDR blocks", name)
			}
		}
		wants[name] = value
	}
	peer.Wants = wants
	s.mu.Lock()
	defer s.mu.Unlock()
	conn, i := s.findTunnel(tunnel)
	if conn == nil {
		return fmt.Errorf("emulator: no tunnel %q", tunnel)
	}
	changed := *conn
	changed.Peers = map[int]Peer{}
	maps.Copy(changed.Peers, conn.Peers)
	changed.Peers[i] = peer
	return s.commit(records{"connection/" + conn.ID: &changed})
}

// peer is the device at the other end of a tunnel.
func (s *Server) peer(conn *connection, i int) Peer {
	if s.config.Peer != nil {
		if peer, known := s.config.Peer(cmp.Or(conn.Config.Links[i].TunnelID, conn.ID)); known {
			return peer
		}
	}
	return conn.Peers[i]
}

// findTunnel finds a tunnel by its id, a single one by its connection's.
func (s *Server) findTunnel(id string) (conn *connection, i int) {
	for _, conn := range s.connections {
		for i, l := range conn.Config.Links {
			if id != "" && id == cmp.Or(l.TunnelID, conn.ID) {
				return conn, i
			}
		}
	}
	return nil, 0
}

// finding is what keeps a tunnel down, or could.
type finding struct {
	phase         int
	code, reason  string
	local, remote string
	log           string
}

// negotiate compares both ends of a tunnel; nil means that they agree.
func (s *Server) negotiate(conn *connection, c *config, i int) *finding {
	peer := s.peer(conn, i)
	now := s.config.Now()
	switch state := conn.state(now); {
	case !c.EffectImmediately || state != "attached" && state != "init" && !conn.spares(i, now):
		return &finding{phase1, "NoExceptionFound", "The reason for the negotiation exception is not found.", "", "", ""}
	case peer.Silent:
		return &finding{phase1, "Phase1NegotiationTimeout", "Phase 1 negotiation timed out.", "", "", "phase1 negotiation failed due to time up"}
	}
	for _, compared := range comparisons {
		ours := s.ourValue(c, i, compared.name)
		wants, told := peer.Wants[compared.name]
		if compared.name == "RemoteId" && !told {
			wants, told = s.identityOf(conn, &c.Links[i], ours)
		}
		told = told || ours == noLocalID || compared.name == "Psk" && c.Links[i].Drawn
		if !told || ours == wants || compared.name == "IkeMode" && c.Links[i].IKE["IkeVersion"] != "ikev1" {
			continue
		}
		found := &finding{compared.phase, compared.code, compared.reason, ours, wants, compared.log}
		if compared.name == "Psk" {
			// The service can't know the peer's key, but its log may hold ours.
			found.local, found.remote = "", ""
			if s.config.MaskKeys {
				ours = maskKey(ours)
			}
			found.log += " (" + ours + ")"
		}
		return found
	}
	return nil
}

// ourValue is what the attachment's end of a tunnel has.
func (s *Server) ourValue(c *config, i int, name string) string {
	l := &c.Links[i]
	switch name {
	case "LocalSubnet":
		return c.LocalSubnet
	case "RemoteSubnet":
		return c.RemoteSubnet
	case "EnableNatTraversal":
		return strconv.FormatBool(l.NAT)
	case "LocalId":
		return cmp.Or(l.IKE["LocalId"], l.InternetIP)
	}
	return cmp.Or(l.IKE[name], l.IPsec[name])
}

// identityOf is the identity of a device that RemoteId can't mean, since it is the
// address of another one: a customer gateway is known by its address.
func (s *Server) identityOf(conn *connection, l *link, remoteID string) (identity string, differs bool) {
	own := s.gateways[l.CustomerGateway]
	for _, g := range s.gateways {
		if own != nil && g.Region == conn.Region && g.IP == remoteID && g.IP != own.IP {
			return own.IP, true
		}
	}
	return "", false
}

// Values of Status, the worst first.
var statuses = []string{"ike_sa_not_established", "ipsec_sa_not_established", "ipsec_sa_established"}

// status is the Status of a tunnel.
func (f *finding) status() string {
	switch {
	case f == nil || f.phase == phaseNone:
		return "ipsec_sa_established"
	case f.phase == phase2:
		return "ipsec_sa_not_established"
	}
	return "ike_sa_not_established"
}

func (f *finding) severity() string {
	switch {
	case f == nil:
		return "Normal"
	case f.phase == phaseNone || f.local == "" && f.code != "PskMismatch":
		return "Warn"
	}
	return "Critical"
}

// diagnose returns the state of negotiation of each tunnel that the request names.
func (s *Server) diagnose(req *request) (map[string]any, records, *apiError) {
	connections, tunnels := req.list("VpnConnectionIds"), req.list("TunnelIds")
	if len(connections)+len(tunnels) == 0 {
		return nil, nil, missing("VpnConnectionIds")
	}
	for _, id := range connections {
		conn := s.connections[id]
		if conn == nil || conn.Region != req.params["RegionId"] {
			return nil, nil, refuse("InvalidVpnConnectionInstanceId.NotFound")
		}
		if conn.Config.Dual {
			return nil, nil, refuse("UnsupportedParameter", "VpnConnectionIds")
		}
	}
	all := []any{}
	for _, id := range slices.Concat(connections, tunnels) {
		conn, i := s.findTunnel(id)
		if conn == nil || conn.Region != req.params["RegionId"] {
			return nil, nil, illegal("TunnelIds", id)
		}
		all = append(all, s.diagnosis(conn, i))
	}
	page, answer, refused := paginate(req, all)
	if refused == nil {
		answer["VpnConnections"] = page
	}
	return answer, nil, refused
}

func (s *Server) diagnosis(conn *connection, i int) map[string]any {
	c := conn.current(s.config.Now())
	l := &c.Links[i]
	found := s.negotiate(conn, c, i)
	v := map[string]any{"VpnConnectionId": conn.ID, "TunnelId": l.TunnelID, "Severity": found.severity()}
	if found == nil {
		return v
	}
	since := max(conn.Created, conn.Ready.UnixMilli())
	maps.Copy(v, map[string]any{
		"FailedReasonCode": found.code, "FailedReason": found.reason, "FailedTime": since,
		"MismatchLocalParam": found.local, "MismatchRemoteParam": found.remote, "SourceLog": "",
	})
	if found.log != "" {
		v["SourceLog"] = fmt.Sprintf("%s %s [PROTO_ERR]: %s [{ph1: %s[500] <=> %s[500]}]",
			time.UnixMilli(since).UTC().Format(time.DateTime), cmp.Or(l.TunnelID, conn.ID), found.log, l.InternetIP, s.gateways[l.CustomerGateway].IP)
	}
	return v
}
