// Program build makes the WebAssembly module of the core, with the Go runtime started
// already, and without what only tracebacks need: when the runtime gives up, it says why,
// but not where. The same sources and the same Go give the same bytes, wherever they lie.
//
//	go run ./wasm/build wasm/npm/dist/vpnattach.wasm
//
// It runs in the project's folder.
package main

import (
	"context"
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

// pretty replaces a module that only wasm/pretty's comment explains.
const pretty = "\nreplace github.com/tidwall/pretty => ./wasm/pretty\n"

// inlined are the packages in which functions are inlined: where the time goes, or
// the code gets shorter. Elsewhere it gets longer for nothing, by 40 kB when compressed.
var inlined = []string{
	"runtime/...", "internal/runtime/...", "internal/abi", "internal/bytealg", "internal/byteorder",
	"encoding/binary", "net/netip", "sync/...", "internal/sync", "time", "unicode/utf8", "github.com/tidwall/gjson",
	"vpnattach/shared/core/jsontext", "vpnattach/shared/core/request/...", "vpnattach/shared/core/attachment", "vpnattach/shared/core/secret",
}

// build makes the module of the project in the folder root.
func build(ctx context.Context, root, file string) error {
	code, err := compile(ctx, root)
	if err != nil {
		return err
	}
	if code, err = started(ctx, code); err != nil {
		return err
	}
	return os.WriteFile(file, code, 0o644)
}

// compile returns what Go makes of the program.
func compile(ctx context.Context, root string) (code []byte, err error) {
	dir, err := os.MkdirTemp("", "vpnattach")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	mod, modErr := os.ReadFile(filepath.Join(root, "go.mod"))
	sum, sumErr := os.ReadFile(filepath.Join(root, "go.sum"))
	modfile, file := filepath.Join(dir, "go.mod"), filepath.Join(dir, "vpnattach.wasm")
	if err := errors.Join(modErr, sumErr,
		os.WriteFile(modfile, append(mod, pretty...), 0o600),
		os.WriteFile(filepath.Join(dir, "go.sum"), sum, 0o600)); err != nil {
		return nil, err
	}
	args := []string{"build", "-modfile", modfile, "-buildmode=c-shared", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid=", "-gcflags=all=-l"}
	for _, packages := range inlined {
		args = append(args, "-gcflags="+packages+"=")
	}
	command := exec.CommandContext(ctx, "go", append(args, "-o", file, "./wasm")...)
	command.Dir = root
	// The newer collector is for many cores and is larger.
	command.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "GOFLAGS=", "GOWASM=", "GOEXPERIMENT=nogreenteagc")
	if out, err := command.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build: %w\n%s", err, out)
	}
	return os.ReadFile(file)
}
