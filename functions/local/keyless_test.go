package main

import (
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vpnattach/shared/core/request"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/credentials"
	"vpnattach/shared/credentials/ststest"
	"vpnattach/shared/emulator"
)

// TestKeyless sends a change with the key of a role, which is taken with a token of AWS
// or with one in a file.
func TestKeyless(t *testing.T) {
	t.Parallel()
	const keySecret, keyToken, awsSecret = "temporary-s3cret", "security-t0ken", "s3cret-of-aws"
	key := request.Credentials{AccessKeyID: "STS.1", AccessKeySecret: secret.New(keySecret), SecurityToken: secret.New(keyToken)}
	api, err := emulator.New(emulator.Config{Accounts: []emulator.Account{{AccessKeyID: key.AccessKeyID, Secret: key.AccessKeySecret, SecurityToken: key.SecurityToken}}})
	if err != nil {
		t.Fatal(err)
	}
	role := credentials.Role{ProviderARN: "acs:ram::1:oidc-provider/vpnattach", RoleARN: "acs:ram::1:role/vpnattach", Audience: "vpnattach"}
	aws := ststest.NewAWS("eu-central-1", role.Audience, applyRole)
	alibaba := ststest.NewAlibaba(func() request.Credentials { return key })
	vpc, awsSTS, aliyunSTS := httptest.NewServer(api), httptest.NewServer(aws), httptest.NewServer(alibaba)
	t.Cleanup(func() { vpc.Close(); awsSTS.Close(); aliyunSTS.Close() })
	aws.Issuer = awsSTS.URL
	alibaba.Trust(role, aws.Issuer, applyRole)
	token := aws.Sign(nil)
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte(token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		env  map[string]string
		code int
		want string
	}{
		{"by AWS", map[string]string{
			"OIDC_AUDIENCE": role.Audience, "AWS_REGION": "eu-central-1", "AWS_ENDPOINT_URL": awsSTS.URL, "AWS_ACCESS_KEY_ID": "ASIA", "AWS_SECRET_ACCESS_KEY": awsSecret,
		}, exitOK, "applied"},
		{"by a file", map[string]string{tokenFileVariable: file, "ALIBABA_CLOUD_ROLE_SESSION_NAME": "laptop"}, exitOK, "applied"},
		{"by no file", map[string]string{tokenFileVariable: file + "x"}, exitError, "no such file"},
		{"for another audience", map[string]string{
			"OIDC_AUDIENCE": "another", "AWS_REGION": "eu-central-1", "AWS_ENDPOINT_URL": awsSTS.URL, "AWS_ACCESS_KEY_ID": "ASIA", "AWS_SECRET_ACCESS_KEY": awsSecret,
		}, exitError, "not authorized to perform: sts:GetWebIdentityToken"},
		{"without AWS credentials", map[string]string{"OIDC_AUDIENCE": role.Audience}, exitUsage, "AWS_REGION"},
		{"without an audience", map[string]string{}, exitUsage, "audience must"},
		{"by half a role", map[string]string{tokenFileVariable: file, "ALIBABA_CLOUD_OIDC_PROVIDER_ARN": ""}, exitUsage, "providerArn is not"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			env := map[string]string{
				"VPC_ENDPOINT": vpc.URL, "STATE_DIR": t.TempDir(), "STS_ENDPOINT": aliyunSTS.URL,
				"ALIBABA_CLOUD_ROLE_ARN": role.RoleARN, "ALIBABA_CLOUD_OIDC_PROVIDER_ARN": role.ProviderARN,
			}
			maps.Copy(env, tt.env)
			change := `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localsingle","Name":"` + tt.name + `"}`
			code, stdout, stderr := execute(env, change, "send", "--direct", "--wait", "5s", "-")
			if code != tt.code || !strings.Contains(stdout+stderr, tt.want) {
				t.Errorf("exit code %d\n%s\n%s", code, stdout, stderr)
			}
			for _, private := range []string{token, keySecret, keyToken, awsSecret} {
				if strings.Contains(stdout+stderr, private) {
					t.Error("it shows a secret")
				}
			}
		})
	}
	t.Cleanup(func() {
		sessions := map[string]bool{}
		for _, call := range alibaba.Calls() {
			sessions[call.RoleSession] = true
		}
		if !sessions["vpnattach"] || !sessions["laptop"] {
			t.Errorf("got sessions %v", sessions)
		}
	})
}
