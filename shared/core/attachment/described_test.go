package attachment_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vpnattach/shared/core/attachment"
)

// rename gives the members of all objects within a value other names.
func rename(value any, name func(string) string) any {
	switch value := value.(type) {
	case map[string]any:
		renamed := map[string]any{}
		for key, member := range value {
			renamed[name(key)] = rename(member, name)
		}
		return renamed
	case []any:
		renamed := make([]any, len(value))
		for i := range value {
			renamed[i] = rename(value[i], name)
		}
		return renamed
	}
	return value
}

func camel(name string) string { return strings.ToLower(name[:1]) + name[1:] }

func snake(name string) string {
	var b strings.Builder
	for i, r := range name {
		if 'A' <= r && r <= 'Z' && i > 0 {
			b.WriteByte('_')
		}
		b.WriteString(strings.ToLower(string(r)))
	}
	return b.String()
}

// texts writes the objects and arrays within an object as JSON text.
func texts(value any) any {
	object := map[string]any{}
	for key, member := range value.(map[string]any) {
		switch member.(type) {
		case map[string]any, []any:
			text, _ := json.Marshal(member)
			member = string(text)
		}
		object[key] = member
	}
	return object
}

// The forms in which clients show an answer are one configuration: nothing of it gets lost.
func TestParseDescribed(t *testing.T) {
	t.Parallel()
	type object = map[string]any
	wrapped := func(body any) any {
		return object{"headers": object{"x-acs-request-id": "R"}, "statusCode": 200, "body": body}
	}
	listed := func(all ...any) any {
		return object{"RequestId": "R", "TotalCount": len(all), "VpnConnections": object{"VpnConnection": all}}
	}
	asText := func(value any) any {
		text, _ := json.Marshal(value)
		return string(text)
	}
	for _, file := range []string{"single.json", "dual.json", "masked.json", "free.json", "dual-nobgp.json"} {
		data, err := os.ReadFile(filepath.Join("testdata", "current", file))
		if err != nil {
			t.Fatal(err)
		}
		var answer any
		if err := json.Unmarshal(data, &answer); err != nil {
			t.Fatal(err)
		}
		id := answer.(object)["VpnConnectionId"].(string)
		other := object{"VpnConnectionId": "vco-other", "State": "init", "Name": "other"}
		want := string(mustCurrent(t, file).Config().AppendJSON(nil, true))
		for name, form := range map[string]any{
			"as it is": answer, "wrapped": wrapped(answer), "wrapped text": wrapped(asText(answer)),
			"list": listed(other, answer), "list wrapped": wrapped(listed(answer, other)), "array": []any{other, answer},
			"list without VpnConnection": object{"VpnConnections": []any{answer}}, "array of texts": []any{asText(answer)},
			"camelCase": rename(answer, camel), "camelCase wrapped": wrapped(rename(listed(answer, other), camel)), "snake_case": rename(answer, snake),
			"objects as text": texts(answer), "list of objects as text": listed(other, texts(answer)), "camelCase as text": texts(rename(answer, camel)),
			"wrapper in capitals": object{"Headers": object{}, "StatusCode": 200, "Body": answer},
		} {
			text, err := json.Marshal(form)
			if err != nil {
				t.Fatal(err)
			}
			described, err := attachment.ParseDescribed(string(text))
			if err != nil {
				t.Errorf("%s, %s: %v", file, name, err)
				continue
			}
			current, err := described.Of(id)
			if err != nil {
				t.Errorf("%s, %s: %v", file, name, err)
			} else if got := string(current.Config().AppendJSON(nil, true)); got != want {
				t.Errorf("%s, %s:\n got %s\nwant %s", file, name, got, want)
			}
		}
	}
}

