package ingest_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"vpnattach/functions/ingest"
	"vpnattach/shared/message"
)

// key is the pre-shared key of all changes here.
const key = "t0pS3cretT0pS3cret"

// TestSecrets: a key shows nowhere but in the queue and in a dead letter's body.
func TestSecrets(t *testing.T) {
	t.Parallel()
	with := func(member string) string {
		return `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localsingle","IkeConfig":{"Psk":"` + key + `"}` + member + `}`
	}
	for name, document := range map[string]string{
		"good": with(""), "unknown parameter": with(`,"Nmae":"x"`), "too long": strings.Replace(with(""), key, strings.Repeat(key, 20), 1),
		"blank": strings.Replace(with(""), key, key+" x", 1), "in place of the object": `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localsingle","IkeConfig":"` + key + `"}`,
		"number": strings.Replace(with(""), `"Psk":"`, `"Psk":1,"Psk":"`, 1), "reference": strings.Replace(with(""), key, "{{resolve:secretsmanager:"+key+"}}", 1),
		"cut off": with("")[:90], "not JSON": strings.Replace(with(""), ":", ":"+key, 1), "no change": `{"Psk":"` + key + `"}`,
	} {
		payloads := map[string]func(*world) string{
			"webhook":     func(w *world) string { return w.event("w1", document) },
			"unsigned":    func(w *world) string { return w.post(foreign, "w1", w.now, document) },
			"queue":       func(*world) string { return sqs(document, document) },
			"stream":      func(*world) string { return kinesis(document) },
			"topic":       func(*world) string { return sns(document) },
			"EventBridge": func(*world) string { return eventBridge("com.example.vpn", document) },
			"direct":      func(*world) string { return document },
		}
		for source, payload := range payloads {
			for _, trouble := range []string{"", "send", "first seen", "dead letter"} {
				w := newWorld(t, nil)
				w.fails = func(port string, _ []message.Change) error {
					if port == trouble {
						return errPort
					}
					return nil
				}
				answer, err := w.invoke(payload(w))
				told := answer + w.shown() + encode(gjson.Parse(answer).Get("body").Str)
				if err != nil {
					told += err.Error()
				}
				if strings.Contains(told, key) {
					t.Errorf("%s by %s with trouble %q: the key is told: %s", name, source, trouble, told)
				}
				if name == "good" && trouble == "" && source != "unsigned" && !slices.ContainsFunc(w.sent, func(m message.Change) bool { return strings.Contains(string(m.Change), key) }) {
					t.Errorf("the key by %s is not in the queue", source)
				}
			}
		}
	}
}

// FuzzInvoke invokes the function with any payload, and with changes of which the key
// must not be told, in any envelope.
func FuzzInvoke(f *testing.F) {
	names := []string{
		"alb", "apigateway-v1", "bare-dual", "cloudevents-aliyun", "cloudevents-binary", "dynamodb", "eventbridge-psk",
		"kinesis", "sns-change", "sqs-eventbridge", "sqs-sns-eventbridge", "webhook-payload",
	}
	for i, name := range names {
		f.Add([]byte(mustRead(f, name)), uint8(i), "Name", name)
	}
	f.Fuzz(func(t *testing.T, payload []byte, envelope uint8, name, value string) {
		if strings.Contains(string(payload)+name+value, key[:8]) {
			return // then it may be anywhere
		}
		w := newWorld(t, func(c *ingest.Config) { c.Redrive = eventQueue })
		document := `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localsingle","IkeConfig":{"Psk":"` + key + `"},` + encode(name) + ":" + encode(value) + "}"
		for _, payload := range []string{
			string(payload), w.event("w1", string(payload)),
			[]string{
				w.event("w1", document), w.event("w1", eventBridge(value, document)), w.event("w1", document, "ce-specversion", "1.0", "ce-id", value, "ce-source", name, "ce-type", "t"),
				sqs(document, value, document), sqs(sqs(document)), kinesis(value, document), sns(document), eventBridge(value, document), cloudEvent(name, value, document), document,
			}[envelope%10],
		} {
			answer, err := w.invoke(payload)
			if err != nil {
				t.Fatalf("nothing fails, but there is an error: %v", err)
			}
			if !gjson.Valid(answer) {
				t.Fatalf("the answer is not JSON: %s", answer)
			}
			if told := answer + w.shown(); strings.Contains(told, key) {
				t.Fatalf("the key is told: %s", told)
			}
		}
	})
}
