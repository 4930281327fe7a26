package ingest_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"vpnattach/functions/ingest"
	"vpnattach/shared/message"
)

// sendersText has a sender of each scheme.
const sendersText = `{
	"netbox": "netbox-signs-with-this-secret", "dc2": {"scheme": "nautobot", "secrets": ["nautobot-signs-with-this-one"]},
	"github": "github-signs-with-this-secret", "gitlab": "gitlab-sends-this-as-it-is",
	"erp": {"scheme": "hmac", "header": "X-Signature", "timestamp": "X-Time", "secrets": ["erp-signs-with-this-secret"]},
	"partner": "` + firstSecret + `", "shop": {"scheme": "svix", "secrets": ["` + secondSecret + `"]}
}`

// mac is an HMAC in hexadecimal digits.
func mac(of func() hash.Hash, key, text string) string {
	h := hmac.New(of, []byte(key))
	h.Write([]byte(text))
	return hex.EncodeToString(h.Sum(nil))
}

// sendersOwn are the headers that each sender signs a body with.
var sendersOwn = map[string]func(w *world, id, body string) map[string]string{
	"netbox": func(_ *world, _, body string) map[string]string {
		return map[string]string{"X-Hook-Signature": mac(sha512.New, "netbox-signs-with-this-secret", body)}
	},
	"dc2": func(_ *world, _, body string) map[string]string {
		return map[string]string{"X-Hook-Signature": mac(sha512.New, "nautobot-signs-with-this-one", body)}
	},
	"github": func(_ *world, id, body string) map[string]string {
		return map[string]string{"X-Hub-Signature-256": "sha256=" + mac(sha256.New, "github-signs-with-this-secret", body), "X-GitHub-Delivery": id}
	},
	"gitlab": func(_ *world, id, _ string) map[string]string {
		return map[string]string{"X-Gitlab-Token": "gitlab-sends-this-as-it-is", "Idempotency-Key": id}
	},
	"erp": func(w *world, _, body string) map[string]string {
		at := fmt.Sprint(w.now.Unix())
		return map[string]string{"X-Time": at, "X-Signature": mac(sha256.New, "erp-signs-with-this-secret", at+"."+body)}
	},
	"partner": func(w *world, id, body string) map[string]string {
		return w.standard(firstSecret, "webhook-", id, body)
	},
	"shop": func(w *world, id, body string) map[string]string { return w.standard(secondSecret, "svix-", id, body) },
}

// standard signs without the library.
func (w *world) standard(secret, prefix, id, body string) map[string]string {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		w.tb.Fatal(err)
	}
	at := fmt.Sprint(w.now.Unix())
	h := hmac.New(sha256.New, key)
	h.Write([]byte(id + "." + at + "." + body))
	return map[string]string{prefix + "id": id, prefix + "timestamp": at, prefix + "signature": "v1," + base64.StdEncoding.EncodeToString(h.Sum(nil))}
}

// to is a request to that path.
func to(path string, headers map[string]string, body string) string {
	all := map[string]string{"content-type": "application/json"}
	for name, value := range headers {
		all[strings.ToLower(name)] = value
	}
	return encode(map[string]any{
		"version": "2.0", "rawPath": path, "headers": all, "body": base64.StdEncoding.EncodeToString([]byte(body)), "isBase64Encoded": true,
		"requestContext": map[string]any{"requestId": "gateway-1", "http": map[string]string{"method": "POST"}},
	})
}

func newSendersWorld(t *testing.T, edit func(*ingest.Config)) *world {
	w := newWorld(t, edit)
	w.senders = sendersText
	return w
}

// TestSenders: each sender's webhooks are taken at its path, and come by a way of their
// own. Tried again, under whatever id, they get 202 and change nothing.
func TestSenders(t *testing.T) {
	t.Parallel()
	for name, sign := range sendersOwn {
		w := newSendersWorld(t, func(c *ingest.Config) {
			c.Sources = []string{"webhook:" + name}
			c.Rules = mustRules(t, `{"rules":[`+ruleBy("own", `["webhook:`+name+`"]`)+","+ruleBy("other", `["webhook:else"]`)+`]}`)
		})
		var order []string
		w.fails = func(port string, _ []message.Change) error {
			order = append(order, port)
			return nil
		}
		path := "/stage/webhooks/" + name
		answer := body(t, w.mustInvoke(to(path, sign(w, "d-1", change), change)), 202)
		if answer.Get("changes.#").Int() != 1 || len(w.sent) != 1 || w.counts.Accepted != 1 {
			t.Errorf("%s: got %s and %q", name, answer, w.changes())
		}
		if i := slices.Index(order, "send"); i < 0 || slices.Index(order, "remember") < i {
			t.Errorf("%s: got calls in the order %q", name, order)
		}
		sends := w.sends
		for i, later := range []time.Duration{time.Second, 4 * time.Minute, 24 * time.Hour} {
			w.now = start.Add(later)
			id := "d-1"
			if name != "partner" && name != "shop" { // their ids are signed
				id = fmt.Sprint("d-", i)
			}
			answer := body(t, w.mustInvoke(to(path, sign(w, id, change), change)), 202)
			if w.sends != sends || len(w.sent) != 1 || w.counts != (ingest.Counts{Repeated: 1}) || answer.Get("findings.0.rule").Str != "webhook-repeated" || answer.Get("changes.#").Int() != 0 {
				t.Errorf("%s, tried again: got %s, %q and %+v", name, answer, w.changes(), w.counts)
			}
		}
		w.now = start
		event := cloudEvent("c-1", "com.example.internal", `{"by":"`+name+`"}`)
		body(t, w.mustInvoke(to(path, sign(w, "d-2", event), event)), 202)
		if got := w.sent[1:]; len(got) != 1 || got[0].Rule != "own" {
			t.Errorf("%s: got %q", name, w.changes())
		}
		if !strings.Contains(w.log.String(), `"sender":"`+name+`"`) {
			t.Errorf("%s: the log does not name the sender: %s", name, w.log.String())
		}
	}
}

