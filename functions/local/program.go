package main

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/event"
	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/jsontext"
	"vpnattach/shared/core/pipeline"
	"vpnattach/shared/core/request"
	"vpnattach/shared/core/rules"
	"vpnattach/shared/core/secret"
)

// Exit codes.
const (
	exitOK      = 0
	exitError   = 1 // the input has errors
	exitUsage   = 2 // the command line, the environment or a file is not as it should be
	exitDiffers = 3 // diff: the attachment is not as the change asks
)

// program is the command with all that it touches of the outside.
type program struct {
	in        io.Reader
	out, err  io.Writer
	env       func(string) string
	colour    bool // on standard output
	errColour bool // on standard error
	inRead    bool // standard input has been read
	failed    bool // a finding was an error
	differs   bool // an attachment is not as a change asks
	code      int  // of the files that could not be taken
	list      *jsonList
	terminal  bool // standard error is one
	width     int  // of the terminal that standard output is; 0 when it is none
}

// commands is the command line.
type commands struct {
	Validate validateCommand `cmd:"" help:"Check a change document or an event, and print the findings."`
	Build    buildCommand    `cmd:"" help:"Make signed requests of a change document or an event."`
	Diff     diffCommand     `cmd:"" help:"Tell in which fields an attachment is not as a change asks; the exit code is 3 when there are any."`
	Explain  explainCommand  `cmd:"" help:"Tell which rules match an event, and what they make of it; or what a finding means."`
	Test     testCommand     `cmd:"" help:"Run the tests that rule files hold."`
	Play     playCommand     `cmd:"" help:"Take the sample events, or files, through the whole core and print what happens."`
	Serve    serveCommand    `cmd:"" help:"Run everything on this machine: an emulated VPC API, durable queues, and POST /events."`
	Trust    trustCommand    `cmd:"" help:"Print how an AWS account and an Alibaba Cloud account are set up so that no access key is stored."`
	Probe    probeCommand    `cmd:"" help:"Find out what the VPC API does with an attachment of this account, and which settings fit."`
	Send     sendCommand     `cmd:"" help:"Send one event to a running serve, or with --direct to the VPC API, and print what becomes of it."`
	Help     helpCommand     `cmd:"" help:"Tell how a command is used, or list all findings or error codes."`
	Version  versionCommand  `cmd:"" help:"Print version, commit and Go's version."`

	ShowVersion kong.VersionFlag `name:"version" help:"Print version, commit and Go's version."`
}

// usageError is an error of the command line, the environment or a file.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func usage(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// run executes the command line and returns the exit code.
func (p *program) run(args []string) int {
	out := &output{w: p.out}
	p.out = out
	code := p.command(args)
	if p.list != nil {
		p.list.close()
	}
	if err := out.first.Load(); err != nil {
		return max(code, p.fail(usage("the output is not whole: %w", *err)))
	}
	return code
}

// output notes the first error of what is written, which few of those who write look at.
// That a reader of a pipe wants no more is none.
type output struct {
	w     io.Writer
	first atomic.Pointer[error]
}

func (o *output) Write(data []byte) (int, error) {
	if o.first.Load() == nil {
		if _, err := o.w.Write(data); err != nil && !errors.Is(err, syscall.EPIPE) {
			o.first.Store(&err)
		}
	}
	return len(data), nil
}

