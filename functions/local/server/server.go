package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/rs/zerolog"

	"vpnattach/functions/apply"
	"vpnattach/functions/confirm"
	"vpnattach/functions/ingest"
	"vpnattach/functions/local/store"
	"vpnattach/shared/core/request"
	"vpnattach/shared/core/rules"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/credentials"
	"vpnattach/shared/emulator"
	"vpnattach/shared/ledger"
	"vpnattach/shared/vpc"
	"vpnattach/shared/webhook"
)

// Config says how a Machine works. State, Ledger and Credentials are mandatory.
type Config struct {
	State       *store.DB    // its owner closes it, after Run has returned
	Ledger      ledger.Store //
	Credentials request.Credentials
	Profiles    *credentials.Profiles // whose default key is used in place of Credentials, but for the emulator; nil: none

	Port    string // of the HTTP service; "0" is any free one; empty: no service
	VPCPort string // of the emulator; "0" is any that is free
	SiteDir string // the folder of the request-builder page, served at /; empty: no page

	VPCEndpoint string        // host or URL of the VPC API; empty: the emulator
	UpdateTime  time.Duration // how long the emulator stays updating
	Rules       *rules.Set    // what to make of events that are not change documents; nil: nothing
	OmitMasked  bool          // leave masked keys out; see [vpnattach/functions/apply.Config]
	Peer        string        // a profile of [vpnattach/shared/core/attachment.Peers], or empty
	Plan        bool          // change nothing, and leave alone what waits to be applied

	Senders *webhook.Senders // whose webhooks are taken at /webhooks/NAME; nil: none

	MaskKeys       bool // the emulator shows 1234**** in place of a pre-shared key
	RequireSubnets bool // the emulator refuses Modify without both subnets

	// Further settings of the emulator, as [emulator.Config] has them.
	Partial                      emulator.Partial
	DescribeLag                  emulator.Lag
	HealthCapitals, CreateSingle bool

	AnswerWithin time.Duration // how long an answer waits for the outcome; default 20 seconds

	// Ready is told where the services listen, as host and port, once they do; vpc
	// is empty without the emulator.
	Ready func(events, vpc string)
	// Report is told of every outcome, again when it changes, before anyone who waits
	// for it is answered. It must be safe for concurrent use and must not block.
	Report func(Outcome)
	Log    zerolog.Logger
}

// Machine is a running vpnattach.
type Machine struct {
	config    Config
	state     *store.DB
	changes   *store.Queue // for apply
	checks    *store.Queue // for confirm
	ingest    *ingest.Handler
	apply     *apply.Handler
	confirm   *confirm.Handler
	functions map[string]lambda.Handler
	outcomes  outcomes
	locks     locks
	service   *listening       // of events; nil without
	emulator  *listening       // nil with an API of the outside
	emulated  *emulator.Server // what listens there
	client    *vpc.Client      // of the VPC API

	log zerolog.Logger // for lines of its own; the functions put the time on theirs themselves

	work       context.Context // of everything in the background
	endWork    context.CancelFunc
	background sync.WaitGroup // workers and calls in the background
	stopping   chan struct{}  // closed when the end begins

	mu      sync.Mutex
	ended   bool // nothing more may go into the background
	waiters waiters
}

// listening is a socket and what answers on it.
type listening struct {
	net.Listener
	server *http.Server
}

// How long the end takes at most: work that is on its way has stopAfter to come to
// an end, and then half a second to notice that it must.
const (
	stopAfter = 3 * time.Second
	workers   = 8

	answerWithin = 20 * time.Second
	readTimeout  = time.Minute // for a whole request to come
)

