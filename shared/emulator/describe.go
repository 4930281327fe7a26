package emulator

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
)

// form is how an answer writes a connection: Describe and Modify differ.
type form int

const (
	describeForm form = iota
	modifyForm
)

func (s *Server) describeConnection(req *request) (map[string]any, records, *apiError) {
	conn, refused := s.find(req)
	if refused != nil {
		return nil, nil, refused
	}
	conn = s.visible(conn)
	s.countDescribe(conn.ID)
	return s.view(conn, conn.current(s.config.Now()), describeForm), nil, nil
}

// describeConnections lists the connections of a region that match all filters. An
// element is what describeConnection answers but for ZoneNo, EnableBgp and the name
// of the tags, as the official clients have it.
func (s *Server) describeConnections(req *request) (map[string]any, records, *apiError) {
	filters, refused := req.tags()
	if refused != nil {
		return nil, nil, refused
	}
	p := req.params
	all := []any{}
	for _, id := range slices.Sorted(maps.Keys(s.connections)) {
		conn := s.visible(s.connections[id])
		c := conn.current(s.config.Now())
		v := s.view(conn, c, describeForm)
		if conn.Region != p["RegionId"] || cmp.Or(p["VpnConnectionId"], id) != id ||
			p["VpnGatewayId"] != "" && p["VpnGatewayId"] != v["VpnGatewayId"] ||
			p["ResourceGroupId"] != "" && p["ResourceGroupId"] != conn.group() ||
			p["CustomerGatewayId"] != "" && !slices.ContainsFunc(c.Links, func(l link) bool { return l.CustomerGateway == p["CustomerGatewayId"] }) ||
			slices.ContainsFunc(filters, func(t tag) bool { return !t.matches(&conn.labels) }) {
			continue
		}
		v["Tag"] = v["Tags"]
		delete(v, "Tags")
		delete(v, "ZoneNo")
		if bgp, single := v["VpnBgpConfig"].(map[string]any); single {
			delete(bgp, "EnableBgp")
		}
		all = append(all, v)
	}
	page, answer, refused := paginate(req, all)
	if refused == nil {
		answer["VpnConnections"] = map[string]any{"VpnConnection": page}
	}
	return answer, nil, refused
}

// Describe returns what DescribeVpnConnection would answer, as JSON, but always
// with the keys in clear; nil when the attachment does not exist. It is for tests
// that compare configurations.
func (s *Server) Describe(vpnConnectionID string) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	conn := s.connections[vpnConnectionID]
	if conn == nil {
		return nil
	}
	unmasked := Server{config: s.config, gateways: s.gateways}
	unmasked.config.MaskKeys = false
	return appendJSON(nil, unmasked.view(conn, conn.current(s.config.Now()), describeForm))
}

