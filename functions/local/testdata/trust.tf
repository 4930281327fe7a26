# Trust between an AWS account and a RAM role of Alibaba Cloud, so that no access key
# needs to be stored.

terraform {
  required_providers {
    alicloud = {
      source  = "aliyun/alicloud"
      version = ">= 1.252.0"
    }
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.28.0"
    }
    tls = {
      source = "hashicorp/tls"
    }
  }
}

# AWS: the account becomes an issuer of tokens. This is once for the account; to destroy
# it would end it for all that use such tokens. Where it is on already, import it by the
# account's id.
resource "aws_iam_outbound_web_identity_federation" "this" {
  lifecycle {
    prevent_destroy = true
  }
}

data "alicloud_caller_identity" "this" {}

locals {
  issuer  = aws_iam_outbound_web_identity_federation.this.issuer_identifier
  account = data.alicloud_caller_identity.this.account_id
}

# template.yaml lets the functions get tokens. Any other role needs this policy:
#
#   data "aws_iam_policy_document" "token" {
#     statement {
#       actions   = ["sts:GetWebIdentityToken"]
#       resources = ["*"]
#       condition {
#         test     = "ForAllValues:StringEquals"
#         variable = "sts:IdentityTokenAudience"
#         values   = ["vpnattach"]
#       }
#       condition {
#         test     = "Null"
#         variable = "sts:IdentityTokenAudience"
#         values   = ["false"]
#       }
#       condition {
#         test     = "NumericLessThanEquals"
#         variable = "sts:DurationSeconds"
#         values   = ["300"]
#       }
#       condition {
#         test     = "StringEquals"
#         variable = "sts:SigningAlgorithm"
#         values   = ["RS256"]
#       }
#     }
#   }

# The certificates that the issuer's server shows. The provider keeps the fingerprints of
# those of its CA; when AWS is about to change that, add the new one a day before.
data "tls_certificate" "issuer" {
  url = local.issuer
}

# Alibaba Cloud: an OIDC provider that stands for the AWS account, and a role that trusts
# the functions' roles in it, and nothing else.
resource "alicloud_ims_oidc_provider" "aws" {
  oidc_provider_name  = "vpnattach"
  issuer_url          = local.issuer
  client_ids          = ["vpnattach"]
  fingerprints        = [for c in data.tls_certificate.issuer.certificates : c.sha1_fingerprint if c.is_ca]
  issuance_limit_time = 1
}

resource "alicloud_ram_role" "this" {
  role_name = "vpnattach"
  assume_role_policy_document = jsonencode({
    Version = "1"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Federated = ["acs:ram::${local.account}:oidc-provider/vpnattach"] }
      Condition = {
        StringEquals = {
          "oidc:iss" = [local.issuer]
          "oidc:aud" = ["vpnattach"]
          "oidc:sub" = [
            "arn:aws:iam::123456789012:role/vpnattach-ApplyRole-1",
            "arn:aws:iam::123456789012:role/vpnattach-ConfirmRole-2"
          ]
        }
      }
    }]
  })
  depends_on = [alicloud_ims_oidc_provider.aws]
}

resource "alicloud_ram_policy" "this" {
  policy_name = "vpnattach"
  policy_document = jsonencode({
    Version = "1"
    Statement = [
      {
        Effect = "Allow"
        Action = [
          "vpc:ModifyVpnAttachmentAttribute",
          "vpc:DescribeVpnConnection"
        ]
        Resource = "acs:vpc:*:${local.account}:vpnconnection/*"
      },
      {
        Effect   = "Allow"
        Action   = "vpc:DiagnoseVpnConnections"
        Resource = "*"
      },
    ]
  })
}

resource "alicloud_ram_role_policy_attachment" "this" {
  policy_name = alicloud_ram_policy.this.policy_name
  policy_type = "Custom"
  role_name   = alicloud_ram_role.this.role_name
}

output "parameters" {
  value = "OidcProviderArn=acs:ram::${local.account}:oidc-provider/vpnattach OidcRoleArn=acs:ram::${local.account}:role/vpnattach OidcAudience=vpnattach"
}
