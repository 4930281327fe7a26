package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"vpnattach/shared/aws"
	"vpnattach/shared/aws/rulefile"
	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/rules"
)

// rulesOf returns the rules that RULES names. A file, beside the program unless it is a
// whole path, is read once: fixed. The ARN of an object or a parameter, see package
// rulefile, is looked at again while the function runs: changing. Without RULES both are
// nil, and there are no rules.
func rulesOf(a *aws.Account) (fixed *rules.Set, changing func(context.Context) (*rules.Set, error)) {
	name, root := a.Text("RULES", ""), a.Text("LAMBDA_TASK_ROOT", ".")
	if strings.HasPrefix(name, "arn:") {
		versions, err := rulefile.Open(a.AWS, name)
		a.Check("RULES", err)
		return nil, rulefile.New(rulefile.Config{Versions: versions, Log: a.Log, Report: func(stale bool) {
			count := 0
			if stale {
				count = 1
			}
			a.Metrics.Count("StaleRules", count)
		}}).Rules
	}
	if name == "" {
		return nil, nil
	}
	if !filepath.IsAbs(name) {
		name = filepath.Join(root, name)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		a.Check("RULES", err)
		return nil, nil
	}
	fixed, found := rules.Load(data)
	for _, f := range found {
		if f.Severity == finding.Error {
			a.Bad("RULES", "names a file with an error: "+f.Message+" ("+f.Check+" "+f.Path+")")
		}
	}
	a.Log.Info().Timestamp().Int("rules", fixed.Len()).Msg("rules")
	return fixed, nil
}
