package snippet

import "strings"

// PeerAWS appends the commands of the AWS CLI, for a POSIX shell, that give an AWS end the
// options that the tunnels need. Alibaba Cloud's tunnels have an address each and a
// customer gateway has one, so each tunnel is one of a VPN connection of its own. The keys
// are on standard input, so that no list of processes shows them, and of the answer, which
// holds them, only the state is printed.
//
// Source: ModifyVpnTunnelOptions and ModifyVpnConnectionOptions of the EC2 API.
func PeerAWS(dst []byte, in Input) []byte { return peerAWS.append(dst, in) }

var peerAWS = peerForm{"aws", `# If a connection has other CIDR blocks: aws ec2 modify-vpn-connection-options --local-ipv4-network-cidr @LocalSubnet:one@ --remote-ipv4-network-cidr @RemoteSubnet:one@
---
# For BGP, the AS of the gateway of @name@ in AWS is @asn@, and that of its customer gateway @LocalAsn@.
: "${VPN_CONNECTION_ID@suffix@:?is not set}" &&
@!own@: "${VPN_OUTSIDE_IP@suffix@:?is not set}" &&
: "${@variable@:?is not set}" &&
---
---
aws ec2 modify-vpn-tunnel-options --vpn-connection-id "$VPN_CONNECTION_ID@suffix@" --query VpnConnection.State --output text \
  --vpn-tunnel-outside-ip-address @own@ --tunnel-options file:///dev/stdin <<END &&
@!own@  --vpn-tunnel-outside-ip-address "$VPN_OUTSIDE_IP@suffix@" --tunnel-options file:///dev/stdin <<END &&
{"PreSharedKey": @key@
,"TunnelInsideCidr": "@TunnelCidr@"
,"IKEVersions": [{"Value": "@IkeVersion@"}]
,"Phase1EncryptionAlgorithms": [{"Value": "@IkeEncAlg:aws@"}]
,"Phase1IntegrityAlgorithms": [{"Value": "@IkeAuthAlg:aws@"}]
,"Phase1DHGroupNumbers": [{"Value": @IkePfs:aws@}]
,"Phase1LifetimeSeconds": @IkeLifetime@
,"Phase2EncryptionAlgorithms": [{"Value": "@IpsecEncAlg:aws@"}]
,"Phase2IntegrityAlgorithms": [{"Value": "@IpsecAuthAlg:aws@"}]
,"Phase2DHGroupNumbers": [{"Value": @IpsecPfs:aws@}]
,"Phase2LifetimeSeconds": @IpsecLifetime@
}
END
---
:
`, func(key, variable string) string {
	if key == "" {
		return `"$` + variable + `"` // AWS takes no key that JSON would have to escape
	}
	text := string(appendString(nil, key))
	for _, special := range [...]string{`\`, "$", "`"} {
		text = strings.ReplaceAll(text, special, `\`+special)
	}
	return text
}}
