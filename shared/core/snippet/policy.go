package snippet

import (
	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/request"
)

// RAMPolicy appends the RAM policy that lets a user or role make this call, look at the
// attachment, and ask why a tunnel is down, and nothing else.
//
// Source: the pages of the three operations, authorization information. The last one
// knows no narrower resource.
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
	return append(dst, `
    },
    {
      "Effect": "Allow",
      "Action": [
        "vpc:`+request.DiagnoseAction+`"
      ],
      "Resource": "*"
    }
  ]
}
`...)
}
