// Program build makes the WebAssembly module of the core, with the Go runtime started
// already. The same sources and the same Go give the same bytes, wherever they lie.
//
//	go run ./wasm/build wasm/npm/dist/vpnattach.wasm
//
// It runs in the project's folder.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go run ./wasm/build FILE")
		os.Exit(2)
	}
	if err := build(context.Background(), ".", os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// flags keep the module short. Functions are inlined in a few packages alone, where that
// makes calls faster for few bytes: to do so in all makes calls a third faster and the
// compressed module 195 kB longer, of which the package runtime alone is 47.
var flags = []string{
	"-trimpath", "-buildvcs=false", "-gcflags=all=-l",
	"-gcflags=internal/runtime/...=", "-gcflags=internal/byteorder=", "-gcflags=internal/bytealg=", "-gcflags=crypto/internal/fips140/sha256=",
	"-gcflags=net/netip=", "-gcflags=unicode/utf8=", "-gcflags=vpnattach/shared/core/jsontext=", "-gcflags=vpnattach/shared/core/secret=",
}

// workspace is the project with a stand-in for a module that only wasm/pretty's comment
// explains.
const workspace = "wasm/build/module.work"

// build makes the module of the project in the folder root.
func build(ctx context.Context, root, file string) error {
	code, err := compile(ctx, root, workspace, flags...)
	if err != nil {
		return err
	}
	if code, err = started(ctx, code); err != nil {
		return err
	}
	return os.WriteFile(file, code, 0o644)
}

// compile returns what Go makes of the program in a workspace, by its path in root, or
// without one ("").
func compile(ctx context.Context, root, workspace string, flags ...string) (code []byte, err error) {
	work := "off"
	if workspace != "" {
		if work, err = filepath.Abs(filepath.Join(root, workspace)); err != nil {
			return nil, err
		}
	}
	dir, err := os.MkdirTemp("", "vpnattach")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	file := filepath.Join(dir, "vpnattach.wasm")
	version, err := packageVersion(root)
	if err != nil {
		return nil, err
	}
	args := append([]string{"build", "-buildmode=c-shared", "-ldflags=-s -w -buildid= -X main.version=" + version, "-o", file}, flags...)
	command := exec.CommandContext(ctx, "go", append(args, "./wasm")...)
	command.Dir = root
	command.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "GOFLAGS=", "GOWASM=", "GOWORK="+work)
	if out, err := command.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build: %w\n%s", err, out)
	}
	return os.ReadFile(file)
}

// packageVersion is the version of the npm package, which is that of the module, too.
func packageVersion(root string) (string, error) {
	name := filepath.Join(root, "wasm/npm/package.json")
	data, err := os.ReadFile(name)
	if err != nil {
		return "", err
	}
	var manifest struct{ Version string }
	if err := json.Unmarshal(data, &manifest); err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	return manifest.Version, nil
}
