package bundle_test

import (
	"cmp"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"vpnattach/functions/bundle/lambdatest"
	"vpnattach/shared/aws/awstest"
	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/request"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/emulator"
	"vpnattach/shared/outcome"
	"vpnattach/shared/vpc"
)

// setup configures a harness.
type setup struct {
	rules         string                              // the rule file of ingest; empty: no rules
	mode          string                              // of apply
	confirmWithin string                              // of apply; default 10 minutes
	credentials   func(keys map[string]string) string // the text of the secret with the access keys; default: the right ones
	keyless       bool                                // a role in place of that secret
	rulesIn       string                              // RulesObject or RulesParameter; default: a file
	rotation      bool                                // AWS Site-to-Site VPN is the other end of the dual-tunnel attachment, and rotate is deployed
	testWithin    string                              // of rotate; default 2 minutes
}

// harness is the bundle and everything that it calls.
type harness struct {
	*testing.T
	account
	setup     setup
	functions map[string]*lambdatest.Function
	ruleFile  string // of ingest: its path, or its ARN
	logs      map[string]*os.File
	api       *emulator.Server
	sts       securityTokens
	ec2       otherEnd
	observer  *vpc.Client
	ahead     atomic.Int64 // how far the test has moved the emulator's clock, in nanoseconds

	secrets  []known             // all secrets
	keys     map[string]string   // the access keys' secrets, by profile
	webhooks []string            // the secrets of webhooks, the latest last
	told     []outcome.Outcome   // all outcome events so far
	held     map[string][]string // receipts of hidden messages, by queue

	mutex    sync.Mutex
	requests []*awsCall             // to AWS
	calls    []emulator.Call        // of the VPC API, but for the observer's
	refuse   func(*awsCall) string  // chooses the error code for a call to AWS; nil: no call is refused
	after    func(*awsCall)         // is called after each answer of AWS
	onCall   func(c *emulator.Call) // is called for each call of the VPC API, before it is answered
	shown    []text                 // public texts, except for logs
	bodies   []string               // of changes
}

const (
	updateTime = 2 * time.Second // the emulator's
	timeout    = 60 * time.Second
)

// newHarness starts a harness for one test.
func newHarness(t *testing.T, s setup) *harness {
	t.Helper()
	h := &harness{T: t, setup: s, functions: map[string]*lambdatest.Function{}, logs: map[string]*os.File{}, keys: map[string]string{}, held: map[string][]string{}}
	aws := awstest.Shared(t)
	program(t, "apply")
	names := functions
	if s.rotation {
		names = append(slices.Clone(functions), "rotate")
		h.startEC2()
	}
	h.startAPI()
	h.createSecrets()
	h.account = newAccount(h, aws)
	h.startSTS()
	dir := t.TempDir()
	h.ruleFile = cmp.Or(h.placeRules(h), filepath.Join(dir, "rules.json"))
	h.writeRules(cmp.Or(s.rules, `{"rules": []}`))
	endpoint := httptest.NewServer(h.api)
	t.Cleanup(endpoint.Close)
	for _, name := range names {
		log, err := os.Create(filepath.Join(dir, name+".log"))
		if err != nil {
			t.Fatal(err)
		}
		h.logs[name] = log
		f := lambdatest.New(lambdatest.Config{
			Name: name, Program: program(t, name), Timeout: timeout, Log: log,
			Env: append(h.environment(name, h.proxy(name).URL, endpoint.URL), h.credentialsEnv(name)...),
		})
		h.functions[name] = f
		t.Cleanup(func() {
			f.Close()
			log.Close()
		})
	}
	if s.rotation {
		h.createRotated()
	}
	t.Cleanup(h.search)
	return h
}

// writeRules gives ingest its rules, before its first invocation if they are in a file.
func (h *harness) writeRules(rules string) {
	h.Helper()
	if h.setup.rulesIn != "" {
		h.putRules(h, rules)
		return
	}
	h.must(os.WriteFile(h.ruleFile, []byte(rules), 0o600))
}

// startAPI starts the emulated VPC API, with an access key for each profile and one for
// the test.
func (h *harness) startAPI() {
	begun := time.Now()
	config := emulator.Config{
		UpdateTime: updateTime,
		Now:        func() time.Time { return begun.Add(time.Duration(h.ahead.Load())) },
		Observe: func(c emulator.Call) {
			if c.AccessKeyID == "observer" {
				return
			}
			h.mutex.Lock()
			h.calls = append(h.calls, c)
			onCall := h.onCall
			h.mutex.Unlock()
			if onCall != nil {
				onCall(&c)
			}
		},
	}
	if h.ec2.api != nil {
		config.Peer = h.ec2.device
	}
	for _, profile := range []string{"default", "branch", "observer"} {
		h.keys[profile] = h.newSecret("access key of "+profile, rand.Text())
		config.Accounts = append(config.Accounts, emulator.Account{AccessKeyID: profile, Secret: secret.New(h.keys[profile])})
	}
	h.keys[temporary] = h.newSecret("temporary access key", rand.Text())
	h.sts.key = request.Credentials{
		AccessKeyID: temporary, AccessKeySecret: secret.New(h.keys[temporary]), SecurityToken: secret.New(h.newSecret("security token", rand.Text())),
	}
	config.Accounts = append(config.Accounts, emulator.Account{AccessKeyID: temporary, Secret: h.sts.key.AccessKeySecret, SecurityToken: h.sts.key.SecurityToken})
	var err error
	if h.api, err = emulator.New(config); err != nil {
		h.Fatal(err)
	}
	server := httptest.NewServer(h.api)
	h.Cleanup(server.Close)
	h.observer = mustClient(h, server.URL, "observer")
}

