package ingest

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"vpnattach/events"
)

// key is a pre-shared key with what has to be escaped somewhere.
const key = `t0pS3cret"\/'&<é`

func quoted(text string) string {
	data, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return string(data)
}

func zipped(text string) string {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	return base64.StdEncoding.EncodeToString(out.Bytes())
}

// wraps are the ways in which a document stands in an event.
var wraps = map[string]func(document string) string{
	"as it is":         func(d string) string { return d },
	"text in a record": func(d string) string { return `{"messageId":"m1","body":` + quoted(d) + `}` },
	"text in a text": func(d string) string {
		return `{"body":` + quoted(`{"Message":`+quoted(d)+`,"Type":"Notification"}`) + `}`
	},
	"base64": func(d string) string {
		return `{"kinesis":{"data":"` + base64.StdEncoding.EncodeToString([]byte(d)) + `"}}`
	},
	"gzip in base64": func(d string) string { return `{"awslogs":{"data":"` + zipped(d) + `"}}` },
	"text in base64": func(d string) string {
		return `{"data":"` + base64.StdEncoding.EncodeToString([]byte(`{"Message":`+quoted(d)+`}`)) + `"}`
	},
	"escaped further": func(d string) string {
		return `{"body":"` + strings.NewReplacer(`\`, `\\`, `"`, `\u0022`).Replace(d) + `"}`
	},
	"several documents":  func(d string) string { return d + "\n" + d },
	"with space":         func(d string) string { return "\n " + strings.ReplaceAll(d, ":", " :\t") + " " },
	"byte order mark":    func(d string) string { return "\ufeff" + d },
	"object in an array": func(d string) string { return `[{"a":1},` + d + `]` },
}

// TestMask: no member that is named like a key keeps its value, wherever it stands, and
// everything else stays as it was.
func TestMask(t *testing.T) {
	t.Parallel()
	k := quoted(key)
	for _, document := range []string{
		`{"IkeConfig":{"Psk":` + k + `},"Name":"site-a"}`,
		`{"IkeConfig":` + quoted(`{"Psk":`+k+`}`) + `,"Name":"site-a"}`,
		`{"TunnelOptionsSpecification":[{"TunnelIndex":1,"TunnelIkeConfig":{"Psk":` + k + `}},{"TunnelIkeConfig":{"Psk":` + k + `,"IkePfs":"group14"}}]}`,
		`{"TunnelOptionsSpecification.1.TunnelIkeConfig.Psk":` + k + `,"n":1}`,
		`{"NewImage":{"IkeConfig":{"M":{"Psk":{"S":` + k + `},"IkePfs":{"S":"group14"}}}}}`,
		`{"data":{"name":"p","preshared_key":` + k + `},"snapshots":{"prechange":{"preshared_key":` + k + `},"postchange":{"preshared_key":` + k + `}}}`,
		`{"tunnel_1_psk":` + k + `,"tunnel1_preshared_key2":` + k + `,"PreSharedKey":` + k + `,"sharedKey":` + k + `,"pre-shared-key":` + k + `,"password":` + k + `,"SecretString":` + k + `,"secret":` + k + `}`,
		`{"\u0050sk":` + k + `}`, `{"Psk":[` + k + `,{"x":[` + k + `]}],"Name":"site-a"}`, `{"Psk":` + quoted(`{"psk":`+k+`}`) + `}`,
	} {
		for name, wrap := range wraps {
			event := wrap(document)
			masked := mask(event)
			if tells(masked) {
				t.Errorf("%s: %s: the key is told in %s", name, document, masked)
			}
			if gjson.Valid(event) && !gjson.Valid(masked) {
				t.Errorf("%s: %s: no JSON: %s", name, document, masked)
			}
			if again := mask(masked); again != masked {
				t.Errorf("%s: %s: masked again: %s", name, masked, again)
			}
			if wantName := strings.Contains(document, `"Name":"site-a"`); wantName && name == "as it is" && gjson.Get(masked, "Name").Str != "site-a" {
				t.Errorf("%s: got %s", document, masked)
			}
		}
		// What is cut off is kept without the key too.
		for i := range document {
			if masked := mask(document[:i]); tells(masked) {
				t.Errorf("cut off: the key is told in %s", masked)
			}
			record := wraps["text in a record"](document)
			if i *= 2; i < len(record) && tells(mask(record[:i])) {
				t.Errorf("cut off: the key is told in %s", mask(record[:i]))
			}
		}
	}
	const plain = "t0pS3cretOfLetters"
	for _, text := range []string{
		`{'IkeConfig': {'Psk': '` + plain + `'}, 'Name': 'site-a'}`, `{IkeConfig: {Psk: ` + plain + `}}`, "IkeConfig:\n  Psk: " + plain + "\nName: x",
		"psk: |\n  " + plain + "\n", `{“Psk”: “` + plain + `”}`, "Action=Modify&IkeConfig.Psk=" + plain + "&Name=x", `{"Psk": 7` + plain + `]}`, `it's Psk: ` + plain,
	} {
		if masked := mask(text); strings.Contains(masked, plain[:8]) {
			t.Errorf("%s: the key is told in %s", text, masked)
		}
	}
}

