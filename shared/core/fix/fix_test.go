package fix_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/fix"
)

// TestFix holds that a document is mended where one thing can be meant, and else stays
// byte for byte as it is.
func TestFix(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, document, want string }{
		{"nothing", `{ "RegionId":"cn-hangzhou" ,"x": 1}`, `{ "RegionId":"cn-hangzhou" ,"x": 1}`},
		{"not JSON", `{"RegionId": "cn-hangzhou"`, `{"RegionId": "cn-hangzhou"`},
		{"not an object", `["region_id"]`, `["region_id"]`},
		{"values", "\ufeff{\n\t\"IkeConfig\" : { \"IkeEncAlg\":\"AES-256\", \"IkePfs\" : 14, \"Psk\": \"a\\u0062 <c>\" }, \"EnableDpd\": \"yes\"\r\n}\n",
			"\ufeff{\n\t\"IkeConfig\" : { \"IkeEncAlg\":\"aes256\", \"IkePfs\" : \"group14\", \"Psk\": \"a\\u0062 <c>\" }, \"EnableDpd\": true\r\n}\n"},
		{"names, then values", `{"region_id": "cn-hangzhou", "ike_config": {"ike_enc_alg": "AES-256", "psk": "fYx3tQpL8sVw2NdK"}}`, `{"RegionId": "cn-hangzhou", "IkeConfig": {"IkeEncAlg": "aes256", "Psk": "fYx3tQpL8sVw2NdK"}}`},
		{"a name that is there", `{"region_id": "a", "RegionId": "b"}`, `{"region_id": "a", "RegionId": "b"}`},
		{"two names that are one", `{"region_id": "a", "regionId": "b"}`, `{"RegionId": "a", "regionId": "b"}`},
		{"an alias", `{"HealthCheckConfig": {"Enable": "True", "Dip":"10.0.0.1"}}`, `{"HealthCheckConfig": {"enable": true, "dip":"10.0.0.1"}}`},
		{"JSON text", `{"IkeConfig": "{\"ike_version\": \"2\", \"Psk\": \"\u00e4\ud83d\ude00\\u0062\\\"<\", \"IkeLifetime\":\"8h\"}"}`,
			`{"IkeConfig": "{\"IkeVersion\": \"ikev2\", \"Psk\": \"\u00e4\ud83d\ude00\\u0062\\\"<\", \"IkeLifetime\":28800}"}`},
		{"lists", `{"LocalSubnet": "10.0.0.0/8 10.1.0.0/16", "RemoteSubnet": [ "10.2.0.0/16" ]}`, `{"LocalSubnet": "10.0.0.0/8,10.1.0.0/16", "RemoteSubnet": [ "10.2.0.0/16" ]}`},
		{"flattened, on one line", `{"RegionId": "cn-hangzhou", "TunnelOptionsSpecification.1.TunnelIndex": 1, "Name": "a", "TunnelOptionsSpecification.1.TunnelIkeConfig.Psk": "FlatKeyFromCli0123456"}`,
			`{"RegionId": "cn-hangzhou", "TunnelOptionsSpecification": [{"TunnelIndex": 1, "TunnelIkeConfig": {"Psk": "FlatKeyFromCli0123456"}}], "Name": "a"}`},
		{"flattened, without blanks", `{"TunnelOptionsSpecification.2.TunnelIndex":"2","TunnelOptionsSpecification.2.EnableDpd":"true"}`, `{"TunnelOptionsSpecification":[{"TunnelIndex":2,"EnableDpd":true}]}`},
		{"flattened, on lines", "{\n  \"tunnel_options_specification.2.tunnel_index\": 2,\n  \"RegionId\": \"r\",\n  \"tunnel_options_specification.1.tunnel_index\": 1,\n  \"tunnel_options_specification.1.tunnel_ipsec_config.ipsec_pfs\": \"DH14\"\n}\n",
			"{\n  \"TunnelOptionsSpecification\": [\n    {\n      \"TunnelIndex\": 1,\n      \"TunnelIpsecConfig\": {\n        \"IpsecPfs\": \"group14\"\n      }\n    },\n    {\n      \"TunnelIndex\": 2\n    }\n  ],\n  \"RegionId\": \"r\"\n}\n"},
		{"flattened objects", `{"IkeConfig.IkePfs": "DH14", "IkeConfig.Psk": "fYx3tQpL8sVw2NdK"}`, `{"IkeConfig": {"IkePfs": "group14", "Psk": "fYx3tQpL8sVw2NdK"}}`},
		{"flattened beside the object", "{\n\t\"IkeConfig.IkePfs\": 14,\n\t\"ike_config.psk\": \"fYx3tQpL8sVw2NdK\",\n\t\"Name\": \"a\",\n\t\"ike_config\": {\n\t\t\"IkeVersion\": \"ikev2\"\n\t},\n\t\"IkeConfig.IkeMode\": \"Main\"\n}",
			"{\n\t\"Name\": \"a\",\n\t\"IkeConfig\": {\n\t\t\"IkeVersion\": \"ikev2\",\n\t\t\"IkePfs\": \"group14\",\n\t\t\"Psk\": \"fYx3tQpL8sVw2NdK\",\n\t\t\"IkeMode\": \"main\"\n\t}\n}"},
		{"flattened beside an empty object", `{"IkeConfig":{},"IkeConfig.IkePfs":14}`, `{"IkeConfig":{"IkePfs":"group14"}}`},
		{"flattened beside the array", `{"TunnelOptionsSpecification": [], "TunnelOptionsSpecification.1.TunnelIndex": 1}`, `{"TunnelOptionsSpecification": [], "TunnelOptionsSpecification.1.TunnelIndex": 1}`},
		{"flattened twice", `{"TunnelOptionsSpecification.1.TunnelIndex": 1, "TunnelOptionsSpecification[0].TunnelIndex": 1}`, `{"TunnelOptionsSpecification.1.TunnelIndex": 1, "TunnelOptionsSpecification[0].TunnelIndex": 1}`},
		{"flattened within a tunnel", `{"TunnelOptionsSpecification": [{"tunnel_index": "1", "TunnelIkeConfig.ike_pfs": "modp2048"}]}`, `{"TunnelOptionsSpecification": [{"TunnelIndex": 1, "TunnelIkeConfig": {"IkePfs": "group14"}}]}`},
	} {
		got, applied := fix.Apply(tt.document, nil, "", "")
		if got != tt.want {
			t.Errorf("%s:\ngot  %s\nwant %s", tt.name, got, tt.want)
		}
		if (len(applied) > 0) != (got != tt.document) {
			t.Errorf("%s: applied %s", tt.name, applied.AppendJSON(nil))
		}
	}
	const two = `{"EnableDpd": "yes", "EnableNatTraversal": "no"}`
	if got, _ := fix.Apply(two, nil, "", "EnableNatTraversal"); got != `{"EnableDpd": "yes", "EnableNatTraversal": false}` {
		t.Errorf("only one: got %s", got)
	}
}

