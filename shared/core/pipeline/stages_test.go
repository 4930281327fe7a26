package pipeline_test

import (
	"testing"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/event"
	"vpnattach/shared/core/request"
)

func BenchmarkStages(b *testing.B) {
	data, o := hotEvent(b), hotOptions()
	var opener event.Opener
	records, err := opener.Open(data, nil)
	if err != nil {
		b.Fatal(err)
	}
	var c attachment.Change
	var v attachment.Validator
	var builder request.Builder
	c.ParseValue(records[0].Document, attachment.FromEvent)
	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			records, _ = opener.Open(data, records[:0])
		}
	})
	b.Run("parse", func(b *testing.B) {
		for b.Loop() {
			c.ParseValue(records[0].Document, attachment.FromEvent)
		}
	})
	b.Run("validate", func(b *testing.B) {
		for b.Loop() {
			v.Validate(&c, nil, "")
		}
	})
	b.Run("sign", func(b *testing.B) {
		for b.Loop() {
			if _, err := builder.Modify(&c, request.Options{Credentials: o.Credentials, Time: o.Time, Nonce: "3156853299f313e23d1673dc12e1703d"}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
