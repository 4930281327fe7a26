package snippet

import "strings"

// PeerTerraform appends an AWS end, a connection for each tunnel, as resources of the
// official provider.
//
// Source: terraform-provider-aws, aws_vpn_connection and aws_customer_gateway.
func PeerTerraform(dst []byte, in Input) []byte {
	lines := strings.SplitAfter(string(peerTerraform.append(nil, in)), "\n")
	// Lines are left out, and terraform fmt has the equals signs of those that follow each
	// other in one column.
	for begin, end := 0, 0; begin < len(lines); begin = end + 1 {
		width := 0
		for end = begin; end < len(lines); end++ {
			name, _, assigns := strings.Cut(lines[end], " = ")
			if !assigns {
				break
			}
			width = max(width, len(name))
		}
		for _, line := range lines[begin:end] {
			name, value, _ := strings.Cut(line, " = ")
			dst = append(dst, name+strings.Repeat(" ", width-len(name))+" = "+value...)
		}
		if end < len(lines) {
			dst = append(dst, lines[end]...)
		}
	}
	return dst
}

var peerTerraform = peerForm{"aws", `---
@?variable@# TF_VAR_@variable:lower@ in the environment is the pre-shared key of @name@.
@?variable@variable "@variable:lower@" {
@?variable@  type = string
@?variable@  sensitive = true
@?variable@}

---
variable "transit_gateway_id" {
  type = string
}
---

resource "aws_customer_gateway" "@name@" {
@!public@  # REQUIRED: ip_address, the public address of @name@ in Alibaba Cloud.
@!longASN@  bgp_asn = @LocalAsn@
@?longASN@  bgp_asn_extended = @LocalAsn@
@?static@  bgp_asn = 65000
@!static@@!LocalAsn@  # REQUIRED: bgp_asn, the AS of @name@ in Alibaba Cloud; 65000 without BGP.
  ip_address = "@public@"
  type = "ipsec.1"
}

# For BGP, the amazon_side_asn of the transit gateway is @asn@.
resource "aws_vpn_connection" "@name@" {
  customer_gateway_id = aws_customer_gateway.@name@.id
  transit_gateway_id = var.transit_gateway_id
  type = "ipsec.1"
@?static@  static_routes_only = true
  local_ipv4_network_cidr = "@LocalSubnet:one@"
  remote_ipv4_network_cidr = "@RemoteSubnet:one@"
  tunnel1_preshared_key = @key@
  tunnel1_inside_cidr = "@TunnelCidr@"
  tunnel1_ike_versions = ["@IkeVersion@"]
  tunnel1_phase1_encryption_algorithms = ["@IkeEncAlg:aws@"]
  tunnel1_phase1_integrity_algorithms = ["@IkeAuthAlg:aws@"]
  tunnel1_phase1_dh_group_numbers = [@IkePfs:aws@]
  tunnel1_phase1_lifetime_seconds = @IkeLifetime@
  tunnel1_phase2_encryption_algorithms = ["@IpsecEncAlg:aws@"]
  tunnel1_phase2_integrity_algorithms = ["@IpsecAuthAlg:aws@"]
  tunnel1_phase2_dh_group_numbers = [@IpsecPfs:aws@]
  tunnel1_phase2_lifetime_seconds = @IpsecLifetime@
}
`, func(key, variable string) string {
	if key == "" {
		return "var." + strings.ToLower(variable)
	}
	return string(appendHCL(nil, key))
}}