func TestParseDescribedErrors(t *testing.T) {
	t.Parallel()
	const one = `{"VpnConnectionId":"vco-1","State":"init"%s}`
	with := func(members string) string { return fmt.Sprintf(one, ","+members) }
	for _, tt := range []struct{ answer, want string }{
		{`{`, "is not JSON"},
		{`5`, "not an answer of DescribeVpnConnection"},
		{`{"VpnConnectionId":"vco-1","Name":"a"}`, "not an answer of DescribeVpnConnection"},
		{`{"body":{"VpnConnectionId":"vco-1"}}`, "not an answer of DescribeVpnConnection"},
		{`[` + fmt.Sprintf(one, "") + `,{"VpnConnectionId":"vco-2"}]`, "attachment 2 of the list is not an answer"},
		{with(`"IkeConfig":"{\"Psk\":"`), "IkeConfig is text that is not JSON"},
		{with(`"IkeConfig":"none"`), "IkeConfig is text that is not JSON"},
		{with(`"IkeConfig":5`), "IkeConfig is a number; it must be an object"},
		{with(`"IkeConfig":["Psk"]`), "IkeConfig is an array"},
		{with(`"IkeConfig":{"IkeLifetime":"long"}`), "IkeConfig.IkeLifetime is a string; it must be an integer"},
		{with(`"IkeConfig":{"Psk":"a","psk":"b"}`), "IkeConfig.Psk appears twice"},
		{with(`"EnableDpd":"perhaps"`), "EnableDpd is a string; it must be a boolean"},
		{with(`"TunnelOptionsSpecification":"none"`), "TunnelOptionsSpecification is not a list"},
		{with(`"TunnelOptionsSpecification":[1]`), "TunnelOptionsSpecification[0] is a number"},
		{with(`"TunnelOptionsSpecification":[{},{},{}]`), "more than two items"},
		{with(`"TunnelOptionsSpecification":[{"TunnelIndex":2},{"TunnelIndex":"2"}]`), "tunnel 2 twice"},
	} {
		if _, err := attachment.ParseDescribed(tt.answer); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %s", tt.answer, err, tt.want)
		}
	}
	// What is not set is not an error.
	current, err := attachment.ParseCurrent(with(`"IkeConfig":{"LocalId":null,"IkeLifetime":"","RemoteId":""},"IpsecConfig":null,"VpnBgpConfig":"","TunnelOptionsSpecification":{"TunnelOptions":[]}`))
	if err != nil || current.Dual {
		t.Errorf("got %v", err)
	}
	for _, tt := range []struct{ answer, id, want string }{
		{`[]`, "vco-1", "an empty list"},
		{`{"VpnConnections":{}}`, "vco-1", "an empty list"},
		{fmt.Sprintf(one, ""), "vco-2", `is that of "vco-1"`},
		{`[` + fmt.Sprintf(one, "") + `,` + fmt.Sprintf(one, "") + `]`, "vco-1", "has this attachment twice"},
		{`[` + fmt.Sprintf(one, "") + `,` + strings.Replace(fmt.Sprintf(one, ""), "vco-1", "vco-3", 1) + `]`, "vco-2", "a list of 2 attachments without this one"},
		{`[` + fmt.Sprintf(one, "") + `,` + strings.Replace(fmt.Sprintf(one, ""), "vco-1", "vco-3", 1) + `]`, "", "a list of 2 attachments; the change says"},
	} {
		described, err := attachment.ParseDescribed(tt.answer)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := described.Of(tt.id); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s of %s: got %v, want %s", tt.id, tt.answer, err, tt.want)
		}
	}
}

// A list lacks some of what an answer about one attachment has: an object that goes out
// without it is not sent in silence.
func TestUnshown(t *testing.T) {
	t.Parallel()
	const (
		single = `{"VpnConnectionId":"vco-localsingle","State":"attached","AttachType":"CEN",
			"VpnBgpConfig":{"LocalAsn":64512,"TunnelCidr":"169.254.10.0/30","LocalBgpIp":"169.254.10.1","PeerAsn":65001}}`
		dual = `{"VpnConnectionId":"vco-localsingle","State":"attached","AttachType":"CEN","TunnelOptionsSpecification":{"TunnelOptions":[
			{"TunnelIndex":1,"EnableDpd":"true","TunnelIkeConfig":{"Psk":"Vw5nQx8sZk3tHc7p"}},{"TunnelIndex":2,"EnableDpd":"true","EnableNatTraversal":"true"}]}}`
		whole = `"IpsecEncAlg":"aes256","IpsecAuthAlg":"sha256","IpsecPfs":"group14","IpsecLifetime":3600`
	)
	for _, tt := range []struct{ current, change, says string }{
		{single, change(`"BgpConfig":{"LocalAsn":64513}`), "EnableBgp to false"},
		{single, change(`"BgpConfig":{"LocalAsn":64513,"EnableBgp":true}`), ""},
		{single, change(`"IpsecConfig":{"IpsecLifetime":3600}`), "IpsecConfig goes out without what the current configuration does not show. The service may reset IpsecEncAlg to aes, IpsecAuthAlg to md5 and IpsecPfs to group2"},
		{single, change(`"IpsecConfig":{` + whole + `}`), ""},
		{single, change(`"HealthCheckConfig":{"retry":5}`), "enable to false"},
		{dual, tunnels(`{"TunnelIndex":1,"EnableDpd":false}`), "Tunnel 1 goes out without EnableNatTraversal, TunnelIpsecConfig and TunnelBgpConfig, which the current"},
		{dual, tunnels(`{"TunnelIndex":1,"EnableDpd":true}`), ""}, // does not go out
		{dual, tunnels(`{"TunnelIndex":1,"EnableDpd":false,"EnableNatTraversal":true,"TunnelIpsecConfig":{` + whole + `}}`), ""},
	} {
		described, err := attachment.ParseDescribed(`{"VpnConnections":{"VpnConnection":[` + tt.current + `]}}`)
		if err != nil {
			t.Fatal(err)
		}
		current, err := described.Of("vco-localsingle")
		if err != nil {
			t.Fatal(err)
		}
		found := attachment.Validate(attachment.Parse(tt.change, attachment.FromEvent), current, "")
		if tt.says == "" && len(found) != 0 || tt.says != "" && (len(found) != 1 || found[0].Check != "object-partial" || !strings.Contains(found[0].Message, tt.says)) {
			t.Errorf("%s: got %s, want %q", tt.change, found.AppendJSON(nil), tt.says)
		}
	}
}
