package rotate_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/rs/zerolog"
	"github.com/tidwall/gjson"

	"vpnattach/functions/apply"
	"vpnattach/functions/confirm"
	"vpnattach/functions/rotate"
	"vpnattach/shared/aws/secrets"
	"vpnattach/shared/aws/sitevpn"
	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/request"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/emulator"
	"vpnattach/shared/ledger"
	"vpnattach/shared/message"
	"vpnattach/shared/outcome"
	"vpnattach/shared/vpc"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

const (
	region   = "cn-hangzhou"
	vco      = "vco-localdual"
	vpn      = "vpn-0123456789abcdef0"
	outside1 = "203.0.113.17"
	outside2 = "203.0.113.18"
	arn      = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:vpn/site-a-9fK2aB"
	oldKey   = "old.key.of.the.tunnel.1"
)

// crash is what a crash panics with.
type crash struct{}

// world is both clouds, the secret, the queues, and the functions between them, with a
// clock that the test moves. A call of rotate is made at a time; while it waits, apply and
// confirm get what is due to them.
type world struct {
	now      time.Time
	deadline map[string]time.Time // of the calls of rotate
	random   *rand.Rand

	options   options
	described map[string]*attachment.Current // at rest
	draws     string                         // in place of a random key
	refusing  bool                           // our end has been told to

	api    *emulator.Server
	client *vpc.Client
	peer   *peer
	secret *stored
	ledger ledger.Memory
	fates  map[string]ledger.Fate
	waits  map[string]time.Time
	open   string // the rotations, as JSON
	writes uint64

	queue    []*delivery // of changes, in order
	checks   []*delivery
	seen     map[string]time.Time       // deduplication ids
	rotate   map[string]*rotate.Handler // as Secrets Manager calls it, and as the schedule does
	apply    *apply.Handler
	confirm  *confirm.Handler
	mode     apply.Config
	pausing  bool                // apply is throttled, or down: nothing is delivered
	happens  []happening         // what comes later
	watching func(now time.Time) // at each instant that the clock stops at

	steps   int                       // calls of the functions to what is around them
	called  []string                  // the functions, call by call
	faults  map[int]fault             // by the number of the call
	dead    map[string]bool           // functions that have crashed in this call
	results []rotate.Result           // that were published
	emitted bytes.Buffer              // all that is logged, queued, stored or published
	keys    map[string]bool           // every key that there was
	changed time.Time                 // when a key of either end, or AWSCURRENT, last changed
	byHands bool                      // somebody has edited a key while a rotation was open
	idle    bool                      // the last edit was while none was
	edited  time.Time                 // when that was
	closed  time.Time                 // when the last rotation was done
	story   []string                  // what has happened
	queued  []string                  // ids of the changes that rotate has queued
	moved   func(version, key string) // rotate has moved AWSCURRENT
}

type happening struct {
	at time.Time
	do func()
}

// fault is what befalls a call.
type fault struct {
	crash bool // of the function
	after bool // the call is carried out before
}

type delivery struct {
	body, id string
	visible  time.Time
	received int
	sent     time.Time
}

var digestKey = secret.New("world-digest-key")

var accessKey = request.Credentials{AccessKeyID: "local", AccessKeySecret: secret.New("world-access-secret")}

// inProcess hands requests to the emulator.
type inProcess struct{ api *emulator.Server }

// RoundTrip implements [http.RoundTripper].
func (p inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	recorder := httptest.NewRecorder()
	p.api.ServeHTTP(recorder, r)
	return recorder.Result(), nil
}

type options struct {
	seed         uint64
	update       time.Duration // of our end
	lag          time.Duration // of Describe of our end
	mask         bool
	provision    time.Duration // of AWS's end
	peerLag      time.Duration
	lateKey      bool // AWS's end shows the key from before until the new one is in place
	plan, follow bool
}

