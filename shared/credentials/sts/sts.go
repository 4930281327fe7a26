// Package sts takes RAM roles of Alibaba Cloud without a stored key: it exchanges the
// token of an OIDC provider for a temporary access key.
//
//	client, err := sts.New(sts.Config{SessionName: "apply"})
//	session, err := client.AssumeRoleWithOIDC(ctx, role, token)
//
// The call is anonymous. The token goes into the body of the request, since a URL turns
// up in errors and in logs of proxies. The temporary key may do what the role may, and
// of that only the operations on VPN attachments that this project uses.
//
// Source: https://help.aliyun.com/en/ram/developer-reference/api-sts-2015-04-01-assumerolewithoidc
package sts

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"vpnattach/shared/core/request"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/credentials"
)

const (
	apiVersion = "2015-04-01"
	action     = "AssumeRoleWithOIDC"
	timeFormat = "2006-01-02T15:04:05Z"

	central = "https://sts.aliyuncs.com"

	// duration of a session in seconds: what a role allows unless it was set otherwise,
	// and the service's own default.
	duration = 3600
	timeout  = 10 * time.Second // of a request

	shortestToken, longestToken = 4, 20_000
	maxAnswer                   = 64 << 10
)

// Policy is what a session may do at most, whatever the role may.
const Policy = `{"Version":"1","Statement":[{"Effect":"Allow","Action":["vpc:` + request.ModifyAction + `","vpc:` + request.DescribeAction +
	`","vpc:` + request.DiagnoseAction + `"],"Resource":"*"}]}`

// Config says how to reach the service. Its zero value does.
type Config struct {
	// Endpoint is a URL of scheme and host; default https://sts.aliyuncs.com. The hosts
	// of regions are sts.<region>.aliyuncs.com, see [Endpoint].
	Endpoint string
	// SessionName shows in the account's audit log: 2 to 64 letters, digits and
	// characters of .@-_; others are replaced. Default vpnattach.
	SessionName string
	// HTTP sends the requests. A copy of it is used, which follows no redirect and has
	// a timeout of 10 seconds unless it has one of its own.
	HTTP *http.Client
	Now  func() time.Time // default [time.Now]
}

// Client takes roles. It is safe for concurrent use.
type Client struct {
	endpoint, session string
	http              http.Client
	now               func() time.Time
}

// New checks the configuration. It fails for an Endpoint that is not a URL of scheme and
// host.
func New(config Config) (*Client, error) {
	at, err := url.Parse(cmp.Or(config.Endpoint, central))
	if err != nil || at.Host == "" || at.Scheme != "https" && at.Scheme != "http" || strings.Trim(at.Path, "/") != "" || at.RawQuery != "" || at.User != nil {
		return nil, errors.New("sts: the endpoint is not a URL such as " + central)
	}
	c := &Client{endpoint: at.Scheme + "://" + at.Host + "/", session: sessionName(config.SessionName), now: config.Now}
	if c.now == nil {
		c.now = time.Now
	}
	if config.HTTP != nil {
		c.http = *config.HTTP
	}
	c.http.Timeout = cmp.Or(c.http.Timeout, timeout)
	c.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return c, nil
}

// Endpoint returns the URL of the service in a region; empty: the one for all. It fails
// for a region that is not the label of a host name.
func Endpoint(region string) (string, error) {
	switch {
	case region == "":
		return central, nil
	case len(region) > 63 || region[0] == '-' || strings.Trim(region, "abcdefghijklmnopqrstuvwxyz0123456789-") != "":
		return "", errors.New("the region of STS is not the name of a region, such as eu-central-1")
	}
	return "https://sts." + region + ".aliyuncs.com", nil
}

// sessionName replaces what a session's name must not have.
func sessionName(name string) string {
	name = strings.Map(func(r rune) rune {
		if (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && !strings.ContainsRune(".@-_", r) {
			return '-'
		}
		return r
	}, name)
	if len(name) < 2 {
		return "vpnattach"
	}
	return name[:min(len(name), 64)]
}

// AssumeRoleWithOIDC takes the role with the token. Its errors are [*Error].
func (c *Client) AssumeRoleWithOIDC(ctx context.Context, role credentials.Role, token secret.Secret) (credentials.Session, error) {
	call := &call{secret.List{token}}
	if n := len(token.Reveal()); n < shortestToken || n > longestToken {
		return credentials.Session{}, call.fail(rowNoToken, fmt.Sprintf("the OIDC token has %d characters, and %d to %d are taken", n, shortestToken, longestToken))
	}
	query := url.Values{"Action": {action}, "Version": {apiVersion}, "Format": {"JSON"}, "Timestamp": {c.now().UTC().Format(timeFormat)}}
	form := url.Values{
		"RoleArn": {role.RoleARN}, "OIDCProviderArn": {role.ProviderARN}, "OIDCToken": {token.Reveal()},
		"RoleSessionName": {c.session}, "DurationSeconds": {strconv.Itoa(duration)}, "Policy": {Policy},
	}
	outgoing, err := http.NewRequestWithContext(ctx, http.MethodPost, c.endpoint+"?"+query.Encode(), strings.NewReader(form.Encode()))
	if err != nil {
		return credentials.Session{}, call.fail(rowNoTrust, "the endpoint is not a URL")
	}
	outgoing.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	outgoing.Header.Set("Accept", "application/json")
	outgoing.Header.Set("User-Agent", "vpnattach")
	response, err := c.http.Do(outgoing)
	if err != nil {
		return credentials.Session{}, call.noResponse(ctx, err)
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return credentials.Session{}, call.noResponse(ctx, err)
	}
	if response.StatusCode/100 != 2 || gjson.GetBytes(answer, "Code").Exists() {
		return credentials.Session{}, call.refused(response.StatusCode, answer)
	}
	return call.session(response.StatusCode, string(answer))
}

// session reads an answer that reports success.
func (c *call) session(status int, answer string) (s credentials.Session, err error) {
	if !gjson.Valid(answer) {
		return s, c.refused(status, nil)
	}
	given := gjson.Get(answer, "Credentials")
	s.Credentials = request.Credentials{
		AccessKeyID: given.Get("AccessKeyId").Str, AccessKeySecret: secret.New(given.Get("AccessKeySecret").Str),
		SecurityToken: secret.New(given.Get("SecurityToken").Str),
	}
	var problem error
	s.Expires, problem = time.Parse(timeFormat, given.Get("Expiration").Str)
	if problem != nil || s.Credentials.AccessKeyID == "" || s.Credentials.AccessKeySecret.IsZero() || s.Credentials.SecurityToken.IsZero() {
		return credentials.Session{}, c.refused(status, nil)
	}
	return s, nil
}
