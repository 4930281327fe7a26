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
	"vpnattach/shared/core/secret"
	"vpnattach/shared/emulator"
	"vpnattach/shared/outcome"
	"vpnattach/shared/vpc"
)

// setup says how a world differs from others.
type setup struct {
	rules         string                              // the rule file of ingest; empty: there is none
	mode          string                              // of apply
	confirmWithin string                              // of apply; default 10 minutes
	credentials   func(keys map[string]string) string // the text of the secret with the access keys; default: the true ones
}

// world is the bundle with all that is around it.
type world struct {
	*testing.T
	account
	setup     setup
	functions map[string]*lambdatest.Function
	ruleFile  string // of ingest
	logs      map[string]*os.File
	api       *emulator.Server
	observer  *vpc.Client
	ahead     atomic.Int64 // how far the emulator's clock has gone, which stands still otherwise, in nanoseconds

	secrets  []known             // all that nobody may see
	keys     map[string]string   // the access keys' secrets, by profile
	webhooks []string            // the secrets of webhooks, the latest last
	told     []outcome.Outcome   // all outcome events so far
	held     map[string][]string // receipts of hidden messages, by queue

	mutex    sync.Mutex
	requests []*awsCall             // to AWS
	calls    []emulator.Call        // of the VPC API, but for the observer's
	refuse   func(*awsCall) string  // chooses the error code for a call to AWS; nil: none is refused
	after    func(*awsCall)         // is told of each answer of AWS
	onCall   func(c *emulator.Call) // is told of each call of the VPC API, before it is answered
	shown    []text                 // what anybody may see, but for logs
	bodies   []string               // of changes
}

const (
	updateTime = 2 * time.Second // the emulator's
	timeout    = 60 * time.Second
)

// newWorld starts a world, in which nothing has happened yet, for one test.
func newWorld(t *testing.T, s setup) *world {
	t.Helper()
	w := &world{T: t, setup: s, functions: map[string]*lambdatest.Function{}, logs: map[string]*os.File{}, keys: map[string]string{}, held: map[string][]string{}}
	aws := awstest.Shared(t)
	program(t, "apply")
	w.startAPI()
	w.makeSecrets()
	w.account = newAccount(w, aws)
	dir := t.TempDir()
	w.ruleFile = filepath.Join(dir, "rules.json")
	w.writeRules(cmp.Or(s.rules, `{"rules": []}`))
	endpoint := httptest.NewServer(w.api)
	t.Cleanup(endpoint.Close)
	for _, name := range functions {
		log, err := os.Create(filepath.Join(dir, name+".log"))
		if err != nil {
			t.Fatal(err)
		}
		w.logs[name] = log
		f := lambdatest.New(lambdatest.Config{
			Name: name, Program: program(t, name), Timeout: timeout, Log: log,
			Env: w.environment(name, w.front(name).URL, endpoint.URL),
		})
		w.functions[name] = f
		t.Cleanup(func() {
			f.Close()
			log.Close()
		})
	}
	t.Cleanup(w.search)
	return w
}

// writeRules gives ingest its rules, before its first invocation.
func (w *world) writeRules(rules string) {
	w.Helper()
	w.must(os.WriteFile(w.ruleFile, []byte(rules), 0o600))
}

// startAPI starts the emulated VPC API, with an access key for each profile and one for
// the test.
func (w *world) startAPI() {
	begun := time.Now()
	config := emulator.Config{
		UpdateTime: updateTime,
		Now:        func() time.Time { return begun.Add(time.Duration(w.ahead.Load())) },
		Observe: func(c emulator.Call) {
			if c.AccessKeyID == "observer" {
				return
			}
			w.mutex.Lock()
			w.calls = append(w.calls, c)
			onCall := w.onCall
			w.mutex.Unlock()
			if onCall != nil {
				onCall(&c)
			}
		},
	}
	for _, profile := range []string{"default", "branch", "observer"} {
		w.keys[profile] = w.newSecret("access key of "+profile, rand.Text())
		config.Accounts = append(config.Accounts, emulator.Account{AccessKeyID: profile, Secret: secret.New(w.keys[profile])})
	}
	var err error
	if w.api, err = emulator.New(config); err != nil {
		w.Fatal(err)
	}
	server := httptest.NewServer(w.api)
	w.Cleanup(server.Close)
	w.observer = mustClient(w, server.URL, "observer")
}

// makeSecrets makes the secrets of webhooks: two, as while one takes the place of the
// other.
func (w *world) makeSecrets() {
	for _, name := range []string{"webhook secret from before", "webhook secret"} {
		random := make([]byte, 32)
		_, _ = rand.Read(random) // never fails
		w.webhooks = append(w.webhooks, "whsec_"+w.newSecret(name, base64.StdEncoding.EncodeToString(random)))
	}
}

