package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"vpnattach/functions/local/probe"
	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/request"
	"vpnattach/shared/core/snippet"
	"vpnattach/shared/credentials"
	"vpnattach/shared/credentials/sts"
	"vpnattach/shared/vpc"
)

// probeCommand finds out what the service does with an attachment.
type probeCommand struct {
	Region string        `required:"" help:"Region of the attachment." placeholder:"REGION"`
	ID     string        `name:"id" required:"" help:"Id of an attachment, best one without traffic." placeholder:"VCO"`
	Write  bool          `help:"Change the attachment's name for a moment, too, once its id has been typed."`
	Wait   time.Duration `help:"How long to wait for a change to settle, and for the name to be restored." default:"5m"`
	IDs    bool          `name:"ids" help:"Show ids of resources and requests in the report."`
	JSON   bool          `name:"json" help:"Print JSON instead of text."`
}

// Help says what is sent.
func (c *probeCommand) Help() string {
	return `It calls DescribeVpnConnection, and reports what the answer says of the account: whether keys are
masked, how values are written, states, the clock, limits. The report holds no secret, no name and
no address, and ids only with --ids, so it can be passed on.

With --write it asks for the id to be typed, refuses while the attachment is in motion, and then
sends Name, LocalSubnet, RemoteSubnet and EffectImmediately, the last three as they are, twice with
one ClientToken. It reports the times and states that it sees, and restores the name, after an error
and Ctrl-C too. A second Ctrl-C gives that up and prints the command which does it.

The environment counts as it does for send --direct: the access key or a role; VPC_ENDPOINT only to
call another address than that of the region.`
}

// Run prints the report.
func (c *probeCommand) Run(p *program) error {
	s := p.settings()
	config := probe.Config{
		VPC: vpc.Config{Endpoint: s.URL("VPC_ENDPOINT")}, Region: c.Region, ID: c.ID, IDs: c.IDs, Wait: c.Wait,
		Progress: func(what string) { fmt.Fprintln(p.err, "  "+visible(what)) },
	}
	key, profiles := p.accessKey(s, true)
	if err := s.Err(); err != nil {
		return usageError{err}
	}
	doubts := text{w: p.err, colour: p.errColour}
	doubts.findings(c.doubts())
	switch {
	case profiles != nil:
		config.VPC.Credentials = func(ctx context.Context) (request.Credentials, error) { return profiles.Get(ctx, credentials.Default) }
		config.VPC.Refused = func() { profiles.Refused(credentials.Default) }
	case key.AccessKeyID == "":
		return usage("probe needs %s and %s, or a role: %s and %s", keyVariables[0], keyVariables[1], sts.RoleVariable, sts.ProviderVariable)
	default:
		config.VPC.Credentials = func(context.Context) (request.Credentials, error) { return key, nil }
	}
	if c.Write {
		config.Confirm = c.confirm(p)
	}
	ctx, force, stop := twoInterrupts(p)
	defer stop()
	report, err := probe.Run(ctx, force, config)
	if report == nil {
		return usageError{err}
	}
	p.failed = err != nil
	if c.JSON {
		data, err := json.MarshalIndent(report, "", "  ")
		if err != nil {
			return err
		}
		fmt.Fprintln(p.out, string(finding.VisibleJSON(data)))
	} else {
		printer := probePrinter{p.text()}
		printer.report(report)
	}
	if lost, ok := errors.AsType[*probe.NotRestoredError](err); ok {
		return c.printRestore(p, &lost.Send, config.VPC.Endpoint)
	}
	return nil
}

// doubts are the findings about the region and the id.
func (c *probeCommand) doubts() finding.Findings {
	named, err := json.Marshal(map[string]string{"RegionId": c.Region, "VpnConnectionId": c.ID, "Name": "probe"})
	if err != nil {
		return nil // strings always have JSON
	}
	return attachment.Validate(attachment.Parse(string(named), attachment.FromEvent), nil, "")
}

// confirm asks for the id on standard error.
func (c *probeCommand) confirm(p *program) func(context.Context, *probe.Reading, probe.Sent) error {
	return func(ctx context.Context, reading *probe.Reading, sent probe.Sent) error {
		t := text{w: p.err, colour: p.errColour}
		t.line(t.yellow("write"), "The attachment's name is changed for a moment, and put back.")
		t.line("", "Sent with it, as they are: LocalSubnet, RemoteSubnet, EffectImmediately "+visible(sent.EffectImmediately)+".")
		if sent.EffectImmediately == "true" {
			t.line("", "The service may negotiate the tunnels anew at once, which interrupts traffic.")
		}
		fmt.Fprint(p.err, "  Type the attachment's id to go on: ")
		typed := make(chan string, 1)
		go func() {
			line, _ := bufio.NewReader(p.in).ReadString('\n')
			typed <- strings.TrimSpace(line)
		}()
		select {
		case line := <-typed:
			if line == c.ID {
				return nil
			}
			return errors.New("what was typed is not the attachment's id, so nothing was sent")
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// printRestore prints the command that restores the name.
func (c *probeCommand) printRestore(p *program, send *attachment.Change, endpoint string) error {
	r, err := new(request.Builder).Modify(send, request.Options{Redact: true, Endpoint: endpoint})
	if err != nil {
		return err
	}
	t := text{w: p.err, colour: p.errColour}
	t.line(t.red("restore"), "Restore the name with this command, which holds the attachment's id, name and subnets:")
	fmt.Fprintln(p.err)
	fmt.Fprintln(p.err, string(visible(string(snippet.Aliyun(nil, snippet.Input{Change: send, Request: r, Reveal: true})))))
	return nil
}

// twoInterrupts returns a context that ends with the first interrupt, and one that ends
// with the second.
func twoInterrupts(p *program) (ctx, force context.Context, stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	force, cancelForce := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	signal.Ignore(syscall.SIGPIPE) // the reader of the output may end, and the name still be restored
	go func() {
		<-signals
		fmt.Fprintln(p.err, "\n  Interrupted: what was changed is restored. Ctrl-C once more gives that up.")
		cancel()
		<-signals
		cancelForce()
	}()
	return ctx, force, func() {
		signal.Stop(signals)
		cancel()
		cancelForce()
	}
}
