package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// mustFolder writes a folder as somebody with that umask has it, at that time.
func mustFolder(t *testing.T, umask fs.FileMode, at time.Time) string {
	t.Helper()
	dir := t.TempDir()
	for name, mode := range map[string]fs.FileMode{"vpnattach": 0o777, "README.md": 0o666, "site/index.html": 0o666, "site/reference/a.html": 0o666} {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(os.WriteFile(name, []byte(mode.String()), 0o600), os.Chmod(name, mode&^umask), os.Chtimes(name, at, at)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestPack: an archive has every file with its mode, in order, and the same bytes
// whatever the umask and the times are.
func TestPack(t *testing.T) {
	t.Parallel()
	want := []string{"README.md 644", "site/index.html 644", "site/reference/a.html 644", "vpnattach 755"}
	folders := []string{mustFolder(t, 0o022, time.Now()), mustFolder(t, 0o077, time.Unix(1e9, 0))}
	for ext, list := range map[string]func([]byte) ([]string, error){".zip": listZip, ".tar.gz": listTar} {
		var packed [][]byte
		for _, folder := range folders {
			name := filepath.Join(t.TempDir(), "a"+ext)
			if err := pack(folder, name); err != nil {
				t.Fatal(err)
			}
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			packed = append(packed, data)
		}
		if !bytes.Equal(packed[0], packed[1]) {
			t.Errorf("%s: umask or times show", ext)
		}
		if got, err := list(packed[0]); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: got %q, %v, want %q", ext, got, err, want)
		}
	}
}

func listZip(data []byte) (list []string, err error) {
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	for _, f := range archive.File {
		list = append(list, fmt.Sprintf("%s %o", f.Name, f.Mode()))
	}
	return list, nil
}

func listTar(data []byte) (list []string, err error) {
	plain, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	for archive := tar.NewReader(plain); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return list, nil
		} else if err != nil {
			return nil, err
		}
		list = append(list, fmt.Sprintf("%s %o", header.Name, header.Mode))
	}
}
