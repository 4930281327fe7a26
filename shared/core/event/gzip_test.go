package event_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"vpnattach/shared/core/event"
)

// zipped compresses a text at a level, with all that a header may have.
func zipped(tb testing.TB, text string, level int) string {
	tb.Helper()
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, level)
	if err != nil {
		tb.Fatal(err)
	}
	w.Name, w.Comment, w.Extra = "change.json", "a comment", []byte("extra")
	if _, err := w.Write([]byte(text)); err != nil {
		tb.Fatal(err)
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.String()
}

// TestGzip: what the standard library has compressed is opened, at every level and with
// every kind of block, and nothing that is cut off or has a bit changed.
func TestGzip(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	var noise strings.Builder
	for range 100_000 {
		noise.WriteByte(byte('!' + 1 + random.IntN(57))) // neither " nor \
	}
	for _, value := range []string{"", "a", strings.Repeat("ab", 70_000), strings.Repeat("The quick brown fox. ", 3000), noise.String(), noise.String()[:40_000] + strings.Repeat("x", 300)} {
		text := `{"a":` + quote(value) + `}`
		for _, level := range []int{gzip.NoCompression, gzip.BestSpeed, gzip.DefaultCompression, gzip.BestCompression, gzip.HuffmanOnly} {
			if got := mustOpen(t, zipped(t, text, level))[0].Event; got != text {
				t.Errorf("level %d: got %d bytes, want %d", level, len(got), len(text))
			}
		}
	}
	text := `{"a":"` + strings.Repeat("The quick brown fox. ", 20) + `"}`
	whole := zipped(t, text, gzip.BestCompression)
	if got := mustOpen(t, zipped(t, text[:50], 9)+zipped(t, text[50:], 1))[0].Event; got != text {
		t.Errorf("two members: got %s", got)
	}
	for i := range whole {
		if _, err := event.Open([]byte(whole[:i]), nil); err == nil {
			t.Errorf("cut off at byte %d, it is opened", i)
		}
	}
	for i := 40 * 8; i < len(whole)*8; i++ { // behind the header, whose names nobody checks
		damaged := []byte(whole)
		damaged[i/8] ^= 1 << (i % 8)
		if records, err := event.Open(damaged, nil); err == nil && records[0].Event != text { // bits that fill a byte may change
			t.Errorf("with bit %d changed, it is opened: %s", i, records[0].Event)
		}
	}
}

// FuzzGzip compares with the standard library.
func FuzzGzip(f *testing.F) {
	f.Add([]byte(zip(`{"a":1}`)))
	f.Add([]byte(zipped(f, `{"a":"`+strings.Repeat("b", 300)+`"}`, 9)))
	f.Fuzz(func(t *testing.T, data []byte) {
		if !bytes.HasPrefix(data, []byte("\x1f\x8b")) {
			return
		}
		want := ""
		r, err := gzip.NewReader(bytes.NewReader(data))
		if err == nil {
			var text []byte
			text, err = io.ReadAll(io.LimitReader(r, event.MaxUnzipped+1))
			want = string(text)
		}
		if err != nil || len(want) > event.MaxUnzipped || !isJSONObject(want) {
			return
		}
		records, openErr := event.Open(data, nil)
		if openErr != nil {
			return // it may be refused for what is in it
		}
		if len(records) == 1 && records[0].Kind == event.Payload && strings.TrimSpace(want) != records[0].Event {
			t.Errorf("got %s, want %s", records[0].Event, want)
		}
	})
}

func isJSONObject(s string) bool {
	s = strings.TrimSpace(s)
	return strings.HasPrefix(s, "{") && isObject(s)
}
