package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"unicode"

	"github.com/rs/zerolog"

	"vpnattach/functions/local/server"
	"vpnattach/shared/outcome"
	"vpnattach/shared/settings"
)

// controls are what no output may have raw: C0, C1, DEL, bidirectional controls.
const controls = "\x1b[31m\u009b1m\x07\x7f\u202e\u2066\u200f"

// TestNothingRawIsPrinted: whatever an event holds, and whatever prints it.
func TestNothingRawIsPrinted(t *testing.T) {
	t.Parallel()
	const escaped = `\u001b[31m\u009b1m\u0007\u007f\u202e\u2066\u200f`
	event := `{"specversion":"1.0","id":"i` + escaped + `","source":"s` + escaped + `","type":"t","data":{"RegionId":"r` + escaped + `","VpnConnectionId":"v` + escaped +
		`","Name":"n` + escaped + `","x` + escaped + `":1,"IkeConfig":{"y` + escaped + `":1,"IkePfs":"group` + escaped + `"},"TunnelOptionsSpecification":[{"z` + escaped + `":1}]}}`
	rules := `{"rules":[{"name":"a","match":{"source":[{"exists":true}]},"from":{"RegionId":"data.RegionId","VpnConnectionId":"data.VpnConnectionId","Name":"data.Name"}},
		{"name":"b","match":{"source":["x` + escaped + `"]},"with":{"RegionId":"r","VpnConnectionId":"v"}}]}`
	broken := `{"rules":[{"name":"n` + escaped + `","k` + escaped + `":1,"match":{"m` + escaped + `":"x"},"with":{"w` + escaped + `":1,"IkeConfig":{"i` + escaped + `":1}}}]}`
	dir := t.TempDir()
	rulesFile, brokenFile := dir+"/rules.json", dir+"/broken.json"
	for name, text := range map[string]string{rulesFile: rules, brokenFile: broken} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{
		{"validate", "-"}, {"validate", "-", "--json"}, {"validate", "-", "--rules", rulesFile}, {"validate", "-", "--rules", brokenFile},
		{"explain", "-", "--rules", rulesFile}, {"explain", "-", "--rules", rulesFile, "--json"}, {"explain", "-", "--rules", rulesFile, "--via", "v" + controls},
		{"build", "-", "--format", "curl"}, {"explain", "no" + controls}, {"validate", dir + "/none" + controls}, {"no" + controls},
	} {
		_, out, errOut := execute(map[string]string{"ALIBABA_CLOUD_ACCESS_KEY_ID": "a", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "b"}, event, args...)
		expectVisible(t, strings.Join(args, " "), out+errOut)
	}
	var printed bytes.Buffer
	printer := outcomePrinter{text{w: &printed}}
	o := server.Outcome{
		EventID: controls, VpnConnectionID: controls, RequestID: controls, Status: outcome.Status(controls),
		Parameters: []byte(`{"` + escaped + `":"` + escaped + `"}`), Differences: []byte(`[{"path":"` + escaped + `","from":"` + escaped + `","to":"` + escaped + `"}]`),
		Findings: []byte(`[{"rule":"` + escaped + `","path":"` + escaped + `","message":"` + escaped + `","hint":"` + escaped + `","apiCode":"` + escaped + `"}]`),
		Error:    &outcome.Reason{Code: controls, Message: controls, Remedy: controls},
	}
	printer.outcome(&o)
	printer.details(&o)
	o.Confirmed = &outcome.Outcome{State: controls, Status: outcome.Status(controls), Negotiation: controls, Reason: o.Error,
		Diagnoses: []outcome.Diagnosis{{Tunnel: 1, Code: controls, Cause: controls, Ours: controls, Theirs: controls, Remedy: controls}}}
	printer.outcome(&o)
	expectVisible(t, "an outcome", printed.String())

	printed.Reset()
	log := settings.New(func(string) string { return "" }).Log(&printed, zerolog.InfoLevel)
	log.Info().Str("eventId", controls).Msg(controls)
	expectVisible(t, "the log", printed.String())
}

func expectVisible(t *testing.T, what, text string) {
	t.Helper()
	if text == "" {
		t.Errorf("%s: nothing is printed", what)
	}
	for line := range strings.Lines(text) {
		if i := strings.IndexFunc(line, func(r rune) bool { return !unicode.IsPrint(r) && r != '\n' && r != '\t' }); i >= 0 {
			t.Errorf("%s: %q is printed raw", what, line)
		}
	}
}
