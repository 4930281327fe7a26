package server

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"vpnattach/shared/aws/invoke"
)

const (
	maxPayload    = 6 << 20          // what Lambda takes in one synchronous invocation
	invokeTimeout = 30 * time.Second // of one invocation
)

// invoke is the Invoke operation of Lambda, so that its command line and its SDKs
// can call the functions here:
// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
// The end of the log (X-Amz-Log-Type: Tail) is not in the answer, and an invocation
// of the type Event is not kept on disk: who needs that uses POST /events.
func (m *Machine) invoke(w http.ResponseWriter, r *http.Request) {
	name := functionName(r.PathValue("name"))
	function := m.functions[name]
	if function == nil {
		lambdaError(w, http.StatusNotFound, "ResourceNotFoundException", "unknown function "+name+"; known functions: "+strings.Join(slices.Sorted(maps.Keys(m.functions)), ", "))
		return
	}
	payload, fault := readBody(w, r, maxPayload)
	switch {
	case fault != nil:
		kind := "InvalidRequestContentException"
		if fault.status == http.StatusRequestEntityTooLarge {
			kind = "RequestTooLargeException"
		}
		lambdaError(w, fault.status, kind, fault.message)
		return
	case len(payload) == 0:
		payload = []byte("{}")
	case !json.Valid(payload):
		lambdaError(w, http.StatusBadRequest, "InvalidRequestContentException", "the payload is not JSON")
		return
	}
	id := newID()
	w.Header().Set("X-Amzn-Requestid", id)
	switch kind := r.Header.Get("X-Amz-Invocation-Type"); kind {
	case "DryRun":
		w.WriteHeader(http.StatusNoContent)
	case "Event":
		if !m.spawn(func() { _, _ = call(m.work, function, id, payload) }) {
			lambdaError(w, http.StatusServiceUnavailable, "ServiceException", "the service ends")
			return
		}
		w.WriteHeader(http.StatusAccepted)
	case "", "RequestResponse":
		answer, err := call(m.work, function, id, payload)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Amz-Executed-Version", "$LATEST")
		if err != nil {
			w.Header().Set("X-Amz-Function-Error", "Unhandled")
			answer, _ = json.Marshal(functionError{err.Error(), errorType(err)})
		}
		w.WriteHeader(http.StatusOK)
		_, _ = w.Write(answer)
	default:
		lambdaError(w, http.StatusBadRequest, "InvalidParameterValueException", "the invocation type is none of RequestResponse, Event and DryRun")
	}
}

// functionName takes a name, an ARN or the tail of one, with or without a version.
func functionName(name string) string {
	if _, tail, ok := strings.Cut(name, "function:"); ok {
		name = tail
	}
	name, _, _ = strings.Cut(name, ":")
	return name
}

// call runs the function as Lambda does: with a request id and a deadline.
func call(ctx context.Context, function lambda.Handler, id string, payload []byte) (answer []byte, err error) {
	ctx, cancel := context.WithTimeout(lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{AwsRequestID: id}), invokeTimeout)
	defer cancel()
	err = invoke.Recover(func() (err error) {
		answer, err = function.Invoke(ctx, payload)
		return err
	})
	return answer, err
}

type functionError struct {
	Message string `json:"errorMessage"`
	Type    string `json:"errorType"`
}

// errorType names an error as Lambda's runtime for Go does: by its type.
func errorType(err error) string {
	t := reflect.TypeOf(err)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Name()
}

func lambdaError(w http.ResponseWriter, status int, kind, message string) {
	w.Header().Set("X-Amzn-Errortype", kind)
	writeJSON(w, status, struct {
		Type    string
		Message string
	}{"User", message})
}
