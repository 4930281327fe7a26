package emulator_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/emulator"
)

// ids lists a member of the objects in a list of an answer.
func ids(list any, name string) []string {
	all := []string{}
	for _, item := range list.([]any) {
		all = append(all, item.(map[string]any)[name].(string))
	}
	return all
}

func TestDescribeConnections(t *testing.T) {
	t.Parallel()
	h := start(t, emulator.Config{})
	h.must("TagResources", params{"RegionId": "cn-hangzhou", "ResourceType": "VpnAttachment",
		"ResourceId.1": "vco-localdual", "ResourceId.2": "vco-localfree", "Tag.1.Key": "team", "Tag.1.Value": "net", "Tag.2.Key": "stage", "Tag.2.Value": ""})
	h.must("MoveVpnResourceGroup", params{"RegionId": "cn-hangzhou", "ResourceType": "VpnAttachment", "InstanceId": "vco-localfree", "NewResourceGroupId": "rg-other"})
	all := []string{"vco-localdual", "vco-localfree", "vco-localsingle"}
	for _, tt := range []struct {
		filter params
		want   []string
		total  float64
	}{
		{nil, all, 3},
		{params{"RegionId": "eu-central-1"}, []string{}, 0},
		{params{"VpnConnectionId": "vco-localsingle"}, []string{"vco-localsingle"}, 1},
		{params{"VpnConnectionId": "vco-none"}, []string{}, 0},
		{params{"CustomerGatewayId": "cgw-local2"}, []string{"vco-localdual", "vco-localfree"}, 2},
		{params{"VpnGatewayId": "vpn-not-exist"}, all, 3},
		{params{"VpnGatewayId": "vpn-1"}, []string{}, 0},
		{params{"ResourceGroupId": "rg-other"}, []string{"vco-localfree"}, 1},
		{params{"ResourceGroupId": "rg-local"}, []string{"vco-localdual", "vco-localsingle"}, 2},
		{params{"Tag.1.Key": "team"}, []string{"vco-localdual", "vco-localfree"}, 2},
		{params{"Tag.1.Key": "team", "Tag.1.Value": "app"}, []string{}, 0},
		{params{"Tag.1.Key": "stage", "Tag.1.Value": ""}, []string{"vco-localdual", "vco-localfree"}, 2},
		{params{"Tag.1.Key": "team", "ResourceGroupId": "rg-other"}, []string{"vco-localfree"}, 1},
		{params{"PageSize": "2"}, all[:2], 3},
		{params{"PageSize": "2", "PageNumber": "2"}, all[2:], 3},
		{params{"PageSize": "2", "PageNumber": "3"}, []string{}, 3},
	} {
		a := h.must("DescribeVpnConnections", params{"RegionId": "cn-hangzhou"}.with(tt.filter))
		if got := ids(a.object("VpnConnections")["VpnConnection"], "VpnConnectionId"); !slices.Equal(got, tt.want) || a.fields["TotalCount"] != tt.total {
			t.Errorf("%v: got %v of %v, want %v of %v", tt.filter, got, a.fields["TotalCount"], tt.want, tt.total)
		}
	}
	for code, with := range map[string]params{
		"IllegalParam.PageSize": {"PageSize": "51"}, "IllegalParam.PageNumber": {"PageNumber": "0"}, "IllegalParam.Tag": {"Tag.1.Value": "net"},
	} {
		h.refused(code, "DescribeVpnConnections", params{"RegionId": "cn-hangzhou"}.with(with))
	}
}

