package finding

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// What stands in the wrong place may be a key: two paths of a rule swapped, name and
// value swapped. So a text from outside is told only where it could be what it stands
// for, and else by its length.

// Quote returns a value in quotes. could says that it could be one of its parameter.
func Quote(text string, could bool) string {
	if !could {
		return "a text of " + count(text) + " characters"
	}
	return strconv.Quote(text)
}

// Name returns the name of a member that is not known, as messages and paths have it;
// "(300 characters)" for what could not be a name. Names are words, perhaps with a
// number; letters and digits in turns are what keys are made of.
func Name(name string) string {
	const longest = 40
	if name == "" {
		return `""`
	}
	numbers := 0
	for range strings.FieldsFuncSeq(name, func(r rune) bool { return r < '0' || r > '9' }) {
		numbers++
	}
	if len(name) > longest || numbers > 2 || strings.ContainsFunc(name, notInName) {
		return "(" + count(name) + " characters)"
	}
	return name
}

func notInName(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("-_.:/$#@", r)
}

func count(text string) string { return strconv.Itoa(utf8.RuneCountInString(text)) }
