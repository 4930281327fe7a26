package pattern

import (
	"math"
	"net/netip"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
)

// maxNumber bounds the numbers of "numeric", in both directions.
const maxNumber = 5e9

// operators is what a condition may be, for hints.
const operators = "prefix, suffix, equals-ignore-case, wildcard, anything-but, numeric, cidr and exists"

// condition reads one element of a field's array. Missing is true for
// {"exists": false}; ok is false when there was a problem.
func (p *parser) condition(v gjson.Result, path string) (t test, missing, ok bool) {
	switch {
	case v.Type == gjson.String:
		return test{op: equalText, text: v.Str}, false, true
	case v.Type == gjson.Number:
		return number(v), false, true
	case v.Type != gjson.JSON:
		return test{op: equalLiteral, text: v.Raw}, false, true
	case v.IsArray():
		p.problem(path, "a condition is a value or an object with an operator, not an array", "list the values in the outer array")
		return test{}, false, false
	}
	operator, operand, ok := p.only(v, path)
	if !ok {
		return test{}, false, false
	}
	at := Join(path, operator)
	switch operator {
	case "exists":
		if operand.Type != gjson.True && operand.Type != gjson.False {
			p.problem(at, "exists takes true or false, not "+TypeName(operand), "")
			return test{}, false, false
		}
		return test{op: exists}, operand.Type == gjson.False, true
	case "numeric":
		t, ok = p.numeric(operand, at)
	case "anything-but":
		t, ok = p.anythingBut(operand, at)
	case "prefix", "suffix":
		if operand.IsObject() {
			inner, text, one := p.only(operand, at)
			if one && inner != "equals-ignore-case" {
				p.problem(Join(at, inner), operator+" can be combined with equals-ignore-case only", "")
				one = false
			}
			if !one {
				return test{}, false, false
			}
			t, ok = p.text(operator+"-ignore-case", text, Join(at, inner))
			break
		}
		t, ok = p.text(operator, operand, at)
	case "equals-ignore-case", "wildcard", "cidr":
		t, ok = p.text(operator, operand, at)
	default:
		p.problem(at, "there is no operator "+Quote(operator), "the operators are "+operators)
		ok = false
	}
	return t, false, ok
}

// only takes apart an object that must have exactly one key.
func (p *parser) only(v gjson.Result, path string) (key string, value gjson.Result, ok bool) {
	count := 0
	v.ForEach(func(k, operand gjson.Result) bool {
		if count++; count == 1 {
			key, value = k.Str, operand
		}
		return true
	})
	if count != 1 {
		p.problem(path, "a condition has exactly one operator, not "+strconv.Itoa(count),
			"the conditions of an array are alternatives; a condition for both of two things is not to be had")
	}
	return key, value, count == 1
}

// text reads the operators that take a string.
func (p *parser) text(operator string, v gjson.Result, path string) (test, bool) {
	name := strings.TrimSuffix(operator, "-ignore-case")
	if operator == "equals-ignore-case" {
		name = operator
	}
	if v.Type != gjson.String {
		p.problem(path, name+" takes a string, not "+TypeName(v), "")
		return test{}, false
	}
	t := test{text: v.Str}
	switch operator {
	case "prefix":
		t.op = hasPrefix
	case "suffix":
		t.op = hasSuffix
	case "equals-ignore-case":
		t.op = foldEqual
	case "prefix-ignore-case":
		t.op = foldPrefix
	case "suffix-ignore-case":
		t.op = foldSuffix
	case "wildcard":
		t.op = wildcard
		parts, problem := wildcardParts(v.Str)
		if problem != "" {
			p.problem(path, problem, `an asterisk stands for any text; \* is an asterisk and \\ a backslash, in JSON written "\\*" and "\\\\"`)
			return test{}, false
		}
		t.parts = parts
	case "cidr":
		t.op = inNetwork
		network, err := netip.ParsePrefix(v.Str)
		switch {
		case err != nil:
			p.problem(path, "cidr takes an IPv4 or IPv6 network, which "+Quote(v.Str)+" is not", "write 10.0.0.0/24 or 2001:db8::/32")
			return test{}, false
		case network.IsSingleIP():
			p.problem(path, "EventBridge refuses a network of one address", "write the address itself as the value")
			return test{}, false
		}
		t.network = network.Masked()
	}
	return t, true
}

// wildcardParts splits at the asterisks and takes the escapes away.
func wildcardParts(s string) (parts []string, problem string) {
	var part []byte
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '*':
			if i > 0 && s[i-1] == '*' && len(part) == 0 {
				return nil, "two asterisks in a row are not allowed"
			}
			parts = append(parts, string(part))
			part = part[:0]
		case '\\':
			if i++; i == len(s) || s[i] != '*' && s[i] != '\\' {
				return nil, "a backslash can stand before an asterisk or a backslash only"
			}
			part = append(part, s[i])
		default:
			part = append(part, s[i])
		}
	}
	return append(parts, string(part)), ""
}