// FuzzFix: whatever the text, mending ends, gives JSON for JSON, loses no key, and finds
// nothing to do in what it has mended.
func FuzzFix(f *testing.F) {
	for _, s := range []string{
		`{"region_id":"r","ike_config":{"psk":"a\u0062","ike_enc_alg":"AES-256"},"EnableDpd":"On"}`,
		`{"IkeConfig":"{\"psk\":\"\\u0061\",\"IkePfs\":14}","TunnelOptionsSpecification.1.TunnelIkeConfig.Psk":"k","IkeConfig.Psk":"b"}`,
		"{\n \"TunnelOptionsSpecification\": [{\"TunnelIkeConfig.Psk\": \"x\", \"tunnel_ike_config\": {}}]\n}",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, document string) {
		fixed, applied := fix.Apply(document, nil, "", "")
		if !json.Valid([]byte(strings.TrimPrefix(document, "\ufeff"))) {
			if fixed != document && !json.Valid([]byte(strings.TrimPrefix(fixed, "\ufeff"))) {
				t.Fatalf("%q becomes %q", document, fixed)
			}
			return
		}
		if !json.Valid([]byte(strings.TrimPrefix(fixed, "\ufeff"))) {
			t.Fatalf("%q becomes %q, which is not JSON", document, fixed)
		}
		if (len(applied) == 0) != (fixed == document) {
			t.Errorf("%q becomes %q with %s", document, fixed, applied.AppendJSON(nil))
		}
		if again, more := fix.Apply(fixed, nil, "", ""); again != fixed || len(more) > 0 {
			t.Errorf("%q becomes %q, and that %q", document, fixed, again)
		}
		if before, after := secretsIn(document), secretsIn(fixed); !slices.Equal(before, after) {
			t.Errorf("%q becomes %q: the keys are %q, then %q", document, fixed, before, after)
		}
	})
}

