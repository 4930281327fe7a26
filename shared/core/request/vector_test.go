package request_test

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/request"
	"vpnattach/shared/core/secret"
)

// The vectors of the signatures' documentation and of the official clients' tests.
const (
	nonce     = "3156853299f313e23d1673dc12e1703d"
	emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
)

// V3-A: https://www.alibabacloud.com/help/en/sdk/product-overview/v3-request-structure-and-signature
func TestSignV3Documentation(t *testing.T) {
	t.Parallel()
	headers := []request.Header{
		{Name: "Host", Value: "ecs.cn-shanghai.aliyuncs.com"},
		{Name: "x-acs-action", Value: "RunInstances"},
		{Name: "x-acs-version", Value: "2014-05-26"},
		{Name: "x-acs-date", Value: "2023-10-26T10:22:32Z"},
		{Name: "x-acs-signature-nonce", Value: nonce},
		{Name: "x-acs-content-sha256", Value: emptyHash},
		{Name: "User-Agent", Value: "not signed"},
	}
	query := "ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai"
	canonical, toSign, authorization := request.SignV3("POST", "/", query, headers, emptyHash, "YourAccessKeyId", "YourAccessKeySecret")
	wantCanonical := `POST
/
ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai
host:ecs.cn-shanghai.aliyuncs.com
x-acs-action:RunInstances
x-acs-content-sha256:` + emptyHash + `
x-acs-date:2023-10-26T10:22:32Z
x-acs-signature-nonce:3156853299f313e23d1673dc12e1703d
x-acs-version:2014-05-26

host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version
` + emptyHash
	if canonical != wantCanonical {
		t.Errorf("canonical request:\ngot\n%s\nwant\n%s", canonical, wantCanonical)
	}
	if want := "ACS3-HMAC-SHA256\n7ea06492da5221eba5297e897ce16e55f964061054b7695beedaac1145b1e259"; toSign != want {
		t.Errorf("string to sign: got %q, want %q", toSign, want)
	}
	if want := "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"; authorization != want {
		t.Errorf("authorization:\ngot  %s\nwant %s", authorization, want)
	}
}

// V3-B and V3-C: the tests of alibabacloud-go/darabonba-openapi (utils/client_test.go)
// and of its Python sibling. Headers of one name are joined.
func TestSignV3JoinsHeaders(t *testing.T) {
	t.Parallel()
	for method, want := range map[string]string{
		"":    "4ab59fffe3c5738ff8a2729f90cc04fe18b02a4b15b2102cbaf92f9ff3df2ea3",
		"GET": "d16b30a7699ae9e43875b13195b2f81bcc3ed10c14a9b5eb780e51619aa50be1",
	} {
		headers := []request.Header{{Name: "x-acs-test", Value: "http"}, {Name: "x-acs-TEST", Value: " https "}}
		_, _, got := request.SignV3(method, "/", "empty=&test=ok", headers,
			"55e12e91650d2fec56ec74e1d3e4ddbfce2ef3a65890c2a19ecf88a307e76a23", "acesskey", "secret")
		want := "ACS3-HMAC-SHA256 Credential=acesskey,SignedHeaders=x-acs-test,Signature=" + want
		if got != want {
			t.Errorf("method %q:\ngot  %s\nwant %s", method, got, want)
		}
	}
}

// V1-A is of the same tests; V1-B is of the documentation of the RPC signature, with
// its spelling TimeStamp, and V1-C the same with Timestamp.
func TestSignV1(t *testing.T) {
	t.Parallel()
	documented := func(timestamp string) map[string]string {
		return map[string]string{
			timestamp: "2016-02-23T12:46:24Z", "Format": "XML", "Action": "DescribeRegions",
			"SignatureMethod": "HMAC-SHA1", "SignatureNonce": "3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf",
			"Version": "2014-05-26", "SignatureVersion": "1.0", "AccessKeyId": "testid",
		}
	}
	const toSignC = "GET&%2F&AccessKeyId%3Dtestid%26Action%3DDescribeRegions%26Format%3DXML%26SignatureMethod%3DHMAC-SHA1%26SignatureNonce%3D3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf%26SignatureVersion%3D1.0%26Timestamp%3D2016-02-23T12%253A46%253A24Z%26Version%3D2014-05-26"
	for _, tt := range []struct {
		name, method, key string
		parameters        map[string]string
		toSign, want      string
	}{
		{"V1-A", "", "accessKeySecret", map[string]string{"test": "ok"}, "&%2F&test%3Dok", "jHx/oHoHNrbVfhncHEvPdHXZwHU="},
		{"V1-B", "GET", "testsecret", documented("TimeStamp"), strings.Replace(toSignC, "Timestamp", "TimeStamp", 1), "CT9X0VtwR86fNWSnsc6v8YGOjuE="},
		{"V1-C", "GET", "testsecret", documented("Timestamp"), toSignC, "OLeaidS1JvxuMvnyHOwuJ+uX5qY="},
		{"D3", "POST", "testsecret", map[string]string{
			"Action": request.ModifyAction, "Version": request.APIVersion, "Format": "json", "AccessKeyId": "testid",
			"SignatureMethod": "HMAC-SHA1", "SignatureVersion": "1.0", "SignatureNonce": nonce, "Timestamp": "2024-04-03T00:00:00Z",
			"RegionId": "cn-hangzhou", "VpnConnectionId": "vco-p0w5112fgnl2ihlmf0000", "IkeConfig": `{"Psk":"1234abcd","IkeVersion":"ikev2"}`,
		}, "", "k9a1zkobQvWO8FtsPl3DZMQfRtM="},
	} {
		toSign, got := request.SignV1(tt.method, tt.key, tt.parameters)
		if got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
		if tt.toSign != "" && toSign != tt.toSign {
			t.Errorf("%s: string to sign:\ngot  %s\nwant %s", tt.name, toSign, tt.toSign)
		}
	}
}

