package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/tidwall/gjson"

	"vpnattach/functions/local/server"
	"vpnattach/functions/local/store"
	"vpnattach/shared/core/event"
	"vpnattach/shared/credentials/sts"
	"vpnattach/shared/ledger"
	"vpnattach/shared/ledger/bolt"
	"vpnattach/shared/outcome"
)

// sendCommand sends one event to a running serve, or applies it itself.
type sendCommand struct {
	File   string        `arg:"" help:"A change document or an event; - is standard input."`
	URL    string        `name:"url" help:"Where serve listens; http://127.0.0.1:8080 or that of PORT when absent." placeholder:"URL"`
	Direct bool          `help:"Without serve: apply it through the VPC API at VPC_ENDPOINT."`
	Wait   time.Duration `help:"With --direct: how long to go on while a change can't be applied yet." default:"1m"`
	JSON   bool          `name:"json" help:"Print JSON instead of text."`
}

// Help says what --direct needs.
func (c *sendCommand) Help() string {
	return `With --direct the environment counts as it does for serve: VPC_ENDPOINT and the access key or a
role (both required), RULES, PEER, MODE. The record of what was applied before is kept in STATE_DIR,
so that no older event undoes a newer one; nothing else is kept, so a change that is still
deferred at the end is lost.`
}

// Run prints what has become of the event's changes.
func (c *sendCommand) Run(p *program) error {
	if c.JSON {
		p.printJSON()
	}
	p.each([]string{c.File}, func(string) error { return c.send(p) })
	return nil
}

func (c *sendCommand) send(p *program) error {
	data, err := p.read(c.File)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var all []server.Outcome
	if c.Direct {
		all, err = c.direct(ctx, p, data)
	} else {
		all, err = c.post(ctx, p, data)
	}
	if err != nil {
		return inFile(c.File, data, err)
	}
	for i := 0; c.JSON && i < len(all); i++ {
		data, err := json.Marshal(&all[i])
		if err != nil {
			return err
		}
		p.list.add(data)
	}
	printer := outcomePrinter{p.text()}
	for i := range all {
		p.failed = p.failed || all[i].Status == outcome.Rejected || c.Direct && all[i].Status == outcome.Deferred
		if !c.JSON {
			printer.outcome(&all[i])
			printer.details(&all[i])
		}
	}
	return nil
}

// post sends the event to a running serve.
func (c *sendCommand) post(ctx context.Context, p *program, data []byte) ([]server.Outcome, error) {
	base := c.URL
	if base == "" {
		s := p.settings()
		base = "http://127.0.0.1:" + s.Port("PORT", "8080")
		if err := s.Err(); err != nil {
			return nil, usageError{err}
		}
	}
	at := strings.TrimSuffix(base, "/") + "/events"
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, at, bytes.NewReader(data))
	if err != nil {
		return nil, usage("--url %s is not a URL", base)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	var unreached *net.OpError
	if errors.As(err, &unreached) && unreached.Op == "dial" {
		return nil, usage("no answer from %s: start vpnattach serve, or use --direct", at)
	}
	var answer []byte
	if err == nil {
		defer response.Body.Close()
		answer, err = io.ReadAll(response.Body)
	}
	if err != nil {
		return nil, fmt.Errorf("no whole answer: %w; the event may have been taken, which GET /outcomes tells", err)
	}
	if response.StatusCode != http.StatusOK && !gjson.GetBytes(answer, "outcomes").IsArray() {
		said := gjson.GetBytes(answer, "error")
		if said.Get("message").Str == "" {
			return nil, usage("%s does not answer as serve does (HTTP %d)", at, response.StatusCode)
		}
		return nil, &event.Error{Code: event.Code(said.Get("code").Str), Path: said.Get("path").Str, Message: said.Get("message").Str, Hint: said.Get("hint").Str}
	}
	var list struct {
		Outcomes []server.Outcome
		LeftOut  int
	}
	if err := json.Unmarshal(answer, &list); err != nil {
		return nil, usage("%s does not answer as serve does", at)
	}
	if list.LeftOut > 0 {
		t := text{w: p.err, colour: p.errColour}
		t.line(t.dim("left out"), visible(fmt.Sprintf("%d more outcomes, for which the answer has no room; GET /outcomes lists them", list.LeftOut)))
	}
	return list.Outcomes, nil
}

// direct runs a machine for this one event.
func (c *sendCommand) direct(ctx context.Context, p *program, data []byte) (all []server.Outcome, err error) {
	config, err := p.serverConfig()
	switch {
	case err != nil:
		return nil, err
	case config.VPCEndpoint == "":
		return nil, usage("--direct needs VPC_ENDPOINT, such as https://vpc.aliyuncs.com")
	case p.env(keyVariables[0]) == "" && config.Profiles == nil:
		return nil, usage("--direct needs %s and %s, or a role: %s and %s", keyVariables[0], keyVariables[1], sts.RoleVariable, sts.ProviderVariable)
	}
	applied, forget, err := p.openLedger()
	if err != nil {
		return nil, err
	}
	defer forget()
	dir, err := os.MkdirTemp("", "vpnattach-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if config.State, err = store.Open(dir); err != nil {
		return nil, err
	}
	defer config.State.Close()
	reports := make(chan server.Outcome, 1)
	limited, stop := context.WithTimeout(ctx, c.Wait)
	config.Ledger, config.Port = applied, ""
	config.Report = func(o server.Outcome) {
		select {
		case reports <- o:
		case <-limited.Done():
		}
	}
	m, err := server.New(config)
	if err != nil {
		stop()
		return nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- m.Run(limited) }()
	defer func() {
		stop()
		err = errors.Join(err, <-ended)
	}()
	// However short the wait, the event is taken, so that what is printed is its outcome.
	take := func() ([]server.Outcome, error) { return m.Take(ctx, http.Header{}, data) }
	return follow(limited, take, reports)
}

// follow takes the event and goes on until none of its changes is deferred.
func follow(ctx context.Context, take func() ([]server.Outcome, error), reports <-chan server.Outcome) ([]server.Outcome, error) {
	type result struct {
		all []server.Outcome
		err error
	}
	taken := make(chan result, 1)
	go func() {
		all, err := take()
		taken <- result{all, err}
	}()
	last := map[string]server.Outcome{}
	var all []server.Outcome
	for {
		open := all == nil
		for i := range all {
			if o, ok := last[all[i].ChangeID]; ok && all[i].Status == outcome.Deferred {
				all[i] = o
			}
			open = open || all[i].Status == outcome.Deferred
		}
		if !open {
			return all, nil
		}
		select {
		case o := <-reports:
			last[o.ChangeID] = o
		case r := <-taken:
			if r.err != nil || len(r.all) == 0 {
				return nil, r.err
			}
			all = r.all
		case <-ctx.Done():
			if all == nil {
				r := <-taken
				return r.all, r.err
			}
			return all, nil
		}
	}
}

// openLedger opens the record of what was applied before, or makes it.
func (p *program) openLedger() (applied ledger.Store, done func(), err error) {
	db, err := store.Open(p.stateDir())
	switch {
	case errors.Is(err, store.ErrInUse):
		return nil, nil, usage("%w; send it through the running serve, without --direct", err)
	case err != nil:
		return nil, nil, usageError{err}
	}
	applied, err = bolt.New(db.Bolt())
	return applied, func() { _ = db.Close() }, err
}
