package secret_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"vpnattach/shared/core/secret"
)

// TestEncodedSecret: a key that the service echoes in hexadecimal, or as base64 of
// itself or of JSON, is not shown.
func TestEncodedSecret(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.StringMatching(`[ -~]{8,40}`).Draw(t, "key")
		s := secret.List{secret.New(key)}
		text := rapid.SampledFrom([]string{key, `{"Psk":"` + key + `"}`, mustJSON(t, map[string]string{"Psk": key}), mustJSON(t, map[string]any{"IkeConfig": map[string]string{"A": "x", "Psk": key}})}).Draw(t, "text")
		encode := rapid.SampledFrom([]func([]byte) string{
			hex.EncodeToString, func(b []byte) string { return strings.ToUpper(hex.EncodeToString(b)) },
			base64.StdEncoding.EncodeToString, base64.RawStdEncoding.EncodeToString, base64.URLEncoding.EncodeToString, base64.RawURLEncoding.EncodeToString,
		}).Draw(t, "encode")
		before, after := rapid.SampledFrom([]string{"The value ", "IkeConfig:", `got "`}).Draw(t, "before"), rapid.SampledFrom([]string{"", " is not valid.", `"`, ", sorry"}).Draw(t, "after")
		if got := s.SafeText(before + encode([]byte(text)) + after); got != "" {
			t.Fatalf("the key is shown: %q", got)
		}
	})
	s := secret.List{secret.New("Tr0ub4dorKeyAbcd1234")}
	for _, text := range []string{
		"the key Tr0ub4dorKeyA... is not valid", "TR0UB4DORKEYABCD1234 is not valid", "not ...4dorKeyAbcd1234",
		"the bytes 54 72 30 75 62 34 64 6f 72 4b 65 79 41 62 63 64 31 32 33 34 are not valid", "54:72:30:75:62:34:64:6F:72:4B:65:79:41:62:63:64:31:32:33:34",
		"got VHIwdWI0ZG9y\nS2V5QWJjZDEyMzQ= here",
	} {
		if got := s.SafeText(text); got != "" {
			t.Errorf("the key is shown: %q", got)
		}
	}
	for _, text := range []string{
		"The specified vpnConnectionId vco-p0w5112fgnl2ihlmf0000 is not found.", "InvalidParameter: 9E4B2E8F-0B5D-4C4F-8F0E-2C1D3E4F5A6B", "deadbeef dGhlIHRleHQ",
	} {
		if got := s.SafeText(text); got != text {
			t.Errorf("got %q, want %q", got, text)
		}
	}
}

func mustJSON(t *rapid.T, value any) string {
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
