package ingest

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"vpnattach/shared/core/event"
	"vpnattach/shared/core/jsontext"
)

// answerWithin is how long a request may take. API Gateway gives up after 30 seconds,
// and then the sender knows nothing:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
const answerWithin = 20 * time.Second

// request is an HTTP request as API Gateway, a function URL or a load balancer hands
// it on.
type request struct {
	method  string
	header  http.Header // of a header that comes twice, the first
	body    string      // as it was sent, but perhaps in base64
	encoded bool        // in base64
	elb     bool        // through a load balancer
	lists   bool        // with multi-value headers, which the answer must have too
}

// isRequest recognises HTTP requests; the same things do that package event goes by.
func isRequest(doc jsontext.Value) bool {
	around := doc.Get("requestContext")
	return around.IsObject() && (doc.Get("httpMethod").IsString() || around.Get("http").IsObject())
}

func readRequest(doc jsontext.Value) *request {
	around := doc.Get("requestContext")
	r := &request{
		method: doc.Get("httpMethod").Text(), header: http.Header{},
		body: doc.Get("body").Text(), encoded: doc.Get("isBase64Encoded").Raw() == "true",
		elb: around.Get("elb").Exists(),
	}
	if r.method == "" {
		r.method = around.Get("http").Get("method").Text()
	}
	for name, value := range doc.Get("headers").Members {
		r.add(name, value.Text())
	}
	if len(r.header) == 0 {
		for name, values := range doc.Get("multiValueHeaders").Members {
			r.lists = true
			r.add(name, values.At(0).Text())
		}
	}
	return r
}

func (r *request) add(name, value string) {
	if r.header.Values(name) == nil {
		r.header.Set(name, value)
	}
}

// headers yields the headers.
func (r *request) headers(yield func(name, value string) bool) {
	for name := range r.header {
		if !yield(name, r.header.Get(name)) {
			return
		}
	}
}

// request answers an HTTP request. It never returns an error: whoever asks gets an
// answer.
func (in *invocation) request(ctx context.Context, doc jsontext.Value) ([]byte, error) {
	r := readRequest(doc)
	in.entry = event.HTTP.String()
	d := &document{source: Webhook, overHTTP: true}
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	var p *problem
	if err := in.recovered(ctx, func() error { p = in.answer(ctx, r, d); return nil }); err != nil {
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
		return r.response(p.Status, "application/problem+json", p.header, p)
	}
	in.status = http.StatusAccepted
	in.count(d)
	result := accepted{Changes: []Change{}}
	result.add(d)
	return r.response(http.StatusAccepted, "application/json", nil, result)
}

// answer takes a request, or returns the problem that there is with it. The cheap
// checks come first, and nothing is read out of a body that isn't signed.
func (in *invocation) answer(ctx context.Context, r *request, d *document) *problem {
	if r.method != http.MethodPost {
		return methodNotAllowed()
	}
	body := []byte(r.body)
	most := in.config.MaxBody
	if r.encoded {
		if base64.StdEncoding.DecodedLen(len(r.body))-2 > most {
			return contentTooLarge(most)
		}
		decoded, err := base64.StdEncoding.DecodeString(r.body)
		if err != nil {
			return invalid("The body is not in base64, although the request says so.", nil)
		}
		body = decoded
	}
	if len(body) > most {
		return contentTooLarge(most)
	}
	if p := in.verify(ctx, r.header, body); p != nil {
		return p
	}
	if media := r.header.Get("Content-Type"); media != "" && !isJSON(media) {
		return unsupportedMediaType()
	}
	records, err := event.OpenHTTP(r.headers, body, nil)
	if err != nil && !d.refuse(err) {
		return internal()
	}
	if in.guard(ctx, "judge the event", func() error { return in.judge(d, records) }) != nil {
		return internal()
	}
	if d.rejected {
		in.refused(ctx, d)
		return invalid("The event has errors, and none of its changes is taken.", d.findings)
	}
	if err := in.guard(ctx, "take the event", func() error { return in.remember(ctx, d) }); err != nil {
		return unavailable("The event can't be taken now.")
	}
	if len(d.messages) > 0 && in.sendAll(ctx, []*document{d}) != nil {
		return unavailable("The changes can't be put into the queue now.")
	}
	d.done = true
	return nil
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

func (r *request) response(status int, media string, header map[string]string, content any) ([]byte, error) {
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
	if r.elb {
		answer.StatusDescription = strconv.Itoa(status) + " " + http.StatusText(status)
	}
	if r.lists {
		answer.MultiValueHeaders = map[string][]string{}
		for name, value := range answer.Headers {
			answer.MultiValueHeaders[name] = []string{value}
		}
		answer.Headers = nil
	}
	return json.Marshal(answer)
}
