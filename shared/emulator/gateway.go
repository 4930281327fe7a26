package emulator

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"

	"vpnattach/shared/core/attachment"
)

// describeRegions lists all regions that the official clients know; each has the whole API.
// It names this very server as every region's endpoint, so that a
// client which follows it stays on the machine.
func (s *Server) describeRegions(req *request) (map[string]any, records, *apiError) {
	var all []any
	for _, region := range attachment.Regions {
		all = append(all, map[string]any{"RegionId": region, "LocalName": region, "RegionEndpoint": req.host})
	}
	return map[string]any{"Regions": map[string]any{"Region": all}}, nil, nil
}

// reservedAddresses are those that a customer gateway can't have.
var reservedAddresses = []netip.Prefix{
	netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("169.254.0.0/16"),
	netip.MustParsePrefix("224.0.0.0/4"), netip.MustParsePrefix("255.0.0.0/8"),
}

func (s *Server) createGateway(req *request) (map[string]any, records, *apiError) {
	p := req.params
	g := &gateway{
		ID: s.newID("cgw-"), Region: p["RegionId"], Name: p["Name"], Description: p["Description"], IP: p["IpAddress"],
		Created: s.config.Now().UnixMilli(),
	}
	addr, err := netip.ParseAddr(g.IP)
	if err != nil || !addr.Is4() || slices.ContainsFunc(reservedAddresses, func(block netip.Prefix) bool { return block.Contains(addr) }) {
		return nil, nil, illegal("IpAddress", g.IP)
	}
	if req.has("Name") && !isName(g.Name) {
		return nil, nil, refuse("InvalidName")
	}
	if req.has("Description") && !isName(g.Description) {
		return nil, nil, illegal("Description", "")
	}
	if req.has("Asn") {
		asn, ok := parseASN(p["Asn"])
		if !ok || asn == 45104 {
			return nil, nil, illegal("Asn", p["Asn"])
		}
		g.ASN = asn
	}
	count := 0
	for _, other := range s.gateways {
		if other.Region == g.Region {
			count++
		}
	}
	if count >= quota {
		return nil, nil, refuse("Resource.QuotaFull")
	}
	answer := g.view()
	for _, name := range []string{"Asn", "ResourceGroupId", "Tags"} {
		delete(answer, name)
	}
	return answer, records{"gateway/" + g.ID: g}, nil
}

func (s *Server) findGateway(req *request) (*gateway, *apiError) {
	g := s.gateways[req.params["CustomerGatewayId"]]
	if g == nil || g.Region != req.params["RegionId"] {
		return nil, refuse("InvalidCustomerGatewayInstanceId.NotFound")
	}
	return g, nil
}

func (s *Server) describeGateway(req *request) (map[string]any, records, *apiError) {
	g, refused := s.findGateway(req)
	if refused != nil {
		return nil, nil, refused
	}
	return g.view(), nil, nil
}

func (s *Server) describeGateways(req *request) (map[string]any, records, *apiError) {
	var all []any
	for _, id := range slices.Sorted(maps.Keys(s.gateways)) {
		if g := s.gateways[id]; g.Region == req.params["RegionId"] && cmp.Or(req.params["CustomerGatewayId"], id) == id {
			all = append(all, g.view())
		}
	}
	page, answer, refused := paginate(req, all)
	if refused == nil {
		answer["CustomerGateways"] = map[string]any{"CustomerGateway": page}
	}
	return answer, nil, refused
}

func (s *Server) deleteGateway(req *request) (map[string]any, records, *apiError) {
	g, refused := s.findGateway(req)
	if refused != nil {
		return nil, nil, refused
	}
	for _, conn := range s.connections {
		for _, c := range []*config{conn.current(s.config.Now()), conn.Next} {
			if c != nil && slices.ContainsFunc(c.Links, func(l link) bool { return l.CustomerGateway == g.ID }) {
				return nil, nil, refuse("InvalidCustomerGatewayInstanceId.InUse")
			}
		}
	}
	return map[string]any{}, records{"gateway/" + g.ID: nil}, nil
}

func (g *gateway) view() map[string]any {
	v := map[string]any{
		"CustomerGatewayId": g.ID, "Name": g.Name, "Description": g.Description, "IpAddress": g.IP, "CreateTime": g.Created,
		"ResourceGroupId": g.group(), "Tags": map[string]any{"Tag": g.labels.view()},
	}
	if g.ASN != 0 {
		v["Asn"] = g.ASN
	}
	return v
}
