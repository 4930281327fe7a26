package rules_test

import (
	"slices"
	"strings"
	"testing"

	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/rules"
)

// file makes a rule file of one rule out of the parts that differ from a good one.
func file(parts ...string) string {
	good := map[string]string{
		"name": `"r"`, "via": `["*"]`, "match": `{"source": ["x"]}`,
		"with": `{"RegionId": "cn-hangzhou", "VpnConnectionId": "vco-1"}`,
	}
	order := []string{"name", "via", "match", "with"}
	for i := 0; i < len(parts); i += 2 {
		if _, ok := good[parts[i]]; !ok {
			order = append(order, parts[i])
		}
		good[parts[i]] = parts[i+1]
	}
	var b strings.Builder
	for _, key := range order {
		if good[key] != "" {
			b.WriteString(`, "` + key + `": ` + good[key])
		}
	}
	return `{"rules": [{` + strings.TrimPrefix(b.String(), ", ") + `}]}`
}

func with(more string) string {
	return `{"RegionId": "cn-hangzhou", "VpnConnectionId": "vco-1", ` + more + `}`
}

func mustLoad(tb testing.TB, text string) *rules.Set {
	tb.Helper()
	set, findings := rules.Load([]byte(text))
	if set == nil || findings.HasError() {
		tb.Fatalf("Load: %s", findings.AppendJSON(nil))
	}
	return set
}

