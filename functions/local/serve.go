package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/rs/zerolog"

	"vpnattach/functions/local/server"
	"vpnattach/functions/local/store"
	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/request"
	"vpnattach/shared/credentials"
	"vpnattach/shared/emulator"
	"vpnattach/shared/ledger/bolt"
	"vpnattach/shared/settings"
	"vpnattach/shared/webhook"
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
  SITE_DIR                       the folder of the request-builder page, which make site builds;
                                 by default site, beside the program
  RULES                          a rule file, for events that are not change documents
  WEBHOOK_SECRET                 the senders of webhooks and their secrets, as JSON:
                                 {"netbox": {"secrets": ["…"]}, …}; or secrets of Standard Webhooks
  PEER                           check that the other end can speak what is asked: ` + attachment.PeerNames() + `
  MODE                           plan: do everything but change
  VPC_ENDPOINT                   a URL: use this API instead of the emulator
  VPC_UPDATE_TIME (2s)           how long an emulated attachment stays updating
  VPC_MASKED (refuse)            omit: a phase 1 whose key is masked goes out without it, which seems
                                 to keep the key but may lose it; refuse: the change is rejected
  VPC_MASK_KEYS (false)          true: emulated answers show 1234**** in place of a pre-shared key
  VPC_REQUIRE_SUBNETS (false)    true: the emulated API refuses a change without both subnets
  VPC_PARTIAL (objects)          what an emulated change does with what it leaves out: keep keeps
                                 all; objects keeps objects and keys, and resets other members of
                                 an object that is sent; reset resets all
  VPC_DESCRIBE_LAG               how long an emulated change does not show yet: 2s, or a number of
                                 DescribeVpnConnection calls
  VPC_HEALTH_CAPITALS (false)    true: HealthCheckConfig may have its members in capitals, as
                                 Terraform writes them
  VPC_CREATE_SINGLE (false)      true: attachments with one tunnel can be created
  ALIBABA_CLOUD_ACCESS_KEY_ID, ALIBABA_CLOUD_ACCESS_KEY_SECRET, ALIBABA_CLOUD_SECURITY_TOKEN
                                 the access key; local and local-secret by default
  ALIBABA_CLOUD_ROLE_ARN, ALIBABA_CLOUD_OIDC_PROVIDER_ARN, ALIBABA_CLOUD_OIDC_TOKEN_FILE
                                 with VPC_ENDPOINT and without an access key: a role that is taken
                                 with the token in the file; without a file with one of AWS, for
                                 OIDC_AUDIENCE, by AWS_REGION, AWS_ACCESS_KEY_ID,
                                 AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN
  ALIBABA_CLOUD_ROLE_SESSION_NAME, ALIBABA_CLOUD_STS_REGION, STS_ENDPOINT
                                 the session's name (vpnattach), and the STS to take the role from
  AWS_LAMBDA_LOG_LEVEL (warn)    level of the JSON log on standard error

On PORT:
  GET /                             the request-builder page
  GET /attachments                  the emulated attachments
  GET /attachments/REGION/ID        what DescribeVpnConnection says of one, with *** for its keys
  POST /events                      take any event, or a batch as Lambda gets it; the answer says what
                                    has become of it so far
  POST /webhooks/NAME               take a webhook that the sender of that name in WEBHOOK_SECRET has
                                    signed; the answer comes before the outcome
  GET /outcomes[?eventId=ID][&limit=N][&after=NEXT]
                                    what has become of an event, or the latest; 5000 are kept, in
                                    32 MiB at most
  GET /dead-letters[?limit=N][&after=NEXT]
                                    rejected changes, and events refused by ingest without an
                                    answer, the latest first; 1000 are kept, in 64 MiB at most
  POST /dead-letters/ID/redrive     try it again
  DELETE /dead-letters/ID           forget it
  GET /healthz                      200 once it is ready, on VPC_PORT too
  POST /2015-03-31/functions/{ingest,apply,confirm}/invocations
                                    the Invoke API of Lambda; without the end of the log (Tail),
                                    and what is deferred, or invoked as Event, is not kept

