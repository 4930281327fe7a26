package aws

import "vpnattach/shared/aws/sitevpn"

// SiteVPN is the EC2 API, as far as Site-to-Site VPN goes. AWS_ENDPOINT_URL_EC2 sets
// another endpoint for it alone.
func (a *Account) SiteVPN() *sitevpn.Client {
	return sitevpn.New(a.AWS, a.URL("AWS_ENDPOINT_URL_EC2"))
}
