package sitevpn

import (
	"time"

	"vpnattach/shared/core/secret"
)

// States of a connection, of the provisioning of a tunnel, and of its telemetry.
// Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpnConnection.html
const (
	Available = "available" // of a connection and of a tunnel's provisioning: at rest
	Modifying = "modifying" // of a connection
	Up        = "UP"        // of a tunnel's telemetry; the other one is DOWN
)

// Connection is what DescribeVpnConnections says of one connection.
type Connection struct {
	ID      string
	State   string // pending, available, modifying, deleting or deleted
	Tunnels []Tunnel
}

// Tunnel is one of the two tunnels of a connection. Its options and its telemetry are
// brought together by the outside address, since the API gives them in any order.
type Tunnel struct {
	OutsideIP string
	Key       secret.Secret // zero when the API does not show it, as when AWS keeps it in Secrets Manager
	// KeyInSecretsManager says that AWS keeps the key in a secret of its own, which a change
	// of the tunnel's options does not rotate.
	KeyInSecretsManager bool
	Status              string    // UP or DOWN; empty when the answer has no telemetry for the tunnel
	Message             string    // of the telemetry; may be empty
	Since               time.Time // of the Status
	// Provisioning is the ProvisioningStatus of GetActiveVpnTunnelStatus: available, pending
	// or failed; Reason is its ProvisioningStatusReason.
	Provisioning, Reason string
}

// Tunnel returns the tunnel with that outside address, and the other one. Both are nil
// when the connection has no such tunnel, other also when it has only one.
func (c *Connection) Tunnel(outsideIP string) (its, other *Tunnel) {
	for i := range c.Tunnels {
		if c.Tunnels[i].OutsideIP == outsideIP {
			its = &c.Tunnels[i]
		} else {
			other = &c.Tunnels[i]
		}
	}
	if its == nil {
		return nil, nil
	}
	return its, other
}