func newWorld(o options) (*world, error) {
	w := &world{
		options: o,
		now:     start, random: rand.New(rand.NewPCG(o.seed, 1)), fates: map[string]ledger.Fate{}, waits: map[string]time.Time{}, seen: map[string]time.Time{},
		faults: map[int]fault{}, dead: map[string]bool{}, rotate: map[string]*rotate.Handler{}, deadline: map[string]time.Time{}, keys: map[string]bool{}, moved: func(string, string) {}, watching: func(time.Time) {},
	}
	now := func() time.Time { return w.now }
	var err error
	w.api, err = emulator.New(emulator.Config{
		Accounts:   []emulator.Account{{AccessKeyID: accessKey.AccessKeyID, Secret: accessKey.AccessKeySecret}},
		UpdateTime: o.update, DescribeLag: emulator.Lag{Time: o.lag}, MaskKeys: o.mask, Now: now, Random: rand.NewChaCha8([32]byte{}),
		Observe: func(c emulator.Call) {
			if c.Action == "ModifyVpnAttachmentAttribute" && c.Code == "" && !c.Replayed {
				w.changed = w.now
				w.say("ours: %s", c.Params["TunnelOptionsSpecification.1.TunnelIkeConfig.Psk"])
				w.noteEdit(c.Params["TunnelOptionsSpecification.1.TunnelIkeConfig.Psk"])
			}
		},
	})
	if err != nil {
		return nil, err
	}
	nonce := 0
	w.client, err = vpc.New(vpc.Config{
		Credentials: func(context.Context) (request.Credentials, error) { return accessKey, nil },
		Endpoint:    "http://emulator", TokenKey: digestKey, HTTP: &http.Client{Transport: inProcess{w.api}},
		Now: now, Nonce: func() string { nonce++; return fmt.Sprintf("nonce-%d", nonce) },
	})
	if err != nil {
		return nil, err
	}
	w.peer = newPeer(w, o)
	w.secret = newStored(w, !o.follow)
	w.keys[oldKey] = true
	if err := w.byHand(oldKey); err != nil {
		return nil, err
	}
	w.now = w.now.Add(time.Hour)
	log := zerolog.New(&w.emitted).Level(zerolog.DebugLevel)
	for _, function := range []string{"rotate", "watch", "twice", "apply", "confirm"} {
		service := &service{w, function}
		switch function {
		case "rotate", "watch", "twice":
			w.rotate[function], err = rotate.New(rotate.Config{
				Service: service, Peer: &peerOf{w.peer, function}, Secrets: &storedOf{w.secret, function}, Store: &table{w, function},
				Queue: func(_ context.Context, m message.Change) error {
					return w.call(function, func() error { return w.queueOf(m) })
				},
				Publish: func(_ context.Context, r rotate.Result) error {
					return w.call(function, func() error { w.emit(r); w.results = append(w.results, r); return nil })
				},
				Plan: o.plan, Wait: func(_ context.Context, d time.Duration) error { return w.wait(function, d) }, Now: now, Log: log,
				Draw: func() (secret.Secret, error) {
					key := cmp.Or(w.draws, fmt.Sprintf("Drawn%027x", w.random.Uint64()))
					w.keys[key] = true
					return secret.New(key), nil
				},
			})
		case "apply":
			w.mode = apply.Config{
				Service: service, Ledger: &table{w, "apply"}, DigestKey: digestKey, Now: now, Log: log, OmitMasked: true,
				Confirm: func(_ context.Context, m message.Check) error {
					return w.call("apply", func() error {
						text, err := m.Encode()
						w.emitted.WriteString(text)
						w.checks = append(w.checks, &delivery{body: text, visible: w.now.Add(5 * time.Second), sent: w.now})
						return err
					})
				},
				DeadLetter: func(_ context.Context, all []apply.DeadLetter) []error {
					return []error{w.call("apply", func() error { return nil })}
				},
				Resolve: w.secret.resolve,
				Fate: func(_ context.Context, id string, f ledger.Fate) error {
					return w.call("apply", func() error { w.emit(f); w.say("fate %s: %s", id[:6], f.Status); w.fates[id] = f; return nil })
				},
				Waiting: func(_ context.Context, key ledger.Key, until time.Time) error {
					return w.call("apply", func() error { w.waits[key.String()] = until; return nil })
				},
			}
			w.apply, err = apply.New(w.mode)
		case "confirm":
			w.confirm, err = confirm.New(confirm.Config{
				Service: service, Ledger: &table{w, "confirm"}, DigestKey: digestKey, Now: now, Log: log,
				Again: func(_ context.Context, m message.Check, delay time.Duration) error {
					return w.call("confirm", func() error {
						text, err := m.Encode()
						w.checks = append(w.checks, &delivery{body: text, visible: w.now.Add(delay), sent: w.now})
						return err
					})
				},
				Publish: func(_ context.Context, o outcome.Outcome) error {
					return w.call("confirm", func() error { w.emit(o); return nil })
				},
			})
		}
		if err != nil {
			return nil, err
		}
	}
	return w, nil
}

