package webhook

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"vpnattach/shared/core/secret"
)

// scheme is how the senders of one kind sign.
type scheme struct {
	name string
	signer
	// delivery are headers, and then members of the body as gjson paths, in which the
	// sender names a delivery or what has caused it. They are logged and decide nothing:
	// the headers are not signed, and one bulk edit shares its id over many webhooks.
	delivery, request []string
}

// schemes are all of them. "hmac" has its settings in the sender's.
var schemes = []scheme{
	// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
	{name: "standard", signer: standard{}},
	// https://docs.svix.com/receiving/verifying-payloads/how-manual
	{name: "svix", signer: standard{}},
	// https://netboxlabs.com/docs/netbox/models/extras/webhook/
	{name: "netbox", signer: digest{header: "X-Hook-Signature", hash: "sha512"}, request: []string{"request.id", "request_id"}},
	// https://docs.nautobot.com/projects/core/en/stable/user-guide/platform-functionality/webhook/
	{name: "nautobot", signer: digest{header: "X-Hook-Signature", hash: "sha512"}, request: []string{"request_id"}},
	// https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
	{name: "github", signer: digest{header: "X-Hub-Signature-256", hash: "sha256", prefix: "sha256="}, delivery: []string{"X-GitHub-Delivery"}},
	// https://docs.gitlab.com/user/project/integrations/webhooks/
	{name: "gitlab", signer: gitlab{}, delivery: []string{"X-Gitlab-Event-UUID", "Idempotency-Key"}},
	{name: "hmac", signer: digest{}},
}

// signer knows the secrets and the signatures of a scheme.
type signer interface {
	// keys reads a secret as a person has pasted it. Where it can be read in two ways
	// there are two keys.
	keys(pasted string) ([]key, *Problem)
	// check returns what the signature covers beside the body, or why none of the keys
	// has signed the request. All keys are tried, whichever fits.
	check(keys []key, header http.Header, body []byte) (claims, error)
	// asks says what a request needs, for its sender.
	asks() string
}

// key is what a secret stands for.
type key struct {
	bytes secret.Secret
	token bool // it comes as it is, in place of a signature
}

// claims is what a signature covers beside the body.
type claims struct {
	id string    // empty: the scheme signs none
	at time.Time // zero: the scheme signs none
}

// anyKey reports whether one of the keys fits. All are tried, whichever it is.
func anyKey(keys []key, fits func(k []byte) bool) bool {
	found := false
	for _, k := range keys {
		if fits([]byte(k.bytes.Reveal())) {
			found = true
		}
	}
	return found
}

// schemeNamed returns nil for an unknown name.
func schemeNamed(name string) *scheme {
	if i := slices.IndexFunc(schemes, func(s scheme) bool { return s.name == name }); i >= 0 {
		return &schemes[i]
	}
	return nil
}

func schemeNames() string {
	var names []string
	for _, s := range schemes {
		names = append(names, s.name)
	}
	return strings.Join(names, ", ")
}
