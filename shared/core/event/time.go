package event

import (
	"math"
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
	t, ok := ParseTime(s)
	if !ok {
		return newError(BadTime, "is not a time between 1970 and 2261").
			hint("write RFC 3339 such as 2026-11-02T09:30:00Z, or seconds or milliseconds since 1970").in(path)
	}
	o.time, o.delivered = t, false
	return nil
}

// ParseTime reads a time as RFC 3339, or since the epoch, in one of the units that
// event sources use, and returns it in UTC. It reports false for anything else, and
// for a time that is not [InRange].
func ParseTime(s string) (time.Time, bool) {
	t, ok := epoch(s)
	if !ok {
		var err error
		if t, err = time.Parse(time.RFC3339, s); err != nil {
			return time.Time{}, false
		}
	}
	return t.UTC(), InRange(t)
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