// say adds to the story.
func (w *world) say(format string, args ...any) {
	w.story = append(w.story, w.now.Sub(start).String()+" "+fmt.Sprintf(format, args...))
}

// noteEdit notes whether a rotation is open when a key changes that rotate did not draw.
func (w *world) noteEdit(key string) {
	if strings.HasPrefix(key, "edited") {
		open := w.rotations().Open[arn] // once AWSCURRENT has moved, nothing is left to do
		w.idle, w.edited = open.Phase == "" || open.Version == w.secret.stages["AWSCURRENT"], w.now
		w.byHands = w.byHands || !w.idle
	}
}

// emit keeps what leaves the functions, to look for keys in it.
func (w *world) emit(value any) {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	w.emitted.Write(append(text, '\n'))
}

var errLost = errors.New("no answer")

// call is a call of a function to what is around it, or its fault.
func (w *world) call(function string, do func() error) error {
	if w.dead[function] {
		panic(crash{})
	}
	w.called = append(w.called, function)
	f, fails := w.faults[w.steps]
	w.steps++
	if fails && f.after || !fails {
		if err := do(); err != nil || !fails {
			return err
		}
	}
	if f.crash {
		w.dead[function] = true
		panic(crash{})
	}
	return errLost
}

// run calls a function, and reports whether it has crashed.
func (w *world) run(function string, call func()) (crashed bool) {
	w.dead[function] = false
	defer func() {
		switch cause := recover(); cause.(type) {
		case nil:
		case crash:
			crashed = true
		default:
			panic(cause)
		}
		crashed = crashed || w.dead[function]
		w.dead[function] = false
	}()
	call()
	return false
}

// step calls rotate, as Lambda would.
func (w *world) step(step, version string) (result rotate.Result, err error) {
	function := "rotate"
	if step == rotate.Watch {
		function = "watch"
	}
	return w.stepOf(function, step, version)
}

// stepOf has one of the instances of rotate take a step.
func (w *world) stepOf(function, step, version string) (result rotate.Result, err error) {
	w.deadline[function] = w.now.Add(15*time.Minute - 5*time.Second)
	crashed := w.run(function, func() {
		event := rotate.Event{Step: step, SecretID: arn, ClientRequestToken: version}
		result, err = w.rotate[function].Handle(context.Background(), event)
	})
	if crashed {
		return rotate.Result{}, errors.New("crashed")
	}
	w.emit(result)
	if err != nil {
		w.emitted.WriteString(err.Error())
	}
	return result, err
}

// wait is what rotate waits by: meanwhile the world goes on.
func (w *world) wait(function string, d time.Duration) error {
	if w.dead[function] {
		panic(crash{})
	}
	if w.now.Add(d).After(w.deadline[function]) {
		return context.DeadlineExceeded
	}
	w.pass(d)
	return nil
}

