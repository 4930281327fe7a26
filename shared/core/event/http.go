package event

import (
	"cmp"
	"encoding/base64"
	"strings"
)

// Request is an HTTP request as API Gateway, a function URL, a load balancer or VPC
// Lattice hands it to Lambda:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
// https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
// https://docs.aws.amazon.com/vpc-lattice/latest/ug/lambda-functions.html
type Request struct {
	Kind   Kind   // APIGateway, HTTPAPI, FunctionURL, ALB or Lattice
	ID     string // that the gateway has given it; may be empty
	Method string
	Path   string // without the query
	Lists  bool   // its headers are lists of values, and so must be those of the answer

	headers, body, encoded, epoch value
}

// isGateway recognises such requests.
func (d *document) isGateway() bool {
	return d.requestContext.IsObject() &&
		(d.httpMethod.IsString() || d.requestContext.Get("http").IsObject()) || d.isLattice()
}

// isLattice recognises a request through VPC Lattice: version 1 of its events has the
// names of Python and no context, version 2 those of the ARNs in its context.
func (d *document) isLattice() bool {
	return d.method.IsString() && (d.rawPath.IsString() || d.requestContext.Get("targetGroupArn").IsString())
}

// readRequest reports false for anything else.
func readRequest(v value) (r Request, ok bool) {
	d := document{httpMethod: v.Get("httpMethod"), requestContext: v.Get("requestContext"), method: v.Get("method"), rawPath: v.Get("raw_path")}
	if !d.isGateway() {
		return r, false
	}
	var http, elb, domain value
	for key, member := range d.requestContext.Members {
		switch key {
		case "requestId":
			r.ID = member.Text()
		case "timeEpoch", "requestTimeEpoch":
			r.epoch = member
		case "http":
			http = member
		case "elb":
			elb = member
		case "domainName":
			domain = member
		}
	}
	r.Kind = APIGateway
	switch {
	case elb.Exists():
		r.Kind = ALB
	case http.Exists() && strings.Contains(domain.Text(), ".lambda-url."):
		r.Kind = FunctionURL
	case http.Exists():
		r.Kind = HTTPAPI
	case d.isLattice():
		r.Kind = Lattice
	}
	r.Method = cmp.Or(d.httpMethod.Text(), http.Get("method").Text(), d.method.Text())
	path := cmp.Or(v.Get("rawPath").Text(), v.Get("raw_path").Text(), v.Get("path").Text())
	r.Path, _, _ = strings.Cut(path, "?")
	r.headers, r.body, r.encoded = v.Get("headers"), v.Get("body"), v.Get("isBase64Encoded")
	if encoded := v.Get("is_base64_encoded"); encoded.Exists() {
		r.encoded = encoded
	}
	if lists := v.Get("multiValueHeaders"); (!r.headers.IsObject() || r.headers.IsEmpty()) && lists.IsObject() && !lists.IsEmpty() {
		r.headers, r.Lists = lists, true
	}
	return r, true
}

// HTTPSource is the source of an event that comes by HTTP and names none.
const HTTPSource = "http"

// WebhookPath is what comes before the name of a sender in the path of its webhooks.
const WebhookPath = "/webhooks/"

// Sender is the name in the path /webhooks/NAME, which may have a stage or the like
// before it; empty for any other path.
func (r *Request) Sender() string {
	if i := strings.LastIndex(r.Path, WebhookPath); i >= 0 {
		return strings.TrimSuffix(r.Path[i+len(WebhookPath):], "/")
	}
	return ""
}

// Headers yields the headers as they are written; of a list of values, the first.
func (r *Request) Headers(yield func(name, text string) bool) {
	for name, member := range r.headers.Members {
		if member.IsArray() {
			member = member.At(0)
		}
		if !yield(name, member.Text()) {
			return
		}
	}
}

// Body returns the body as it was sent. An error is an [*Error]: [TooLarge] for more
// bytes than most, before anything is decoded, or [BrokenEnvelope].
func (r *Request) Body(most int) ([]byte, error) {
	body, err := r.text(most)
	if err != nil {
		return nil, err
	}
	return []byte(body), nil
}

func (r *Request) text(most int) (string, *Error) {
	encoded := r.encoded.Raw() == "true"
	if isNothing(r.body) {
		return "", nil
	}
	if !encoded && !r.body.IsString() {
		return "", wrongType("body", "text", r.body)
	}
	body := r.body.Text()
	size := len(body)
	if encoded {
		size = base64.StdEncoding.DecodedLen(size) - 2 // at the least
	}
	if size > most {
		return "", tooLarge(size).in("body")
	}
	if encoded {
		return decode(r.body, "body")
	}
	return body, nil
}

