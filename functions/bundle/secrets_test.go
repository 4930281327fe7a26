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

// text is something that anybody may see.
type text struct{ where, content string }

// newSecret notes a secret and returns it.
func (w *world) newSecret(name, value string) string {
	w.secrets = append(w.secrets, known{name: name, value: value})
	return value
}

// newKey makes a pre-shared key with characters that JSON and URLs escape.
func (w *world) newKey(name string) string { return w.newSecret(name, "k&<"+rand.Text()) }

// newChangeKey makes a pre-shared key that a change document brings.
func (w *world) newChangeKey(name string) string {
	key := w.newKey(name)
	w.secrets[len(w.secrets)-1].inChanges = true
	return key
}

// show notes what can be seen.
func (w *world) show(where, content string) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.shown = append(w.shown, text{where, content})
}

// search ends a test: it searches all that can be seen for all secrets, and the
// bodies of changes for those that have to be there.
func (w *world) search() {
	if w.Skipped() {
		return
	}
	for _, queue := range []string{"DeadLetterQueue", "FailedEventQueue", "EventQueue", "ConfirmQueue", "ChangeQueue", "Outcomes"} {
		w.drain(queue)
	}
	w.show("items of the ledger", w.items(w))
	lines := 0
	for _, function := range functions {
		for _, line := range w.lines(function) {
			w.show("log of "+function, line)
			lines++
		}
	}
	if lines < len(functions) && !w.Failed() {
		w.Errorf("got %d lines of logs, which is nothing to search", lines)
	}
	bodies, leaks := strings.Join(w.bodies, "\n"), 0
	for _, secret := range w.secrets {
		forms := formsOf(secret.value)
		for _, seen := range w.shown {
			if form := find(seen.content, forms); form != "" {
				w.Errorf("%s: holds the %s, %s", seen.where, secret.name, form)
				leaks++
			}
		}
		if secret.inChanges && find(bodies, forms) == "" && !w.Failed() {
			w.Errorf("the %s is not found where it has to be", secret.name)
		}
	}
	if w.Failed() && leaks == 0 {
		for _, seen := range w.shown {
			w.Logf("%s: %s", seen.where, seen.content)
		}
	}
}

// form is a way of writing a secret.
type form struct{ name, value string }

// formsOf are the ways in which a secret could get out.
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

// TestSearch proves that the search finds what it has to.
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
