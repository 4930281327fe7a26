package emulator

// quota is how many attachments, and how many customer gateways, a region holds.
const quota = 100

func (s *Server) createAttachment(req *request) (map[string]any, records, *apiError) {
	p := req.params
	now := s.config.Now()
	conn := &connection{
		ID: s.newID("vco-"), Region: p["RegionId"], NetworkType: "public", Bandwidth: "Standard",
		InternetIP: "203.0.113.10", Created: now.UnixMilli(), Ready: now.Add(s.config.UpdateTime),
	}
	for _, choice := range []struct {
		name    string
		dst     *string
		accepts func(string) bool
	}{
		{"NetworkType", &conn.NetworkType, oneOf("public", "private")},
		{"TunnelBandwidth", &conn.Bandwidth, oneOf("Standard", "Large")},
	} {
		if req.has(choice.name) {
			if !choice.accepts(p[choice.name]) {
				return nil, nil, illegal(choice.name, p[choice.name])
			}
			*choice.dst = p[choice.name]
		}
	}
	items, refused := req.tunnels()
	if refused != nil {
		return nil, nil, refused
	}
	if len(items) == 0 && !s.config.CreateSingle {
		return nil, nil, refuse("VpnConnection.InvalidCreateTunnelOptions")
	}
	if len(items) == 0 {
		conn.Config.Links = []link{{InternetIP: conn.InternetIP, DPD: true, NAT: true}}
	} else {
		if len(items) != 2 {
			return nil, nil, illegal("TunnelOptionsSpecification", "")
		}
		conn.Config.Dual = true
		conn.Config.Links = []link{
			{TunnelID: s.newID("tun-"), InternetIP: conn.InternetIP},
			{TunnelID: s.newID("tun-"), InternetIP: "203.0.113.11"},
		}
	}
	c := &change{s, req, conn, &config{}, &conn.Config, true}
	if refused := c.apply(); refused != nil {
		return nil, nil, refused
	}
	count := 0
	for _, other := range s.connections {
		if other.Region == conn.Region {
			count++
		}
	}
	if count >= quota {
		return nil, nil, refuse("Resource.QuotaFull")
	}
	dryRun := false
	if refused := req.flag("DryRun", &dryRun); refused != nil {
		return nil, nil, refused
	}
	if dryRun {
		return nil, nil, refuse("DryRunOperation")
	}
	answer := map[string]any{"VpnConnectionId": conn.ID, "Name": conn.Config.Name, "CreateTime": conn.Created}
	return answer, records{"connection/" + conn.ID: conn}, nil
}

func (s *Server) deleteAttachment(req *request) (map[string]any, records, *apiError) {
	conn, refused := s.find(req)
	switch {
	case refused != nil:
		return nil, nil, refused
	case conn.Condition == "VpnConnection.FinancialLocked":
		return nil, nil, refuse("VpnConnection.FinancialLocked")
	case conn.busy(s.config.Now()):
		return nil, nil, refuse("VpnConnection.Configuring")
	case conn.TransitRouter != "":
		return nil, nil, refuse("VpnConnection.Associated")
	}
	answer := map[string]any{"Code": "200", "Message": "successful", "Success": true}
	return answer, records{"connection/" + conn.ID: nil}, nil
}

// find is the connection that the request names, in the region that it names.
func (s *Server) find(req *request) (*connection, *apiError) {
	conn := s.connections[req.params["VpnConnectionId"]]
	if conn == nil || conn.Region != req.params["RegionId"] {
		return nil, refuse("InvalidVpnConnectionInstanceId.NotFound")
	}
	return conn, nil
}
