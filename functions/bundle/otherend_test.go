package bundle_test

import (
	"crypto/rand"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/tidwall/gjson"

	"vpnattach/shared/aws/sitevpn/sitevpntest"
	"vpnattach/shared/emulator"
)

const (
	vpn       = "vpn-0123456789abcdef0"
	provision = 3 * time.Second // how long AWS replaces an endpoint, by the emulator's clock
)

// outside are the addresses of AWS's end of the tunnels.
var outside = map[string]string{"tun-localdual1": "203.0.113.17", "tun-localdual2": "203.0.113.18"}

// otherEnd is AWS's end of the dual-tunnel attachment.
type otherEnd struct {
	api     *sitevpntest.Server
	url     string
	keys    [2]string // before anything was changed
	secrets [2]string // ARNs, one for each tunnel

	samples, down atomic.Int64 // of the tunnel that is rotated: how often it was looked at, and was down
}

// startEC2 starts it: both tunnels are up once our end has the keys.
func (h *harness) startEC2() {
	begun := time.Now()
	h.ec2.api = sitevpntest.New(sitevpntest.Config{
		Region: region, Provision: provision,
		Now:    func() time.Time { return begun.Add(time.Duration(h.ahead.Load())) },
		Device: h.ourEnd,
		Observe: func(c sitevpntest.Call) {
			called := &awsCall{function: "rotate", action: "ec2:" + c.Action, resource: "VpnConnectionArns", body: encode(c)}
			h.mutex.Lock()
			h.requests = append(h.requests, called)
			h.mutex.Unlock()
			actionsSeen.add(called.function, called.resource, called.action)
			h.notify(called)
		},
	})
	for i := range h.ec2.keys {
		h.ec2.keys[i] = h.newSecret(fmt.Sprint("key of tunnel ", i+1, " from before"), "K"+rand.Text())
	}
	h.ec2.api.Add(sitevpntest.Connection{ID: vpn, Tunnels: [2]sitevpntest.Tunnel{
		{OutsideIP: outside["tun-localdual1"], Key: h.ec2.keys[0]}, {OutsideIP: outside["tun-localdual2"], Key: h.ec2.keys[1]},
	}})
	server := httptest.NewServer(h.ec2.api)
	h.Cleanup(server.Close)
	h.ec2.url = server.URL
}

// device is AWS's end as the emulator of our end meets it.
func (e *otherEnd) device(tunnel string) (emulator.Peer, bool) {
	address, its := outside[tunnel]
	if !its {
		return emulator.Peer{}, false
	}
	key, answers := e.api.Endpoint(vpn, address)
	return emulator.Peer{Silent: !answers, Wants: map[string]string{"Psk": key}}, true
}

// ourTunnel is our end of a tunnel.
func (h *harness) ourTunnel(index int) gjson.Result {
	return gjson.GetBytes(h.api.Describe(dual), fmt.Sprintf("TunnelOptionsSpecification.TunnelOptions.%d", index-1))
}

// ourEnd is our end as AWS's meets it.
func (h *harness) ourEnd(_, outsideIP string) sitevpntest.Device {
	t := h.ourTunnel(indexOf(outsideIP))
	return sitevpntest.Device{Key: t.Get("TunnelIkeConfig.Psk").Str, Answers: t.Get("State").Str == "active"}
}

func indexOf(outsideIP string) int {
	if outsideIP == outside["tun-localdual1"] {
		return 1
	}
	return 2
}

func address(index int) string { return outside[fmt.Sprint("tun-localdual", index)] }

// isUp reports whether a tunnel is up at both ends.
func (h *harness) isUp(index int) bool {
	return h.ec2.api.Tunnel(vpn, address(index)).Up && h.ourTunnel(index).Get("Status").Str == "ipsec_sa_established"
}

// rotatedSecrets is what SECRET_ARNS has of them.
func (h *harness) rotatedSecrets() string {
	all := "arn:aws:secretsmanager:" + region + ":" + accountID + ":secret:" + h.prefix
	return all + "rotated/*," + all + "followed/*"
}

// createRotated gives our end the keys from before, and creates the secrets that have them.
func (h *harness) createRotated() {
	h.Helper()
	h.edit(dualKeys(h.ec2.keys[0], h.ec2.keys[1]))
	for i := range h.ec2.secrets {
		sample := strings.NewReplacer("ExamplePskTunnel1Nov2026NotASec", h.ec2.keys[i], "eu-central-1", "cn-hangzhou", "vco-p0w5112fgnl2ihlmf0000", dual,
			`"TunnelIndex": 1`, fmt.Sprintf(`"owner": "network", "TunnelIndex": %d`, i+1), "203.0.113.17", address(i+1)).Replace(h.sample("rotation/secret"))
		h.ec2.secrets[i] = h.createSecret(h, "RotatedSecretArns", fmt.Sprint("rotated/tunnel-", i+1), sample)
	}
	if !h.isUp(1) || !h.isUp(2) {
		h.Fatal("the tunnels are not up to begin with")
	}
}

// rotateSecret calls RotateSecret, which makes a version that is to be, and returns it.
// moto does not know the function, and makes the version current at once: the stages are
// put as Secrets Manager has them.
func (h *harness) rotateSecret(arn string) (version string) {
	h.Helper()
	current := h.versionWith(arn, "AWSCURRENT")
	out, err := h.vault.RotateSecret(h.Context(), &secretsmanager.RotateSecretInput{
		SecretId: &arn, RotationRules: &types.RotationRulesType{AutomaticallyAfterDays: aws.Int64(30)},
	})
	h.must(err)
	version = *out.VersionId
	to := current
	if slices.Contains(h.stages(arn)[current], "AWSCURRENT") {
		to = "" // moto would give it twice
	}
	h.moveStage(arn, "AWSCURRENT", version, to)
	h.moveStage(arn, "AWSPREVIOUS", version, "")
	h.moveStage(arn, "AWSPENDING", "", version)
	return version
}

