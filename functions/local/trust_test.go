package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

const (
	applyRole   = "arn:aws:iam::123456789012:role/vpnattach-ApplyRole-1"
	confirmRole = "arn:aws:iam::123456789012:role/vpnattach-ConfirmRole-2"
	issuer      = "https://0a1b2c3d.tokens.sts.global.api.aws"
)

// trustArgs are those of the golden files, which are for both accounts as their tools
// know them, or for accounts that are given.
func trustArgs(given bool, more ...string) []string {
	args := []string{"trust", "--role", applyRole, "--role", confirmRole, "--audience", "vpnattach"}
	if given {
		args = append(args, "--account", "1135115445851111", "--issuer", issuer)
	}
	return append(args, more...)
}

func TestTrust(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"trust.sh": trustArgs(false), "trust.tf": trustArgs(false, "--format", "terraform"), "trust-given.tf": trustArgs(true, "--format", "terraform"),
	} {
		code, got, stderr := execute(nil, "", args...)
		if code != exitOK || stderr != "" {
			t.Fatalf("%s: exit code %d, %s", name, code, stderr)
		}
		golden := filepath.Join("testdata", name)
		if os.Getenv("UPDATE") != "" {
			if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s is stale: UPDATE=1 go test ./functions/local -run TestTrust", golden)
		}
	}
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"trust", "--audience", "a"}, "--role"},
		{[]string{"trust", "--role", applyRole}, "--audience"},
		{[]string{"trust", "--role", "acs:ram::1:role/x", "--audience", "a"}, "ARN of an AWS role"},
		{[]string{"trust", "--role", applyRole, "--audience", "two words"}, "--audience must"},
		{trustArgs(false, "--audience", "$(reboot)"), "--audience must"},
		{trustArgs(false, "--name", "a'b"), "--name must"},
		{trustArgs(false, "--name=-force"), "--name must"}, // a command would take it for a flag
		{trustArgs(false, "--account", "me"), "--account must"},
		{trustArgs(false, "--issuer", "https://a/?b"), "--issuer must"},
		{trustArgs(false, "--issuer", "http://a"), "--issuer must"},
		{trustArgs(false, "--format", "xml"), "--format"},
		{trustArgs(false, "--issuer", "http://a", "--name", "a'b", "--account", "me"), "id of an Alibaba Cloud account, which has digits only\n            --issuer must"},
	} {
		if code, _, stderr := execute(nil, "", tt.args...); code != exitUsage || !strings.Contains(stderr, tt.want) {
			t.Errorf("%q: exit code %d, %s", tt.args, code, stderr)
		}
	}
}

// TestTrustTerraform: terraform fmt parses the configuration, and has nothing to format.
func TestTrustTerraform(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("terraform"); err != nil {
		t.Skip("install terraform as HashiCorp describes to have the configuration parsed")
	}
	for _, given := range []bool{false, true} {
		_, want, _ := execute(nil, "", trustArgs(given, "--format", "terraform")...)
		command := exec.Command("terraform", "fmt", "-")
		command.Dir, command.Stdin = t.TempDir(), strings.NewReader(want)
		if got, err := command.Output(); err != nil || string(got) != want {
			t.Errorf("%v\n%s", err, got)
		}
	}
}

// tools play the commands that the script calls: they keep their arguments, and answer
// as their documents say. In the chain of certificates the last is that of the CA.
const tools = `#!/bin/sh
{ printf '%s\n' "${0##*/}" "$@"; echo ----; } >>"$SAID"
case "${0##*/} $*" in
"aws iam get-outbound-web-identity-federation-info") [ -f "$ENABLED" ] ;;
"aws iam enable-"*) : >"$ENABLED" ;;
"aws iam get-outbound-"*) echo ` + issuer + ` ;;
"aliyun sts GetCallerIdentity") printf '{\n\t"AccountId": "1135115445851111",\n\t"IdentityType": "RAMUser"\n}\n' ;;
"openssl s_client "*) printf 'CONNECTED\n-----BEGIN CERTIFICATE-----\nleaf\n-----END CERTIFICATE-----\nx\n-----BEGIN CERTIFICATE-----\nca\n-----END CERTIFICATE-----\nDONE\n' ;;
"openssl x509 "*) if [ "$(sed -n 2p)" = ca ]; then echo 'sha1 Fingerprint=90:2E:F2:DE'; fi ;;
"aliyun ims "*|"aliyun ram "*) ;;
*) exit 1 ;;
esac
`

