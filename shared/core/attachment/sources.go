package attachment

// The documents that checks rest on.
const (
	refAPI        = "https://api.alibabacloud.com/document/Vpc/2016-04-28/ModifyVpnAttachmentAttribute"
	refDescribe   = "https://api.alibabacloud.com/document/Vpc/2016-04-28/DescribeVpnConnection"
	refAWSTunnel  = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpnTunnelOptionsSpecification.html"
	refAWSGateway = "https://docs.aws.amazon.com/vpn/latest/s2svpn/CGRequirements.html"
	refJSON       = "https://www.rfc-editor.org/rfc/rfc8259"
	refCIDR       = "https://www.rfc-editor.org/rfc/rfc4632#section-3.1"
	refIKEAlg     = "https://www.rfc-editor.org/rfc/rfc8247"
	refESPAlg     = "https://www.rfc-editor.org/rfc/rfc8221"
	refIKEv1      = "https://www.rfc-editor.org/rfc/rfc9395"
	refIKEv2PSK   = "https://www.rfc-editor.org/rfc/rfc7296#section-2.15"
	refPrivateAS  = "https://www.rfc-editor.org/rfc/rfc6996"
	refSpecialAS  = "https://www.iana.org/assignments/iana-as-numbers-special-registry"
	refIPsecVPN   = "https://csrc.nist.gov/pubs/sp/800/77/r1/final"
)
