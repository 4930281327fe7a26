// Command tables writes, as one JSON document, what the page takes from the
// project when it is built: the core's tables, the error codes of the API, and the
// sample events.
//
//	go run ./wasm/builder/tables > tables.json
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"vpnattach/events"
	"vpnattach/functions/apply"
	"vpnattach/functions/local/server"
	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/pipeline"
	"vpnattach/shared/vpc"
)

func main() {
	if err := run(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "tables:", err)
		os.Exit(1)
	}
}

// document is what is written. Core is as pipeline.TablesJSON describes it; Rules are
// those of the findings that what runs the core adds.
type document struct {
	Core      json.RawMessage `json:"core"`
	Rules     []rule          `json:"rules"`
	Codes     []code          `json:"codes"`
	Events    []sample        `json:"events"`
	RuleFiles []sample        `json:"ruleFiles"`
}

type code struct {
	Name    string `json:"name"`
	Status  int    `json:"status,omitempty"`
	Class   string `json:"class"`
	Meaning string `json:"meaning"`
	Remedy  string `json:"remedy"`
	Source  string `json:"source"`
}

type rule struct {
	ID       string `json:"id"`
	Severity string `json:"severity"`
	Title    string `json:"title"`
	Hint     string `json:"hint,omitempty"`
	APICode  string `json:"apiCode,omitempty"`
	Ref      string `json:"ref,omitempty"`
}

// sample is a file of events/, as it stands there.
type sample struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

func run(w io.Writer) error {
	d := document{Core: pipeline.TablesJSON()}
	for _, table := range [][]finding.Check{apply.Rules(), server.Rules()} {
		for _, r := range table {
			d.Rules = append(d.Rules, rule{r.ID, r.Severity.String(), r.Title, r.Hint, r.APICode, r.Ref})
		}
	}
	for _, c := range vpc.Codes() {
		d.Codes = append(d.Codes, code{c.Name, c.Status, c.Class.String(), c.Meaning, c.Remedy, c.Source})
	}
	var err error
	if d.Events, err = samples("*.json"); err != nil {
		return err
	}
	if d.RuleFiles, err = samples("rules/*.json"); err != nil {
		return err
	}
	return json.NewEncoder(w).Encode(d)
}

func samples(pattern string) ([]sample, error) {
	names, err := fs.Glob(events.Files, pattern)
	if err != nil {
		return nil, fmt.Errorf("sample events: %w", err)
	}
	all := make([]sample, 0, len(names))
	for _, name := range names {
		text, err := fs.ReadFile(events.Files, name)
		if err != nil {
			return nil, fmt.Errorf("sample events: %w", err)
		}
		all = append(all, sample{strings.TrimSuffix(path.Base(name), ".json"), string(text)})
	}
	return all, nil
}
