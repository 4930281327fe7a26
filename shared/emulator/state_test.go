package emulator_test

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"vpnattach/shared/core/secret"
	"vpnattach/shared/emulator"
)

func TestClientToken(t *testing.T) {
	t.Parallel()
	var seen []emulator.Call
	h := start(t, emulator.Config{UpdateTime: time.Second, Partial: emulator.PartialReset, Observe: func(c emulator.Call) { seen = append(seen, c) }})
	request := single.with(params{"ClientToken": "token-1", "IkeConfig": `{"IkeVersion":"ikev2"}`})
	h.refused("InvalidName", "ModifyVpnAttachmentAttribute", request.with(params{"Name": ""})) // uses no token up
	first := h.modify(request)
	again := h.modify(request)
	if string(first.raw) != string(again.raw) {
		t.Errorf("got another answer:\n%s\n%s", first.raw, again.raw)
	}
	h.clock.Advance(time.Minute)
	settled := string(h.Describe("vco-localsingle"))
	h.form = true // query or body makes no difference
	h.modify(request)
	if got := string(h.Describe("vco-localsingle")); got != settled {
		t.Error("the same token had a second effect")
	}
	h.refused("IdempotentParameterMismatch", "ModifyVpnAttachmentAttribute", request.with(params{"Name": "b"}))
	h.refused("IdempotentParameterMismatch", "ModifyVpnAttachmentAttribute", request.with(params{"VpnConnectionId": "vco-localfree"}))
	h.modify(request.with(params{"ClientToken": "token-2"}))
	if got := string(h.Describe("vco-localsingle")); got == settled {
		t.Error("another token had no effect")
	}
	replayed := 0
	for _, c := range seen {
		if c.Replayed {
			replayed++
		}
		if c.Params["ClientToken"] == "" || c.Params["Signature"] != "" || c.RequestID == "" {
			t.Errorf("got call %+v", c)
		}
	}
	if len(seen) != 7 || replayed != 2 {
		t.Errorf("got %d calls, %d replayed, want 7 and 2", len(seen), replayed)
	}
}

// Tokens belong to the account: the keys of a role change by the hour. Their length
// is not limited.
func TestClientTokenOfAnotherKey(t *testing.T) {
	t.Parallel()
	h := start(t, emulator.Config{Partial: emulator.PartialReset})
	h.SetAccount(emulator.Account{AccessKeyID: "STS.next", Secret: secret.New("next-secret"), SecurityToken: secret.New("session")})
	request := single.with(params{"ClientToken": strings.Repeat("t", 65), "IkeConfig": `{}`})
	first := h.modify(request)
	made := string(h.Describe("vco-localsingle"))
	h.key, h.pass, h.token = "STS.next", "next-secret", "session"
	if again := h.modify(request); string(again.raw) != string(first.raw) || string(h.Describe("vco-localsingle")) != made {
		t.Errorf("the same token under another key had an effect: %s", again.raw)
	}
	h.refused("IdempotentParameterMismatch", "ModifyVpnAttachmentAttribute", request.with(params{"Name": "b"}))
}

// A change whose answer was lost is not made twice by its retry.
func TestLostAnswerAndRetry(t *testing.T) {
	t.Parallel()
	h := start(t, emulator.Config{Partial: emulator.PartialReset})
	inject(t, h, emulator.Fault{Lost: true})
	request := single.with(params{"ClientToken": "t", "IkeConfig": `{}`, "EffectImmediately": "true"})
	if _, err := h.try("ModifyVpnAttachmentAttribute", request); err == nil {
		t.Fatal("an answer came")
	}
	made := string(h.Describe("vco-localsingle"))
	h.modify(request)
	if got := string(h.Describe("vco-localsingle")); got != made {
		t.Error("the retry had an effect of its own")
	}
}

// A store that keeps records as serve does.
type store map[string][]byte

func (s store) save(records map[string][]byte) error {
	for key, value := range records {
		if value == nil {
			delete(s, key)
		} else {
			s[key] = value
		}
	}
	return nil
}

