package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"vpnattach/events"
	"vpnattach/shared/core/event"
	"vpnattach/shared/credentials/sts"
	"vpnattach/shared/vpc"
	"vpnattach/wasm/api"
)

// document is what the page takes from the project when it is built: the core's
// tables, as [api.Parameters] describes them, the error codes of the services and their classes,
// the forms of events, and the sample events and rule files.
type document struct {
	Core      json.RawMessage `json:"core"`
	Codes     []code          `json:"codes"`
	Sessions  []code          `json:"sessions"` // codes of STS
	Causes    []cause         `json:"causes"`   // of tunnels that are down
	Classes   []class         `json:"classes"`
	Forms     []form          `json:"forms"`
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

// cause is why a tunnel is down, see [vpc.Cause].
type cause struct {
	Name    string `json:"name"`
	Meaning string `json:"meaning"`
	Remedy  string `json:"remedy"`
}

// class is how the failures of a class are handled, see [outcome.Handling]. Waits are in
// seconds.
type class struct {
	Name       string  `json:"name"`
	HTTPStatus int     `json:"httpStatus"`
	First      float64 `json:"first"`
	Most       float64 `json:"most"`
	DeadLetter bool    `json:"deadLetter"`
	Alarm      bool    `json:"alarm"`
}

// form is a form of events, see [event.Form].
type form struct {
	Name  string `json:"name"`
	Shape string `json:"shape"`
	Taken string `json:"taken,omitempty"`
	Hint  string `json:"hint,omitempty"`
	Ref   string `json:"ref,omitempty"`
}

// sample is a file of events/, as it stands there.
type sample struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

func tables() (*document, error) {
	d := &document{Core: api.Parameters()}
	for _, c := range vpc.Codes() {
		d.Codes = append(d.Codes, code{c.Name, c.Status, string(c.Class), c.Meaning, c.Remedy, c.Source})
		if !slices.ContainsFunc(d.Classes, func(other class) bool { return other.Name == string(c.Class) }) {
			h := c.Class.Handling()
			d.Classes = append(d.Classes, class{string(c.Class), h.HTTPStatus, h.First.Seconds(), h.Most.Seconds(), h.DeadLetter, h.Alarm})
		}
	}
	for _, c := range sts.Codes() {
		d.Sessions = append(d.Sessions, code{c.Name, 0, string(c.Class), c.Meaning, c.Remedy, c.Source})
	}
	for _, c := range vpc.Causes() {
		d.Causes = append(d.Causes, cause{c.Code, c.Meaning, c.Remedy})
	}
	for _, f := range event.Forms() {
		d.Forms = append(d.Forms, form{f.Name, f.Shape, f.Taken, f.Hint, f.Ref})
	}
	var err error
	if d.Events, err = samples("*.json"); err != nil {
		return nil, err
	}
	if d.RuleFiles, err = samples("rules/*.json"); err != nil {
		return nil, err
	}
	return d, nil
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
