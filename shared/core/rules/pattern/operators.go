package pattern

import (
	"math"
	"net/netip"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"vpnattach/shared/core/finding"
)

// maxNumber bounds the numbers of "numeric", in both directions.
const maxNumber = 5e9

// operators is what a condition may be, for hints.
const operators = "prefix, suffix, equals-ignore-case, wildcard, anything-but, numeric, cidr and exists"

// condition reads one element of a field's array. Missing is true for
// {"exists": false}; ok is false when there was a problem.
func (p *parser) condition(v gjson.Result, path string) (c condition, missing, ok bool) {
	switch {
	case v.Type == gjson.String:
		return condition{op: equalText, text: v.Str}, false, true
	case v.Type == gjson.Number:
		return number(v), false, true
	case v.Type != gjson.JSON:
		return condition{op: equalLiteral, text: v.Raw}, false, true
	case v.IsArray():
		p.problem(path, "a condition is a value or an object with an operator, not an array", "list the values in the outer array")
		return condition{}, false, false
	}
	operator, operand, ok := p.only(v, path)
	if !ok {
		return condition{}, false, false
	}
	at := Join(path, operator)
	switch operator {
	case "exists":
		if operand.Type != gjson.True && operand.Type != gjson.False {
			p.problem(at, "exists takes true or false, not "+TypeName(operand), "")
			return condition{}, false, false
		}
		return condition{op: exists}, operand.Type == gjson.False, true
	case "numeric":
		c, ok = p.numeric(operand, at)
	case "anything-but":
		c, ok = p.anythingBut(operand, at)
	case "prefix", "suffix":
		if operand.IsObject() {
			inner, text, one := p.only(operand, at)
			if one && inner != "equals-ignore-case" {
				p.problem(Join(at, inner), operator+" can be combined with equals-ignore-case only", "")
				one = false
			}
			if !one {
				return condition{}, false, false
			}
			c, ok = p.text(operator+"-ignore-case", text, Join(at, inner))
			break
		}
		c, ok = p.text(operator, operand, at)
	case "equals-ignore-case", "wildcard", "cidr":
		c, ok = p.text(operator, operand, at)
	default:
		p.problem(at, "unknown operator "+named(operator), "the operators are "+operators)
		ok = false
	}
	return c, false, ok
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
			"the conditions of an array are alternatives; one condition can't ask for two things at once")
	}
	return key, value, count == 1
}