func TestRestartLosesNothing(t *testing.T) {
	t.Parallel()
	kept := store{}
	config := emulator.Config{UpdateTime: time.Minute, Save: kept.save, CreateSingle: true}
	h := start(t, config)
	gateway := h.must("CreateCustomerGateway", params{"RegionId": "eu-central-1", "IpAddress": "198.51.100.77", "Asn": "65010"}).text("CustomerGatewayId")
	created := params{"RegionId": "eu-central-1", "LocalSubnet": "0.0.0.0/0", "RemoteSubnet": "0.0.0.0/0", "CustomerGatewayId": gateway, "ClientToken": "c"}
	id := h.must("CreateVpnAttachment", created).text("VpnConnectionId")
	h.must("DeleteVpnAttachment", free)
	h.modify(dual.with(params{"Name": "a", "ClientToken": "m"}))
	if err := h.SetCondition("vco-localsingle", "Resource.QuotaFull"); err != nil {
		t.Fatal(err)
	}
	ids := []string{id, "vco-localsingle", "vco-localdual", "vco-localfree"}
	describe := func(h *harness) (all string) {
		for _, id := range ids {
			all += string(h.Describe(id)) + "\n"
		}
		return all
	}

	config.State = maps.Clone(kept)
	w2 := start(t, config)
	if got, want := describe(w2), describe(h); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	w2.refused("VpnConnection.Configuring", "ModifyVpnAttachmentAttribute", dual)
	w2.modify(dual.with(params{"Name": "a", "ClientToken": "m"}))
	if got := w2.must("CreateVpnAttachment", created).text("VpnConnectionId"); got != id {
		t.Errorf("retried create: got %s, want %s", got, id)
	}
	w2.refused("Resource.QuotaFull", "ModifyVpnAttachmentAttribute", single)
	w2.refused("InvalidVpnConnectionInstanceId.NotFound", "DescribeVpnConnection", free)

	for key, data := range map[string]string{"connection/x": "{", "other/x": "{}"} {
		if _, err := emulator.New(emulator.Config{State: map[string][]byte{key: []byte(data)}}); err == nil {
			t.Errorf("%s was loaded", key)
		}
	}
}

// A change that can't be saved is not made.
func TestFailingSave(t *testing.T) {
	t.Parallel()
	var failure error
	h := start(t, emulator.Config{Save: func(map[string][]byte) error { return failure }})
	before := string(h.Describe("vco-localsingle"))
	failure = errors.New("disk full")
	request := single.with(params{"Name": "a", "ClientToken": "t"})
	h.refused("InternalError", "ModifyVpnAttachmentAttribute", request)
	if got := string(h.Describe("vco-localsingle")); got != before {
		t.Error("the change was made")
	}
	failure = nil
	h.modify(request)
	failure = errors.New("disk full")
	if _, err := emulator.New(emulator.Config{Save: func(map[string][]byte) error { return failure }}); !errors.Is(err, failure) {
		t.Errorf("New: got %v, want %v", err, failure)
	}
}

