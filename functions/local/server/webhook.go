package server

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"vpnattach/shared/core/event"
)

// postWebhook takes a webhook of a sender as ingest does in the cloud: signed, and
// answered with 202 as soon as its changes are in the queue.
func (m *Machine) postWebhook(w http.ResponseWriter, r *http.Request) {
	body, fault := readBody(w, r, maxBody)
	if fault != nil {
		fault.answer(w)
		return
	}
	payload, err := json.Marshal(gatewayRequest(r, body))
	if err != nil {
		m.fail(w, err)
		return
	}
	answer, err := call(m.work, m.functions["ingest"], newID(), payload)
	var response struct {
		StatusCode int
		Headers    map[string]string
		Body       string
	}
	if err == nil {
		err = json.Unmarshal(answer, &response)
	}
	if err != nil {
		m.fail(w, err)
		return
	}
	for name, value := range response.Headers {
		w.Header().Set(name, value)
	}
	w.WriteHeader(response.StatusCode)
	_, _ = io.WriteString(w, response.Body)
}

// gatewayRequest is the request as an HTTP API of API Gateway hands it on.
func gatewayRequest(r *http.Request, body []byte) map[string]any {
	headers := map[string]string{}
	for name, values := range r.Header {
		headers[strings.ToLower(name)] = strings.Join(values, ",")
	}
	return map[string]any{
		"version": "2.0", "rawPath": event.WebhookPath + r.PathValue("sender"), "headers": headers, "body": body, "isBase64Encoded": true,
		"requestContext": map[string]any{"http": map[string]string{"method": r.Method}},
	}
}
