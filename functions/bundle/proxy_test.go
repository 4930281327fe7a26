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

// proxy is a proxy between a function and AWS: it records what the function calls, and
// lets the test refuse it.
func (h *harness) proxy(function string) *httptest.Server {
	target, err := url.Parse(h.aws.URL)
	if err != nil {
		h.Fatal(err)
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
		called := h.record(function, r, string(body))
		if code := h.refusal(called); code != "" {
			answer.Header().Set("Content-Type", "application/x-amz-json-1.0")
			answer.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(answer, `{"__type":"`+code+`","message":"refused by the test"}`)
			return
		}
		body = withoutDelay(called, body)
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		done := httptest.NewRecorder()
		if strings.HasPrefix(called.action, "sts:") {
			h.sts.aws.ServeHTTP(done, r)
		} else {
			proxy.ServeHTTP(done, r)
		}
		h.notify(called)
		for name, values := range done.Header() {
			answer.Header()[name] = values
		}
		answer.WriteHeader(done.Code)
		_, _ = answer.Write(done.Body.Bytes()) // fails only when the function has died
	}))
	h.Cleanup(server.Close)
	return server
}

// record records a call under the names of the template.
func (h *harness) record(function string, r *http.Request, body string) *awsCall {
	target, query := r.Header.Get("X-Amz-Target"), r.URL.Query()
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
	if base, version, ok := strings.Cut(name, ":"); ok && strings.Trim(version, "0123456789") == "" {
		name = base // of a parameter
	}
	called := &awsCall{function: function, action: iamAction(target), body: body}
	if r.Method == http.MethodGet { // REST, which only S3 has
		name, called.action = strings.Trim(r.URL.Path, "/"), "s3:GetObject"
		switch {
		case query.Has("versions"):
			called.action = "s3:ListBucketVersions"
		case query.Has("versionId"):
			called.action = "s3:GetObjectVersion"
		}
	} else if form, err := url.ParseQuery(body); target == "" && err == nil { // the query API, which only STS has
		called.action, name = "sts:"+form.Get("Action"), form.Get("Audience.member.1")
	}
	h.mutex.Lock()
	called.resource = h.names[name]
	h.requests = append(h.requests, called)
	h.mutex.Unlock()
	if called.resource == "" {
		h.Errorf("%s calls %s of %q, which is not in the account", function, called.action, name)
	}
	actionsSeen.add(function, called.resource, called.action)
	return called
}

// refusal returns the error code with which the test refuses a call, if it does.
func (h *harness) refusal(r *awsCall) string {
	h.mutex.Lock()
	refuse := h.refuse
	h.mutex.Unlock()
	if refuse == nil {
		return ""
	}
	return refuse(r)
}

// notify calls the test's hook for an answered call, before the function gets the answer.
func (h *harness) notify(r *awsCall) {
	h.mutex.Lock()
	after := h.after
	h.mutex.Unlock()
	if after != nil {
		after(r)
	}
}

// withoutDelay removes the delay of messages, since the tests can't move the clock of
// the queues; see the package. The recorded request keeps it.
func withoutDelay(r *awsCall, body []byte) []byte {
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

// requestsOf returns the request bodies of a function's calls of a resource.
func (h *harness) requestsOf(function, action, resource string) (bodies []gjson.Result) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	for _, r := range h.requests {
		if r.is(function, action, resource) {
			bodies = append(bodies, gjson.Parse(r.body))
		}
	}
	return bodies
}
