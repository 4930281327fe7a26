package finding_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"vpnattach/shared/core/finding"
)

// TestVisible: nothing that a terminal or a reader of a log would act on, or read in
// another order, comes through.
func TestVisible(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"site é 中 \U0001F600": "site é 中 \U0001F600", `a\b "c"`: `a\b "c"`, "\uFFFD": "\uFFFD",
		"a\nb\tc\r": `a\nb\tc\r`, "\x1b[31m": `\x1b[31m`, "\u009b31m": `\u009b31m`, "\x9b31m": `\x9b31m`, "\x7f\x00": `\x7f\x00`,
		"a\u202eb\u2066": `a\u202eb\u2066`, "\u200e\u061c\u2028\u200b\ufeff": `\u200e\u061c\u2028\u200b\ufeff`, "\U000E0041": `\udb40\udc41`,
	} {
		if got := finding.Visible(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text") + string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes"))
		shown := finding.Visible(text)
		if !utf8.ValidString(shown) || strings.ContainsFunc(shown, func(r rune) bool { return !unicode.IsPrint(r) && r != utf8.RuneError }) {
			t.Fatalf("%q is shown as %q", text, shown)
		}
		if finding.Visible(shown) != shown {
			t.Fatalf("%q is escaped twice", shown)
		}
	})
}

// TestVisibleJSON: the same JSON, without such characters.
func TestVisibleJSON(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		value := map[string]any{
			rapid.String().Draw(t, "key"): rapid.String().Draw(t, "text") + rapid.SampledFrom([]string{"", "\u202e", "\u009b31m", "\x7f", "\U000E0041"}).Draw(t, "control"),
		}
		data, err := json.MarshalIndent(value, "", "\t")
		if err != nil {
			t.Fatal(err)
		}
		shown := finding.VisibleJSON(data)
		if strings.ContainsFunc(string(shown), func(r rune) bool { return !unicode.IsPrint(r) && r != '\n' && r != '\t' }) {
			t.Fatalf("got %q", shown)
		}
		var got map[string]any
		if err := json.Unmarshal(shown, &got); err != nil || !reflect.DeepEqual(got, value) {
			t.Fatalf("%s becomes %s: %v", data, shown, err)
		}
	})
}
