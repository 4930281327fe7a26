package snippet

// PutEvents appends the AWS CLI's command, for a POSIX shell, that puts the change
// onto an EventBridge bus as the detail of an event. The bus is that of a stack with
// the name vpnattach; source and detail type are examples: a rule and the list of
// trusted sources say which ones count.
func PutEvents(dst []byte, in Input) []byte {
	dst = in.appendNote(dst, "#")
	entry := []byte(`[
  {
    "EventBusName": "vpnattach",
    "Source": "com.example.vpn",
    "DetailType": "VPN Attachment Change",
    "Detail": `)
	entry = appendString(entry, string(in.Change.AppendJSON(nil, in.Reveal)))
	entry = append(entry, "\n  }\n]"...)
	dst = append(dst, "aws events put-events --entries "...)
	return append(appendQuoted(dst, string(entry)), '\n')
}