// New opens what the state holds and the sockets. Nothing is served before Run.
func New(config Config) (_ *Machine, err error) {
	if config.Ready == nil {
		config.Ready = func(string, string) {}
	}
	if config.Report == nil {
		config.Report = func(Outcome) {}
	}
	if config.AnswerWithin == 0 {
		config.AnswerWithin = answerWithin
	}
	m := &Machine{
		config: config, state: config.State, log: config.Log.With().Timestamp().Logger(),
		stopping: make(chan struct{}), waiters: newWaiters(),
	}
	m.work, m.endWork = context.WithCancel(context.Background())
	defer func() {
		if err != nil {
			m.close()
		}
	}()
	if m.changes, err = store.OpenQueue(m.state, "apply"); err != nil {
		return nil, err
	}
	if m.checks, err = store.OpenQueue(m.state, "confirm"); err != nil {
		return nil, err
	}
	if err = m.outcomes.open(m.state); err != nil {
		return nil, err
	}
	if err = forgetSeen(m.state); err != nil {
		return nil, err
	}
	if config.Port != "" {
		if m.service, err = listen("PORT", config.Port, m.handler()); err != nil {
			return nil, err
		}
	}
	endpoint := config.VPCEndpoint
	if endpoint == "" {
		if endpoint, err = m.emulate(); err != nil {
			return nil, err
		}
	}
	if err = m.connect(endpoint); err != nil {
		return nil, err
	}
	return m, nil
}

// emulate prepares the emulator and returns its URL.
func (m *Machine) emulate() (endpoint string, err error) {
	api, err := newEmulator(&m.config)
	if err != nil {
		return "", err
	}
	m.emulated = api
	if m.emulator, err = listen("VPC_PORT", m.config.VPCPort, emulatorHandler(api)); err != nil {
		return "", err
	}
	return "http://" + m.emulator.address(), nil
}

// credentials returns the access key for calls of the VPC API.
func (m *Machine) credentials(ctx context.Context) (request.Credentials, error) {
	if m.config.Profiles == nil || m.emulator != nil {
		return m.config.Credentials, nil
	}
	return m.config.Profiles.Get(ctx, credentials.Default)
}

// keyRefused has the next call get another key, if there is one.
func (m *Machine) keyRefused() {
	if m.config.Profiles != nil {
		m.config.Profiles.Refused(credentials.Default)
	}
}

// connect makes the client and the functions.
func (m *Machine) connect(endpoint string) error {
	digest, err := m.state.Derive("confirm digests")
	if err != nil {
		return err
	}
	token := digest
	if m.config.Port == "" && m.config.Profiles == nil {
		token = secret.Secret{} // the state, and its key with it, is for one event, unlike an access key that stays
	}
	m.client, err = vpc.New(vpc.Config{
		Credentials: m.credentials, Refused: m.keyRefused, Endpoint: endpoint, TokenKey: token,
	})
	if err != nil {
		return err
	}
	profile := func() (*vpc.Client, error) {
		if m.emulator == nil {
			return nil, errors.New("on one machine there is only the access key of the environment")
		}
		return m.client, nil // the emulator has one account
	}
	letters := m.keepDeadLetters
	if m.config.Plan {
		letters = func(context.Context, []apply.DeadLetter) []error { return nil } // nothing is kept then
	}
	lag := time.Duration(0) // what apply takes for usual
	if m.emulator != nil && m.config.DescribeLag == (emulator.Lag{}) {
		lag = time.Second // there is none, so a change that a crash has cut off waits for none
	}
	m.apply, err = apply.New(apply.Config{
		Profile: func(context.Context, string) (apply.Service, error) { return profile() },
		Service: m.client, Ledger: m.config.Ledger, Confirm: m.check, DeadLetter: letters, Visibility: m.putOff, Resolve: resolve,
		Report: m.report, Plan: m.config.Plan, Peer: m.config.Peer, OmitMasked: m.config.OmitMasked, DigestKey: digest, Lag: lag, Log: m.config.Log,
	})
	if err != nil {
		return err
	}
	m.confirm, err = confirm.New(confirm.Config{
		Profile: func(context.Context, string) (confirm.Service, error) { return profile() },
		Service: m.client, Ledger: m.config.Ledger, Again: m.checkAgain, Publish: m.confirmed, DigestKey: digest, Log: m.config.Log,
	})
	if err != nil {
		return err
	}
	m.ingest, err = ingest.New(ingest.Config{
		Rules: m.config.Rules, Peer: m.config.Peer, AnySource: true,
		Send: m.send, DeadLetter: m.refused, FirstSeen: m.firstSeen, Log: m.config.Log,
		Senders:  func(context.Context) (*webhook.Senders, error) { return m.config.Senders, nil },
		Remember: m.remember, Known: m.known,
	})
	if err != nil {
		return err
	}
	m.functions = map[string]lambda.Handler{"ingest": invocable{m}, "apply": lambda.NewHandler(m.applyInvoked), "confirm": lambda.NewHandler(m.confirm.Handle)}
	return nil
}

