// Command pack makes the zip files of the functions, the same bytes from the same
// programs, and says how large they are.
//
//	pack -rules rules.json -into dir           checks a rule file and puts it beside a program;
//	                                           none stands for a file without rules
//	pack dir/ingest dir/apply dir/confirm      makes dir/ingest.zip and so on
//	pack -as name.tar.gz dir                   makes another archive: .tar.gz, or .zip
package main

import (
	"archive/tar"
	"archive/zip"
	"cmp"
	"compress/flate"
	"compress/gzip"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/rules"
)

func main() {
	ruleFile := flag.String("rules", "", "a rule file to check")
	into := flag.String("into", "", "the folder that it is copied to, as rules.json")
	as := flag.String("as", "", "the archive to make of a folder")
	flag.Parse()
	err := copyRules(*ruleFile, *into)
	for _, dir := range flag.Args() {
		if err == nil {
			err = pack(dir, cmp.Or(*as, dir+".zip"))
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}

// copyRules fails when the file has an error, since a function would not start with it.
func copyRules(file, into string) error {
	if into == "" {
		return nil
	}
	copied := filepath.Join(into, "rules.json")
	if file == "" || file == "none" {
		return os.WriteFile(copied, []byte(`{"rules": []}`), 0o644)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	_, found := rules.Load(data)
	for _, f := range found {
		fmt.Fprintf(os.Stderr, "%s: %s %s: %s (%s)\n", file, f.Severity, f.Path, f.Message, f.Check)
		if f.Severity == finding.Error {
			err = errors.New("the rule file has errors")
		}
	}
	if err != nil {
		return err
	}
	return os.WriteFile(copied, data, 0o644)
}

// made is the time of every file in an archive: the same on every machine, so that the
// bytes are the same.
var made = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// pack writes all files of a folder into an archive.
func pack(dir, name string) (err error) {
	out, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	add, end := zipInto(out)
	if strings.HasSuffix(name, ".tar.gz") {
		add, end = tarInto(out)
	}
	size := 0
	files := os.DirFS(dir)
	err = fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error { // sorted
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		data, err := fs.ReadFile(files, path)
		if err != nil {
			return err
		}
		size += len(data)
		mode := fs.FileMode(0o644)
		if info.Mode()&0o100 != 0 {
			mode = 0o755
		}
		return add(path, mode, data)
	})
	if err = errors.Join(err, end()); err != nil {
		return err
	}
	packed, err := out.Stat()
	if err != nil {
		return err
	}
	fmt.Printf("  %-34s %6.2f MB unpacked  %5.2f MB packed\n", filepath.Base(name), float64(size)/1e6, float64(packed.Size())/1e6)
	return nil
}

// addFile puts one file into an archive.
type addFile func(path string, mode fs.FileMode, data []byte) error

func zipInto(out io.Writer) (addFile, func() error) {
	archive := zip.NewWriter(out)
	archive.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestCompression) })
	return func(path string, mode fs.FileMode, data []byte) error {
		header := &zip.FileHeader{Name: path, Method: zip.Deflate, Modified: made}
		header.SetMode(mode)
		w, err := archive.CreateHeader(header)
		if err != nil {
			return err
		}
		_, err = w.Write(data)
		return err
	}, archive.Close
}

func tarInto(out io.Writer) (addFile, func() error) {
	compressed, _ := gzip.NewWriterLevel(out, gzip.BestCompression) // fails for an unknown level only
	archive := tar.NewWriter(compressed)
	return func(path string, mode fs.FileMode, data []byte) error {
			if err := archive.WriteHeader(&tar.Header{Name: path, Mode: int64(mode), Size: int64(len(data)), ModTime: made}); err != nil {
				return err
			}
			_, err := archive.Write(data)
			return err
		}, func() error {
			return errors.Join(archive.Close(), compressed.Close())
		}
}
