package server_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vpnattach/functions/local/server"
	"vpnattach/functions/local/store"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/credentials"
	"vpnattach/shared/emulator"
	"vpnattach/shared/ledger/bolt"
)

// TestChangingKey: a change that is sent again is the same to the service, though the key
// is another one by then, as a role's may be.
func TestChangingKey(t *testing.T) {
	t.Parallel()
	var mutex sync.Mutex
	var tokens []string
	keys := map[string]bool{}
	config := emulator.Config{Observe: func(c emulator.Call) {
		mutex.Lock()
		defer mutex.Unlock()
		keys[c.AccessKeyID] = true
		if token := c.Params["ClientToken"]; token != "" {
			tokens = append(tokens, token)
		}
	}}
	for n := range 10 {
		config.Accounts = append(config.Accounts, emulator.Account{AccessKeyID: fmt.Sprint("key-", n), Secret: secret.New(fmt.Sprint("secret-", n))})
	}
	emulated, err := emulator.New(config)
	if err != nil {
		t.Fatal(err)
	}
	api := httptest.NewServer(emulated)
	defer api.Close()
	if err := emulated.InjectFaults(emulator.Fault{Action: "ModifyVpnAttachmentAttribute", Code: "ServiceUnavailable"}); err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(filepath.Join(t.TempDir(), "state"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	applied, err := bolt.New(db.Bolt())
	if err != nil {
		t.Fatal(err)
	}
	var used atomic.Int64
	profiles := credentials.New(credentials.Config{
		Keep: time.Nanosecond, Now: func() time.Time { return time.Unix(1e9+used.Add(1)*60, 0) },
		Fetch: func(context.Context) (secret.Secret, error) {
			n := used.Load() % 10
			return secret.New(fmt.Sprintf(`{"accessKeyId":"key-%d","accessKeySecret":"secret-%d"}`, n, n)), nil
		},
	})
	m, err := server.New(server.Config{State: db, Ledger: applied, Profiles: profiles, VPCEndpoint: api.URL, Ready: func(string, string) {}, Report: func(server.Outcome) {}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- m.Run(ctx) }()
	_, err = m.Take(ctx, http.Header{}, []byte(`{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localsingle","Name":"by a role"}`))
	stop()
	if err != nil || <-ended != nil {
		t.Fatal(err)
	}
	if len(tokens) != 2 || tokens[0] != tokens[1] || len(keys) < 4 {
		t.Errorf("got tokens %q with %d keys", tokens, len(keys))
	}
}
