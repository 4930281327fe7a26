package snippet

import (
	"strings"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/request"
)

// Aliyun appends the request as a command of the aliyun CLI for a POSIX shell. The
// CLI has no way to give the fields of TunnelOptionsSpecification and doesn't know
// the parameters that only the SDK has, and its words can't escape what is not to be seen;
// then a comment says so, and the command is that of [Curl].
//
// Source: aliyun-cli 3.4.11, which takes such names as "not a valid parameter or
// flag", and TunnelOptionsSpecification as one value that it doesn't flatten.
func Aliyun(dst []byte, in Input) []byte {
	given := in
	in = in.withVariables()
	parameters := in.parameters()
	for _, p := range parameters {
		// No argument of a command can hold a NUL, and what can't be seen or turns the reading
		// direction can't be escaped in it.
		if row, _ := attachment.Lookup(p.Name); p.In == "body" || row.Hidden || strings.ContainsFunc(p.Value, isHidden) {
			name, _, list := strings.Cut(p.Name, ".")
			note := "# The aliyun CLI can't send " + name
			if list {
				note = "# " + name + " needs an aliyun CLI that takes the members of lists as flags"
			}
			dst = append(dst, note+". The same request with curl:\n"...)
			return Curl(dst, given)
		}
	}
	dst = in.appendNote(dst, "#")
	if !given.Reveal {
		dst = append(dst, "# The answer holds the pre-shared key.\n"...)
	}
	if len(in.variables) > 0 {
		dst = append(in.appendNeeds(dst), " &&\n"...)
	}
	dst = append(dst, "aliyun vpc "+in.Request.Action...)
	region := in.Change.Text(attachment.RegionID)
	dst = appendOption(dst, "--region", region)
	if host, err := request.Endpoint(region); err != nil || host != in.Request.Host {
		dst = appendOption(dst, "--endpoint", in.Request.Host)
	}
	if in.Request.Scheme == "http" {
		dst = append(dst, " \\\n  --insecure"...)
	}
	for _, p := range parameters {
		if strings.HasPrefix(p.Value, "-") { // as a word of its own it would be an option
			dst = append(dst, " \\\n  --"+p.Name+"="...)
			dst = in.appendShell(dst, p.Value)
			continue
		}
		dst = in.appendShell(append(dst, " \\\n  --"+p.Name+" "...), p.Value)
	}
	return append(dst, '\n')
}
