package event

import (
	"strings"
	"testing"
	"time"

	"vpnattach/shared/core/jsontext"
)

func mustValue(t *testing.T, s string) value {
	t.Helper()
	v, fault := new(jsontext.Text).Parse(s)
	if fault != nil {
		t.Fatal(fault)
	}
	return v
}

func TestTimes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ in, want string }{
		{`"2026-11-02T09:30:00Z"`, "2026-11-02T09:30:00Z"},
		{`"2026-11-02T17:30:00.123456789+08:00"`, "2026-11-02T09:30:00.123456789Z"},
		{`0`, "1970-01-01T00:00:00Z"},
		{`1793615400`, "2026-11-02T10:30:00Z"},
		{`"1793615400"`, "2026-11-02T10:30:00Z"},
		{`1793615400.987`, "2026-11-02T10:30:00.987Z"},
		{`1793615400.1234567891`, "2026-11-02T10:30:00.123456789Z"},
		{`1793615400.00000000000000000000000000000001`, "2026-11-02T10:30:00Z"},
		{`1793615400987`, "2026-11-02T10:30:00.987Z"},
		{`1793615400987654`, "2026-11-02T10:30:00.987654Z"},
		{`1.7936154E9`, "2026-11-02T10:30:00Z"},
		{`1.793615400987e+9`, "2026-11-02T10:30:00.987Z"},
		{`9214646399`, "2261-12-31T23:59:59Z"},
		{`9214646400`, ""},
		{`9223372036`, ""},
		{`"1970-01-01T00:00:00Z"`, "1970-01-01T00:00:00Z"},
		{`"1970-01-01T00:30:00+01:00"`, ""},
		{`"0001-01-01T00:00:00Z"`, ""},
		{`"0000-01-01T00:00:00+23:59"`, ""},
		{`"2261-12-31T23:59:59.999999999Z"`, "2261-12-31T23:59:59.999999999Z"},
		{`"2261-12-31T23:59:59-00:01"`, ""},
		{`"9999-12-31T23:59:59-23:59"`, ""},
		{`9223372037`, ""}, // past what nanoseconds can count
		{`99999999999`, ""},
		{`100000000000`, "1973-03-03T09:46:40Z"},
		{`100000000000000000000000`, ""},
		{`-1`, ""},
		{`1e99`, ""},
		{`1e-3`, ""},
		{`""`, ""},
		{`"1."`, ""},
		{`"2026-11-02"`, ""},
		{`"2026-13-02T09:30:00Z"`, ""},
		{`"2026-11-02 09:30:00Z"`, ""},
		{`true`, ""},
		{`{}`, ""},
	} {
		var o origin
		err := o.setTime(mustValue(t, tt.in), "at")
		if tt.want == "" {
			if err == nil || err.Code != BadTime || err.Path != "at" {
				t.Errorf("%s: got %v and %v, want an error", tt.in, o.time, err)
			}
			continue
		}
		if got := o.time.Format(time.RFC3339Nano); err != nil || got != tt.want {
			t.Errorf("%s: got %s and %v, want %s", tt.in, got, err, tt.want)
		}
	}
	var o origin
	for _, absent := range []value{{}, mustValue(t, "null")} {
		if err := o.setTime(absent, "at"); err != nil || !o.time.IsZero() {
			t.Errorf("%q: got %v and %v, want no time", absent.Raw(), o.time, err)
		}
	}
}

// Whatever is wrong with an event, its values stay out of the error.
func TestErrorsKeepValues(t *testing.T) {
	t.Parallel()
	const key = "s3cretS3cret"
	for _, in := range []string{
		key, `"` + key + `"`, `{"a":"` + key, `{"a":"` + key + `"x}`, `["` + key + `"]`,
		`{"Records":[{"eventSource":"aws:sqs","body":"` + key + `"}]}`,
		`{"Records":[{"eventSource":"aws:sqs","body":{"Psk":"` + key + `"}}]}`,
		`{"detail-type":"T","source":"s","detail":"` + key + `"}`,
		`{"detail-type":"T","source":"s","detail":{},"time":"` + key + `"}`,
		`{"specversion":"` + key + `"}`,
		`{"eventSource":"aws:dynamodb","dynamodb":{"NewImage":{"Psk":"` + key + `"}}}`,
		`{"eventSource":"aws:dynamodb","dynamodb":{"NewImage":{"Psk":{"N":"` + key + `"}}}}`,
		`{"httpMethod":"POST","requestContext":{},"headers":{"content-type":"` + key + `?"},"body":"` + key + `"}`,
	} {
		_, err := Open([]byte(in), nil)
		if err == nil {
			t.Errorf("%s: no error", in)
			continue
		}
		if text := err.Error() + err.(*Error).Hint; strings.Contains(text, key) {
			t.Errorf("%s: the error tells a value: %s", in, text)
		}
	}
}