// pass lets time pass.
func (w *world) pass(d time.Duration) {
	for until := w.now.Add(d); ; {
		next := until
		for _, h := range w.happens {
			if h.at.Before(next) {
				next = h.at
			}
		}
		for _, queue := range [][]*delivery{w.queue, w.checks} {
			for _, m := range queue {
				if m.visible.After(w.now) && m.visible.Before(next) {
					next = m.visible
				}
			}
		}
		if next.After(w.now) {
			w.now = next
		}
		var due, later []happening
		for _, h := range w.happens {
			if h.at.After(w.now) {
				later = append(later, h)
			} else {
				due = append(due, h)
			}
		}
		w.happens = later // what is due may let time pass too
		for _, h := range due {
			h.do()
		}
		w.peer.settle()
		w.watching(w.now)
		w.deliver()
		w.peer.settle()
		w.watching(w.now)
		if !w.now.Before(until) {
			return
		}
	}
}

// deliver hands messages that are due to apply and confirm.
func (w *world) deliver() {
	if !w.pausing && len(w.queue) > 0 && !slices.ContainsFunc(w.queue, func(m *delivery) bool { return m.visible.After(w.now) }) {
		batch, rest := w.queue[:min(len(w.queue), 10)], w.queue[min(len(w.queue), 10):]
		w.queue = append(w.handle("apply", batch, w.apply.Handle), rest...)
	}
	var due, later []*delivery
	for _, m := range w.checks {
		if m.visible.After(w.now) {
			later = append(later, m)
		} else {
			due = append(due, m)
		}
	}
	if len(due) > 0 {
		w.checks = later
		w.checks = append(w.checks, w.handle("confirm", due, w.confirm.Handle)...)
	}
}

// handle hands a batch to a function and returns what comes again.
func (w *world) handle(function string, batch []*delivery, handle func(context.Context, events.SQSEvent) (events.SQSEventResponse, error)) (again []*delivery) {
	var event events.SQSEvent
	for i, m := range batch {
		m.received++
		m.visible = w.now.Add(time.Minute)
		event.Records = append(event.Records, events.SQSMessage{
			MessageId: fmt.Sprint(i), ReceiptHandle: fmt.Sprint(i), Body: m.body,
			Attributes: map[string]string{"MessageGroupId": vco, "ApproximateReceiveCount": fmt.Sprint(m.received), "SentTimestamp": fmt.Sprint(m.sent.UnixMilli())},
		})
	}
	var response events.SQSEventResponse
	if w.run(function, func() { response, _ = handle(context.Background(), event) }) {
		return batch // after the visibility timeout
	}
	for _, failure := range response.BatchItemFailures {
		var i int
		_, _ = fmt.Sscan(failure.ItemIdentifier, &i)
		batch[i].visible = w.now.Add(5 * time.Second)
		again = append(again, batch[i])
	}
	return again
}

// queueOf queues a change of rotate.
func (w *world) queueOf(m message.Change) error {
	w.emit(m)
	w.queued = append(w.queued, m.EventID)
	w.say("queued %s %s", m.EventID, m.DeduplicationID()[:6])
	return w.put(m)
}

// put is the queue of changes, with its deduplication.
func (w *world) put(m message.Change) error {
	body, err := m.Encode()
	if err != nil {
		return err
	}
	id := m.DeduplicationID()
	if at, known := w.seen[id]; known && w.now.Sub(at) < 5*time.Minute {
		return nil
	}
	w.seen[id] = w.now
	w.queue = append(w.queue, &delivery{body: body, id: id, visible: w.now.Add(time.Second), sent: w.now})
	return nil
}

// ours is the key that our end has.
func (w *world) ours() string {
	return gjson.GetBytes(w.api.Describe(vco), "TunnelOptionsSpecification.TunnelOptions.#(TunnelIndex==1).TunnelIkeConfig.Psk").Str
}

// byHand edits the key of our end of tunnel 1.
func (w *world) byHand(key string) error {
	w.keys[key] = true
	return w.changeByHand("Tunnel.1.TunnelIkeConfig.Psk", key)
}

