package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"vpnattach/shared/core/event"
	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/pipeline"
)

// annotate writes findings as commands of a GitHub Actions workflow, which shows them at
// the lines of the file. Those of an event's changes are at the event's first line.
func annotate(w io.Writer, name string, data []byte, r *pipeline.Result) {
	for _, f := range r.Findings {
		line, column := 1, 1
		if r.Record.Via == (event.Via{}) && r.Rule == "" {
			line, column = place(string(data), f.Path)
		}
		annotation(w, f.Severity, name, line, column, f.Check, f.Message, f.Hint)
	}
}

// annotateProblem writes why a file can't be taken.
func annotateProblem(w io.Writer, name string, err error) {
	line, column, title, hint := 1, 1, "file-unreadable", ""
	var source *sourceError
	if errors.As(err, &source) {
		err = source.err
		if fault := source.fault(); fault != nil {
			line, column = fault.Line, fault.Column
		}
	}
	var opening *event.Error
	if errors.As(err, &opening) {
		title, hint = string(opening.Code), opening.Hint
	}
	annotation(w, finding.Error, name, line, column, title, err.Error(), hint)
}

func annotation(w io.Writer, severity finding.Severity, name string, line, column int, title, message, hint string) {
	kind := map[finding.Severity]string{finding.Error: "error", finding.Warning: "warning", finding.Info: "notice"}[severity]
	says := inMessage.Replace(finding.Visible(message))
	if hint != "" {
		says += "%0A" + inMessage.Replace(finding.Visible(hint))
	}
	fmt.Fprintf(w, "::%s file=%s,line=%d,col=%d,title=%s::%s\n", kind, inProperty.Replace(finding.Visible(name)), line, column, inProperty.Replace(title), says)
}

// As the runner reads them.
var (
	inMessage  = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	inProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// place is where the value of a path, or what it is in, begins in a document: its line
// and column, from 1 on.
func place(text, path string) (line, column int) {
	offset := 0
	for at := strings.NewReplacer("[", ".", "]", "").Replace(path); at != ""; {
		if found := gjson.Get(text, at); found.Index > 0 {
			offset = found.Index
			break
		}
		at = at[:max(0, strings.LastIndexByte(at, '.'))]
	}
	before := text[:offset]
	line = strings.Count(before, "\n") + 1
	return line, utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
}
