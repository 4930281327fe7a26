package attachment_test

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/finding"
)

// address starts a change document.
const address = `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localsingle"`

// change completes a change document with members.
func change(members string) string {
	if members != "" {
		members = "," + members
	}
	return address + members + "}"
}

// tunnels makes a change document of items of TunnelOptionsSpecification.
func tunnels(items ...string) string {
	return change(`"TunnelOptionsSpecification":[` + strings.Join(items, ",") + `]`)
}

const goodPSK = `"Psk":"fYx3tQpL8sVw2NdKzR6mHb4c"`

func mustCurrent(tb testing.TB, name string) *attachment.Current {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "current", name))
	if err != nil {
		tb.Fatal(err)
	}
	current, err := attachment.ParseCurrent(string(data))
	if err != nil {
		tb.Fatal(err)
	}
	return current
}

// brief renders findings as "severity check path", one a line.
func brief(findings finding.Findings) []string {
	var lines []string
	for _, f := range findings {
		lines = append(lines, strings.TrimRight(f.Severity.String()+" "+f.Check+" "+f.Path, " "))
	}
	return lines
}

var cases = []struct {
	name    string
	change  string
	current string // a file of testdata/current
	peer    string
	rule    bool // the document comes from a rule
	omit    bool // masked keys are left out
	want    []string
}{
	{name: "identities with a prefix", change: change(`"IkeConfig":{` + goodPSK + `,"LocalId":"2001:db8::1/128","RemoteId":"203.0.113.7/32"}`), want: []string{
		"warning object-partial IkeConfig", "warning identity-has-prefix IkeConfig.LocalId", "warning identity-has-prefix IkeConfig.RemoteId"}},
	{name: "identities without one", change: change(`"IkeConfig":{` + goodPSK + `,"LocalId":"a/24","RemoteId":"203.0.113.7"}`), want: []string{"warning object-partial IkeConfig"}},
	{name: "clean single", change: change(`"Name":"site-a","LocalSubnet":"10.1.1.0/24,10.1.2.0/24","RemoteSubnet":"10.2.0.0/16","EnableDpd":true`)},
	{name: "part of a tunnel", change: tunnels(`{"TunnelIndex":1,"EnableDpd":true}`), want: []string{"warning object-partial TunnelOptionsSpecification[0]"}},
	{name: "tunnel without fields", change: tunnels(`{"TunnelIndex":1}`), want: []string{"warning empty-object TunnelOptionsSpecification[0]"}},
	{name: "tunnel that is none", change: tunnels(`null`, `"1"`), want: []string{"error null-value TunnelOptionsSpecification[0]", "error wrong-type TunnelOptionsSpecification[1]"}},
	{name: "answer's form of tunnels", change: change(`"TunnelOptionsSpecification":{"TunnelOptions":[]}`), want: []string{"error wrong-type TunnelOptionsSpecification"}},
	{name: "ASN as a fraction", change: change(`"BgpConfig":{"LocalAsn":65010.0}`), want: []string{"warning object-partial BgpConfig", "error wrong-type BgpConfig.LocalAsn"}},
	{name: "empty text", change: change(`"LocalSubnet":"","EnableDpd":"","NetworkType":"","IpsecConfig":{"IpsecLifetime":""},"HealthCheckConfig":{"dip":"","interval":""}`), want: []string{
		"error empty-text LocalSubnet", "error empty-text EnableDpd", "error empty-text NetworkType", "warning object-partial IpsecConfig", "error empty-text IpsecConfig.IpsecLifetime",
		"warning object-partial HealthCheckConfig", "error empty-text HealthCheckConfig.dip", "error empty-text HealthCheckConfig.interval"}},
	{name: "minus zero", change: change(`"IpsecConfig":{"IpsecLifetime":-0}`), want: []string{"warning object-partial IpsecConfig", "error wrong-type IpsecConfig.IpsecLifetime"}},
	{name: "half a surrogate pair", change: change(`"Name":"a\ud800b"`), want: []string{"warning replacement-character Name"}},
	{name: "bidirectional control", change: change(`"Name":"a\u202eb","IpsecConfig":{"IpsecPfs":"\u2066group14"}`), want: []string{"warning bidi-control Name", "warning object-partial IpsecConfig", "warning bidi-control IpsecConfig.IpsecPfs", "error value-not-allowed IpsecConfig.IpsecPfs"}},
	{name: "more findings than are told", change: change(strings.Repeat(`"Nmae":1,`, 100) + `"Name":"***","LocalSubnet":"x"`), want: append(slices.Repeat([]string{"error unknown-parameter Nmae"}, 100), "error findings-left-out")},
	{name: "nothing but asterisks", change: change(`"Name":"*","IkeConfig":{"LocalId":"****","IkePfs":"***"},"HealthCheckConfig":{"dip":"***"}`), want: []string{
		"error text-is-a-mask Name", "warning ike-without-psk IkeConfig", "error text-is-a-mask IkeConfig.LocalId", "error text-is-a-mask IkeConfig.IkePfs",
		"warning object-partial HealthCheckConfig", "error health-ip-malformed HealthCheckConfig.dip"}},
	{name: "empty ids", change: `{"RegionId":"","VpnConnectionId":"","CustomerGatewayId":"","Name":"a"}`, want: []string{"error text-length RegionId", "error text-length VpnConnectionId", "error text-length CustomerGatewayId"}},
	{name: "nothing but a mask", change: change(`"IkeConfig":{"Psk":"****"}`), want: []string{"warning object-partial IkeConfig", "error psk-is-a-mask IkeConfig.Psk"}},
	{name: "not JSON", change: `{"RegionId":`, want: []string{"error json-invalid"}},
	{name: "an array", change: `[]`, want: []string{"error wrong-type", "error missing-parameter RegionId", "error missing-parameter VpnConnectionId"}},
	{name: "wrong types", change: change(`"Name":5,"EnableDpd":"yes","LocalSubnet":7,"IkeConfig":[],"BgpConfig":{"LocalAsn":1.5e3}`), want: []string{
		"error wrong-type Name", "error wrong-type EnableDpd", "error wrong-type LocalSubnet", "error wrong-type IkeConfig", "warning object-partial BgpConfig", "error wrong-type BgpConfig.LocalAsn"}},
	{name: "null", change: change(`"Name":null,"IkeConfig":null`), want: []string{"error null-value Name", "error null-value IkeConfig"}},
	{name: "tunnels not an array", change: change(`"TunnelOptionsSpecification":"[]"`), want: []string{"error wrong-type TunnelOptionsSpecification"}},
	{name: "nested text", change: change(`"IpsecConfig":"{\"IpsecEncAlg\":\"aes\",\"IpsecAuthAlg\":\"sha256\",\"IpsecPfs\":\"group14\",\"IpsecLifetime\":3600}"`)},
	{name: "nested text broken", change: change(`"IkeConfig":"{Psk:1}"`), want: []string{"error nested-json-invalid IkeConfig"}},
	{name: "unknown names", change: change(`"RemoteSubnets":"10.0.0.0/8","VpnBgpConfig":{},"IkeConfig":{` + goodPSK + `,"IkeVersoin":"ikev2"}`), want: []string{
		"error unknown-parameter RemoteSubnets", "error unknown-parameter VpnBgpConfig", "warning object-partial IkeConfig", "error unknown-parameter IkeConfig.IkeVersoin"}},
	{name: "unknown in a tunnel", change: tunnels(`{"TunnelIndex":1,"TunnelIkeConf":{}}`), want: []string{"warning empty-object TunnelOptionsSpecification[0]", "error unknown-parameter TunnelOptionsSpecification[0].TunnelIkeConf"}},
	{name: "twice", change: change(`"Name":"a","Name":"b","HealthCheckConfig":{"dip":"10.0.0.1","Dip":"10.0.0.2"}`), want: []string{
		"error duplicate-parameter Name", "warning object-partial HealthCheckConfig", "error duplicate-parameter HealthCheckConfig.dip"}},
	{name: "empty object", change: change(`"BgpConfig":{}`), want: []string{"warning empty-object BgpConfig"}},
	{name: "no tunnel", change: tunnels(), want: []string{"warning empty-object TunnelOptionsSpecification"}},
	{name: "aliases", change: change(`"IkeConfig":{` + goodPSK + `,"LocalIdIPsec":"10.0.0.1"},"HealthCheckConfig":{"Enable":"false","policy":"revoke_route"}`), want: []string{
		"warning object-partial IkeConfig", "info alias-used IkeConfig.LocalId", "warning object-partial HealthCheckConfig", "info alias-used HealthCheckConfig.enable", "info alias-used HealthCheckConfig.Policy"}},
	{name: "normalised", change: change(`"EnableDpd":"true","LocalSubnet":["10.0.0.0/16","10.1.0.0/16"],"RemoteSubnet":"10.3.0.0/16, 10.4.0.0/16","BgpConfig":{"LocalAsn":"123.456"},"IpsecConfig":{"IpsecLifetime":"3600"}`), want: []string{
		"info normalised EnableDpd", "info normalised RemoteSubnet", "warning object-partial BgpConfig", "info normalised BgpConfig.LocalAsn", "warning asn-not-private BgpConfig.LocalAsn", "warning object-partial IpsecConfig", "info normalised IpsecConfig.IpsecLifetime"}},
	{name: "reference in an event", change: change(`"IkeConfig":{"Psk":"{{resolve:secretsmanager:vpn/a:SecretString:psk}}"}`), want: []string{"warning object-partial IkeConfig", "error reference-in-event IkeConfig.Psk"}},
	{name: "reference of a rule", rule: true, change: change(`"IkeConfig":{"Psk":"{{resolve:secretsmanager:vpn/a:SecretString:psk}}"},"Name":"{{resolve:secretsmanager:vpn/a}}"`), want: []string{"warning object-partial IkeConfig", "error reference-misplaced Name"}},

	{name: "no identifiers", change: `{"Name":"a"}`, want: []string{"error missing-parameter RegionId", "error missing-parameter VpnConnectionId"}},
	{name: "nothing to change", change: change(""), want: []string{"warning change-empty"}},
	{name: "values not allowed", change: change(`"NetworkType":"Public","IkeConfig":{` + goodPSK + `,"IkePfs":"disabled"},"IpsecConfig":{"IpsecPfs":"group24"}`), want: []string{
		"error value-not-allowed NetworkType", "warning object-partial IkeConfig", "error value-not-allowed IkeConfig.IkePfs", "warning object-partial IpsecConfig", "error value-not-allowed IpsecConfig.IpsecPfs"}},
	{name: "out of range", change: change(`"IpsecConfig":{"IpsecLifetime":86401},"BgpConfig":{"LocalAsn":"0"},"HealthCheckConfig":{"retry":-1}`), want: []string{
		"warning object-partial IpsecConfig", "error out-of-range IpsecConfig.IpsecLifetime", "warning object-partial BgpConfig", "error out-of-range BgpConfig.LocalAsn", "warning object-partial HealthCheckConfig", "error out-of-range HealthCheckConfig.retry"}},
	{name: "text length", change: change(`"Name":"","IkeConfig":{"Psk":"","LocalId":"` + strings.Repeat("a", 101) + `"}`), want: []string{
		"error text-length Name", "warning object-partial IkeConfig", "error text-length IkeConfig.Psk", "error text-length IkeConfig.LocalId"}},
	{name: "characters are not bytes", change: change(`"Name":"` + strings.Repeat("名", 100) + `"`)},
	{name: "placeholders", change: `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-p0w5112fgnl2ihlmf****","Name":"a"}`, want: []string{"error placeholder-id VpnConnectionId"}},
	{name: "blank in an id", change: change(`"CustomerGatewayId":"cgw-1 "`), want: []string{"error contains-blank CustomerGatewayId"}},
	{name: "address form", change: `{"RegionId":"cn-hangzhou.evil.example","VpnConnectionId":"vpn-1","ClientToken":"a\tb","Name":"a"}`, want: []string{
		"error region-form RegionId", "warning connection-id-form VpnConnectionId", "error client-token-form ClientToken"}},
	{name: "client token too long", change: change(`"Name":"a","ClientToken":"` + strings.Repeat("a", 65) + `"`), want: []string{"warning client-token-long ClientToken"}},
	{name: "name is an address", change: change(`"Name":"https://a"`), want: []string{"error name-scheme Name"}},
	{name: "connection id with an umlaut", change: `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-lökal","Name":"a"}`, want: []string{"error connection-id-characters VpnConnectionId"}},
	{name: "connection id too long", change: `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-` + strings.Repeat("x", 125) + `","Name":"a"}`, want: []string{"error connection-id-characters VpnConnectionId"}},
	{name: "region with a host", change: `{"RegionId":"cn-hangzhou.evil.example","VpnConnectionId":"vco-localsingle","Name":"a"}`, want: []string{"error region-form RegionId"}},
	{name: "client token with a tab", change: change(`"Name":"a","ClientToken":"a\tb"`), want: []string{"error client-token-form ClientToken"}},
	{name: "name that is a mask", change: change(`"Name":"***"`), want: []string{"error text-is-a-mask Name"}},
	{name: "too large", change: change(`"LocalSubnet":"10.0.0.0/24","RemoteSubnet":"10.1.0.0/24` + strings.Repeat(",10.1.0.0/24", 20_000) + `"`), want: []string{"error change-too-large", "warning subnet-repeated RemoteSubnet", "warning findings-left-out"}},
	{name: "psk in JSON", change: change(`"IkeConfig":{"Psk":"{\"psk\":\"Tr0ub4dorKeyAbcd1234\"}"}`), want: []string{"warning object-partial IkeConfig", "error psk-not-a-key IkeConfig.Psk"}},
	{name: "psk blank", change: change(`"IkeConfig":{"Psk":"0123456789abcdef\n"}`), want: []string{"warning object-partial IkeConfig", "error contains-blank IkeConfig.Psk"}},
	{name: "psk characters", change: change(`"IkeConfig":{"Psk":"0123456789abcdefé"}`), want: []string{"warning object-partial IkeConfig", "error psk-characters IkeConfig.Psk"}},
	{name: "psk disputed", change: change(`"IkeConfig":{"Psk":"0123456789'abcdef"}`), want: []string{"warning object-partial IkeConfig", "warning psk-disputed-character IkeConfig.Psk"}},
	{name: "psk masked", change: change(`"IkeConfig":{"Psk":"1234****"}`), want: []string{"warning object-partial IkeConfig", "warning psk-masked IkeConfig.Psk"}},
	{name: "psk short", change: change(`"IkeConfig":{"Psk":"12345678"}`), want: []string{"warning object-partial IkeConfig", "warning psk-short IkeConfig.Psk"}},
	{name: "identity with a blank", change: change(`"IkeConfig":{` + goodPSK + `,"RemoteId":"site a"}`), want: []string{"warning object-partial IkeConfig", "error contains-blank IkeConfig.RemoteId"}},
	{name: "weak algorithms", change: change(`"IkeConfig":{` + goodPSK + `,"IkeVersion":"ikev1","IkeEncAlg":"des","IkeAuthAlg":"md5","IkePfs":"group1"},"IpsecConfig":{"IpsecEncAlg":"3des","IpsecAuthAlg":"sha1","IpsecPfs":"group5","IpsecLifetime":0}`), want: []string{
		"warning object-partial IkeConfig", "warning ikev1-deprecated IkeConfig.IkeVersion", "warning encryption-weak IkeConfig.IkeEncAlg", "warning authentication-weak IkeConfig.IkeAuthAlg", "warning dh-group-weak IkeConfig.IkePfs",
		"warning encryption-weak IpsecConfig.IpsecEncAlg", "warning authentication-weak IpsecConfig.IpsecAuthAlg", "warning dh-group-weak IpsecConfig.IpsecPfs", "warning lifetime-zero IpsecConfig.IpsecLifetime"}},
	{name: "reserved ASN", change: change(`"BgpConfig":{"LocalAsn":65535}`), want: []string{"warning object-partial BgpConfig", "warning asn-reserved BgpConfig.LocalAsn"}},
	{name: "tunnel CIDR malformed", change: change(`"BgpConfig":{"TunnelCidr":"169.254.11.0"}`), want: []string{"warning object-partial BgpConfig", "error tunnel-cidr-malformed BgpConfig.TunnelCidr"}},
	{name: "tunnel CIDR range", change: change(`"BgpConfig":{"TunnelCidr":"169.254.11.0/29"}`), want: []string{"warning object-partial BgpConfig", "error tunnel-cidr-range BgpConfig.TunnelCidr"}},
	{name: "tunnel CIDR reserved", change: change(`"BgpConfig":{"TunnelCidr":"169.254.6.0/30"}`), want: []string{"warning object-partial BgpConfig", "error tunnel-cidr-reserved BgpConfig.TunnelCidr"}},
	{name: "tunnel CIDR not canonical", change: change(`"BgpConfig":{"TunnelCidr":"169.254.11.1/30","LocalBgpIp":"169.254.11.1"}`), want: []string{"warning object-partial BgpConfig", "warning cidr-not-canonical BgpConfig.TunnelCidr"}},
	{name: "BGP address malformed", change: change(`"BgpConfig":{"LocalBgpIp":"169.254.11"}`), want: []string{"warning object-partial BgpConfig", "error bgp-ip-malformed BgpConfig.LocalBgpIp"}},
	{name: "BGP address outside", change: change(`"BgpConfig":{"TunnelCidr":"169.254.11.0/30","LocalBgpIp":"169.254.12.1"}`), want: []string{"warning object-partial BgpConfig", "error bgp-ip-outside BgpConfig.LocalBgpIp"}},
	{name: "BGP address at the edge", change: change(`"BgpConfig":{"TunnelCidr":"169.254.11.0/30","LocalBgpIp":"169.254.11.3"}`), want: []string{"warning object-partial BgpConfig", "warning bgp-ip-edge BgpConfig.LocalBgpIp"}},
	{name: "health check", change: change(`"HealthCheckConfig":{"enable":true,"dip":"a","interval":0}`), want: []string{
		"warning object-partial HealthCheckConfig", "warning health-check-incomplete HealthCheckConfig.enable", "error health-ip-malformed HealthCheckConfig.dip", "warning health-number-zero HealthCheckConfig.interval"}},
	{name: "effect alone", change: change(`"EffectImmediately":true`), want: []string{"warning effect-immediately-alone EffectImmediately"}},
	{name: "effect with more", change: change(`"EffectImmediately":true,"AutoConfigRoute":true`)},
	{name: "current: effect alone", current: "dual.json", change: change(`"EffectImmediately":true,"Name":"site-b"`), want: []string{"warning effect-immediately-alone EffectImmediately"}},
	{name: "current: effect with more", current: "dual.json", change: change(`"EffectImmediately":true,"Name":"other"`), want: []string{"warning both-tunnels-at-once EffectImmediately"}},
	{name: "current: effect and both at once", current: "dual.json", change: change(`"EffectImmediately":true,"TunnelOptionsSpecification":[{"TunnelIndex":1,"EnableDpd":false},{"TunnelIndex":2,"EnableDpd":false}]`), want: []string{"warning both-tunnels-at-once EffectImmediately"}},
	{name: "current: effect with more, one tunnel", current: "single.json", change: change(`"EffectImmediately":true,"Name":"other"`)},
	{name: "current: two items, one difference", current: "dual-now.json", change: tunnels(`{"TunnelIndex":1,"EnableDpd":true}`, `{"TunnelIndex":2,"EnableDpd":false}`)},
	{name: "current: effect as it is", current: "single.json", change: change(`"EffectImmediately":false`)},
	{name: "without effect", change: change(`"RemoteCaCert":"x","AutoConfigRoute":true,"OwnerAccount":"a"`), want: []string{"info no-effect RemoteCaCert", "info undocumented-parameter OwnerAccount"}},

	{name: "subnets malformed", change: change(`"LocalSubnet":"10.0.0.0/8,,10.0.0.1,x"`), want: []string{"error subnet-malformed LocalSubnet", "error subnet-malformed LocalSubnet", "error subnet-malformed LocalSubnet"}},
	{name: "subnet IPv6", change: change(`"LocalSubnet":"2001:db8::/32"`), want: []string{"warning subnet-ipv6 LocalSubnet"}},
	{name: "subnet repeated with host bits", change: change(`"LocalSubnet":"10.1.0.9/24,10.1.0.9/24,10.1.0.9/24"`), want: []string{"warning cidr-not-canonical LocalSubnet", "warning subnet-repeated LocalSubnet"}},
	{name: "subnets doubtful", change: change(`"LocalSubnet":"10.1.0.0/16,10.1.0.0/16,10.1.2.0/24,10.3.0.1/24"`), want: []string{"warning cidr-not-canonical LocalSubnet", "warning subnet-repeated LocalSubnet", "warning subnet-overlap LocalSubnet"}},
	{name: "sides overlap", change: change(`"LocalSubnet":"10.1.0.0/16","RemoteSubnet":"10.0.0.0/16,10.1.9.0/24"`), want: []string{"warning subnets-overlap-sides RemoteSubnet"}},
	{name: "routing mode", change: change(`"LocalSubnet":"0.0.0.0/0","RemoteSubnet":"10.0.0.0/8"`), want: []string{"warning routing-mode-mixed RemoteSubnet"}},
	{name: "destination routing", change: change(`"LocalSubnet":"0.0.0.0/0","RemoteSubnet":"0.0.0.0/0"`)},

	{name: "modes mixed", change: change(`"EnableDpd":true,"EnableTunnelsBgp":true`), want: []string{"error modes-mixed EnableDpd", "warning tunnel-bgp-unknown EnableTunnelsBgp"}},
	{name: "BGP of both tunnels", change: change(`"EnableTunnelsBgp":true,"TunnelOptionsSpecification":[{"TunnelIndex":1,"TunnelBgpConfig":{"LocalAsn":64512,"TunnelCidr":"169.254.11.0/30","LocalBgpIp":"169.254.11.1"}},{"TunnelIndex":2,"TunnelBgpConfig":{"LocalAsn":64512,"TunnelCidr":"169.254.12.0/30","LocalBgpIp":"169.254.12.1"}}]`), want: []string{"warning object-partial TunnelOptionsSpecification[0]", "warning object-partial TunnelOptionsSpecification[1]"}},
	{name: "BGP off", change: change(`"EnableTunnelsBgp":false`)},
	{name: "role", change: tunnels(`{"TunnelIndex":1,"Role":"Master"}`), want: []string{"warning object-partial TunnelOptionsSpecification[0]", "info undocumented-parameter TunnelOptionsSpecification[0].Role", "error value-not-allowed TunnelOptionsSpecification[0].Role"}},
	{name: "role as it is", current: "dual.json", change: tunnels(`{"TunnelIndex":1,"Role":"master"}`), want: []string{"info undocumented-parameter TunnelOptionsSpecification[0].Role"}},
	{name: "an answer's word for none", change: change(`"Name":"a","IkeConfig":{"LocalId":"leftId-not-exist"}`), want: []string{"warning value-is-none IkeConfig.LocalId"}},
	{name: "an answer's word for none of a tunnel", change: tunnels(`{"TunnelIndex":1,"EnableDpd":true,"TunnelIkeConfig":{"LocalId":"leftId-not-exist"}}`), want: []string{"warning object-partial TunnelOptionsSpecification[0]", "warning value-is-none TunnelOptionsSpecification[0].TunnelIkeConfig.LocalId"}},
	{name: "unknown region", change: `{"RegionId":"cn-hangzou","VpnConnectionId":"vco-1","Name":"a"}`, want: []string{"warning region-unknown RegionId"}},
	{name: "newest regions", change: `{"RegionId":"ap-southeast-8","VpnConnectionId":"vco-1","Name":"a"}`},
	{name: "objects and tunnels mixed", change: change(`"TunnelOptionsSpecification":[{"TunnelIndex":1,"EnableDpd":true}],"IkeConfig":{` + goodPSK + `}`), want: []string{"warning object-partial TunnelOptionsSpecification[0]", "warning object-partial IkeConfig", "error modes-mixed IkeConfig"}},
	{name: "three tunnels", change: tunnels(`{"TunnelIndex":1}`, `{"TunnelIndex":2}`, `{"TunnelIndex":3}`), want: []string{
		"error too-many-tunnels TunnelOptionsSpecification", "warning empty-object TunnelOptionsSpecification[0]", "warning empty-object TunnelOptionsSpecification[1]"}},
	{name: "tunnel index", change: tunnels(`{"TunnelIndex":3,"EnableDpd":true}`), want: []string{"warning object-partial TunnelOptionsSpecification[0]", "error out-of-range TunnelOptionsSpecification[0].TunnelIndex"}},
	{name: "tunnel unnamed", change: tunnels(`{"EnableDpd":true}`), want: []string{"error tunnel-unnamed TunnelOptionsSpecification[0]"}},
	{name: "tunnel repeated", change: tunnels(`{"TunnelIndex":1}`, `{"TunnelIndex":"1"}`), want: []string{"warning empty-object TunnelOptionsSpecification[0]", "warning empty-object TunnelOptionsSpecification[1]", "error tunnel-repeated TunnelOptionsSpecification[1]", "info normalised TunnelOptionsSpecification[1].TunnelIndex"}},
	{name: "tunnel CIDR same", change: tunnels(`{"TunnelIndex":1,"TunnelBgpConfig":{"TunnelCidr":"169.254.11.0/30"}}`, `{"TunnelIndex":2,"TunnelBgpConfig":{"TunnelCidr":"169.254.11.0/30"}}`), want: []string{
		"warning object-partial TunnelOptionsSpecification[0]", "warning object-partial TunnelOptionsSpecification[0].TunnelBgpConfig", "warning object-partial TunnelOptionsSpecification[1]", "warning object-partial TunnelOptionsSpecification[1].TunnelBgpConfig", "error tunnel-cidr-same TunnelOptionsSpecification[1].TunnelBgpConfig.TunnelCidr"}},
	{name: "both at once", change: change(`"EffectImmediately":true,"TunnelOptionsSpecification":[{"TunnelIndex":1,"EnableDpd":true},{"TunnelIndex":2,"EnableDpd":true}]`), want: []string{"warning both-tunnels-at-once EffectImmediately", "warning object-partial TunnelOptionsSpecification[0]", "warning object-partial TunnelOptionsSpecification[1]"}},
	{name: "key left out", change: change(`"IkeConfig":{"IkeVersion":"ikev2"}`), want: []string{"warning ike-without-psk IkeConfig"}},
	{name: "aggressive", change: change(`"IkeConfig":{` + goodPSK + `,"IkeVersion":"ikev1","IkeMode":"aggressive"}`), want: []string{"warning object-partial IkeConfig", "warning ikev1-deprecated IkeConfig.IkeVersion", "warning aggressive-mode IkeConfig.IkeMode"}},
	{name: "FQDN in main mode", change: change(`"IkeConfig":{` + goodPSK + `,"IkeVersion":"ikev1","IkeMode":"main","RemoteId":"site-a.example"}`), want: []string{"warning object-partial IkeConfig", "warning ikev1-deprecated IkeConfig.IkeVersion", "warning fqdn-main-mode IkeConfig.RemoteId"}},

	{name: "current: clean", current: "single.json", change: change(`"IkeConfig":{"IkePfs":"group14"}`)},
	{name: "current: weaker algorithms", current: "dual.json", change: tunnels(`{"TunnelIndex":1,"TunnelIkeConfig":{"IkeEncAlg":"aes192","IkeAuthAlg":"sha1","IkePfs":"group14"}}`, `{"TunnelId":"tun-two","TunnelIpsecConfig":{"IpsecEncAlg":"3des","IpsecAuthAlg":"sha512","IpsecPfs":"disabled"}}`), want: []string{
		"warning algorithm-weaker TunnelOptionsSpecification[0].TunnelIkeConfig.IkeEncAlg", "warning authentication-weak TunnelOptionsSpecification[0].TunnelIkeConfig.IkeAuthAlg", "warning algorithm-weaker TunnelOptionsSpecification[0].TunnelIkeConfig.IkeAuthAlg",
		"warning encryption-weak TunnelOptionsSpecification[1].TunnelIpsecConfig.IpsecEncAlg", "warning algorithm-weaker TunnelOptionsSpecification[1].TunnelIpsecConfig.IpsecEncAlg", "warning algorithm-weaker TunnelOptionsSpecification[1].TunnelIpsecConfig.IpsecPfs"}},
	{name: "current: weaker and stronger ones", current: "single.json", change: change(`"IkeConfig":{"IkeEncAlg":"aes256","IkePfs":"group1"},"IpsecConfig":{"IpsecAuthAlg":"md5"}`), want: []string{
		"warning dh-group-weak IkeConfig.IkePfs", "warning algorithm-weaker IkeConfig.IkePfs", "warning authentication-weak IpsecConfig.IpsecAuthAlg", "warning algorithm-weaker IpsecConfig.IpsecAuthAlg"}},
	{name: "current: dual parameter", current: "single.json", change: tunnels(`{"TunnelIndex":1,"EnableDpd":true}`), want: []string{"error mode-mismatch TunnelOptionsSpecification"}},
	{name: "current: single parameter", current: "dual.json", change: change(`"EnableDpd":true`), want: []string{"error mode-mismatch EnableDpd"}},
	{name: "current: unknown tunnel", current: "dual.json", change: tunnels(`{"TunnelId":"tun-other","EnableDpd":true}`), want: []string{"error tunnel-unknown TunnelOptionsSpecification[0].TunnelId"}},
	{name: "current: known tunnel", current: "dual.json", change: tunnels(`{"TunnelId":"tun-two","EnableDpd":false}`)},
	{name: "current: id and index disagree", current: "dual.json", change: tunnels(`{"TunnelIndex":1,"TunnelId":"tun-two","EnableDpd":true}`), want: []string{"error tunnel-mismatch TunnelOptionsSpecification[0].TunnelId"}},
	{name: "current: same tunnel by id and index", current: "dual.json", change: tunnels(`{"TunnelIndex":2,"EnableDpd":true}`, `{"TunnelId":"tun-two","EnableDpd":true}`), want: []string{"error tunnel-repeated TunnelOptionsSpecification[1]"}},
	{name: "current: other tunnel's CIDR", current: "dual.json", change: tunnels(`{"TunnelIndex":2,"TunnelBgpConfig":{"TunnelCidr":"169.254.10.0/30","LocalBgpIp":"169.254.10.1"}}`), want: []string{"error tunnel-cidr-same TunnelOptionsSpecification[0].TunnelBgpConfig.TunnelCidr"}},
	{name: "current: BGP pair", current: "single.json", change: change(`"BgpConfig":{"TunnelCidr":"169.254.12.0/30"}`), want: []string{"error bgp-ip-outside BgpConfig.TunnelCidr"}},
	{name: "current: masked key", current: "masked.json", change: change(`"IkeConfig":{"IkePfs":"group14"}`), want: []string{"error psk-unknown IkeConfig"}},
	{name: "current: masked key, new one", current: "masked.json", change: change(`"IkeConfig":{"IkePfs":"group14",` + goodPSK + `}`)},
	{name: "current: masked key, nothing differs", current: "masked.json", change: change(`"IkeConfig":{"IkePfs":"group2"}`), want: []string{"warning dh-group-weak IkeConfig.IkePfs"}},
	{name: "current: BGP without CIDR", current: "free.json", change: change(`"BgpConfig":{"EnableBgp":true}`), want: []string{"error tunnel-cidr-missing BgpConfig.EnableBgp", "error peer-asn-missing BgpConfig.EnableBgp"}},
	{name: "current: BGP over tunnels without CIDR", current: "dual-nobgp.json", change: change(`"EnableTunnelsBgp":true`), want: []string{
		"error tunnel-cidr-missing EnableTunnelsBgp", "error tunnel-cidr-missing EnableTunnelsBgp"}},
	{name: "current: block without address", current: "emptybgp.json", change: change(`"BgpConfig":{"TunnelCidr":"169.254.12.0/30"}`), want: []string{"warning bgp-half BgpConfig.TunnelCidr"}},
	{name: "current: address without block", current: "dual-nobgp.json", change: tunnels(`{"TunnelIndex":2,"TunnelBgpConfig":{"LocalBgpIp":"169.254.12.1"}}`), want: []string{"warning bgp-half TunnelOptionsSpecification[0].TunnelBgpConfig.LocalBgpIp"}},
	{name: "current: block and address", current: "dual-nobgp.json", change: tunnels(`{"TunnelIndex":2,"TunnelBgpConfig":{"LocalBgpIp":"169.254.12.1","TunnelCidr":"169.254.12.0/30"}}`)},
	{name: "current: half a pair, not changed", current: "emptybgp.json", change: change(`"BgpConfig":{"LocalAsn":64512}`)},
	{name: "current: block with a faulty address", current: "emptybgp.json", change: change(`"BgpConfig":{"TunnelCidr":"169.254.12.0/30","LocalBgpIp":"169.254"}`), want: []string{"error bgp-ip-malformed BgpConfig.LocalBgpIp"}},
	{name: "current: BGP with an empty CIDR", current: "emptybgp.json", change: change(`"BgpConfig":{"EnableBgp":true}`), want: []string{"error tunnel-cidr-missing BgpConfig.EnableBgp"}},
	{name: "current: EnableTunnelsBgp is not for it", current: "free.json", change: change(`"EnableTunnelsBgp":true`), want: []string{"error mode-mismatch EnableTunnelsBgp"}},
	{name: "current: no such tunnel", current: "dual-one.json", change: tunnels(`{"TunnelIndex":2,"EnableDpd":true}`), want: []string{"error tunnel-unknown TunnelOptionsSpecification[0].TunnelIndex"}},
	{name: "current: both at once", current: "dual-now.json", change: tunnels(`{"TunnelIndex":1,"EnableDpd":false}`, `{"TunnelIndex":2,"EnableDpd":false}`), want: []string{"warning both-tunnels-at-once TunnelOptionsSpecification"}},
	{name: "current: masked end of the current key", current: "single.json", change: change(`"IkeConfig":{"Psk":"Kq7m****"}`), want: []string{"warning psk-masked IkeConfig.Psk", "error psk-is-a-mask IkeConfig.Psk"}},
	{name: "current: the mask itself", current: "masked.json", change: change(`"IkeConfig":{"Psk":"1234****"}`), want: []string{"warning psk-masked IkeConfig.Psk", "error psk-is-a-mask IkeConfig.Psk"}},
	{name: "current: in motion", current: "updating.json", change: change(`"Name":"b"`), want: []string{"warning attachment-in-motion"}},
	{name: "current: masked key, to be left out", current: "masked.json", omit: true, change: change(`"IkeConfig":{"IkePfs":"group14"}`), want: []string{"warning psk-left-out IkeConfig"}},
	{name: "current: masked key, to be left out, of a tunnel", current: "dual-masked.json", omit: true, change: tunnels(`{"TunnelIndex":2,"EnableDpd":false}`), want: []string{"warning psk-left-out TunnelOptionsSpecification[0].TunnelIkeConfig"}},
	{name: "current: masked key of a tunnel", current: "dual-masked.json", change: tunnels(`{"TunnelIndex":2,"EnableDpd":false}`), want: []string{"error psk-unknown TunnelOptionsSpecification[0].TunnelIkeConfig"}},
	{name: "current: masked key, to be left out, new one", current: "masked.json", omit: true, change: change(`"IkeConfig":{"IkePfs":"group14",` + goodPSK + `}`)},
	{name: "current: gateway of an attachment that is not associated", current: "free.json", change: change(`"CustomerGatewayId":"cgw-other"`), want: []string{"warning customer-gateway-unassociated CustomerGatewayId", "warning remote-id-stale CustomerGatewayId"}},
	{name: "current: gateway with its address", current: "single.json", change: change(`"CustomerGatewayId":"cgw-other","IkeConfig":{"RemoteId":"203.0.113.9"}`)},
	{name: "current: gateway without its address", current: "single.json", change: change(`"CustomerGatewayId":"cgw-other"`), want: []string{"warning remote-id-stale CustomerGatewayId"}},
	{name: "current: gateway of a tunnel", current: "dual-free.json", change: tunnels(`{"TunnelIndex":1,"CustomerGatewayId":"cgw-other"}`, `{"TunnelIndex":2,"CustomerGatewayId":"cgw-site-b"}`), want: []string{"warning remote-id-stale TunnelOptionsSpecification[0].CustomerGatewayId"}},
	{name: "current: parts of objects", current: "single.json", change: change(`"BgpConfig":{"LocalAsn":65020},"HealthCheckConfig":{"retry":"5"},"IpsecConfig":{"IpsecLifetime":3600}`)},
	{name: "current: gateway the same", current: "free.json", change: change(`"CustomerGatewayId":"cgw-free"`)},
	{name: "current: network type", current: "single.json", change: change(`"NetworkType":"private"`), want: []string{"error network-type-fixed NetworkType"}},
	{name: "current: routing mode", current: "single.json", change: change(`"RemoteSubnet":"0.0.0.0/0"`), want: []string{"warning routing-mode-mixed RemoteSubnet"}},
	{name: "current: FQDN in main mode", current: "single.json", change: change(`"IkeConfig":{"LocalId":"vpn.example"}`), want: []string{"warning fqdn-main-mode IkeConfig.LocalId"}},
	{name: "current: health check complete", current: "single.json", change: change(`"HealthCheckConfig":{"enable":true}`)},

	{name: "peer aws", peer: "aws", change: change(`"IkeConfig":{"Psk":"0bc$efgh012345678","IkeEncAlg":"aes192","IkePfs":"group5","IkeLifetime":86400}`), want: []string{
		"warning object-partial IkeConfig", "error peer-psk IkeConfig.Psk", "error peer-psk IkeConfig.Psk", "error peer-algorithm IkeConfig.IkeEncAlg", "warning dh-group-weak IkeConfig.IkePfs", "error peer-algorithm IkeConfig.IkePfs", "error peer-lifetime IkeConfig.IkeLifetime"}},
	{name: "peer aws short key", peer: "aws", change: change(`"IkeConfig":{"Psk":"abc"}`), want: []string{"warning object-partial IkeConfig", "warning psk-short IkeConfig.Psk", "error peer-psk IkeConfig.Psk"}},
	{name: "peer aws inside CIDR", peer: "aws", change: change(`"BgpConfig":{"TunnelCidr":"169.254.169.252/30"}`), want: []string{
		"warning object-partial BgpConfig", "error peer-tunnel-cidr BgpConfig.TunnelCidr", "error tunnel-cidr-reserved BgpConfig.TunnelCidr"}},
	{name: "peer aws lifetimes", peer: "aws", change: change(`"IkeConfig":{` + goodPSK + `,"IkeLifetime":3600},"IpsecConfig":{"IpsecLifetime":3600}`), want: []string{
		"warning object-partial IkeConfig", "warning object-partial IpsecConfig", "error peer-lifetime IpsecConfig.IpsecLifetime"}},
	{name: "peer aws address", peer: "aws", change: change(`"BgpConfig":{"TunnelCidr":"169.254.11.0/30","LocalBgpIp":"169.254.11.1"}`), want: []string{"warning object-partial BgpConfig", "warning peer-bgp-ip BgpConfig.LocalBgpIp"}},
	{name: "peer aws modes, identities and blocks", peer: "aws", change: change(`"LocalSubnet":"10.1.1.0/24,10.1.2.0/24","RemoteSubnet":"10.2.0.0/16","IkeConfig":{` + goodPSK + `,"IkeVersion":"ikev1","IkeMode":"aggressive","LocalId":"a.example","RemoteId":"203.0.113.7"}`), want: []string{
		"warning peer-subnets LocalSubnet", "warning object-partial IkeConfig", "warning ikev1-deprecated IkeConfig.IkeVersion", "warning aggressive-mode IkeConfig.IkeMode", "error peer-ike-mode IkeConfig.IkeMode", "warning peer-identity IkeConfig.LocalId"}},
	{name: "peer azure", peer: "azure", change: change(`"IkeConfig":{"Psk":"fYx3tQpL8sVw2N-KzR6mHb4c","IkeAuthAlg":"sha512","IkePfs":"group5","IkeLifetime":86400},"IpsecConfig":{"IpsecAuthAlg":"sha384","IpsecPfs":"disabled"},"BgpConfig":{"TunnelCidr":"169.254.11.0/30"}`), want: []string{
		"warning object-partial IkeConfig", "error peer-psk IkeConfig.Psk", "error peer-algorithm IkeConfig.IkeAuthAlg", "warning dh-group-weak IkeConfig.IkePfs", "error peer-algorithm IkeConfig.IkePfs", "warning object-partial IpsecConfig", "error peer-algorithm IpsecConfig.IpsecAuthAlg", "warning object-partial BgpConfig", "error peer-tunnel-cidr BgpConfig.TunnelCidr"}},
	{name: "peer azure fine", peer: "azure", change: change(`"IkeConfig":{` + goodPSK + `,"IkeEncAlg":"aes192","IkeAuthAlg":"sha384","IkePfs":"group14"},"BgpConfig":{"TunnelCidr":"169.254.22.252/30"}`), want: []string{
		"warning object-partial IkeConfig", "warning object-partial BgpConfig"}},
	{name: "peer gcp", peer: "gcp", change: change(`"IkeConfig":{"Psk":"fYx3tQpL8sVw2N-KzR6mHb4c","IkeEncAlg":"des","IkeAuthAlg":"sha512","IkePfs":"group14"},"IpsecConfig":{"IpsecAuthAlg":"sha384","IpsecPfs":"disabled"}`), want: []string{
		"warning object-partial IkeConfig", "warning encryption-weak IkeConfig.IkeEncAlg", "error peer-algorithm IkeConfig.IkeEncAlg", "warning object-partial IpsecConfig", "error peer-algorithm IpsecConfig.IpsecAuthAlg", "error peer-algorithm IpsecConfig.IpsecPfs"}},
	{name: "peer gcp with IKEv1", peer: "gcp", change: change(`"IkeConfig":{` + goodPSK + `,"IkeVersion":"ikev1","IkeEncAlg":"aes256","IkePfs":"group2"},"IpsecConfig":{"IpsecAuthAlg":"sha1"}`), want: []string{
		"warning object-partial IkeConfig", "warning ikev1-deprecated IkeConfig.IkeVersion", "error peer-algorithm IkeConfig.IkeEncAlg", "warning dh-group-weak IkeConfig.IkePfs", "warning object-partial IpsecConfig", "warning authentication-weak IpsecConfig.IpsecAuthAlg"}},
	{name: "peer aws fine", peer: "aws", change: change(`"IpsecConfig":{"IpsecEncAlg":"aes256","IpsecAuthAlg":"sha256","IpsecPfs":"group14","IpsecLifetime":3600}`)},
}

