// Command pack makes the zip files of the functions, the same bytes from the same
// programs, and says how large they are.
//
//	pack -rules rules.json -into dir           checks a rule file and puts it beside a program;
//	                                           none stands for a file without rules
//	pack dir/ingest dir/apply dir/confirm      makes dir/ingest.zip and so on
package main

import (
	"archive/zip"
	"compress/flate"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/rules"
)

func main() {
	ruleFile := flag.String("rules", "", "a rule file to check")
	into := flag.String("into", "", "the folder that it is copied to, as rules.json")
	flag.Parse()
	err := copyRules(*ruleFile, *into)
	for _, dir := range flag.Args() {
		if err == nil {
			err = pack(dir)
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

// pack writes dir.zip with all files of dir.
func pack(dir string) (err error) {
	out, err := os.Create(dir + ".zip")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	archive := zip.NewWriter(out)
	archive.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestCompression) })
	entries, err := os.ReadDir(dir) // sorted
	if err != nil {
		return err
	}
	size := 0
	for _, entry := range entries {
		data, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			return err
		}
		size += len(data)
		// The same time and mode on every machine, so that the bytes are the same.
		header := &zip.FileHeader{Name: entry.Name(), Method: zip.Deflate, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)}
		header.SetMode(0o755)
		w, err := archive.CreateHeader(header)
		if err != nil {
			return err
		}
		if _, err := w.Write(data); err != nil {
			return err
		}
	}
	if err := archive.Close(); err != nil {
		return err
	}
	packed, err := out.Stat()
	if err != nil {
		return err
	}
	fmt.Printf("  %-10s %6.2f MB unpacked  %5.2f MB zip\n", filepath.Base(dir), float64(size)/1e6, float64(packed.Size())/1e6)
	return nil
}
