package vpc_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/emulator"
	"vpnattach/shared/outcome"
	"vpnattach/shared/vpc"
)

func mustDescribe(tb testing.TB, client *vpc.Client, id string) *attachment.Current {
	tb.Helper()
	current, err := client.Describe(tb.Context(), "cn-hangzhou", id)
	if err != nil {
		tb.Fatal(err)
	}
	return current
}

// Both ends of a tunnel differ, and the diagnosis says in what. It knows each code of
// the emulator, and holds no key.
func TestDiagnose(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	for wants, want := range map[string]outcome.Diagnosis{
		"Psk=other-key":               {Code: "PskMismatch", Severity: "Critical"},
		"IkeAuthAlg=sha1":             {Code: "AuthenticationAlgorithmMismatch", Severity: "Critical", Ours: "sha256", Theirs: "sha1"},
		"RemoteSubnet=192.168.0.0/16": {Code: "TrafficSelectorMismatch", Severity: "Critical", Ours: "192.168.20.0/24", Theirs: "192.168.0.0/16"},
		"IpsecLifetime=28800":         {Code: "LifetimeMismatch", Severity: "Warn", Ours: "3600", Theirs: "28800"},
		"IkeVersion=ikev1":            {Code: "IkeVersionMismatch", Severity: "Critical", Ours: "ikev2", Theirs: "ikev1"},
		"RemoteId=vpn.example.com":    {Code: "PeerIdMismatch", Severity: "Critical", Ours: "198.51.100.2", Theirs: "vpn.example.com"},
		"IkePfs=group2":               {Code: "DhGroupMismatch", Severity: "Critical", Ours: "group14", Theirs: "group2"},
		"EnableNatTraversal=false":    {Code: "NatTMismatch", Severity: "Critical", Ours: "true", Theirs: "false"},
		"IpsecPfs=disabled":           {Code: "PfsMismatch", Severity: "Critical", Ours: "group14", Theirs: "disabled"},
		"IpsecEncAlg=aes":             {Code: "EncryptionAlgorithmMismatch", Severity: "Critical", Ours: "aes256", Theirs: "aes"},
		"IpsecAuthAlg=md5":            {Code: "AlgorithmMismatch", Severity: "Critical", Ours: "sha256", Theirs: "md5"},
		"":                            {Code: "Phase1NegotiationTimeout", Severity: "Warn"},
	} {
		t.Run(want.Code, func(t *testing.T) {
			t.Parallel()
			api := mustEmulate(t, emulator.Config{Now: func() time.Time { return now }})
			peer := emulator.Peer{Silent: true}
			if name, value, ok := strings.Cut(wants, "="); ok {
				peer = emulator.Peer{Wants: map[string]string{name: value}}
			}
			if err := api.SetPeer("tun-localdual2", peer); err != nil {
				t.Fatal(err)
			}
			client := mustNew(t, serve(t, api), func(c *vpc.Config) { c.Now = func() time.Time { return now } })
			got, err := client.Diagnose(t.Context(), "cn-hangzhou", mustDescribe(t, client, "vco-localdual"))
			if err != nil || len(got) != 1 {
				t.Fatalf("got %+v, %v", got, err)
			}
			if got[0].Cause == "" || got[0].Remedy == "" || got[0].Since.IsZero() {
				t.Errorf("got %+v", got[0])
			}
			text, err := json.Marshal(got)
			if err != nil || strings.Contains(string(text), "local-dual-key") || strings.Contains(string(text), "PROTO_ERR") {
				t.Errorf("got %s, %v", text, err)
			}
			want.Tunnel, want.Cause, want.Remedy, want.Since = 2, got[0].Cause, got[0].Remedy, got[0].Since
			if got[0] != want {
				t.Errorf("got  %+v\nwant %+v", got[0], want)
			}
			if i := indexOf(want.Code); i < 0 || vpc.Causes()[i].Meaning != got[0].Cause || vpc.Causes()[i].Remedy != got[0].Remedy {
				t.Errorf("%s does not have the words of the table", want.Code)
			}
		})
	}
}

func indexOf(code string) int {
	for i, row := range vpc.Causes() {
		if row.Code == code {
			return i
		}
	}
	return -1
}

// A tunnel without a fault has no diagnosis; a single one has no index.
func TestDiagnoseSingle(t *testing.T) {
	t.Parallel()
	api := mustEmulate(t, emulator.Config{})
	client := mustNew(t, serve(t, api))
	current := mustDescribe(t, client, "vco-localsingle")
	if got, err := client.Diagnose(t.Context(), "cn-hangzhou", current); err != nil || len(got) != 0 {
		t.Errorf("got %+v, %v", got, err)
	}
	if err := api.SetPeer("vco-localsingle", emulator.Peer{Wants: map[string]string{"IkeEncAlg": "3des"}}); err != nil {
		t.Fatal(err)
	}
	if got, err := client.Diagnose(t.Context(), "cn-hangzhou", current); err != nil || len(got) != 1 || got[0].Tunnel != 0 || got[0].Code != "AlgorithmMismatch" || got[0].Theirs != "3des" {
		t.Errorf("got %+v, %v", got, err)
	}
	if err := api.InjectFaults(emulator.Fault{Code: "Forbidden.RAM"}); err != nil {
		t.Fatal(err)
	}
	_, err := client.Diagnose(t.Context(), "cn-hangzhou", current)
	var known *vpc.Error
	if !errors.As(err, &known) || known.Class != outcome.ClassBlocked || !strings.Contains(known.Remedy, "vpc:DiagnoseVpnConnections") {
		t.Errorf("got %v", err)
	}
}

