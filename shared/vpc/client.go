package vpc

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/tidwall/gjson"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/request"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/outcome"
)

const (
	// defaultTimeout ends a request that the context's deadline does not end before.
	defaultTimeout = 30 * time.Second
	// idleConnections to one host are kept, since nearly all requests go to one.
	idleConnections = 16
	// maxAnswer is how many bytes of an answer are read. Real ones have a
	// few thousand; a longer one is cut off within its JSON, so it is an unexpected response.
	maxAnswer = 1 << 20
	// maxRequest is how many bytes query and body of a request may have together. Go's
	// servers, and so the emulator, take 1 MiB before the body, nginx takes 8 KiB by
	// default, and the service's own limit is not documented: this is far above any
	// change that it could accept, and far below what makes a server close the
	// connection without an answer, which would look like a change worth repeating.
	maxRequest = 64 << 10
	// nonceAttempts is how often a request is sent in all when its nonce was used.
	nonceAttempts = 3
)

// Config says how to reach the API. Only Credentials are mandatory. The functions
// must be safe for concurrent use.
type Config struct {
	// Credentials gives the access key. It is called once for each call, so it may
	// return temporary keys that change; it should cache them. An error that is an
	// [outcome.Failure] gives the call its reason; any other makes it blocked.
	Credentials func(ctx context.Context) (request.Credentials, error)
	// Refused is called when the service does not accept the access key, see
	// [KeyRefused], so that the next call can have another one. nil: not called.
	Refused func()

	// Endpoint is a host, with or without a port, or a URL of scheme and host. The
	// default is the host of the region that is called, over HTTPS.
	Endpoint  string
	Signature request.Signature // default [request.V3]
	// TokenKey is the key of the ClientTokens that Modify makes, the same in each process
	// that may repeat a call. Default: the access key secret.
	TokenKey secret.Secret

	// HTTP sends the requests. A copy of it is used, which follows no redirect (a
	// signed request is for one host) and has a timeout of 30 seconds unless it has
	// one of its own. The default keeps connections open.
	HTTP *http.Client

	// Wait is called before each request, to keep below a rate of calls; the method
	// Wait of a limiter in golang.org/x/time/rate fits. Its error means that the request
	// can't be sent in time, and makes the call fail as throttled. nil: no limit.
	Wait func(ctx context.Context) error
	// Observe is told of each request that was sent, how long it took, and the class
	// of its failure, empty for an answer that reports success. nil: not observed.
	Observe func(action string, took time.Duration, class outcome.Class)

	Now   func() time.Time // default [time.Now]
	Nonce func() string    // default 130 random bits; another one at every call
}

// Client calls the API. It is safe for concurrent use.
type Client struct {
	config   Config
	http     http.Client
	builders sync.Pool // of *request.Builder
	pauses   pauses
}