func TestLoadFindings(t *testing.T) {
	t.Parallel()
	const sampleSecret = "plain-text-key"
	tests := []struct {
		name, file string
		want       []string // "rule path", a hint's part after " -> "
	}{
		{"good", file(), nil},
		{"schema key", `{"$schema": "x", "rules": []}`, []string{"rule-file-empty rules"}},
		{"no JSON", `{"rules": [}`, []string{"rule-file-invalid "}},
		{"no object", `[]`, []string{"rule-file-invalid "}},
		{"no rules", `{}`, []string{"rule-file-invalid "}},
		{"rules no array", `{"rules": {}}`, []string{"rule-wrong-type rules"}},
		{"rule not an object", `{"rules": [5]}`, []string{"rule-wrong-type rules[0]"}},
		{"unknown key of a test", `{"rules": [], "tests": [{"name": "t", "event": {}, "want": [], "changes": []}]}`, []string{"rule-key-unknown tests[0].changes -> known here are name, event, set, via, want, refused"}},
		{"unknown key of the file", `{"rules": [], "rule": 1}`, []string{"rule-key-unknown rule -> did you mean rules?"}},
		{"unknown key", file("fom", `{}`), []string{"rule-key-unknown rules[0].fom -> did you mean from?"}},
		{"maps", file("map", `"common"`, "from", `{"EnableDpd": "a"}`), nil},
		{"a map of nothing", file("map", `"common"`, "from", `{"Name": "a"}`), []string{"rule-map rules[0].map -> name parameters of from"}},
		{"maps that are none", file("map", `["common"]`, "from", `{"Name": "a"}`), []string{"rule-wrong-type rules[0].map"}},
		{"maps of what can't be mapped", file("map", `{"nmae": {"a": "b"}, "RegionId": "common", "Name": "common", "IkeConfig.Psk": {"a": "b"}, "IpsecConfig": {"a": "b"}, "LocalSubnet": [], "RemoteSubnet": {}, "Tunnel.1.TunnelIkeConfig.IkePfs": {"x": "group15", "y": null, "z": "group14", "z": "group14"}, "NetworkType": {"a": "{{resolve:ssm:a}}"}}`,
			"from", `{"Name": "a", "IkeConfig.Psk": "b", "IpsecConfig": "c", "LocalSubnet": "d", "RemoteSubnet": "e", "Tunnel.1.TunnelIkeConfig.IkePfs": "f", "NetworkType": "g"}`),
			[]string{"rule-map rules[0].map.nmae -> did you mean Name?", "rule-map rules[0].map.RegionId", "rule-map rules[0].map.Name", `rule-map rules[0].map["IkeConfig.Psk"]`, "rule-map rules[0].map.IpsecConfig", "rule-wrong-type rules[0].map.LocalSubnet",
				"rule-map rules[0].map.RemoteSubnet", `rule-map rules[0].map["Tunnel.1.TunnelIkeConfig.IkePfs"].x -> one of group1`, `rule-wrong-type rules[0].map["Tunnel.1.TunnelIkeConfig.IkePfs"].y`, `rule-key-repeated rules[0].map["Tunnel.1.TunnelIkeConfig.IkePfs"].z`, "reference-misplaced rules[0].map.NetworkType.a"}},
		{"a changed that is none", file("changed", `["a", "b"]`), []string{"rule-wrong-type rules[0].changed"}},
		{"half a changed", file("changed", `{"befor": "a", "after": "b..", "fields": []}`),
			[]string{"rule-key-unknown rules[0].changed.befor -> did you mean before?", "path-invalid rules[0].changed.after", "rule-wrong-type rules[0].changed.fields", "rule-incomplete rules[0].changed"}},
		{"tests", `{"rules": [], "tests": [{"name": "a", "event": {}, "want": []}, {"name": "b", "event": "b.json", "set": {"a.0.b": 1}, "via": "bus", "refused": ["path-finds-nothing"], "want": [{"RegionId": "r", "IkeConfig": {"Psk": "***"}}]}]}`, []string{"rule-file-empty rules"}},
		{"tests that are none", `{"rules": [], "tests": {}}`, []string{"rule-wrong-type tests"}},
		{"tests that say nothing", `{"rules": [], "tests": [5, {}, {"name": "", "event": 5, "set": [], "want": {}, "refused": []}, {"nmae": "a", "event": {}, "set": {"a..b": 1, "a.99999": 1}, "want": [7, {"Nmae": 1, "IkeConfig": {"Psk": 7}}], "refused": [7]}]}`,
			[]string{"rule-wrong-type tests[0]", "rule-test tests[1]", "rule-test tests[1]", "rule-test tests[1]", "rule-wrong-type tests[2].name", "rule-wrong-type tests[2].event", "rule-wrong-type tests[2].set", "rule-wrong-type tests[2].want", "rule-wrong-type tests[2].refused",
				"rule-key-unknown tests[3].nmae -> did you mean name?", `rule-test tests[3].set["a..b"] -> write names`, `rule-test tests[3].set["a.99999"]`, "rule-test tests[3].want[0]", "rule-test tests[3].want[1].Nmae -> did you mean Name?", "rule-test tests[3].want[1].IkeConfig.Psk", "rule-wrong-type tests[3].refused", "rule-test tests[3]"}},
		{"unknown key far from all", file("description", `"x"`), []string{"rule-key-unknown rules[0].description -> known here are name, match"}},
		{"repeated key", `{"rules": [], "rules": []}`, []string{"rule-key-repeated rules"}},
		{"no name", file("name", ""), []string{"rule-name rules[0]"}},
		{"empty name", file("name", `""`), []string{"rule-wrong-type rules[0].name"}},
		{"bad name", file("name", `"a b"`), []string{"rule-name rules[0].name"}},
		{"long name", file("name", `"`+strings.Repeat("a", 65)+`"`), []string{"rule-name rules[0].name"}},
		{"name no string", file("name", `7`), []string{"rule-wrong-type rules[0].name"}},
		{"same names", strings.Replace(file(), `[{`, `[{"name": "r", "via": ["*"], "match": {"source": ["x"]}, "with": `+with(`"Name": "n"`)+`}, {`, 1),
			[]string{"rule-name rules[1].name"}},
		{"no match", file("match", ""), []string{"rule-incomplete rules[0]"}},
		{"bad pattern", file("match", `{"a": "x", "b": [{"prefx": 1}]}`),
			[]string{"pattern-invalid rules[0].match.a", "pattern-invalid rules[0].match.b[0].prefx"}},
		{"bad pattern, odd key", file("match", `{"a b": "x"}`), []string{`pattern-invalid rules[0].match[(3 characters)]`}},
		{"ways", file("via", `["bus", "webhook", "webhook:partner-1", "webhook:p*", "invoke", "local", "*", "arn:*", "arn:aws:sqs:*", "arn:aws:sns:r:1:t", "arn:aws:dynamodb:r:1:table/t/stream/*", "arn:aws-cn:kinesis:r:1:stream/s", "arn:aws:mq:r:1:broker:b"]`), nil},
		{"no ways", file("via", `[]`), []string{"rule-wrong-type rules[0].via"}},
		{"a way as text", file("via", `"bus"`), []string{"rule-wrong-type rules[0].via"}},
		{"ways that are none", file("via", `["eventbridge", "web*", "bus*", "webhook:", "webhook:a b", "a*b", "*arn", "arn", "arn:aws:sqs:*:1:q", "arn:aws:sqs", "arn:aws:events:r:1:event-bus/b", "", "arn:aws:amq:r:1:broker:b"]`),
			[]string{"rule-via rules[0].via[0]", "rule-via rules[0].via[1]", "rule-via rules[0].via[2]", "rule-via rules[0].via[3]", "rule-via rules[0].via[4]", "rule-via rules[0].via[5]",
				"rule-via rules[0].via[6]", "rule-via rules[0].via[7]", "rule-via rules[0].via[8]", "rule-via rules[0].via[9]", "rule-via rules[0].via[10]", "rule-wrong-type rules[0].via[11]", "rule-via rules[0].via[12]"}},
		{"one of two without a way", `{"rules": [{"name": "a", "via": ["bus"], "match": {"x": [1]}, "with": {"RegionId": "r", "VpnConnectionId": "v"}}, {"name": "b", "match": {"x": [2]}, "with": {"RegionId": "r", "VpnConnectionId": "v"}}]}`,
			[]string{"rule-via-missing rules[1]"}},
		{"no way at all", file("via", ""), []string{"rule-via-missing rules[0]"}},
		{"a key as a name", file("Z9K9K9", `1`, "with", with(`"Q3fK2aBq7W": 1, "IkeConfig": {"Tr0ub4dorKeyAbcd1234": 1}`)),
			[]string{"rule-parameter-unknown rules[0].with[(10 characters)]", "rule-parameter-unknown rules[0].with.IkeConfig[(20 characters)]", "rule-key-unknown rules[0][(6 characters)]"}},
		{"pattern not an object", file("match", `[]`), []string{"pattern-invalid rules[0].match"}},
		{"pattern that never matches", file("match", `{"detail": {"x": [{"numeric": [">", 5, "<", 3]}]}}`),
			[]string{"pattern-never-matches rules[0].match.detail.x[0].numeric"}},
		{"no address", file("with", `{"Name": "x"}`), []string{"rule-incomplete rules[0]", "rule-incomplete rules[0]"}},
		{"nothing given", file("with", ""), []string{"rule-incomplete rules[0]", "rule-incomplete rules[0]"}},
		{"with not an object", file("with", `[]`), []string{"rule-wrong-type rules[0].with", "rule-incomplete rules[0]", "rule-incomplete rules[0]"}},
		{"unknown parameter", file("from", `{"RemoteSubnets": "x"}`), []string{"rule-parameter-unknown rules[0].from.RemoteSubnets -> did you mean RemoteSubnet?"}},
		{"unknown field", file("from", `{"IkeConfig.Pks": "x"}`), []string{`rule-parameter-unknown rules[0].from["IkeConfig.Pks"] -> did you mean IkeConfig.Psk?`}},
		{"unknown tunnel field", file("with", with(`"Tunnel.1.EnableDpt": true`)), []string{`rule-parameter-unknown rules[0].with["Tunnel.1.EnableDpt"] -> did you mean Tunnel.1.EnableDpd?`}},
		{"third tunnel", file("with", with(`"Tunnel.3.EnableDpd": true`)), []string{`rule-parameter-unknown rules[0].with["Tunnel.3.EnableDpd"]`}},
		{"index of a tunnel", file("with", with(`"Tunnel.1.TunnelIndex": 1`)), []string{`rule-parameter-unknown rules[0].with["Tunnel.1.TunnelIndex"]`}},
		{"unknown field in an object", file("with", with(`"IkeConfig": {"IkeVersoin": "ikev2"}`)),
			[]string{"rule-parameter-unknown rules[0].with.IkeConfig.IkeVersoin -> did you mean IkeVersion?"}},
		{"unknown field far from all", file("with", with(`"IpsecConfig": {"x": 1}`)),
			[]string{"rule-parameter-unknown rules[0].with.IpsecConfig.x -> it has IpsecEncAlg"}},
		{"alias in an object", file("with", with(`"IkeConfig": {"LocalIdIPsec": "1.2.3.4"}`)), nil},
		{"repeated field in an object", file("with", with(`"IkeConfig": {"IkeMode": "main", "IkeMode": "main"}`)), []string{"rule-key-repeated rules[0].with.IkeConfig.IkeMode"}},
		{"repeated parameter", file("with", with(`"Name": "a", "Name": "b"`)), []string{"rule-key-repeated rules[0].with.Name"}},
		{"null", file("with", with(`"Name": null`)), []string{"rule-wrong-type rules[0].with.Name"}},
		{"in with and from", file("from", `{"RegionId": "x"}`), []string{"rule-parameter-conflict rules[0].from.RegionId"}},
		{"object and field", file("with", with(`"IkeConfig": {"IkeMode": "main"}`), "from", `{"IkeConfig.IkeMode": "x"}`),
			[]string{`rule-parameter-conflict rules[0].from["IkeConfig.IkeMode"]`}},
		{"field and object of a tunnel", file("with", with(`"Tunnel.1.TunnelBgpConfig.LocalAsn": 1, "Tunnel.1.TunnelBgpConfig": {}`)),
			[]string{`rule-parameter-conflict rules[0].with["Tunnel.1.TunnelBgpConfig"]`}},
		{"tunnels and a tunnel", file("with", with(`"TunnelOptionsSpecification": []`), "from", `{"Tunnel.2.EnableDpd": "x"}`),
			[]string{`rule-parameter-conflict rules[0].from["Tunnel.2.EnableDpd"]`}},
		{"path no string", file("from", `{"Name": 5}`), []string{"rule-wrong-type rules[0].from.Name"}},
		{"bad paths", file("from", `{"Name": "a..b", "LocalSubnet": "a.#(b==\"c\""}`, "each", `""`, "time", `"@nothing"`),
			[]string{"path-invalid rules[0].from.Name", "path-invalid rules[0].from.LocalSubnet", "path-invalid rules[0].each", "path-invalid rules[0].time"}},
		{"version", file("version", `"v"`, "with", with(`"IkeConfig.Psk": "{{resolve:secretsmanager:a}}"`)), nil},
		{"version of one secret twice", file("version", `"v"`, "with", with(`"Tunnel.1.TunnelIkeConfig.Psk": "{{resolve:secretsmanager:a:SecretString:k1}}", "Tunnel.2.TunnelIkeConfig.Psk": "{{resolve:secretsmanager:a:SecretString:k2}}"`)), nil},
		{"version of two secrets", file("version", `"v"`, "with", with(`"Tunnel.1.TunnelIkeConfig.Psk": "{{resolve:secretsmanager:a}}", "Tunnel.2.TunnelIkeConfig.Psk": "{{resolve:ssm-secure:b}}"`)), []string{"rule-version-unused rules[0].version"}},
		{"version of one of two secrets", file("version", `"v"`, "with", with(`"Tunnel.1.TunnelIkeConfig.Psk": "{{resolve:secretsmanager:a}}", "Tunnel.2.TunnelIkeConfig.Psk": "{{resolve:ssm-secure:b:3}}"`)), nil},
		{"version of what has one", file("version", `"v"`, "with", with(`"IkeConfig.Psk": "{{resolve:ssm-secure:b:3}}"`)), []string{"rule-version-unused rules[0].version"}},
		{"version of nothing", file("version", `"v"`), []string{"rule-version-unused rules[0].version"}},
		{"bad version", file("version", `"a..b"`, "with", with(`"IkeConfig.Psk": "{{resolve:secretsmanager:a}}"`)), []string{"path-invalid rules[0].version"}},
		{"bad name of credentials", file("credentials", `"two words"`), []string{"rule-name rules[0].credentials"}},
		{"credentials themselves", file("credentials", `{"accessKeyId": "a"}`), []string{"rule-wrong-type rules[0].credentials"}},
		{"only", file("only", `["vco-1"]`), nil},
		{"only others", file("only", `["vco-2"]`), []string{"attachment-not-allowed rules[0].with.VpnConnectionId"}},
		{"only empty", file("only", `[]`), []string{"rule-wrong-type rules[0].only", "attachment-not-allowed rules[0].with.VpnConnectionId"}},
		{"only no array", file("only", `"vco-1"`), []string{"rule-wrong-type rules[0].only"}},
		{"only of numbers", file("only", `["vco-1", 1]`), []string{"rule-wrong-type rules[0].only[1]"}},
		{"reference", file("with", with(`"IkeConfig.Psk": "{{resolve:secretsmanager:a}}"`)), nil},
		{"reference in an object", file("with", with(`"IkeConfig": {"Psk": "{{resolve:secretsmanager:a}}"}`)), nil},
		{"reference in a tunnel", file("with", with(`"TunnelOptionsSpecification": [{"TunnelIndex": 1, "TunnelIkeConfig": {"Psk": "{{resolve:ssm-secure:a:1}}"}}]`)), nil},
		{"malformed reference", file("with", with(`"IkeConfig.Psk": "{{resolve:secretsmanager:}}"`)), []string{`reference-invalid rules[0].with["IkeConfig.Psk"]`}},
		{"reference in part", file("with", with(`"IkeConfig.Psk": "x{{resolve:secretsmanager:a}}"`)), []string{`reference-invalid rules[0].with["IkeConfig.Psk"]`}},
		{"reference for no secret", file("with", with(`"Name": "{{resolve:secretsmanager:a}}"`)), []string{`reference-misplaced rules[0].with.Name`}},
		{"reference for no secret in an object", file("with", with(`"IkeConfig": {"LocalId": "{{resolve:secretsmanager:a}}"}`)), []string{`reference-misplaced rules[0].with.IkeConfig.LocalId`}},
		{"reference in JSON text", file("with", with(`"IkeConfig": "{\"Psk\": \"\\u007b{resolve:secretsmanager:a}}\"}"`)), []string{`reference-misplaced rules[0].with.IkeConfig -> write IkeConfig as JSON`}},
		{"reference in a list", file("with", with(`"RemoteSubnet": ["{{resolve:secretsmanager:a}}"]`)), []string{`reference-misplaced rules[0].with.RemoteSubnet`}},
		{"no rule", `{"rules":[]}`, []string{"rule-file-empty rules"}},
		{"constant client token", file("with", with(`"ClientToken": "abc"`)), []string{"client-token-fixed rules[0].with.ClientToken"}},
		{"plain secret", file("with", with(`"IkeConfig.Psk": "`+sampleSecret+`"`)), []string{`secret-in-rule-file rules[0].with["IkeConfig.Psk"]`}},
		{"plain secret in an object", file("with", with(`"IkeConfig": {"Psk": "`+sampleSecret+`"}`)), []string{`secret-in-rule-file rules[0].with.IkeConfig.Psk`}},
		{"plain secret in JSON text", file("with", with(`"IkeConfig": "{\"Psk\": \"`+sampleSecret+`\"}"`)), []string{`secret-in-rule-file rules[0].with.IkeConfig.Psk`}},
		{"plain secret in a tunnel", file("with", with(`"TunnelOptionsSpecification": [{"TunnelIkeConfig": {"Psk": "`+sampleSecret+`"}}]`)),
			[]string{`secret-in-rule-file rules[0].with.TunnelOptionsSpecification[0].TunnelIkeConfig.Psk`}},
	}
	var brought []string
	for _, tt := range tests {
		brought = append(brought, tt.want...)
	}
	everyCheckIn(t, finding.RuleFile, brought)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			set, findings := rules.Load([]byte(tt.file))
			if (set == nil) != findings.HasError() {
				t.Errorf("Set is nil: %v, an error is found: %v", set == nil, findings.HasError())
			}
			if strings.Contains(string(findings.AppendJSON(nil)), sampleSecret) {
				t.Error("a finding shows the secret")
			}
			if len(findings) != len(tt.want) {
				t.Fatalf("got %s\nwant %q", findings.AppendJSON(nil), tt.want)
			}
			for i, f := range findings {
				want, hint, _ := strings.Cut(tt.want[i], " -> ")
				if near, found := strings.CutPrefix(hint, "did you mean "); found && f.Check != "rule-test" && f.Fix.Name != strings.TrimSuffix(near, "?") {
					t.Errorf("%s: the name to write is %q", tt.want[i], f.Fix.Name)
				}
				if got := f.Check + " " + f.Path; got != want {
					t.Errorf("got %q, want %q (%s)", got, want, f.Message)
				}
				if !strings.Contains(f.Hint, hint) {
					t.Errorf("hint %q, want %q in it", f.Hint, hint)
				}
				if f.Message == "" || strings.HasSuffix(f.Message, ".") {
					t.Errorf("message %q", f.Message)
				}
			}
		})
	}
}

