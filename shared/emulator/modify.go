package emulator

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// singleOnly and dualOnly are the parameters that belong to one mode.
var (
	singleOnly = []string{"CustomerGatewayId", "IkeConfig", "IpsecConfig", "BgpConfig", "HealthCheckConfig", "EnableDpd", "EnableNatTraversal"}
	dualOnly   = []string{"EnableTunnelsBgp"}
)

// change is a Modify or Create that is being checked.
type change struct {
	server *Server
	req    *request
	conn   *connection
	before *config
	next   *config
	create bool // what the request leaves out gets its default
}

func (s *Server) modifyAttachment(req *request) (map[string]any, records, *apiError) {
	conn, refused := s.find(req)
	if refused != nil {
		return nil, nil, refused
	}
	now := s.config.Now()
	if conn.Condition == "VpnConnection.FinancialLocked" {
		return nil, nil, refuse("VpnConnection.FinancialLocked")
	}
	if conn.busy(now) {
		return nil, nil, refuse("VpnConnection.Configuring")
	}
	if s.config.RequireSubnets {
		for _, name := range []string{"LocalSubnet", "RemoteSubnet"} {
			if !req.has(name) {
				return nil, nil, missing(name)
			}
		}
	}
	before := conn.current(now)
	c := &change{s, req, conn, before, before.clone(), false}
	if network := req.params["NetworkType"]; req.has("NetworkType") && network != conn.NetworkType {
		return nil, nil, refuse("IllegalParam.NetworkType", network)
	}
	if refused := c.apply(); refused != nil {
		return nil, nil, refused
	}
	if applies := conditions[conn.Condition]; applies != nil && applies(c) {
		return nil, nil, refuse(conn.Condition)
	}
	after := *conn
	after.Config, after.Next, after.Ready = *before, c.next, now.Add(s.config.UpdateTime)
	answer := s.view(&after, c.next, modifyForm)
	return answer, records{"connection/" + conn.ID: &after}, nil
}

// apply puts the request's parameters into next.
func (c *change) apply() *apiError {
	p, next := c.req.params, c.next
	if c.req.has("Name") {
		if !isName(p["Name"]) {
			return refuse("InvalidName")
		}
		next.Name = p["Name"]
	}
	for _, subnet := range []struct {
		name string
		dst  *string
	}{{"LocalSubnet", &next.LocalSubnet}, {"RemoteSubnet", &next.RemoteSubnet}} {
		if c.req.has(subnet.name) {
			blocks, ok := parseSubnets(p[subnet.name])
			if !ok {
				return illegal(subnet.name, p[subnet.name])
			}
			*subnet.dst = blocks
		}
	}
	if c.server.config.Partial == PartialReset {
		next.EffectImmediately = false
	}
	if refused := c.req.flag("EffectImmediately", &next.EffectImmediately); refused != nil {
		return refused
	}
	if refused := c.req.flag("AutoConfigRoute", new(bool)); refused != nil {
		return refused
	}
	items, refused := c.req.tunnels()
	if refused != nil {
		return refused
	}
	if next.Dual {
		refused = c.applyTunnels(items)
	} else {
		refused = c.applySingle(len(items) > 0)
	}
	if refused != nil {
		return refused
	}
	for i := range next.Links {
		l := &next.Links[i]
		if refused := checkBGP(next.bgpOn(), l.BGP, c.server.gateways[l.CustomerGateway]); refused != nil {
			return refused
		}
	}
	if next.Dual && next.Links[0].BGP["TunnelCidr"] != "" && next.Links[0].BGP["TunnelCidr"] == next.Links[1].BGP["TunnelCidr"] {
		return refuse("IllegalParam.TunnelCidr")
	}
	return nil
}

func (c *change) applySingle(hasTunnels bool) *apiError {
	if hasTunnels {
		return refuse("UnsupportedParameter", "TunnelOptionsSpecification")
	}
	for _, name := range dualOnly {
		if c.req.has(name) {
			return refuse("UnsupportedParameter", name)
		}
	}
	l := &c.next.Links[0]
	if refused := c.setGateway(l, c.req.params); refused != nil {
		return refused
	}
	if refused := c.req.flag("EnableDpd", &l.DPD); refused != nil {
		return refused
	}
	if refused := c.req.flag("EnableNatTraversal", &l.NAT); refused != nil {
		return refused
	}
	for _, object := range []struct {
		name  string
		table []field
		dst   *group
	}{
		{"IkeConfig", ikeFields, &l.IKE},
		{"IpsecConfig", ipsecFields, &l.IPsec},
		{"BgpConfig", bgpFields, &l.BGP},
		{"HealthCheckConfig", healthFields, &l.Health},
	} {
		if !c.req.has(object.name) && !c.create {
			continue
		}
		members, ok := map[string]string{}, true
		if c.req.has(object.name) {
			members, ok = decodeObject(c.req.params[object.name])
		}
		if !ok {
			return illegal(object.name, "")
		}
		if object.name == "HealthCheckConfig" && c.server.config.HealthCapitals {
			acceptCapitals(members)
		}
		filled, refused := fill(object.table, members, *object.dst, c.server.config.Partial)
		if refused != nil {
			return refused
		}
		if object.name == "IkeConfig" {
			c.completeIKE(filled, l)
		}
		*object.dst = filled
	}
	return nil
}

