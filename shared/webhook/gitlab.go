package webhook

import (
	"errors"
	"net/http"

	"vpnattach/shared/core/secret"
)

// gitlab signs with a signing token, whsec_…, as Standard Webhooks does, or sends its
// secret token as it is.
type gitlab struct{}

const tokenHeader = "X-Gitlab-Token"

func (gitlab) keys(pasted string) ([]key, *Problem) {
	if isStandard(pasted) {
		return standardKey(pasted)
	}
	all, p := rawKeys(pasted)
	for i := range all {
		all[i].token = true
	}
	return all, p
}

func (gitlab) asks() string {
	return "Send webhook-id, webhook-timestamp and webhook-signature, made with a signing token known here, or " + tokenHeader + " with a secret token known here."
}

// check never takes the token of a request that is signed, and whose signature can be
// checked.
func (gitlab) check(keys []key, header http.Header, body []byte) (claims, error) {
	var signing, tokens []key
	for _, k := range keys {
		if k.token {
			tokens = append(tokens, k)
		} else {
			signing = append(signing, k)
		}
	}
	if len(tokens) == 0 || len(signing) > 0 && header.Get("webhook-signature") != "" {
		return standard{}.check(signing, header, body)
	}
	token := header.Get(tokenHeader)
	if token == "" {
		return claims{}, errors.New(tokenHeader + " is missing")
	}
	if sent := secret.New(token); !anyKey(tokens, func(k []byte) bool { return sent.Equal(secret.New(string(k))) }) {
		return claims{}, errors.New("no secret is the one in " + tokenHeader)
	}
	return claims{}, nil
}
