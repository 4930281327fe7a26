package ingest

import (
	"context"
	"errors"
	"iter"
	"maps"
	"net/http"
	"time"

	"github.com/rs/zerolog"

	"vpnattach/shared/core/event"
	"vpnattach/shared/core/finding"
	"vpnattach/shared/webhook"
)

// admission decides about the sender of a request. It returns what counts of the
// headers, or the problem that there is.
type admission func(ctx context.Context, d *document, r *event.Request, header http.Header, body []byte) (iter.Seq2[string, string], *problem)

// anybody admits everyone that the caller answers for.
func anybody(_ context.Context, d *document, r *event.Request, _ http.Header, _ []byte) (iter.Seq2[string, string], *problem) {
	if name := r.Sender(); name != "" && len(name) <= event.MaxName {
		d.via = event.WayWebhook + ":" + name
	}
	return r.Headers, nil
}

// signed admits a request that its sender has signed, and not long ago. Only what is
// signed counts of its headers, and the content type, which decides nothing but whether
// the body is read.
func (in *invocation) signed(ctx context.Context, d *document, r *event.Request, header http.Header, body []byte) (iter.Seq2[string, string], *problem) {
	var senders *webhook.Senders
	err := in.guard(ctx, "get the secrets of webhooks", func() (err error) {
		if in.config.Senders != nil {
			senders, err = in.config.Senders(ctx)
		}
		return err
	})
	if err != nil {
		return nil, unavailable("The request can't be verified now.")
	}
	signed, err := senders.Verify(r.Sender(), header, body, in.now)
	var refused *webhook.Refused
	switch {
	case errors.Is(err, webhook.ErrUnknown):
		in.log(ctx, zerolog.WarnLevel).Err(err).Str("sender", finding.Name(r.Sender())).
			Str("remedy", "correct the URL that the sender posts to, or add the sender to the secret of webhooks").Msg("refused")
		return nil, noSender()
	case errors.As(err, &refused):
		in.log(ctx, zerolog.WarnLevel).Str("error", refused.Reason).Str("sender", finding.Name(r.Sender())).Msg("refused")
		return nil, notSigned(refused.Asks)
	case err != nil:
		for _, p := range senders.Problems() {
			in.log(ctx, zerolog.ErrorLevel).Str("error", p.Error()).Str("remedy", p.Remedy).Msg("a sender of webhooks can't be used")
		}
		in.log(ctx, zerolog.ErrorLevel).Str("sender", finding.Name(r.Sender())).
			Str("remedy", "configure the secret that the senders of webhooks sign with, or take away the entry for HTTP").Msg("the request is refused, since no secret of its sender is known")
		return nil, noSecret()
	}
	if signed.Sender != "" {
		d.via = event.WayWebhook + ":" + signed.Sender
		d.source = d.via
	}
	in.sender, in.delivery = signed.Sender, signed.Delivery
	d.taken = digest("webhook", signed.Sender, signed.ID)
	counts := map[string]string{"Content-Type": header.Get("Content-Type"), "webhook-id": signed.ID}
	if !signed.Time.IsZero() {
		counts["webhook-timestamp"] = signed.Time.UTC().Format(time.RFC3339Nano)
	}
	return maps.All(counts), nil
}

var repeatedWebhook = finding.Declare(finding.Check{
	ID: "webhook-repeated", Severity: finding.Info, Part: finding.Delivery,
	Title: "The webhook has been taken before, and changes nothing this time.",
	Why:   "Senders try again, and what somebody has recorded can be sent once more. A webhook is known by what is signed: by its id, or by its sender and body.",
	Hint:  "nothing is to be done; to have the change made again, have the sender send a new event",
})

// repeated reports whether the webhook has been taken before.
func (in *invocation) repeated(ctx context.Context, d *document) (known bool, p *problem) {
	if d.taken == "" {
		return false, nil
	}
	err := in.guard(ctx, "look up whether the webhook has been taken before", func() (err error) {
		known, err = in.config.Known(ctx, d.taken)
		return err
	})
	if err != nil {
		return false, unavailable("The event can't be taken now.")
	}
	return known, nil
}