// What the service says beyond the documentation is passed on, but for what could be a
// key; an answer that is not about the attachment is none.
func TestDiagnoseAnswers(t *testing.T) {
	t.Parallel()
	const list = `{"RequestId":"R","VpnConnections":[`
	for _, tt := range []struct {
		name, answer string
		want         []outcome.Diagnosis // nil: an error
	}{
		{"a new code", list + `{"VpnConnectionId":"vco-localsingle","Severity":"Warn","FailedReasonCode":"NewMismatch","FailedReason":"The colour differs.","FailedTime":1795507200000,"MismatchLocalParam":"blue","MismatchRemoteParam":"red","SourceLog":"[PROTO_ERR] secret"}]}`,
			[]outcome.Diagnosis{{Code: "NewMismatch", Severity: "Warn", Cause: "The colour differs.", Since: time.UnixMilli(1795507200000).UTC()}}},
		{"a key", list + `{"Severity":"Critical","FailedReasonCode":"NewMismatch","FailedReason":"the key local-single-key differs","MismatchLocalParam":"local-single-key","MismatchRemoteParam":"x"}]}`,
			[]outcome.Diagnosis{{Code: "NewMismatch", Severity: "Critical", Cause: "The service gives a reason that can't be shown."}}},
		{"a key under another code", list + `{"Severity":"Critical","FailedReasonCode":"PeerIdMismatch","MismatchLocalParam":"local-single-key","MismatchRemoteParam":"x"}]}`,
			[]outcome.Diagnosis{{Code: "PeerIdMismatch", Severity: "Critical", Cause: vpc.Causes()[indexOf("PeerIdMismatch")].Meaning, Theirs: "x"}}},
		{"the keys of both under a new code", list + `{"Severity":"Critical","FailedReasonCode":"PSKMismatch","FailedReason":"The keys differ.","MismatchLocalParam":"their-key","MismatchRemoteParam":"their-key"}]}`,
			[]outcome.Diagnosis{{Code: "PSKMismatch", Severity: "Critical", Cause: "The keys differ."}}},
		{"the keys of both", list + `{"Severity":"Critical","FailedReasonCode":"PskMismatch","MismatchLocalParam":"their-key","MismatchRemoteParam":"their-key"}]}`,
			[]outcome.Diagnosis{{Code: "PskMismatch", Severity: "Critical", Cause: vpc.Causes()[indexOf("PskMismatch")].Meaning}}},
		{"no code", list + `{"Severity":"Critical"}]}`, []outcome.Diagnosis{{Code: "unknown", Severity: "Critical", Cause: "The service gives a reason that can't be shown."}}},
		{"many", list + strings.Repeat(`{"Severity":"Critical","FailedReasonCode":"NoResponse"},`, 5000) + `{"Severity":"Critical"}]}`,
			slices.Repeat([]outcome.Diagnosis{{Code: "NoResponse", Severity: "Critical", Cause: vpc.Causes()[indexOf("NoResponse")].Meaning}}, 10)},
		{"nothing", list + `]}`, []outcome.Diagnosis{}},
		{"another attachment", list + `{"VpnConnectionId":"vco-other","Severity":"Normal"}]}`, nil},
		{"no list", `{"RequestId":"R"}`, nil},
		{"not JSON", `VpnConnections`, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			current := mustDescribe(t, mustNew(t, serve(t, mustEmulate(t, emulator.Config{}))), "vco-localsingle")
			client := mustNew(t, serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if got := r.FormValue("VpnConnectionIds.1"); got != "vco-localsingle" || r.FormValue("RegionId") != "cn-hangzhou" {
					t.Errorf("asked for %q", got)
				}
				_, _ = io.WriteString(w, tt.answer)
			})))
			got, err := client.Diagnose(t.Context(), "cn-hangzhou", current)
			if tt.want == nil {
				if err == nil {
					t.Errorf("got %+v", got)
				}
				return
			}
			for i := range got {
				if got[i].Remedy == "" {
					t.Error("no remedy")
				}
				got[i].Remedy = ""
			}
			if err != nil || len(got) != len(tt.want) || len(got) > 0 && !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %+v, %v\nwant %+v", got, err, tt.want)
			}
		})
	}
}

// TestCauses: each row is whole, and its words are sentences.
func TestCauses(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, row := range vpc.Causes() {
		if !regexp.MustCompile(`^[A-Z][A-Za-z0-9]+$`).MatchString(row.Code) || seen[row.Code] {
			t.Errorf("%s: a bad or repeated code", row.Code)
		}
		seen[row.Code] = true
		for _, text := range []string{row.Meaning, row.Remedy} {
			if !regexp.MustCompile(`^[A-Z].*\.$`).MatchString(text) {
				t.Errorf("%s: %q is not a sentence", row.Code, text)
			}
		}
	}
}

// TestDiagnosisFails: a diagnosis that fails, or is throttled, delays no change.
func TestDiagnosisFails(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"ServiceUnavailable", "Throttling.User"} {
		api := mustEmulate(t, emulator.Config{})
		client := mustNew(t, serve(t, api))
		one, two := mustDescribe(t, client, "vco-localsingle"), mustDescribe(t, client, "vco-localdual")
		if err := api.InjectFaults(emulator.Fault{Action: "DiagnoseVpnConnections", Code: code, Calls: -1, RetryMillis: 60_000}); err != nil {
			t.Fatal(err)
		}
		for _, current := range []*attachment.Current{one, two, one, two} {
			if _, err := client.Diagnose(t.Context(), "cn-hangzhou", current); err == nil {
				t.Error("it does not fail")
			}
		}
		mustDescribe(t, client, "vco-localfree")
	}
}