// tells reports whether a part of the key that could not stand there by chance shows,
// in base64 too.
func tells(text string) bool {
	found := strings.Contains(text, key[:9])
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '"' }) {
		if data, err := base64.StdEncoding.DecodeString(word); err == nil {
			data, _ = unzip(data)
			found = found || strings.Contains(string(data), key[:9])
		}
	}
	return found
}

// TestMaskKeeps: what is not a key stays byte for byte, and what can't be one as well.
func TestMaskKeeps(t *testing.T) {
	t.Parallel()
	files, err := events.Files.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, file := range files {
		if file.IsDir() {
			continue
		}
		text, err := events.Files.ReadFile(file.Name())
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(strings.ToLower(strings.ReplaceAll(string(text), "_", "")), "psk") || strings.Contains(string(text), "preshared_key") {
			continue
		}
		if got := mask(string(text)); tells(got) || got != string(text) && !holdsKey(string(text)) {
			t.Errorf("%s is altered: %s", file.Name(), got)
		}
		n++
	}
	if n < 5 {
		t.Errorf("only %d samples without a key", n)
	}
	for _, text := range []string{
		"", "{", `"`, `{"Psk":"","IkeConfig":{"Psk":null},"password":true}`, `{"Name":"don't","a":"it's \"quoted\": 'x'"}`, `{"secretId":"arn:aws:x","SecretArn":"arn","PskCount":3,"ClientToken":"t","Key":"k","id":"arn:aws:secretsmanager:eu-central-1:123456789012:secret:vpn/site-a-9fK2aB"}`,
		`{"n":1e5,"t":[true,false,null],"x":{"y":{}}}`, `{"base64":"bm90aGluZyB0byBoaWRlIQ=="}`, "\x1f\x8b\x00binary\xff", `{"a":"b` + "\xff" + `"}`,
	} {
		if got := mask(text); got != text {
			t.Errorf("%q is altered: %q", text, got)
		}
	}
	if got := mask(`{"Psk":12345678,"Name":"x"}`); got != `{"Psk":"***","Name":"x"}` {
		t.Errorf("got %s", got)
	}
}

// holdsKey reports whether a sample has a key in base64 or in a text.
func holdsKey(text string) bool {
	holds := false
	var walk func(v gjson.Result)
	walk = func(v gjson.Result) {
		v.ForEach(func(_, member gjson.Result) bool {
			if member.IsObject() || member.IsArray() {
				walk(member)
			} else if data, err := base64.StdEncoding.DecodeString(member.Str); err == nil {
				data, _ = unzip(data)
				holds = holds || strings.Contains(string(data), "Psk")
			}
			return true
		})
	}
	walk(gjson.Parse(text))
	return holds
}

// FuzzMask masks any text: nothing that is JSON becomes no JSON, a second time alters
// nothing, and a key in any wrap is not told.
func FuzzMask(f *testing.F) {
	for _, text := range []string{`{"Psk":"x"}`, `{'a': 'b`, `{"data":"eyJQc2siOiJ4In0="}`, "a: b", `"\`, `{"a":"{\"psk\":\"x\"}"}`} {
		f.Add(text, "Name", "x")
	}
	f.Fuzz(func(t *testing.T, text, name, value string) {
		if len(text)+len(name)+len(value) > 4096 {
			return
		}
		masked := mask(text)
		if gjson.Valid(text) && !gjson.Valid(masked) {
			t.Errorf("%q becomes %q", text, masked)
		}
		if again := mask(masked); gjson.Valid(text) && again != masked {
			t.Errorf("%q becomes %q, and then %q", text, masked, again)
		}
		if strings.Contains(text+name+value, key[:4]) {
			return
		}
		document := `{` + quoted(name) + `:` + quoted(value) + `,"IkeConfig":{"Psk":` + quoted(key) + `}}`
		for way, wrap := range wraps {
			if got := mask(wrap(document)); tells(got) {
				t.Errorf("%s: %q tells the key: %q", way, document, got)
			}
		}
	})
}