// text reads the operators that take a string.
func (p *parser) text(operator string, v gjson.Result, path string) (condition, bool) {
	name := strings.TrimSuffix(operator, "-ignore-case")
	if operator == "equals-ignore-case" {
		name = operator
	}
	if v.Type != gjson.String {
		p.problem(path, name+" takes a string, not "+TypeName(v), "")
		return condition{}, false
	}
	c := condition{text: v.Str}
	switch operator {
	case "prefix":
		c.op = hasPrefix
	case "suffix":
		c.op = hasSuffix
	case "equals-ignore-case":
		c.op = foldEqual
	case "prefix-ignore-case":
		c.op = foldPrefix
	case "suffix-ignore-case":
		c.op = foldSuffix
	case "wildcard":
		c.op = wildcard
		parts, problem := wildcardParts(v.Str)
		if problem != "" {
			p.problem(path, problem, `an asterisk stands for any text; \* is an asterisk and \\ a backslash, in JSON written "\\*" and "\\\\"`)
			return condition{}, false
		}
		c.parts = parts
	case "cidr":
		c.op = inNetwork
		network, err := netip.ParsePrefix(v.Str)
		switch {
		case err != nil:
			p.problem(path, "cidr takes an IPv4 or IPv6 network, and this text is not one", "write 10.0.0.0/24 or 2001:db8::/32")
			return condition{}, false
		case network.IsSingleIP():
			p.problem(path, "EventBridge refuses a network of one address", "write the address itself as the value")
			return condition{}, false
		}
		c.network = network.Masked()
	}
	return c, true
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
func (p *parser) anythingBut(v gjson.Result, path string) (condition, bool) {
	c := condition{op: anythingBut}
	operator := ""
	if v.IsObject() {
		inner, operand, ok := p.only(v, path)
		if !ok {
			return c, false
		}
		path = Join(path, inner)
		switch inner {
		case "prefix", "suffix", "equals-ignore-case", "wildcard":
			operator, v = inner, operand
		default:
			p.problem(path, "anything-but has no operator "+named(inner),
				"it takes values, or prefix, suffix, equals-ignore-case or wildcard")
			return c, false
		}
	}
	list := []gjson.Result{v}
	if v.IsArray() {
		if list = v.Array(); len(list) == 0 {
			p.problem(path, "the list must not be empty", `to ask only that the field is there, write {"exists": true}`)
			return c, false
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
			c.not = append(c.not, not)
		case item.Type == gjson.String:
			c.not = append(c.not, condition{op: equalText, text: item.Str})
		case item.Type == gjson.Number:
			c.not = append(c.not, number(item))
		default:
			p.problem(at, "anything-but takes strings and numbers, not "+TypeName(item), "")
		}
		if operator == "" && item.Type != list[0].Type && len(p.problems) == before {
			p.problem(at, "a list of anything-but holds strings only or numbers only",
				"EventBridge has no way to exclude both; use two rules")
		}
	}
	return c, len(p.problems) == before
}

// numeric reads ["=", n], ["<", n] and ["<=", n], and [">", n] or [">=", n] with an
// optional upper bound.
func (p *parser) numeric(v gjson.Result, path string) (condition, bool) {
	const form = `write ["=", 5], [">", 0] or [">=", 0, "<", 10]`
	terms := v.Array()
	if !v.IsArray() || len(terms) != 2 && len(terms) != 4 {
		p.problem(path, "numeric takes an array of a comparison and a number, or of two such pairs", form)
		return condition{}, false
	}
	c := condition{op: inRange, low: math.Inf(-1), high: math.Inf(1)}
	for i := 0; i < len(terms); i += 2 {
		comparison, bound := terms[i], terms[i+1]
		switch {
		case comparison.Type != gjson.String:
			p.problem(element(path, i), "expected a comparison as a string, not "+TypeName(comparison), form)
			return c, false
		case bound.Type != gjson.Number:
			p.problem(element(path, i+1), "expected a number, not "+TypeName(bound), form)
			return c, false
		case math.Abs(bound.Num) > maxNumber:
			p.problem(element(path, i+1), "the number is outside of -5.0e9 to 5.0e9, the range of numeric", "")
			return c, false
		case significantDigits(bound.Raw) > doubleDigits:
			p.problem(element(path, i+1), "the number has more than 15 digits, the precision of numeric", "")
			return c, false
		}
		pair := len(terms) == 4
		switch op := comparison.Str; {
		case (op == ">" || op == ">=") && i == 0:
			c.low, c.openLow = bound.Num, op == ">"
		case (op == "<" || op == "<=") && (i == 2 || !pair):
			c.high, c.openHigh = bound.Num, op == "<"
		case op == "=" && !pair:
			c.low, c.high = bound.Num, bound.Num
		case op == "=" || op == "<" || op == "<=" || op == ">" || op == ">=":
			p.problem(element(path, i), "a range is a lower bound (> or >=) and then an upper one (< or <=)", form)
			return c, false
		default:
			p.problem(element(path, i), "unknown comparison "+finding.Quote(op, strings.Trim(op, "<>=!") == ""), form)
			return c, false
		}
	}
	if len(terms) == 4 && c.low >= c.high {
		p.problems = append(p.problems, Problem{Path: path, Never: true,
			Message: "no number lies in this range: the lower bound must be less than the upper one",
			Hint:    `for one number write ["=", n]`})
		return c, false
	}
	return c, true
}

func number(v gjson.Result) condition {
	return condition{op: equalNumber, text: v.Raw, number: v.Num, byText: significantDigits(v.Raw) > doubleDigits}
}