// TestForeignSenders: at another path, with another sender's secret or one bit changed,
// nothing is taken or remembered.
func TestForeignSenders(t *testing.T) {
	t.Parallel()
	w := newSendersWorld(t, nil)
	for name, sign := range sendersOwn {
		changed := strings.Replace(change, "site-a", "site-b", 1)
		for other := range sendersOwn {
			if other != name {
				body(t, w.mustInvoke(to("/webhooks/"+other, sign(w, "d-1", change), change)), 401)
			}
			if other != name && name != "gitlab" {
				headers := sendersOwn[other](w, "d-1", change)
				for header, value := range sign(w, "d-1", changed) {
					headers[header] = value
				}
				body(t, w.mustInvoke(to("/webhooks/"+name, headers, change)), 401)
			}
		}
		for _, path := range []string{"/webhooks/unknown", "/webhooks/" + name + "/more", "/webhooks/NETBOX", "/events", "/", "/webhooks/"} {
			body(t, w.mustInvoke(to(path, sign(w, "d-1", change), change)), 404)
		}
	}
	if len(w.sent)+len(w.letters)+len(w.seen)+len(w.taken) != 0 {
		t.Errorf("got %q and %d ids", w.changes(), len(w.taken))
	}
	w.senders = `{"netbox": "short"}`
	body(t, w.mustInvoke(to("/webhooks/netbox", sendersOwn["netbox"](w, "", change), change)), 503)
	if w.counts != (ingest.Counts{NoSecret: 1}) || !strings.Contains(w.log.String(), "of the sender netbox has 5 bytes") {
		t.Errorf("got %+v and %s", w.counts, w.log.String())
	}
}

// TestOldPath: secrets of Standard Webhooks alone go on counting where they did, with
// the headers of Svix too.
func TestOldPath(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"v1," + firstSecret, `{"/events": "v1,` + firstSecret + `", "netbox": "netbox-signs-with-this-secret"}`} {
		w := newWorld(t, nil)
		w.senders = text
		for i, prefix := range []string{"webhook-", "svix-"} {
			for _, path := range []string{"/", "/events"} {
				id := fmt.Sprint("w", i, path)
				body(t, w.mustInvoke(to(path, w.standard(firstSecret, prefix, id, change), change)), 202)
			}
		}
		if len(w.sent) != 4 || !strings.HasPrefix(w.changes()[2], "w1/ 14:00:00") {
			t.Errorf("got %q", w.changes())
		}
	}
}

// TestIdentityOfSenders: ids that are not signed decide nothing, and the same id of two
// senders is not the same event.
func TestIdentityOfSenders(t *testing.T) {
	t.Parallel()
	w := newSendersWorld(t, nil)
	for _, name := range []string{"partner", "shop"} {
		body(t, w.mustInvoke(to("/webhooks/"+name, sendersOwn[name](w, "d-1", change), change)), 202)
	}
	for _, name := range []string{"netbox", "dc2", "github", "gitlab"} {
		headers := sendersOwn[name](w, "d-1", change)
		headers["webhook-id"], headers["webhook-timestamp"], headers["ce-specversion"], headers["ce-id"], headers["ce-source"], headers["ce-type"] = "d-1", "1", "1.0", "c", "s", "t"
		body(t, w.mustInvoke(to("/webhooks/"+name, headers, change)), 202)
	}
	var ids []string
	for _, m := range w.sent {
		if !m.Time.Equal(start) {
			t.Errorf("%s: got the time %v", m.EventID, m.Time)
		}
		ids = append(ids, m.DeduplicationID())
	}
	slices.Sort(ids)
	if got := len(slices.Compact(ids)); got != 6 {
		t.Errorf("got %d events, want 6: %q", got, w.changes())
	}
}

// TestRemembered: only what is in the queue is remembered; what is ignored or refused
// can be sent again. When remembering fails the sender has to try again.
func TestRemembered(t *testing.T) {
	t.Parallel()
	w := newSendersWorld(t, nil)
	post := func(text string) string {
		return w.mustInvoke(to("/webhooks/netbox", sendersOwn["netbox"](w, "", text), text))
	}
	body(t, post(`{"type":"site.opened"}`), 202)
	body(t, post(broken), 400)
	if len(w.taken) != 0 {
		t.Errorf("got %d ids remembered", len(w.taken))
	}
	w.fails = func(port string, _ []message.Change) error {
		if port == "send" {
			return errPort
		}
		return nil
	}
	body(t, post(change), 503)
	if len(w.taken)+len(w.sent) != 0 {
		t.Errorf("got %d ids remembered and %q", len(w.taken), w.changes())
	}
	w.fails = func(port string, _ []message.Change) error {
		if port == "remember" {
			return errPort
		}
		return nil
	}
	if answer := post(change); gjson.Get(answer, "headers.Retry-After").Str == "" || w.counts != (ingest.Counts{Kept: 1}) {
		t.Errorf("got %s", answer)
	}
	w.fails = func(string, []message.Change) error { return nil }
	body(t, post(change), 202)
	body(t, post(change), 202)
	if len(w.sent) != 1 || len(w.taken) != 1 || w.counts != (ingest.Counts{Repeated: 1}) {
		t.Errorf("got %q, %d ids remembered and %+v", w.changes(), len(w.taken), w.counts)
	}
}
