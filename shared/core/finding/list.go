package finding

import (
	"slices"
	"strconv"
	"strings"
)

// Most is how many findings of one document are told. Those beyond are counted.
const Most = 100

var leftOut = Declare(Check{
	ID: "findings-left-out", Severity: Info, Part: Document,
	Title: "The document has more findings than are told one by one.",
	Why:   "Thousands of findings of one document mostly have one cause. To keep and send them all would let one broken sender fill disk and memory.",
	Hint:  "correct what is told, and check the document again",
})

// List gathers the findings of one document, at most [Most] and one that counts the
// rest. The zero value is empty. Errors go before others: an error takes the place of
// the last finding that is none.
type List struct {
	told   Findings
	errors int // among told
	count  int
	left   *rest
}

// rest is what is only counted.
type rest struct {
	checks map[string]int
	worst  Severity
}

// Full reports whether a finding of the check would be left out, and counts it if so:
// what is costly to tell need not be made then.
func (l *List) Full(c *Check) bool {
	if !l.isFull(c.Severity) {
		return false
	}
	l.leave(c.ID, c.Severity, 1)
	l.count++
	return true
}

func (l *List) isFull(s Severity) bool {
	return len(l.told) >= Most && (s != Error || l.errors >= Most)
}

// leave counts findings that are left out.
func (l *List) leave(check string, s Severity, n int) {
	if l.left == nil {
		l.left = &rest{map[string]int{}, s}
	}
	l.left.checks[check] += n
	l.left.worst = min(l.left.worst, s)
}

// Leave counts findings and tells none of them.
func (l *List) Leave(all ...Finding) {
	for i := range all {
		l.count++
		l.leaveOne(&all[i])
	}
}

func (l *List) leaveOne(f *Finding) {
	if f.left == "" {
		l.leave(f.Check, f.Severity, 1)
		return
	}
	for part := range strings.SplitSeq(f.left, ", ") { // the rest of another list
		count, check, _ := strings.Cut(part, " ")
		n, _ := strconv.Atoi(count) // as Findings writes it
		l.leave(check, f.Severity, n)
	}
}

// Add appends findings, or counts them.
func (l *List) Add(all ...Finding) {
	for i := range all {
		l.add(&all[i])
	}
}

func (l *List) add(f *Finding) {
	l.count++
	switch {
	case f.left != "" || l.isFull(f.Severity):
		l.leaveOne(f)
		return
	case len(l.told) >= Most:
		at := len(l.told) - 1
		for l.told[at].Severity == Error {
			at--
		}
		l.leave(l.told[at].Check, l.told[at].Severity, 1)
		l.told = append(slices.Clone(l.told[:at]), l.told[at+1:]...)
	}
	if f.Severity == Error {
		l.errors++
	}
	l.told = append(l.told, *f)
}

// HasError reports whether an error has been added, told or not.
func (l *List) HasError() bool { return l.errors > 0 || l.left != nil && l.left.worst == Error }

// Len returns how many findings are told.
func (l *List) Len() int { return len(l.told) }

// Count returns how many have been added, told or not.
func (l *List) Count() int { return l.count }

// Findings returns what is told and, when there is more, a last finding that counts it
// by check. That one is as severe as the worst that it stands for. The result is nil
// when nothing has been added; it stays valid when more is.
func (l *List) Findings() Findings {
	if l.left == nil {
		return slices.Clip(l.told)
	}
	var checks []string
	total := 0
	for check, n := range l.left.checks {
		checks = append(checks, check)
		total += n
	}
	slices.SortStableFunc(checks, func(a, b string) int {
		if l.left.checks[a] != l.left.checks[b] {
			return l.left.checks[b] - l.left.checks[a]
		}
		return strings.Compare(a, b)
	})
	for i, check := range checks {
		checks[i] = strconv.Itoa(l.left.checks[check]) + " " + check
	}
	all := strings.Join(checks, ", ")
	const named = 10
	if more := len(checks) - named; more > 0 {
		checks = append(checks[:named], strconv.Itoa(more)+" checks more")
	}
	f := leftOut.At("", strconv.Itoa(total)+" more findings are not told: "+strings.Join(checks, ", "))
	f.Severity, f.left, f.Pos = l.left.worst, all, maxPos
	return append(slices.Clip(l.told), f)
}

// maxPos is a position after all others.
const maxPos = int(^uint32(0) >> 1)

// Reset empties the list and uses its memory again, so that what it has returned is void.
func (l *List) Reset() { *l = List{told: l.told[:0]} }