// anythingBut reads a value, a list of strings or of numbers, or an operator with a
// string or a list of strings.
func (p *parser) anythingBut(v gjson.Result, path string) (test, bool) {
	t := test{op: anythingBut}
	operator := ""
	if v.IsObject() {
		inner, operand, ok := p.only(v, path)
		if !ok {
			return t, false
		}
		path = Join(path, inner)
		switch inner {
		case "prefix", "suffix", "equals-ignore-case", "wildcard":
			operator, v = inner, operand
		default:
			p.problem(path, "anything-but has no operator "+Quote(inner),
				"it takes values, or prefix, suffix, equals-ignore-case or wildcard")
			return t, false
		}
	}
	list := []gjson.Result{v}
	if v.IsArray() {
		if list = v.Array(); len(list) == 0 {
			p.problem(path, "the list must not be empty", `to ask only that the field is there, write {"exists": true}`)
			return t, false
		}
	}
	before := len(p.problems)
	for i, item := range list {
		at := path
		if v.IsArray() {
			at = element(path, i)
		}
		switch {
		case operator != "":
			not, ok := p.text(operator, item, at)
			if ok && item.Str == "" && (operator == "prefix" || operator == "suffix") {
				p.problems = append(p.problems, Problem{Path: at, Never: true,
					Message: "every string has the empty " + operator + ", so nothing is left to match", Hint: "name a text"})
			}
			t.not = append(t.not, not)
		case item.Type == gjson.String:
			t.not = append(t.not, test{op: equalText, text: item.Str})
		case item.Type == gjson.Number:
			t.not = append(t.not, number(item))
		default:
			p.problem(at, "anything-but takes strings and numbers, not "+TypeName(item), "")
		}
		if operator == "" && item.Type != list[0].Type && len(p.problems) == before {
			p.problem(at, "a list of anything-but holds strings only or numbers only",
				"EventBridge has no way to exclude both; use two rules")
		}
	}
	return t, len(p.problems) == before
}

// numeric reads ["=", n], ["<", n] and ["<=", n], and [">", n] or [">=", n] with an
// optional upper bound.
func (p *parser) numeric(v gjson.Result, path string) (test, bool) {
	const form = `write ["=", 5], [">", 0] or [">=", 0, "<", 10]`
	terms := v.Array()
	if !v.IsArray() || len(terms) != 2 && len(terms) != 4 {
		p.problem(path, "numeric takes an array of a comparison and a number, or of two such pairs", form)
		return test{}, false
	}
	t := test{op: inRange, low: math.Inf(-1), high: math.Inf(1)}
	for i := 0; i < len(terms); i += 2 {
		comparison, bound := terms[i], terms[i+1]
		switch {
		case comparison.Type != gjson.String:
			p.problem(element(path, i), "here stands a comparison as a string, not "+TypeName(comparison), form)
			return t, false
		case bound.Type != gjson.Number:
			p.problem(element(path, i+1), "here stands a number, not "+TypeName(bound), form)
			return t, false
		case math.Abs(bound.Num) > maxNumber:
			p.problem(element(path, i+1), "the number is outside of -5.0e9 to 5.0e9, the range of numeric", "")
			return t, false
		case significantDigits(bound.Raw) > doubleDigits:
			p.problem(element(path, i+1), "the number has more than 15 digits, the precision of numeric", "")
			return t, false
		}
		pair := len(terms) == 4
		switch op := comparison.Str; {
		case (op == ">" || op == ">=") && i == 0:
			t.low, t.openLow = bound.Num, op == ">"
		case (op == "<" || op == "<=") && (i == 2 || !pair):
			t.high, t.openHigh = bound.Num, op == "<"
		case op == "=" && !pair:
			t.low, t.high = bound.Num, bound.Num
		case op == "=" || op == "<" || op == "<=" || op == ">" || op == ">=":
			p.problem(element(path, i), "a range is a lower bound (> or >=) and then an upper one (< or <=)", form)
			return t, false
		default:
			p.problem(element(path, i), "there is no comparison "+Quote(op), form)
			return t, false
		}
	}
	if len(terms) == 4 && t.low >= t.high {
		p.problems = append(p.problems, Problem{Path: path, Never: true,
			Message: "no number lies in this range: the lower bound must be less than the upper one",
			Hint:    `for one number write ["=", n]`})
		return t, false
	}
	return t, true
}

func number(v gjson.Result) test {
	return test{op: equalNumber, text: v.Raw, number: v.Num, byText: significantDigits(v.Raw) > doubleDigits}
}
