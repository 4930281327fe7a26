package sitevpntest

import (
	"crypto/rand"
	"encoding/xml"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Call is a call that was answered.
type Call struct {
	Action, VpnConnectionID, OutsideIP string
	DryRun                             bool
	Code                               string // of the error; empty for a success
}

// Fault is what happens to calls in place of what they ask for, or to their answers.
type Fault struct {
	Action string // empty: any
	Code   string // the error that they get; they have no effect
	Lost   bool   // they are carried out, and the connection breaks before the answer
	Reset  bool   // the connection breaks before they are carried out
	Calls  int    // how many calls; 0: one, less: all
}

// InjectFaults adds faults of the next calls.
func (s *Server) InjectFaults(faults ...Fault) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for _, f := range faults {
		f.Calls = max(f.Calls, -1)
		if f.Calls == 0 {
			f.Calls = 1
		}
		s.faults = append(s.faults, f)
	}
}

// ClearFaults removes all that were not used.
func (s *Server) ClearFaults() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.faults = nil
}

// nextFault uses up a fault for a call.
func (s *Server) nextFault(action string) Fault {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	i := slices.IndexFunc(s.faults, func(f Fault) bool { return f.Action == "" || f.Action == action })
	if i < 0 {
		return Fault{}
	}
	f := s.faults[i]
	if s.faults[i].Calls--; s.faults[i].Calls == 0 {
		s.faults = slices.Delete(s.faults, i, i+1)
	}
	return f
}

// fault is the error of a call.
type fault struct {
	status        int
	code, message string
}

// ServeHTTP answers the query API.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	form, refused := s.check(r)
	call := Call{
		Action: form.Get("Action"), OutsideIP: form.Get("VpnTunnelOutsideIpAddress"), DryRun: form.Get("DryRun") == "true",
		VpnConnectionID: form.Get("VpnConnectionId") + form.Get("VpnConnectionId.1"),
	}
	var answer any
	var happens Fault
	if refused == nil {
		happens = s.nextFault(call.Action)
		switch {
		case happens.Reset:
			panic(http.ErrAbortHandler)
		case happens.Code != "":
			refused = &fault{statusOf(happens.Code), happens.Code, "refused by the test"}
		default:
			answer, refused = s.carryOut(call, form)
		}
	}
	if refused != nil {
		call.Code = refused.code
	}
	if s.config.Observe != nil {
		s.config.Observe(call)
	}
	if happens.Lost {
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Type", "text/xml;charset=UTF-8")
	if refused != nil {
		w.WriteHeader(refused.status)
		answer = errorAnswer{Code: refused.code, Message: refused.message, RequestID: rand.Text()}
	}
	text, err := xml.Marshal(answer)
	if err != nil {
		panic(err)
	}
	_, _ = w.Write(append([]byte(xml.Header), text...)) // the caller may be gone
}

type errorAnswer struct {
	XMLName   xml.Name `xml:"Response"`
	Code      string   `xml:"Errors>Error>Code"`
	Message   string   `xml:"Errors>Error>Message"`
	RequestID string   `xml:"RequestID"`
}

func statusOf(code string) int {
	switch code {
	case "InternalError", "InternalFailure":
		return http.StatusInternalServerError
	case "Unavailable", "ServiceUnavailable", "RequestLimitExceeded":
		return http.StatusServiceUnavailable
	case "AuthFailure":
		return http.StatusUnauthorized
	case "UnauthorizedOperation":
		return http.StatusForbidden
	}
	return http.StatusBadRequest
}

var authorization = regexp.MustCompile(`^AWS4-HMAC-SHA256 Credential=[^/ ]+/(\d{8})/([a-z0-9-]+)/ec2/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=[0-9a-f]{64}$`)

// parameters of each action, but for Action, Version and DryRun.
var parameters = map[string]struct{ required, optional []string }{
	"DescribeVpnConnections":   {nil, []string{"VpnConnectionId.1"}},
	"GetActiveVpnTunnelStatus": {[]string{"VpnConnectionId", "VpnTunnelOutsideIpAddress"}, nil},
	"ModifyVpnTunnelOptions":   {[]string{"VpnConnectionId", "VpnTunnelOutsideIpAddress", "TunnelOptions.PreSharedKey"}, nil},
}

// check returns the parameters, or the error that the request deserves.
func (s *Server) check(r *http.Request) (url.Values, *fault) {
	signed := authorization.FindStringSubmatch(r.Header.Get("Authorization"))
	if signed == nil {
		return nil, &fault{http.StatusUnauthorized, "AuthFailure", "the request is not signed with Signature Version 4"}
	}
	headers := strings.Split(signed[3], ";")
	switch {
	case signed[2] != s.config.Region:
		return nil, &fault{http.StatusUnauthorized, "AuthFailure", "Credential should be scoped to a valid region."}
	case !strings.HasPrefix(r.Header.Get("X-Amz-Date"), signed[1]+"T"):
		return nil, &fault{http.StatusUnauthorized, "AuthFailure", "the date of the request is not that of the credential"}
	}
	for _, name := range []string{"Host", "X-Amz-Date", "X-Amz-Security-Token"} {
		if (name == "Host" || r.Header.Get(name) != "") && !slices.Contains(headers, strings.ToLower(name)) {
			return nil, &fault{http.StatusUnauthorized, "AuthFailure", "the header " + name + " is not signed"}
		}
	}
	if r.Method != http.MethodPost || r.URL.RawQuery != "" || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") || r.ParseForm() != nil {
		return nil, &fault{http.StatusBadRequest, "InvalidRequest", "the parameters are not in the body alone: a URL is in the logs of proxies"}
	}
	form := r.PostForm
	known, exists := parameters[form.Get("Action")]
	if !exists || form.Get("Version") != "2016-11-15" {
		return form, &fault{http.StatusBadRequest, "InvalidAction", "The action " + form.Get("Action") + " is not valid for this web service."}
	}
	for name, values := range form {
		if !slices.Contains(slices.Concat(known.required, known.optional, []string{"Action", "Version", "DryRun"}), name) || len(values) != 1 {
			return form, &fault{http.StatusBadRequest, "UnknownParameter", "The parameter " + name + " is not recognized"}
		}
	}
	for _, name := range known.required {
		if form.Get(name) == "" {
			return form, &fault{http.StatusBadRequest, "MissingParameter", "The request must contain the parameter " + name}
		}
	}
	return form, nil
}
