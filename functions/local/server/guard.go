package server

import (
	"net"
	"net/http"
	"strconv"
	"strings"
)

// guard lets through only what a program on this machine, or the page that this
// service itself serves, has sent. Every browser that opens a page of the outside
// world could otherwise be told to call us: by a name that resolves to loopback
// (Host), from another page (Origin), or as an image or a form (Sec-Fetch-Site).
// What open accepts may come by a link from anywhere.
func guard(next http.Handler, open func(*http.Request) bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch site := r.Header.Get("Sec-Fetch-Site"); {
		case !isLoopback(r.Host):
			refuse(w, http.StatusForbidden, "foreign-host", "only requests to localhost, 127.0.0.1 or [::1] are answered")
		case !ownOrigin(r):
			refuse(w, http.StatusForbidden, "foreign-origin", "a page of another origin can't use this service")
		case site != "" && site != "same-origin" && site != "none" && !open(r):
			refuse(w, http.StatusForbidden, "foreign-origin", "a page of another site can't use this service")
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// isLoopback takes a host with or without a port. Names of hosts have no case, and the
// dot of the root may end them.
func isLoopback(host string) bool {
	name, port, err := net.SplitHostPort(host)
	if err != nil {
		name, port = host, ""
	}
	if _, err := strconv.ParseUint(port, 10, 16); port != "" && err != nil {
		return false
	}
	switch strings.ToLower(name) {
	case "localhost", "localhost.", "127.0.0.1", "::1", "[::1]":
		return true
	}
	return false
}

// ownOrigin reports whether the request says that it comes from our own page, or
// from no page.
func ownOrigin(r *http.Request) bool {
	for _, origin := range r.Header.Values("Origin") {
		if strings.ToLower(origin) != "http://"+strings.ToLower(r.Host) {
			return false
		}
	}
	return true
}