func openGateway(v value, from origin, dst []Record) ([]Record, *Error) {
	r, _ := readRequest(v)
	if err := from.enter(r.Kind); err != nil {
		return nil, err
	}
	if sender := r.Sender(); sender != "" && len(sender) <= MaxName && from.via[1] == 0 {
		from.way = WayWebhook + ":" + sender
	}
	var h head
	r.Headers(func(name, text string) bool {
		h.add(name, text)
		return true
	})
	from.source = HTTPSource
	if id := cmp.Or(h.id(), r.ID); id != "" {
		from.id, from.series, from.sequence = id, "", ""
	}
	if err := from.setTime(r.epoch, "requestContext.timeEpoch"); err != nil {
		return nil, err
	}
	body, err := r.text(MaxSize)
	if err != nil {
		return nil, err
	}
	return h.open(body, "body", from, dst)
}

// head is what counts of the headers of an HTTP request.
type head struct {
	contentType      string
	contentEncoding  string
	webhookID        string
	webhookTimestamp string
	idempotencyKey   string
	binary           bool // it is a CloudEvent in binary mode
	attributes       []*attribute
}

// attribute is one context attribute of a CloudEvent.
type attribute struct{ name, text string }

func (h *head) add(name, text string) {
	slot := (*string)(nil)
	switch {
	case strings.EqualFold(name, "content-type"):
		slot = &h.contentType
	case strings.EqualFold(name, "content-encoding"):
		slot = &h.contentEncoding
	case strings.EqualFold(name, "webhook-id"):
		slot = &h.webhookID
	case strings.EqualFold(name, "webhook-timestamp"):
		slot = &h.webhookTimestamp
	case strings.EqualFold(name, "idempotency-key"):
		slot = &h.idempotencyKey
	case len(name) > 3 && strings.EqualFold(name[:3], "ce-"):
		h.addAttribute(strings.ToLower(name[3:]), text)
		return
	default:
		return
	}
	if *slot == "" {
		*slot = text
	}
}

func (h *head) addAttribute(name, text string) {
	for i := range len(name) {
		if c := name[i]; !isDigit(c) && (c < 'a' || c > 'z') {
			return // no attribute can have this name
		}
	}
	h.binary = h.binary || name == "specversion"
	if name != "data" && name != "datacontenttype" {
		h.attributes = append(h.attributes, &attribute{name, headerText(text)})
	}
}

// id is what the sender calls the request: the same again when it is repeated.
func (h *head) id() string {
	if h.webhookID != "" {
		return h.webhookID
	}
	// The Idempotency-Key header of the IETF draft is a string in quotes.
	if key := h.idempotencyKey; len(key) > 2 && key[0] == '"' && key[len(key)-1] == '"' {
		return key[1 : len(key)-1]
	}
	return h.idempotencyKey
}

// open opens a request's body, which stands at path.
func (h *head) open(body, path string, from origin, dst []Record) ([]Record, *Error) {
	if h.webhookTimestamp != "" {
		if err := from.setTimeText(h.webhookTimestamp, "webhook-timestamp"); err != nil {
			return nil, err
		}
	}
	from.delivered = true
	media := mediaType(h.contentType)
	if media == "application/x-www-form-urlencoded" || media == "multipart/form-data" {
		return nil, newError(ContentType, "an HTML form (", media, "), not JSON").
			hint("send the body as it is, with Content-Type: application/json").in(path)
	}
	if h.binary && h.webhookID == "" { // the signature of a webhook doesn't cover its other headers
		return h.openBinary(body, path, media, from, dst)
	}
	if !isJSON(media) {
		return nil, newError(ContentType, "the content type is ", media, ", not JSON").hint("send it as application/json").in(path)
	}
	dst, err := open(body, from, dst)
	if encoding := mediaType(h.contentEncoding); err != nil && err.Code == NotJSON && err.Path == "" && encoding != "" && encoding != "gzip" && encoding != "identity" {
		return nil, newError(ContentType, "is compressed by ", encoding).hint("send it as it is, or with gzip").in(path)
	}
	return dst, err.in(path)
}

// mediaType returns the media type without its parameters, in lower case;
// "unreadable" for what can't be one and might be anything.
func mediaType(contentType string) string {
	media, _, _ := strings.Cut(contentType, ";")
	media = strings.ToLower(trim(media))
	strange := func(r rune) bool { return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789/+-._", r) }
	if len(media) > 64 || strings.ContainsFunc(media, strange) {
		return "unreadable"
	}
	return media
}

// isJSON reports whether a media type means JSON; none means it too.
func isJSON(media string) bool {
	return media == "" || strings.HasSuffix(media, "/json") || strings.HasSuffix(media, "+json")
}

// requestForms are the forms of HTTP requests.
var requestForms = []Form{
	{Name: "Amazon API Gateway", Shape: "requestContext with httpMethod (REST API) or requestContext.http (HTTP API)", Taken: "the body of the request", Ref: "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html"},
	{Name: "AWS Lambda function URL", Shape: "the same with a domainName of lambda-url", Taken: "the body of the request", Ref: "https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html"},
	{Name: "Application Load Balancer", Shape: "requestContext.elb", Taken: "the body of the request", Ref: "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html"},
	{Name: "Amazon VPC Lattice", Shape: "method with raw_path (version 1) or requestContext.targetGroupArn (version 2)", Taken: "the body of the request", Ref: "https://docs.aws.amazon.com/vpc-lattice/latest/ug/lambda-functions.html"},
}