// secretsIn returns what is written for members that are keys by name.
func secretsIn(document string) (secrets []string) {
	var walk func(v gjson.Result)
	walk = func(v gjson.Result) {
		if v.Type == gjson.String && gjson.Valid(v.Str) {
			walk(gjson.Parse(v.Str))
		}
		if !v.IsObject() && !v.IsArray() {
			return
		}
		v.ForEach(func(key, value gjson.Result) bool {
			if strings.HasSuffix(strings.ToLower(key.Str), "psk") {
				secrets = append(secrets, value.Raw)
			}
			walk(value)
			return true
		})
	}
	walk(gjson.Parse(strings.TrimPrefix(document, "\ufeff")))
	slices.Sort(secrets)
	return secrets
}

// TestFixShowsNoKey: what is told of what was mended holds no key.
func TestFixShowsNoKey(t *testing.T) {
	t.Parallel()
	const key = "fYx3tQpL8sVw2NdKzR6mHb4c"
	_, applied := fix.Apply(`{"ike_config":{"psk":"`+key+`"},"TunnelOptionsSpecification.1.TunnelIkeConfig.Psk":"`+key+`"}`, nil, "", "")
	if text := string(applied.AppendJSON(nil)); len(applied) != 3 || strings.Contains(text, key) {
		t.Errorf("got %s", strings.ReplaceAll(text, key, "(the key)"))
	}
	for _, f := range applied {
		if f.Fix == (finding.Fix{}) {
			t.Errorf("%s has no fix", f.Path)
		}
	}
}

// TestFixJSON: text that is not JSON is mended where each fault has one possible meaning,
// with what is to be written otherwise; else it stays as it is.
func TestFixJSON(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ in, want string }{
		{`{“RegionId”: 'cn-hangzhou', VpnConnectionId: "vco-a", "EnableDpd": True, // on
}`, `{"RegionId": "cn-hangzhou", "VpnConnectionId": "vco-a", "EnableDpd": true 
}`},
		{`{"RegionId": "cn-hangzhou", "vpn_connection_id": "vco-a", "Name": "a",}`, `{"RegionId": "cn-hangzhou", "VpnConnectionId": "vco-a", "Name": "a"}`},
		{`{"RegionId": "cn-hangzhou", Name: yes,}`, ""},
		{`{"RegionId": "cn-hangzhou",`, ""},
	} {
		got, applied := fix.Apply(tt.in, nil, "", "")
		if tt.want == "" && (got != tt.in || len(applied) > 0) || tt.want != "" && (got != tt.want || len(applied) == 0) {
			t.Errorf("%s: got %s with %d fixes", tt.in, got, len(applied))
		}
	}
}

// TestJSON: a document of any kind is mended, however many faults it has, and what it says
// stays as it is.
func TestJSON(t *testing.T) {
	t.Parallel()
	var in, want strings.Builder
	in.WriteString("\ufeff[\r\n")
	want.WriteString("\ufeff[\r\n")
	for i := range finding.Most {
		fmt.Fprintf(&in, "{‘pre_shared_key’: “KeyOfATest%d”, 'region_id': None,},", i)
		fmt.Fprintf(&want, `{"pre_shared_key": "KeyOfATest%d", "region_id": null},`, i)
	}
	in.WriteString("]")
	got, faults := fix.JSON(strings.ReplaceAll(strings.ReplaceAll(in.String(), "‘", "'"), "’", "'"))
	if whole := strings.TrimSuffix(want.String(), ",") + "]"; got != whole || len(faults) != finding.Most {
		t.Errorf("got %.200s with %d faults, want %.200s", got, len(faults), whole)
	}
	if strings.Contains(string(faults.AppendJSON(nil)), "KeyOfATest") {
		t.Error("a fault shows a key")
	}
	for _, stays := range []string{`{"a": 1}`, `{"a": `, `{"a": 1,} and more`, "", "prose"} {
		if got, faults := fix.JSON(stays); got != stays || len(faults) > 0 {
			t.Errorf("%s: got %s with %d faults", stays, got, len(faults))
		}
	}
}
