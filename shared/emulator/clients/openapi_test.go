package clients

import (
	"errors"
	"maps"
	"testing"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	"github.com/alibabacloud-go/darabonba-openapi/v2/models"
	openapiutil "github.com/alibabacloud-go/darabonba-openapi/v2/utils"
	"github.com/alibabacloud-go/tea/dara"
	"github.com/alibabacloud-go/tea/tea"

	"vpnattach/shared/emulator"
)

// The generic client that the generated Go SDKs call.
func TestOpenAPI(t *testing.T) {
	t.Parallel()
	for _, who := range []keys{user, session} {
		for _, tt := range []struct{ wire, method, algorithm string }{
			{"V3 POST", "POST", ""},
			{"V3 GET", "GET", ""},
			{"V1 POST", "POST", "v2"}, // its name for RPC's HMAC-SHA1
			{"V1 GET", "GET", "v2"},
		} {
			t.Run(who.id+" "+tt.wire, func(t *testing.T) {
				t.Parallel()
				drive(t, tt.wire, who, func(t *testing.T, h *harness, k keys) client {
					return newOpenAPI(t, h, k, tt.method, tt.algorithm)
				}, codeOfOpenAPI)
			})
		}
	}
}

// The scenario's changes are whole, so it ends the same whatever becomes of that which
// a change leaves out.
func TestPartial(t *testing.T) {
	t.Parallel()
	for _, partial := range []emulator.Partial{emulator.PartialKeep, emulator.PartialReset} {
		t.Run(string(partial), func(t *testing.T) {
			t.Parallel()
			h := startWith(t, user, partial)
			play(t, h, newOpenAPI(t, h, user, "POST", ""), codeOfOpenAPI)
		})
	}
}

func newOpenAPI(t *testing.T, h *harness, k keys, method, algorithm string) client {
	t.Helper()
	config := &models.Config{
		AccessKeyId: &k.id, AccessKeySecret: &k.secret,
		Endpoint: &h.host, Protocol: dara.String("http"), NoProxy: dara.String("127.0.0.1"),
	}
	if k.token != "" {
		config.SecurityToken = &k.token
	}
	if algorithm != "" {
		config.SignatureAlgorithm = &algorithm
	}
	official, err := openapi.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	call := func(action string, request *models.OpenApiRequest) (string, error) {
		answer, err := official.CallApi(&models.Params{
			Action: &action, Version: dara.String("2016-04-28"),
			Protocol: dara.String("HTTPS"), Pathname: dara.String("/"), Method: &method,
			AuthType: dara.String("AK"), Style: dara.String("RPC"),
			ReqBodyType: dara.String("formData"), BodyType: dara.String("json"),
		}, request, &dara.RuntimeOptions{})
		if err != nil {
			return "", err
		}
		return encode(t, answer["body"]), nil
	}
	return client{
		call: func(action string, parameters map[string]any) (string, error) {
			query := map[string]any{"RegionId": region}
			maps.Copy(query, parameters)
			return call(action, &models.OpenApiRequest{Query: openapiutil.Query(query)})
		},
		describe: func(connection string) (string, error) {
			query := map[string]any{"RegionId": region, "VpnConnectionId": connection}
			return call("DescribeVpnConnection", &models.OpenApiRequest{Query: openapiutil.Query(query)})
		},
		modify: func(connection string, parameters map[string]any) (string, error) {
			query, body := map[string]any{"RegionId": region, "VpnConnectionId": connection}, map[string]any{}
			for name, value := range parameters {
				switch {
				case name != "TunnelOptionsSpecification":
					query[name] = scalar(t, value)
				case method == "GET":
					query[name] = value
				default:
					for name, value := range openapiutil.Query(map[string]any{name: value}) {
						body[name] = value
					}
				}
			}
			request := &models.OpenApiRequest{Query: openapiutil.Query(query)}
			if method == "POST" {
				request.Body = body
			}
			return call("ModifyVpnAttachmentAttribute", request)
		},
	}
}

func codeOfOpenAPI(err error) string {
	var refused *tea.SDKError
	if !errors.As(err, &refused) {
		return ""
	}
	return tea.StringValue(refused.Code)
}

// Errors come in several shapes, and this client reads the code out of each.
func TestShapesOfErrors(t *testing.T) {
	t.Parallel()
	for _, shape := range []string{"", "lower", "xml"} {
		t.Run(shape, func(t *testing.T) {
			t.Parallel()
			h := start(t, user)
			if err := h.InjectFaults(emulator.Fault{Code: "ServiceUnavailable", Shape: shape}); err != nil {
				t.Fatal(err)
			}
			_, err := newOpenAPI(t, h, user, "POST", "").describe("vco-localfree")
			if got, want := codeOfOpenAPI(err), "ServiceUnavailable"; got != want {
				t.Errorf("got %q (%v), want %q", got, err, want)
			}
		})
	}
}