func (p *program) command(args []string) int {
	var cli commands
	exited := -1
	parser, err := kong.New(&cli,
		kong.Name("vpnattach"),
		kong.Description("A change event goes in, a correct ModifyVpnAttachmentAttribute call comes out.\n\n"+
			"The exit code is 1 when the input has errors, 2 when the command line, a setting, a file or the output is wrong, and 3 when diff finds differences."),
		kong.Writers(p.out, p.err), kong.Exit(func(code int) { exited = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}), kong.Bind(p),
		kong.Vars{"formats": formats(), "peers": attachment.PeerNames(), "version": versionText()},
	)
	if err != nil {
		return p.fail(err)
	}
	if len(args) == 0 {
		q := *p
		q.out = p.err
		q.command([]string{"--help"})
		return exitUsage
	}
	ctx, err := parser.Parse(args)
	switch {
	case exited >= 0: // --help
		return exited
	case err != nil:
		code, how := p.fail(usageError{err}), "--help"
		var parsing *kong.ParseError
		if errors.As(err, &parsing) && parsing.Context.Selected() != nil {
			how = parsing.Context.Selected().Name + " --help"
		}
		fmt.Fprintf(p.err, "Run vpnattach %s to see how it is used.\n", how)
		return code
	}
	if err := ctx.Run(); err != nil {
		if p.list != nil {
			p.list.add(appendProblem(nil, err))
		}
		return max(p.code, p.fail(err))
	}
	switch {
	case p.code != exitOK:
		return p.code
	case p.failed:
		return exitError
	case p.differs:
		return exitDiffers
	}
	return exitOK
}

// each does the same for every file. What is wrong with one is said, in the list of JSON
// too where there is one, and the others are taken.
func (p *program) each(files []string, take func(name string) error) {
	for _, name := range files {
		if p.list != nil && len(files) > 1 {
			p.list.file = name
		}
		if err := take(name); err != nil {
			p.code = max(p.code, p.fail(err))
			if p.list != nil {
				p.list.add(appendProblem(nil, err))
			}
		}
	}
}

// printJSON has what a command finds printed as one list, whatever happens.
func (p *program) printJSON() { p.list = &jsonList{w: p.out} }

// fail prints the error and returns the exit code for it.
func (p *program) fail(err error) int {
	t := text{w: p.err, colour: p.errColour}
	var opening *event.Error
	var source *sourceError
	errors.As(err, &source)
	if errors.As(err, &opening) {
		t.problem(source, opening)
	} else {
		for i, line := range strings.Split(err.Error(), "\n") {
			if i > 0 {
				t.line("", visible(line))
				continue
			}
			t.line(t.red("error"), visible(line))
		}
	}
	if source != nil && p.terminal {
		if fault := source.fault(); fault != nil {
			t.source(source.text, fault)
		}
	}
	var wrongUse usageError
	if errors.As(err, &wrongUse) {
		return exitUsage
	}
	return exitError
}

// read returns the contents of the file, or of standard input for "-".
func (p *program) read(name string) ([]byte, error) {
	in := p.in
	if name == "-" {
		if p.inRead {
			return nil, usage("standard input (-) can be read for one file only")
		}
		p.inRead = true
	} else {
		if name == "" {
			return nil, usage("the name of a file is empty; - is standard input")
		}
		file, err := os.Open(name)
		if err != nil {
			return nil, usageError{err}
		}
		defer file.Close()
		in = file
	}
	// One byte more than allowed is enough to be told that it is too large.
	data, err := io.ReadAll(io.LimitReader(in, event.MaxSize+1))
	if err != nil {
		return nil, usageError{err}
	}
	return data, nil
}

// readWhole is [program.read] for a file that nothing else tells to be too large.
func (p *program) readWhole(name string) ([]byte, error) {
	data, err := p.read(name)
	if len(data) > event.MaxSize {
		return nil, usage("%s is larger than %d bytes", nameOf(name), event.MaxSize)
	}
	return data, err
}

// sources are the files that every command which judges changes can take.
type sources struct {
	Files   []string `arg:"" name:"file" help:"A change document or an event; - is standard input."`
	Rules   string   `help:"Rule file that says what to make of the event." placeholder:"FILE"`
	Via     string   `help:"The way by which the event has come: an ARN, bus, webhook, webhook:NAME, invoke or local; by the event itself when absent." placeholder:"WAY"`
	Current string   `help:"What DescribeVpnConnection or DescribeVpnConnections returned, as the API, the CLI or an SDK shows it: merge with it and judge the result." placeholder:"FILE"`
	Masked  string   `help:"What to do about a phase 1 whose current key is masked and not in the change: ${enum}. Refuse the change, or omit the key, which seems to keep it but may lose it." enum:"refuse,omit" default:"refuse"`
	Peer    string   `help:"Check that the other end can speak what is asked: ${peers}." placeholder:"NAME"`
}