// listen opens the port that the environment variable of that name sets.
func listen(name, port string, handler http.Handler) (*listening, error) {
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", port))
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("another program listens on port %s: end it, or set %s to a port that is free", port, name)
	case err != nil:
		return nil, fmt.Errorf("listen on port %s: %w; set %s to another", port, err, name)
	}
	return &listening{listener, &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: readTimeout, IdleTimeout: 2 * time.Minute,
	}}, nil
}

// address is where it listens, as host and port; empty for nil.
func (l *listening) address() string {
	if l == nil {
		return ""
	}
	return l.Addr().String()
}

// shutdown takes nothing more and waits for what is on its way, or ends it when
// the context ends.
func (l *listening) shutdown(ctx context.Context) {
	if l != nil && l.server.Shutdown(ctx) != nil {
		_ = l.server.Close()
	}
}

// Run serves until the context ends. Then it takes nothing more, gives what is on
// its way three seconds, and returns.
func (m *Machine) Run(ctx context.Context) error {
	defer m.close()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	failed := make(chan error, 2)
	var serving sync.WaitGroup
	defer serving.Wait()
	for _, l := range []*listening{m.service, m.emulator} {
		if l == nil {
			continue
		}
		serving.Go(func() {
			if err := l.server.Serve(l.Listener); !errors.Is(err, http.ErrServerClosed) {
				failed <- err
				stop()
			}
		})
	}
	m.background.Go(func() {
		if m.config.Plan {
			return // what waits is not for this run to decide on
		}
		m.changes.Run(ctx, workers, m.applyBatch, func(batch []store.Message, err error) {
			m.release(batch[0].Group)
			m.logFailure(err)
		})
	})
	m.background.Go(func() {
		m.checks.Run(ctx, workers, m.confirmBatch, func(_ []store.Message, err error) { m.logFailure(err) })
	})
	m.config.Ready(m.service.address(), m.emulator.address())
	<-ctx.Done()
	m.stop()
	select {
	case err := <-failed:
		return err
	default:
		return nil
	}
}

// stop ends everything that runs: first what brings work, then the work, and last
// the emulator, which the work needs.
func (m *Machine) stop() {
	close(m.stopping)
	limit := time.AfterFunc(stopAfter, m.endWork)
	defer limit.Stop()
	m.service.shutdown(m.work)
	m.mu.Lock()
	m.ended = true
	m.mu.Unlock()
	m.background.Wait()
	m.emulator.shutdown(m.work)
}

// spawn runs a call in the background. It reports false, and does not, once the
// end has come.
func (m *Machine) spawn(run func()) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.ended {
		return false
	}
	m.background.Go(run)
	return true
}

func (m *Machine) close() {
	m.endWork()
	for _, l := range []*listening{m.service, m.emulator} {
		if l != nil {
			_ = l.server.Close()
			_ = l.Listener.Close()
		}
	}
}

func (m *Machine) logFailure(err error) {
	if err != nil {
		m.log.Error().Err(err).Msg("the state can't be written")
	}
}
