package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/request"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/vpc"
)

// flood is events that pour in while the process is killed again and again.
type flood struct {
	mu       sync.Mutex
	n        int
	accepted map[string][]int // numbers of answered events by attachment
	secrets  []string
}

// next makes an event. Later ones have later times.
func (f *flood) next(attachment string) (n int, body string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.n++
	change := fmt.Sprintf(`"Name":"name-%d"`, f.n)
	if attachment == "vco-localsingle" {
		key := fmt.Sprintf("Kx%dq7Zr4WtLm2", f.n)
		f.secrets = append(f.secrets, key)
		change += `,"IkeConfig":{"Psk":"` + key + `"}`
	}
	at := time.Date(2026, 11, 2, 9, 30, f.n, 0, time.UTC).Format(time.RFC3339)
	return f.n, fmt.Sprintf(`{"specversion":"1.0","id":"e-%d","source":"/flood","type":"change","time":"%s","data":{"RegionId":"cn-hangzhou","VpnConnectionId":"%s",%s}}`, f.n, at, attachment, change)
}

func (f *flood) accept(attachment string, n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.accepted[attachment] = append(f.accepted[attachment], n)
}

// pour posts events to all attachments, and kills the process after so many answers.
func (f *flood) pour(p *process, attachments []string, answers int) {
	answered := make(chan bool)
	killed := make(chan bool)
	var posters sync.WaitGroup
	for _, attachment := range attachments {
		posters.Go(func() {
			for {
				n, body := f.next(attachment)
				_, ok := p.post(body)
				if ok {
					f.accept(attachment, n)
				}
				select {
				case answered <- ok:
				case <-killed:
				}
				if !ok {
					return
				}
			}
		})
	}
	for range answers {
		<-answered
	}
	p.kill()
	close(killed)
	posters.Wait()
}

// TestKill: whatever moment the process is killed at, every event that it has
// accepted ends applied, unchanged or rejected with a reason, the newest wins, and no
// secret is left anywhere.
func TestKill(t *testing.T) {
	t.Parallel()
	const kills = 15
	binary, dir, seen := mustBuild(t), filepath.Join(t.TempDir(), "state"), &record{}
	keySecret := "aK5-own-access-key-secret"
	env := []string{"STATE_DIR=" + dir, "VPC_UPDATE_TIME=20ms", "AWS_LAMBDA_LOG_LEVEL=debug", "ALIBABA_CLOUD_ACCESS_KEY_ID=own", "ALIBABA_CLOUD_ACCESS_KEY_SECRET=" + keySecret}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	f := &flood{accepted: map[string][]int{}, secrets: []string{keySecret}}
	attachments := []string{"vco-localsingle", "vco-localdual", "vco-localfree", "vco-none"}
	for range kills {
		f.pour(mustServe(t, binary, seen, env), attachments, random.IntN(40))
	}
	p := mustServe(t, binary, seen, env)
	for _, attachment := range attachments {
		for _, n := range f.accepted[attachment] {
			answer := p.until(t, fmt.Sprintf("/outcomes?eventId=e-%d", n), func(answer gjson.Result) bool {
				status := answer.Get("outcomes.0.status").Str
				return status != "deferred"
			})
			o := answer.Get("outcomes.0")
			good := []string{"applied", "unchanged"}
			if attachment == "vco-none" {
				good = []string{"rejected"}
			}
			if !slices.Contains(good, o.Get("status").Str) || attachment == "vco-none" && (o.Get("error.message").Str == "" || o.Get("error.remedy").Str == "") {
				t.Errorf("event %d to %s: %s", n, attachment, answer)
			}
		}
	}
	if letters := p.get(t, "/dead-letters").Get("deadLetters.#").Int(); int(letters) < len(f.accepted["vco-none"]) {
		t.Errorf("%d dead letters of %d rejected events", letters, len(f.accepted["vco-none"]))
	}
	keys := request.Credentials{AccessKeyID: "own", AccessKeySecret: secret.New(keySecret)}
	for _, id := range attachments[:3] {
		mustHaveNewest(t, p.vpc, keys, id, slices.Max(append(f.accepted[id], 0)))
	}
	t.Logf("%d events, of which %d, %d, %d and %d were answered", f.n, len(f.accepted[attachments[0]]), len(f.accepted[attachments[1]]), len(f.accepted[attachments[2]]), len(f.accepted[attachments[3]]))
	p.terminate(t, os.Interrupt)
	mustHide(t, seen, dir, f.secrets)
}

// mustHaveNewest fails unless the attachment has the name that the newest accepted
// event gave it, or one that was accepted later, unanswered.
func mustHaveNewest(t *testing.T, endpoint string, keys request.Credentials, id string, newest int) {
	t.Helper()
	client, err := vpc.New(vpc.Config{
		Endpoint: endpoint, HTTP: &http.Client{},
		Credentials: func(context.Context) (request.Credentials, error) { return keys, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	current, err := client.Describe(t.Context(), "cn-hangzhou", id)
	if err != nil {
		t.Fatal(err)
	}
	name := current.Config().Text(attachment.Name)
	var n int
	if _, err := fmt.Sscanf(strings.TrimPrefix(name, "name-"), "%d", &n); (err != nil || n < newest) && newest > 0 {
		t.Errorf("%s has the name %q; event %d was accepted", id, name, newest)
	}
}