// TestTunnelNames: messages name a tunnel by its index, wherever its item stands.
func TestTunnelNames(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/current/dual.json")
	if err != nil {
		t.Fatal(err)
	}
	current, err := attachment.ParseCurrent(string(data))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		names   string // of the item
		current *attachment.Current
		want    string
	}{
		{`"TunnelIndex":2`, nil, "Tunnel 2 TunnelIkeConfig.IkePfs"},
		{`"TunnelIndex":"1"`, nil, "Tunnel 1 TunnelIkeConfig.IkePfs"},
		{`"TunnelId":"tun-two"`, nil, "item 1 of TunnelOptionsSpecification TunnelIkeConfig.IkePfs"},
		{`"TunnelId":"tun-two"`, current, "Tunnel 2 TunnelIkeConfig.IkePfs"},
		{`"TunnelIndex":7`, nil, "item 1 of TunnelOptionsSpecification TunnelIkeConfig.IkePfs"},
	} {
		c := attachment.Parse(tunnels(`{`+tt.names+`,"TunnelIkeConfig":{"IkePfs":"group3"}}`), attachment.FromEvent)
		found := attachment.Validate(c, tt.current, "")
		i := slices.IndexFunc(found, func(f finding.Finding) bool { return f.Check == "value-not-allowed" })
		if i < 0 || !strings.HasPrefix(found[i].Message, tt.want+" ") && !strings.HasPrefix(found[i].Message, tt.want+":") || found[i].Path != "TunnelOptionsSpecification[0].TunnelIkeConfig.IkePfs" {
			t.Errorf("%s: got %+v, want %s", tt.names, found, tt.want)
		}
	}
	c := attachment.Parse(change(`"TunnelOptionsSpecification":[{"TunnelIndex":2,"TunnelIpsecConfig":{"IpsecLifetime":1801}}]`), attachment.FromEvent)
	if all := attachment.Diff(c, current); len(all) != 1 || all[0].Tunnel != 2 || all[0].Place() != "Tunnel 2 TunnelIpsecConfig.IpsecLifetime" || !strings.HasPrefix(string(all[0].AppendJSON(nil)), `{"path":"TunnelOptionsSpecification[0].TunnelIpsecConfig.IpsecLifetime","tunnel":2,`) {
		t.Errorf("got %+v", all)
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var current *attachment.Current
			if c.current != "" {
				current = mustCurrent(t, c.current)
				current.OmitMasked = c.omit
			}
			origin := attachment.FromEvent
			if c.rule {
				origin = attachment.FromRule
			}
			change := attachment.Parse(c.change, origin)
			got := attachment.Validate(change, current, c.peer)
			if lines := brief(got); !slices.Equal(lines, c.want) {
				t.Errorf("findings of %s\n got %s\nwant %s", c.change, strings.Join(lines, "\n     "), strings.Join(c.want, "\n     "))
			}
			for _, f := range got {
				if text := f.Message + " " + f.Hint; strings.Contains(text, "[0]") || strings.Contains(text, "[1]") {
					t.Errorf("%s does not name the tunnel as people do: %s", f.Check, text)
				}
			}
			if again := attachment.Validate(change, current, c.peer); !slices.Equal(brief(again), c.want) {
				t.Errorf("validated again, got %q", brief(again))
			}
		})
	}
}