func (h *harness) moveStage(arn, stage, from, to string) {
	h.Helper()
	in := &secretsmanager.UpdateSecretVersionStageInput{SecretId: &arn, VersionStage: &stage}
	if from != "" {
		in.RemoveFromVersionId = &from
	}
	if to != "" {
		in.MoveToVersionId = &to
	}
	_, err := h.vault.UpdateSecretVersionStage(h.Context(), in)
	h.must(err)
}

// steps are those that Secrets Manager takes after that.
var steps = []string{"createSecret", "setSecret", "testSecret", "finishSecret"}

// rotate takes all steps for a version, as Secrets Manager does, up to one that fails. One
// that comes too soon after another change is taken again.
func (h *harness) rotate(arn, version string) error {
	h.Helper()
	for _, step := range steps {
		err := h.step(step, arn, version)
		for deadline := time.Now().Add(time.Minute); err != nil && strings.Contains(err.Error(), "refused: change-sent") && time.Now().Before(deadline); {
			h.idle()
			err = h.step(step, arn, version)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", step, err)
		}
	}
	return nil
}

// step takes one step, while queues are delivered and time passes. The other tunnel has
// to be up all the while.
func (h *harness) step(step, arn, version string) error {
	h.Helper()
	payload := strings.NewReplacer("setSecret", step, "arn:aws:secretsmanager:eu-central-1:123456789012:secret:vpn/site-a/tunnel-1-9fK2aB", arn,
		"5a8f3f0e-9c1b-4d5c-8a57-2f6a1b7c9d30", version).Replace(h.sample("rotation/step"))
	done := make(chan error, 1)
	go func() {
		answer, err := h.functions["rotate"].Invoke(h.Context(), []byte(payload))
		h.show("answer of rotate", string(answer)+fmt.Sprint(err))
		done <- err
	}()
	index := 1 + slices.Index(h.ec2.secrets[:], arn)
	for {
		h.lookAt(index)
		select {
		case err := <-done:
			if arn != "" {
				h.noteKeys(arn)
			}
			h.lookAt(index)
			return err
		default:
		}
		h.deliver("ChangeQueue")
		h.later("ChangeQueue")
		h.deliver("ConfirmQueue")
		h.later("ConfirmQueue")
		h.ahead.Add(int64(100 * time.Millisecond))
	}
}

// lookAt looks at both tunnels at both ends, when one of them is rotated.
func (h *harness) lookAt(index int) {
	if index < 1 {
		return
	}
	h.ec2.samples.Add(1)
	if !h.isUp(index) {
		h.ec2.down.Add(1)
	}
	if other := 3 - index; !h.isUp(other) {
		h.Errorf("tunnel %d is down while the key of tunnel %d is rotated: %s, and at AWS up is %v", other, index,
			h.ourTunnel(other).Get("Status"), h.ec2.api.Tunnel(vpn, address(other)).Up)
	}
}

// noteKeys makes the keys of all versions of a secret known, since they must not show.
func (h *harness) noteKeys(arn string) {
	h.Helper()
	for version := range h.stages(arn) {
		key := h.keyOf(arn, version)
		if key != "" && !slices.ContainsFunc(h.secrets, func(k known) bool { return k.value == key }) {
			h.newSecret("key in the version "+version, key)
		}
	}
}

// stages are those of the versions of a secret.
func (h *harness) stages(arn string) map[string][]string {
	h.Helper()
	out, err := h.vault.DescribeSecret(h.Context(), &secretsmanager.DescribeSecretInput{SecretId: &arn})
	h.must(err)
	return out.VersionIdsToStages
}

// versionWith is the version that has a stage, empty for none.
func (h *harness) versionWith(arn, stage string) string {
	h.Helper()
	for version, stages := range h.stages(arn) {
		if slices.Contains(stages, stage) {
			return version
		}
	}
	return ""
}

// keyOf is the key in a version, empty for none.
func (h *harness) keyOf(arn, version string) string {
	h.Helper()
	out, err := h.vault.GetSecretValue(h.Context(), &secretsmanager.GetSecretValueInput{SecretId: &arn, VersionId: &version})
	if err != nil || out.SecretString == nil {
		return ""
	}
	return gjson.Get(*out.SecretString, "psk").Str
}

// checkEnds compares the key of both ends of a tunnel with AWSCURRENT, without showing
// any, and returns it.
func (h *harness) checkEnds(index int) string {
	h.Helper()
	arn := h.ec2.secrets[index-1]
	key := h.keyOf(arn, h.versionWith(arn, "AWSCURRENT"))
	if h.ourTunnel(index).Get("TunnelIkeConfig.Psk").Str != key {
		h.Errorf("our end of tunnel %d does not have AWSCURRENT", index)
	}
	if h.ec2.api.Tunnel(vpn, address(index)).Key != key {
		h.Errorf("AWS's end of tunnel %d does not have AWSCURRENT", index)
	}
	if !h.isUp(index) {
		h.Errorf("tunnel %d is down", index)
	}
	return key
}

// changedAWS counts the calls that have changed AWS's end.
func (h *harness) changedAWS() (n int) {
	for _, call := range h.requestsOf("rotate", "ec2:ModifyVpnTunnelOptions", "VpnConnectionArns") {
		if !call.Get("DryRun").Bool() && call.Get("Code").Str == "" {
			n++
		}
	}
	return n
}

// results takes the results of rotations that were published since the last call.
func (h *harness) results() (all []gjson.Result) {
	h.Helper()
	for _, m := range h.take("Results") {
		all = append(all, gjson.Get(*m.Body, "detail"))
	}
	return all
}