func TestTags(t *testing.T) {
	t.Parallel()
	kept := store{}
	config := emulator.Config{Save: kept.save}
	h := start(t, config)
	attachment := params{"RegionId": "cn-hangzhou", "ResourceType": "vpnattachment", "ResourceId.1": "vco-localsingle"}
	many := params{}
	for i := range 21 {
		many[fmt.Sprintf("Tag.%d.Key", i+1)] = fmt.Sprint(i)
	}
	for _, tt := range []struct {
		code string
		with params
	}{
		{"MissingTag", nil},
		{"IllegalParam.Tag", many},
		{"IllegalParam.Tag", params{"Tag.1.Key": ""}},
		{"IllegalParam.Tag", params{"Tag.1.Key": "acs:a"}},
		{"IllegalParam.Tag", params{"Tag.1.Key": "a", "Tag.1.Value": "see https://a"}},
		{"IllegalParam.Tag", params{"Tag.1.Key": strings.Repeat("k", 129)}},
		{"IllegalParam.ResourceType", params{"ResourceType": "VPC", "Tag.1.Key": "a"}},
		{"InvalidResourceId.NotFound", params{"ResourceType": "CustomerGateway", "Tag.1.Key": "a"}},
		{"InvalidResourceId.NotFound", params{"RegionId": "eu-west-2", "Tag.1.Key": "a"}},
		{"InvalidResourceId.NotFound", params{"ResourceId.2": "vco-none", "Tag.1.Key": "a"}},
	} {
		h.refused(tt.code, "TagResources", attachment.with(tt.with))
	}
	h.refused("MissingResourceId", "TagResources", params{"RegionId": "cn-hangzhou", "ResourceType": "VpnAttachment", "Tag.1.Key": "a"})
	h.refused("MissingResourceId", "ListTagResources", params{"RegionId": "cn-hangzhou", "ResourceType": "VpnAttachment"})
	h.refused("IllegalParam.NextToken", "ListTagResources", attachment.with(params{"NextToken": "?"}))

	h.must("TagResources", attachment.with(params{"ResourceId.2": "vco-localdual", "Tag.1.Key": "b", "Tag.1.Value": "1", "Tag.2.Key": "a", "Tag.2.Value": "2"}))
	h.must("TagResources", attachment.with(params{"Tag.1.Key": "b", "Tag.1.Value": "3"}))
	h.must("TagResources", params{"RegionId": "cn-hangzhou", "ResourceType": "CustomerGateway", "ResourceId.1": "cgw-local1", "Tag.1.Key": "a"})
	list := func(h *harness, with params) (all []string, next string) {
		a := h.must("ListTagResources", params{"RegionId": "cn-hangzhou", "ResourceType": "VpnAttachment"}.with(with))
		for _, item := range a.object("TagResources")["TagResource"].([]any) {
			i := item.(map[string]any)
			all = append(all, fmt.Sprintf("%v %v=%v", i["ResourceId"], i["TagKey"], i["TagValue"]))
		}
		return all, a.text("NextToken")
	}
	config.State = maps.Clone(kept)
	for _, h := range []*harness{h, start(t, config)} { // a restart loses none
		for _, tt := range []struct {
			with params
			want []string
		}{
			{params{"ResourceId.1": "vco-localsingle"}, []string{"vco-localsingle a=2", "vco-localsingle b=3"}},
			{params{"Tag.1.Key": "b", "Tag.1.Value": "1"}, []string{"vco-localdual a=2", "vco-localdual b=1"}},
			{params{"ResourceType": "CUSTOMERGATEWAY", "Tag.1.Key": "a"}, []string{"cgw-local1 a="}},
			{params{"ResourceId.1": "vco-localfree", "ResourceId.2": "vco-none"}, nil},
		} {
			if got, next := list(h, tt.with); !slices.Equal(got, tt.want) || next != "" {
				t.Errorf("%v: got %v and %q, want %v", tt.with, got, next, tt.want)
			}
		}
		if got := h.describe(single).object("Tags")["Tag"]; len(got.([]any)) != 2 {
			t.Errorf("Describe: got tags %v", got)
		}
	}
	page := params{"Tag.1.Key": "a", "MaxResults": "3"}
	first, next := list(h, page)
	rest, end := list(h, page.with(params{"NextToken": next}))
	if len(first) != 3 || !slices.Equal(rest, []string{"vco-localsingle b=3"}) || end != "" {
		t.Errorf("pages: got %v, then %v and %q", first, rest, end)
	}
}

func TestMoveResourceGroup(t *testing.T) {
	t.Parallel()
	h := start(t, emulator.Config{})
	move := params{"RegionId": "cn-hangzhou", "ResourceType": "VpnAttachment", "InstanceId": "vco-localsingle", "NewResourceGroupId": "rg-other"}
	h.refused("MissingNewResourceGroupId", "MoveVpnResourceGroup", params{"RegionId": "cn-hangzhou", "ResourceType": "VpnAttachment", "InstanceId": "vco-localsingle"})
	h.refused("IllegalParam.ResourceType", "MoveVpnResourceGroup", move.with(params{"ResourceType": "VpnGateway"}))
	h.refused("InvalidResourceId.NotFound", "MoveVpnResourceGroup", move.with(params{"InstanceId": "vco-none"}))
	h.must("MoveVpnResourceGroup", move)
	h.must("MoveVpnResourceGroup", move.with(params{"ResourceType": "CustomerGateway", "InstanceId": "cgw-local1"}))
	if got := h.describe(single).text("ResourceGroupId"); got != "rg-other" {
		t.Errorf("attachment: got %s, want rg-other", got)
	}
	if got := h.must("DescribeCustomerGateway", params{"RegionId": "cn-hangzhou", "CustomerGatewayId": "cgw-local1"}).text("ResourceGroupId"); got != "rg-other" {
		t.Errorf("gateway: got %s, want rg-other", got)
	}
}

// Every region that the core knows has the API.
func TestRegions(t *testing.T) {
	t.Parallel()
	h := start(t, emulator.Config{})
	listed := ids(h.must("DescribeRegions", params{}).fields["Regions"].(map[string]any)["Region"], "RegionId")
	for _, region := range attachment.Regions {
		if !slices.Contains(listed, region) {
			t.Errorf("DescribeRegions lacks %s", region)
		}
		h.must("DescribeVpnConnections", params{"RegionId": region})
	}
}
