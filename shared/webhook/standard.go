package webhook

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	webhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// standard is Standard Webhooks. Svix, from which it comes, names the headers svix-…;
// the official verifiers of both take either.
type standard struct{}

func (standard) keys(pasted string) ([]key, *Problem) { return standardKey(pasted) }

func (standard) asks() string {
	return "Send webhook-id, webhook-timestamp with a time at most five minutes from now, and webhook-signature, made of both and the body with a secret known here."
}

func (standard) check(keys []key, header http.Header, body []byte) (claims, error) {
	prefix, id, timestamp, signature := "webhook-", header.Get(webhooks.HeaderWebhookID), header.Get(webhooks.HeaderWebhookTimestamp), header.Get(webhooks.HeaderWebhookSignature)
	if id+timestamp+signature == "" && header.Get("svix-signature") != "" {
		prefix, id, timestamp, signature = "svix-", header.Get("svix-id"), header.Get("svix-timestamp"), header.Get("svix-signature")
	}
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if id == "" || signature == "" || err != nil {
		return claims{}, errors.New(prefix + "id, " + prefix + "timestamp or " + prefix + "signature is missing or can't be read")
	}
	signed := http.Header{}
	signed.Set(webhooks.HeaderWebhookID, id)
	signed.Set(webhooks.HeaderWebhookTimestamp, timestamp)
	signed.Set(webhooks.HeaderWebhookSignature, signature)
	// The library has no clock but the machine's, so its caller checks the time.
	if !anyKey(keys, func(k []byte) bool {
		hook, err := webhooks.NewWebhookRaw(k)
		return err == nil && hook.VerifyIgnoringTimestamp(body, signed) == nil
	}) {
		return claims{}, errNoneFits
	}
	return claims{id, time.Unix(seconds, 0)}, nil
}
