package ingest

import (
	"net/http"
	"strconv"
	"strings"

	"vpnattach/shared/outcome"
)

// problem is an answer in the form of RFC 9457, with the findings as an extension.
type problem struct {
	Type     string    `json:"type"`
	Title    string    `json:"title"`
	Status   int       `json:"status"`
	Detail   string    `json:"detail"`
	Findings []Finding `json:"findings,omitempty"`
	LeftOut  int       `json:"leftOut,omitempty"` // findings for which the answer has no room

	header   map[string]string
	unsigned bool // it has no good signature
	noSecret bool // no signature can be checked
}

// newProblem names the type by a tag URI (RFC 4151), since no page describes it.
func newProblem(status int, name, title, detail string) *problem {
	return &problem{Type: "tag:vpnattach,2026:" + name, Title: title, Status: status, Detail: detail, header: map[string]string{}}
}

// with adds a header.
func (p *problem) with(name, value string) *problem {
	p.header[name] = value
	return p
}

func invalid(detail string, findings []Finding) *problem {
	p := newProblem(outcome.ClassRejected.Handling().HTTPStatus, "event-invalid", "The event is not valid", detail)
	var fitting accepted
	for _, f := range findings {
		if fitting.fits(&f) {
			p.Findings = append(p.Findings, f)
		}
	}
	p.LeftOut = fitting.LeftOut
	return p
}

// notSigned says what a request needs, and not what is wrong with this one: the log
// does.
func notSigned(asks string) *problem {
	challenge := "HMAC"
	if strings.Contains(asks, "webhook-signature") {
		challenge = "StandardWebhooks"
	}
	p := newProblem(http.StatusUnauthorized, "signature-refused", "The request is not signed as it should be", asks).
		with("WWW-Authenticate", challenge)
	p.unsigned = true
	return p
}

// noSecret is the answer while nothing can be verified.
func noSecret() *problem {
	p := newProblem(outcome.ClassBlocked.Handling().HTTPStatus, "no-webhook-secret", "No request can be verified",
		"No usable secret of the sender of these webhooks is configured here, so every request is refused.")
	p.noSecret = true
	return p
}

func noSender() *problem {
	p := newProblem(http.StatusNotFound, "no-such-sender", "No sender has this path",
		"Webhooks are posted to /webhooks/NAME, with the name of a sender that is configured here.")
	p.unsigned = true
	return p
}

func methodNotAllowed() *problem {
	return newProblem(http.StatusMethodNotAllowed, "method-not-allowed", "The method is not allowed", "Events are posted.").
		with("Allow", http.MethodPost)
}

func contentTooLarge(most int) *problem {
	return newProblem(http.StatusRequestEntityTooLarge, "body-too-large", "The body is too large",
		"The body may have "+strconv.Itoa(most)+" bytes.")
}

func unsupportedMediaType() *problem {
	return newProblem(http.StatusUnsupportedMediaType, "content-type", "The content type is not JSON",
		"Send the event as application/json, or as application/cloudevents+json.").
		with("Accept", "application/json, application/cloudevents+json, application/cloudevents-batch+json")
}

func unavailable(detail string) *problem {
	return newProblem(outcome.ClassTransient.Handling().HTTPStatus, "try-again", "Not now", detail+" Send the same request again.").
		with("Retry-After", "5")
}

func internal() *problem {
	return newProblem(http.StatusInternalServerError, "internal", "A defect of the program", "The log has more about it. Nothing is known to be taken; the same request may be sent again.")
}
