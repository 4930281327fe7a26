package main

import (
	"os"
	"path/filepath"

	"vpnattach/shared/aws"
	"vpnattach/shared/core/finding"
	rulefile "vpnattach/shared/core/rules"
)

// rules reads the rule file that RULES names, beside the program unless it is a whole
// path. Without RULES there are no rules.
func rules(a *aws.Account) *rulefile.Set {
	path := a.Text("RULES", "")
	root := a.Text("LAMBDA_TASK_ROOT", ".")
	if path == "" {
		return nil
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(root, path)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		a.Check("RULES", err)
		return nil
	}
	set, found := rulefile.Load(data)
	for _, f := range found {
		if f.Severity == finding.Error {
			a.Bad("RULES", "names a file with an error: "+f.Message+" ("+f.Check+" "+f.Path+")")
		}
	}
	a.Log.Info().Timestamp().Int("rules", set.Len()).Msg("rules")
	return set
}
