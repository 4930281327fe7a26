package main

import (
	"bytes"
	"encoding/json"
)

// The members of a CycloneDX list, version 1.6, that are written here:
// https://cyclonedx.org/docs/1.6/json/. A number and a time of its own are left out, so that
// a release made again has the same list.
type (
	bom struct {
		Schema       string       `json:"$schema"`
		Format       string       `json:"bomFormat"`
		SpecVersion  string       `json:"specVersion"`
		Version      int          `json:"version"`
		Metadata     metadata     `json:"metadata"`
		Components   []component  `json:"components"`
		Dependencies []dependency `json:"dependencies"`
	}
	metadata struct {
		Component component `json:"component"`
	}
	component struct {
		Ref      string    `json:"bom-ref"`
		Type     string    `json:"type"`
		Name     string    `json:"name"`
		Version  string    `json:"version"`
		Hashes   []hash    `json:"hashes,omitempty"`
		Licences []licence `json:"licenses"`
		PURL     string    `json:"purl,omitempty"`
	}
	hash struct {
		Algorithm string `json:"alg"`
		Content   string `json:"content"`
	}
	licence struct {
		Expression string `json:"expression"`
	}
	dependency struct {
		Ref       string   `json:"ref"`
		DependsOn []string `json:"dependsOn,omitempty"`
	}
)

// cycloneDX lists the packages of all parts, and which part has which.
func cycloneDX(version string, parts []part) ([]byte, error) {
	own := func(name string) component {
		return component{Ref: name, Type: "application", Name: name, Version: version, Licences: []licence{{"Apache-2.0"}}}
	}
	list := bom{
		Schema: "http://cyclonedx.org/schema/bom-1.6.schema.json", Format: "CycloneDX", SpecVersion: "1.6", Version: 1,
		Metadata: metadata{own("vpnattach")},
	}
	whole := dependency{Ref: "vpnattach"}
	for _, p := range parts {
		name := "vpnattach/" + p.name
		list.Components = append(list.Components, own(name))
		has := dependency{Ref: name}
		for _, l := range p.packages {
			has.DependsOn = append(has.DependsOn, l.purl)
		}
		whole.DependsOn = append(whole.DependsOn, name)
		list.Dependencies = append(list.Dependencies, has)
	}
	list.Dependencies = append(list.Dependencies, whole)
	for _, l := range all(parts) {
		c := component{Ref: l.purl, Type: "library", Name: l.name, Version: l.version, Licences: []licence{{l.licence}}, PURL: l.purl}
		if l.sum != "" {
			c.Hashes = []hash{{l.hash, l.sum}}
		}
		list.Components = append(list.Components, c)
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(list)
	return out.Bytes(), err
}
