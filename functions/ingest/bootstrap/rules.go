package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"vpnattach/shared/attachment"
	"vpnattach/shared/cloud"
	rulefile "vpnattach/shared/rules"
)

// rules reads the rule file that RULES names, beside the program unless it is a whole
// path. Without such a file there are no rules.
func rules(a *cloud.Account) *rulefile.Set {
	path := a.Text("RULES", "rules.json")
	if !filepath.IsAbs(path) {
		path = filepath.Join(a.Text("LAMBDA_TASK_ROOT", "."), path)
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		a.Check("RULES", err)
		return nil
	}
	set, found := rulefile.Load(data)
	for _, f := range found {
		if f.Severity == attachment.Error {
			a.Bad("RULES", "names a file with an error at "+f.Path+": "+f.Message+" ("+f.Rule+")")
		}
	}
	return set
}
