package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// modules are the Go modules that a program is built of on a system such as linux/arm64.
func modules(system, program string) ([]*library, error) {
	goos, goarch, _ := strings.Cut(system, "/")
	command := exec.Command("go", "list", "-deps", "-json=Dir,Standard,Module", program)
	command.Env = append(os.Environ(), "GOOS="+goos, "GOARCH="+goarch, "CGO_ENABLED=0")
	if goarch == "wasm" { // as wasm/build does
		work, err := filepath.Abs("wasm/build/module.work")
		if err != nil {
			return nil, err
		}
		command.Env = append(command.Env, "GOWORK="+work)
	}
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		return nil, err
	}
	standard, err := standardLibrary()
	if err != nil {
		return nil, err
	}
	found, byPath := []*library{standard}, map[string]*library{}
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			Dir      string
			Standard bool
			Module   *struct {
				Path, Version, Dir, Sum string
				Main                    bool
				Replace                 *struct{}
			}
		}
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return found, nil
		} else if err != nil {
			return nil, err
		}
		if p.Standard || p.Module == nil || p.Module.Main || p.Module.Replace != nil {
			continue
		}
		m := p.Module
		l := byPath[m.Path]
		if l == nil {
			sum, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(m.Sum, "h1:"))
			if err != nil {
				return nil, fmt.Errorf("the sum of %s: %w", m.Path, err)
			}
			l = &library{
				name: m.Path, version: m.Version, purl: "pkg:golang/" + m.Path + "@" + m.Version,
				texts: map[string]string{}, hash: "SHA-256", sum: hex.EncodeToString(sum),
			}
			byPath[m.Path] = l
			found = append(found, l)
		}
		// A folder of a module may have a licence of its own.
		for dir := p.Dir; len(dir) >= len(m.Dir); dir = filepath.Dir(dir) {
			if err := addTexts(l, m.Dir, dir); err != nil {
				return nil, err
			}
		}
	}
}

// standardLibrary is that of the Go that runs this, which builds the programs, too.
func standardLibrary() (*library, error) {
	out, err := exec.Command("go", "env", "GOVERSION", "GOROOT").Output()
	if err != nil {
		return nil, err
	}
	version, root, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	version = strings.TrimPrefix(version, "go")
	l := &library{name: "std", version: version, purl: "pkg:golang/std@" + version, texts: map[string]string{}}
	return l, addTexts(l, root, root)
}