// createSecrets creates the secrets of webhooks: two, as while one replaces the other.
func (h *harness) createSecrets() {
	for _, name := range []string{"webhook secret from before", "webhook secret"} {
		random := make([]byte, 32)
		_, _ = rand.Read(random) // never fails
		h.webhooks = append(h.webhooks, "whsec_"+h.newSecret(name, base64.StdEncoding.EncodeToString(random)))
	}
}

// environment is what template.yaml gives a function, and the credentials that Lambda
// does.
func (h *harness) environment(function, aws, vpcAPI string) []string {
	level := "INFO"
	if function == "confirm" {
		level = "DEBUG" // so that debug lines are searched too
	}
	env := []string{
		"AWS_REGION=" + region, "AWS_DEFAULT_REGION=" + region, "AWS_ACCESS_KEY_ID=ASIAEXAMPLE",
		"AWS_SECRET_ACCESS_KEY=" + h.newSecret("secret access key of "+function, rand.Text()),
		"AWS_SESSION_TOKEN=" + h.newSecret("session token of "+function, rand.Text()),
		"AWS_ENDPOINT_URL=" + aws, "AWS_LAMBDA_LOG_LEVEL=" + level, "LEDGER_TABLE=" + h.table,
	}
	switch function {
	case "ingest":
		return append(env,
			"CHANGE_QUEUE_URL="+h.urls["ChangeQueue"], "FAILED_QUEUE_URL="+h.urls["FailedEventQueue"],
			"CHANGE_SOURCES="+strings.Join(changeSources(h), ","), "WEBHOOK_SECRET="+h.arns["WebhookSecretArn"],
			"MODE="+h.setup.mode, "PEER=", "RULES="+h.ruleFile, "MAX_BODY=262144", "REDRIVE_QUEUE="+h.arns["EventQueue"])
	case "apply":
		env = append(env,
			"CHANGE_QUEUE_URL="+h.urls["ChangeQueue"], "DEAD_LETTER_QUEUE_URL="+h.urls["DeadLetterQueue"],
			"SECRET_ARNS=arn:aws:secretsmanager:"+region+":"+accountID+":secret:"+h.prefix+"vpn/*,"+h.rotatedSecrets()+",arn:aws:ssm:"+region+":"+accountID+":parameter/"+h.prefix+"vpn/*",
			"MODE="+h.setup.mode, "MASKED_KEYS=", "PEER=", "CONFIRM_WITHIN="+cmp.Or(h.setup.confirmWithin, "10m"))
	case "rotate":
		env = append(env, "AWS_ENDPOINT_URL_EC2="+h.ec2.url, "CHANGE_QUEUE_URL="+h.urls["ChangeQueue"],
			"MODE="+h.setup.mode, "MASKED_KEYS=", "PEER=", "APPLY_WITHIN=1m", "TEST_WITHIN="+cmp.Or(h.setup.testWithin, "2m"), "PEER_LAG=1s")
	}
	return append(env, "CONFIRM_QUEUE_URL="+h.urls["ConfirmQueue"], "EVENT_BUS="+h.bus,
		"DIGEST_KEY_SECRET="+h.arns["DigestKey"], "VPC_ENDPOINT="+vpcAPI, "VPC_RATE=1000")
}

// credentialsText is what the secret with the access keys holds.
func (h *harness) credentialsText(keys map[string]string) string {
	profiles := map[string]map[string]string{}
	for _, name := range []string{"default", "branch"} {
		profiles[name] = map[string]string{"accessKeyId": name, "accessKeySecret": keys[name]}
	}
	return encode(profiles)
}

// describe returns a field of an attachment as it is now, under its name in the ledger.
func (h *harness) describe(vpnConnectionID, name string) string {
	h.Helper()
	current, err := h.observer.Describe(h.Context(), "cn-hangzhou", vpnConnectionID)
	field, known := attachment.FieldNamed(name)
	if err != nil || !known {
		h.Fatalf("describe %s %s: %v", vpnConnectionID, name, err)
	}
	return current.Value(field).Text()
}

// modified returns the calls of Modify that had an effect.
func (h *harness) modified() (calls []emulator.Call) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	for _, c := range h.calls {
		if c.Action == "ModifyVpnAttachmentAttribute" && c.Code == "" && !c.Replayed {
			calls = append(calls, c)
		}
	}
	return calls
}

// lines are the lines of a function's log.
func (h *harness) lines(function string) []string {
	h.Helper()
	data, err := os.ReadFile(h.logs[function].Name())
	if err != nil {
		h.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(data)), "\n")
}

// metric is the sum of a metric's values, in the embedded metric format.
func (h *harness) metric(function, name string) (sum float64) {
	h.Helper()
	for _, line := range h.lines(function) {
		document := gjson.Parse(line)
		if !document.Get(`_aws.CloudWatchMetrics.0.Metrics.#(Name="` + name + `")`).Exists() {
			continue
		}
		if got := document.Get("FunctionName").Str; got != function || document.Get("_aws.CloudWatchMetrics.0.Namespace").Str != "vpnattach" {
			h.Errorf("metrics of %s: %s", function, line)
		}
		for _, value := range document.Get(name).Array() {
			sum += value.Num
		}
	}
	return sum
}

// on sets one of the harness's hooks.
func on[F any](h *harness, hook *F, f F) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	*hook = f
}

// encode returns the JSON of a value of the test's own.
func encode(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

var harnesses atomic.Int64

func newPrefix() string { return fmt.Sprintf("w%s-", strconv.FormatInt(harnesses.Add(1), 10)) }
