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

// harness is an emulated service, a queue, and a handler between them, each of whose
// steps can fail. The test moves its clocks.
type harness struct {
	api     *emulator.Server
	client  *vpc.Client
	handler *apply.Handler
	config  apply.Config // of the handler
	ledger  ledger.Store
	now     time.Time
	skew    time.Duration // of apply's clock
	unseen  time.Duration // since everything has been looked at
	tick    int           // logical clock of writes and edits
	update  time.Duration

	events []*event
	before map[string]map[string]string
	queue  map[string][]*delivery // by group

	// The fault of the current delivery: at which step, and what.
	step, faultAt int
	fault         func() error // panics, or returns an error
	after         bool         // the step is done before the fault
	conflict      bool         // another writer is faster once
	dead          bool         // crashed
	forgets       bool         // a crash takes the queue down too

	byHand    bool // the call is an edit by hand
	log       bytes.Buffer
	shown     bytes.Buffer // outcomes and confirm messages
	outcomes  map[string]apply.Outcome
	letters   map[string]bool // ids of the dead letters
	accepted  map[string]bool // events
	committed map[string]bool // events that took part in a call that was carried out
	sentAt    map[string]int  // when they first did, on the logical clock
	lag       int             // of Describe, in calls
	confirms  []string
	edits     []edit
	writes    []write
	commits   map[string]int  // calls of apply that were carried out, by attachment
	pending   map[string]bool // attachments with such a call and no write of the ledger since
	excused   int             // calls whose answer or whose write was lost
	wrong     []string
}

type write struct {
	at         int
	attachment string
	fields     map[string]ledger.Stamp
}

var errPort = errors.New("not now")

var digestKey = secret.New("harness-digest-key")

// crashed is what a crash panics with.
type crashed struct{}

func newHarness(store ledger.Store, update time.Duration, lag int, mask, omit, subnets bool, partial emulator.Partial) (*harness, error) {
	h := &harness{
		ledger: store,
		now:    start, update: update, lag: lag, sentAt: map[string]int{}, faultAt: -1, queue: map[string][]*delivery{},
		before: map[string]map[string]string{}, letters: map[string]bool{}, accepted: map[string]bool{},
		committed: map[string]bool{}, commits: map[string]int{}, pending: map[string]bool{},
	}
	var err error
	h.api, err = emulator.New(emulator.Config{
		Accounts:   []emulator.Account{{AccessKeyID: accessKey.AccessKeyID, Secret: accessKey.AccessKeySecret}},
		UpdateTime: update, DescribeLag: emulator.Lag{Calls: lag}, MaskKeys: mask, RequireSubnets: subnets, Partial: partial,
		Now: func() time.Time { return h.now }, Random: rand.NewChaCha8([32]byte{}), Observe: h.observe,
	})
	if err != nil {
		return nil, err
	}
	h.client, err = newClient(h.api, func() time.Time { return h.now })
	if err != nil {
		return nil, err
	}
	for _, id := range attachments {
		h.before[id] = flatten(h.api.Describe(id))
	}
	h.config = apply.Config{
		Service: h, Ledger: (*harnessLedger)(h), DigestKey: digestKey, OmitMasked: omit,
		Log: zerolog.New(&h.log).Level(zerolog.DebugLevel), Now: func() time.Time { return h.now.Add(h.skew) },
		Confirm: func(_ context.Context, m message.Check) error {
			return h.do(func() error {
				text, err := m.Encode()
				h.shown.WriteString(text)
				h.confirms = append(h.confirms, text)
				return err
			})
		},
		DeadLetter: func(_ context.Context, all []apply.DeadLetter) (errs []error) {
			for _, d := range all {
				errs = append(errs, h.do(func() error { h.letters[d.Message.EventID] = true; return nil }))
			}
			return errs
		},
		Visibility: func(_ context.Context, receipts []string, after time.Duration) error {
			return h.do(func() error {
				if after <= 0 || len(receipts) == 0 {
					h.fail("visibility of %d records changed to %v", len(receipts), after)
				}
				return nil
			})
		},
		Resolve: func(_ context.Context, r secret.Reference) (value secret.Secret, err error) {
			err = h.do(func() error { value = secret.New(keys[r.Key[1]-'0']); return nil })
			return value, err
		},
		Report: func(_ context.Context, o apply.Outcome) {
			if h.dead {
				panic(crashed{})
			}
			text, err := json.Marshal(o)
			if err != nil {
				h.fail("%v", err)
			}
			h.shown.Write(text)
			h.outcomes[o.MessageID] = o
		},
	}
	h.handler, err = apply.New(h.config)
	return h, err
}

func (h *harness) fail(format string, args ...any) {
	h.wrong = append(h.wrong, fmt.Sprintf(format, args...))
}

// do runs one step of apply, or its fault.
func (h *harness) do(step func() error) error {
	if h.dead {
		panic(crashed{})
	}
	fails := h.step == h.faultAt
	h.step++
	if fails && !h.after {
		return h.fault()
	}
	err := step()
	if fails {
		return h.fault()
	}
	return err
}

func (h *harness) crash() error {
	h.dead = true
	panic(crashed{})
}

var accessKey = request.Credentials{AccessKeyID: "local", AccessKeySecret: secret.New("harness-access-secret")}

