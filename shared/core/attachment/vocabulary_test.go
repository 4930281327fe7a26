package attachment_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/finding"
)

// fixOf returns the finding's fix as JSON, with what its hint says.
func fixOf(t *testing.T, members string) (fix, hint string) {
	t.Helper()
	found := attachment.Validate(attachment.Parse(change(members), attachment.FromEvent), nil, "")
	if !found.HasError() {
		t.Errorf("%s: no error", members)
	}
	for i := range found {
		if f := &found[i]; f.Severity == finding.Error {
			return gjson.GetBytes(f.AppendJSON(nil), "fix").Raw, f.Hint
		}
	}
	return "", ""
}

// TestVocabulary holds which value is to be written for the words of other tools.
func TestVocabulary(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ words, parameter, value string }{
		{`"AES-256" "AES_CBC_256" "aes-256-cbc" "AES256" "Aes 256" "aes256 "`, "IkeConfig.IkeEncAlg", `"aes256"`},
		{`"aes128" "AES-128" "aes-128-cbc" "AES_CBC_128" "AES" "esp-aes" "128-bit AES (CBC)"`, "IpsecConfig.IpsecEncAlg", `"aes"`},
		{`"AES192" "aes-192-cbc"`, "IkeConfig.IkeEncAlg", `"aes192"`},
		{`"3DES-CBC" "DES3"`, "IkeConfig.IkeEncAlg", `"3des"`},
		{`"AES-256-GCM" "256-bit AES (GCM)" "aes256ctr" "aes256-sha256" "esp-gcm 256" "aes256gcm16" "GCMAES256" "chacha20poly1305" "aes-512"`, "IkeConfig.IkeEncAlg", ""},
		{`"SHA2-256" "sha2_256" "HMAC-SHA256" "hmac-sha256" "SHA-256" "HMAC_SHA2_256_128" "SHA-256 HMAC" "esp-sha256-hmac"`, "IkeConfig.IkeAuthAlg", `"sha256"`},
		{`"SHA2-384" "hmac-sha384"`, "IpsecConfig.IpsecAuthAlg", `"sha384"`},
		{`"SHA" "SHA-1" "HMAC-SHA1-96"`, "IpsecConfig.IpsecAuthAlg", `"sha1"`},
		{`"SHA3-256" "aesxcbc" "sha256_96" "sha1_160" "md5_128" "prfsha256"`, "IpsecConfig.IpsecAuthAlg", ""},
		{`"14" 14 "DH14" "group 14" "Group-14" "modp2048" "MODP_2048" "DHGroup14" "DHGroup2048" "PFS14" "PFS2048" "Group 14"`, "IkeConfig.IkePfs", `"group14"`},
		{`"2" 2 "DH2" "modp1024" "PFS2"`, "IpsecConfig.IpsecPfs", `"group2"`},
		{`"none" "None" "off" false "modpnone" "disable"`, "IpsecConfig.IpsecPfs", `"disabled"`},
		{`"none" "PFSMM" "PFS24" "DHGroup24" "modp2048s256" "PFS5" "enable" "group24" "24" 24 "ecp256" "1-4" "1.4" 1.4 "-1" -1`, "IkeConfig.IkePfs", ""},
		{`"IKEv2" "2" 2 "v2" "IKE-v2"`, "IkeConfig.IkeVersion", `"ikev2"`},
		{`"IKEv3" "3" 2.5 true`, "IkeConfig.IkeVersion", ""},
		{`"Main" "main mode"`, "IkeConfig.IkeMode", `"main"`},
		{`"On" "on" "yes" "YES" "TRUE" 1 "1" "enabled"`, "EnableDpd", "true"},
		{`"Off" "no" 0 "disable"`, "EnableDpd", "false"},
		{`"maybe" 2 "10" 1.0 [] {}`, "EnableDpd", ""},
		{`"8h" "8 hours" "480m" "28800s" "28800 seconds"`, "IkeConfig.IkeLifetime", "28800"},
		{`"-8h" "1.5h" "2d" "0h" "8x" "h" "1h30m" "99999999999d"`, "IkeConfig.IkeLifetime", ""},
		{`"10s"`, "HealthCheckConfig.interval", "10"},
		{`"3s"`, "HealthCheckConfig.retry", ""},
		{`"Private"`, "NetworkType", `"private"`},
	} {
		for _, word := range wordsOf(tt.words) {
			members := `"` + tt.parameter + `":` + word
			if object, field, ok := strings.Cut(tt.parameter, "."); ok {
				members = `"` + object + `":{"` + field + `":` + word + `}`
			}
			want := ""
			if tt.value != "" {
				want = `{"value":` + tt.value + `}`
			}
			fix, hint := fixOf(t, members)
			if says := "write it " + strings.Trim(tt.value, `"`); fix != want || strings.HasPrefix(hint, says) != (want != "") {
				t.Errorf("%s: got %s and %s, want %s", members, fix, hint, want)
			}
		}
	}
	if _, hint := fixOf(t, `"IkeConfig":{"IkeEncAlg":"aes128"}`); hint != "write it aes (128 bits)" {
		t.Errorf("got %s", hint)
	}
}