In the mode plan the answer says what would be changed. Nothing counts as taken, and what an
earlier run has deferred stays as it is.`
}

// Run serves until it is interrupted.
func (c *serveCommand) Run(p *program) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	signal.Ignore(syscall.SIGPIPE) // the reader of the output may end
	var sample []byte
	if c.Play != "" {
		var err error
		if sample, err = p.read(c.Play); err != nil {
			return err
		}
	}
	config, err := p.serverConfig()
	if err != nil {
		return err
	}
	db, err := store.Open(p.stateDir())
	switch {
	case errors.Is(err, store.ErrInUse):
		return usage("%w: end it, or set STATE_DIR to another folder", err)
	case err != nil:
		return usageError{err}
	}
	defer db.Close()
	config.State = db
	if config.Ledger, err = bolt.New(db.Bolt()); err != nil {
		return err
	}
	shown := newTerminal(p.text())
	defer shown.flush()
	config.Report = shown.outcome
	where := make(chan [2]string, 1)
	config.Ready = func(events, vpc string) { where <- [2]string{events, vpc} }
	m, err := server.New(config)
	if err != nil {
		return usageError{err}
	}
	ended := make(chan error, 1)
	go func() { ended <- m.Run(ctx) }()
	at := <-where
	shown.print(func(o *outcomePrinter) { o.start(p, &config, at[0], at[1]) })
	if sample != nil {
		shown.print(func(o *outcomePrinter) { o.say("\n" + o.bold(visible(c.Play))) })
		all, err := m.Take(ctx, http.Header{}, sample)
		if err != nil {
			stop()
			return errors.Join(err, <-ended)
		}
		shown.print(func(o *outcomePrinter) { o.played(all) })
	}
	shown.print(func(o *outcomePrinter) { o.next(at[0]) })
	return <-ended
}

// settings are the environment variables, for a person who has typed them.
func (p *program) settings() *settings.Settings {
	s := settings.New(p.env)
	s.ShowValues = true
	return s
}

func (p *program) stateDir() string { return p.settings().Text("STATE_DIR", ".state") }

// siteDir is where the page is unless SITE_DIR says otherwise: beside the program.
func siteDir() string {
	self, err := os.Executable()
	if err != nil {
		return ""
	}
	return filepath.Join(filepath.Dir(self), "site")
}

// serverConfig reads the environment, all but the state.
func (p *program) serverConfig() (server.Config, error) {
	s := p.settings()
	c := server.Config{
		Port: s.Port("PORT", "8080"), VPCPort: s.Port("VPC_PORT", "8081"), SiteDir: s.Text("SITE_DIR", siteDir()),
		VPCEndpoint: s.URL("VPC_ENDPOINT"), UpdateTime: s.Duration("VPC_UPDATE_TIME", 2*time.Second, 0),
		MaskKeys: s.Bool("VPC_MASK_KEYS"), RequireSubnets: s.Bool("VPC_REQUIRE_SUBNETS"),
		HealthCapitals: s.Bool("VPC_HEALTH_CAPITALS"), CreateSingle: s.Bool("VPC_CREATE_SINGLE"),
		OmitMasked: s.OneOf("VPC_MASKED", "refuse", "omit") == "omit",
		Peer:       s.Peer(), Plan: s.OneOf("MODE", "apply", "plan") == "plan",
		Log: s.Log(zerolog.SyncWriter(p.err), zerolog.WarnLevel),
	}
	if at, err := url.Parse(c.VPCEndpoint); err == nil && strings.Trim(at.Path, "/") != "" {
		s.Bad("VPC_ENDPOINT", "must be a URL without a path, such as https://vpc.aliyuncs.com")
	}
	if c.Port == c.VPCPort && c.Port != "0" && c.VPCEndpoint == "" {
		s.Bad("VPC_PORT", "must be another port than PORT, not "+c.Port)
	}
	if site, err := os.Stat(c.SiteDir); err == nil && !site.IsDir() { // what is missing may be built yet
		s.Bad("SITE_DIR", "must name a folder, not a file")
	}
	if state, err := os.Stat(p.stateDir()); err == nil && !state.IsDir() {
		s.Bad("STATE_DIR", "must name a folder, not a file")
	}
	if c.Credentials, c.Profiles = p.accessKey(s, c.VPCEndpoint != ""); c.Credentials.AccessKeyID == "" {
		c.Credentials = server.LocalCredentials
	}
	var err error
	if c.Partial, err = emulator.ParsePartial(s.Text("VPC_PARTIAL", "")); err != nil {
		s.Bad("VPC_PARTIAL", err.Error())
	}
	if c.DescribeLag, err = emulator.ParseLag(s.Text("VPC_DESCRIBE_LAG", "")); err != nil {
		s.Bad("VPC_DESCRIBE_LAG", err.Error())
	}
	if file := s.Text("RULES", ""); file != "" {
		if c.Rules, err = p.loadRules(file); err != nil {
			s.Bad("RULES", "can't be used: "+err.Error())
		}
	}
	c.Senders = webhook.Parse(s.Text("WEBHOOK_SECRET", ""))
	for _, problem := range c.Senders.Problems() {
		s.Bad("WEBHOOK_SECRET", "can't be used: "+problem.Error())
	}
	if err := s.Err(); err != nil {
		return c, usageError{err}
	}
	return c, nil
}

// accessKey reads the access key or, where there is none and one may be, the role. Both
// are empty when neither is set.
func (p *program) accessKey(s *settings.Settings, role bool) (key request.Credentials, profiles *credentials.Profiles) {
	key = p.credentials()
	switch id, secret := key.AccessKeyID == "", key.AccessKeySecret.IsZero(); {
	case id && secret:
		key = request.Credentials{}
		if role {
			profiles = keyless(s)
		}
	case id:
		s.Bad(keyVariables[0], "must be set too, since "+keyVariables[1]+" is")
	case secret:
		s.Bad(keyVariables[1], "must be set too, since "+keyVariables[0]+" is")
	}
	return key, profiles
}

// start says what listens where.
func (o *outcomePrinter) start(p *program, config *server.Config, events, vpc string) {
	o.line(o.blue("events"), "POST any event to "+o.bold("http://"+o.local(events)+"/events"))
	if vpc != "" {
		key := shown("local, secret local-secret")
		if id := config.Credentials.AccessKeyID; p.env(keyVariables[0]) != "" {
			key = visible(id) + ", with its secret from the environment"
		}
		o.line(o.blue("VPC API"), "emulated at "+o.bold("http://"+o.local(vpc))+o.dim("  (access key "+key+")"))
	} else {
		o.line(o.blue("VPC API"), visible(config.VPCEndpoint))
	}
	about := shown("  (the request builder)")
	if _, err := os.Stat(filepath.Join(config.SiteDir, "index.html")); err != nil {
		about = "  (the request builder, which is not built yet: make run and make site build it)"
	}
	o.line(o.blue("page"), o.bold("http://"+o.local(events)+"/")+o.dim(about))
	for _, path := range config.Senders.Paths() {
		if path != webhook.EventsPath { // where serve asks nobody for a signature
			o.line(o.blue("webhook"), "POST to "+o.bold("http://"+o.local(events)+visible(path)))
		}
	}
	if config.Plan {
		o.line(o.blue("mode"), "plan: nothing is changed, and what was deferred before waits")
	}
	o.line(o.blue("state"), visible(p.stateDir())+o.dim("  (survives a restart; remove it to start anew)"))
}

// local writes an address as people type it.
func (o *outcomePrinter) local(address string) shown {
	_, port, _ := net.SplitHostPort(address)
	return "localhost:" + visible(port)
}

// played says what has become of a sample event. Its outcomes have been reported,
// but for those that were known before.
func (o *outcomePrinter) played(all []server.Outcome) {
	for i := range all {
		if server.Repeated(&all[i]) {
			o.outcome(&all[i])
		}
		o.details(&all[i])
	}
}

// next says what to try: with the samples where they are at hand, and else without.
func (o *outcomePrinter) next(events string) {
	at := o.local(events)
	const sample = "events/eventbridge-psk.json"
	data := shown("@" + sample)
	if _, err := os.Stat(sample); err != nil {
		data = `'{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localsingle","RemoteSubnet":"10.1.3.0/24"}'`
	}
	o.say("\n  Try next, in another terminal:\n\n" +
		"    curl -d " + data + " " + at + "/events\n" +
		"    curl -d '{\"RegionId\":\"cn-hangzhou\",\"VpnConnectionId\":\"vco-localfree\",\"Name\":\"site-b\"}' " + at + "/events\n" +
		"    curl " + at + "/outcomes\n" +
		"    curl " + at + "/dead-letters\n\n" +
		"  What becomes of each change is shown here. Ctrl-C ends it.\n")
}