// view writes a connection with the given configuration.
func (s *Server) view(conn *connection, c *config, as form) map[string]any {
	state := conn.state(s.config.Now())
	status := statuses[len(statuses)-1] // the worst of all tunnels
	var each []string
	for i := range c.Links {
		of := statuses[0]
		if as == describeForm {
			of = s.negotiate(conn, c, i).status()
		}
		each = append(each, of)
		if slices.Index(statuses, of) < slices.Index(statuses, status) {
			status = of
		}
	}
	v := map[string]any{
		"VpnConnectionId": conn.ID, "VpnGatewayId": "vpn-not-exist", "Name": c.Name,
		"LocalSubnet": c.LocalSubnet, "RemoteSubnet": c.RemoteSubnet,
		"CreateTime": conn.Created, "EffectImmediately": c.EffectImmediately, "Status": status,
		"AttachType": "NO_ASSOCIATED", "AttachInstanceId": conn.CEN, "NetworkType": conn.NetworkType,
		"Spec": "1000M", "ResourceGroupId": conn.group(),
	}
	if conn.TransitRouter != "" {
		v["AttachType"] = "CEN"
	}
	if as == describeForm {
		maps.Copy(v, map[string]any{
			"State": state, "InternetIp": conn.InternetIP, "CrossAccountAuthorized": false,
			"TransitRouterId": conn.TransitRouter, "TransitRouterName": "", "TunnelBandwidth": conn.Bandwidth,
			"ZoneNo": conn.Region + "-b", "Tags": map[string]any{"Tag": conn.labels.view()},
		})
	} else {
		v["Description"] = ""
	}
	if !c.Dual {
		maps.Copy(v, s.viewSingle(&c.Links[0], status == "ipsec_sa_established", as))
		return v
	}
	v["EnableTunnelsBgp"] = c.EnableTunnelsBGP
	var tunnels []any
	for i := range c.Links {
		t := s.viewTunnel(i, &c.Links[i], as)
		t["State"] = "active"
		if (state == "updating" || state == "provisioning") && !conn.spares(i, s.config.Now()) {
			t["State"] = "updating"
		}
		if as == describeForm {
			t["Status"], t["ZoneNo"] = each[i], conn.Region+"-"+string("bc"[i])
			t["TunnelBgpConfig"].(map[string]any)["BgpStatus"] = choose(each[i] == "ipsec_sa_established" && c.EnableTunnelsBGP, "success", "failed")
		}
		tunnels = append(tunnels, t)
	}
	if v["TunnelOptionsSpecification"] = tunnels; as == describeForm {
		v["TunnelOptionsSpecification"] = map[string]any{"TunnelOptions": tunnels}
	}
	return v
}

// noLocalID is what the service shows as LocalId of a single tunnel without one.
const noLocalID = "leftId-not-exist"

func (s *Server) viewSingle(l *link, up bool, as form) map[string]any {
	bgp := s.viewBGP(l, false)
	bgp["EnableBgp"] = l.BGP["EnableBgp"]
	on := l.BGP["EnableBgp"] == "true"
	ike := s.viewIKE(l.IKE, false)
	if l.IKE["LocalId"] == "" {
		ike["LocalId"] = noLocalID
	}
	health := map[string]any{
		"Enable": l.Health["enable"], "Dip": l.Health["dip"], "Sip": l.Health["sip"],
		"Interval": whole(l.Health["interval"]), "Retry": whole(l.Health["retry"]), "Policy": l.Health["Policy"],
	}
	if as == describeForm {
		bgp["AuthKey"] = ""
		bgp["Status"] = choose(up && on, "success", "failed")
		health["Status"] = choose(up && l.Health["enable"] == "true", "success", "failed")
	} else {
		bgp["Status"] = "false"
	}
	return map[string]any{
		"CustomerGatewayId": l.CustomerGateway, "EnableDpd": l.DPD, "EnableNatTraversal": l.NAT,
		"IkeConfig": ike, "IpsecConfig": viewObject(l.IPsec, "IpsecLifetime", false),
		"VpnBgpConfig": bgp, "VcoHealthCheck": health,
	}
}

// viewTunnel writes a tunnel; Describe writes its numbers and booleans as text.
func (s *Server) viewTunnel(i int, l *link, as form) map[string]any {
	text := as == describeForm
	t := map[string]any{
		"TunnelId": l.TunnelID, "TunnelIndex": i + 1, "Role": l.role(i),
		"CustomerGatewayId": l.CustomerGateway, "InternetIp": l.InternetIP,
		"EnableDpd": l.DPD, "EnableNatTraversal": l.NAT,
		"TunnelIkeConfig":   s.viewIKE(l.IKE, text),
		"TunnelIpsecConfig": viewObject(l.IPsec, "IpsecLifetime", text),
		"TunnelBgpConfig":   s.viewBGP(l, text),
	}
	if text {
		t["EnableDpd"], t["EnableNatTraversal"] = strconv.FormatBool(l.DPD), strconv.FormatBool(l.NAT)
	}
	return t
}

func (s *Server) viewIKE(ike group, text bool) map[string]any {
	v := viewObject(ike, "IkeLifetime", text)
	if s.config.MaskKeys {
		v["Psk"] = maskKey(ike["Psk"])
	}
	return v
}

