package sitevpntest

import (
	"cmp"
	"crypto/rand"
	"encoding/xml"
	"maps"
	"net/http"
	"net/url"
	"slices"
)

const namespace = "http://ec2.amazonaws.com/doc/2016-11-15/"

// The answers, in the form of the API reference.
type (
	describeAnswer struct {
		XMLName     xml.Name         `xml:"DescribeVpnConnectionsResponse"`
		Namespace   string           `xml:"xmlns,attr"`
		RequestID   string           `xml:"requestId"`
		Connections []connectionView `xml:"vpnConnectionSet>item"`
	}
	modifyAnswer struct {
		XMLName    xml.Name       `xml:"ModifyVpnTunnelOptionsResponse"`
		Namespace  string         `xml:"xmlns,attr"`
		RequestID  string         `xml:"requestId"`
		Connection connectionView `xml:"vpnConnection"`
	}
	statusAnswer struct {
		XMLName   xml.Name   `xml:"GetActiveVpnTunnelStatusResponse"`
		Namespace string     `xml:"xmlns,attr"`
		RequestID string     `xml:"requestId"`
		Status    statusView `xml:"activeVpnTunnelStatus"`
	}
	statusView struct {
		Provisioning string `xml:"provisioningStatus"`
		Reason       string `xml:"provisioningStatusReason,omitempty"`
		IKEVersion   string `xml:"ikeVersion,omitempty"`
	}
	connectionView struct {
		ID              string          `xml:"vpnConnectionId"`
		State           string          `xml:"state"`
		Configuration   string          `xml:"customerGatewayConfiguration,omitempty"`
		Type            string          `xml:"type"`
		Category        string          `xml:"category"`
		PreSharedKeyARN string          `xml:"preSharedKeyArn,omitempty"`
		StaticRoutes    bool            `xml:"options>staticRoutesOnly"`
		Options         []optionsView   `xml:"options>tunnelOptionSet>item"`
		Telemetry       []telemetryView `xml:"vgwTelemetry>item"`
	}
	optionsView struct {
		OutsideIP    string `xml:"outsideIpAddress"`
		InsideCIDR   string `xml:"tunnelInsideCidr"`
		PreSharedKey string `xml:"preSharedKey"`
	}
	telemetryView struct {
		Routes    int    `xml:"acceptedRouteCount"`
		Since     string `xml:"lastStatusChange"`
		OutsideIP string `xml:"outsideIpAddress"`
		Status    string `xml:"status"`
		Message   string `xml:"statusMessage"`
	}
	configuration struct {
		XMLName xml.Name              `xml:"vpn_connection"`
		ID      string                `xml:"id,attr"`
		Tunnels []configurationTunnel `xml:"ipsec_tunnel"`
	}
	configurationTunnel struct {
		Device    string `xml:"customer_gateway>tunnel_outside_address>ip_address"`
		OutsideIP string `xml:"vpn_gateway>tunnel_outside_address>ip_address"`
		Key       string `xml:"ike>pre_shared_key"`
	}
)

// carryOut carries out a call that is well formed.
func (s *Server) carryOut(call Call, form url.Values) (any, *fault) {
	up := s.allUp()
	s.mutex.Lock()
	defer s.mutex.Unlock()
	c := s.connections[call.VpnConnectionID]
	if call.VpnConnectionID != "" && c == nil {
		return nil, &fault{http.StatusBadRequest, "InvalidVpnConnectionID.NotFound", "The vpnConnection ID '" + call.VpnConnectionID + "' does not exist"}
	}
	switch call.Action {
	case "ModifyVpnTunnelOptions":
		wasUp := up[call.VpnConnectionID+" "+call.OutsideIP]
		if f := s.modify(call.VpnConnectionID, call.OutsideIP, form.Get("TunnelOptions.PreSharedKey"), wasUp, call.DryRun); f != nil {
			return nil, f
		}
		return modifyAnswer{Namespace: namespace, RequestID: rand.Text(), Connection: s.view(c, up)}, nil
	case "GetActiveVpnTunnelStatus":
		return s.status(c, call)
	}
	if call.DryRun {
		return nil, &fault{http.StatusPreconditionFailed, "DryRunOperation", "Request would have succeeded, but DryRun flag is set."}
	}
	answer := describeAnswer{Namespace: namespace, RequestID: rand.Text()}
	for _, id := range slices.Sorted(maps.Keys(s.connections)) {
		if cmp.Or(call.VpnConnectionID, id) == id {
			answer.Connections = append(answer.Connections, s.view(s.connections[id], up))
		}
	}
	return answer, nil
}

