// Package sitevpntest stands in for the EC2 API of one region, as far as connections of
// AWS Site-to-Site VPN go, for tests: DescribeVpnConnections, GetActiveVpnTunnelStatus
// and ModifyVpnTunnelOptions.
//
//	api := sitevpntest.New(sitevpntest.Config{Region: "eu-central-1", Provision: 3 * time.Minute})
//	api.Add(sitevpntest.Connection{ID: "vpn-1", Tunnels: [2]sitevpntest.Tunnel{{OutsideIP: "203.0.113.17", Key: "…"}, {OutsideIP: "203.0.113.18", Key: "…"}}})
//	server := httptest.NewServer(api)
//
// It reads requests with its own code. Of Signature Version 4 it checks that it is
// there, for this region and service, over all that has to be signed; not the signature.
//
// # What is documented
//
//   - One tunnel is modified in a call, and it is unavailable while its endpoint is
//     replaced: ProvisioningStatus pending, telemetry DOWN. The other one stays as it is.
//   - The State of the connection is modifying meanwhile, and the answer then has no
//     customerGatewayConfiguration, which there is for pending and available only.
//   - Telemetry and options of a tunnel belong together by the outside address.
//   - A key has 8 to 64 letters, digits, dots and underscores, and does not begin with 0.
//   - A dry run is answered with an error: DryRunOperation, when it would be allowed.
//
// # What is this package's choice
//
//   - While a connection is modifying, another change of it gets IncorrectState: that it
//     fails is told, its code is not.
//   - The key that a tunnel already has is accepted, and replaces the endpoint too.
//   - The answer shows the key from before until the new endpoint is in place; with
//     [Config.EarlyKey] the new one at once.
//   - With [Config.Lag] an answer shows the connection as before a change for a while;
//     another change is refused all the same.
//   - Every second answer has the telemetry in the other order.
//   - The message about a key that is not valid quotes it.
//   - When AWS keeps the keys in Secrets Manager, ten asterisks stand in their place.
//
// Nothing here was compared with the service itself.
package sitevpntest
