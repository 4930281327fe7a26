package event

import "strings"

// isGateway recognises the requests that API Gateway, function URLs and load
// balancers hand to Lambda:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
// https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
func (d *document) isGateway() bool {
	return d.requestContext.IsObject() &&
		(d.httpMethod.IsString() || d.requestContext.Get("http").IsObject())
}

func openGateway(d *document, from origin, dst []Record) ([]Record, *Error) {
	var requestID, epoch, http, elb, domain value
	for key, member := range d.requestContext.Members {
		switch key {
		case "requestId":
			requestID = member
		case "timeEpoch", "requestTimeEpoch":
			epoch = member
		case "http":
			http = member
		case "elb":
			elb = member
		case "domainName":
			domain = member
		}
	}
	kind := APIGateway
	switch {
	case elb.Exists():
		kind = ALB
	case http.Exists() && strings.Contains(domain.Text(), ".lambda-url."):
		kind = FunctionURL
	case http.Exists():
		kind = HTTPAPI
	}
	if err := from.enter(kind); err != nil {
		return nil, err
	}

	var h head
	for name, member := range d.headers.Members {
		h.add(name, member.Text())
	}
	if isNothing(d.headers) {
		for name, values := range d.multiValueHeaders.Members {
			h.add(name, values.At(0).Text())
		}
	}
	from.source = "http"
	from.set(requestID, value{})
	if id := h.id(); id != "" {
		from.id = id
	}
	if err := from.setTime(epoch, "requestContext.timeEpoch"); err != nil {
		return nil, err
	}

	var body string
	switch {
	case isNothing(d.body):
	case d.isBase64.Raw() == "true":
		decoded, err := decode(d.body, "body")
		if err != nil {
			return nil, err
		}
		body = decoded
	case d.body.IsString():
		body = d.body.Text()
	default:
		return nil, wrongType("body", "text", d.body)
	}
	return h.open(body, "body", from, dst)
}

// head is what counts of the headers of an HTTP request.
type head struct {
	contentType      string
	webhookID        string
	webhookTimestamp string
	idempotencyKey   string
	binary           bool // it is a CloudEvent in binary mode
	attributes       []attribute
}

// attribute is one context attribute of a CloudEvent.
type attribute struct{ name, text string }

func (h *head) add(name, text string) {
	slot := (*string)(nil)
	switch {
	case strings.EqualFold(name, "content-type"):
		slot = &h.contentType
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
		h.attributes = append(h.attributes, attribute{name, headerText(text)})
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
	if h.binary {
		return h.openBinary(body, path, media, from, dst)
	}
	dst, err := open(body, from, dst)
	if err != nil && err.Code == NotJSON && err.Path == "" && media != "" && !isJSON(media) {
		err.Message += "; its content type is " + media
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
