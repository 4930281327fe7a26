package bundle_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/tidwall/gjson"

	"vpnattach/shared/aws/sitevpn/sitevpntest"
	"vpnattach/shared/emulator"
)

// TestRotation rotates the keys of both tunnels, one after the other, from RotateSecret to
// AWSCURRENT: the other tunnel is up all the time.
func TestRotation(t *testing.T) {
	t.Parallel()
	for name, keyless := range map[string]bool{"with a stored access key": false, "without": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t, setup{rotation: true, keyless: keyless})
			for index := 1; index <= 2; index++ {
				arn := h.ec2.secrets[index-1]
				on(h, &h.after, func(*awsCall) { h.lookAt(index) }) // and at each call
				before, samples, down := h.versionWith(arn, "AWSCURRENT"), h.ec2.samples.Load(), h.ec2.down.Load()
				version := h.rotateSecret(arn)
				if err := h.rotate(arn, version); err != nil {
					t.Fatal(err)
				}
				if h.versionWith(arn, "AWSCURRENT") != version || h.versionWith(arn, "AWSPREVIOUS") != before {
					t.Errorf("the stages are %v", h.stages(arn))
				}
				if key := h.checkEnds(index); key == h.ec2.keys[index-1] || len(key) != 32 {
					t.Error("the key is not a new one")
				}
				if text := h.secretText(arn); gjson.Get(text, "owner").Str != "network" {
					t.Error("another member of the secret is lost")
				}
				results := slices.DeleteFunc(h.results(), func(r gjson.Result) bool { return r.Get("reason.code").Str == "change-sent" })
				if len(results) != 1 || results[0].Get("status").Str != "rotated" || results[0].Get("versionId").Str != version || results[0].Get("ends.#").Int() != 2 {
					t.Errorf("got results %s", results)
				}
				h.checkMetrics("rotate", "Rotated", float64(index))
				samples, down = h.ec2.samples.Load()-samples, h.ec2.down.Load()-down
				if down == 0 || samples-down < 2 {
					t.Errorf("tunnel %d was down in %d of %d samples, which shows nothing", index, down, samples)
				}
				t.Logf("tunnel %d was down in %d of %d samples, tunnel %d in none", index, down, samples, 3-index)
				for _, step := range steps { // all again change nothing
					if err := h.step(step, arn, version); err != nil {
						t.Errorf("%s again: %v", step, err)
					}
				}
			}
			if modified, asked := len(h.modified()), h.changedAWS(); modified != 2 || asked != 2 {
				t.Errorf("got %d changes of our end and %d of AWS's, want one for each tunnel", modified, asked)
			}
			h.checkMetrics("rotate", "KeysDiffer", 0)
			for _, o := range h.outcomes() {
				if o.VpnConnectionID != dual || o.Down() {
					t.Errorf("got outcome %+v", o)
				}
			}
		})
	}
}

// secretText is the text of AWSCURRENT.
func (h *harness) secretText(arn string) string {
	h.Helper()
	out, err := h.vault.GetSecretValue(h.Context(), &secretsmanager.GetSecretValueInput{SecretId: &arn, VersionStage: aws.String("AWSCURRENT")})
	h.must(err)
	return *out.SecretString
}

// TestRotationCrash kills the process of a function at a certain point. The step is then
// repeated, and the rotation goes on.
func TestRotationCrash(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, function, action, resource string }{
		{"with the key drawn", "rotate", "secretsmanager:PutSecretValue", "RotatedSecretArns"},
		{"with the rotation recorded", "rotate", "dynamodb:PutItem", "LedgerTable"},
		{"with AWS's end changed", "rotate", "ec2:ModifyVpnTunnelOptions", "VpnConnectionArns"},
		{"with our change queued", "rotate", "sqs:SendMessage", "ChangeQueue"},
		{"with AWSCURRENT moved", "rotate", "secretsmanager:UpdateSecretVersionStage", "RotatedSecretArns"},
		{"with the result published", "rotate", "events:PutEvents", "EventBus"},
		{"with our end changed, apply", "apply", "sqs:SendMessage", "ConfirmQueue"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t, setup{rotation: true})
			crash := sync.OnceFunc(h.functions[tt.function].Kill)
			on(h, &h.after, func(r *awsCall) {
				if r.is(tt.function, tt.action, tt.resource) && !gjson.Get(r.body, "DryRun").Bool() {
					crash()
				}
			})
			arn := h.ec2.secrets[0]
			version := h.rotateSecret(arn)
			failed := 0
			for _, step := range steps {
				for h.step(step, arn, version) != nil {
					if failed++; failed > 1 {
						t.Fatalf("%s fails again", step)
					}
				}
			}
			if want := map[string]int{"rotate": 1}[tt.function]; failed != want {
				t.Errorf("%d steps failed, want %d", failed, want)
			}
			if got := h.functions[tt.function].Started(); got != 2 {
				t.Errorf("got %d processes", got)
			}
			if h.versionWith(arn, "AWSCURRENT") != version {
				t.Errorf("the stages are %v", h.stages(arn))
			}
			h.checkEnds(1)
			if modified, asked := len(h.modified()), h.changedAWS(); modified != 1 || asked != 1 {
				t.Errorf("got %d changes of our end and %d of AWS's, want one each", modified, asked)
			}
			for _, r := range h.results() {
				if r.Get("status").Str != "rotated" {
					t.Errorf("got result %s", r)
				}
			}
		})
	}
}

