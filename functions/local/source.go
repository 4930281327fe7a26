package main

import (
	"errors"
	"io/fs"
	"strconv"
	"strings"
	"unicode/utf8"

	"vpnattach/shared/core/event"
	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/jsontext"
)

// sourceError is what is wrong with the text of a file.
type sourceError struct {
	name string // of the file
	text string
	err  error
}

func (e *sourceError) Error() string { return e.name + ": " + e.err.Error() }
func (e *sourceError) Unwrap() error { return e.err }

// inFile says which file an error is about that is one of its text.
func inFile(name string, data []byte, err error) error {
	var opening *event.Error
	var fault *jsontext.Fault
	if !errors.As(err, &opening) && !errors.As(err, &fault) {
		return err
	}
	return &sourceError{nameOf(name), string(data), err}
}

// nameOf is what people call the file of an argument.
func nameOf(name string) string {
	if name == "-" {
		return "standard input"
	}
	return name
}

// fault is where the text is not JSON; nil when something else is wrong with it.
func (e *sourceError) fault() (fault *jsontext.Fault) {
	var opening *event.Error
	switch {
	case !errors.As(e.err, &opening):
		errors.As(e.err, &fault)
	case opening.Path == "" && opening.Fault != nil:
		fault = opening.Fault
	case opening.Path == "" && (opening.Code == event.NotJSON || opening.Code == event.TooDeep): // as serve has told
		if _, fault = new(jsontext.Text).Parse(e.text); fault != nil && fault.TooDeep != (opening.Code == event.TooDeep) {
			fault = nil
		}
	}
	return fault
}

// appendProblem appends an object that says why a file, or all of them, can't be taken,
// with the names that the answers of serve have.
func appendProblem(dst []byte, err error) []byte {
	code, message, path, hint := "file-unreadable", err.Error(), "", ""
	var opening *event.Error
	var source *sourceError
	var rules *rulesError
	var current *currentError
	switch {
	case errors.As(err, &opening):
		code, message, path, hint = string(opening.Code), opening.Message, opening.Path, opening.Hint
	case errors.As(err, &rules):
		code = "rule-file-invalid"
	case errors.As(err, &current):
		code = "current-invalid"
	case !errors.As(err, new(*fs.PathError)):
		code = "failed"
	}
	dst = append(dst, `{"error":{`...)
	dst = jsontext.AppendMember(dst, "code", code)
	dst = jsontext.AppendMember(dst, "path", path)
	dst = jsontext.AppendMember(dst, "message", message)
	dst = jsontext.AppendMember(dst, "hint", hint)
	if errors.As(err, &source) {
		if fault := source.fault(); fault != nil {
			dst = strconv.AppendInt(jsontext.AppendKey(dst, "line"), int64(fault.Line), 10)
			dst = strconv.AppendInt(jsontext.AppendKey(dst, "column"), int64(fault.Column), 10)
		}
	}
	if rules != nil {
		dst = rules.findings.AppendJSON(jsontext.AppendKey(dst, "findings"))
	}
	return append(dst, '}', '}')
}

// source writes the line of a text that is not JSON, with a caret below the place, as far
// as it may be shown.
func (t *text) source(text string, fault *jsontext.Fault) {
	lines := strings.Split(strings.TrimPrefix(text, "\ufeff"), "\n")
	if !utf8.ValidString(text) || fault.Line > len(lines) {
		return
	}
	line, before := []rune(masked(lines[fault.Line-1])), fault.Column-1
	const most = 60 // characters on each side
	if start := before - most; start > 0 && len(line) > 2*most {
		line, before = append([]rune("…"), line[start:]...), most+1
	}
	if len(line) > 2*most && len(line) > before+most {
		line = append(line[:before+most], '…')
	}
	t.line("", visible(string(line)))
	t.line("", shown(strings.Repeat(" ", before))+t.red("^"))
}

// masked hides all of a line that may be a value, or a part of one: it leaves the signs of
// JSON and of what people write in their place, names before a colon, and the words of
// JSON. A character stays one, so that a column stays where it is.
func masked(line string) string {
	const signs = "{}[]:,=#/*'`“”„‟«»‘’‚‛″\" "
	var out strings.Builder
	var word []rune
	inQuotes := false
	flush := func(rest string) {
		text, rest := string(word), strings.TrimLeft(rest, " \t")
		isName := text != "" && finding.Name(text) == text && (strings.HasPrefix(rest, ":") || strings.HasPrefix(rest, "="))
		if isName || text == "true" || text == "false" || text == "null" {
			out.WriteString(text)
		} else {
			out.WriteString(strings.Repeat("*", len(word)))
		}
		word = word[:0]
	}
	for i, r := range line {
		switch {
		case inQuotes && r != '"':
			word = append(word, r)
		case r == '"':
			if inQuotes {
				flush(line[i+1:])
			} else {
				flush(line[i:])
			}
			inQuotes = !inQuotes
			out.WriteRune(r)
		case r == '\t' || r == '\r':
			flush(line[i:])
			out.WriteByte(' ')
		case strings.ContainsRune(signs, r):
			rest := strings.TrimLeft(line[i:], "'`“”„‟«»‘’‚‛″")
			flush(rest)
			out.WriteRune(r)
		default:
			word = append(word, r)
		}
	}
	flush("")
	return out.String()
}
