package snippet

import (
	"iter"
	"strconv"
	"strings"
	"unicode/utf8"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/request"
	"vpnattach/shared/core/secret"
)

// appendQuoted appends s as one word of a POSIX shell: in single quotes, where
// nothing is special but the single quote itself.
func appendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '\'')
	dst = append(dst, strings.ReplaceAll(s, "'", `'\''`)...)
	return append(dst, '\'')
}

// appendShell appends a value as one word of a POSIX shell, with variables as what they
// hold.
func (in *Input) appendShell(dst []byte, s string) []byte {
	const escape = `s/[\\"]/\\&/g` // within JSON text
	for _, p := range in.split(s) {
		switch {
		case p.variable == nil:
			dst = appendQuoted(dst, p.text)
		case p.json:
			dst = append(dst, `'"'"$(printf %s "$`+p.variable.name+`" | sed '`+escape+`')"'"'`...)
		default:
			dst = append(dst, `"$`+p.variable.name+`"`...)
		}
	}
	if s == "" {
		return appendQuoted(dst, "")
	}
	return dst
}

// appendNeeds appends a command that fails unless the variables are set.
func (in *Input) appendNeeds(dst []byte, names ...string) []byte {
	for i := range in.variables {
		names = append(names, in.variables[i].name)
	}
	dst = append(dst, ':')
	for _, name := range names {
		dst = append(dst, ` "${`+name+`:?is not set}"`...)
	}
	return dst
}

// appendString appends s as a string literal in double quotes, of the escapes that
// Go, Python, TypeScript, HCL and JSON have in common. What can't be seen or turns
// the reading direction is escaped too, so that code shows what it does.
func appendString(dst []byte, s string) []byte { return appendLiteral(dst, s, '"') }

// appendCode is appendString for languages in which single quotes serve as well:
// JSON text is legible in them.
func appendCode(dst []byte, s string) []byte {
	if strings.Contains(s, `"`) && !strings.Contains(s, "'") {
		return appendLiteral(dst, s, '\'')
	}
	return appendString(dst, s)
}

// isHidden reports whether a character is one that code has to escape to show.
func isHidden(r rune) bool {
	return !strconv.IsPrint(r) && r != '\n' && r != '\t'
}

func appendLiteral(dst []byte, s string, quote rune) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, byte(quote))
	for _, r := range s {
		switch {
		case r == quote || r == '\\':
			dst = append(dst, '\\', byte(r))
		case r == '\n':
			dst = append(dst, `\n`...)
		case r == '\r':
			dst = append(dst, `\r`...)
		case r == '\t':
			dst = append(dst, `\t`...)
		case !strconv.IsPrint(r) && r <= 0xFFFF: // beyond, the languages' escapes differ
			dst = append(dst, '\\', 'u', hex[r>>12], hex[r>>8&15], hex[r>>4&15], hex[r&15])
		default:
			dst = utf8.AppendRune(dst, r)
		}
	}
	return append(dst, byte(quote))
}

// parameters returns what the request carries.
func (in *Input) parameters() []request.Parameter {
	return request.Parameters(in.Change, in.token(), in.Reveal)
}

// token is the request's ClientToken; empty where it could not be computed, so that the
// service makes one.
func (in *Input) token() string {
	if in.Request.ClientToken == secret.Redacted {
		return ""
	}
	return in.Request.ClientToken
}

// fields are the values that a section holds.
func fields(s *attachment.Section, values []attachment.Value) iter.Seq2[*attachment.Parameter, string] {
	return func(yield func(*attachment.Parameter, string) bool) {
		for i := range values {
			p, v := &s.Fields[i], values[i]
			if !v.Present() {
				continue
			}
			if !yield(p, v.Text()) {
				return
			}
		}
	}
}

// appendNote says, in a comment that begins with mark, what the variables are, and which
// references stand in the snippet: sent as it is, one would become the key.
func (in *Input) appendNote(dst []byte, mark string) []byte {
	for i := range in.variables {
		v := &in.variables[i]
		dst = append(dst, mark+" "+v.name+" in the environment is "+v.of...)
		if v.value != "" {
			dst = append(dst, ", the secret "+v.value...)
		}
		dst = append(dst, ".\n"...)
	}
	reference := false
	note := func(s *attachment.Section, values []attachment.Value) {
		for i := range values {
			reference = reference || s.Fields[i].Secret && values[i].IsReference()
		}
	}
	for s := range attachment.ConnectionSections {
		note(&attachment.ConnectionSections[s], in.Change.Section(s))
	}
	for n := range in.Change.Tunnels() {
		for s := range attachment.TunnelSections {
			note(&attachment.TunnelSections[s], in.Change.Tunnels()[n].Section(s))
		}
	}
	if reference {
		dst = append(dst, mark+" "+secret.Mark+"...}} stands for a secret: put the secret in its place before you use this.\n"...)
	}
	return dst
}

// isTyped reports whether a value of that kind is written without quotes.
func isTyped(k attachment.Kind) bool {
	return k == attachment.Bool || k == attachment.Int || k == attachment.ASN
}

// snake returns an API name in the form of Python and Terraform: local_bgp_ip.
func snake(name string) string {
	var b strings.Builder
	for i, r := range name {
		if 'A' <= r && r <= 'Z' {
			if i > 0 {
				b.WriteByte('_')
			}
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}