func (c *change) applyTunnels(items map[int]map[string]string) *apiError {
	for _, name := range singleOnly {
		if c.req.has(name) {
			return refuse("UnsupportedParameter", name)
		}
	}
	if refused := c.req.flag("EnableTunnelsBgp", &c.next.EnableTunnelsBGP); refused != nil {
		return refused
	}
	seen := [2]bool{}
	for _, position := range slices.Sorted(maps.Keys(items)) {
		item := items[position]
		i, refused := c.tunnelIndex(position, item)
		if refused != nil {
			return refused
		}
		if seen[i] {
			return illegal("TunnelOptionsSpecification", "")
		}
		seen[i] = true
		if refused := c.applyTunnel(&c.next.Links[i], item); refused != nil {
			return refused
		}
	}
	if c.next.Links[0].role(0) == c.next.Links[1].role(1) {
		return illegal("Role", c.next.Links[0].role(0))
	}
	return nil
}

// tunnelIndex finds the tunnel that an item means: by id, by index, or else by
// the item's position.
func (c *change) tunnelIndex(position int, item map[string]string) (int, *apiError) {
	index := position
	if text := item["TunnelIndex"]; text != "" {
		index, _ = strconv.Atoi(text)
		if index == 0 {
			return 0, illegal("TunnelIndex", text)
		}
	}
	if id := item["TunnelId"]; id != "" {
		byID := 1 + slices.IndexFunc(c.next.Links, func(l link) bool { return l.TunnelID == id })
		if byID == 0 || item["TunnelIndex"] != "" && byID != index {
			return 0, illegal("TunnelId", id)
		}
		index = byID
	}
	if index < 1 || index > 2 {
		return 0, illegal("TunnelIndex", "")
	}
	return index - 1, nil
}

// acceptCapitals gives members in capitals their documented names, which win.
func acceptCapitals(members map[string]string) {
	for _, f := range healthFields {
		capital := strings.ToUpper(f.name[:1]) + f.name[1:]
		if _, there := members[f.name]; !there && members[capital] != "" {
			members[f.name] = members[capital]
		}
	}
}

// applyTunnel puts the item into a tunnel's configuration.
func (c *change) applyTunnel(l *link, item map[string]string) *apiError {
	if refused := c.setGateway(l, item); refused != nil {
		return refused
	}
	for _, name := range []string{"EnableDpd", "EnableNatTraversal"} {
		if text := item[name]; text != "" && !boolean(text) {
			return illegal(name, text)
		}
	}
	partial := c.server.config.Partial
	for name, dst := range map[string]*bool{"EnableDpd": &l.DPD, "EnableNatTraversal": &l.NAT} {
		if text, there := item[name]; there || c.create || !partial.keeps(name) {
			*dst = text != "false"
		}
	}
	if role := item["Role"]; role != "" {
		if role != "master" && role != "slave" {
			return illegal("Role", role)
		}
		l.Role = role
	}
	for _, object := range []struct {
		name  string
		table []field
		dst   *group
	}{
		{"TunnelIkeConfig", tunnelIkeFields, &l.IKE},
		{"TunnelIpsecConfig", tunnelIpsecFields, &l.IPsec},
		{"TunnelBgpConfig", tunnelBgpFields, &l.BGP},
	} {
		given := nested(item, object.name)
		if len(given) == 0 && *object.dst != nil && partial != PartialReset {
			continue
		}
		filled, refused := fill(object.table, given, *object.dst, partial)
		if refused != nil {
			return refused
		}
		if object.name == "TunnelIkeConfig" {
			c.completeIKE(filled, l)
		}
		*object.dst = filled
	}
	return nil
}

// completeIKE gives an IKE object the defaults that no table can hold.
func (c *change) completeIKE(ike group, l *link) {
	if ike["Psk"] == "" {
		ike["Psk"], l.Drawn = c.server.newKey(), !c.create
	} else if ike["Psk"] != l.IKE["Psk"] {
		l.Drawn = false
	}
	if ike["RemoteId"] == "" {
		ike["RemoteId"] = c.server.gateways[l.CustomerGateway].IP
	}
	if ike["LocalId"] == "" && c.next.Dual {
		ike["LocalId"] = l.InternetIP
	}
}

// setGateway changes the customer gateway when the parameters name one.
func (c *change) setGateway(l *link, params map[string]string) *apiError {
	id, there := params["CustomerGatewayId"]
	if !there && !c.create || id == l.CustomerGateway && id != "" {
		return nil
	}
	if id == "" {
		return missing("CustomerGatewayId")
	}
	if g := c.server.gateways[id]; g == nil || g.Region != c.conn.Region {
		return refuse("InvalidCustomerGatewayInstanceId.NotFound")
	}
	l.CustomerGateway = id
	return nil
}
