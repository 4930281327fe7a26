package snippet

// Curl appends the request as a curl command, one option a line, ending in a
// newline. It sends exactly the request's bytes from any POSIX shell, whatever the
// values hold.
func Curl(dst []byte, in Input) []byte {
	r := in.Request
	dst = append(dst, "curl --request "...)
	dst = appendQuoted(dst, r.Method)
	dst = append(dst, " --globoff "...) // braces and brackets in the URL are not patterns
	dst = appendQuoted(dst, r.URL())
	typed := false
	for _, h := range r.Headers {
		switch h.Name {
		case "host": // curl takes it from the URL
			continue
		case "content-type":
			typed = true
		}
		dst = appendOption(dst, "--header", h.Name+": "+h.Value)
	}
	if !typed {
		dst = appendOption(dst, "--header", "content-type:") // else curl adds its own
	}
	dst = appendOption(dst, "--data-raw", r.Body) // an @ in it does not name a file
	return append(dst, '\n')
}

func appendOption(dst []byte, name, value string) []byte {
	dst = append(dst, " \\\n  "...)
	dst = append(dst, name...)
	dst = append(dst, ' ')
	return appendQuoted(dst, value)
}
