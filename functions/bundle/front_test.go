package bundle_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path"
	"strings"

	"github.com/tidwall/gjson"
)

// awsCall is a call of a function to AWS.
type awsCall struct {
	function, action, resource string
	body                       string
}

// is reports whether it is the action on the resource, by the function.
func (r *awsCall) is(function, action, resource string) bool {
	return r.function == function && r.action == action && r.resource == resource
}

// front is the way of one function to AWS: it notes what the function calls, and lets
// the test refuse it.
func (w *world) front(function string) *httptest.Server {
	target, err := url.Parse(w.aws.URL)
	if err != nil {
		w.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) },
		// The function has died, or the test has ended.
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}
	server := httptest.NewServer(http.HandlerFunc(func(answer http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		called := w.note(function, r.Header.Get("X-Amz-Target"), string(body))
		if code := w.ask(called); code != "" {
			answer.Header().Set("Content-Type", "application/x-amz-json-1.0")
			answer.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(answer, `{"__type":"`+code+`","message":"refused by the test"}`)
			return
		}
		body = atOnce(called, body)
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		done := httptest.NewRecorder()
		proxy.ServeHTTP(done, r)
		w.tell(called)
		for name, values := range done.Header() {
			answer.Header()[name] = values
		}
		answer.WriteHeader(done.Code)
		_, _ = answer.Write(done.Body.Bytes()) // nobody is there when the function has died
	}))
	w.Cleanup(server.Close)
	return server
}

// note notes a call under the names of the template.
func (w *world) note(function, target, body string) *awsCall {
	content := gjson.Parse(body)
	name := ""
	for _, at := range []string{"QueueUrl", "TableName", "SecretId", "Entries.0.EventBusName", "Name"} {
		if name = content.Get(at).String(); name != "" {
			break
		}
	}
	if strings.HasPrefix(name, "http") {
		name = path.Base(name)
	}
	called := &awsCall{function: function, action: iamAction(target), body: body}
	w.mutex.Lock()
	called.resource = w.names[name]
	w.requests = append(w.requests, called)
	w.mutex.Unlock()
	if called.resource == "" {
		w.Errorf("%s calls %s of %q, which is none of ours", function, called.action, name)
	}
	actionsSeen.add(function, called.resource, called.action)
	return called
}

// ask returns the error code with which the test refuses a call, if it does.
func (w *world) ask(r *awsCall) string {
	w.mutex.Lock()
	refuse := w.refuse
	w.mutex.Unlock()
	if refuse == nil {
		return ""
	}
	return refuse(r)
}

// tell lets the test know of a call that was answered, before the function does.
func (w *world) tell(r *awsCall) {
	w.mutex.Lock()
	after := w.after
	w.mutex.Unlock()
	if after != nil {
		after(r)
	}
}

// atOnce takes the delay out of messages, since the queues have no clock of the
// test's; see the package. It stays in the noted request.
func atOnce(r *awsCall, body []byte) []byte {
	if r.action != "sqs:SendMessage" || !gjson.GetBytes(body, "Entries.#(DelaySeconds>0)").Exists() {
		return body
	}
	var content map[string]any
	if err := json.Unmarshal(body, &content); err != nil {
		return body
	}
	for _, entry := range content["Entries"].([]any) {
		delete(entry.(map[string]any), "DelaySeconds")
	}
	changed, err := json.Marshal(content)
	if err != nil {
		return body
	}
	return changed
}

// asked returns the bodies of what a function has called of a resource.
func (w *world) asked(function, action, resource string) (bodies []gjson.Result) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	for _, r := range w.requests {
		if r.is(function, action, resource) {
			bodies = append(bodies, gjson.Parse(r.body))
		}
	}
	return bodies
}
