package emulator

import (
	"fmt"
	"slices"
)

// When a condition shows.
func subnetsChange(c *change) bool {
	return c.before.LocalSubnet != c.next.LocalSubnet || c.before.RemoteSubnet != c.next.RemoteSubnet
}

func gatewayChange(c *change) bool {
	return !slices.EqualFunc(c.before.Links, c.next.Links, func(a, b link) bool { return a.CustomerGateway == b.CustomerGateway })
}

func byDestination(c *change) bool {
	return c.next.LocalSubnet == "0.0.0.0/0" && c.next.RemoteSubnet == "0.0.0.0/0"
}

func always(*change) bool { return true }

// conditions are the codes that depend on the state of the account around a
// connection, each with the changes that meet it.
var conditions = map[string]func(*change) bool{
	"VpnConnection.Configuring":            always,
	"VpnConnection.FinancialLocked":        always,
	"InvalidVpnGatewayInstanceId.NotFound": always,
	"Resource.QuotaFull":                   always,
	"VpnRouteEntry.AlreadyExists":          subnetsChange,
	"VpnRouteEntry.Conflict":               subnetsChange,
	"VpnRouteEntry.BackupRoute":            subnetsChange,
	"VpnRouteEntry.InvalidWeight":          subnetsChange,
	"CreateDbrRoutesQuotaFull.QuotaFull":   func(c *change) bool { return subnetsChange(c) && byDestination(c) },
	"CreatePbrRoutesQuotaFull.QuotaFull":   func(c *change) bool { return subnetsChange(c) && !byDestination(c) },
	"CustomerGateway.ConflictRouteEntry":   func(c *change) bool { return subnetsChange(c) || gatewayChange(c) },
	"OperationUnsupported.EnableBgp": func(c *change) bool {
		return c.next.bgpOn() && (c.req.has("BgpConfig") || c.req.has("EnableTunnelsBgp"))
	},
}

// SetCondition puts an attachment into the state in which Modify answers with
// the code: VpnConnection.FinancialLocked, VpnConnection.Configuring,
// InvalidVpnGatewayInstanceId.NotFound and Resource.QuotaFull always; the codes
// of routes and route quotas when the subnets change (Dbr when both become
// 0.0.0.0/0, Pbr otherwise); CustomerGateway.ConflictRouteEntry also when the
// customer gateway changes; OperationUnsupported.EnableBgp when BGP is switched
// on. An empty code ends the state. It fails for another code or an unknown
// attachment.
//
// POST /emulator/conditions with {"VpnConnectionId":"…","Code":"…"} does the same.
func (s *Server) SetCondition(vpnConnectionID, code string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if code != "" && conditions[code] == nil {
		return fmt.Errorf("emulator: %q is not the code of a condition", code)
	}
	conn := s.connections[vpnConnectionID]
	if conn == nil {
		return fmt.Errorf("emulator: no attachment %q", vpnConnectionID)
	}
	changed := *conn
	changed.Condition = code
	return s.commit(records{"connection/" + conn.ID: &changed})
}