// New checks the configuration. It fails without Credentials, and for an Endpoint
// or Signature that no request can be built with.
func New(config Config) (*Client, error) {
	if config.Credentials == nil {
		return nil, errors.New("vpc: no credentials")
	}
	probe := request.Options{Endpoint: config.Endpoint, Signature: config.Signature, Redact: true}
	if _, err := new(request.Builder).Describe("cn-hangzhou", "vco", probe); err != nil {
		return nil, fmt.Errorf("vpc: %w", err)
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.Nonce == nil {
		config.Nonce = rand.Text
	}
	c := &Client{config: config, builders: sync.Pool{New: func() any { return new(request.Builder) }}, pauses: pauses{regions: map[string]*pause{}}}
	if config.HTTP != nil {
		c.http = *config.HTTP
	} else if transport, ok := http.DefaultTransport.(*http.Transport); ok {
		transport = transport.Clone()
		transport.MaxIdleConnsPerHost = idleConnections
		c.http.Transport = transport
	}
	if c.http.Timeout == 0 {
		c.http.Timeout = defaultTimeout
	}
	c.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return c, nil
}

// Answer is what is kept of the answer to Modify: nothing of the configuration,
// since that holds the pre-shared key in clear.
type Answer struct {
	RequestID   string
	ClientToken string // as sent; also set beside an error, once there was a request to send
}

// Describe returns the configuration and the state of an attachment. Its errors
// are [*Error]. The keys in the result are in clear unless the service masks them.
//
// It fails without a call while the service throttles calls in the region, and for some
// time, a minute at most, when calls for two attachments in a row have failed there: with
// the error of the latest one, and RetryAfter.
func (c *Client) Describe(ctx context.Context, region, vpnConnectionID string) (*attachment.Current, error) {
	if refused := c.pauses.refuse(region, vpnConnectionID, c.config.Now()); refused != nil {
		return nil, refused
	}
	call := &call{client: c, action: request.DescribeAction, region: region, id: vpnConnectionID}
	answer, err := call.send(ctx, func(b *request.Builder, o request.Options) (*request.Request, error) {
		return b.Describe(region, vpnConnectionID, o)
	})
	if err != nil {
		return nil, err
	}
	current, parseErr := attachment.ParseCurrent(answer)
	if parseErr != nil {
		return nil, call.unexpectedResponse(parseErr.Error())
	}
	if current.VpnConnectionID != vpnConnectionID {
		return nil, call.unexpectedResponse("the answer is about another attachment")
	}
	return current, nil
}

// Modify sends a change as [attachment.Merge] returned it. The event ids, those of
// the events folded into the change, make its ClientToken, so that the same change
// sent again is one change to the service. A change whose query and body have more
// than 64 KiB is not sent, but rejected. Its errors are [*Error]; after a transient one
// the change may have been made or not.
func (c *Client) Modify(ctx context.Context, send *attachment.Change, eventIDs []string) (Answer, error) {
	call := &call{
		client: c, action: request.ModifyAction, change: send,
		region: send.Text(attachment.RegionID), id: send.Text(attachment.VpnConnectionID),
	}
	answer, err := call.send(ctx, func(b *request.Builder, o request.Options) (*request.Request, error) {
		o.EventIDs, o.TokenKey = eventIDs, c.config.TokenKey
		return b.Modify(send, o)
	})
	result := Answer{ClientToken: call.clientToken}
	if err != nil {
		result.RequestID = err.RequestID
		return result, err
	}
	if !gjson.Valid(answer) {
		return result, call.unexpectedResponse("the answer is not JSON")
	}
	result.RequestID = call.secrets.SafeID(gjson.Get(answer, "RequestId").Str, maxRequestID)
	if id := gjson.Get(answer, "VpnConnectionId").Str; result.RequestID == "" || id != "" && id != call.id {
		return result, call.unexpectedResponse("the answer does not match this request")
	}
	return result, nil
}

// call is one operation under way.
type call struct {
	client      *Client
	action      string
	region, id  string
	change      *attachment.Change // of Modify
	secrets     secret.List
	clientToken string // once it is known
}

type build func(*request.Builder, request.Options) (*request.Request, error)

// send returns the text of an answer that reports success.
func (c *call) send(ctx context.Context, build build) (string, *Error) {
	if err := c.checkAddress(); err != nil {
		return "", c.unsent(rowNotSendable, err)
	}
	keys, err := c.client.config.Credentials(ctx)
	if ctx.Err() != nil {
		return "", c.unsent(rowNoAnswer, ctx.Err())
	}
	if err != nil {
		return "", c.noKey(err)
	}
	c.secrets = secretsOf(keys, c.change)
	for attempt := 1; ; attempt++ {
		answer, failed := c.once(ctx, build, keys)
		if failed != nil && failed.Class == outcome.ClassNonceUsed && attempt < nonceAttempts {
			continue
		}
		if failed != nil && c.client.config.Refused != nil && KeyRefused(failed) {
			c.client.config.Refused()
		}
		return answer, failed
	}
}

// checkAddress finds the faults of the event itself, so that every other
// reason why a request can't be built is one of the configuration.
func (c *call) checkAddress() error {
	switch {
	case c.region == "":
		return errors.New("RegionId is missing")
	case c.id == "":
		return errors.New("VpnConnectionId is missing")
	case c.client.config.Endpoint != "":
		return nil
	}
	_, err := request.Endpoint(c.region)
	return err
}

// once builds, signs and sends the request one time.
func (c *call) once(ctx context.Context, build build, keys request.Credentials) (string, *Error) {
	config := &c.client.config
	if config.Wait != nil {
		if err := config.Wait(ctx); err != nil && ctx.Err() != nil {
			return "", c.unsent(rowNoAnswer, ctx.Err())
		} else if err != nil {
			return "", c.unsent(rowOwnLimit, err)
		}
	}
	builder := c.client.builders.Get().(*request.Builder)
	signed, err := build(builder, request.Options{
		Credentials: keys, Signature: config.Signature, Endpoint: config.Endpoint, Time: config.Now(), Nonce: config.Nonce(),
	})
	c.client.builders.Put(builder)
	switch {
	case errors.Is(err, request.ErrReference):
		return "", c.unsent(rowNotSendable, err)
	case err != nil:
		return "", c.unsent(rowNoKey, err)
	case len(signed.Query)+len(signed.Body) > maxRequest:
		return "", c.unsent(rowTooLarge, fmt.Errorf("a request of %d bytes, more than the %d that are sent", len(signed.Query)+len(signed.Body), maxRequest))
	}
	c.clientToken = signed.ClientToken

	// The query is set apart from the rest, since an error of NewRequest quotes its URL.
	outgoing, err := http.NewRequestWithContext(ctx, signed.Method, signed.Scheme+"://"+signed.Host+signed.Path, strings.NewReader(signed.Body))
	if err != nil {
		return "", c.unsent(rowNotSendable, err)
	}
	outgoing.URL.RawQuery = signed.Query
	outgoing.Header.Set("User-Agent", "vpnattach")
	for _, h := range signed.Headers {
		if h.Name != "host" {
			outgoing.Header.Set(h.Name, h.Value)
		}
	}
	begun := config.Now()
	answer, failed := c.exchange(outgoing)
	ended := config.Now()
	c.client.pauses.note(c.action, c.region, c.id, failed, ended)
	if config.Observe != nil {
		var class outcome.Class
		if failed != nil {
			class = failed.Class
		}
		config.Observe(c.action, ended.Sub(begun), class)
	}
	return answer, failed
}

// exchange sends a request and reads the answer.
func (c *call) exchange(outgoing *http.Request) (string, *Error) {
	response, err := c.client.http.Do(outgoing)
	if err != nil {
		return "", c.noResponse(outgoing.Context(), err)
	}
	defer func() { _ = response.Body.Close() }()
	data, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return "", c.noResponse(outgoing.Context(), err)
	}
	answer := string(data)
	if response.StatusCode/100 == 2 && !strings.Contains(answer, `"Code"`) && !strings.Contains(answer, `"code"`) {
		return answer, nil // as nearly all are, without another look
	}
	reported := readFault(answer)
	if response.StatusCode/100 == 2 && reported.code == "" {
		return answer, nil
	}
	return "", c.refused(response, reported)
}
