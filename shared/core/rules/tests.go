package rules

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/rules/pattern"
)

// Test is a test that a rule file holds of itself: an event, and what is to become of it.
// Package pipeline runs it.
type Test struct {
	Name    string
	Path    string   // in the file: "tests[0]"
	Event   string   // JSON; empty when it is in a file
	File    string   // the name of that file, from where the rule file is
	Via     string   // the way by which the event comes; empty: by the event itself
	Want    []string // the change documents wanted, in order; nil: not said
	Refused []string // the checks whose findings are to be errors
	set     []setting
}

// setting is a value that a test's event has in place of the file's.
type setting struct {
	path  string // sjson
	value string // JSON
}

// Tests returns the tests that the rule file holds, in its order.
func (s *Set) Tests() []Test {
	if s == nil {
		return nil
	}
	return s.tests
}

var testInvalid = finding.Declare(finding.Check{
	ID: "rule-test", Severity: finding.Error, Part: finding.RuleFile,
	Title: "A test of a rule file can't be run as it is written.",
	Why:   "A test that says nothing, or that wants what no rule can give, would pass or fail whatever the rules do.",
	Hint:  `give an event and what is wanted of it: {"name": "by name", "event": "../cloudtrail-putsecretvalue.json", "want": [{"RegionId": …}]}`,
})

var testKeys = []string{"name", "event", "set", "via", "want", "refused"}

// tests reads the file's tests.
func (l *loader) tests(v gjson.Result, path string) (all []Test) {
	if !v.IsArray() {
		l.wrongType(path, "an array of tests", v)
		return nil
	}
	for i, item := range v.Array() {
		at := path + "[" + strconv.Itoa(i) + "]"
		if !item.IsObject() {
			l.wrongType(at, "an object", item)
			continue
		}
		t := Test{Path: at}
		l.members(item, at, testKeys, func(key string, value gjson.Result, at string) {
			switch key {
			case "name":
				t.Name, _ = l.text(value, at)
			case "event":
				if value.Type == gjson.String {
					t.File, _ = l.text(value, at)
				} else if t.Event = value.Raw; value.Type != gjson.JSON {
					l.wrongType(at, "an event, or the name of a file with one", value)
				}
			case "set":
				t.set = l.settings(value, at)
			case "via":
				t.Via, _ = l.text(value, at)
			case "want":
				t.Want = l.want(value, at)
			case "refused":
				t.Refused = l.refused(value, at)
			}
		})
		for _, key := range testKeys[:2] {
			if !item.Get(key).Exists() {
				l.add(testInvalid, at, at+" has no "+key, "")
			}
		}
		if !item.Get("want").Exists() && !item.Get("refused").Exists() {
			l.add(testInvalid, at, at+" says neither what is wanted nor why the event is refused", `give the change documents: "want": []; or the finding: "refused": "path-finds-nothing"`)
		}
		all = append(all, t)
	}
	return all
}

const setHint = "write names and indexes with dots between: detail.requestParameters.secretId"

// settings reads what a test changes in its event.
func (l *loader) settings(v gjson.Result, path string) (all []setting) {
	if !v.IsObject() {
		l.wrongType(path, "an object of paths and values", v)
		return nil
	}
	l.members(v, path, nil, func(key string, value gjson.Result, at string) {
		if slices.ContainsFunc(strings.Split(key, "."), func(part string) bool { return part == "" || len(part) > 4 && strings.Trim(part, "0123456789") == "" }) {
			l.add(testInvalid, at, named(key)+" is not a path at which a value can be set", setHint)
			return
		}
		all = append(all, setting{key, value.Raw})
	})
	return all
}

// want reads the change documents that a test wants.
func (l *loader) want(v gjson.Result, path string) []string {
	if !v.IsArray() {
		l.wrongType(path, "an array of change documents", v)
		return nil
	}
	all := []string{}
	for i, item := range v.Array() {
		at := path + "[" + strconv.Itoa(i) + "]"
		for _, f := range attachment.Validate(attachment.Parse(item.Raw, attachment.FromRule), nil, "") {
			if check := finding.Find(f.Check); f.Severity == finding.Error && check != nil && check.Part == finding.Document {
				l.findings.Add(testInvalid.At(strings.TrimSuffix(at+"."+f.Path, "."), "the change wanted: "+f.Message).Hinted(f.Hint))
			}
		}
		all = append(all, item.Raw)
	}
	return all
}

func (l *loader) refused(v gjson.Result, path string) (checks []string) {
	list := []gjson.Result{v}
	if v.IsArray() {
		list = v.Array()
	}
	for _, item := range list {
		if id, ok := l.text(item, path); ok {
			checks = append(checks, id)
		}
	}
	if len(list) == 0 {
		l.wrongType(path, "the names of findings", v)
	}
	return checks
}

// Input returns the test's event: that of its file, whose contents are given, or the one
// in the rule file; with what the test sets in it.
func (t *Test) Input(file string) (string, error) {
	event := t.Event
	if t.File != "" {
		event = file
	}
	for _, s := range t.set {
		changed, err := sjson.SetRaw(event, s.path, s.value)
		if err != nil || gjson.Get(changed, s.path).Raw != s.value {
			return "", errors.New(pattern.Quote(s.path) + " is not a path at which a value can be set: " + setHint)
		}
		event = changed
	}
	return event, nil
}