// newClient returns a client of the emulator without a network between them.
func newClient(api *emulator.Server, now func() time.Time) (*vpc.Client, error) {
	nonce := 0
	return vpc.New(vpc.Config{
		Credentials: func(context.Context) (request.Credentials, error) { return accessKey, nil },
		Endpoint:    "http://emulator", TokenKey: digestKey, HTTP: &http.Client{Transport: inProcess{api}},
		Now:   now,
		Nonce: func() string { nonce++; return fmt.Sprintf("nonce-%d", nonce) },
	})
}

// inProcess hands requests to the emulator.
type inProcess struct{ api *emulator.Server }

// RoundTrip implements [http.RoundTripper].
func (p inProcess) RoundTrip(r *http.Request) (response *http.Response, err error) {
	defer func() {
		if cause := recover(); cause == http.ErrAbortHandler {
			err = errors.New("connection reset")
		} else if cause != nil {
			panic(cause)
		}
	}()
	recorder := httptest.NewRecorder()
	p.api.ServeHTTP(recorder, r)
	return recorder.Result(), nil
}

// observe checks every call that the service has answered.
func (h *harness) observe(call emulator.Call) {
	if call.Action != "ModifyVpnAttachmentAttribute" || h.byHand {
		return
	}
	if call.Code == "" && !call.Replayed {
		h.commits[call.Params["VpnConnectionId"]]++
	}
	if call.Params["LocalSubnet"] == "" || call.Params["RemoteSubnet"] == "" {
		h.fail("sent without both subnets")
	}
	if call.Params["EffectImmediately"] == "" {
		h.fail("sent without EffectImmediately")
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
		if key == "" && h.config.OmitMasked {
			continue // left out
		}
		if !slices.Contains(keys, key) && !strings.HasPrefix(key, "local-") && !strings.HasPrefix(key, "edited-") {
			h.fail("sent with the key %q", key)
		}
	}
}

// Describe implements [apply.Service].
func (h *harness) Describe(ctx context.Context, region, id string) (current *attachment.Current, err error) {
	fault := h.do(func() error { current, err = h.client.Describe(ctx, region, id); return nil })
	return current, errors.Join(fault, err)
}

// Modify implements [apply.Service].
func (h *harness) Modify(ctx context.Context, send *attachment.Change, ids []string) (answer vpc.Answer, err error) {
	id := send.Text(attachment.VpnConnectionID)
	fault := h.do(func() error {
		commits := h.commits[id]
		answer, err = h.client.Modify(ctx, send, ids)
		if h.commits[id] > commits {
			if h.pending[id] = true; err != nil {
				h.excused++ // the answer got lost
				h.pending[id] = false
			}
			for _, e := range h.events {
				m := e.message()
				stamp := m.Stamp()
				if slices.Contains(ids, fmt.Sprintf("%q %q %q", stamp.EventID, stamp.Source, stamp.Part)) && !h.committed[e.id] {
					h.committed[e.id] = true
					h.tick++
					h.sentAt[e.id] = h.tick
				}
			}
		}
		return nil
	})
	if fault != nil && h.pending[id] {
		h.excused++
		h.pending[id] = false
	}
	return answer, errors.Join(fault, err)
}

// harnessLedger is the harness as a [ledger.Store].
type harnessLedger harness

func (l *harnessLedger) Load(ctx context.Context, key ledger.Key) (entry ledger.Entry, err error) {
	fault := (*harness)(l).do(func() error { entry, err = l.ledger.Load(ctx, key); return nil })
	return entry, errors.Join(fault, err)
}

func (l *harnessLedger) Save(ctx context.Context, key ledger.Key, entry ledger.Entry) error {
	h := (*harness)(l)
	return h.do(func() error {
		if h.conflict {
			h.conflict = false
			stored, err := l.ledger.Load(ctx, key)
			if err := errors.Join(err, l.ledger.Save(ctx, key, stored)); err != nil {
				return err
			}
		}
		before, err := l.ledger.Load(ctx, key)
		if err != nil {
			return err
		}
		err = l.ledger.Save(ctx, key, entry)
		if done := err == nil || l.has(ctx, key, entry); done && !sameFields(before, entry) {
			h.tick++
			h.pending[key.VpnConnectionID] = false
			h.writes = append(h.writes, write{h.tick, key.VpnConnectionID, entry.Fields})
		}
		return err
	})
}

// has reports whether an entry has been written though the store gave an error: the
// answer was lost, or a client retried and met its own write.
func (l *harnessLedger) has(ctx context.Context, key ledger.Key, entry ledger.Entry) bool {
	stored, err := l.ledger.Load(ctx, key)
	return err == nil && stored.Version == entry.Version+1 && sameFields(stored, entry)
}

func sameFields(a, b ledger.Entry) bool {
	return maps.EqualFunc(a.Fields, b.Fields, func(a, b ledger.Stamp) bool { return a.Compare(b) == 0 })
}

// doneAt returns when the ledger first had the event's stamp for the field.
func (h *harness) doneAt(e *event, field string) int {
	m := e.message()
	for _, write := range h.writes {
		if write.attachment == e.attachment && write.fields[field].Compare(m.Stamp()) >= 0 {
			return write.at
		}
	}
	return h.tick + 1
}