// TestTrustScript runs what is printed, and reads what the two accounts are told.
func TestTrustScript(t *testing.T) {
	t.Parallel()
	for name, given := range map[string]bool{"as the tools know the accounts": false, "given": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bin := t.TempDir()
			for _, tool := range []string{"aws", "aliyun", "openssl"} {
				if err := os.WriteFile(filepath.Join(bin, tool), []byte(tools), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			_, script, _ := execute(nil, "", trustArgs(given)...)
			command := exec.Command("sh")
			command.Stdin = strings.NewReader(script)
			command.Env = []string{"PATH=" + bin + ":/usr/bin:/bin", "SAID=" + filepath.Join(bin, "said"), "ENABLED=" + filepath.Join(bin, "enabled")}
			out, err := command.CombinedOutput()
			const parameters = "OidcProviderArn=acs:ram::1135115445851111:oidc-provider/vpnattach OidcRoleArn=acs:ram::1135115445851111:role/vpnattach OidcAudience=vpnattach\n"
			if err != nil || string(out) != issuer+"\n"+parameters {
				t.Fatalf("%v\n%s", err, out)
			}
			text, err := os.ReadFile(filepath.Join(bin, "said"))
			if err != nil {
				t.Fatal(err)
			}
			said := string(text)
			for _, want := range []string{
				"aws\niam\nenable-outbound-web-identity-federation\n----",
				"aliyun\nims\nCreateOIDCProvider\n--OIDCProviderName\nvpnattach\n--IssuerUrl\n" + issuer + "\n--ClientIds\nvpnattach\n--Fingerprints\n902EF2DE\n--IssuanceLimitTime\n1\n----",
				"aliyun\nram\nAttachPolicyToRole\n--PolicyType\nCustom\n--PolicyName\nvpnattach\n--RoleName\nvpnattach\n----",
			} {
				if !strings.Contains(said, want) {
					t.Errorf("it does not call\n%s\nbut\n%s", want, said)
				}
			}
			checkDocument(t, said, "--AssumeRolePolicyDocument\n", `{"Version": "1", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
				"Principal": {"Federated": ["acs:ram::1135115445851111:oidc-provider/vpnattach"]},
				"Condition": {"StringEquals": {"oidc:iss": ["`+issuer+`"], "oidc:aud": ["vpnattach"], "oidc:sub": ["`+applyRole+`", "`+confirmRole+`"]}}}]}`)
			checkDocument(t, said, "--PolicyDocument\n", `{"Version": "1", "Statement": [
				{"Effect": "Allow", "Action": ["vpc:ModifyVpnAttachmentAttribute", "vpc:DescribeVpnConnection"], "Resource": "acs:vpc:*:1135115445851111:vpnconnection/*"},
				{"Effect": "Allow", "Action": "vpc:DiagnoseVpnConnections", "Resource": "*"}]}`)
		})
	}
}

// checkDocument compares the JSON of an argument with what it has to be.
func checkDocument(t *testing.T, said, argument, want string) {
	t.Helper()
	_, document, _ := strings.Cut(said, argument)
	document, _, _ = strings.Cut(document, "\n----")
	var got, wanted any
	if err := json.Unmarshal([]byte(document), &got); err != nil {
		t.Fatalf("%s%s: %v", argument, document, err)
	}
	if err := json.Unmarshal([]byte(want), &wanted); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, wanted) {
		t.Errorf("%s%s", argument, document)
	}
}
