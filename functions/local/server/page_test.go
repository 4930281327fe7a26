package server_test

import (
	"compress/gzip"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"vpnattach/functions/local/server"
)

// mustSite writes a page, beside a file that is none of it, and returns its folder.
func mustSite(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	site := filepath.Join(dir, "site")
	if err := os.MkdirAll(filepath.Join(site, "reference"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"outside.html": "outside", "site/index.html": "<!doctype html>", "site/index.js": "export {}", "site/style.css": "a{}",
		"site/icon.svg": "<svg/>", "site/vpnattach.wasm": "\x00asm", "site/vpnattach.wasm.gz": mustZip(t, "\x00asm"), "site/vpnattach.wasm.br": "in brotli", "site/reference/errors.html": "<!doctype html><p>", "site/licences.txt": "Apache", "site/notes.md": "other",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(dir, "outside.html"), filepath.Join(site, "link.html")); err != nil {
		t.Fatal(err)
	}
	return site
}

func mustZip(t *testing.T, text string) string {
	t.Helper()
	var out strings.Builder
	w := gzip.NewWriter(&out)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestPage(t *testing.T) {
	t.Parallel()
	site := mustSite(t)
	r := start(t, stateDir(t), func(c *server.Config) { c.SiteDir = site })
	for _, c := range []struct {
		method, path string
		code         int
		kind, body   string
	}{
		{http.MethodGet, "/", 200, "text/html; charset=utf-8", "<!doctype html>"},
		{http.MethodHead, "/", 200, "text/html; charset=utf-8", ""},
		{http.MethodGet, "/?any", 200, "text/html; charset=utf-8", "<!doctype html>"},
		{http.MethodGet, "/index.js", 200, "text/javascript; charset=utf-8", "export {}"},
		{http.MethodGet, "/style.css", 200, "text/css; charset=utf-8", "a{}"},
		{http.MethodGet, "/icon.svg", 200, "image/svg+xml", "<svg/>"},
		{http.MethodGet, "/vpnattach.wasm", 200, "application/wasm", "\x00asm"},
		{http.MethodHead, "/vpnattach.wasm", 200, "application/wasm", ""},
		{http.MethodGet, "/reference/errors.html", 200, "text/html; charset=utf-8", "<!doctype html><p>"},
		{http.MethodPost, "/", 405, "application/json", ""},
		{http.MethodDelete, "/index.js", 405, "application/json", ""},
		{http.MethodGet, "/reference", 404, "application/json", ""},
		{http.MethodGet, "/reference/", 404, "application/json", ""},
		{http.MethodGet, "/none.js", 404, "application/json", ""},
		{http.MethodGet, "/vpnattach.wasm.gz", 404, "application/json", ""},
		{http.MethodGet, "/licences.txt", 200, "text/plain; charset=utf-8", "Apache"},
		{http.MethodGet, "/notes.md", 404, "application/json", ""},
		{http.MethodGet, "/link.html", 404, "application/json", ""},
		{http.MethodGet, "/%2e%2e/outside.html", 404, "application/json", ""},
		{http.MethodGet, "/..%2foutside.html", 404, "application/json", ""},
		{http.MethodGet, "/reference/..%2f..%2foutside.html", 404, "application/json", ""},
		{http.MethodGet, "/%2f" + filepath.Join(filepath.Dir(site), "outside.html"), 404, "application/json", ""},
		{http.MethodGet, "/index.html%00.html", 404, "application/json", ""},
		{http.MethodGet, "/healthz", 200, "application/json", `{"status":"ok"}` + "\n"},
		{http.MethodGet, "/events", 405, "application/json", ""},
	} {
		response, body := r.do(c.method, r.events+c.path, "")
		if response.StatusCode != c.code || response.Header.Get("Content-Type") != c.kind {
			t.Errorf("%s %s: HTTP %d, %s; want %d, %s", c.method, c.path, response.StatusCode, response.Header.Get("Content-Type"), c.code, c.kind)
		}
		if c.code == 200 && body != c.body {
			t.Errorf("%s %s: got %q", c.method, c.path, body)
		}
		if c.code != 200 && gjson.Get(body, "error.code").Str == "" {
			t.Errorf("%s %s: no error in %q", c.method, c.path, body)
		}
		if c.code == 405 && c.path != "/events" && response.Header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s %s: Allow is %q", c.method, c.path, response.Header.Get("Allow"))
		}
		if got := response.Header.Get("X-Content-Type-Options"); got != "nosniff" {
			t.Errorf("%s %s: X-Content-Type-Options is %q", c.method, c.path, got)
		}
	}
}

// TestPageChanges: what a browser has kept is used until the file is another.
func TestPageChanges(t *testing.T) {
	t.Parallel()
	site := mustSite(t)
	r := start(t, stateDir(t), func(c *server.Config) { c.SiteDir = site })
	response, _ := r.do(http.MethodGet, r.events+"/index.js", "")
	tag := response.Header.Get("ETag")
	if tag == "" || response.Header.Get("Cache-Control") != "no-cache" {
		t.Fatalf("ETag %q, Cache-Control %q", tag, response.Header.Get("Cache-Control"))
	}
	if response, body := r.do(http.MethodGet, r.events+"/index.js", "", "If-None-Match", tag); response.StatusCode != http.StatusNotModified || body != "" {
		t.Errorf("HTTP %d of what is the same: %q", response.StatusCode, body)
	}
	if err := os.WriteFile(filepath.Join(site, "index.js"), []byte("export { a }"), 0o644); err != nil {
		t.Fatal(err)
	}
	if response, body := r.do(http.MethodGet, r.events+"/index.js", "", "If-None-Match", tag); response.StatusCode != http.StatusOK || body != "export { a }" {
		t.Errorf("HTTP %d of what is another: %q", response.StatusCode, body)
	}
}

// TestPageIsCompressed: who takes gzip gets that where there is such a file, who takes only brotli that.
func TestPageIsCompressed(t *testing.T) {
	t.Parallel()
	site := mustSite(t)
	r := start(t, stateDir(t), func(c *server.Config) { c.SiteDir = site })
	compressed := mustZip(t, "\x00asm")
	for accepted, want := range map[string]string{
		"gzip, br": compressed, "br;q=1.0, gzip;q=0.5": "in brotli", "br;q=0.8, gzip": compressed, "gzip;q=0.5": compressed, "br, gzip;q=0": "in brotli", "br": "in brotli", "br;q=0": "\x00asm", "GZIP ; q=0.000, br;q=0.001": "in brotli", "Gzip": compressed, "xgzip": "\x00asm", "identity": "\x00asm", "": "\x00asm",
	} {
		response, body := r.do(http.MethodGet, r.events+"/vpnattach.wasm", "", "Accept-Encoding", accepted)
		encoding := map[string]string{compressed: "gzip", "in brotli": "br"}[want]
		if body != want || response.Header.Get("Content-Encoding") != encoding ||
			response.Header.Get("Content-Type") != "application/wasm" || response.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%q: got %q, %v", accepted, body, response.Header)
		}
	}
	if _, body := r.do(http.MethodGet, r.events+"/index.js", "", "Accept-Encoding", "gzip, br"); body != "export {}" {
		t.Errorf("without a compressed file: got %q", body)
	}
}

