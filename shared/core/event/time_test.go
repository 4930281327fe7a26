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

		// RFC 3339, whole.
		{`"2026-11-02t09:30:00z"`, "2026-11-02T09:30:00Z"},
		{`"2026-11-02 09:30:00Z"`, "2026-11-02T09:30:00Z"},
		{`"2026-12-31T23:59:60Z"`, "2027-01-01T00:00:00Z"},
		{`"2026-12-31T15:59:60.25-08:00"`, "2027-01-01T00:00:00.25Z"},
		{`"2026-11-02T09:30:60Z"`, ""}, // no leap second
		{`"2026-11-02T09:30:61Z"`, ""},
		{`"2026-11-02T09:30:00-00:00"`, "2026-11-02T09:30:00Z"},
		// ISO 8601 as programs print it.
		{`"2026-11-28 09:14:07.512034+00:00"`, "2026-11-28T09:14:07.512034Z"},
		{`"2026-11-28T17:14:07,512+0800"`, "2026-11-28T09:14:07.512Z"},
		{`"2026-11-28 09:14:07.5+00"`, "2026-11-28T09:14:07.5Z"},
		{`"2026-11-28T09:14Z"`, "2026-11-28T09:14:00Z"},
		{`"2026-11-28T10:14+01:00[Europe/Paris]"`, "2026-11-28T09:14:00Z"},
		{`"2026-11-28T09:14:07.512Z[UTC]"`, "2026-11-28T09:14:07.512Z"},
		{`" 2026-11-28T09:14:07Z\n"`, "2026-11-28T09:14:07Z"},
		{`"2026-11-28T09:14:07"`, ""},
		{`"2026-11-28 09:14:07.512034"`, ""},
		{`"2026-11-28T09:14:07[Europe/Paris]"`, ""},
		{`"2026-11-28T9:14:07Z"`, ""},
		{`"2026-11-28T09:14:7Z"`, ""},
		{`"2026-11-28T09Z"`, ""},
		{`"2026-11-28T24:00:00Z"`, ""},
		{`"2026-11-28T09:14:07+8"`, ""},
		{`"2026-11-28T09:14:07+08:0"`, ""},
		{`"2026-11-28T09:14:07+24:00"`, ""},
		{`"2026-11-28T09:14:07Z0"`, ""},
		{`"2026-11-28T09:14:07.Z"`, ""},
		{`"2026-11-28_09:14:07Z"`, ""},
		{`"2026-1-28T09:14:07Z"`, ""},
		{`" 1793615400"`, "2026-11-02T10:30:00Z"},
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

// What is wrong with a time, in words.
func TestTimeFaults(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"2026-11-28T09:14:07":   "has no offset from UTC: add Z behind a time in UTC, or its offset, such as +08:00",
		"2026-11-28 09:14":      "has no offset from UTC: add Z behind a time in UTC, or its offset, such as +08:00",
		"2026-11-28":            "is a date without a time of day: " + timeForm,
		"1969-12-31T23:59:59Z":  "is not between 1970 and 2261: " + timeForm,
		"0001-01-01 00:00:00+0": "is not a time: " + timeForm,
		"soon":                  "is not a time: " + timeForm,
	} {
		_, err := ParseTime(in)
		e, ok := err.(*Error)
		if !ok || e.Code != BadTime || e.Message+": "+e.Hint != want {
			t.Errorf("%s: got %v, want %s", in, err, want)
		}
	}
}

// FuzzTime holds that a time that is read is in range, in UTC, and read again from
// what RFC 3339 makes of it.
func FuzzTime(f *testing.F) {
	for _, s := range []string{"2026-11-28 09:14:07,5+0800", "2026-12-31t23:59:60z", "1793615400.987", "2026-11-28T10:14+01[X]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := ParseTime(s)
		if err != nil {
			if !got.IsZero() || err.(*Error).Hint == "" {
				t.Errorf("got %v and %v", got, err)
			}
			return
		}
		again, err := ParseTime(got.Format(time.RFC3339Nano))
		if err != nil || !again.Equal(got) || got.Location() != time.UTC || !InRange(got) {
			t.Errorf("got %v, then %v and %v", got, again, err)
		}
	})
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
