package clients

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/auth"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/auth/credentials"
	sdkerrors "github.com/aliyun/alibaba-cloud-sdk-go/sdk/errors"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	"github.com/aliyun/alibaba-cloud-sdk-go/services/vpc"
)

// The older Go SDK, with its types for this operation.
func TestSDK(t *testing.T) {
	t.Parallel()
	for _, who := range []keys{user, session} {
		for _, method := range []string{"POST", "GET"} {
			t.Run(who.id+" "+method, func(t *testing.T) {
				t.Parallel()
				drive(t, "V1 "+method, who, func(t *testing.T, h *harness, k keys) client { return newSDK(t, h, k, method) }, codeOfSDK)
			})
		}
	}
}

func connectSDK(t *testing.T, h *harness, k keys) *vpc.Client {
	t.Helper()
	var key auth.Credential = credentials.NewAccessKeyCredential(k.id, k.secret)
	if k.token != "" {
		key = credentials.NewStsTokenCredential(k.id, k.secret, k.token)
	}
	official, err := vpc.NewClientWithOptions(region, sdk.NewConfig().WithScheme("HTTP"), key)
	if err != nil {
		t.Fatal(err)
	}
	official.Domain = h.host
	official.SetNoProxy("127.0.0.1")
	return official
}

func newSDK(t *testing.T, h *harness, k keys, method string) client {
	t.Helper()
	official := connectSDK(t, h, k)
	return client{
		call: func(action string, parameters map[string]any) (string, error) {
			ask := func(request any, common *requests.RpcRequest) {
				common.Method, common.RegionId = method, region
				if err := json.Unmarshal([]byte(encode(t, texts(t, parameters))), request); err != nil {
					t.Fatal(err)
				}
			}
			var answer any
			var err error
			switch action {
			case "DescribeVpnConnections":
				request := vpc.CreateDescribeVpnConnectionsRequest()
				ask(request, request.RpcRequest)
				answer, err = official.DescribeVpnConnections(request)
			case "DiagnoseVpnConnections":
				request := vpc.CreateDiagnoseVpnConnectionsRequest()
				ask(request, request.RpcRequest)
				answer, err = official.DiagnoseVpnConnections(request)
			case "TagResources":
				request := vpc.CreateTagResourcesRequest()
				ask(request, request.RpcRequest)
				answer, err = official.TagResources(request)
			case "ListTagResources":
				request := vpc.CreateListTagResourcesRequest()
				ask(request, request.RpcRequest)
				answer, err = official.ListTagResources(request)
			case "MoveVpnResourceGroup":
				request := vpc.CreateMoveVpnResourceGroupRequest()
				ask(request, request.RpcRequest)
				answer, err = official.MoveVpnResourceGroup(request)
			default:
				t.Fatalf("no type for %s", action)
			}
			if err != nil {
				return "", err
			}
			return encode(t, answer), nil
		},
		describe: func(connection string) (string, error) {
			request := vpc.CreateDescribeVpnConnectionRequest()
			request.Method, request.RegionId, request.VpnConnectionId = method, region, connection
			answer, err := official.DescribeVpnConnection(request)
			if err != nil {
				return "", err
			}
			return encode(t, answer), nil
		},
		modify: func(connection string, parameters map[string]any) (string, error) {
			request := vpc.CreateModifyVpnAttachmentAttributeRequest()
			request.Method, request.RegionId, request.VpnConnectionId = method, region, connection
			fields := map[string]any{}
			for name, value := range parameters {
				if name == "TunnelOptionsSpecification" {
					fields[name] = texts(t, value)
				} else {
					fields[name] = scalar(t, value)
				}
			}
			if err := json.Unmarshal([]byte(encode(t, fields)), request); err != nil {
				t.Fatal(err)
			}
			answer, err := official.ModifyVpnAttachmentAttribute(request)
			if err != nil {
				return "", err
			}
			return encode(t, answer), nil
		},
	}
}

