package apply_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"time"

	"github.com/rs/zerolog"
	"github.com/tidwall/gjson"

	"vpnattach/functions/apply"
	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/request"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/emulator"
	"vpnattach/shared/ledger"
	"vpnattach/shared/message"
	"vpnattach/shared/vpc"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// world is an emulated service, a queue, and a handler between them whose every
// step can fail. Its clocks are its own.
type world struct {
	api     *emulator.Server
	client  *vpc.Client
	handler *apply.Handler
	ledger  ledger.Store
	now     time.Time
	tick    int // logical clock of writes and edits
	update  time.Duration
	nonce   int

	events []*event
	before map[string]map[string]string
	queue  map[string][]*delivery // by group

	// The fault of the delivery under way: at which step, and what.
	step, faultAt int
	fault         func() error // panics, or returns an error
	after         bool         // the step is done before the fault
	conflict      bool         // another writer is faster once
	dead          bool         // crashed
	forgets       bool         // a crash is one of the queue too

	byHand    bool // a person is calling
	log       bytes.Buffer
	shown     bytes.Buffer // outcomes and confirm messages
	outcomes  map[string]apply.Outcome
	letters   map[string]bool // ids of the dead letters
	accepted  map[string]bool // events
	committed map[string]bool // events that took part in a call that was carried out
	confirms  []string
	edits     []edit
	writes    []write
	commits   map[string]int  // calls of apply that were carried out, by attachment
	pending   map[string]bool // attachments with such a call and no write of the ledger since
	excused   int             // calls whose answer or whose write got lost
	wrong     []string
}

type write struct {
	at         int
	attachment string
	fields     map[string]ledger.Stamp
}

var errPort = errors.New("not now")

var digestKey = secret.New("world-digest-key")

// crashed is what a crash panics with.
type crashed struct{}

func newWorld(store ledger.Store, update time.Duration, mask, subnets bool, partial emulator.Partial) (*world, error) {
	w := &world{
		ledger: store,
		now:    start, update: update, faultAt: -1, queue: map[string][]*delivery{},
		before: map[string]map[string]string{}, letters: map[string]bool{}, accepted: map[string]bool{},
		committed: map[string]bool{}, commits: map[string]int{}, pending: map[string]bool{},
	}
	key := request.Credentials{AccessKeyID: "local", AccessKeySecret: secret.New("world-access-secret")}
	var err error
	w.api, err = emulator.New(emulator.Config{
		Accounts:   []emulator.Account{{AccessKeyID: key.AccessKeyID, Secret: key.AccessKeySecret}},
		UpdateTime: update, MaskKeys: mask, RequireSubnets: subnets, Partial: partial,
		Now: func() time.Time { return w.now }, Random: rand.NewChaCha8([32]byte{}), Observe: w.observe,
	})
	if err != nil {
		return nil, err
	}
	w.client, err = vpc.New(vpc.Config{
		Credentials: func(context.Context) (request.Credentials, error) { return key, nil },
		Endpoint:    "http://emulator", HTTP: &http.Client{Transport: w},
		Now:   func() time.Time { return w.now },
		Nonce: func() string { w.nonce++; return fmt.Sprintf("nonce-%d", w.nonce) },
	})
	if err != nil {
		return nil, err
	}
	for _, id := range attachments {
		w.before[id] = flatten(w.api.Describe(id))
	}
	w.handler, err = apply.New(apply.Config{
		Service: w, Ledger: (*worldLedger)(w), DigestKey: digestKey,
		Log: zerolog.New(&w.log).Level(zerolog.DebugLevel), Now: func() time.Time { return w.now },
		Confirm: func(_ context.Context, m message.Check) error {
			return w.do(func() error {
				text, err := m.Encode()
				w.shown.WriteString(text)
				w.confirms = append(w.confirms, text)
				return err
			})
		},
		DeadLetter: func(_ context.Context, d apply.DeadLetter) error {
			return w.do(func() error { w.letters[d.Message.EventID] = true; return nil })
		},
		Visibility: func(_ context.Context, receipts []string, after time.Duration) error {
			return w.do(func() error {
				if after <= 0 || len(receipts) == 0 {
					w.blame("visibility of %d records changed to %v", len(receipts), after)
				}
				return nil
			})
		},
		Resolve: func(_ context.Context, r secret.Reference) (value secret.Secret, err error) {
			err = w.do(func() error { value = secret.New(keys[r.Key[1]-'0']); return nil })
			return value, err
		},
		Report: func(_ context.Context, o apply.Outcome) {
			if w.dead {
				panic(crashed{})
			}
			text, err := json.Marshal(o)
			if err != nil {
				w.blame("%v", err)
			}
			w.shown.Write(text)
			w.outcomes[o.MessageID] = o
		},
	})
	return w, err
}

func (w *world) blame(format string, args ...any) {
	w.wrong = append(w.wrong, fmt.Sprintf(format, args...))
}