func TestCreateAndDelete(t *testing.T) {
	t.Parallel()
	h := start(t, emulator.Config{UpdateTime: time.Second, CreateSingle: true})
	strict := start(t, emulator.Config{})
	base := params{"RegionId": "cn-hangzhou", "LocalSubnet": "10.0.0.0/8", "RemoteSubnet": "172.16.0.0/12", "Name": "new"}
	one := base.with(params{"CustomerGatewayId": "cgw-local1", "NetworkType": "private", "TunnelBandwidth": "Large"})
	tunnels := params{}
	for i := 1; i <= 2; i++ {
		tunnels[fmt.Sprintf("TunnelOptionsSpecification.%d.CustomerGatewayId", i)] = fmt.Sprintf("cgw-local%d", i)
		tunnels[fmt.Sprintf("TunnelOptionsSpecification.%d.TunnelIndex", i)] = fmt.Sprint(i)
	}
	for _, tt := range []struct {
		code string
		with params
	}{
		{"MissingLocalSubnet", params{"RegionId": "cn-hangzhou"}},
		{"MissingCustomerGatewayId", base},
		{"InvalidCustomerGatewayInstanceId.NotFound", base.with(params{"CustomerGatewayId": "cgw-none"})},
		{"InvalidCustomerGatewayInstanceId.NotFound", one.with(params{"RegionId": "cn-beijing"})},
		{"IllegalParam.NetworkType", one.with(params{"NetworkType": "vpc"})},
		{"IllegalParam.TunnelBandwidth", one.with(params{"TunnelBandwidth": "Huge"})},
		{"IllegalParam.TunnelOptionsSpecification", base.with(params{"TunnelOptionsSpecification.1.CustomerGatewayId": "cgw-local1"})},
		{"UnsupportedParameter", one.with(tunnels)},
		{"DryRunOperation", one.with(params{"DryRun": "true"})},
	} {
		h.refused(tt.code, "CreateVpnAttachment", tt.with)
	}

	strict.refused("VpnConnection.InvalidCreateTunnelOptions", "CreateVpnAttachment", one)
	strict.must("CreateVpnAttachment", base.with(tunnels))
	id := h.must("CreateVpnAttachment", one).text("VpnConnectionId")
	this := params{"RegionId": "cn-hangzhou", "VpnConnectionId": id}
	if got, want := h.describe(this).text("State"), "provisioning"; got != want {
		t.Errorf("State: got %s, want %s", got, want)
	}
	h.refused("VpnConnection.Configuring", "ModifyVpnAttachmentAttribute", this)
	h.clock.Advance(time.Second)
	a := h.describe(this)
	ike := a.object("IkeConfig")
	if a.text("State") != "init" || ike["IkeVersion"] != "ikev1" || ike["RemoteId"] != "198.51.100.1" || len(ike["Psk"].(string)) != 16 ||
		a.fields["EnableDpd"] != true || a.text("NetworkType") != "private" || a.text("AttachType") != "NO_ASSOCIATED" {
		t.Errorf("got %s", a.raw)
	}

	both := h.must("CreateVpnAttachment", base.with(tunnels)).text("VpnConnectionId")
	h.clock.Advance(time.Second)
	d := h.describe(params{"RegionId": "cn-hangzhou", "VpnConnectionId": both})
	if d.tunnel(1)["TunnelIkeConfig"].(map[string]any)["IkeVersion"] != "ikev2" || d.tunnel(0)["EnableDpd"] != "true" || d.fields["EnableTunnelsBgp"] != false {
		t.Errorf("got %s", d.raw)
	}

	h.refused("VpnConnection.Associated", "DeleteVpnAttachment", single)
	h.must("DeleteVpnAttachment", this)
	h.refused("InvalidVpnConnectionInstanceId.NotFound", "DescribeVpnConnection", this)
	list := h.must("DescribeVpnAttachments", params{"RegionId": "cn-hangzhou"})
	if got := list.fields["TotalCount"]; got != 2.0 {
		t.Errorf("attachments of transit routers: got %v, want 2", got)
	}

	for range 96 { // with the four that are there, all that the quota leaves
		h.must("CreateVpnAttachment", one)
	}
	if a := h.call("CreateVpnAttachment", one); a.text("Code") != "Resource.QuotaFull" {
		t.Errorf("over quota: got %s", a.raw)
	}
}

