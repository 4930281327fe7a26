package emulator

import (
	"strings"
	"testing"
)

// The published and derived vectors of both signatures.
func TestVectorsV3(t *testing.T) {
	t.Parallel()
	const emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	header := func(lines ...string) (func(string) []string, []string) {
		values, names := map[string][]string{}, []string{}
		for _, line := range lines {
			name, value, _ := strings.Cut(line, ":")
			if values[name] == nil {
				names = append(names, name)
			}
			values[name] = append(values[name], value)
		}
		return func(name string) []string { return values[name] }, names
	}
	for _, tt := range []struct {
		name, method, secret, query, payload string
		headers                              []string
		want                                 string
	}{
		{"A, the documentation's own", "POST", "YourAccessKeySecret",
			"ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai", emptyHash,
			[]string{"host:ecs.cn-shanghai.aliyuncs.com", "x-acs-action:RunInstances", "x-acs-content-sha256:" + emptyHash,
				"x-acs-date:2023-10-26T10:22:32Z", "x-acs-signature-nonce:3156853299f313e23d1673dc12e1703d", "x-acs-version:2014-05-26"},
			"06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"},
		{"B, a name twice and an empty value", "", "secret", "test=ok&empty=", "55e12e91650d2fec56ec74e1d3e4ddbfce2ef3a65890c2a19ecf88a307e76a23",
			[]string{"x-acs-test:https", "x-acs-test: http"},
			"4ab59fffe3c5738ff8a2729f90cc04fe18b02a4b15b2102cbaf92f9ff3df2ea3"},
		{"C, as B with a method", "GET", "secret", "empty&test=ok", "55e12e91650d2fec56ec74e1d3e4ddbfce2ef3a65890c2a19ecf88a307e76a23",
			[]string{"x-acs-test:https", "x-acs-test:http"},
			"d16b30a7699ae9e43875b13195b2f81bcc3ed10c14a9b5eb780e51619aa50be1"},
		{"D1, hard characters", "POST", "testsecret",
			"VpnConnectionId=vco-p0w5112fgnl2ihlmf0000&RegionId=cn-hangzhou&Name=a+b*c~d%2Be/中&EffectImmediately=true" +
				`&IkeConfig={"Psk":"1234abcd","IkeVersion":"ikev2"}&ClientToken=123e4567-e89b-12d3-a456-426600000000`, emptyHash,
			[]string{"host:vpc.aliyuncs.com", "x-acs-action:ModifyVpnAttachmentAttribute", "x-acs-content-sha256:" + emptyHash,
				"x-acs-date:2024-04-03T00:00:00Z", "x-acs-signature-nonce:3156853299f313e23d1673dc12e1703d", "x-acs-version:2016-04-28"},
			"1b1077af0e5d19cae9d50b9cab1b4b74bcf9c7d88ac725ff64b287d25ced8808"},
		{"D2, a form body", "POST", "testsecret", "RegionId=cn-shanghai&VpnConnectionId=vco-p0w5112fgnl2ihlmf0000",
			sha256Hex([]byte("TunnelOptionsSpecification.1.TunnelIkeConfig.Psk=p%40ss%26word&TunnelOptionsSpecification.1.TunnelIndex=1")),
			[]string{"content-type:application/x-www-form-urlencoded", "host:vpc.cn-shanghai.aliyuncs.com", "x-acs-action:ModifyVpnAttachmentAttribute",
				"x-acs-content-sha256:5b2d5938885bce32a282d35db879bd6cd0662ab22c7d15f0f5ac31333c7572fc",
				"x-acs-date:2024-04-03T00:00:00Z", "x-acs-signature-nonce:3156853299f313e23d1673dc12e1703d", "x-acs-version:2016-04-28"},
			"b0dbea60ba577f39752bff33ff07fc41a9bf535af9c1a4c69c0033ae122dc21d"},
	} {
		query, err := splitPairs(tt.query)
		if err != nil {
			t.Fatal(err)
		}
		values, names := header(tt.headers...)
		if got := signV3(tt.secret, canonicalRequest(tt.method, query, values, names, tt.payload)); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestVectorsV1(t *testing.T) {
	t.Parallel()
	old := "Format=XML&Action=DescribeRegions&SignatureMethod=HMAC-SHA1&SignatureNonce=3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf" +
		"&Version=2014-05-26&SignatureVersion=1.0&AccessKeyId=testid&Signature=ignored&"
	for _, tt := range []struct{ name, method, secret, params, want string }{
		{"A", "", "accessKeySecret", "test=ok", "jHx/oHoHNrbVfhncHEvPdHXZwHU="},
		{"B", "GET", "testsecret", old + "TimeStamp=2016-02-23T12:46:24Z", "CT9X0VtwR86fNWSnsc6v8YGOjuE="},
		{"C", "GET", "testsecret", old + "Timestamp=2016-02-23T12:46:24Z", "OLeaidS1JvxuMvnyHOwuJ+uX5qY="},
		{"D3", "POST", "testsecret", "Action=ModifyVpnAttachmentAttribute&Version=2016-04-28&Format=json&AccessKeyId=testid" +
			"&SignatureMethod=HMAC-SHA1&SignatureVersion=1.0&SignatureNonce=3156853299f313e23d1673dc12e1703d&Timestamp=2024-04-03T00:00:00Z" +
			`&RegionId=cn-hangzhou&VpnConnectionId=vco-p0w5112fgnl2ihlmf0000&IkeConfig={"Psk":"1234abcd","IkeVersion":"ikev2"}`,
			"k9a1zkobQvWO8FtsPl3DZMQfRtM="},
	} {
		pairs, err := splitPairs(tt.params)
		if err != nil {
			t.Fatal(err)
		}
		params := map[string]string{}
		for _, p := range pairs {
			params[p.key] = p.value
		}
		if got := signV1(tt.secret, stringToSignV1(tt.method, params)); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}
