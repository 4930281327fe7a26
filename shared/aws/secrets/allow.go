package secrets

import (
	"fmt"
	"strings"

	"github.com/tidwall/match"

	"vpnattach/shared/core/secret"
)

// pattern is an entry of the list of allowed ARNs.
type pattern struct {
	text    string
	service string // of references: [secret.SecretsManager] or [secret.SSMSecure]
	head    string // all before the name
}

func newPattern(text string) (pattern, error) {
	p := pattern{text: text}
	fields := strings.SplitN(text, ":", 7)
	switch {
	case strings.Contains(text, `\`): // would escape in a pattern; no ARN has one
	case len(fields) == 7 && fields[2] == "secretsmanager" && fields[5] == "secret":
		p.service, p.head = secret.SecretsManager, strings.TrimSuffix(text, fields[6])
	case len(fields) == 6 && fields[2] == "ssm" && strings.HasPrefix(fields[5], "parameter/"):
		p.service, p.head = secret.SSMSecure, strings.Join(fields[:5], ":")+":parameter/"
	}
	if p.service == "" || fields[0] != "arn" {
		return p, fmt.Errorf("secrets: %q is not an ARN of secrets or parameters, such as arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME* or arn:aws:ssm:REGION:ACCOUNT:parameter/NAME", text)
	}
	return p, nil
}

// field returns a part of an ARN; empty when the text is not an ARN.
func field(arn string, n int) string {
	fields := strings.SplitN(arn, ":", 7)
	if fields[0] != "arn" || n >= len(fields) {
		return ""
	}
	return fields[n]
}

// allows reports whether the list covers an ARN that a service has returned.
func (r *Resolver) allows(service, arn string) bool {
	for _, p := range r.allow {
		if p.service == service && field(arn, 2) == field(p.text, 2) && match.Match(arn, p.text) {
			return true
		}
	}
	return false
}

// randomSuffix is the length of what Secrets Manager appends to a name, with its
// hyphen, to make the ARN. A reference may leave it out.
const randomSuffix = len("-9fK2aB")

// mayAllow reports whether the list covers an ARN that the reference can resolve to. A
// name is assumed to be in the region and the account of each pattern.
func (r *Resolver) mayAllow(ref secret.Reference) bool {
	for _, p := range r.allow {
		if p.service != ref.Service {
			continue
		}
		arn := ref.ID
		if field(arn, 0) == "" {
			arn = p.head + strings.TrimPrefix(ref.ID, "/")
		}
		if match.Match(arn, p.text) {
			return true
		}
		if ref.Service == secret.SecretsManager &&
			(match.Match(arn+"-xxxxxx", p.text) || strings.HasPrefix(p.text, arn+"-") && len(p.text) == len(arn)+randomSuffix) {
			return true
		}
	}
	return false
}
