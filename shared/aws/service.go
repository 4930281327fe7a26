package aws

import (
	"context"
	"errors"
	"sync"
	"time"

	awssts "github.com/aws/aws-sdk-go-v2/service/sts"
	"golang.org/x/time/rate"

	"vpnattach/shared/aws/webidentity"
	"vpnattach/shared/core/request"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/credentials"
	"vpnattach/shared/credentials/sts"
	"vpnattach/shared/outcome"
	"vpnattach/shared/vpc"
)

// Services are clients of the VPC API, one for each profile of credentials. They are
// safe for concurrent use. A key that the API refuses is fetched again.
type Services struct {
	profiles *credentials.Profiles
	config   vpc.Config
	rate     int // calls a second

	mutex   sync.Mutex
	clients map[string]*vpc.Client
}

// VPC reads how to reach the VPC API: VPC_ENDPOINT, VPC_RATE, and where its access keys
// come from: CREDENTIALS_SECRET, a role as [sts.Open] reads it, which is then the
// profile "default", or the key itself in ALIBABA_CLOUD_ACCESS_KEY_ID and so on.
// tokenKey is that of [vpc.Config].
func (a *Account) VPC(tokenKey secret.Secret) *Services {
	s := &Services{clients: map[string]*vpc.Client{}, rate: a.Number("VPC_RATE", 10, 1, 1000)}
	s.config.Endpoint, s.config.TokenKey = a.URL("VPC_ENDPOINT"), tokenKey
	s.config.Observe = func(_ string, took time.Duration, _ outcome.Class) { a.Metrics.Time("ApiLatency", took) }
	client, role := sts.Open(a.Settings, a.Text("AWS_LAMBDA_FUNCTION_NAME", ""), "")
	config := credentials.Config{
		Default: role,
		Assume:  client.With(webidentity.New(awssts.NewFromConfig(a.AWS)).Get),
		Stale: func(_ context.Context, err error) {
			a.Log.Error().Timestamp().Err(err).Msg("the credentials could not be renewed; the previous ones stay in use")
		},
	}
	if arn := a.Text("CREDENTIALS_SECRET", ""); arn != "" {
		own := a.own()
		config.Fetch = func(ctx context.Context) (secret.Secret, error) { return own.Fresh(ctx, arn) }
	}
	key := request.Credentials{
		AccessKeyID:     a.Text("ALIBABA_CLOUD_ACCESS_KEY_ID", ""),
		AccessKeySecret: secret.New(a.Text("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "")),
		SecurityToken:   secret.New(a.Text("ALIBABA_CLOUD_SECURITY_TOKEN", "")),
	}
	switch {
	case role != nil || config.Fetch != nil:
		s.profiles = credentials.New(config)
	case key.AccessKeyID == "" || key.AccessKeySecret.IsZero():
		a.Bad("CREDENTIALS_SECRET", "must be set, or "+sts.RoleVariable+" with "+sts.ProviderVariable+" and "+sts.AudienceVariable+
			", or ALIBABA_CLOUD_ACCESS_KEY_ID with ALIBABA_CLOUD_ACCESS_KEY_SECRET: one of the three ways is needed")
		fallthrough
	default:
		s.profiles = credentials.Fixed(key)
	}
	return s
}

// Profile returns the service with the credentials of a profile. It fails when the
// secret has no profile of that name.
func (s *Services) Profile(ctx context.Context, name string) (*vpc.Client, error) {
	if err := s.profiles.Has(ctx, name); errors.Is(err, credentials.ErrUnknown) {
		return nil, err
	}
	return s.client(name) // after any other error the calls fail with the reason
}

// Default returns the service with the credentials of the profile "default".
func (s *Services) Default() (*vpc.Client, error) { return s.client(credentials.Default) }

func (s *Services) client(name string) (*vpc.Client, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if known := s.clients[name]; known != nil {
		return known, nil
	}
	config := s.config
	config.Credentials = func(ctx context.Context) (request.Credentials, error) { return s.profiles.Get(ctx, name) }
	config.Wait = rate.NewLimiter(rate.Limit(s.rate), s.rate).Wait
	config.Refused = func() { s.profiles.Refused(name) }
	client, err := vpc.New(config)
	if err != nil {
		return nil, err
	}
	s.clients[name] = client
	return client, nil
}
