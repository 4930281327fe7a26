package server

import (
	"encoding/json"
	"errors"
	"maps"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"vpnattach/shared/core/event"
	"vpnattach/shared/core/finding"
	"vpnattach/shared/outcome"
)

// maxBody is how many bytes the body of POST /events may have.
const maxBody = 1 << 20

// handler is the HTTP service.
func (m *Machine) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", query(healthz))
	mux.HandleFunc("GET /service.js", query(m.getService))
	mux.HandleFunc("GET /attachments", query(m.getAttachments))
	mux.HandleFunc("GET /attachments/{region}/{id}", query(m.getAttachment))
	mux.HandleFunc("POST /events", query(m.postEvent))
	mux.HandleFunc("POST "+event.WebhookPath+"{sender}", m.postWebhook)
	mux.HandleFunc("GET /outcomes", query(m.getOutcomes, "eventId", "limit", "after"))
	mux.HandleFunc("GET /dead-letters", query(m.getDeadLetters, "limit", "after"))
	mux.HandleFunc("POST /dead-letters/{id}/redrive", query(m.postRedrive))
	mux.HandleFunc("DELETE /dead-letters/{id}", query(m.deleteDeadLetter))
	mux.HandleFunc("POST /2015-03-31/functions/{name}/invocations", query(m.invoke, "Qualifier"))
	mux.HandleFunc(elsewhere, func(w http.ResponseWriter, r *http.Request) {
		allowed := otherMethods(mux, r)
		if allowed == "" && page(m.config.SiteDir).serve(w, r) {
			return
		}
		if allowed == "" {
			refuse(w, http.StatusNotFound, "not-found", "there is nothing at this path; vpnattach serve --help lists what there is")
			return
		}
		w.Header().Set("Allow", allowed)
		refuse(w, http.StatusMethodNotAllowed, "method-not-allowed", "the path takes "+allowed)
	})
	return guard(mux, opensPage)
}

// elsewhere is the pattern of all that no other takes.
const elsewhere = "/"

// otherMethods are those that the path of the request takes.
func otherMethods(mux *http.ServeMux, r *http.Request) string {
	var allowed []string
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodDelete} {
		other := r.Clone(r.Context())
		other.Method = method
		if _, pattern := mux.Handler(other); pattern != elsewhere {
			allowed = append(allowed, method)
		}
	}
	return strings.Join(allowed, ", ")
}

// emulatorHandler adds the health check to the emulator's API.
func emulatorHandler(api http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", query(healthz))
	mux.Handle("/", api)
	return guard(mux, func(*http.Request) bool { return false })
}

func healthz(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, struct {
		Status string `json:"status"`
	}{"ok"})
}

// postEvent takes an event and answers what has become of its changes so far.
func (m *Machine) postEvent(w http.ResponseWriter, r *http.Request) {
	body, fault := readBody(w, r, maxBody)
	if fault != nil {
		fault.answer(w)
		return
	}
	outcomes, err := m.Take(r.Context(), r.Header, body)
	var opening *event.Error
	switch {
	case errors.As(err, &opening):
		writeProblem(w, http.StatusBadRequest, problem{string(opening.Code), opening.Path, opening.Message, opening.Hint})
	case err != nil:
		m.fail(w, err)
	default:
		writeJSON(w, statusOf(outcomes), listOf(outcomes, max(maxAnswer, 2*len(body))))
	}
}

// statusOf is that of a rejection when nothing of an event is taken, so that a client that
// looks at nothing else knows it.
func statusOf(outcomes []Outcome) int {
	for i := range outcomes {
		if outcomes[i].Status != outcome.Rejected {
			return http.StatusOK
		}
	}
	return outcome.ClassRejected.Handling().HTTPStatus
}

