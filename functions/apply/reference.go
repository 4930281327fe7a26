package apply

import (
	"strings"

	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/secret"
)

var needsKeyName = finding.Declare(finding.Check{
	ID: "reference-needs-key-name", Severity: finding.Error, Part: finding.Delivery,
	Title: "A dynamic reference without the name of a key stands for a secret that is a JSON object.",
	Why:   "Secrets Manager’s console stores secrets as JSON. The whole text would become the key, and the tunnel loses its peer.",
	Hint:  "name the member that holds the key in the reference",
	Ref:   "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html",
})

// wholeSecret is the error of a reference that stands for a whole JSON object.
type wholeSecret struct {
	reference secret.Reference
	names     []string // of members that could be meant
}

func (e *wholeSecret) Error() string {
	return e.reference.String() + " is a JSON object, not a key"
}

// finding tells the names of the members, never a value.
func (e *wholeSecret) finding(message string) finding.Finding {
	if e.reference.Service == secret.SSMSecure {
		return needsKeyName.At("", message).Hinted("store the key alone in the parameter: a reference to a parameter can't name a member")
	}
	named := e.reference
	switch len(e.names) {
	case 0:
		return needsKeyName.At("", message).Hinted("store the key as text: the secret has no member that could be one")
	case 1:
		named.Key = e.names[0]
		return needsKeyName.At("", message).Hinted("write " + named.String())
	}
	named.Key = "MEMBER"
	return needsKeyName.At("", message).Hinted("write " + named.String() + " with one of the secret's members: " + strings.Join(e.names, ", "))
}