// do is one step of apply towards the world outside.
func (w *world) do(step func() error) error {
	if w.dead {
		panic(crashed{})
	}
	fails := w.step == w.faultAt
	w.step++
	if fails && !w.after {
		return w.fault()
	}
	err := step()
	if fails {
		return w.fault()
	}
	return err
}

func (w *world) crash() error {
	w.dead = true
	panic(crashed{})
}

// RoundTrip hands a request to the emulator without a network.
func (w *world) RoundTrip(r *http.Request) (response *http.Response, err error) {
	defer func() {
		if cause := recover(); cause == http.ErrAbortHandler {
			err = errors.New("connection reset")
		} else if cause != nil {
			panic(cause)
		}
	}()
	recorder := httptest.NewRecorder()
	w.api.ServeHTTP(recorder, r)
	return recorder.Result(), nil
}

// observe judges every call that the service has taken.
func (w *world) observe(call emulator.Call) {
	if call.Action != "ModifyVpnAttachmentAttribute" || w.byHand {
		return
	}
	if call.Code == "" && !call.Replayed {
		w.commits[call.Params["VpnConnectionId"]]++
	}
	if call.Params["LocalSubnet"] == "" || call.Params["RemoteSubnet"] == "" {
		w.blame("sent without both subnets")
	}
	sent := []string{}
	if ike := call.Params["IkeConfig"]; ike != "" {
		sent = append(sent, gjson.Get(ike, "Psk").Str)
	}
	for _, item := range []string{"TunnelOptionsSpecification.1.", "TunnelOptionsSpecification.2."} {
		if call.Params[item+"TunnelIndex"] != "" {
			sent = append(sent, call.Params[item+"TunnelIkeConfig.Psk"])
		}
	}
	for _, key := range sent {
		if !slices.Contains(keys, key) && !strings.HasPrefix(key, "local-") && !strings.HasPrefix(key, "edited-") {
			w.blame("sent with the key %q", key)
		}
	}
}

// Describe implements [apply.Service].
func (w *world) Describe(ctx context.Context, region, id string) (current *attachment.Current, err error) {
	fault := w.do(func() error { current, err = w.client.Describe(ctx, region, id); return nil })
	return current, errors.Join(fault, err)
}

// Modify implements [apply.Service].
func (w *world) Modify(ctx context.Context, send *attachment.Change, ids []string) (answer vpc.Answer, err error) {
	id := send.Text(attachment.VpnConnectionID)
	fault := w.do(func() error {
		commits := w.commits[id]
		answer, err = w.client.Modify(ctx, send, ids)
		if w.commits[id] > commits {
			if w.pending[id] = true; err != nil {
				w.excused++ // the answer got lost
				w.pending[id] = false
			}
			for _, e := range w.events {
				if slices.Contains(ids, e.id) {
					w.committed[e.id] = true
				}
			}
		}
		return nil
	})
	if fault != nil && w.pending[id] {
		w.excused++
		w.pending[id] = false
	}
	return answer, errors.Join(fault, err)
}

// worldLedger is the world as a [ledger.Store].
type worldLedger world

func (l *worldLedger) Load(ctx context.Context, key ledger.Key) (entry ledger.Entry, err error) {
	fault := (*world)(l).do(func() error { entry, err = l.ledger.Load(ctx, key); return nil })
	return entry, errors.Join(fault, err)
}

func (l *worldLedger) Save(ctx context.Context, key ledger.Key, entry ledger.Entry) error {
	w := (*world)(l)
	return w.do(func() error {
		if w.conflict {
			w.conflict = false
			stored, err := l.ledger.Load(ctx, key)
			if err := errors.Join(err, l.ledger.Save(ctx, key, stored)); err != nil {
				return err
			}
		}
		err := l.ledger.Save(ctx, key, entry)
		if err == nil || l.has(ctx, key, entry) {
			w.tick++
			w.pending[key.VpnConnectionID] = false
			w.writes = append(w.writes, write{w.tick, key.VpnConnectionID, entry.Fields})
		}
		return err
	})
}

// has reports whether an entry has been written though the store gave an error: the
// answer got lost, or a client that asked again met its own write.
func (l *worldLedger) has(ctx context.Context, key ledger.Key, entry ledger.Entry) bool {
	stored, err := l.ledger.Load(ctx, key)
	return err == nil && stored.Version == entry.Version+1 &&
		maps.EqualFunc(stored.Fields, entry.Fields, func(a, b ledger.Stamp) bool { return a.Compare(b) == 0 })
}

// doneAt returns when the ledger first had the event's stamp for the field.
func (w *world) doneAt(e *event, field string) int {
	m := e.message()
	for _, write := range w.writes {
		if write.attachment == e.attachment && write.fields[field].Compare(m.Stamp()) >= 0 {
			return write.at
		}
	}
	return w.tick + 1
}
