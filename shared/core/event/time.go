package event

import (
	"math"
	"strings"
	"time"
)

// setTime takes the time at path, if there is one, as the event's own.
func (o *origin) setTime(v value, path string) *Error {
	if isNothing(v) {
		return nil
	}
	s := v.Raw()
	if v.IsString() {
		s = v.Text()
	}
	return o.setTimeText(s, path)
}

// setTimeText takes a time, as [ParseTime] reads it.
func (o *origin) setTimeText(s, path string) *Error {
	t, err := parseTime(s)
	if err != nil {
		return err.in(path)
	}
	o.time, o.delivered = t, false
	return nil
}

// ParseTime reads a time and returns it in UTC. It takes RFC 3339, the forms of
// ISO 8601 that Python, Java, JavaScript and NetBox print (a blank in place of the T,
// offsets such as +0000 and +00, a comma before the fraction, no seconds, Java's
// [Europe/Paris] behind the offset), and a number of seconds, milliseconds or
// microseconds since 1970. An error is an [*Error] of code [BadTime], also for a time
// without an offset from UTC, and for one that is not [InRange].
func ParseTime(s string) (time.Time, error) {
	t, err := parseTime(s)
	if err != nil {
		return time.Time{}, err
	}
	return t, nil
}

func parseTime(s string) (time.Time, *Error) {
	s = trim(s)
	t, ok := epoch(s)
	if !ok {
		var err *Error
		if t, err = calendar(s); err != nil {
			return time.Time{}, err
		}
	}
	if !InRange(t) {
		return time.Time{}, newError(BadTime, "is not between 1970 and 2261").hint(timeForm)
	}
	return t.UTC(), nil
}

const timeForm = "write RFC 3339 such as 2026-11-02T09:30:00Z, or seconds, milliseconds or microseconds since 1970"

// calendar reads a date, a time of day and an offset from UTC.
func calendar(s string) (time.Time, *Error) {
	notTime := func() (time.Time, *Error) { return time.Time{}, newError(BadTime, "is not a time").hint(timeForm) }
	if zone := strings.IndexByte(s, '['); zone > 0 && strings.HasSuffix(s, "]") {
		s = s[:zone]
	}
	// Most events have RFC 3339 in UTC, which is read in one step.
	const form = "2006-01-02T15:04:05Z"
	if len(s) == len(form) && s[13] == ':' && s[19] == 'Z' {
		if t, err := time.Parse(time.RFC3339, s); err == nil {
			return t, nil
		}
	}
	date, rest := s[:min(len(time.DateOnly), len(s))], s[min(len(time.DateOnly), len(s)):]
	if _, err := time.Parse(time.DateOnly, date); err != nil {
		return notTime()
	}
	if rest == "" {
		return time.Time{}, newError(BadTime, "is a date without a time of day").hint(timeForm)
	}
	if !strings.ContainsRune("Tt ", rune(rest[0])) {
		return notTime()
	}
	clock, offset := rest[1:], ""
	if i := strings.IndexAny(clock, "Zz+-"); i >= 0 {
		clock, offset = clock[:i], clock[i:]
	}
	if len(clock) == len("15:04") {
		clock += ":00"
	}
	// The 61st second of a minute is the first of the next.
	leap := len(clock) >= len(time.TimeOnly) && clock[len("15:04:"):len(time.TimeOnly)] == "60"
	if leap {
		clock = clock[:len("15:04:")] + "59" + clock[len(time.TimeOnly):]
	}
	if at(clock, 2) != ':' { // an hour of one digit, which Parse takes
		return notTime()
	}
	t, err := time.Parse(time.DateOnly+" "+time.TimeOnly, date+" "+clock)
	if err != nil {
		return notTime()
	}
	if offset == "" {
		return time.Time{}, newError(BadTime, "has no offset from UTC").
			hint("add Z behind a time in UTC, or its offset, such as +08:00")
	}
	east, ok := offsetOf(offset)
	if !ok {
		return notTime()
	}
	t = t.Add(-east)
	if leap {
		t = t.Add(time.Second)
		if h, m, s := t.Clock(); h+m+s > 0 {
			return notTime() // a second is put in before midnight UTC only
		}
	}
	return t, nil
}

// offsetOf reads Z, +08:00, +0800 or +08.
func offsetOf(s string) (time.Duration, bool) {
	if s == "Z" || s == "z" {
		return 0, true
	}
	digits := s[1:]
	if len(digits) == len("08:00") && digits[2] == ':' {
		digits = digits[:2] + digits[3:]
	}
	if len(digits) == len("08") {
		digits += "00"
	}
	t, err := time.Parse("1504", digits)
	if err != nil || len(digits) != len("0800") {
		return 0, false
	}
	east := time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute
	if s[0] == '-' {
		east = -east
	}
	return east, true
}

// InRange reports whether t can be an event's own time: from 1970 to 2261, what
// nanoseconds since 1970 can count. What lies outside, such as the year 1 that a
// program writes for a time that it doesn't have, is a mistake.
func InRange(t time.Time) bool {
	return !t.Before(time.Unix(0, 0)) && t.Before(time.Date(2262, time.January, 1, 0, 0, 0, 0, time.UTC))
}

// epoch reads a decimal number of seconds, milliseconds or microseconds since
// 1970: seconds until there are 12 digits before the point (the year 5138),
// milliseconds until there are 15. It counts in integers, since a float would
// round milliseconds away.
func epoch(s string) (time.Time, bool) {
	var digits uint64 // the number without its point and exponent
	exponent, i := 0, 0
	read := func() bool {
		from := i
		for ; isDigit(at(s, i)); i++ {
			if digits >= math.MaxUint64/10-1 {
				exponent++ // finer than a nanosecond, or too large anyway
				continue
			}
			digits = digits*10 + uint64(s[i]-'0')
		}
		return i > from
	}
	if !read() {
		return time.Time{}, false
	}
	if at(s, i) == '.' {
		i++
		point := i
		if !read() {
			return time.Time{}, false
		}
		exponent -= i - point
	}
	if c := at(s, i); c == 'e' || c == 'E' {
		if i++; at(s, i) == '+' {
			i++
		}
		if i != len(s)-1 || !isDigit(s[i]) {
			return time.Time{}, false // no source writes an exponent of two digits or below zero
		}
		exponent += int(s[i] - '0')
		i++
	}
	if i != len(s) {
		return time.Time{}, false
	}

	size := exponent // digits before the point
	for d := digits; d > 0; d /= 10 {
		size++
	}
	switch {
	case size <= 11:
		exponent += 9
	case size <= 14:
		exponent += 6
	case size <= 17:
		exponent += 3
	default:
		return time.Time{}, false
	}
	for ; exponent < 0; exponent++ {
		digits /= 10
	}
	for ; exponent > 0 && digits > 0; exponent-- {
		if digits > math.MaxInt64/10 {
			return time.Time{}, false
		}
		digits *= 10
	}
	if digits > math.MaxInt64 {
		return time.Time{}, false
	}
	return time.Unix(0, int64(digits)), true
}