// TestDocuments keeps the cases that are judged alone in a file, for those who hold the
// JSON Schema against them.
func TestDocuments(t *testing.T) {
	t.Parallel()
	type document struct {
		Name, Change string
		Errors       []string // checks
	}
	var all []document
	for _, c := range cases {
		if c.current != "" || c.peer != "" || len(c.change) > 10_000 {
			continue
		}
		d := document{c.name, c.change, []string{}}
		for _, line := range c.want {
			if fields := strings.Fields(line); fields[0] == "error" && !slices.Contains(d.Errors, fields[1]) {
				d.Errors = append(d.Errors, fields[1])
			}
		}
		all = append(all, d)
	}
	data, err := json.MarshalIndent(all, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	compareGolden(t, "testdata/documents.json", append(data, '\n'))
}

// A Validator remembers nothing of the change before.
func TestValidatorIsReused(t *testing.T) {
	t.Parallel()
	var v attachment.Validator
	for range 2 {
		for _, c := range cases {
			if c.current == "" && !c.rule {
				got := brief(v.Validate(attachment.Parse(c.change, attachment.FromEvent), nil, c.peer))
				if !slices.Equal(got, c.want) {
					t.Errorf("%s after another: got %q, want %q", c.name, got, c.want)
				}
			}
		}
		v.Validate(attachment.Parse(change(`"LocalSubnet":"0.0.0.0/0","RemoteSubnet":"0.0.0.0/0"`), attachment.FromEvent), nil, "")
	}
	refused := attachment.Parse(change(`"LocalSubnet":7,"RemoteSubnet":"10.0.0.0/8"`), attachment.FromEvent)
	if got := brief(v.Validate(refused, nil, "")); !slices.Equal(got, []string{"error wrong-type LocalSubnet"}) {
		t.Errorf("got %q", got)
	}
}

// TestKeyShapes holds what is said of a document in the place of a key, and that
// nothing of its values is told.
func TestKeyShapes(t *testing.T) {
	t.Parallel()
	const key = "Tr0ub4dorKeyAbcd1234"
	object := `{"psk":"` + key + `"}`
	type row struct{ psk, says string }
	rows := []row{
		{object, "IkeConfig.Psk is a JSON object, not a key: give the value of its member psk;"},
		{" {\n \"n\": 5, \"psk\": \"" + key + "\"\n}\n", "its member psk;"},
		{`{"user":"` + key + `","psk":"` + strings.Repeat(key, 10) + `"}`, "one of its members (user, psk);"},
		{`{"` + key + `+/=":"` + key + `"}`, "its member (23 characters);"},
		{`{}`, "a JSON object, not a key: give the key alone"},
		{`["` + key + `"]`, "a JSON array, not a key"},
		{`"` + key + `"`, "text in JSON's quotes, not a key: give the key without the quotes"},
		{"-----BEGIN PRIVATE KEY-----\n" + strings.Repeat(key, 10) + "\n-----END PRIVATE KEY-----", "a PEM block, not a key"},
		{base64.StdEncoding.EncodeToString([]byte(object)), "base64 of a JSON object, not a key: decode it; give the value of its member psk;"},
		{base64.RawURLEncoding.EncodeToString([]byte(`"` + key + `"`)), "base64 of text in JSON's quotes"},
		{base64.StdEncoding.EncodeToString([]byte("-----BEGIN CERTIFICATE-----\n")), "base64 of a PEM block"},
		{"arn:aws:secretsmanager:eu-central-1:123456789012:secret:vpn/site-b-" + key[:6], "an ARN, not a key: a rule refers to a secret"},
		{"{" + key + "}", ""},
		{"[" + key + "]", ""},
		{base64.StdEncoding.EncodeToString([]byte(key)), ""},
		{"12345678901234567890", ""},
	}
	// A document in base64 is found whatever it begins with, and behind any blank.
	for _, shape := range []row{{object, "a JSON object"}, {`["` + key + `"]`, "a JSON array"}, {`"` + key + `"`, "text in JSON's quotes"}, {"-----BEGIN X-----", "a PEM block"}} {
		for blank := rune(0); blank <= unicode.MaxRune; blank++ {
			if unicode.IsSpace(blank) {
				rows = append(rows, row{base64.StdEncoding.EncodeToString([]byte(string(blank) + shape.psk)), "base64 of " + shape.says})
			}
		}
	}
	for _, tt := range rows {
		psk, err := json.Marshal(tt.psk)
		if err != nil {
			t.Fatal(err)
		}
		found := attachment.Validate(attachment.Parse(change(`"IkeConfig":{"Psk":`+string(psk)+`}`), attachment.FromEvent), nil, "")
		var said string
		for _, f := range found {
			if f.Check == "psk-not-a-key" {
				said = f.Message + ": " + f.Hint
			}
		}
		if (said == "") != (tt.says == "") || !strings.Contains(said, tt.says) {
			t.Errorf("%s: got %s, want %s", tt.psk, said, tt.says)
		}
		if told := string(found.AppendJSON(nil)); strings.Contains(told, key) {
			t.Errorf("got %s", told)
		}
	}
}

// Every check is shown by a case, so that none is dead. No other package that this
// test is linked with has checks.
func TestEveryCheckHasACase(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, c := range cases {
		for _, line := range c.want {
			seen[strings.Fields(line)[1]] = true
		}
	}
	if len(seen) != len(finding.All()) {
		t.Errorf("the cases bring %d checks of %d", len(seen), len(finding.All()))
	}
	for _, check := range finding.All() {
		if !seen[check.ID] {
			t.Errorf("no case brings %s", check.ID)
		}
		if check.Severity == finding.Error && check.Ref == "" && !strings.HasPrefix(check.ID, "reference-") {
			t.Errorf("%s is an error and names no source", check.ID)
		}
	}
}
