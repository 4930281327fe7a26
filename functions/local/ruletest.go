package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"vpnattach/shared/core/pipeline"
	"vpnattach/shared/core/rules"
)

// testCommand runs the tests that rule files hold.
type testCommand struct {
	Rules []string `arg:"" help:"Rule files; - is standard input."`
	JSON  bool     `name:"json" help:"Print JSON instead of text."`
}

// Run prints of each test whether it has passed, and in what it differs.
func (c *testCommand) Run(p *program) error {
	t := p.text()
	if c.JSON {
		p.printJSON()
	}
	failed, all := 0, 0
	p.each(c.Rules, func(name string) error {
		set, err := p.loadRules(name)
		if err != nil {
			return err
		}
		tests := set.Tests()
		if !c.JSON {
			t.say(t.bold(visible(name)))
		}
		if len(tests) == 0 && !c.JSON {
			t.line(t.yellow("none"), `the file holds no tests; add "tests": [{"name": …, "event": …, "want": […]}]`)
		}
		for i := range tests {
			event, err := eventOf(&tests[i], name)
			if err != nil {
				return err
			}
			v := pipeline.RunTest(set, &tests[i], event)
			if all++; !v.Passed() {
				failed++
			}
			if c.JSON {
				p.list.add(v.AppendJSON(nil))
			} else {
				t.verdict(&v)
			}
		}
		return nil
	})
	p.failed = p.failed || failed > 0
	switch {
	case c.JSON:
	case failed > 0:
		t.line(t.red("failed"), visible(fmt.Sprintf("%d of %d %s", failed, all, plural("test", all))))
	case all > 0:
		t.line(t.green("passed"), visible(fmt.Sprintf("%d %s", all, plural("test", all))))
	}
	return nil
}

// eventOf reads the file that holds a test's event, if it names one.
func eventOf(test *rules.Test, rules string) (string, error) {
	if test.File == "" {
		return "", nil
	}
	name := test.File
	if !filepath.IsAbs(name) {
		name = filepath.Join(filepath.Dir(rules), name)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return "", usage("%s.event: %w", test.Path, err)
	}
	return string(data), nil
}

func (t *text) verdict(v *pipeline.Verdict) {
	if v.Passed() {
		t.line(t.green("ok"), visible(v.Test.Name))
		return
	}
	t.line(t.red("failed"), t.bold(visible(v.Test.Name)))
	for _, problem := range v.Problems {
		t.line("", visible(problem.Path+": "+problem.Message))
		for line := range strings.Lines(problem.Hint) {
			t.line("", t.dim(visible(strings.TrimSuffix(line, "\n"))))
		}
		var pairs [][2]shown
		for _, d := range problem.Differences {
			pairs = append(pairs, [2]shown{visible(d.Path), t.dim("wants ") + orNothing(d.From) + t.dim(", got ") + orNothing(d.To)})
		}
		t.pairs(pairs)
	}
}

func orNothing(text string) shown {
	if text == "" {
		return "nothing"
	}
	return visible(text)
}
