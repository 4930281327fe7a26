package api

import (
	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/jsontext"
	"vpnattach/shared/core/pipeline"
	"vpnattach/shared/core/rules"
)

// Test runs the tests that a rule file holds. The input is an object with rules (required)
// and events: for each file that a test names, its contents by that name, as JSON or as a
// string that holds its text. A test whose file is not among them has failed. The output is
// {"tests": [...]}, as [pipeline.Verdict.AppendJSON] writes them, with "rules" (findings of
// the rule file) when there are any; or an error.
func Test(data []byte) []byte {
	in, err := parseInput(data, "rules", "events")
	if err != nil {
		return appendError(nil, err)
	}
	if in.options.Rules == nil {
		return appendError(nil, invalid("rules", "rules is required", ""))
	}
	out := jsontext.AppendList([]byte(`{"tests":`), in.options.Rules.Tests(), func(dst []byte, t *rules.Test) []byte {
		v := in.run(t)
		return v.AppendJSON(dst)
	})
	if len(in.ruleFindings) > 0 {
		out = in.ruleFindings.AppendJSON(jsontext.AppendKey(out, "rules"))
	}
	return append(out, '}')
}

func (in *input) run(t *rules.Test) pipeline.Verdict {
	if t.File == "" {
		return pipeline.RunTest(in.options.Rules, t, "")
	}
	if event := in.events.Get(t.File); event.Exists() {
		return pipeline.RunTest(in.options.Rules, t, textOf(event))
	}
	return pipeline.Verdict{Test: t, Problems: []pipeline.Problem{{
		Path: t.Path + ".event", Message: "the file " + finding.Name(t.File) + " is not given", Hint: "write the event itself in its place, or give the file",
	}}}
}