// options reads the files into the pipeline's options.
func (p *program) options(s *sources) (*pipeline.Options, error) {
	o := &pipeline.Options{Time: time.Now().UTC(), Peer: s.Peer, Via: s.Via, Nonce: nonce}
	if s.Peer != "" && !attachment.KnownPeer(s.Peer) {
		return nil, usage("--peer %s: unknown peer profile; known profiles: %s", s.Peer, attachment.PeerNames())
	}
	stdin := 0
	for _, name := range append([]string{s.Rules, s.Current}, s.Files...) {
		if name == "-" {
			stdin++
		}
	}
	if stdin > 1 {
		return nil, usage("standard input (-) can be read for one file only")
	}
	if s.Rules != "" {
		set, err := p.loadRules(s.Rules)
		if err != nil {
			return nil, err
		}
		o.Rules = set
	}
	if s.Current != "" {
		data, err := p.readWhole(s.Current)
		if err != nil {
			return nil, err
		}
		if o.Current, err = attachment.ParseDescribed(string(data)); err != nil {
			return nil, usageError{&currentError{inFile(s.Current, data, err)}}
		}
		o.Current.OmitMasked = s.Masked == "omit"
	}
	return o, nil
}

// loadRules reads a rule file and prints what there is to say about it.
func (p *program) loadRules(name string) (*rules.Set, error) {
	data, err := p.readWhole(name)
	if err != nil {
		return nil, err
	}
	set, findings := rules.Load(data)
	if len(findings) > 0 {
		t := text{w: p.err, colour: p.errColour}
		t.line(t.bold(visible(name)), "")
		t.findings(findings)
	}
	if set == nil {
		if _, fault := new(jsontext.Text).Parse(string(data)); fault != nil && p.terminal {
			t := text{w: p.err, colour: p.errColour}
			t.source(string(data), fault)
		}
		return nil, usageError{&rulesError{nameOf(name), findings}}
	}
	return set, nil
}

// rulesError says that a rule file can't be used. The findings have been printed.
type rulesError struct {
	name     string
	findings finding.Findings
}

func (e *rulesError) Error() string { return e.name + ": the rule file has errors" }

// currentError says that what --current names is no current configuration.
type currentError struct{ err error }

func (e *currentError) Error() string { return "--current: " + e.err.Error() }
func (e *currentError) Unwrap() error { return e.err }

// keyVariables are those that Alibaba Cloud's own tools use; the last is empty unless
// the key is a temporary one.
var keyVariables = [...]string{"ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "ALIBABA_CLOUD_SECURITY_TOKEN"}

// credentials come from the environment. They may be empty.
func (p *program) credentials() request.Credentials {
	return request.Credentials{
		AccessKeyID:     p.env(keyVariables[0]),
		AccessKeySecret: secret.New(p.env(keyVariables[1])),
		SecurityToken:   secret.New(p.env(keyVariables[2])),
	}
}

// signingKey returns credentials that can sign, or says what is wrong with them.
func (p *program) signingKey() (request.Credentials, error) {
	for i, name := range keyVariables {
		switch value := p.env(name); {
		case value == "" && i < 2:
			return request.Credentials{}, usage("an access key is required to sign: set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET (and ALIBABA_CLOUD_SECURITY_TOKEN for a temporary one)")
		case strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' || r > '~' }):
			return request.Credentials{}, usage("%s holds a blank, a line end or a character that no key has", name)
		}
	}
	return p.credentials(), nil
}

func nonce() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}