// TestPagePolicy: the header says what the page itself and wasm/README.md say, and that
// nobody may frame the page.
func TestPagePolicy(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "wasm", "builder", "src", "index.html"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(data), `http-equiv="Content-Security-Policy" content="`)
	own, _, _ := strings.Cut(rest, `"`)
	readme, err := os.ReadFile(filepath.Join("..", "..", "..", "wasm", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(readme), "\n"+own+"\n") {
		t.Errorf("wasm/README.md has another policy than %q", own)
	}
	site := mustSite(t)
	r := start(t, stateDir(t), func(c *server.Config) { c.SiteDir = site })
	response, _ := r.do(http.MethodGet, r.events+"/", "")
	if got, want := response.Header.Get("Content-Security-Policy"), own+"; frame-ancestors 'none'"; own == "" || got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// TestPageIsGuarded: another site can lead to the page, but not load it or its parts,
// and nothing else of the service is open to links.
func TestPageIsGuarded(t *testing.T) {
	t.Parallel()
	site := mustSite(t)
	r := start(t, stateDir(t), func(c *server.Config) { c.SiteDir = site })
	link := []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}
	frame := []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe"}
	script := []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "script"}
	for _, c := range []struct {
		method, url string
		header      []string
		code        int
	}{
		{http.MethodGet, r.events + "/", link, 200},
		{http.MethodGet, r.events + "/reference/errors.html", link, 200},
		{http.MethodPost, r.events + "/", link, 403},
		{http.MethodGet, r.events + "/", frame, 403},
		{http.MethodGet, r.events + "/index.js", script, 403},
		{http.MethodGet, r.events + "/outcomes", link, 403},
		{http.MethodGet, r.vpc + "/", link, 403},
		{http.MethodGet, r.events + "/", []string{"Host", "evil.example"}, 403},
		{http.MethodGet, r.events + "/", append([]string{"Host", "evil.example"}, link...), 403},
		{http.MethodGet, r.events + "/", []string{"Origin", "http://evil.example"}, 403},
		{http.MethodGet, r.events + "/", append([]string{"Origin", "null"}, link...), 403},
	} {
		if response, body := r.do(c.method, c.url, "", c.header...); response.StatusCode != c.code {
			t.Errorf("%s %s with %q: HTTP %d, want %d: %s", c.method, c.url, c.header, response.StatusCode, c.code, body)
		}
	}
}

// TestPageMissing: the service says how to build the page, and serves it once it is.
func TestPageMissing(t *testing.T) {
	t.Parallel()
	site := filepath.Join(t.TempDir(), "site")
	for _, dir := range []string{"", site} {
		r := start(t, stateDir(t), func(c *server.Config) { c.SiteDir = dir })
		response, body := r.do(http.MethodGet, r.events+"/", "")
		if response.StatusCode != http.StatusNotFound || response.Header.Get("Content-Type") != "text/plain; charset=utf-8" || response.Header.Get("Refresh") == "" || !strings.Contains(body, "make site") {
			t.Errorf("%q: HTTP %d, %s", dir, response.StatusCode, body)
		}
		if response, _ := r.do(http.MethodHead, r.events+"/", ""); response.StatusCode != http.StatusNotFound {
			t.Errorf("%q: HTTP %d of HEAD", dir, response.StatusCode)
		}
		if dir == "" {
			continue
		}
		if err := os.Rename(mustSite(t), site); err != nil {
			t.Fatal(err)
		}
		if response, _ := r.do(http.MethodGet, r.events+"/", ""); response.StatusCode != http.StatusOK {
			t.Errorf("HTTP %d of the page that is there now", response.StatusCode)
		}
	}
}