// TestRotationRefused: as long as a condition does not hold, neither end is touched.
func TestRotationRefused(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, code string
		mode       string
		make       func(h *harness)
		mend       func(h *harness)
	}{
		{name: "the other tunnel is down", code: "peer-other-tunnel-down",
			make: func(h *harness) { h.changeAWS(2, h.newSecret("key by hand", "anotherKeyByHand")) },
			mend: func(h *harness) { h.changeAWS(2, h.ec2.keys[1]) }},
		{name: "the other endpoint has failed", code: "peer-in-motion",
			make: func(h *harness) { h.ec2.api.FailProvisioning(address(2)); h.changeAWS(2, h.ec2.keys[1]) },
			mend: func(h *harness) { h.changeAWS(2, h.ec2.keys[1]) }},
		{name: "AWS's end has another key", code: "peer-key-differs",
			make: func(h *harness) { h.changeAWS(1, h.newSecret("key by hand", "anotherKeyByHand")) },
			mend: func(h *harness) { h.changeAWS(1, h.ec2.keys[0]) }},
		{name: "AWS is changing the connection", code: "peer-in-motion",
			make: func(h *harness) { h.ec2.api.SetProvision(1 << 50); h.changeAWS(1, h.ec2.keys[0]) }},
		{name: "our end is being changed", code: "in-motion",
			make: func(h *harness) {
				h.edit(encode(map[string]any{"RegionId": "cn-hangzhou", "VpnConnectionId": dual, "TunnelOptionsSpecification": []any{
					map[string]any{"TunnelIndex": 1, "EnableDpd": false},
				}}))
				h.ahead.Add(-int64(updateTime))
			},
			mend: func(h *harness) { h.ahead.Add(int64(updateTime)) }},
		{name: "the mode is plan", code: "planned", mode: "plan"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t, setup{rotation: true, mode: tt.mode})
			if tt.make != nil {
				tt.make(h)
			}
			arn := h.ec2.secrets[0]
			version := h.rotateSecret(arn)
			invoke := func(step string) error {
				_, err := h.functions["rotate"].Invoke(h.Context(), []byte(encode(map[string]string{"Step": step, "SecretId": arn, "ClientRequestToken": version})))
				if err != nil {
					h.show("error of rotate", err.Error())
				}
				return err
			}
			_ = invoke("createSecret") // in plan it fails with what it has found
			err := invoke("setSecret")
			h.noteKeys(arn)
			if err == nil || !strings.Contains(err.Error(), tt.code) {
				t.Errorf("got %v, want %s", err, tt.code)
			}
			if modified, asked := len(h.modified()), h.changedAWS(); modified != 0 || asked != 0 {
				t.Errorf("got %d changes of our end and %d of AWS's", modified, asked)
			}
			if h.ec2.api.Tunnel(vpn, address(1)).Key == h.keyOf(arn, version) || h.ourTunnel(1).Get("TunnelIkeConfig.Psk").Str != h.ec2.keys[0] {
				t.Error("an end is touched")
			}
			if results := h.results(); len(results) == 0 || results[len(results)-1].Get("status").Str != "refused" {
				t.Errorf("got results %s", results)
			}
			if tt.mend == nil {
				return
			}
			tt.mend(h)
			if err := h.rotate(arn, version); err != nil {
				t.Fatal(err)
			}
			h.checkEnds(1)
		})
	}
}

// changeAWS changes the key of a tunnel at AWS as a person does, and waits until it is
// done.
func (h *harness) changeAWS(index int, key string) {
	h.Helper()
	if code := h.ec2.api.SetKey(vpn, address(index), key); code != "" {
		h.Fatalf("AWS refuses the change: %s", code)
	}
	h.ahead.Add(int64(provision))
}