func TestPaths(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"a":                               "",
		"a.b.0":                           "",
		"a?":                              "",
		"$.a.b":                           "",
		"$.@this":                         "",
		"@this":                           "",
		`fav\.movie`:                      "",
		`a\?`:                             "",
		"sites.#.id":                      "",
		"sites.#":                         "",
		`sites.#(id=="x.y (z").name`:      "",
		`sites.#(age>45)#.last`:           "",
		`c.#(!%"*a*")`:                    "",
		`nets.#(a.#(=="fb"))#.first`:      "",
		"a|@reverse|0":                    "",
		"@flatten:{\"deep\":true}":        "",
		"[a.b,c]":                         "",
		`{"Psk":a.b,"IkeMode":c}`:         "",
		"mail@host":                       "",
		"a*.b":                            "",
		"":                                "the path is empty",
		"?":                               "the path is empty",
		"$":                               "is not a path",
		"$.":                              "the path is empty",
		".a":                              "part of the path is empty",
		"a.":                              "part of the path is empty",
		"a..b":                            "part of the path is empty",
		"a|":                              "part of the path is empty",
		"..0":                             "JSON lines",
		"a.#(b":                           "brackets",
		"a)":                              "brackets",
		"[a}":                             "brackets",
		`a\`:                              "backslash",
		`a."b`:                            "quotation mark",
		`a."b\"`:                          "quotation mark",
		"a.@dig:psk":                      "@dig",
		"@pretty":                         "@pretty",
		"[a,@unknown]":                    "@unknown",
		`!"x"`:                            "literal",
		`[a,!"{{resolve:ssm-secure:a}}"]`: "literal",
		`{"a":!"x"}`:                      "literal",
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			quoted := strings.ReplaceAll(strings.ReplaceAll(path, `\`, `\\`), `"`, `\"`)
			_, findings := rules.Load([]byte(file("from", `{"Name": "`+quoted+`"}`)))
			got := ""
			if len(findings) > 0 {
				got = findings[0].Message
			}
			if (got == "") != (want == "") || !strings.Contains(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// everyCheckIn fails for each check of the part whose id no case's finding begins with.
func everyCheckIn(t *testing.T, part finding.Part, brought []string) {
	t.Helper()
	n := 0
	for _, check := range finding.All() {
		if check.Part != part {
			continue
		}
		if n++; !slices.ContainsFunc(brought, func(s string) bool { return strings.HasPrefix(s, check.ID+" ") }) {
			t.Errorf("no case brings %s", check.ID)
		}
	}
	if n == 0 {
		t.Error("the part has no check")
	}
}
