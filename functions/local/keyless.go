package main

import (
	"context"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscredentials "github.com/aws/aws-sdk-go-v2/credentials"
	awssts "github.com/aws/aws-sdk-go-v2/service/sts"

	"vpnattach/shared/aws/webidentity"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/credentials"
	"vpnattach/shared/credentials/sts"
	"vpnattach/shared/settings"
)

// tokenFileVariable names a file with an OIDC token, which its owner keeps fresh. It is
// that of Alibaba Cloud's own tools.
const tokenFileVariable = "ALIBABA_CLOUD_OIDC_TOKEN_FILE"

// keyless returns the role that the environment names as the profile "default"; nil when
// it names none. The role is taken with the token in a file, or else with one of AWS.
func keyless(s *settings.Settings) *credentials.Profiles {
	file := s.Text(tokenFileVariable, "")
	audience := ""
	if file != "" {
		audience = "sts.aliyuncs.com" // what is in the file counts
	}
	client, role := sts.Open(s, "vpnattach", audience)
	if role == nil {
		return nil
	}
	token := func(context.Context, string) (secret.Secret, error) {
		text, err := os.ReadFile(file)
		return secret.New(strings.TrimSpace(string(text))), err
	}
	if file == "" {
		token = awsTokens(s).Get
	}
	return credentials.New(credentials.Config{Default: role, Assume: client.With(token)})
}

// awsTokens reads who the program is for AWS.
func awsTokens(s *settings.Settings) *webidentity.Tokens {
	config := aws.Config{
		Region: s.Required("AWS_REGION"),
		Credentials: awscredentials.NewStaticCredentialsProvider(
			s.Required("AWS_ACCESS_KEY_ID"), s.Required("AWS_SECRET_ACCESS_KEY"), s.Text("AWS_SESSION_TOKEN", "")),
	}
	if endpoint := s.URL("AWS_ENDPOINT_URL"); endpoint != "" {
		config.BaseEndpoint = &endpoint
	}
	return webidentity.New(awssts.NewFromConfig(config))
}
