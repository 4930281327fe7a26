package sitevpn

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/protocol/ec2query"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"vpnattach/shared/aws/retry"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/outcome"
)

const (
	version = "2016-11-15" // of the EC2 API

	// attempts of a call that may be repeated. Modify is repeated only when it was
	// throttled, since no token makes a second one harmless.
	attempts = 3
	timeout  = 30 * time.Second
	// maxAnswer is how many bytes of an answer are read. One connection has some 20,000.
	maxAnswer = 4 << 20
)

// Client calls the EC2 API. It is safe for concurrent use.
type Client struct {
	config   aws.Config
	endpoint string
	http     http.Client
	signer   *v4.Signer
	now      func() time.Time
}

// New returns a client with the credentials and the transport of the configuration.
// endpoint is the URL of the API, of all regions; empty: BaseEndpoint of the
// configuration, or the region's own.
//
// It is not the SDK's client of EC2: that is the largest of all, and takes longer to
// compile than the whole of this project.
func New(config aws.Config, endpoint string) *Client {
	if endpoint == "" {
		endpoint = aws.ToString(config.BaseEndpoint)
	}
	c := &Client{config: config, endpoint: strings.TrimSuffix(endpoint, "/"), signer: v4.NewSigner(), now: time.Now}
	if shared, ok := config.HTTPClient.(*http.Client); ok {
		c.http = *shared
	}
	c.http.Timeout = timeout
	c.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return c
}

// Describe returns a connection with the keys that the API shows, and the provisioning
// of its tunnels. An empty region is that of the configuration. Its errors are [*Error].
func (c *Client) Describe(ctx context.Context, region, vpnConnectionID string) (*Connection, error) {
	call := c.call("DescribeVpnConnections", region)
	call.params.Set("VpnConnectionId.1", vpnConnectionID)
	var all describeAnswer
	if err := call.send(ctx, &all); err != nil {
		return nil, err
	}
	if len(all.Connections) != 1 || all.Connections[0].ID != vpnConnectionID {
		return nil, call.unexpected("the answer is not about the connection alone")
	}
	connection := all.Connections[0].read()
	if connection.State == "deleting" || connection.State == "deleted" {
		return connection, nil // its tunnels have no status
	}
	for i := range connection.Tunnels {
		t := &connection.Tunnels[i]
		status := c.call("GetActiveVpnTunnelStatus", region)
		status.params.Set("VpnConnectionId", vpnConnectionID)
		status.params.Set("VpnTunnelOutsideIpAddress", t.OutsideIP)
		var answer statusAnswer
		err := status.send(ctx, &answer)
		if outcome.ClassOf(err) == outcome.ClassRejected {
			// Nothing says that the API answers for a tunnel that is down.
			t.Reason = err.Error()
			continue
		}
		if err != nil {
			return nil, err
		}
		t.Provisioning, t.Reason = answer.Provisioning, answer.Reason
	}
	return connection, nil
}

// ModifyKey gives a tunnel another key, and returns once that is accepted: from then on
// the tunnel is down until its provisioning is available again. With dryRun it only
// finds out whether the caller may do that. An empty region is that of the
// configuration. Its errors are [*Error]: after one of the class transient the key may
// have been changed, after any other it was not.
func (c *Client) ModifyKey(ctx context.Context, region, vpnConnectionID, outsideIP string, key secret.Secret, dryRun bool) error {
	call := c.call("ModifyVpnTunnelOptions", region)
	call.once = true
	call.secrets = secret.List{key}
	call.params.Set("VpnConnectionId", vpnConnectionID)
	call.params.Set("VpnTunnelOutsideIpAddress", outsideIP)
	call.params.Set("TunnelOptions.PreSharedKey", key.Reveal())
	if !dryRun {
		var answer modifyAnswer
		return call.send(ctx, &answer)
	}
	call.params.Set("DryRun", strconv.FormatBool(true))
	err := call.send(ctx, &modifyAnswer{})
	var refused *Error
	switch {
	case errors.As(err, &refused) && refused.Code == "DryRunOperation":
		return nil
	case err == nil:
		return call.unexpected("the service answers a dry run as if it had made the change")
	}
	return err
}

// call is one call of an action.
type call struct {
	client  *Client
	action  string
	region  string
	params  url.Values
	secrets secret.List // that it sends
	once    bool        // it is not repeated after a failure that may have been none
}

func (c *Client) call(action, region string) *call {
	if region == "" {
		region = c.config.Region
	}
	return &call{client: c, action: action, region: region, params: url.Values{"Action": {action}, "Version": {version}}}
}

// send sends the call, again when that can help, and reads the answer.
func (c *call) send(ctx context.Context, into any) error {
	for attempt := 0; ; attempt++ {
		err := c.try(ctx, into)
		if err == nil {
			return nil
		}
		again := err.Class == outcome.ClassThrottled || err.Class == outcome.ClassTransient && !c.once
		if !again || attempt+1 == attempts || !retry.Pause(ctx, attempt) {
			return err
		}
	}
}

func (c *call) try(ctx context.Context, into any) *Error {
	request, err := c.request(ctx)
	if err != nil {
		return c.unsent(ctx, err)
	}
	response, err := c.client.http.Do(request)
	if err != nil {
		return c.noResponse(ctx, err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return c.noResponse(ctx, err)
	}
	if response.StatusCode != http.StatusOK {
		reported, err := ec2query.GetErrorResponseComponents(strings.NewReader(string(body)))
		if err != nil { // not the service's
			reported = ec2query.ErrorComponents{}
		}
		return c.refused(response.StatusCode, reported)
	}
	if err := xml.Unmarshal(body, into); err != nil {
		return c.unexpected("the answer can't be read") // the parser's error can quote it
	}
	return nil
}

// request makes the signed request.
func (c *call) request(ctx context.Context) (*http.Request, error) {
	if c.client.config.Credentials == nil {
		return nil, errors.New("no credentials")
	}
	credentials, err := c.client.config.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, err
	}
	for _, text := range []string{credentials.SecretAccessKey, credentials.SessionToken} {
		if text != "" {
			c.secrets = append(c.secrets, secret.New(text))
		}
	}
	endpoint := c.client.endpoint
	if endpoint == "" {
		endpoint = "https://ec2." + c.region + "." + suffix(c.region)
	}
	body := c.params.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint+"/", strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	sum := sha256.Sum256([]byte(body))
	return request, c.client.signer.SignHTTP(ctx, credentials, request, hex.EncodeToString(sum[:]), "ec2", c.region, c.client.now())
}

// suffix is the domain of the partition that the region is in.
func suffix(region string) string {
	if strings.HasPrefix(region, "cn-") {
		return "amazonaws.com.cn"
	}
	return "amazonaws.com"
}
