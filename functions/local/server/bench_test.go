package server_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"vpnattach/functions/local/server"
)

// BenchmarkEvents posts events from several senders at once to the three
// attachments, each until its change has been applied by the emulated API: opened,
// queued on disk, merged with what Describe returned, sent, recorded.
func BenchmarkEvents(b *testing.B) {
	const senders = 6
	r := start(b, stateDir(b), func(c *server.Config) { c.UpdateTime = 0 })
	attachments := [...]string{"vco-localsingle", "vco-localdual", "vco-localfree"}
	took := make([][]time.Duration, senders)
	var all sync.WaitGroup
	b.ResetTimer()
	for s := range senders {
		all.Go(func() {
			for i := s; i < b.N; i += senders {
				body := fmt.Sprintf(`{"RegionId":"cn-hangzhou","VpnConnectionId":"%s","Name":"name-%d"}`, attachments[i%len(attachments)], i)
				began := time.Now()
				answer, err := http.Post(r.events+"/events", "application/json", strings.NewReader(body))
				if err != nil {
					b.Error(err)
					return
				}
				text, err := io.ReadAll(answer.Body)
				answer.Body.Close()
				// Of two changes that were folded into one call the older has changed nothing.
				if err != nil || !bytes.Contains(text, []byte(`"status":"applied"`)) && !bytes.Contains(text, []byte(`"status":"unchanged"`)) {
					b.Errorf("answered %s: %s", answer.Status, text)
				}
				took[s] = append(took[s], time.Since(began))
			}
		})
	}
	all.Wait()
	b.StopTimer()
	sorted := slices.Sorted(slices.Values(slices.Concat(took...)))
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(sorted[len(sorted)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(sorted[len(sorted)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(0, "ns/op") // means nothing with several senders
}
