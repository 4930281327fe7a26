package sts

import (
	"context"

	"vpnattach/shared/core/secret"
	"vpnattach/shared/credentials"
	"vpnattach/shared/settings"
)

// The variables that [Open] reads; all but the last two are those of Alibaba Cloud's own
// tools.
const (
	RoleVariable     = "ALIBABA_CLOUD_ROLE_ARN"
	ProviderVariable = "ALIBABA_CLOUD_OIDC_PROVIDER_ARN"
	SessionVariable  = "ALIBABA_CLOUD_ROLE_SESSION_NAME"
	RegionVariable   = "ALIBABA_CLOUD_STS_REGION"
	EndpointVariable = "STS_ENDPOINT"
	AudienceVariable = "OIDC_AUDIENCE"
)

// Open reads how to reach the service, and the role to take by default: nil when the
// variables name none. Session and audience count where the variables give none.
func Open(s *settings.Settings, session, audience string) (*Client, *credentials.Role) {
	config := Config{SessionName: s.Text(SessionVariable, session), Endpoint: s.URL(EndpointVariable)}
	region := s.Text(RegionVariable, "")
	if config.Endpoint == "" {
		var err error
		if config.Endpoint, err = Endpoint(region); err != nil {
			s.Bad(RegionVariable, "must be the name of a region, such as eu-central-1")
		}
	}
	client, err := New(config)
	if err != nil {
		s.Bad(EndpointVariable, "must be a URL of scheme and host alone, such as "+central)
	}
	role := &credentials.Role{ProviderARN: s.Text(ProviderVariable, ""), RoleARN: s.Text(RoleVariable, ""), Audience: s.Text(AudienceVariable, audience)}
	if role.ProviderARN == "" && role.RoleARN == "" {
		return client, nil
	}
	if err := role.Check(); err != nil {
		s.Bad(RoleVariable, "does not make a role with "+ProviderVariable+" and "+AudienceVariable+": "+err.Error())
	}
	return client, role
}

// With returns a function that takes roles, each with the token for its audience.
func (c *Client) With(token func(ctx context.Context, audience string) (secret.Secret, error)) func(context.Context, credentials.Role) (credentials.Session, error) {
	return func(ctx context.Context, role credentials.Role) (credentials.Session, error) {
		t, err := token(ctx, role.Audience)
		if err != nil {
			return credentials.Session{}, err
		}
		return c.AssumeRoleWithOIDC(ctx, role, t)
	}
}
