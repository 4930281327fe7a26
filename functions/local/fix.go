package main

import (
	"cmp"
	"errors"
	"io"
	"os"
	"path/filepath"

	"vpnattach/shared/core/event"
	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/fix"
	"vpnattach/shared/core/pipeline"
)

// fix mends the change document where one thing can be meant, and writes it: into its
// file, or to standard output when it comes from standard input. It returns the document
// as it is then, and what was mended.
func (p *program) fix(c *validateCommand, name string, data []byte, o *pipeline.Options) ([]byte, finding.Findings, error) {
	switch {
	case c.Rules != "":
		return nil, nil, usage("--fix mends change documents, and --rules makes one of an event: mend the rule, or what sends the event")
	case name == "-" && c.Format != "text":
		return nil, nil, usage("--fix writes what it read from standard input to standard output, so --format %s has no place there; name a file", c.Format)
	}
	records, err := event.Open(data, nil)
	if opening := (*event.Error)(nil); err != nil && !errors.As(err, &opening) {
		return nil, nil, err
	}
	for i := range records {
		if via := records[i].Via.String(); via != "" {
			return nil, nil, usage("--fix mends change documents, and this is one in an envelope (%s): mend what sends it", via)
		}
	}
	text, fixed := fix.Apply(string(data), o.Current, o.Peer, "")
	switch {
	case name == "-":
		_, err = io.WriteString(p.out, text)
	case len(fixed) > 0:
		err = replaceFile(name, []byte(text))
	}
	if err != nil {
		return nil, nil, usage("--fix: %w", err)
	}
	return []byte(text), fixed, nil
}

// replaceFile writes a file anew, whole or not at all.
func replaceFile(name string, data []byte) error {
	name, err := filepath.EvalSymlinks(name)
	if err != nil {
		return err
	}
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*")
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	err = errors.Join(err, file.Chmod(info.Mode().Perm()), file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), name)
	}
	if err != nil {
		_ = os.Remove(file.Name())
	}
	return err
}

// fixed writes what was mended.
func (t *text) fixed(name string, all finding.Findings) {
	if len(all) == 0 {
		t.line(t.dim("fixed"), "nothing: no finding says what to write")
		return
	}
	for _, f := range all {
		becomes := "now " + t.bold(visible(cmp.Or(f.Fix.Value, f.Fix.Name)))
		if f.Fix == (finding.Fix{}) { // a fault of the JSON
			becomes = visible(f.Hint)
		}
		t.line(t.green("fixed"), visible(f.Message)+"; "+becomes+t.dim(visible("  ("+f.Check+")")))
	}
	if name != "-" {
		t.line("", t.dim(visible("written to "+name)))
	}
}
