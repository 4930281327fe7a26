package finding_test

import (
	"encoding/json"
	"strings"
	"testing"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/finding"
)

func TestSeverityAsText(t *testing.T) {
	t.Parallel()
	for _, want := range []finding.Severity{finding.Error, finding.Warning, finding.Info} {
		text, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got finding.Severity
		if err := json.Unmarshal(text, &got); err != nil || got != want {
			t.Errorf("%s: got %v, %v", text, got, err)
		}
	}
	var s finding.Severity
	if err := json.Unmarshal([]byte(`"fatal"`), &s); err == nil {
		t.Error("an unknown severity is taken")
	}
}

// TestKeyInTheWrongPlace: what can be no address and no word is not shown, since it may
// be a key.
func TestKeyInTheWrongPlace(t *testing.T) {
	t.Parallel()
	const key = "fYx3tQpL8sVw2NdKzR6mHb4c"
	for _, fields := range []string{
		`"RemoteSubnet":"{\"Psk\":\"` + key + `\"}"`, `"IkeConfig":{"IkeAuthAlg":"` + key + `"}`, `"IpsecConfig":{"IpsecEncAlg":"` + key + `"}`,
		`"BgpConfig":{"TunnelCidr":"` + key + key + `"}`,
	} {
		var c attachment.Change
		c.Parse(`{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localsingle",`+fields+`}`, attachment.FromEvent)
		found := attachment.Validate(&c, nil, "")
		if text := string(found.AppendJSON(nil)); !found.HasError() || strings.Contains(text, key) || !strings.Contains(text, "a text of ") {
			t.Errorf("%s: got %s", fields, strings.ReplaceAll(text, key, "***"))
		}
	}
}