// maskKey shows the first four characters of a longer key.
func maskKey(key string) string {
	if len(key) <= 4 {
		return "****"
	}
	return key[:4] + "****"
}

// viewObject writes a group whose member numeric is a number, or all as text.
func viewObject(g group, numeric string, text bool) map[string]any {
	v := map[string]any{}
	for name, value := range g {
		v[name] = value
	}
	if !text {
		v[numeric] = whole(g[numeric])
	}
	return v
}

func (s *Server) viewBGP(l *link, text bool) map[string]any {
	var peer int64
	if g := s.gateways[l.CustomerGateway]; g != nil {
		peer = g.ASN
	}
	v := map[string]any{
		"TunnelCidr": l.BGP["TunnelCidr"], "LocalBgpIp": l.BGP["LocalBgpIp"], "PeerBgpIp": peerBGP(l.BGP),
		"LocalAsn": whole(l.BGP["LocalAsn"]), "PeerAsn": peer,
	}
	if text {
		v["LocalAsn"], v["PeerAsn"] = l.BGP["LocalAsn"], strconv.FormatInt(peer, 10)
	}
	return v
}

// describeAttachments lists the attachments of transit routers, as documented.
func (s *Server) describeAttachments(req *request) (map[string]any, records, *apiError) {
	if req.has("AttachType") && req.params["AttachType"] != "CEN" {
		return nil, nil, illegal("AttachType", "")
	}
	var all []any
	for _, id := range slices.Sorted(maps.Keys(s.connections)) {
		conn := s.connections[id]
		if wanted := cmp.Or(req.params["VpnConnectionId"], id); wanted != id || conn.Region != req.params["RegionId"] || conn.TransitRouter == "" {
			continue
		}
		all = append(all, map[string]any{
			"InstanceId": id, "Name": conn.current(s.config.Now()).Name, "Description": "", "AttachType": "CEN",
			"TransitRouterId": conn.TransitRouter, "TransitRouterName": "", "TunnelBandwidth": conn.Bandwidth,
			"CrossAccountAuthorized": false, "Tag": `{"BGPSupport":"true"}`, "Tags": conn.labels.view(),
		})
	}
	page, answer, refused := paginate(req, all)
	if refused == nil {
		answer["VpnAttachments"] = page
	}
	return answer, nil, refused
}

// paginate returns the page of a list that the request asks for.
func paginate(req *request, all []any) (page []any, answer map[string]any, refused *apiError) {
	number, refused := req.number("PageNumber", 1, 1, 1<<20)
	if refused != nil {
		return nil, nil, refused
	}
	size, refused := req.number("PageSize", 10, 1, 50)
	if refused != nil {
		return nil, nil, refused
	}
	from, to := min((number-1)*size, len(all)), min(number*size, len(all))
	page = append([]any{}, all[from:to]...)
	return page, map[string]any{"TotalCount": len(all), "PageNumber": number, "PageSize": size}, nil
}

func whole(text string) int64 {
	n, _ := strconv.ParseInt(text, 10, 64)
	return n
}

func choose(condition bool, yes, no string) string {
	if condition {
		return yes
	}
	return no
}

// Attachment is what a list of attachments says of one.
type Attachment struct {
	RegionID        string `json:"regionId"`
	VpnConnectionID string `json:"vpnConnectionId"`
	Name            string `json:"name"`
	Dual            bool   `json:"dual"` // it has two tunnels
}

// Attachments lists all attachments in the order of their ids. It is for people who
// choose one.
func (s *Server) Attachments() []Attachment {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]Attachment, 0, len(s.connections))
	for _, id := range slices.Sorted(maps.Keys(s.connections)) {
		conn := s.connections[id]
		c := conn.current(s.config.Now())
		all = append(all, Attachment{RegionID: conn.Region, VpnConnectionID: id, Name: c.Name, Dual: c.Dual})
	}
	return all
}
