package vpc

import (
	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/request"
	"vpnattach/shared/core/secret"
)

const (
	maxCode      = 128
	maxRequestID = 64
)

// secretsOf are what a request held and no text may show.
func secretsOf(keys request.Credentials, c *attachment.Change) secret.List {
	s := secret.List{keys.AccessKeySecret, keys.SecurityToken}
	if c == nil {
		return s
	}
	add := func(fields []attachment.Parameter, values []attachment.Value) {
		for f := range values {
			if fields[f].Secret && values[f].Present() {
				s = append(s, secret.New(values[f].Text()))
			}
		}
	}
	for section := range attachment.ConnectionSections {
		add(attachment.ConnectionSections[section].Fields, c.Section(section))
	}
	tunnels := c.Tunnels()
	for t := range tunnels {
		for section := range attachment.TunnelSections {
			add(attachment.TunnelSections[section].Fields, tunnels[t].Section(section))
		}
	}
	return s
}