// D1: made with the official openapi-util v0.1.1, without the content-type header
// that the official client adds.
func TestSignV3Query(t *testing.T) {
	t.Parallel()
	query := "ClientToken=123e4567-e89b-12d3-a456-426600000000&EffectImmediately=true&IkeConfig=%7B%22Psk%22%3A%221234abcd%22%2C%22IkeVersion%22%3A%22ikev2%22%7D&Name=a%20b%2Ac~d%2Be%2F%E4%B8%AD&RegionId=cn-hangzhou&VpnConnectionId=vco-p0w5112fgnl2ihlmf0000"
	_, toSign, authorization := request.SignV3("POST", "/", query, headers(request.ModifyAction, "vpc.aliyuncs.com", emptyHash), emptyHash, "testid", "testsecret")
	if want := "ACS3-HMAC-SHA256\n5237633d4d99c43453585139dcf3fb9896e2658d50e2c3f9a299108b87c2dd06"; toSign != want {
		t.Errorf("string to sign: got %s, want %s", toSign, want)
	}
	if want := "1b1077af0e5d19cae9d50b9cab1b4b74bcf9c7d88ac725ff64b287d25ced8808"; !strings.HasSuffix(authorization, ",Signature="+want) {
		t.Errorf("got %s, want signature %s", authorization, want)
	}

	document := `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-p0w5112fgnl2ihlmf0000","ClientToken":"123e4567-e89b-12d3-a456-426600000000",
		"EffectImmediately":true,"Name":"a b*c~d+e/中","IkeConfig":{"IkeVersion":"ikev2","Psk":"1234abcd"}}`
	r := modify(t, document, options())
	if want := strings.ReplaceAll(query, "%20", "+"); r.Query != want {
		t.Errorf("query:\ngot  %s\nwant %s", r.Query, want)
	}
	if got := strings.Split(r.CanonicalRequest(), "\n")[2]; got != query {
		t.Errorf("canonical query:\ngot  %s\nwant %s", got, query)
	}
}

func headers(action, host, payload string) []request.Header {
	return []request.Header{
		{Name: "host", Value: host}, {Name: "x-acs-action", Value: action}, {Name: "x-acs-version", Value: request.APIVersion},
		{Name: "x-acs-date", Value: "2024-04-03T00:00:00Z"}, {Name: "x-acs-signature-nonce", Value: nonce},
		{Name: "x-acs-content-sha256", Value: payload},
	}
}

// D2: made with the official openapi-util v0.1.1.
func TestModifyForm(t *testing.T) {
	t.Parallel()
	document := `{"RegionId":"cn-shanghai","VpnConnectionId":"vco-p0w5112fgnl2ihlmf0000","ClientToken":"x",
		"TunnelOptionsSpecification":[{"TunnelIndex":1,"TunnelIkeConfig":{"Psk":"p@ss&word"}}]}`
	r := modify(t, document, options())
	const (
		query = "RegionId=cn-shanghai&VpnConnectionId=vco-p0w5112fgnl2ihlmf0000"
		body  = "TunnelOptionsSpecification.1.TunnelIkeConfig.Psk=p%40ss%26word&TunnelOptionsSpecification.1.TunnelIndex=1"
	)
	if r.Body != body {
		t.Errorf("body: got %s, want %s", r.Body, body)
	}
	if want := "ClientToken=x&" + query; r.Query != want {
		t.Errorf("query: got %s, want %s", r.Query, want)
	}
	// The vector has no ClientToken, and this package always sends one.
	sum := sha256.Sum256([]byte(r.Body))
	payload := hex.EncodeToString(sum[:])
	all := append(headers(request.ModifyAction, r.Host, payload), request.Header{Name: "content-type", Value: "application/x-www-form-urlencoded"})
	_, toSign, authorization := request.SignV3("POST", "/", query, all, payload, "testid", "testsecret")
	if want := "ACS3-HMAC-SHA256\n4c48a4165a29f8b6d1e5411611177a42bd75efdb939b8d029ac14fa7982a83e5"; toSign != want {
		t.Errorf("string to sign: got %s, want %s", toSign, want)
	}
	if want := "b0dbea60ba577f39752bff33ff07fc41a9bf535af9c1a4c69c0033ae122dc21d"; !strings.HasSuffix(authorization, want) {
		t.Errorf("got %s, want signature %s", authorization, want)
	}
	if _, _, want := request.SignV3("POST", "/", r.Query, all, payload, "testid", "testsecret"); header(r, "authorization") != want {
		t.Errorf("authorization: got %s, want %s", header(r, "authorization"), want)
	}
}

func options() request.Options {
	return request.Options{
		Credentials: request.Credentials{AccessKeyID: "testid", AccessKeySecret: secret.New("testsecret")},
		Time:        time.Date(2024, 4, 3, 8, 0, 0, 0, time.FixedZone("", 8*60*60)),
		Nonce:       nonce,
	}
}

func modify(t *testing.T, document string, o request.Options) *request.Request {
	t.Helper()
	r, err := new(request.Builder).Modify(attachment.Parse(document, attachment.FromEvent), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func header(r *request.Request, name string) string {
	for _, h := range r.Headers {
		if h.Name == name {
			return h.Value
		}
	}
	return ""
}
