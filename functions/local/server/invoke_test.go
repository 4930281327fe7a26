package server_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/tidwall/gjson"

	"vpnattach/shared/message"
)

// batch is the payload of apply for one change.
func batch(t *testing.T, eventID, attachment, name string) string {
	t.Helper()
	return batchAt(t, eventID, time.Date(2026, 11, 2, 9, 30, 0, 0, time.UTC), attachment, name)
}

func batchAt(t *testing.T, eventID string, at time.Time, attachment, name string) string {
	t.Helper()
	m := message.Change{
		EventID: eventID, Time: at, Source: "http", Element: -1, RegionID: "cn-hangzhou", VpnConnectionID: attachment,
		Change: json.RawMessage(`{"RegionId":"cn-hangzhou","VpnConnectionId":"` + attachment + `","Name":"` + name + `"}`),
	}
	record, err := m.Record("m-1", "r-1", 1)
	if err != nil {
		t.Fatal(err)
	}
	payload, err := json.Marshal(events.SQSEvent{Records: []events.SQSMessage{record}})
	if err != nil {
		t.Fatal(err)
	}
	return string(payload)
}

// TestInvoke is the Invoke API of Lambda, as far as its clients use it.
func TestInvoke(t *testing.T) {
	t.Parallel()
	r := start(t, stateDir(t), nil)
	r.condition("vco-localfree", "VpnConnection.Configuring")
	for _, c := range []struct {
		name, function, kind, payload string
		code                          int
		header                        string // that the answer has
		want                          map[string]string
	}{
		{name: "apply", function: "apply", payload: batch(t, "i-1", "vco-localsingle", "invoked"), code: 200, header: "X-Amz-Executed-Version",
			want: map[string]string{"batchItemFailures": "[]"}},
		{name: "by ARN", function: "arn:aws:lambda:eu-central-1:123456789012:function:apply:live", kind: "RequestResponse", payload: batch(t, "i-2", "vco-localfree", "busy"), code: 200,
			header: "X-Amzn-Requestid", want: map[string]string{"batchItemFailures.0.itemIdentifier": "m-1"}},
		{name: "confirm", function: "confirm", payload: `{"Records":[]}`, code: 200, want: map[string]string{"batchItemFailures": "[]"}},
		{name: "in the background", function: "apply", kind: "Event", payload: batch(t, "i-3", "vco-localdual", "later"), code: 202},
		{name: "no payload", function: "apply", payload: "", code: 200, want: map[string]string{"batchItemFailures": "[]"}},
		{name: "dry run", function: "apply", kind: "DryRun", payload: batch(t, "i-4", "vco-localdual", "never"), code: 204},
		{name: "wrong payload", function: "apply", payload: `[]`, code: 200, header: "X-Amz-Function-Error", want: map[string]string{"errorMessage": "*", "errorType": "UnmarshalTypeError"}},
		{name: "no JSON", function: "apply", payload: `{`, code: 400, header: "X-Amzn-Errortype", want: map[string]string{"Message": "*"}},
		{name: "ingest", function: "ingest", payload: named("i-5", "2026-11-02T09:30:00Z", "vco-localdual", "taken"), code: 200, want: map[string]string{"changes.0.eventId": "i-5", "changes.0.changeId": "*"}},
		{name: "webhook", function: "ingest", payload: mustRead(t, "apigateway-v2.json"), code: 200, want: map[string]string{"statusCode": "503", "body": "*"}},
		{name: "no function", function: "other", payload: `{}`, code: 404, header: "X-Amzn-Errortype", want: map[string]string{"Type": "User", "Message": "unknown function other; known functions: apply, confirm, ingest"}},
		{name: "no type", function: "apply", kind: "Maybe", payload: `{}`, code: 400, header: "X-Amzn-Errortype"},
	} {
		response, answer := r.do(http.MethodPost, r.events+"/2015-03-31/functions/"+c.function+"/invocations", c.payload, "X-Amz-Invocation-Type", c.kind)
		if response.StatusCode != c.code {
			t.Errorf("%s: HTTP %d, want %d: %s", c.name, response.StatusCode, c.code, answer)
		}
		if c.header != "" && response.Header.Get(c.header) == "" {
			t.Errorf("%s: no header %s", c.name, c.header)
		}
		if failed := response.Header.Get("X-Amz-Function-Error"); (failed != "") != (c.header == "X-Amz-Function-Error") {
			t.Errorf("%s: function error %q", c.name, failed)
		}
		for path, want := range c.want {
			if got := gjson.Get(answer, path).String(); got != want && (want != "*" || got == "") {
				t.Errorf("%s: %s is %q, want %q in %s", c.name, path, got, want, answer)
			}
		}
	}
	r.until("i-1", is("applied"))
	r.until("i-3", is("applied"))
	r.until("i-5", is("applied"))
	if _, answer := r.do(http.MethodGet, r.events+"/outcomes?eventId=i-4", ""); gjson.Get(answer, "outcomes.#").Int() != 0 {
		t.Errorf("a dry run did something: %s", answer)
	}
}

