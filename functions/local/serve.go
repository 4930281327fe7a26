package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/rs/zerolog"

	"vpnattach/functions/local/machine"
	"vpnattach/functions/local/state"
	"vpnattach/shared/attachment"
	"vpnattach/shared/ledger/bolt"
)

// serveCommand runs everything on this machine.
type serveCommand struct {
	Play string `help:"Take this event first, and show what to try next." placeholder:"FILE"`
}

// Help lists the environment variables, since they are how serve is set up.
func (c *serveCommand) Help() string {
	return `Environment:
  PORT (8080), VPC_PORT (8081)   where events and the emulated API are served, on 127.0.0.1
  STATE_DIR (.state)             what survives a restart; remove it to start anew
  RULES                          a rule file, for events that are no change documents
  PEER                           check that the other end can speak what is asked: aws
  MODE                           plan: do everything but change
  VPC_ENDPOINT                   a URL: use this API instead of the emulator
  VPC_UPDATE_TIME (2s)           how long an emulated attachment stays updating
  ALIBABA_CLOUD_ACCESS_KEY_ID, ALIBABA_CLOUD_ACCESS_KEY_SECRET, ALIBABA_CLOUD_SECURITY_TOKEN
                                 the access key; local and local-secret by default
  AWS_LAMBDA_LOG_LEVEL (warn)    level of the JSON log on standard error`
}

// Run serves until it is interrupted.
func (c *serveCommand) Run(p *program) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var sample []byte
	if c.Play != "" {
		var err error
		if sample, err = p.read(c.Play); err != nil {
			return err
		}
	}
	config, err := p.machineConfig()
	if err != nil {
		return err
	}
	db, err := state.Open(p.stateDir())
	if err != nil {
		return usageError{err}
	}
	defer db.Close()
	config.State = db
	if config.Ledger, err = bolt.New(db.Bolt()); err != nil {
		return err
	}
	printer := &outcomePrinter{text: text{w: p.out, colour: p.colour}}
	config.Report = printer.print
	where := make(chan [2]string, 1)
	config.Ready = func(events, vpc string) { where <- [2]string{events, vpc} }
	m, err := machine.New(config)
	if err != nil {
		return usageError{err}
	}
	ended := make(chan error, 1)
	go func() { ended <- m.Run(ctx) }()
	at := <-where
	printer.start(p, at[0], at[1])
	if sample != nil {
		if err := printer.play(ctx, m, c.Play, sample); err != nil {
			stop()
			return errors.Join(err, <-ended)
		}
	}
	printer.next(at[0])
	return <-ended
}

func (p *program) stateDir() string { return p.setting("STATE_DIR", ".state") }

// setting reads an environment variable.
func (p *program) setting(name, preset string) string {
	if value := p.env(name); value != "" {
		return value
	}
	return preset
}

// machineConfig reads the environment, all but the state.
func (p *program) machineConfig() (machine.Config, error) {
	c := machine.Config{
		Port: p.setting("PORT", "8080"), VPCPort: p.setting("VPC_PORT", "8081"),
		VPCEndpoint: p.env("VPC_ENDPOINT"), Peer: p.env("PEER"), Credentials: p.credentials(),
	}
	var problems []error
	bad := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	for _, name := range []string{"PORT", "VPC_PORT"} {
		if port := p.env(name); port != "" {
			if _, err := strconv.ParseUint(port, 10, 16); err != nil {
				bad("%s=%s is no port", name, port)
			}
		}
	}
	if c.VPCEndpoint != "" {
		if at, err := url.Parse(c.VPCEndpoint); err != nil || at.Host == "" {
			bad("VPC_ENDPOINT is no URL such as https://vpc.aliyuncs.com")
		}
	}
	switch {
	case c.Credentials.AccessKeyID == "" && c.Credentials.AccessKeySecret.IsZero():
		c.Credentials = machine.LocalCredentials
	case c.Credentials.AccessKeyID == "" || c.Credentials.AccessKeySecret.IsZero():
		bad("ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET belong together, and one is missing")
	}
	var err error
	if c.UpdateTime, err = time.ParseDuration(p.setting("VPC_UPDATE_TIME", "2s")); err != nil || c.UpdateTime < 0 {
		bad("VPC_UPDATE_TIME is no duration such as 2s")
	}
	if c.Peer != "" && !attachment.KnownPeer(c.Peer) {
		bad("PEER=%s: there is no such profile; there is: aws", c.Peer)
	}
	switch mode := p.env("MODE"); mode {
	case "", "apply":
	case "plan":
		c.Plan = true
	default:
		bad("MODE=%s is neither plan nor apply", mode)
	}
	level, err := zerolog.ParseLevel(strings.ToLower(p.setting("AWS_LAMBDA_LOG_LEVEL", "warn")))
	if err != nil {
		bad("AWS_LAMBDA_LOG_LEVEL is none of trace, debug, info, warn, error and fatal")
	}
	c.Log = zerolog.New(zerolog.SyncWriter(p.err)).Level(level).With().Timestamp().Logger()
	if file := p.env("RULES"); file != "" {
		if c.Rules, err = p.loadRules(file); err != nil {
			problems = append(problems, err)
		}
	}
	if len(problems) > 0 {
		return c, usageError{errors.Join(problems...)}
	}
	return c, nil
}

// start says what listens where.
func (o *outcomePrinter) start(p *program, events, vpc string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.line(o.blue("events"), "POST any event to "+o.bold("http://"+o.local(events)+"/events"))
	if vpc != "" {
		o.line(o.blue("VPC API"), "emulated at "+o.bold("http://"+o.local(vpc))+o.dim("  (access key local, secret local-secret)"))
	} else {
		o.line(o.blue("VPC API"), p.env("VPC_ENDPOINT"))
	}
	if p.env("MODE") == "plan" {
		o.line(o.blue("mode"), "plan: nothing is changed")
	}
	o.line(o.blue("state"), p.stateDir()+o.dim("  (survives a restart; remove it to start anew)"))
}

// local writes an address as people type it.
func (o *outcomePrinter) local(address string) string {
	_, port, _ := net.SplitHostPort(address)
	return "localhost:" + port
}

// play takes a sample event.
func (o *outcomePrinter) play(ctx context.Context, m *machine.Machine, name string, sample []byte) error {
	o.say("\n" + o.bold(name))
	all, err := m.Take(ctx, http.Header{}, sample)
	if err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for i := range all {
		o.details(&all[i])
	}
	return nil
}

// next says what to try.
func (o *outcomePrinter) next(events string) {
	at := o.local(events)
	o.say("\n  Try next, in another terminal:\n\n" +
		"    curl -d @events/eventbridge-psk.json " + at + "/events\n" +
		"    curl -d '{\"RegionId\":\"cn-hangzhou\",\"VpnConnectionId\":\"vco-localfree\",\"Name\":\"site-b\"}' " + at + "/events\n" +
		"    curl " + at + "/outcomes\n" +
		"    curl " + at + "/dead-letters\n\n" +
		"  What becomes of each change is shown here. Ctrl-C ends it.\n")
}