func TestGateways(t *testing.T) {
	t.Parallel()
	h := start(t, emulator.Config{})
	create := params{"RegionId": "cn-hangzhou", "IpAddress": "198.51.100.3", "Name": "site-3", "Asn": "123.456"}
	for _, tt := range []struct {
		code string
		with params
	}{
		{"IllegalParam.IpAddress", params{"IpAddress": "100.64.0.1"}},
		{"IllegalParam.IpAddress", params{"IpAddress": "site-3"}},
		{"IllegalParam.Asn", params{"Asn": "45104"}},
		{"InvalidName", params{"Name": "http://x"}},
		{"IllegalParam.Description", params{"Description": "https://x"}},
	} {
		h.refused(tt.code, "CreateCustomerGateway", create.with(tt.with))
	}
	id := h.must("CreateCustomerGateway", create).text("CustomerGatewayId")
	this := params{"RegionId": "cn-hangzhou", "CustomerGatewayId": id}
	if got := h.must("DescribeCustomerGateway", this); got.fields["Asn"] != 8061384.0 || got.text("Name") != "site-3" {
		t.Errorf("got %s", got.raw)
	}
	page := h.must("DescribeCustomerGateways", params{"RegionId": "cn-hangzhou", "PageSize": "2", "PageNumber": "2"})
	if got := page.object("CustomerGateways")["CustomerGateway"].([]any); len(got) != 1 || page.fields["TotalCount"] != 3.0 {
		t.Errorf("second page: got %s", page.raw)
	}
	h.refused("IllegalParam.PageSize", "DescribeCustomerGateways", params{"RegionId": "cn-hangzhou", "PageSize": "51"})
	h.modify(single.with(this))
	h.refused("InvalidCustomerGatewayInstanceId.InUse", "DeleteCustomerGateway", this)
	h.modify(single.with(params{"CustomerGatewayId": "cgw-local1"}))
	h.must("DeleteCustomerGateway", this)
	h.refused("InvalidCustomerGatewayInstanceId.NotFound", "DescribeCustomerGateway", this)

	for _, region := range []string{"ap-southeast-8", "cn-zhongwei", "cn-wuhan-lr", "eu-west-2", "us-southeast-1", "cn-heyuan-acdr-1",
		"cn-wulanchabu-gic-1", "cn-shanghai-finance-1", "cn-north-2-gov-1"} {
		h.must("DescribeCustomerGateways", params{"RegionId": region})
	}
	r := h.must("DescribeRegions", nil)
	if !strings.Contains(string(r.raw), `"RegionId":"cn-hangzhou"`) || !strings.Contains(string(r.raw), `"RegionEndpoint":"127.0.0.1:`) {
		t.Errorf("got %s", r.raw)
	}
}

// The oldest token is forgotten when too many are kept.
func TestTokensAreBounded(t *testing.T) {
	t.Parallel()
	kept := store{}
	start(t, emulator.Config{Save: kept.save})
	for i := range 10_000 {
		kept[fmt.Sprintf("token/old-%d", i)] = fmt.Appendf(nil, `{"Sequence":%d}`, i+1)
	}
	h := start(t, emulator.Config{State: maps.Clone(kept), Save: kept.save})
	h.modify(single.with(params{"ClientToken": "new"}))
	for key, want := range map[string]bool{"token/old-0": false, "token/old-1": true, "token/ModifyVpnAttachmentAttribute/new": true} {
		if _, got := kept[key]; got != want {
			t.Errorf("%s is kept: got %v, want %v", key, got, want)
		}
	}
}

// TestClockSetBack: a task that was begun while the clock was ahead is over after a
// start, and one that was not is over in its time.
func TestClockSetBack(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		ahead time.Duration
		busy  bool
	}{"as it was": {0, true}, "by a day": {24 * time.Hour, false}, "by a little": {10 * time.Second, false}} {
		kept := store{}
		ahead := start(t, emulator.Config{UpdateTime: 2 * time.Second, Save: kept.save})
		ahead.clock.Advance(tt.ahead)
		ahead.modify(single.with(params{"Name": "renamed"}))
		w := start(t, emulator.Config{UpdateTime: 2 * time.Second, State: maps.Clone(kept), Save: kept.save})
		shown := string(w.Describe("vco-localsingle"))
		if busy := strings.Contains(shown, `"State":"updating"`); busy != tt.busy || strings.Contains(shown, "renamed") == tt.busy {
			t.Errorf("%s: got %s", name, shown)
		}
	}
}
