package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"github.com/mattn/go-isatty"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/event"
	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/pipeline"
	"vpnattach/shared/core/request"
)

// colourWanted reports whether to colour: on a terminal, unless NO_COLOR is set.
func colourWanted(out *os.File, env func(string) string) bool {
	return env("NO_COLOR") == "" && env("TERM") != "dumb" && isatty.IsTerminal(out.Fd())
}

// text writes for people: a narrow column of labels, and beside it what they say.
type text struct {
	w      io.Writer
	colour bool
	width  int // of the terminal; 0 when lines may have any length
}

func (p *program) text() text { return text{w: p.out, colour: p.colour, width: p.width} }

const labelWidth = 10

// shown is text that may go to a terminal: constants, and what [visible] returns. All
// that is printed is of this type, so that no event can write to the terminal what it
// likes.
type shown string

func visible(s string) shown { return shown(finding.Visible(s)) }

func (t *text) paint(code, s shown) shown {
	if !t.colour {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (t *text) bold(s shown) shown   { return t.paint("1", s) }
func (t *text) dim(s shown) shown    { return t.paint("2", s) }
func (t *text) red(s shown) shown    { return t.paint("31;1", s) }
func (t *text) green(s shown) shown  { return t.paint("32", s) }
func (t *text) yellow(s shown) shown { return t.paint("33", s) }
func (t *text) blue(s shown) shown   { return t.paint("34", s) }

// say writes a line.
func (t *text) say(s shown) { fmt.Fprintln(t.w, strings.TrimRight(string(s), " ")) }

// line writes a label and what it says.
func (t *text) line(label, says shown) {
	t.columns("  "+pad(label, labelWidth), says)
}

// columns writes what is said beside a text, within the width of the terminal.
func (t *text) columns(beside, says shown) {
	const least = 20 // columns, below which a line break does not help
	indent := ansi.StringWidth(string(beside))
	if t.width-indent < least {
		t.say(beside + says)
		return
	}
	for line := range strings.SplitSeq(ansi.Wrap(string(says), t.width-indent, "-"), "\n") {
		t.say(beside + shown(line))
		beside = shown(strings.Repeat(" ", indent))
	}
}

// pairs writes names and values in two columns, below a line.
func (t *text) pairs(all [][2]shown) {
	width := 0
	for _, pair := range all {
		if pair[1] != "" {
			width = max(width, len(pair[0]))
		}
	}
	for _, pair := range all {
		t.columns(pad("", labelWidth+2)+pad(pair[0], width+2), pair[1])
	}
}

// pad fills with blanks to a width in which colours do not count.
func pad(s shown, width int) shown {
	return s + shown(strings.Repeat(" ", max(1, width-ansi.StringWidth(string(s)))))
}

func (t *text) severity(s finding.Severity) shown {
	switch s {
	case finding.Error:
		return t.red("error")
	case finding.Warning:
		return t.yellow("warning")
	}
	return t.blue("info")
}

// findings writes each with its path, message and hint.
func (t *text) findings(findings finding.Findings) {
	for _, f := range findings {
		says := visible(f.Message)
		if before, after, found := strings.Cut(f.Message, f.Path); found && f.Path != "" {
			says = visible(before) + t.bold(visible(f.Path)) + visible(after)
		}
		// What is said of a tunnel names it already, as people do.
		if f.Path != "" && !strings.HasPrefix(f.Message, f.Path) && !strings.HasPrefix(f.Path, attachment.TunnelsName+"[") {
			says = t.bold(visible(f.Path)) + ": " + visible(f.Message)
		}
		t.line(t.severity(f.Severity), says)
		note := visible(f.Check)
		if f.APICode != "" {
			note += ", the service says " + visible(f.APICode)
		}
		if f.Hint != "" {
			note = visible(f.Hint) + "  (" + note + ")"
		} else {
			note = "(" + note + ")"
		}
		t.line("", t.dim(note))
	}
}

// problem writes why an event can't be opened.
func (t *text) problem(source *sourceError, e *event.Error) {
	name := shown("")
	if source != nil {
		name = t.bold(visible(source.name)) + ": "
	}
	t.line(t.red("error"), name+visible(e.Error()))
	note := "(" + visible(string(e.Code)) + ")"
	if e.Hint != "" {
		note = visible(e.Hint) + "  " + note
	}
	t.line("", t.dim(note))
}

// total counts findings by severity.
func (t *text) total(count [finding.Info + 1]int) {
	if count[finding.Error]+count[finding.Warning]+count[finding.Info] == 0 {
		t.line(t.green("good"), "no problems found")
		return
	}
	label, says := t.green("good"), shown("")
	switch {
	case count[finding.Error] > 0:
		label = t.red("refused")
	case count[finding.Warning] > 0:
		label = t.yellow("doubtful")
	}
	for _, s := range []finding.Severity{finding.Error, finding.Warning, finding.Info} {
		if n := count[s]; n > 0 {
			if says != "" {
				says += ", "
			}
			says += visible(fmt.Sprint(n, " ", plural(s.String(), n)))
		}
	}
	t.line(label, says)
}

func plural(word string, n int) string {
	if n == 1 || word == finding.Info.String() {
		return word
	}
	return word + "s"
}

// record writes what an event has been recognised as.
func (t *text) record(r *event.Record) {
	says := r.Via.String()
	if r.Kind == event.Change || r.Kind == event.Payload {
		if says != "" {
			says += " > "
		}
		says += r.Kind.String()
	}
	t.line(t.blue("event"), t.bold(visible(says)))
	if r.ID != "" {
		t.line("", t.dim("id ")+visible(r.ID))
	}
	if !r.Time.IsZero() {
		t.line("", t.dim("at ")+visible(r.Time.Format("2006-01-02 15:04:05.999 MST")))
	}
	if r.Source != "" {
		t.line("", t.dim("of ")+visible(r.Source))
	}
}

// recognised writes what the change is and where it comes from.
func (t *text) recognised(r *pipeline.Result) {
	t.record(r.Record)
	if r.Change == nil {
		return
	}
	says := t.bold(visible(r.Change.Text(attachment.VpnConnectionID))) + t.dim(" in ") + visible(r.Change.Text(attachment.RegionID))
	if r.Rule != "" {
		says += t.dim(" by rule ") + visible(r.Rule)
	}
	if r.Element >= 0 {
		says += t.dim(visible(fmt.Sprintf(", element %d", r.Element)))
	}
	t.line(t.blue("change"), says)
}

func (t *text) differences(all []attachment.Difference) {
	if len(all) == 0 {
		return
	}
	t.line(t.blue("differs"), "")
	var pairs [][2]shown
	for _, d := range all {
		pairs = append(pairs, [2]shown{visible(d.Place()), orNothing(d.From) + t.dim(" becomes ") + visible(d.To)})
	}
	t.pairs(pairs)
}

// request writes the request's parameters, secrets hidden.
func (t *text) request(r *pipeline.Result) {
	if r.Request == nil {
		return
	}
	t.line(t.green("request"), t.bold(visible(r.Request.Method))+" "+visible(r.Request.Scheme+"://"+r.Request.Host+r.Request.Path)+"  "+request.ModifyAction)
	var parameters [][2]shown
	for _, p := range request.Parameters(r.Send, r.Request.ClientToken, false) {
		parameters = append(parameters, [2]shown{visible(p.Name), visible(p.Value)})
	}
	t.pairs(parameters)
}

// jsonList writes JSON objects as an array.
type jsonList struct {
	w    io.Writer
	n    int
	file string // that the values are of, when there are several
}

func (l *jsonList) add(value []byte) {
	separator := "[\n"
	if l.n > 0 {
		separator = ",\n"
	}
	l.n++
	value = bytes.TrimSpace(value)
	if l.file != "" {
		name, _ := json.Marshal(l.file) // a string has no error
		value = slices.Concat([]byte(`{"file":`), name, []byte(","), value[1:])
	}
	var lines bytes.Buffer
	if err := json.Indent(&lines, finding.VisibleJSON(value), "", "  "); err != nil {
		panic(err) // it is ours
	}
	fmt.Fprintf(l.w, "%s%s", separator, lines.Bytes())
}

func (l *jsonList) close() {
	if l.n == 0 {
		fmt.Fprint(l.w, "[")
	}
	fmt.Fprint(l.w, "\n]\n")
}
