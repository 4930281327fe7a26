package snippet

import (
	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/request"
)

// RAMPolicy appends the RAM policy that lets a user or role make this call and look
// at the attachment, and nothing else.
//
// Source: the API's page, authorization information.
func RAMPolicy(dst []byte, in Input) []byte {
	account := in.AccountID
	if account == "" {
		account = "*"
	}
	resource := "acs:vpc:" + in.Change.Text(attachment.RegionID) + ":" + account +
		":vpnconnection/" + in.Change.Text(attachment.VpnConnectionID)
	dst = append(dst, `{
  "Version": "1",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": [
        "vpc:`+request.DescribeAction+`",
        "vpc:`+request.ModifyAction+`"
      ],
      "Resource": `...)
	dst = appendString(dst, resource)
	return append(dst, "\n    }\n  ]\n}\n"...)
}
