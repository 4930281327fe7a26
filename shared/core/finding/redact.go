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
// number; letters and digits in turns are what keys are made of, and letters that stand
// beside each other in no word.
func Name(name string) string {
	const longest = 40
	if name == "" {
		return `""`
	}
	numbers := 0
	for range strings.FieldsFuncSeq(name, func(r rune) bool { return r < '0' || r > '9' }) {
		numbers++
	}
	if len(name) > longest || numbers > 2 || strings.ContainsFunc(name, notInName) || isScrambled(name) {
		return "(" + count(name) + " characters)"
	}
	return name
}

// pairs are, for each letter, those that follow it in at least three of the words that
// this project's documentation and code are written in.
var pairs = [26]string{
	"bcdefgiklmnprstuvwxyz", "abcdegijlnorsuy", "acdefhiklmorstuy", "abcdegiloprstuy", "abcdefghijlmnopqrstuvwxy", "acdefiloprstuy",
	"aeghilnoprsuz", "aceilmortuy", "abcdefgklmnoprstvxyz", "eosuw", "abeins", "abdefgiklmopstuvy", "abefilmnopqstu", "acdefghiklmnopqrstuvwyz",
	"abcdefgiklmnoprstuvwxy", "abcdehilnoprstuy", "u", "abcdefgiklmnoprstuvwy", "acefhiklmnopqrstuwy", "abcdefhilnoprstuwxy", "abcdefgilmnoprst",
	"aeiop", "aehinors", "aceipt", "beilmnopstu", "aehio",
}

// isScrambled reports whether more than one pair of letters is in no word: one may be a
// slip, or a foreign word. Of random letters, 16 pass once in a hundred times. What is too
// short to be a key passes always.
func isScrambled(name string) bool {
	const shortest = 8
	odd := 0
	for i := 1; i < len(name); i++ {
		a, b := name[i-1]|0x20, name[i]|0x20
		isWord := 'a' <= a && a <= 'z' && 'a' <= b && b <= 'z'
		begins := name[i-1] >= 'a' && name[i] < 'a' // a capital begins a word
		if isWord && !begins && strings.IndexByte(pairs[a-'a'], b) < 0 {
			odd++
		}
	}
	return odd > 1 && len(name) >= shortest
}

func notInName(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("-_.:/$#@", r)
}

func count(text string) string { return strconv.Itoa(utf8.RuneCountInString(text)) }
