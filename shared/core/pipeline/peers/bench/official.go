package main

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	"github.com/alibabacloud-go/darabonba-openapi/v2/models"
	openapiutil "github.com/alibabacloud-go/darabonba-openapi/v2/utils"
	"github.com/alibabacloud-go/tea/dara"
	"github.com/aws/aws-lambda-go/events"

	"vpnattach/shared/core/request"
)

// change is the change document as a program without this project would declare
// it.
type change struct {
	RegionId, VpnConnectionId, ClientToken, Name                       *string
	LocalSubnet, RemoteSubnet, CustomerGatewayId, NetworkType          *string
	EffectImmediately, EnableDpd, EnableNatTraversal, EnableTunnelsBgp *bool

	IkeConfig         *ikeConfig
	IpsecConfig       *ipsecConfig
	BgpConfig         *bgpConfig
	HealthCheckConfig *healthCheckConfig

	TunnelOptionsSpecification []*tunnel
}

type ikeConfig struct {
	Psk         *string `json:"Psk,omitempty"`
	IkeVersion  *string `json:"IkeVersion,omitempty"`
	IkeMode     *string `json:"IkeMode,omitempty"`
	IkeEncAlg   *string `json:"IkeEncAlg,omitempty"`
	IkeAuthAlg  *string `json:"IkeAuthAlg,omitempty"`
	IkePfs      *string `json:"IkePfs,omitempty"`
	IkeLifetime *int64  `json:"IkeLifetime,omitempty"`
	LocalId     *string `json:"LocalId,omitempty"`
	RemoteId    *string `json:"RemoteId,omitempty"`
}

type ipsecConfig struct {
	IpsecEncAlg   *string `json:"IpsecEncAlg,omitempty"`
	IpsecAuthAlg  *string `json:"IpsecAuthAlg,omitempty"`
	IpsecPfs      *string `json:"IpsecPfs,omitempty"`
	IpsecLifetime *int64  `json:"IpsecLifetime,omitempty"`
}

type bgpConfig struct {
	EnableBgp  *string `json:"EnableBgp,omitempty"`
	LocalAsn   *string `json:"LocalAsn,omitempty"`
	TunnelCidr *string `json:"TunnelCidr,omitempty"`
	LocalBgpIp *string `json:"LocalBgpIp,omitempty"`
}

type healthCheckConfig struct {
	Enable   *string `json:"enable,omitempty"`
	Dip      *string `json:"dip,omitempty"`
	Sip      *string `json:"sip,omitempty"`
	Interval *string `json:"interval,omitempty"`
	Retry    *string `json:"retry,omitempty"`
	Policy   *string `json:"Policy,omitempty"`
}

// tunnel has the tags that the official SDK's model has, which its flattening reads.
type tunnel struct {
	TunnelIndex       *int32       `json:"TunnelIndex,omitempty"`
	EnableDpd         *bool        `json:"EnableDpd,omitempty"`
	TunnelIkeConfig   *ikeConfig   `json:"TunnelIkeConfig,omitempty"`
	TunnelIpsecConfig *ipsecConfig `json:"TunnelIpsecConfig,omitempty"`
}

// official is the path through the official client, up to the send.
type official struct{ client *openapi.Client }

func newOfficial() (*official, error) {
	client, err := openapi.NewClient(&models.Config{
		AccessKeyId: dara.String("testid"), AccessKeySecret: dara.String("testsecret"),
		Endpoint: dara.String("vpc.aliyuncs.com"), HttpClient: nowhere{},
	})
	return &official{client}, err
}

func (o *official) run(data []byte) error {
	var queue events.SQSEvent
	if err := json.Unmarshal(data, &queue); err != nil {
		return err
	}
	for _, message := range queue.Records {
		var event events.EventBridgeEvent
		if err := json.Unmarshal([]byte(message.Body), &event); err != nil {
			return err
		}
		var c change
		if err := json.Unmarshal(event.Detail, &c); err != nil {
			return err
		}
		if err := o.call(&c); !errors.Is(err, errSend) && (err == nil || !strings.Contains(err.Error(), errSend.Error())) {
			return err
		}
	}
	return nil
}

func (o *official) call(c *change) error {
	query := map[string]*string{}
	for name, value := range map[string]*string{
		"RegionId": c.RegionId, "VpnConnectionId": c.VpnConnectionId, "ClientToken": c.ClientToken, "Name": c.Name,
		"LocalSubnet": c.LocalSubnet, "RemoteSubnet": c.RemoteSubnet, "CustomerGatewayId": c.CustomerGatewayId, "NetworkType": c.NetworkType,
	} {
		if value != nil {
			query[name] = value
		}
	}
	for name, value := range map[string]*bool{
		"EffectImmediately": c.EffectImmediately, "EnableDpd": c.EnableDpd,
		"EnableNatTraversal": c.EnableNatTraversal, "EnableTunnelsBgp": c.EnableTunnelsBgp,
	} {
		if value != nil {
			query[name] = dara.String(strconv.FormatBool(*value))
		}
	}
	if err := nested(query, "IkeConfig", c.IkeConfig); err != nil {
		return err
	}
	if err := nested(query, "IpsecConfig", c.IpsecConfig); err != nil {
		return err
	}
	if err := nested(query, "BgpConfig", c.BgpConfig); err != nil {
		return err
	}
	if err := nested(query, "HealthCheckConfig", c.HealthCheckConfig); err != nil {
		return err
	}
	body := map[string]any{}
	if c.TunnelOptionsSpecification != nil {
		for name, value := range openapiutil.Query(map[string]any{"TunnelOptionsSpecification": c.TunnelOptionsSpecification}) {
			body[name] = value
		}
	}
	_, err := o.client.CallApi(&models.Params{
		Action: dara.String(request.ModifyAction), Version: dara.String(request.APIVersion),
		Protocol: dara.String("HTTPS"), Pathname: dara.String("/"), Method: dara.String("POST"),
		AuthType: dara.String("AK"), Style: dara.String("RPC"),
		ReqBodyType: dara.String("formData"), BodyType: dara.String("json"),
	}, &models.OpenApiRequest{Query: query, Body: body}, &dara.RuntimeOptions{})
	return err
}

// nested adds a parameter that holds JSON text.
func nested[T any](query map[string]*string, name string, object *T) error {
	if object == nil {
		return nil
	}
	text, err := json.Marshal(object)
	query[name] = dara.String(string(text))
	return err
}

// nowhere is an HTTP client that ends the call where it would be sent.
type nowhere struct{}

var errSend = errors.New("not sent")

func (nowhere) Call(r *http.Request, _ *http.Transport) (*http.Response, error) {
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body)
	}
	return nil, errSend
}
