package bundle_test

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"strings"
	"testing"
)

// known is a secret that is used in a test, by a name that may be shown.
type known struct {
	name, value string
	inChanges   bool // it is in change documents, so the bodies of changes hold it
}

// text is something public.
type text struct{ where, content string }

// newSecret records a secret and returns it.
func (h *harness) newSecret(name, value string) string {
	h.secrets = append(h.secrets, known{name: name, value: value})
	return value
}

// newKey makes a pre-shared key with characters that JSON and URLs escape.
func (h *harness) newKey(name string) string { return h.newSecret(name, "k&<"+rand.Text()) }

// newChangeKey makes a pre-shared key that a change document brings.
func (h *harness) newChangeKey(name string) string {
	key := h.newKey(name)
	h.secrets[len(h.secrets)-1].inChanges = true
	return key
}

// show records a public text.
func (h *harness) show(where, content string) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.shown = append(h.shown, text{where, content})
}

// search ends a test: it searches all public texts for all secrets, and the bodies of
// changes for those that must be there.
func (h *harness) search() {
	if h.Skipped() {
		return
	}
	for _, queue := range []string{"DeadLetterQueue", "FailedEventQueue", "EventQueue", "ConfirmQueue", "ChangeQueue", "Outcomes", "Results"} {
		h.drain(queue)
	}
	h.show("items of the ledger", h.items(h))
	lines := 0
	for function := range h.logs {
		for _, line := range h.lines(function) {
			h.show("log of "+function, line)
			lines++
		}
	}
	if lines < len(functions) && !h.Failed() {
		h.Errorf("got %d lines of logs, too few to search", lines)
	}
	h.mutex.Lock()
	h.secrets = append(h.secrets, h.sts.tokens...)
	h.mutex.Unlock()
	bodies, leaks := strings.Join(h.bodies, "\n"), 0
	for _, secret := range h.secrets {
		forms := formsOf(secret.value)
		for _, seen := range h.shown {
			if form := find(seen.content, forms); form != "" {
				h.Errorf("%s: holds the %s, %s", seen.where, secret.name, form)
				leaks++
			}
		}
		if secret.inChanges && find(bodies, forms) == "" && !h.Failed() {
			h.Errorf("the %s is not found where it must be", secret.name)
		}
	}
	if h.Failed() && leaks == 0 {
		for _, seen := range h.shown {
			h.Logf("%s: %s", seen.where, seen.content)
		}
	}
}

// form is a way of writing a secret.
type form struct{ name, value string }

// formsOf are the forms in which a secret could leak.
func formsOf(secret string) (forms []form) {
	add := func(name, value string) { forms = append(forms, form{name, value}) }
	add("as it is", secret)
	escaped := secret
	for _, name := range []string{"in JSON", "in JSON in JSON"} {
		quoted, err := json.Marshal(escaped)
		if err != nil {
			panic(err)
		}
		escaped = string(quoted[1 : len(quoted)-1])
		add(name, escaped)
	}
	add("in a URL", url.QueryEscape(secret))
	add("in hexadecimal digits", hex.EncodeToString([]byte(secret)))
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		// What stands before the secret shifts it, and the digits at either end hold bits
		// of its neighbours.
		for shift := range 3 {
			digits := encoding.EncodeToString([]byte(strings.Repeat(" ", shift) + secret))
			first := [3]int{0, 2, 3}[shift]
			add("in base64", digits[first:len(digits)-1])
		}
	}
	return forms
}

// find returns the name of the first form that the text holds, or nothing.
func find(content string, forms []form) string {
	for _, f := range forms {
		if strings.Contains(content, f.value) {
			return f.name
		}
	}
	return ""
}

// TestSearch proves that the search finds each form.
func TestSearch(t *testing.T) {
	t.Parallel()
	const secret = "k&<example>+/"
	for _, content := range []string{
		secret, encode(secret), encode(encode(map[string]string{"a": secret})), "a=" + url.QueryEscape(secret),
		hex.EncodeToString([]byte("x" + secret)),
	} {
		if find("before "+content+" after", formsOf(secret)) == "" {
			t.Errorf("not found in %s", content)
		}
	}
	for _, before := range []string{"", "1", "12", "123"} {
		for _, after := range []string{"", "1", "12"} {
			for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding, base64.RawStdEncoding} {
				if content := encoding.EncodeToString([]byte(before + secret + after)); find(content, formsOf(secret)) == "" {
					t.Errorf("not found in base64 %s, between %q and %q", content, before, after)
				}
			}
		}
	}
	if form := find("k& <example>", formsOf(secret)); form != "" {
		t.Errorf("found %s where it is not", form)
	}
}