// changeByHand edits a field of our end.
func (w *world) changeByHand(name, value string) error {
	var c attachment.Change
	c.Values[attachment.RegionID], c.Values[attachment.VpnConnectionID] = attachment.NewValue(region), attachment.NewValue(vco)
	current, err := w.client.Describe(context.Background(), region, vco)
	if err != nil {
		return err
	}
	field, _ := attachment.FieldNamed(name)
	c.Set(field, attachment.NewValue(value))
	send, _ := attachment.Merge(&c, current)
	_, err = w.client.Modify(context.Background(), &send, []string{fmt.Sprint("by hand", w.now, name, value)})
	return err
}

// service is the VPC API as a function sees it.
type service struct {
	*world
	function string
}

func (s *service) Describe(ctx context.Context, region, id string) (current *attachment.Current, err error) {
	err = s.call(s.function, func() (err error) {
		// What has long been at rest is not described anew each time.
		state := fmt.Sprint(s.changed, s.peer.told)
		rests := s.now.Sub(s.changed) > s.options.update+s.options.lag && !s.refusing
		if rests && s.described[state] != nil {
			again := *s.described[state]
			current = &again
			return nil
		}
		if current, err = s.client.Describe(ctx, region, id); rests && err == nil {
			first := *current
			s.described = map[string]*attachment.Current{state: &first}
		}
		return err
	})
	return current, err
}

func (s *service) Diagnose(ctx context.Context, region string, current *attachment.Current) (all []outcome.Diagnosis, err error) {
	err = s.call(s.function, func() (err error) { all, err = s.client.Diagnose(ctx, region, current); return err })
	return all, err
}

func (s *service) Modify(ctx context.Context, send *attachment.Change, ids []string) (answer vpc.Answer, err error) {
	err = s.call(s.function, func() (err error) { answer, err = s.client.Modify(ctx, send, ids); return err })
	return answer, err
}

// table is the ledger's table as a function sees it.
type table struct {
	*world
	function string
}

func (t *table) Load(ctx context.Context, key ledger.Key) (entry ledger.Entry, err error) {
	err = t.call(t.function, func() (err error) { entry, err = t.ledger.Load(ctx, key); return err })
	return entry, err
}

func (t *table) Save(ctx context.Context, key ledger.Key, entry ledger.Entry) error {
	return t.call(t.function, func() error { t.emit(entry); return t.ledger.Save(ctx, key, entry) })
}

func (t *table) Fate(_ context.Context, id string) (fate *ledger.Fate, err error) {
	err = t.call(t.function, func() error {
		if f, known := t.fates[id]; known {
			fate = &f
		}
		return nil
	})
	return fate, err
}

func (t *table) Waiting(_ context.Context, key ledger.Key) (until time.Time, err error) {
	err = t.call(t.function, func() error { until = t.waits[key.String()]; return nil })
	return until, err
}

func (t *table) LoadRotations(context.Context) (all ledger.Rotations, err error) {
	err = t.call(t.function, func() error { all = t.rotations(); return nil })
	return all, err
}

func (w *world) rotations() (all ledger.Rotations) {
	if w.open != "" {
		if err := json.Unmarshal([]byte(w.open), &all.Open); err != nil {
			panic(err)
		}
	}
	all.Version = w.writes
	return all
}

func (t *table) SaveRotations(_ context.Context, all ledger.Rotations) error {
	return t.call(t.function, func() error {
		if all.Version != t.writes {
			return ledger.ErrConflict
		}
		text, err := json.Marshal(all.Open)
		t.open, t.writes = string(text), t.writes+1
		if len(all.Open) == 0 {
			t.closed = t.now
		}
		t.emitted.Write(text)
		return err
	})
}

// stored is the secret.
type stored struct {
	*world
	versions map[string]string
	made     map[string]time.Time
	stages   map[string]string // the version that has it
	enabled  bool
	gone     string // deleted, or denied to read
}

