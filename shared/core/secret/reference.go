package secret

import (
	"errors"
	"strings"
)

// Mark begins every dynamic reference. Text that holds it anywhere claims to be one.
const Mark = "{{resolve:"

// The services that a Reference can name.
const (
	SecretsManager = "secretsmanager" // AWS Secrets Manager
	SSMSecure      = "ssm-secure"     // a SecureString of the AWS Systems Manager Parameter Store
)

// ErrUnresolvable is to be wrapped by code that resolves references, when trying again
// is of no use: the secret does not exist or has no such value.
var ErrUnresolvable = errors.New("the dynamic reference can't be resolved")

// ErrDenied is to be wrapped for a secret that exists, or may exist, and that the
// program may not read or decrypt. A person has to grant that; then it works.
var ErrDenied = errors.New("no permission to read the secret")

// Reference is a dynamic reference in CloudFormation's form: it stands for a secret
// that is fetched only when it is used.
//
//	{{resolve:secretsmanager:secret-id:SecretString:json-key:version-stage:version-id}}
//	{{resolve:ssm-secure:parameter-name:version}}
//
// All after the id may be left out. The id may be a whole ARN.
// Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
type Reference struct {
	Service      string // SecretsManager or SSMSecure
	ID           string // name or ARN
	Key          string // of the JSON in the secret; empty: the whole secret
	VersionStage string // such as AWSCURRENT, which is meant when both are empty
	VersionID    string // of the secret; for a parameter its version number
}

// The errors of [ParseReference]. They don't show the text, which may hold a secret
// by mistake.
var (
	errNotWhole     = errors.New("dynamic reference: it must be the whole value, {{resolve:service:id…}}, with nothing before, after or inside")
	errService      = errors.New("dynamic reference: the service must be secretsmanager or ssm-secure")
	errID           = errors.New("dynamic reference: the id of the secret is missing or not a name or an ARN")
	errSecretString = errors.New("dynamic reference: after the id of a secret comes SecretString")
	errVersion      = errors.New("dynamic reference: give version-stage or version-id, not both")
	errNumber       = errors.New("dynamic reference: the version of a parameter is a number")
	errTooLong      = errors.New("dynamic reference: it has too many parts")
)

// ParseReference reads s. The second result says whether s claims to be a
// reference, that is holds [Mark]; then the error says what is wrong with its form,
// if anything.
func ParseReference(s string) (Reference, bool, error) {
	if !strings.Contains(s, Mark) {
		return Reference{}, false, nil
	}
	body, begins := strings.CutPrefix(s, Mark)
	body, ends := strings.CutSuffix(body, "}}")
	if !begins || !ends || strings.ContainsAny(body, "{}\" \t\r\n") {
		return Reference{}, true, errNotWhole
	}
	r := Reference{}
	r.Service, body, _ = strings.Cut(body, ":")
	var parts []string
	switch r.Service {
	case SecretsManager: // arn:aws:secretsmanager:region:account:secret:name
		r.ID, parts = splitID(body, 7)
	case SSMSecure: // arn:aws:ssm:region:account:parameter/name
		r.ID, parts = splitID(body, 6)
	default:
		return Reference{}, true, errService
	}
	err := r.read(parts)
	if r.ID == "" || strings.HasSuffix(r.ID, ":") || !isID(r.ID) {
		err = errID
	}
	if err != nil {
		return Reference{}, true, err
	}
	return r, true, nil
}

// splitID takes the id off: one part, or for an ARN as many as it has.
func splitID(body string, arnParts int) (id string, rest []string) {
	parts := strings.Split(body, ":")
	n := 1
	if parts[0] == "arn" {
		n = min(arnParts, len(parts))
		if n < arnParts {
			return "", nil
		}
	}
	return strings.Join(parts[:n], ":"), parts[n:]
}

// read takes the parts after the id.
func (r *Reference) read(parts []string) error {
	most := 4
	if r.Service == SSMSecure {
		most = 1
	}
	if len(parts) > most {
		return errTooLong
	}
	parts = append(parts, "", "", "", "")
	if r.Service == SSMSecure {
		r.VersionID = parts[0]
		if strings.Trim(r.VersionID, "0123456789") != "" {
			return errNumber
		}
		return nil
	}
	r.Key, r.VersionStage, r.VersionID = parts[1], parts[2], parts[3]
	if parts[0] != "SecretString" && (parts[0] != "" || r.Key != "") {
		return errSecretString
	}
	if r.VersionStage != "" && r.VersionID != "" {
		return errVersion
	}
	return nil
}

// isID reports whether s consists of what names and ARNs consist of.
func isID(s string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') && !strings.ContainsRune("/_+=.@-:!", rune(c)) {
			return false
		}
	}
	return true
}

// String returns the reference in its shortest form. [ParseReference] reads it back.
func (r Reference) String() string {
	text := Mark + r.Service + ":" + r.ID
	rest := ":" + r.VersionID
	if r.Service != SSMSecure {
		rest = ":SecretString:" + r.Key + ":" + r.VersionStage + ":" + r.VersionID
		if r.Key+r.VersionStage+r.VersionID == "" {
			rest = ""
		}
	}
	return text + strings.TrimRight(rest, ":") + "}}"
}
