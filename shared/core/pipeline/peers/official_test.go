package peers

import (
	"bytes"
	"io"
	"net/http"
	"testing"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	"github.com/alibabacloud-go/darabonba-openapi/v2/models"
	openapiutil "github.com/alibabacloud-go/darabonba-openapi/v2/utils"
	"github.com/alibabacloud-go/tea/dara"
	"github.com/aliyun/credentials-go/credentials"

	"vpnattach/shared/core/request"
)

// call is what the operation's own code in the official SDK hands to its generic
// client: scalars in the query, TunnelOptionsSpecification flattened in the body.
type call struct {
	action  string
	query   map[string]*string
	tunnels []tunnel
}

// send makes the official client send the call, and returns the request that it
// would have put on the wire.
func send(t *testing.T, c call, keys request.Credentials, signature request.Signature, endpoint string) (*http.Request, string) {
	t.Helper()
	wire := new(capture)
	client, err := openapi.NewClient(&models.Config{
		Credential: static{keys},
		Endpoint:   dara.String(endpoint),
		HttpClient: wire,
	})
	if err != nil {
		t.Fatal(err)
	}
	if signature == request.V1 {
		client.SignatureAlgorithm = dara.String("v2") // its name for RPC's HMAC-SHA1
	}
	official := &models.OpenApiRequest{Query: c.query}
	if c.action == request.ModifyAction {
		body := map[string]any{}
		if c.tunnels != nil {
			for name, value := range openapiutil.Query(map[string]any{"TunnelOptionsSpecification": c.tunnels}) {
				body[name] = value
			}
		}
		official.Body = body
	}
	_, err = client.CallApi(&models.Params{
		Action: dara.String(c.action), Version: dara.String(request.APIVersion),
		Protocol: dara.String("HTTPS"), Pathname: dara.String("/"), Method: dara.String("POST"),
		AuthType: dara.String("AK"), Style: dara.String("RPC"),
		ReqBodyType: dara.String("formData"), BodyType: dara.String("json"),
	}, official, &dara.RuntimeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return wire.request, wire.body
}

// capture is an HTTP client that keeps the request and answers it.
type capture struct {
	request *http.Request
	body    string
}

func (c *capture) Call(r *http.Request, _ *http.Transport) (*http.Response, error) {
	c.request = r
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		c.body = string(body)
	}
	answer := io.NopCloser(bytes.NewReader([]byte(`{"RequestId":"1"}`)))
	return &http.Response{StatusCode: http.StatusOK, Status: "200 OK", Header: http.Header{}, Body: answer, Request: r}, nil
}

// static is a key without the name of a provider, which the client would send as
// one more header, for the service's statistics.
type static struct{ keys request.Credentials }

func (s static) GetCredential() (*credentials.CredentialModel, error) {
	return &credentials.CredentialModel{
		AccessKeyId:     &s.keys.AccessKeyID,
		AccessKeySecret: dara.String(s.keys.AccessKeySecret.Reveal()),
		SecurityToken:   dara.String(s.keys.SecurityToken.Reveal()),
		Type:            dara.String("access_key"),
	}, nil
}

func (s static) GetAccessKeyId() (*string, error) { return &s.keys.AccessKeyID, nil }
func (s static) GetAccessKeySecret() (*string, error) {
	return dara.String(s.keys.AccessKeySecret.Reveal()), nil
}
func (s static) GetSecurityToken() (*string, error) {
	return dara.String(s.keys.SecurityToken.Reveal()), nil
}
func (s static) GetBearerToken() *string { return nil }
func (s static) GetType() *string        { return dara.String("access_key") }
