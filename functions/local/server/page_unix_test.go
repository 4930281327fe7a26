//go:build unix

package server_test

import (
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"vpnattach/functions/local/server"
)

// TestPageOfNoFiles: named pipes and devices in the place of the folder or of a file in
// it are not there, and no request waits for them.
func TestPageOfNoFiles(t *testing.T) {
	t.Parallel()
	pipe := func(name string) {
		t.Helper()
		if err := syscall.Mkfifo(name, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	site, place := mustSite(t), filepath.Join(t.TempDir(), "site")
	pipe(place)
	pipe(filepath.Join(site, "pipe.js"))
	pipe(filepath.Join(site, "style.css.gz"))
	if err := os.Symlink("/dev/zero", filepath.Join(site, "device.js")); err != nil {
		t.Fatal(err)
	}
	client := http.Client{Timeout: 10 * time.Second}
	for _, c := range []struct {
		dir, path string
		code      int
	}{
		{place, "/", 404}, {"/dev/zero", "/", 404}, {"/dev/zero", "/index.js", 404},
		{site, "/pipe.js", 404}, {site, "/device.js", 404}, {site, "/style.css", 200}, {site, "/index.js", 200},
	} {
		r := start(t, stateDir(t), func(config *server.Config) { config.SiteDir = c.dir })
		response, err := client.Get(r.events + c.path)
		if err != nil {
			t.Errorf("%s in %s: %v", c.path, c.dir, err)
			continue
		}
		response.Body.Close()
		if response.StatusCode != c.code {
			t.Errorf("%s in %s: HTTP %d, want %d", c.path, c.dir, response.StatusCode, c.code)
		}
	}
}