func newStored(w *world, aws bool) *stored {
	document := fmt.Sprintf(`{"note": "of site A", "psk": %q, "RegionId": %q, "VpnConnectionId": %q, "TunnelIndex": 1`, oldKey, region, vco)
	if aws {
		document += fmt.Sprintf(`, "aws": {"VpnConnectionId": %q, "OutsideIpAddress": %q}`, vpn, outside1)
	}
	return &stored{w, map[string]string{"v0": document + "}"}, map[string]time.Time{"v0": start}, map[string]string{"AWSCURRENT": "v0"}, true, ""}
}

// key is that of AWSCURRENT.
func (s *stored) key() string { return gjson.Get(s.versions[s.stages["AWSCURRENT"]], "psk").Str }

// storedOf is the secret as a function sees it.
type storedOf struct {
	*stored
	function string
}

func (s *storedOf) Describe(context.Context, string) (d secrets.Described, err error) {
	err = s.call(s.function, func() error {
		if s.gone == "deleted" {
			return &vpc.Error{Code: "ResourceNotFoundException", Message: "it does not exist", Class: outcome.ClassRejected}
		}
		d = secrets.Described{ARN: arn, RotationEnabled: s.enabled, Stages: map[string][]string{}}
		for stage, version := range s.stages {
			d.Stages[version] = append(d.Stages[version], stage)
		}
		return nil
	})
	return d, err
}

func (s *storedOf) Version(_ context.Context, _, version string) (text secret.Secret, made time.Time, err error) {
	err = s.call(s.function, func() error {
		if s.gone != "" {
			return &vpc.Error{Code: "AccessDeniedException", Message: "not allowed", Class: outcome.ClassBlocked}
		}
		if s.versions[version] == "" {
			return secrets.ErrNoVersion
		}
		text, made = secret.New(s.versions[version]), s.made[version]
		return nil
	})
	return text, made, err
}

func (s *storedOf) Put(_ context.Context, _, version string, text secret.Secret) error {
	return s.call(s.function, func() error {
		if s.versions[version] == "" {
			s.versions[version], s.made[version] = text.Reveal(), s.now
		}
		return nil
	})
}

func (s *storedOf) Move(_ context.Context, _, stage, from, to string) error {
	return s.call(s.function, func() error {
		if s.stages[stage] != from {
			return &vpc.Error{Code: "InvalidParameterException", Class: outcome.ClassRejected}
		}
		delete(s.stages, stage)
		if to != "" {
			s.stages[stage] = to
		}
		if stage == "AWSCURRENT" {
			s.changed = s.now
			s.moved(to, s.key())
		}
		return nil
	})
}

// replace edits AWSCURRENT without making a version.
func (s *stored) replace(old, with string) {
	v := s.stages["AWSCURRENT"]
	s.versions[v] = strings.Replace(s.versions[v], old, with, 1)
}

// put stores a new value by hand.
func (s *stored) put(version, key string) {
	s.keys[key] = true
	old := s.versions[s.stages["AWSCURRENT"]]
	s.versions[version] = strings.Replace(old, fmt.Sprintf("%q", s.key()), fmt.Sprintf("%q", key), 1)
	s.made[version], s.stages["AWSCURRENT"] = s.now, version
	s.changed = s.now
	s.noteEdit(key)
}

func (s *stored) resolve(_ context.Context, r secret.Reference) (value secret.Secret, err error) {
	err = s.call("apply", func() error {
		text := s.versions[r.VersionID]
		if r.ID != arn || text == "" || r.Key != "psk" {
			return fmt.Errorf("%w: %s", secret.ErrUnresolvable, r)
		}
		value = secret.New(gjson.Get(text, "psk").Str)
		return nil
	})
	return value, err
}