// wordsOf splits JSON values that blanks separate.
func wordsOf(s string) (words []string) {
	for rest := strings.TrimSpace(s); rest != ""; rest = strings.TrimSpace(rest) {
		n := strings.IndexByte(rest+" ", ' ')
		if rest[0] == '"' {
			n = strings.IndexByte(rest[1:], '"') + 2
		}
		words, rest = append(words, rest[:n]), rest[n:]
	}
	return words
}

// TestRenamed holds which names are known in another spelling, and where a flattened
// one belongs.
func TestRenamed(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"local_subnet":                 "LocalSubnet",
		"localSubnet":                  "LocalSubnet",
		"enable_dpd":                   "EnableDpd",
		"ike_config":                   "IkeConfig",
		"ike-config":                   "IkeConfig",
		"tunnel_options_specification": "TunnelOptionsSpecification",
		"vco_health_check":             "HealthCheckConfig",
		"IkeConfig.Psk":                "IkeConfig.Psk",
		"ike_config.ike_lifetime":      "IkeConfig.IkeLifetime",
		"TunnelOptionsSpecification.1.TunnelIndex":             "TunnelOptionsSpecification[0].TunnelIndex",
		"TunnelOptionsSpecification.2.TunnelIkeConfig.Psk":     "TunnelOptionsSpecification[1].TunnelIkeConfig.Psk",
		"TunnelOptionsSpecification[1].TunnelIkeConfig":        "TunnelOptionsSpecification[1].TunnelIkeConfig",
		"tunnel_options_specification.1.tunnel_ike_config.psk": "TunnelOptionsSpecification[0].TunnelIkeConfig.Psk",
		"TunnelOptionsSpecification.0.TunnelIndex":             "",
		"TunnelOptionsSpecification.3.TunnelIndex":             "",
		"TunnelOptionsSpecification.1":                         "",
		"TunnelOptionsSpecification.TunnelIndex":               "",
		"TunnelOptionsSpecification[0]":                        "",
		"TunnelOptionsSpecification.1.Nonsense":                "",
		"RegionId.a":                                           "",
		"IkeConfig.":                                           "",
		"nonsense":                                             "",
		"":                                                     "",
	} {
		fix, hint := fixOf(t, `"`+name+`":1`)
		if got := gjson.Get(fix, "name").Str; got != want || want != "" && !strings.HasSuffix(hint, want) {
			t.Errorf("%s: got %s and %s, want %s", name, got, hint, want)
		}
	}
	if fix, _ := fixOf(t, `"IkeConfig":{"ike_lifetime":3600}`); fix != `{"name":"IkeLifetime"}` {
		t.Errorf("got %s", fix)
	}
	if _, hint := fixOf(t, `"TunnelOptionsSpecification.1.TunnelIndex":1`); !strings.Contains(hint, "an array of objects, item 1 for .1") {
		t.Errorf("got %s", hint)
	}
}

// FuzzVocabulary holds that a fix is one of the parameter's values, and that a word
// which is not known is not told.
func FuzzVocabulary(f *testing.F) {
	for _, s := range []string{"AES_CBC_256", "14", "8h", "On", "TunnelOptionsSpecification.1.TunnelIkeConfig.Psk"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		text := string(gjson.AppendJSONString(nil, s))
		document := change(text + `:1,"EnableDpd":` + text + `,"IkeConfig":{"IkeEncAlg":` + text + `,"IkePfs":` + text + `,"IkeLifetime":` + text + `}`)
		for _, found := range attachment.Validate(attachment.Parse(document, attachment.FromEvent), nil, "") {
			value := gjson.Parse(found.Fix.Value)
			switch {
			case found.Fix == finding.Fix{} || found.Fix.Name != "":
			case found.Path == "EnableDpd" && !value.IsBool(), found.Path == "IkeConfig.IkeLifetime" && value.Type != gjson.Number,
				found.Path == "IkeConfig.IkeEncAlg" && !slices.Contains([]string{"aes", "aes192", "aes256", "des", "3des"}, value.Str),
				found.Path == "IkeConfig.IkePfs" && !slices.Contains([]string{"group1", "group2", "group5", "group14"}, value.Str):
				t.Errorf("%s: got the fix %s at %s", text, found.Fix.Value, found.Path)
			}
		}
	})
}
