// Program build makes the WebAssembly module of the core: the same sources and the
// same Go give the same bytes, wherever they lie.
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

// inlined are the packages in which functions are inlined: where the time goes.
// Elsewhere that makes the code longer for nothing, by 40 kB when compressed.
var inlined = []string{
	"runtime/...", "internal/runtime/...",
	"vpnattach/shared/jsontext", "vpnattach/shared/request/...", "vpnattach/shared/attachment",
}

// build makes the module of the project in the folder root.
func build(ctx context.Context, root, file string) error {
	file, err := filepath.Abs(file)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "vpnattach")
	if err != nil {
		return err
	}
	mod, modErr := os.ReadFile(filepath.Join(root, "go.mod"))
	sum, sumErr := os.ReadFile(filepath.Join(root, "go.sum"))
	if err = errors.Join(modErr, sumErr); err == nil {
		err = errors.Join(
			os.WriteFile(filepath.Join(dir, "go.mod"), append(mod, pretty...), 0o600),
			os.WriteFile(filepath.Join(dir, "go.sum"), sum, 0o600))
	}
	if err == nil {
		err = compile(ctx, root, file, filepath.Join(dir, "go.mod"))
	}
	return errors.Join(err, os.RemoveAll(dir))
}

func compile(ctx context.Context, root, file, mod string) error {
	args := []string{"build", "-modfile", mod, "-buildmode=c-shared", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid=", "-gcflags=all=-l"}
	for _, packages := range inlined {
		args = append(args, "-gcflags="+packages+"=")
	}
	command := exec.CommandContext(ctx, "go", append(args, "-o", file, "./wasm")...)
	command.Dir = root
	// The newer collector is for many cores and is larger.
	command.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "GOFLAGS=", "GOWASM=", "GOEXPERIMENT=nogreenteagc")
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	return nil
}
