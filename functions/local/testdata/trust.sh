#!/bin/sh
# Trust between an AWS account and a RAM role of Alibaba Cloud, so that no access key
# needs to be stored. Read it before you run it; each part can be pasted by itself.

# 1. AWS: the account becomes an issuer of tokens. This is once for the account, and
#    every workload that uses such tokens relies on it from then on.
(
set -eu
aws iam get-outbound-web-identity-federation-info >/dev/null 2>&1 ||
  aws iam enable-outbound-web-identity-federation >/dev/null
aws iam get-outbound-web-identity-federation-info --query IssuerIdentifier --output text
)
# template.yaml lets the functions get tokens. Any other role needs this policy:
# {
#   "Version": "2012-10-17",
#   "Statement": [{
#     "Effect": "Allow", "Action": "sts:GetWebIdentityToken", "Resource": "*",
#     "Condition": {
#       "ForAllValues:StringEquals": {"sts:IdentityTokenAudience": ["vpnattach"]},
#       "Null": {"sts:IdentityTokenAudience": "false"},
#       "NumericLessThanEquals": {"sts:DurationSeconds": 300},
#       "StringEquals": {"sts:SigningAlgorithm": "RS256"}
#     }
#   }]
# }

# 2. Alibaba Cloud: an OIDC provider that stands for the AWS account, and a role that
#    trusts the functions' roles in it, and nothing else.
(
set -eu
ISSUER=$(aws iam get-outbound-web-identity-federation-info --query IssuerIdentifier --output text)
ACCOUNT=$(aliyun sts GetCallerIdentity | sed -n 's/.*"AccountId": *"\([0-9]*\)".*/\1/p')
HOST=${ISSUER#https://}
HOST=${HOST%%/*}
# The fingerprint of the CA: of the last certificate that the issuer's server shows. When
# AWS is about to change it, add the new one a day before, with
# aliyun ims AddFingerprintToOIDCProvider --OIDCProviderName 'vpnattach' --Fingerprint …
FINGERPRINT=$(openssl s_client -connect "$HOST:443" -servername "$HOST" -showcerts </dev/null 2>/dev/null |
  awk '/BEGIN CERTIFICATE/ {c = ""} {c = c $0 "\n"} /END CERTIFICATE/ {last = c} END {printf "%s", last}' |
  openssl x509 -noout -fingerprint -sha1 | sed 's/.*=//; s/://g')
: "${ISSUER:?} ${ACCOUNT:?} ${FINGERPRINT:?}"
aliyun ims CreateOIDCProvider --OIDCProviderName 'vpnattach' --IssuerUrl "$ISSUER" \
  --ClientIds 'vpnattach' --Fingerprints "$FINGERPRINT" --IssuanceLimitTime 1
aliyun ram CreateRole --RoleName 'vpnattach' --AssumeRolePolicyDocument "$(cat <<EOF
{
  "Version": "1",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "sts:AssumeRole",
      "Principal": {"Federated": ["acs:ram::$ACCOUNT:oidc-provider/vpnattach"]},
      "Condition": {
        "StringEquals": {
          "oidc:iss": ["$ISSUER"],
          "oidc:aud": ["vpnattach"],
          "oidc:sub": [
            "arn:aws:iam::123456789012:role/vpnattach-ApplyRole-1",
            "arn:aws:iam::123456789012:role/vpnattach-ConfirmRole-2"
          ]
        }
      }
    }
  ]
}
EOF
)"
aliyun ram CreatePolicy --PolicyName 'vpnattach' --PolicyDocument "$(cat <<EOF
{
  "Version": "1",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": [
        "vpc:ModifyVpnAttachmentAttribute",
        "vpc:DescribeVpnConnection"
      ],
      "Resource": "acs:vpc:*:$ACCOUNT:vpnconnection/*"
    },
    {"Effect": "Allow", "Action": "vpc:DiagnoseVpnConnections", "Resource": "*"}
  ]
}
EOF
)"
aliyun ram AttachPolicyToRole --PolicyType Custom --PolicyName 'vpnattach' --RoleName 'vpnattach'
echo "OidcProviderArn=acs:ram::$ACCOUNT:oidc-provider/vpnattach OidcRoleArn=acs:ram::$ACCOUNT:role/vpnattach OidcAudience=vpnattach"
)
