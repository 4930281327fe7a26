package snippet

import (
	"strings"
	"unicode/utf8"
)

// Curl appends the request as a curl command, one parameter a line, ending in a
// newline. With Reveal it sends exactly the request's bytes from any POSIX shell, whatever
// the values hold. Without, it is a script that signs the request when it is run, since a
// signature covers the keys.
func Curl(dst []byte, in Input) []byte {
	if !in.Reveal {
		return script(dst, in)
	}
	r := in.Request
	dst = append(dst, "curl --request "...)
	dst = appendQuoted(dst, r.Method)
	dst = append(dst, " --globoff \\\n  "...) // braces and brackets in the URL are not patterns
	// Words without a blank between them are one.
	separator := "?"
	dst = appendQuoted(dst, r.Scheme+"://"+r.Host+r.Path)
	for parameter := range strings.SplitSeq(r.Query, "&") {
		dst = appendQuoted(append(dst, "\\\n"...), separator+parameter)
		separator = "&"
	}
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
	if !strings.HasPrefix(r.Body, "TunnelOptionsSpecification") {
		dst = appendOption(dst, "--data-raw", r.Body) // an @ in it does not name a file
		return append(dst, '\n')
	}
	for parameter := range strings.SplitSeq(r.Body, "&") {
		dst = appendOption(dst, "--data-raw", parameter) // curl puts an & between them
	}
	return append(dst, '\n')
}

// scriptHead is what the script needs of a shell: add writes a parameter as a query has
// it, json the inside of a JSON string.
const scriptHead = `(
set -eu
encode() { printf %s "$1" | od -An -v -tx1 | awk 'BEGIN { for (n = 45; n < 127; n++) { c = sprintf("%c", n); if (c ~ /[A-Za-z0-9._~-]/) plain[sprintf("%02x", n)] = c } }
  { for (i = 1; i <= NF; i++) printf "%s", ($i in plain) ? plain[$i] : "%" toupper($i) }'; }
add() { printf '&%s=%s' "$1" "$(encode "$2")"; }
sha256() { openssl dgst -sha256 -r "$@" | cut -d ' ' -f 1; }
`

// scriptTail signs and sends the request.
const scriptTail = `query=${query#&} body=${body#&} token=${ALIBABA_CLOUD_SECURITY_TOKEN:-}
sum=$(printf %s "$body" | sha256)
headers=$(
  echo 'content-type:application/x-www-form-urlencoded'
  echo "host:$host"
  if [ "$token" ]; then echo "x-acs-accesskey-id:$ALIBABA_CLOUD_ACCESS_KEY_ID"; fi
  echo "x-acs-action:ModifyVpnAttachmentAttribute"
  echo "x-acs-content-sha256:$sum"
  echo "x-acs-date:$(date -u +%Y-%m-%dT%H:%M:%SZ)"
  if [ "$token" ]; then echo "x-acs-security-token:$token"; fi
  echo "x-acs-signature-nonce:$(openssl rand -hex 16)"
  echo 'x-acs-version:2016-04-28'
)
names=$(printf '%s\n' "$headers" | cut -d : -f 1 | paste -sd ';' -)
canonical=$(printf 'POST\n/\n%s\n%s\n\n%s\n%s' "$query" "$headers" "$names" "$sum" | sha256)
signature=$(printf 'ACS3-HMAC-SHA256\n%s' "$canonical" | sha256 -hmac "$ALIBABA_CLOUD_ACCESS_KEY_SECRET")
answer=$({ # on standard input, so that no list of processes shows the key
  printf 'url = "%s://%s/?%s"\ndata-raw = "%s"\n' "$scheme" "$host" "$query" "$body"
  printf '%s\n' "$headers" | sed 's/\([^:]*\):\(.*\)/header = "\1: \2"/'
  printf 'header = "authorization: ACS3-HMAC-SHA256 Credential=%s,SignedHeaders=%s,Signature=%s"\n' "$ALIBABA_CLOUD_ACCESS_KEY_ID" "$names" "$signature"
} | curl --silent --show-error --config -)
printf '%s\n' "$answer" | sed -E 's/("Psk": *")([^"\\]|\\.)*/\1***/g' # it holds the pre-shared key
)
`

// script appends a script for a POSIX shell with curl and openssl.
func script(dst []byte, in Input) []byte {
	in = in.withVariables()
	dst = append(dst, "# Sends one "+in.Request.Action+" request with curl, and signs it with openssl by ACS3-HMAC-SHA256.\n"...)
	dst = append(in.appendNote(dst, "#"), scriptHead...)
	dst = append(in.appendNeeds(dst, "ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"), '\n')
	dst = append(appendQuoted(append(dst, "scheme="...), in.Request.Scheme), " host="...)
	dst = append(appendQuoted(dst, in.Request.Host), '\n')
	for _, part := range []string{"query", "body"} {
		dst = append(dst, part+"=$(\n"...)
		for _, p := range in.parameters() {
			switch {
			case p.In != part:
			case strings.ContainsFunc(p.Value, isHidden): // a word can't escape what is not to be seen, nor hold a NUL
				const hex = "0123456789ABCDEF"
				dst = append(dst, "  printf '&%s=%s' "+p.Name+` "`...)
				for text := p.Value; text != ""; {
					end := strings.IndexFunc(text, isHidden)
					if end < 0 {
						end = len(text)
					}
					dst = append(in.appendShell(append(dst, "$(encode "...), text[:end]), ')')
					_, size := utf8.DecodeRuneInString(text[end:])
					for _, b := range []byte(text[end : end+size]) {
						dst = append(dst, '%', hex[b>>4], hex[b&15])
					}
					text = text[end+size:]
				}
				dst = append(dst, "\"\n"...)
			default:
				dst = append(in.appendShell(append(dst, "  add "+p.Name+" "...), p.Value), '\n')
			}
		}
		dst = append(dst, ")\n"...)
	}
	return append(dst, scriptTail...)
}

func appendOption(dst []byte, name, value string) []byte {
	dst = append(dst, " \\\n  "...)
	dst = append(dst, name...)
	dst = append(dst, ' ')
	return appendQuoted(dst, value)
}