// problem is an error as the service answers it.
type problem struct {
	Code    string `json:"code"`
	Path    string `json:"path,omitempty"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
}

func refuse(w http.ResponseWriter, status int, code, message string) {
	writeProblem(w, status, problem{Code: code, Message: message})
}

func writeProblem(w http.ResponseWriter, status int, p problem) {
	writeJSON(w, status, struct {
		Error problem `json:"error"`
	}{p})
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	data, err := json.Marshal(value)
	if err != nil {
		status, data = http.StatusInternalServerError, []byte(`{"error":{"code":"internal","message":"the answer can't be written"}}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(append(data, '\n'))
}

func (m *Machine) getOutcomes(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	limit, ok := limitOf(query)
	before := uint64(math.MaxUint64)
	if after := query.Get("after"); after != "" && ok {
		n, err := strconv.ParseUint(after, 10, 64)
		before, ok = n, err == nil
	}
	if !ok {
		refuse(w, http.StatusBadRequest, "query-invalid", badPage)
		return
	}
	list := outcomeList{Outcomes: []Outcome{}}
	rows, next := m.outcomes.page(query.Get("eventId"), before, limit)
	for _, row := range rows {
		list.Outcomes = append(list.Outcomes, row.Outcome)
	}
	if next > 0 {
		list.Next = strconv.FormatUint(next, 10)
	}
	writeJSON(w, http.StatusOK, list)
}

// query refuses requests with other query parameters than these, each once.
func query(handle http.HandlerFunc, names ...string) http.HandlerFunc {
	known := "the path takes none"
	if len(names) > 0 {
		known = "the path takes " + strings.Join(names, ", ")
	}
	return func(w http.ResponseWriter, r *http.Request) {
		query, err := url.ParseQuery(r.URL.RawQuery)
		if err != nil {
			refuse(w, http.StatusBadRequest, "query-invalid", "the query can't be read; write parameters as NAME=VALUE, with & between them")
			return
		}
		for _, name := range slices.Sorted(maps.Keys(query)) {
			if !slices.Contains(names, name) {
				refuse(w, http.StatusBadRequest, "query-invalid", finding.Name(name)+" is not a query parameter; "+known)
				return
			}
			if len(query[name]) > 1 {
				refuse(w, http.StatusBadRequest, "query-invalid", name+" is in the query more than once")
				return
			}
		}
		handle(w, r)
	}
}

const badPage = "limit is a number from 1 to 1000, and after is what next was in the answer before"

// limitOf is how many a page may list.
func limitOf(query url.Values) (limit int, ok bool) {
	text := query.Get("limit")
	if text == "" {
		return latest, true
	}
	limit, err := strconv.Atoi(text)
	return limit, err == nil && limit >= 1 && limit <= 1000
}

func (m *Machine) getDeadLetters(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	limit, ok := limitOf(query)
	if !ok {
		refuse(w, http.StatusBadRequest, "query-invalid", badPage)
		return
	}
	letters, err := m.DeadLetters()
	if err != nil {
		m.fail(w, err)
		return
	}
	page := letterPage(letters, query.Get("after"), limit)
	writeJSON(w, http.StatusOK, page)
}

func (m *Machine) postRedrive(w http.ResponseWriter, r *http.Request) {
	outcomes, err := m.Redrive(r.Context(), r.PathValue("id"))
	switch {
	case errors.Is(err, errNoLetter):
		refuse(w, http.StatusNotFound, "not-found", err.Error())
	case err != nil:
		m.fail(w, err)
	default:
		writeJSON(w, http.StatusOK, listOf(outcomes, maxAnswer))
	}
}

func (m *Machine) deleteDeadLetter(w http.ResponseWriter, r *http.Request) {
	switch err := m.Discard(r.PathValue("id")); {
	case errors.Is(err, errNoLetter):
		refuse(w, http.StatusNotFound, "not-found", err.Error())
	case err != nil:
		m.fail(w, err)
	default:
		w.WriteHeader(http.StatusNoContent)
	}
}

// fail answers with an error of our own.
func (m *Machine) fail(w http.ResponseWriter, err error) {
	m.log.Error().Err(err).Msg("a request has failed")
	refuse(w, http.StatusInternalServerError, "internal", err.Error())
}