// allUp is which tunnels are up, by connection and outside address.
func (s *Server) allUp() map[string]bool {
	s.mutex.Lock()
	all := slices.Collect(maps.Values(s.connections))
	s.mutex.Unlock()
	up := map[string]bool{}
	for _, c := range all {
		for _, t := range c.Tunnels {
			up[c.ID+" "+t.OutsideIP] = s.Tunnel(c.ID, t.OutsideIP).Up
		}
	}
	return up
}

// lags reports whether answers show the connection as before its last change.
func (s *Server) lags(c *connection) bool {
	return !c.accepted.IsZero() && s.config.Now().Before(c.accepted.Add(s.config.Lag))
}

// view is what an answer shows of a connection.
func (s *Server) view(c *connection, up map[string]bool) connectionView {
	now := s.config.Now()
	v := connectionView{ID: c.ID, State: c.state(now), Type: "ipsec.1", Category: "VPN", PreSharedKeyARN: c.PreSharedKeyARN}
	if s.lags(c) {
		v.State = "available"
	}
	device := configuration{ID: c.ID}
	for i := range c.tunnels {
		t := &c.tunnels[i]
		shown := telemetryView{OutsideIP: t.outsideIP, Status: "DOWN", Message: "IPSEC IS DOWN"}
		isUp, key := up[c.ID+" "+t.outsideIP], t.key
		if isUp != t.up || t.changed.IsZero() {
			t.up, t.changed = isUp, now
		}
		if t.provisioning(now) == "pending" && !s.config.EarlyKey {
			key = t.before
		}
		if s.lags(c) && !t.ready.Before(c.accepted) { // the one that was changed
			isUp, key = t.wasUp, t.before
		}
		if isUp {
			shown.Status, shown.Message, shown.Routes = "UP", "1 BGP ROUTES", 1
		}
		if c.PreSharedKeyARN != "" {
			key = "**********"
		}
		shown.Since = t.changed.UTC().Format("2006-01-02T15:04:05.000Z")
		v.Telemetry = append(v.Telemetry, shown)
		v.Options = append(v.Options, optionsView{t.outsideIP, "169.254.10." + string(rune('0'+4*i)) + "/30", key})
		device.Tunnels = append(device.Tunnels, configurationTunnel{"198.51.100.1", t.outsideIP, key})
	}
	if s.answers++; s.answers%2 == 0 {
		slices.Reverse(v.Telemetry)
	}
	if v.State == "available" {
		text, err := xml.Marshal(device)
		if err != nil {
			panic(err)
		}
		v.Configuration = xml.Header + string(text)
	}
	return v
}

func (s *Server) status(c *connection, call Call) (any, *fault) {
	t := c.tunnel(call.OutsideIP)
	if t == nil {
		return nil, &fault{http.StatusBadRequest, "InvalidParameterValue", "The outside address " + call.OutsideIP + " is not one of " + c.ID + "."}
	}
	if call.DryRun {
		return nil, &fault{http.StatusPreconditionFailed, "DryRunOperation", "Request would have succeeded, but DryRun flag is set."}
	}
	view := statusView{Provisioning: t.provisioning(s.config.Now()), IKEVersion: "ikev2"}
	if s.lags(c) {
		view.Provisioning = "available"
	}
	if view.Provisioning == "failed" {
		view.Reason = "The endpoint could not be provisioned."
	}
	return statusAnswer{Namespace: namespace, RequestID: rand.Text(), Status: view}, nil
}
