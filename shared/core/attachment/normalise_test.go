package attachment_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/finding"
)

// TestSubnetForms: a list means the same in each of its forms, and no form joins what a
// blank separates.
func TestSubnetForms(t *testing.T) {
	t.Parallel()
	quoted := func(s string) string {
		b, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	for _, tt := range []struct {
		text string
		want string // the list; empty: it is refused
		says string // of the finding, if any
	}{
		{"10.0.1.0/24,10.0.2.0/24", "10.0.1.0/24,10.0.2.0/24", ""},
		{" 10.0.1.0/24 ,\t10.0.2.0/24\n", "10.0.1.0/24,10.0.2.0/24", ""},
		{"10.0.1.0/24 10.0.2.0/24", "10.0.1.0/24,10.0.2.0/24", "a list separated by commas"},
		{"10.0.1.0/24\r\n10.0.2.0/24\r\n", "10.0.1.0/24,10.0.2.0/24", "a list separated by commas"},
		{"10.0.1.0/24; 10.0.2.0/24", "10.0.1.0/24,10.0.2.0/24", "a list separated by commas"},
		{"10.0.1.0/24\u00a010.0.2.0/24,10.0.3.0/24", "10.0.1.0/24,10.0.2.0/24,10.0.3.0/24", "a list separated by commas"},
		{"10.20.3 0.0/24", "", `"10.20.3 0.0/24" is not a CIDR block`},
		{"192.168.77.0/2\n4", "", `"192.168.77.0/2\\n4" is not a CIDR block`},
		{"10.0.1.0 /24", "", `"10.0.1.0 /24" is not a CIDR block`},
		{"10.0.1.0/24;10.0.2", "", `"10.0.1.0/24;10.0.2" is not a CIDR block`},
		{"10.0.1.0/24 and 10.0.2.0/24", "", "a text of 27 characters is not a CIDR block"},
		{"10.0.1.0/24 0123456789abcdef", "", "a text of 28 characters is not a CIDR block"},
		{"10.0.1.0/24,,10.0.2.0/24", "", "item 2 is empty"},
		{"10.0.0.0 255.255.0.0", "", "write 10.0.0.0/16"},
		{"10.0.1.0/24, 10.0.2.0/255.255.255.255", "", "write 10.0.2.0/32"},
		{"10.0.0.0 255.0.255.0", "", "write each block without a blank in it"},
		{"10.0.0.0/0.0.0.0", "", "write 10.0.0.0/0"},
	} {
		array := "[" + quoted(tt.text) + "]"
		for _, form := range []string{quoted(tt.text), array, quoted(array), quoted(" " + array + " ")} {
			c := attachment.Parse(change(`"RemoteSubnet":`+form), attachment.FromEvent)
			found := attachment.Validate(c, nil, "")
			told := string(found.AppendJSON(nil))
			if found.HasError() == (tt.want != "") || tt.want != "" && c.Text(attachment.RemoteSubnet) != tt.want {
				t.Errorf("%s: got %q and %s", form, c.Text(attachment.RemoteSubnet), told)
			}
			if !strings.Contains(strings.ReplaceAll(told, `\\"`, `"`), tt.says) && !strings.Contains(strings.ReplaceAll(told, `\"`, `"`), tt.says) {
				t.Errorf("%s: got %s, want %s", form, told, tt.says)
			}
		}
	}
	for form, says := range map[string]string{`[]`: "RemoteSubnet is an empty list", `[""]`: "RemoteSubnet is an empty list", `["10.0.1.0/24", null]`: "RemoteSubnet: item 2 is null; it must be", `[5]`: "RemoteSubnet: item 1 is a number", `["10.0.1.0/24", "10.0.2.0/24", ""]`: "RemoteSubnet: item 3 is empty"} {
		found := attachment.Validate(attachment.Parse(change(`"RemoteSubnet":`+form), attachment.FromEvent), nil, "")
		if !strings.Contains(string(found.AppendJSON(nil)), says) {
			t.Errorf("%s: got %s, want %s", form, found.AppendJSON(nil), says)
		}
	}
	for _, form := range []string{`[["10.0.1.0/24"]]`, `[5]`, `{"a":"10.0.1.0/24"}`, `"[5]"`, `"[\"10.0.1.0/24\""`} {
		c := attachment.Parse(change(`"RemoteSubnet":`+form), attachment.FromEvent)
		if found := attachment.Validate(c, nil, ""); !found.HasError() {
			t.Errorf("%s: no error", form)
		}
	}
}

// TestInnerBlanks: no address or identity of one value is joined where a blank splits it,
// and a value of the wrong shape is told how it is written.
func TestInnerBlanks(t *testing.T) {
	t.Parallel()
	for members, says := range map[string]string{
		`"BgpConfig":{"TunnelCidr":"169.254. 11.0/30"}`:                   "tunnel-cidr-malformed",
		`"BgpConfig":{"LocalBgpIp":"169.254.11 .1"}`:                      "bgp-ip-malformed",
		`"HealthCheckConfig":{"sip":"192.168.1 .1"}`:                      "health-ip-malformed",
		`"HealthCheckConfig":{"dip":"192.168.1.1\n1"}`:                    "health-ip-malformed",
		`"IkeConfig":{"RemoteId":"203.0.113.1 7"}`:                        "contains-blank",
		`"TunnelOptionsSpecification":[{"TunnelIndex":"1 2"}]`:            "must be an integer",
		`"IkeConfig":{"IkeLifetime":"28 800"}`:                            "must be an integer",
		`"IkeConfig":[{"IkeLifetime":3600}]`:                              "write the object without [ and ] around it",
		`"TunnelOptionsSpecification":{"TunnelIndex":1,"EnableDpd":true}`: "with an object for each tunnel",
		`"TunnelOptionsSpecification":"[{\"TunnelIndex\":1}]"`:            "with an object for each tunnel",
	} {
		found := attachment.Validate(attachment.Parse(change(members), attachment.FromEvent), nil, "")
		if told := string(found.AppendJSON(nil)); !found.HasError() || !strings.Contains(told, says) {
			t.Errorf("%s: got %s, want %s", members, told, says)
		}
	}
}

// TestOuterBlanks: a blank around an id or an address has the value without it as its fix,
// and what could be a secret is not told.
func TestOuterBlanks(t *testing.T) {
	t.Parallel()
	for members, want := range map[string]finding.Fix{
		`"CustomerGatewayId":" cgw-0123456789abcdefghijk\n"`: {Value: `"cgw-0123456789abcdefghijk"`},
		`"IkeConfig":{"RemoteId":" 203.0.113.17 "}`:          {Value: `"203.0.113.17"`},
		`"IkeConfig":{"RemoteId":"203.0.113.1 7"}`:           {},
		`"IkeConfig":{"RemoteId":"Tr0ub4dorKeyAbcd1234 "}`:   {},
		`"IkeConfig":{"Psk":"Tr0ub4dorKeyAbcd1234 "}`:        {},
	} {
		found := attachment.Validate(attachment.Parse(change(members), attachment.FromEvent), nil, "")
		i := slices.IndexFunc(found, func(f finding.Finding) bool { return f.Check == "contains-blank" })
		if i < 0 || found[i].Fix != want || strings.Contains(string(found.AppendJSON(nil)), "Tr0ub4dor") {
			t.Errorf("%s: got %s, want %v", members, found.AppendJSON(nil), want)
		}
	}
}

// TestNumbersAndBooleans holds in which spellings they are read.
func TestNumbersAndBooleans(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ members, want string }{
		{`"EnableDpd":"True"`, "true"},
		{`"EnableDpd":" false\n"`, "false"},
		{`"EnableDpd":"False"`, "false"},
		{`"EnableDpd":"TRUE"`, ""},
		{`"EnableDpd":1`, ""},
		{`"IpsecConfig":{"IpsecLifetime":"28800 "}`, "28800"},
		{`"IpsecConfig":{"IpsecLifetime":"3600.0"}`, "3600"},
		{`"IpsecConfig":{"IpsecLifetime":3600.00}`, "3600"},
		{`"IpsecConfig":{"IpsecLifetime":3.6e3}`, "3600"},
		{`"IpsecConfig":{"IpsecLifetime":"36E+2"}`, "3600"},
		{`"IpsecConfig":{"IpsecLifetime":36000e-1}`, "3600"},
		{`"IpsecConfig":{"IpsecLifetime":0.0}`, "0"},
		{`"IpsecConfig":{"IpsecLifetime":3600.5}`, ""},
		{`"IpsecConfig":{"IpsecLifetime":36e-3}`, ""},
		{`"IpsecConfig":{"IpsecLifetime":1e99}`, ""},
		{`"IpsecConfig":{"IpsecLifetime":"3600."}`, ""},
		{`"IpsecConfig":{"IpsecLifetime":"3 600"}`, ""},
		{`"IpsecConfig":{"IpsecLifetime":"0x10"}`, ""},
		{`"BgpConfig":{"LocalAsn":" 65010 "}`, "65010"},
		{`"BgpConfig":{"LocalAsn":65010.0}`, ""}, // see Parameter.normalise
	} {
		c := attachment.Parse(change(tt.members), attachment.FromEvent)
		found := attachment.Validate(c, nil, "")
		var got string
		for _, f := range c.Fields() {
			if v := c.Get(f); v.Present() {
				got += v.Text()
			}
		}
		if got != tt.want || found.HasError() != (tt.want == "") || !strings.Contains(string(found.AppendJSON(nil)), `"normalised"`) && tt.want != "" {
			t.Errorf("%s: got %q and %s", tt.members, got, found.AppendJSON(nil))
		}
	}
}

// TestByteOrderMark: a change, the JSON text of an object and the current configuration
// are read with the mark that some editors write.
func TestByteOrderMark(t *testing.T) {
	t.Parallel()
	c := attachment.Parse("\ufeff"+change(`"IpsecConfig":"\ufeff{\"IpsecLifetime\":3600}"`), attachment.FromEvent)
	if found := attachment.Validate(c, nil, ""); found.HasError() || c.Section(attachment.SectionIPsec)[attachment.IPsecLifetime].Text() != "3600" {
		t.Errorf("got %s", found.AppendJSON(nil))
	}
	answer, err := os.ReadFile("testdata/current/single.json")
	if err != nil {
		t.Fatal(err)
	}
	if current, err := attachment.ParseCurrent("\ufeff" + string(answer)); err != nil || current.VpnConnectionID != "vco-localsingle" {
		t.Errorf("got %v", err)
	}
	if _, err := attachment.ParseCurrent("\xff\xfe{\x00}\x00"); err == nil || !strings.Contains(err.Error(), "this is UTF-16; save it as UTF-8") {
		t.Errorf("got %v", err)
	}
}
