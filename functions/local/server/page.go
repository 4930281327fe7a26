package server

import (
	"io/fs"
	"net/http"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
)

// page is the folder of the request-builder page, a build of wasm/builder. It is
// read anew for each request, so that a page that is built while the service runs
// is there at once.
type page string

// pagePolicy is the policy that the page carries itself, and with which no other
// page can frame it: that only a header can say.
const pagePolicy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// pageTypes are the kinds of file that a page has. What the machine's own table of
// types says of them may differ, and a browser takes a module only as this type.
var pageTypes = map[string]string{
	".html": "text/html; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".svg":  "image/svg+xml",
	".txt":  "text/plain; charset=utf-8",
	".wasm": "application/wasm",
}

// pageMissing is the answer where the page would be.
const pageMissing = `The request-builder page is not there yet. This loads itself again until it is.

make run builds it while the server runs, and says so when it is ready. Otherwise

    make site

builds it into .build/site (it needs Node 20 or newer), beside the program that make program
makes; SITE_DIR names another folder. No restart is needed.
Everything else works without: vpnattach serve --help lists what there is.
`

// serve answers with a file of the page, or says how to build it. It reports false,
// and does nothing, when the path is none of the page's.
func (p page) serve(w http.ResponseWriter, r *http.Request) bool {
	file, info, ok := p.open(r.URL.Path, "")
	if !ok && r.URL.Path != "/" {
		return false
	}
	kind := ""
	if ok {
		defer file.Close()
		kind = pageTypes[path.Ext(info.Name())]
	}
	header := w.Header()
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "no-cache") // kept, but asked about each time
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		header.Set("Allow", "GET, HEAD")
		refuse(w, http.StatusMethodNotAllowed, "method-not-allowed", "the path takes GET, HEAD")
	case !ok:
		header.Set("Content-Type", "text/plain; charset=utf-8")
		header.Set("Refresh", "2") // seconds; a browser does so with text as well
		w.WriteHeader(http.StatusNotFound)
		if r.Method == http.MethodGet {
			_, _ = w.Write([]byte(pageMissing))
		}
	default:
		// Over loopback gzip is faster than brotli and than no compression at all: the
		// bytes cost next to nothing, taking them apart does. A client may prefer brotli.
		codings := []struct{ coding, ext string }{{"gzip", ".gz"}, {"br", ".br"}}
		if weight(r, "br") > weight(r, "gzip") {
			slices.Reverse(codings)
		}
		for _, c := range codings {
			if weight(r, c.coding) == 0 {
				continue
			}
			if small, about, found := p.open(r.URL.Path, c.ext); found {
				defer small.Close()
				file, info = small, about
				header.Set("Content-Encoding", c.coding)
				break
			}
		}
		header.Set("Vary", "Accept-Encoding")
		header.Set("Content-Type", kind)
		header.Set("Content-Security-Policy", pagePolicy)
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("ETag", `"`+strconv.FormatInt(info.ModTime().UnixNano(), 36)+"-"+strconv.FormatInt(info.Size(), 36)+`"`)
		http.ServeContent(w, r, "", info.ModTime(), file)
	}
	return true
}

// weight is how much the client wants that coding, from 0, not at all, to 1.
func weight(r *http.Request, coding string) float64 {
	for one := range strings.SplitSeq(strings.ToLower(strings.Join(r.Header.Values("Accept-Encoding"), ",")), ",") {
		name, q, _ := strings.Cut(strings.ReplaceAll(one, " ", ""), ";")
		if name == coding {
			number, err := strconv.ParseFloat(strings.TrimPrefix(q, "q="), 64)
			if err != nil {
				return 1
			}
			return number // q=0 and q=0.000 refuse it
		}
	}
	return 0
}

// open opens the file at a path of a URL. None outside of the folder can be opened,
// by .. or by a link, and none of another type than a page has. encoded is the rest of
// the name of a file that holds the same, compressed.
func (p page) open(at, encoded string) (*os.File, fs.FileInfo, bool) {
	name := strings.TrimPrefix(at, "/")
	if name == "" {
		name = "index.html"
	}
	if _, known := pageTypes[path.Ext(name)]; p == "" || !known || !fs.ValidPath(name) {
		return nil, nil, false
	}
	// Only folders and files are opened: opening a named pipe would not return, and
	// a device may do anything.
	if info, err := os.Stat(string(p)); err != nil || !info.IsDir() {
		return nil, nil, false
	}
	folder, err := os.OpenRoot(string(p))
	if err != nil {
		return nil, nil, false
	}
	defer folder.Close()
	info, err := folder.Stat(name + encoded)
	if err != nil || !info.Mode().IsRegular() {
		return nil, nil, false
	}
	file, err := folder.Open(name + encoded)
	return file, info, err == nil
}

// opensPage reports whether the request is that of somebody who follows a link to
// the page: from wherever that is, the page shows nothing of this machine.
func opensPage(r *http.Request) bool {
	return r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document" &&
		(r.Method == http.MethodGet || r.Method == http.MethodHead) &&
		(r.URL.Path == "/" || path.Ext(r.URL.Path) == ".html")
}
