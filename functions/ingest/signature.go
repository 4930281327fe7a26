package ingest

import (
	"context"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/rs/zerolog"
	webhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"vpnattach/shared/core/event"
	"vpnattach/shared/core/secret"
)

// Of Standard Webhooks:
// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
const (
	window   = 5 * time.Minute // around now, in which a signature is good
	leastKey = 24              // bytes; an empty one would let anybody sign
)

const secretPrefix = "whsec_"

// nameOfSecret splits NAME=whsec_…: the name of the sender, which rules can tell apart.
func nameOfSecret(text string) (name, secret string) {
	if name, rest, ok := strings.Cut(text, "="); ok && strings.HasPrefix(rest, secretPrefix) {
		return name, rest
	}
	return "", text
}

// verify returns nil when one of the secrets has signed the body, and not long ago.
func (in *invocation) verify(ctx context.Context, d *document, header http.Header, body []byte) *problem {
	var secrets []secret.Secret
	err := in.guard(ctx, "get the secrets of webhooks", func() (err error) {
		if in.config.Webhook != nil {
			secrets, err = in.config.Webhook(ctx)
		}
		return err
	})
	if err != nil {
		return unavailable("The request can't be verified now.")
	}
	usable, signed := 0, false
	for i, s := range secrets {
		name, text := nameOfSecret(strings.TrimSpace(s.Reveal()))
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(text, secretPrefix))
		if err != nil || len(key) < leastKey {
			in.log(ctx, zerolog.ErrorLevel).Int("secret", i+1).
				Str("remedy", "store the base64 of 24 to 64 random bytes, as openssl rand -base64 32 prints it").Msg("a webhook secret is not in the form of one")
			continue
		}
		usable++
		// The library has no clock but the machine's, so the time is checked below. No
		// secret is left out, whichever fits.
		hook, err := webhooks.NewWebhookRaw(key)
		if err == nil && hook.VerifyIgnoringTimestamp(body, header) == nil {
			if signed = true; name != "" {
				d.via = event.WayWebhook + ":" + name
			}
		}
	}
	if usable == 0 {
		in.log(ctx, zerolog.ErrorLevel).
			Str("remedy", "configure the secret that the senders of webhooks sign with, or take away the entry for HTTP").Msg("every request is refused, since no webhook secret is known")
		return noSecret()
	}
	seconds, err := strconv.ParseInt(header.Get(webhooks.HeaderWebhookTimestamp), 10, 64)
	now, most := in.now.Unix(), int64(window/time.Second)
	why := ""
	switch {
	case header.Get(webhooks.HeaderWebhookID) == "" || header.Get(webhooks.HeaderWebhookSignature) == "" || err != nil:
		why = "webhook-id, webhook-timestamp or webhook-signature is missing or can't be read"
	case !signed:
		why = "no secret fits the signature"
	case seconds < now-most || seconds > now+most:
		why = "webhook-timestamp is more than five minutes away from now"
	default:
		return nil
	}
	in.log(ctx, zerolog.WarnLevel).Str("error", why).Msg("refused")
	return notSigned()
}
