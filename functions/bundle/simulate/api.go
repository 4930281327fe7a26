package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"vpnattach/shared/core/request"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/emulator"
	"vpnattach/shared/vpc"
)

const (
	region     = "cn-hangzhou"
	updateTime = 15 * time.Second // how long an attachment is updating
	apiRate    = 100              // calls a second that the API takes of the account
	ownRate    = 10               // those of a running function, as VpcRate is by default
)

var key = request.Credentials{AccessKeyID: "simulate", AccessKeySecret: secret.New("simulate-secret")}

func attachmentID(n int) string { return fmt.Sprintf("vco-%06d", n) }

// newAPI starts the emulator with that many dual-tunnel attachments.
func newAPI(attachments int, now func() time.Time) (*emulator.Server, error) {
	saved := map[string][]byte{}
	config := emulator.Config{UpdateTime: updateTime, Now: now, Accounts: []emulator.Account{{AccessKeyID: key.AccessKeyID, Secret: key.AccessKeySecret}}}
	seed := config
	seed.Save = func(records map[string][]byte) error {
		for name, text := range records {
			saved[name] = text
		}
		return nil
	}
	if _, err := emulator.New(seed); err != nil {
		return nil, err
	}
	config.State = map[string][]byte{}
	for name, text := range saved {
		if strings.HasPrefix(name, "gateway/") {
			config.State[name] = text
		}
	}
	first := string(saved["connection/vco-localdual"])
	for i := range attachments {
		id := attachmentID(i)
		config.State["connection/"+id] = []byte(strings.NewReplacer("vco-localdual", id, "tun-localdual", fmt.Sprintf("tun-%06d-", i)).Replace(first))
	}
	return emulator.New(config)
}

// client returns the client of one running function.
func (w *world) client() (*vpc.Client, error) {
	next := w.now
	return vpc.New(vpc.Config{
		Credentials: w.credentials, Endpoint: "http://api", TokenKey: digestKey, HTTP: &http.Client{Transport: w, Timeout: time.Hour}, Now: w.clock,
		Wait: func(context.Context) error { // the function's own limit
			if next.After(w.now) {
				w.now = next
			}
			next = w.now.Add(time.Second / ownRate)
			return nil
		},
	})
}

// RoundTrip is a call of the API, which takes its time, is down for an hour, and takes
// no more than its limit.
func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	action := r.Header.Get("x-acs-action")
	w.now = w.now.Add(80*time.Millisecond + time.Duration(w.random.Int64N(int64(120*time.Millisecond))))
	w.calls[action]++
	answer := httptest.NewRecorder()
	second := w.now.Unix()
	w.taken[second]++
	switch {
	case w.now.After(w.outage[0]) && w.now.Before(w.outage[1]):
		w.faults["down"]++
		answer.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(answer, `{"Code":"ServiceUnavailable","Message":"The service is down.","RequestId":"R"}`)
	case w.taken[second] > w.apiRate:
		w.faults["throttled"]++
		answer.Header().Set("x-ratelimit-user", "Limit:100,Remain:0,TimeLeft:1000,Reset:1000")
		answer.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(answer, `{"Code":"Throttling.User","Message":"Too many calls.","RequestId":"R"}`)
	default:
		w.api.ServeHTTP(answer, r)
	}
	delete(w.taken, second-60)
	return answer.Result(), nil
}
