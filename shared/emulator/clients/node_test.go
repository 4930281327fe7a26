package clients

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The clients for Node, each run of them against an emulator of its own.
func TestNode(t *testing.T) {
	t.Parallel()
	// Go keeps a result until a file that the test itself has looked at changes.
	for _, name := range []string{"scenario.test.js", "clients.js", "package-lock.json"} {
		if _, err := os.Stat(filepath.Join("node", name)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(filepath.Join("node", "node_modules", ".package-lock.json")); errors.Is(err, fs.ErrNotExist) {
		t.Skip("the Node clients are not installed: make test does that, or npm ci in shared/emulator/clients/node")
	}
	node, err := exec.LookPath("node")
	if err != nil {
		t.Fatal("the Node clients are installed, but node is not on the PATH")
	}
	for _, tt := range []struct {
		client, wire string
		keys         keys
	}{
		{"vpc20160428", "V3 POST", user},
		{"vpc20160428", "V3 POST", session},
		{"pop-core GET", "V1 GET", user},
		{"pop-core POST", "V1 POST", user},
		{"pop-core POST", "V1 POST", session},
	} {
		t.Run(tt.keys.id+" "+tt.client, func(t *testing.T) {
			h := start(t, tt.keys)
			run := exec.CommandContext(t.Context(), node, "--test", "scenario.test.js")
			run.Dir = "node"
			run.Env = []string{
				"PATH=" + os.Getenv("PATH"), "CLIENT=" + tt.client, "EMULATOR=" + h.host,
				"ACCESS_KEY_ID=" + tt.keys.id, "ACCESS_KEY_SECRET=" + tt.keys.secret, "SECURITY_TOKEN=" + tt.keys.token,
			}
			output, err := run.CombinedOutput()
			if err != nil {
				t.Errorf("%v\n%s", err, output)
			}
			h.onlySaw(t, tt.wire)
		})
	}
}
