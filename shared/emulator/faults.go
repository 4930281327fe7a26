package emulator

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// Fault is something that goes wrong with the next requests that match it. A
// request gets one fault at most: the oldest that matches it. Faults come after
// authentication, so a request that is refused there uses none up.
type Fault struct {
	Action          string `json:"action,omitempty"`          // empty: any
	VpnConnectionID string `json:"vpnConnectionId,omitempty"` // empty: any
	Calls           int    `json:"calls,omitempty"`           // how many requests; 0 is one, below 0 is all of them

	// Code answers with this error instead of carrying the request out: a code of
	// the API page, or a common one such as Throttling.User, InternalError,
	// ServiceUnavailable, VpnTask.CONFLICT. Status replaces its HTTP status.
	Code   string `json:"code,omitempty"`
	Status int    `json:"status,omitempty"`
	// RetryMillis is the TimeLeft of a throttling error's x-ratelimit header.
	RetryMillis int `json:"retryMillis,omitempty"`
	// Shape is how an error is written: empty for JSON, "lower" for JSON with
	// lower-case names, "xml", or "html" for what a proxy in between would send.
	Shape string `json:"shape,omitempty"`

	Reset         bool `json:"reset,omitempty"`         // the connection is reset before anything is done
	Lost          bool `json:"lost,omitempty"`          // the request is carried out, then the connection is reset
	LatencyMillis int  `json:"latencyMillis,omitempty"` // the request is carried out, then its answer waits
}

// InjectFaults adds faults after those that are pending. It fails, and adds
// none, when a Code or Shape is unknown or Status is not that of an error.
//
// POST /emulator/faults with a JSON array does the same; DELETE clears.
func (s *Server) InjectFaults(faults ...Fault) error {
	for _, f := range faults {
		if _, known := rowOf(f.Code); f.Code != "" && !known {
			return fmt.Errorf("emulator: unknown error code %q", f.Code)
		}
		if f.Status != 0 && (f.Status < 400 || f.Status > 599) {
			return fmt.Errorf("emulator: %d is not the status of an error", f.Status)
		}
		switch f.Shape {
		case "", "lower", "xml", "html":
		default:
			return fmt.Errorf("emulator: unknown shape %q", f.Shape)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, faults...)
	return nil
}

// ClearFaults drops the pending faults.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

func (s *Server) nextFault(req *request) Fault {
	for i, f := range s.faults {
		if f.Action != "" && f.Action != req.action || f.VpnConnectionID != "" && f.VpnConnectionID != req.params["VpnConnectionId"] {
			continue
		}
		switch {
		case f.Calls > 1:
			s.faults[i].Calls--
		case f.Calls >= 0:
			s.faults = append(s.faults[:i], s.faults[i+1:]...)
		}
		return f
	}
	return Fault{}
}

// errorPages is the path of the pages that Recommend links to, one for each code.
const errorPages = "/emulator/errors/"

// explain is the page of an error code, empty for a code that no answer has.
func explain(code string) string {
	name, ofParameter := strings.CutPrefix(code, "IllegalParam.")
	if !ofParameter {
		name, ofParameter = strings.CutPrefix(code, "Missing")
	}
	switch row, known := rowOf(code); {
	case known:
		return fmt.Sprintf("%s (HTTP %d)\n%s\n", code, row.status, strings.ReplaceAll(row.message, "%s", "…"))
	case ofParameter && name != "" && strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz") == "":
		return fmt.Sprintf("%s (HTTP 400)\nThe parameter %s is missing, or its value is not accepted.\n", code, name)
	}
	return ""
}

// control serves POST and DELETE /emulator/faults, POST /emulator/conditions and
// /emulator/peers, and the pages of the error codes, without a signature: they are for
// the machine that the emulator runs on.
func (s *Server) control(w http.ResponseWriter, r *http.Request, body []byte) {
	var err error
	switch r.Method + " " + r.URL.Path {
	case "POST /emulator/faults":
		var faults []Fault
		if err = json.Unmarshal(body, &faults); err == nil {
			err = s.InjectFaults(faults...)
		}
	case "DELETE /emulator/faults":
		s.ClearFaults()
	case "POST /emulator/conditions":
		var c struct{ VpnConnectionID, Code string }
		if err = json.Unmarshal(body, &c); err == nil {
			err = s.SetCondition(c.VpnConnectionID, c.Code)
		}
	case "POST /emulator/peers":
		var p struct {
			Tunnel string
			Peer
		}
		if err = json.Unmarshal(body, &p); err == nil {
			err = s.SetPeer(p.Tunnel, p.Peer)
		}
	default:
		code, wanted := strings.CutPrefix(r.URL.Path, errorPages)
		if text := explain(code); wanted && r.Method == http.MethodGet && text != "" {
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			_, _ = io.WriteString(w, text)
			return
		}
		http.NotFound(w, r)
		return
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// response is what is sent back, and how.
type response struct {
	status      int
	contentType string
	body        []byte
	header      http.Header
	fault       Fault
}

// errorResponse writes an error in the shape that the fault asks for.
func errorResponse(req *request, refused *apiError, fault Fault) *response {
	res := &response{contentType: "application/json;charset=utf-8", header: http.Header{}, fault: fault}
	if refused == nil {
		return res
	}
	res.status = refused.status
	if fault.Status != 0 {
		res.status = fault.Status
	}
	limit := fmt.Sprintf("Limit:1,Remain:0,TimeLeft:%d,Reset:1", fault.RetryMillis)
	switch refused.code {
	case "Throttling", "Throttling.User":
		res.header.Set("x-ratelimit-user", limit)
	case "Throttling.Api":
		res.header.Set("x-ratelimit-user-api", limit)
	}
	var err error
	switch fault.Shape {
	case "lower":
		res.body, err = json.Marshal(map[string]string{"requestId": req.id, "code": refused.code, "message": refused.message})
	case "xml":
		res.contentType = "text/xml;charset=utf-8"
		res.body, err = xml.Marshal(struct {
			XMLName                          xml.Name `xml:"Error"`
			RequestId, HostId, Code, Message string
		}{xml.Name{}, req.id, req.host, refused.code, refused.message})
	case "html":
		res.contentType = "text/html"
		res.body = []byte("<html><body><h1>" + http.StatusText(res.status) + "</h1></body></html>")
	default:
		res.body, err = json.Marshal(map[string]string{
			"RequestId": req.id, "HostId": req.host, "Code": refused.code, "Message": refused.message,
			"Recommend": req.scheme + "://" + req.host + errorPages + refused.code,
		})
	}
	if err != nil {
		res.status, res.body = http.StatusInternalServerError, nil
	}
	return res
}

func (res *response) write(w http.ResponseWriter, r *http.Request) {
	if res.fault.LatencyMillis > 0 {
		wait := time.NewTimer(time.Duration(res.fault.LatencyMillis) * time.Millisecond)
		defer wait.Stop()
		select {
		case <-wait.C:
		case <-r.Context().Done():
		}
	}
	if res.fault.Reset || res.fault.Lost {
		reset(w)
		return
	}
	for name, values := range res.header {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", res.contentType)
	w.WriteHeader(res.status)
	_, _ = w.Write(res.body)
}

// reset ends the connection with an RST where it can, else without an answer.
func reset(w http.ResponseWriter) {
	if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		_ = conn.Close()
		return
	}
	panic(http.ErrAbortHandler)
}
