package sitevpn

import (
	"encoding/xml"
	"time"

	"vpnattach/shared/core/secret"
)

// The answers, as far as they are read.
// Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpnConnections.html
type (
	describeAnswer struct {
		XMLName     xml.Name           `xml:"DescribeVpnConnectionsResponse"`
		Connections []connectionAnswer `xml:"vpnConnectionSet>item"`
	}
	connectionAnswer struct {
		ID              string            `xml:"vpnConnectionId"`
		State           string            `xml:"state"`
		Configuration   string            `xml:"customerGatewayConfiguration"`
		PreSharedKeyArn string            `xml:"preSharedKeyArn"`
		Options         []optionsAnswer   `xml:"options>tunnelOptionSet>item"`
		Telemetry       []telemetryAnswer `xml:"vgwTelemetry>item"`
	}
	optionsAnswer struct {
		OutsideIP    string `xml:"outsideIpAddress"`
		PreSharedKey string `xml:"preSharedKey"`
	}
	telemetryAnswer struct {
		OutsideIP string `xml:"outsideIpAddress"`
		Status    string `xml:"status"`
		Message   string `xml:"statusMessage"`
		Since     string `xml:"lastStatusChange"`
	}
	modifyAnswer struct {
		XMLName xml.Name `xml:"ModifyVpnTunnelOptionsResponse"`
	}
	statusAnswer struct {
		XMLName      xml.Name `xml:"GetActiveVpnTunnelStatusResponse"`
		Provisioning string   `xml:"activeVpnTunnelStatus>provisioningStatus"`
		Reason       string   `xml:"activeVpnTunnelStatus>provisioningStatusReason"`
	}
	// configuration is the text of CustomerGatewayConfiguration, which the API gives for a
	// connection that is pending or available.
	configuration struct {
		XMLName xml.Name `xml:"vpn_connection"`
		Tunnels []struct {
			OutsideIP    string `xml:"vpn_gateway>tunnel_outside_address>ip_address"`
			PreSharedKey string `xml:"ike>pre_shared_key"`
		} `xml:"ipsec_tunnel"`
	}
)

// read brings together what the answer says of each tunnel. Its options have the key; a
// connection without them has it in the configuration for its device. What stands there
// when AWS keeps the keys in Secrets Manager is none.
func (c *connectionAnswer) read() *Connection {
	of := map[string]*Tunnel{}
	read := &Connection{ID: c.ID, State: c.State}
	addresses := []string{}
	tunnel := func(outsideIP string) *Tunnel {
		if of[outsideIP] == nil {
			of[outsideIP] = &Tunnel{OutsideIP: outsideIP, KeyInSecretsManager: c.PreSharedKeyArn != ""}
			addresses = append(addresses, outsideIP)
		}
		return of[outsideIP]
	}
	for _, o := range c.Options {
		setKey(tunnel(o.OutsideIP), o.PreSharedKey)
	}
	var device configuration
	if xml.Unmarshal([]byte(c.Configuration), &device) == nil {
		for _, t := range device.Tunnels {
			setKey(tunnel(t.OutsideIP), t.PreSharedKey)
		}
	}
	for _, t := range c.Telemetry {
		its := tunnel(t.OutsideIP)
		its.Status, its.Message = t.Status, t.Message
		its.Since, _ = time.Parse(time.RFC3339, t.Since) // else the zero time
	}
	for _, address := range addresses {
		read.Tunnels = append(read.Tunnels, *of[address])
	}
	return read
}

// setKey gives a tunnel the first key that is shown.
func setKey(t *Tunnel, key string) {
	if t.Key.IsZero() && !t.KeyInSecretsManager {
		t.Key = secret.New(key)
	}
}
