package ingest

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"net/http"
	"strings"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"vpnattach/shared/core/event"
)

// Taken is what has become of a unit: of a record of a batch, or of what has come by
// itself.
type Taken struct {
	Name     string   // what its source calls it
	Results  []Change // in the order of its events
	Rejected bool     // with errors, so that none of the changes is in the queue
	Letter   string   // the id of its dead letter; empty without one
}

// Take takes what a plain HTTP request has brought, from a sender that its caller
// trusts: no signature is asked for. The body may be all that Invoke takes. An event by
// itself is read with the headers, as a webhook is; like one it is not among the dead
// letters when it is refused, since its sender has the answer. Of an HTTP request as a
// gateway hands it on, everything counts but the signature.
//
// An error that is an [*event.Error] says why the body holds no event; any other,
// that not all of it has been taken, and has to come again.
func (h *Handler) Take(ctx context.Context, headers iter.Seq2[string, string], body []byte) (all []Taken, err error) {
	ctx, cancel := h.limit(ctx)
	defer cancel()
	in := &invocation{Handler: h, now: h.config.Now().UTC(), entry: event.HTTP.String()}
	var documents []*document
	err = in.recovered(ctx, func() (err error) {
		documents, err = in.trusted(ctx, headers, body)
		return err
	})
	in.finish(ctx)
	if err != nil {
		return nil, err
	}
	for _, d := range documents {
		if !d.done {
			return nil, d.err
		}
		t := Taken{Name: d.name, Results: d.results, Rejected: d.rejected}
		if d.kept {
			t.Letter = d.id()
		}
		all = append(all, t)
	}
	return all, nil
}

func (in *invocation) trusted(ctx context.Context, headers iter.Seq2[string, string], body []byte) ([]*document, error) {
	delivery := event.ReadDelivery(body)
	if delivery.IsBatch() {
		return in.take(ctx, delivery), nil
	}
	d := &document{source: Webhook, via: event.WayWebhook}
	if lambda, ok := lambdacontext.FromContext(ctx); ok {
		d.name = lambda.AwsRequestID
	}
	var p *problem
	if r := delivery.Request; r != nil {
		d.name = cmp.Or(r.ID, d.name)
		p = in.answer(ctx, r, d, anybody)
	} else {
		d.unit, d.source = &delivery.Units[0], sourceName(delivery.Units[0].Source)
		if d.via = wayOf(d.source); d.source == Direct {
			d.via = event.WayLocal
		}
		records, err := event.OpenHTTP(headers, body, nil)
		if err != nil && !d.refuse(err) {
			return nil, err
		}
		p = in.accept(ctx, d, records)
	}
	d.done = p == nil || p.Status < http.StatusInternalServerError
	d.rejected = d.rejected || p != nil && d.done
	in.count(d)
	switch {
	case d.unopened != nil:
		return nil, d.unopened
	case !d.done:
		return nil, errors.New(p.Detail)
	case d.rejected && len(d.results) == 0:
		return nil, &event.Error{Code: event.Code(p.Type[strings.LastIndexByte(p.Type, ':')+1:]), Message: p.Detail}
	}
	return []*document{d}, nil
}