// texts makes the members of tunnels text, as this SDK's types have them.
func texts(t *testing.T, value any) any {
	switch value := value.(type) {
	case []any:
		list := make([]any, len(value))
		for i := range value {
			list[i] = texts(t, value[i])
		}
		return list
	case map[string]any:
		object := map[string]any{}
		for name := range value {
			object[name] = texts(t, value[name])
		}
		return object
	}
	return scalar(t, value)
}

func codeOfSDK(err error) string {
	var refused sdkerrors.Error
	if !errors.As(err, &refused) {
		return ""
	}
	return refused.ErrorCode()
}

// What clients need around the two operations, through this SDK's types.
func TestLifeOfAttachment(t *testing.T) {
	t.Parallel()
	h := start(t, user)
	official := connectSDK(t, h, user)

	regions, err := official.DescribeRegions(vpc.CreateDescribeRegionsRequest())
	if err != nil {
		t.Fatal(err)
	}
	if len(regions.Regions.Region) == 0 || regions.Regions.Region[0].RegionEndpoint != h.host {
		t.Errorf("regions: got %+v, want this emulator as their endpoint", regions.Regions)
	}

	peer := vpc.CreateCreateCustomerGatewayRequest()
	peer.IpAddress, peer.Asn, peer.Name = "198.51.100.77", "65077", "site & more"
	gateway, err := official.CreateCustomerGateway(peer)
	if err != nil {
		t.Fatal(err)
	}
	creation := vpc.CreateCreateVpnAttachmentRequest()
	creation.Name, creation.LocalSubnet, creation.RemoteSubnet = "created", "0.0.0.0/0", "0.0.0.0/0"
	creation.TunnelOptionsSpecification = &[]vpc.CreateVpnAttachmentTunnelOptionsSpecification{
		{TunnelIndex: "1", CustomerGatewayId: gateway.CustomerGatewayId},
		{TunnelIndex: "2", CustomerGatewayId: gateway.CustomerGatewayId},
	}
	created, err := official.CreateVpnAttachment(creation)
	if err != nil {
		t.Fatal(err)
	}
	h.settle()

	description := vpc.CreateDescribeVpnConnectionRequest()
	description.VpnConnectionId = created.VpnConnectionId
	got, err := official.DescribeVpnConnection(description)
	if err != nil {
		t.Fatal(err)
	}
	if tunnels := got.TunnelOptionsSpecification.TunnelOptions; got.State != "init" || len(tunnels) != 2 || tunnels[1].TunnelIkeConfig.RemoteId != peer.IpAddress {
		t.Errorf("created: got state %s and %d tunnels to the peer", got.State, len(tunnels))
	}
	attachments, err := official.DescribeVpnAttachments(vpc.CreateDescribeVpnAttachmentsRequest())
	if err != nil {
		t.Fatal(err)
	}
	if len(attachments.VpnAttachments) != 2 || attachments.VpnAttachments[0].InstanceId != "vco-localdual" {
		t.Errorf("attachments of transit routers: got %+v", attachments.VpnAttachments)
	}

	removal := vpc.CreateDeleteCustomerGatewayRequest()
	removal.CustomerGatewayId = gateway.CustomerGatewayId
	_, err = official.DeleteCustomerGateway(removal)
	if got, want := codeOfSDK(err), "InvalidCustomerGatewayInstanceId.InUse"; got != want {
		t.Errorf("delete the gateway in use: got %q (%v), want %q", got, err, want)
	}
	deletion := vpc.CreateDeleteVpnAttachmentRequest()
	deletion.VpnConnectionId = created.VpnConnectionId
	if _, err := official.DeleteVpnAttachment(deletion); err != nil {
		t.Fatal(err)
	}
	if _, err := official.DeleteCustomerGateway(removal); err != nil {
		t.Errorf("delete the gateway: %v", err)
	}
	gateways, err := official.DescribeCustomerGateways(vpc.CreateDescribeCustomerGatewaysRequest())
	if err != nil {
		t.Fatal(err)
	}
	if got := gateways.CustomerGateways.CustomerGateway; len(got) != 2 || got[0].IpAddress != "198.51.100.1" || got[0].Asn != 65001 {
		t.Errorf("gateways: got %+v", got)
	}
}