// environment is what template.yaml gives a function, and the credentials that Lambda
// does.
func (w *world) environment(function, aws, vpcAPI string) []string {
	level := "INFO"
	if function == "confirm" {
		level = "DEBUG" // so that what debugging says is searched too
	}
	env := []string{
		"AWS_REGION=" + region, "AWS_DEFAULT_REGION=" + region, "AWS_ACCESS_KEY_ID=ASIAEXAMPLE",
		"AWS_SECRET_ACCESS_KEY=" + w.newSecret("secret access key of "+function, rand.Text()),
		"AWS_SESSION_TOKEN=" + w.newSecret("session token of "+function, rand.Text()),
		"AWS_ENDPOINT_URL=" + aws, "AWS_LAMBDA_LOG_LEVEL=" + level, "LEDGER_TABLE=" + w.table,
	}
	switch function {
	case "ingest":
		return append(env,
			"CHANGE_QUEUE_URL="+w.urls["ChangeQueue"], "FAILED_QUEUE_URL="+w.urls["FailedEventQueue"],
			"CHANGE_SOURCES="+strings.Join(changeSources(w), ","), "WEBHOOK_SECRET="+w.arns["WebhookSecretArn"],
			"PEER=", "RULES="+w.ruleFile, "MAX_BODY=262144", "REDRIVE_QUEUE="+w.arns["EventQueue"])
	case "apply":
		env = append(env,
			"CHANGE_QUEUE_URL="+w.urls["ChangeQueue"], "DEAD_LETTER_QUEUE_URL="+w.urls["DeadLetterQueue"],
			"SECRET_ARNS=arn:aws:secretsmanager:"+region+":"+accountID+":secret:"+w.prefix+"vpn/*,arn:aws:ssm:"+region+":"+accountID+":parameter/"+w.prefix+"vpn/*",
			"MODE="+w.setup.mode, "PEER=", "CONFIRM_WITHIN="+cmp.Or(w.setup.confirmWithin, "10m"))
	}
	return append(env, "CONFIRM_QUEUE_URL="+w.urls["ConfirmQueue"], "EVENT_BUS="+w.bus,
		"DIGEST_KEY_SECRET="+w.arns["DigestKey"], "CREDENTIALS_SECRET="+w.arns["CredentialsSecretArn"],
		"VPC_ENDPOINT="+vpcAPI, "VPC_RATE=1000")
}

// credentialsText is what the secret with the access keys holds.
func (w *world) credentialsText(keys map[string]string) string {
	profiles := map[string]map[string]string{}
	for _, name := range []string{"default", "branch"} {
		profiles[name] = map[string]string{"accessKeyId": name, "accessKeySecret": keys[name]}
	}
	return encode(profiles)
}

// describe returns a field of an attachment as it is now, under its name in the ledger.
func (w *world) describe(vpnConnectionID, name string) string {
	w.Helper()
	current, err := w.observer.Describe(w.Context(), "cn-hangzhou", vpnConnectionID)
	field, known := attachment.FieldNamed(name)
	if err != nil || !known {
		w.Fatalf("describe %s %s: %v", vpnConnectionID, name, err)
	}
	return current.Value(field).Text()
}

// modified returns the calls of Modify that had an effect.
func (w *world) modified() (calls []emulator.Call) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	for _, c := range w.calls {
		if c.Action == "ModifyVpnAttachmentAttribute" && c.Code == "" && !c.Replayed {
			calls = append(calls, c)
		}
	}
	return calls
}

// lines are what a function has written to its log.
func (w *world) lines(function string) []string {
	w.Helper()
	data, err := os.ReadFile(w.logs[function].Name())
	if err != nil {
		w.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(data)), "\n")
}

// metric is the sum of a metric's values, in the embedded metric format.
func (w *world) metric(function, name string) (sum float64) {
	w.Helper()
	for _, line := range w.lines(function) {
		document := gjson.Parse(line)
		if !document.Get(`_aws.CloudWatchMetrics.0.Metrics.#(Name="` + name + `")`).Exists() {
			continue
		}
		if got := document.Get("FunctionName").Str; got != function || document.Get("_aws.CloudWatchMetrics.0.Namespace").Str != "vpnattach" {
			w.Errorf("metrics of %s: %s", function, line)
		}
		for _, value := range document.Get(name).Array() {
			sum += value.Num
		}
	}
	return sum
}

// on sets one of the world's hooks.
func on[F any](w *world, hook *F, f F) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
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

var worlds atomic.Int64

func newPrefix() string { return fmt.Sprintf("w%s-", strconv.FormatInt(worlds.Add(1), 10)) }