// TestRotationTakenBack: our end rejects the change, so that AWS gets the key from before
// again; the next rotation draws another one.
func TestRotationTakenBack(t *testing.T) {
	t.Parallel()
	h := newHarness(t, setup{rotation: true})
	h.must(h.api.InjectFaults(emulator.Fault{Action: modify, Code: "VpnRouteEntry.Conflict"}))
	arn := h.ec2.secrets[0]
	before, version := h.versionWith(arn, "AWSCURRENT"), h.rotateSecret(arn)
	err := h.rotate(arn, version)
	if err == nil || !strings.Contains(err.Error(), "setSecret: ") || !strings.Contains(err.Error(), "taken-back") || !strings.Contains(err.Error(), "VpnRouteEntry.Conflict") {
		t.Errorf("got %v", err)
	}
	h.ahead.Add(int64(provision))
	if key := h.checkEnds(1); key != h.ec2.keys[0] || h.versionWith(arn, "AWSCURRENT") != before {
		t.Error("the key is not the one from before")
	}
	if results := h.results(); len(results) != 1 || results[0].Get("status").Str != "taken-back" {
		t.Errorf("got results %s", results)
	}
	h.checkMetrics("rotate", "TakenBack", 1)
	h.checkMetrics("rotate", "KeysDiffer", 0)
	refused := h.take("DeadLetterQueue")
	if len(refused) != 1 {
		t.Errorf("got %d dead letters, want the change that was rejected", len(refused))
	}
	h.idle() // the time of a version has whole seconds in moto
	again := h.rotateSecret(arn)
	if err := h.rotate(arn, again); err != nil {
		t.Fatal(err)
	}
	if key := h.checkEnds(1); key == h.ec2.keys[0] || h.versionWith(arn, "AWSCURRENT") != again {
		t.Error("the key is not a new one")
	}
}

// TestRotationEdited changes AWS's end by hand in between: both ends get the key from
// before. As long as AWS refuses that, an alarm names tunnel and ends.
func TestRotationEdited(t *testing.T) {
	t.Parallel()
	for name, refused := range map[string]bool{"taken back": false, "keys that differ": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t, setup{rotation: true, testWithin: "3s"})
			arn := h.ec2.secrets[0]
			version := h.rotateSecret(arn)
			for _, step := range steps[:2] {
				if err := h.step(step, arn, version); err != nil {
					t.Fatal(err)
				}
			}
			h.ahead.Add(int64(provision))
			h.changeAWS(1, h.newSecret("key by hand", "anotherKeyByHand"))
			if refused {
				h.ec2.api.InjectFaults(sitevpntest.Fault{Action: "ModifyVpnTunnelOptions", Code: "UnauthorizedOperation", Calls: -1})
			}
			err := h.step("testSecret", arn, version)
			if err == nil || !strings.Contains(err.Error(), "tunnel 203.0.113.17 of "+vpn+" (AWS, ") || !strings.Contains(err.Error(), "tunnel 1 of "+dual+" (Alibaba Cloud, ") {
				t.Errorf("got %v", err)
			}
			if refused {
				if !strings.Contains(err.Error(), "keys-differ") || !strings.Contains(err.Error(), "Allow the role of the function ec2:") || h.metric("rotate", "KeysDiffer") == 0 {
					t.Errorf("got %v", err)
				}
				if !slices.ContainsFunc(h.lines("rotate"), func(line string) bool {
					return gjson.Get(line, "alarm").Bool() && gjson.Get(line, "ends.#").Int() == 2 && gjson.Get(line, "remedy").Str != ""
				}) {
					t.Error("no line of the log is the alarm")
				}
				if results := h.results(); len(results) == 0 || results[len(results)-1].Get("status").Str != "keys-differ" {
					t.Errorf("got results %s", results)
				}
				h.ec2.api.ClearFaults()
				if err := h.step("watch", "", ""); err == nil || !strings.Contains(err.Error(), "taken-back") {
					t.Errorf("watch: got %v", err)
				}
			}
			h.ahead.Add(int64(provision))
			if key := h.checkEnds(1); key != h.ec2.keys[0] {
				t.Error("the key is not the one from before")
			}
			if results := h.results(); len(results) != 1 || results[0].Get("status").Str != "taken-back" {
				t.Errorf("got results %s", results)
			}
		})
	}
}

// TestFollow: the rotation of another peer has written the secret, and our end follows.
func TestFollow(t *testing.T) {
	t.Parallel()
	h := newHarness(t, setup{rotation: true})
	secret := map[string]any{"psk": h.ec2.keys[0], "RegionId": "cn-hangzhou", "VpnConnectionId": dual, "TunnelIndex": 1}
	arn := h.createSecret(h, "FollowedSecretArns", "followed/tunnel-1", encode(secret))
	key := h.newSecret("key of the peer's rotation", "K9keyOfThePeersRotation")
	secret["psk"] = key
	h.changeAWS(1, key)
	version := h.putSecret(h, arn, encode(secret))
	if err := h.step("follow", arn, version); err != nil {
		t.Fatal(err)
	}
	if h.ourTunnel(1).Get("TunnelIkeConfig.Psk").Str != key || !h.isUp(1) || !h.isUp(2) {
		t.Error("our end has not followed")
	}
	if results := h.results(); len(results) != 1 || results[0].Get("status").Str != "followed" {
		t.Errorf("got results %s", results)
	}
	if len(h.modified()) != 1 {
		t.Errorf("got %d changes of our end", len(h.modified()))
	}
	h.checkMetrics("rotate", "Followed", 1)
	if err := h.step("watch", "", ""); err != nil {
		t.Errorf("watch: %v", err)
	}
}