// TestGuard: no page of another origin, and no name but this machine's, reaches
// either service.
func TestGuard(t *testing.T) {
	t.Parallel()
	r := start(t, stateDir(t), nil)
	for _, base := range []string{r.events, r.vpc} {
		port := base[len("http://127.0.0.1:"):]
		for _, c := range []struct {
			host, origin, site string
			code               int
		}{
			{"127.0.0.1:" + port, "", "", 200},
			{"localhost:" + port, "", "", 200},
			{"[::1]:" + port, "", "", 200},
			{"localhost", "", "none", 200},
			{"LOCALHOST:" + port, "", "", 200},
			{"localhost.:" + port, "", "", 200},
			{"LocalHost.", "", "", 200},
			{"[::1]", "", "", 200},
			{"localhost.:" + port, "http://localhost.:" + port, "same-origin", 200},
			{"LOCALHOST:" + port, "http://localhost:" + port, "same-origin", 200},
			{"localhost:evil", "", "", 403},
			{"127.0.0.1:evil", "", "", 403},
			{"[::1]:evil", "", "", 403},
			{"localhost:99999", "", "", 403},
			{"localhost:-1", "", "", 403},
			{"localhost..:" + port, "", "", 403},
			{".localhost:" + port, "", "", 403},
			{"localho\u017ft:" + port, "", "", 403},
			{"localhost.:" + port, "http://localhost:" + port, "", 403},
			{"localhost:" + port, "http://localhost:" + port, "same-origin", 200},
			{"evil.example:" + port, "", "", 403},
			{"127.0.0.1.evil.example", "", "", 403},
			{"localhost.evil.example:" + port, "", "", 403},
			{"192.0.2.1:" + port, "", "", 403},
			{"localhost:" + port, "http://evil.example", "", 403},
			{"localhost:" + port, "null", "", 403},
			{"localhost:" + port, "https://localhost:" + port, "", 403},
			{"localhost:" + port, "http://localhost:3000", "", 403},
			{"localhost:" + port, "", "cross-site", 403},
			{"localhost:" + port, "", "same-site", 403},
		} {
			header := []string{"Host", c.host}
			if c.origin != "" {
				header = append(header, "Origin", c.origin)
			}
			if c.site != "" {
				header = append(header, "Sec-Fetch-Site", c.site)
			}
			response, answer := r.do(http.MethodGet, base+"/healthz", "", header...)
			if response.StatusCode != c.code {
				t.Errorf("%q: HTTP %d, want %d: %s", header, response.StatusCode, c.code, answer)
			}
			if response.StatusCode == 403 && gjson.Get(answer, "error.code").Str == "" {
				t.Errorf("%q: no reason in %s", header, answer)
			}
		}
	}
}
