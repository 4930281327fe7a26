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
	updateTime = 15 * time.Second // how long an attachment is updating
	ownRate    = 10               // calls a second of a running function, as VpcRate is by default
)

// regions are where the attachments are, one after the other.
var regions = []string{"cn-hangzhou", "eu-central-1", "us-west-1", "ap-southeast-1", "cn-beijing", "us-east-1", "cn-shanghai", "eu-west-1"}

// rates are how many calls the API takes of an account in a region and a minute. Source:
// help page api-vpc-2016-04-28-quota-vpns, as 600/60(s) and so on, by regionId, API and
// ParentUid. What was read of it does not have the line of ModifyVpnAttachmentAttribute;
// 120 is what it has for all operations that modify.
var rates = map[string]int{request.DescribeAction: 600, request.ModifyAction: 120, request.DiagnoseAction: 600}

// window is a region's minute of an operation.
type window struct {
	region, action string
}

type taken struct {
	minute int64
	calls  int
}

var key = request.Credentials{AccessKeyID: "simulate", AccessKeySecret: secret.New("simulate-secret")}

func attachmentID(n int) string { return fmt.Sprintf("vco-%06d", n) }

// newAPI starts the emulator with that many dual-tunnel attachments in the regions.
func newAPI(attachments int, regions []string, now func() time.Time) (*emulator.Server, error) {
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
		config.State["connection/"+id] = []byte(strings.NewReplacer("vco-localdual", id, "tun-localdual", fmt.Sprintf("tun-%06d-", i), "cn-hangzhou", regions[i%len(regions)]).Replace(first))
	}
	return emulator.New(config)
}

// client returns the client of one running function.
func (w *world) client() (*vpc.Client, error) {
	next := w.now
	return vpc.New(vpc.Config{
		Credentials: w.credentials, Endpoint: "http://api", TokenKey: digestKey, HTTP: &http.Client{Transport: w, Timeout: -1}, Now: w.clock,
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
// no more than its limits.
func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	action, region := r.Header.Get("x-acs-action"), r.URL.Query().Get("RegionId")
	w.now = w.now.Add(80*time.Millisecond + time.Duration(w.random.Int64N(int64(120*time.Millisecond))))
	w.calls[action]++
	answer := httptest.NewRecorder()
	of := w.taken[window{region, action}]
	if minute := w.now.Unix() / 60; of.minute != minute {
		of = taken{minute: minute}
	}
	switch {
	case w.now.After(w.outage[0]) && w.now.Before(w.outage[1]):
		w.faults["down"]++
		answer.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(answer, `{"Code":"ServiceUnavailable","Message":"The service is down.","RequestId":"R"}`)
	case of.calls == rates[action]:
		w.faults["throttled "+action]++
		answer.Header().Set("x-ratelimit-user-api", fmt.Sprintf("Limit:%d,Remain:0,TimeLeft:%d,Reset:0", of.calls, 60_000-w.now.UnixMilli()%60_000))
		answer.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(answer, `{"Code":"Throttling.User","Message":"Too many calls.","RequestId":"R"}`)
	default:
		of.calls++
		w.api.ServeHTTP(answer, r)
	}
	w.taken[window{region, action}] = of
	return answer.Result(), nil
}
