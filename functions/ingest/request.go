package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"vpnattach/shared/core/event"
	"vpnattach/shared/core/pipeline"
)

// answerWithin is how long a request may take. API Gateway gives up after 30 seconds,
// and then the sender knows nothing:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
const answerWithin = 20 * time.Second

// request answers an HTTP request. It never returns an error: each caller gets an
// answer.
func (in *invocation) request(ctx context.Context, r *event.Request) ([]byte, error) {
	in.entry = event.HTTP.String()
	d := &document{source: Webhook, via: event.WayWebhook}
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	var p *problem
	if err := in.recovered(ctx, func() error { p = in.answer(ctx, r, d, in.signed); return nil }); err != nil {
		p = internal()
	}
	if p != nil {
		in.status = p.Status
		switch {
		case p.unsigned:
			in.counts.Unsigned++
		case p.noSecret:
			in.counts.NoSecret++
		case p.Status >= http.StatusInternalServerError:
			in.counts.Kept++
		default:
			in.counts.Rejected++
		}
		return respond(r, p.Status, "application/problem+json", p.header, p)
	}
	in.status = http.StatusAccepted
	in.count(d)
	result := accepted{Changes: []Change{}}
	result.add(d)
	return respond(r, http.StatusAccepted, "application/json", nil, result)
}

// answer takes a request, or returns the problem that there is with it. The cheap
// checks come first, and nothing is read out of a body that isn't signed.
func (in *invocation) answer(ctx context.Context, r *event.Request, d *document, admit admission) *problem {
	if r.Method != http.MethodPost {
		return methodNotAllowed()
	}
	most := in.config.MaxBody
	body, err := r.Body(most)
	var unreadable *event.Error
	switch {
	case errors.As(err, &unreadable) && unreadable.Code == event.TooLarge || len(body) > most:
		return contentTooLarge(most)
	case err != nil:
		return invalid("The body can't be read: it "+unreadable.Message+".", nil)
	}
	header := headerOf(r)
	d.trace = traceOf(header)
	headers, p := admit(ctx, d, r, header, body)
	if p != nil {
		return p
	}
	if known, p := in.repeated(ctx, d); p != nil {
		return p
	} else if known {
		in.counts.Repeated++
		in.log(ctx, zerolog.InfoLevel).Str("source", d.source).Str("code", repeatedWebhook.ID).Str("delivery", in.delivery).Msg("repeated")
		d.add("", repeatedWebhook.At("", "this webhook has been taken before, so nothing is changed"))
		d.done = true
		return nil
	}
	if media := header.Get("Content-Type"); media != "" && !isJSON(media) {
		return unsupportedMediaType()
	}
	records, err := event.OpenHTTP(headers, body, nil)
	if err != nil && !d.refuse(err) {
		return internal()
	}
	for i := range records {
		// The same id of two senders is not the same event.
		if s := &records[i].Source; *s == event.HTTPSource && d.source != Webhook {
			*s = d.source
		}
	}
	return in.accept(ctx, d, records)
}

// accept puts all changes of the records into the queue, or returns the problem.
func (in *invocation) accept(ctx context.Context, d *document, records []event.Record) *problem {
	err := in.guard(ctx, "judge the event", func() error { return in.judge(ctx, d, records) })
	if errors.Is(err, pipeline.ErrStopped) {
		return unavailable("The event has too many changes to be judged in time.")
	}
	if errors.Is(err, errNoRules) {
		return unavailable("The rules can't be read.")
	}
	if err != nil {
		return internal()
	}
	if d.rejected {
		in.refused(ctx, d)
		return invalid("The event has errors, and none of its changes is taken.", d.findings())
	}
	if err := in.guard(ctx, "take the event", func() error { return in.remember(ctx, d) }); err != nil {
		return unavailable("The event can't be taken now.")
	}
	if len(d.messages) > 0 {
		if in.sendAll(ctx, []*document{d}) != nil {
			return unavailable("The changes can't be put into the queue now.")
		}
		// Not before: what is remembered is taken. What asks for no change is not, so that
		// it can be sent again once there is a rule for it.
		if d.taken != "" && in.guard(ctx, "remember the webhook", func() error { return in.config.Remember(ctx, d.taken) }) != nil {
			return unavailable("The changes are in the queue, but can't be remembered.")
		}
	}
	d.done = true
	return nil
}

// headerOf are the headers; of one that comes twice, the first.
func headerOf(r *event.Request) http.Header {
	header := http.Header{}
	for name, text := range r.Headers {
		if header.Values(name) == nil {
			header.Set(name, text)
		}
	}
	return header
}

// isJSON reports whether a media type means JSON, that of CloudEvents included.
func isJSON(contentType string) bool {
	media, _, err := mime.ParseMediaType(contentType)
	return err == nil && (strings.HasSuffix(media, "/json") || strings.HasSuffix(media, "+json"))
}

// response is what the function returns as the answer to an HTTP request.
type response struct {
	StatusCode        int                 `json:"statusCode"`
	StatusDescription string              `json:"statusDescription,omitempty"` // for load balancers only
	Headers           map[string]string   `json:"headers,omitempty"`
	MultiValueHeaders map[string][]string `json:"multiValueHeaders,omitempty"`
	Body              string              `json:"body"`
	IsBase64Encoded   bool                `json:"isBase64Encoded"`
}

func respond(r *event.Request, status int, media string, header map[string]string, content any) ([]byte, error) {
	body, err := json.Marshal(content)
	if err != nil {
		return nil, err
	}
	answer := response{StatusCode: status, Body: string(body) + "\n", Headers: map[string]string{
		"Content-Type": media, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
	}}
	for name, value := range header {
		answer.Headers[name] = value
	}
	if r.Kind == event.ALB {
		answer.StatusDescription = strconv.Itoa(status) + " " + http.StatusText(status)
	}
	if r.Lists {
		answer.MultiValueHeaders = map[string][]string{}
		for name, value := range answer.Headers {
			answer.MultiValueHeaders[name] = []string{value}
		}
		answer.Headers = nil
	}
	return json.Marshal(answer)
}
