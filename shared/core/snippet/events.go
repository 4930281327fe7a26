package snippet

// PutEvents appends the AWS CLI's command, for a POSIX shell, that puts the change
// onto an EventBridge bus as the detail of an event. The bus is that of a stack with
// the name vpnattach; source and detail type are examples: a rule and the list of
// trusted sources say which ones count. What a merge has added stays out of it: an event
// owns all that it names.
func PutEvents(dst []byte, in Input) []byte {
	if in.Asked != nil {
		in.Change = in.Asked
	}
	in = in.withVariables()
	dst = in.appendNote(dst, "#")
	if len(in.variables) > 0 {
		dst = append(in.appendNeeds(dst), " &&\n"...)
	}
	entry := []byte(`[
  {
    "EventBusName": "vpnattach",
    "Source": "com.example.vpn",
    "DetailType": "VPN Attachment Change",
    "Detail": `)
	entry = appendString(entry, string(in.Change.AppendJSON(nil, in.Reveal)))
	entry = append(entry, "\n  }\n]"...)
	dst = append(dst, "aws events put-events --entries "...)
	// A key stands in JSON text that is a string of JSON text.
	const escape = `s/[\\"]/\\&/g; s/[\\"]/\\&/g`
	for _, p := range in.split(string(entry)) {
		if p.variable == nil {
			dst = appendQuoted(dst, p.text)
			continue
		}
		dst = append(dst, `"$(printf %s "$`+p.variable.name+`" | sed '`+escape+`')"`...)
	}
	return append(dst, '\n')
}
