package snippet

import "strconv"

// HTTP appends the request as an HTTP/1.1 message, as it goes over the wire.
func HTTP(dst []byte, in Input) []byte {
	const end = "\r\n"
	r := in.Request
	dst = append(dst, r.Method+" "+r.Path+"?"+r.Query+" HTTP/1.1"+end...)
	for _, h := range r.Headers {
		dst = append(dst, h.Name+": "+h.Value+end...)
	}
	dst = append(dst, "content-length: "...)
	dst = strconv.AppendInt(dst, int64(len(r.Body)), 10)
	dst = append(dst, end+end...)
	return append(dst, r.Body...)
}