// peer is AWS's end.
type peer struct {
	*world
	key       [2]string
	shown     string // of tunnel 1, until
	shownTill time.Time
	ready     time.Time // until then a tunnel is provisioned
	before    string    // the key of tunnel 1 before that
	late      bool      // which is shown until then
	provision time.Duration
	lag       time.Duration
	otherDown [2]bool                   // at our end, at AWS's
	told      string                    // what the emulator knows of it
	denied    bool                      // to try a change
	edit      func(*sitevpn.Connection) // what Describe returns
	refuse    func() error              // the answer to the next change; nil: it is carried out
	modifies  func(key string)          // before a change
}

func newPeer(w *world, o options) *peer {
	return &peer{world: w, key: [2]string{oldKey, "key.of.the.other.tunnel"}, provision: o.provision, lag: o.peerLag, late: o.lateKey, modifies: func(string) {}}
}

// settle tells our end's emulator what the device at the other end has.
func (p *peer) settle() {
	now := fmt.Sprint(p.now.Before(p.ready), p.key[0], p.otherDown)
	if now == p.told {
		return
	}
	p.told = now
	device := emulator.Peer{Silent: p.now.Before(p.ready), Wants: map[string]string{"Psk": p.key[0]}}
	if err := p.api.SetPeer("tun-localdual1", device); err != nil {
		panic(err)
	}
	if err := p.api.SetPeer("tun-localdual2", emulator.Peer{Silent: p.otherDown[0]}); err != nil {
		panic(err)
	}
}

func (p *peer) set(key string) {
	if p.now.After(p.shownTill) {
		p.shown = p.key[0]
	}
	if !p.now.Before(p.ready) {
		p.before = p.key[0]
	}
	p.key[0], p.shownTill, p.ready = key, p.now.Add(p.lag), p.now.Add(p.provision)
	p.keys[key] = true
	p.noteEdit(key)
	p.changed = p.now
	p.settle()
}

// up reports whether tunnel 1 is up.
func (p *peer) up() bool { return !p.now.Before(p.ready) && p.key[0] == p.ours() }

// peerOf is AWS's end as a function sees it.
type peerOf struct {
	*peer
	function string
}

func (p *peerOf) Describe(context.Context, string, string) (c *sitevpn.Connection, err error) {
	err = p.call(p.function, func() error {
		p.settle()
		first := sitevpn.Tunnel{OutsideIP: outside1, Key: secret.New(p.key[0]), Status: "DOWN", Provisioning: sitevpn.Available}
		c = &sitevpn.Connection{ID: vpn, State: sitevpn.Available}
		if p.now.Before(p.shownTill) {
			first.Key = secret.New(p.shown)
		} else if p.now.Before(p.ready) {
			c.State, first.Provisioning = sitevpn.Modifying, "pending"
			if p.late {
				first.Key = secret.New(p.before)
			}
		}
		if p.up() {
			first.Status = sitevpn.Up
		}
		second := sitevpn.Tunnel{OutsideIP: outside2, Key: secret.New(p.key[1]), Status: sitevpn.Up, Provisioning: sitevpn.Available}
		if p.otherDown[1] {
			second.Status = "DOWN"
		}
		c.Tunnels = []sitevpn.Tunnel{second, first}
		if p.edit != nil {
			p.edit(c)
		}
		return nil
	})
	return c, err
}

func (p *peerOf) ModifyKey(_ context.Context, _, _, outsideIP string, key secret.Secret, dryRun bool) error {
	return p.call(p.function, func() error {
		if outsideIP != outside1 {
			panic("another tunnel was modified")
		}
		if dryRun && p.denied {
			return &vpc.Error{Code: "not-allowed", Message: "UnauthorizedOperation", Remedy: "Allow it.", Class: outcome.ClassBlocked}
		}
		if dryRun {
			return nil
		}
		p.modifies(key.Reveal())
		if p.refuse != nil {
			if err := p.refuse(); err != nil {
				return err
			}
		}
		if p.now.Before(p.ready) {
			return &vpc.Error{Code: "IncorrectState", Message: "the connection is being modified", Class: outcome.ClassBusy}
		}
		p.set(key.Reveal())
		return nil
	})
}
