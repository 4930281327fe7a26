package credentials

import (
	"errors"
	"strings"
	"time"

	"vpnattach/shared/core/request"
)

// Role is a profile without a stored key: a RAM role that can be assumed with a token of
// an OIDC provider. It holds no secret.
type Role struct {
	ProviderARN string // acs:ram::<account>:oidc-provider/<name>
	RoleARN     string // acs:ram::<account>:role/<name>
	Audience    string // whom the token is for; one of the provider's client ids
}

// Session is the temporary key that a role has given.
type Session struct {
	Credentials request.Credentials
	Expires     time.Time
}

// longestAudience is what AWS STS takes.
const longestAudience = 1000

// Check says what is wrong with the role, without showing it.
func (r *Role) Check() error {
	switch {
	case !isARN(r.ProviderARN, "oidc-provider", 128):
		return errors.New("providerArn is not the ARN of an OIDC provider: give acs:ram::<account>:oidc-provider/<name>")
	case !isARN(r.RoleARN, "role", 64):
		return errors.New("roleArn is not the ARN of a RAM role: give acs:ram::<account>:role/<name>")
	case len(r.Audience) < 1 || len(r.Audience) > longestAudience || strings.ContainsFunc(r.Audience, isStrange):
		return errors.New("audience must have 1 to 1000 characters without blanks: give one of the provider's client ids")
	}
	return nil
}

// isARN reports whether s is acs:ram::<account>:<kind>/<name>, with a name of at most
// that length.
func isARN(s, kind string, longest int) bool {
	rest, ram := strings.CutPrefix(s, "acs:ram::")
	account, name, ofKind := strings.Cut(rest, ":"+kind+"/")
	return ram && ofKind && account != "" && strings.Trim(account, "0123456789") == "" &&
		name != "" && len(name) <= longest && !strings.ContainsFunc(name, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && !strings.ContainsRune("._-", r)
	})
}
