package main

import (
	"strconv"
	"strings"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/snippet"
)

// declarations returns the source of the types: of change documents, and of the names
// that findings, errors and options have.
func declarations() []byte {
	var w writer
	w.text("// The types that the tables of the core say. Made by wasm/generate; don't edit.\n")
	w.objects(attachment.Parameters)
	w.object("ChangeDocument", "A change document: a patch to one attachment. What is absent stays as it is.", attachment.Parameters)

	var names, checks, problems, peers, languages []string
	names = appendNames(names, "", attachment.Parameters)
	for _, c := range finding.All() {
		checks = append(checks, c.ID)
		if c.Part == finding.NoResult {
			problems = append(problems, c.ID)
		}
	}
	for _, p := range attachment.Peers() {
		peers = append(peers, p.Name)
	}
	for _, l := range snippet.Languages {
		languages = append(languages, l.Name)
	}
	w.union("ParameterName", "The names that rules use for parameters.", names)
	w.union("FindingRuleId", "The checks that findings and problems name.", checks)
	w.union("ProblemCode", "The codes of problems: why a call has no result.", problems)
	w.union("PeerName", "The profiles of the other end.", peers)
	w.union("LanguageName", "The forms of a request.", languages)
	return w.out
}

type writer struct{ out []byte }

func (w *writer) text(s string) { w.out = append(w.out, s...) }

func (w *writer) doc(indent, s string) {
	w.text(indent + "/** " + strings.ReplaceAll(s, "*/", "*\\/") + " */\n")
}

// objects writes an interface for each object of the table and within it.
func (w *writer) objects(table []attachment.Parameter) {
	for i := range table {
		p := &table[i]
		if len(p.Fields) == 0 {
			continue
		}
		w.objects(p.Fields)
		w.object(p.Name, p.Doc, p.Fields)
	}
}

func (w *writer) object(name, doc string, fields []attachment.Parameter) {
	w.text("\n")
	w.doc("", doc)
	w.text("export interface " + name + " {\n")
	for i := range fields {
		w.field(&fields[i])
	}
	w.text("}\n")
}

func (w *writer) field(p *attachment.Parameter) {
	w.doc("  ", describe(p))
	optional := "?"
	if p.Required {
		optional = ""
	}
	w.text("  " + p.Name + optional + ": " + typeOf(p) + ";\n")
	for _, alias := range p.Aliases {
		w.doc("  ", "Another spelling of "+p.Name+".")
		w.text("  " + alias + "?: " + typeOf(p) + ";\n")
	}
}

// describe is the parameter's row in words.
func describe(p *attachment.Parameter) string {
	parts := []string{p.Doc}
	add := func(s string) { parts = append(parts, s) }
	switch {
	case p.Kind == attachment.Text && p.Max > 0:
		add(strconv.FormatInt(p.Min, 10) + " to " + strconv.FormatInt(p.Max, 10) + " characters.")
	case p.Kind == attachment.Text && p.Min > 0:
		add("Not empty.")
	case p.Min != 0 || p.Max != 0:
		add(strconv.FormatInt(p.Min, 10) + " to " + strconv.FormatInt(p.Max, 10) + ".")
	}
	if p.Default != "" {
		add("Default: " + p.Default + ".")
	}
	switch p.Mode {
	case attachment.Single:
		add("Single-tunnel attachments only.")
	case attachment.Dual:
		add("Dual-tunnel attachments only.")
	}
	if p.Secret {
		add("Secret.")
	}
	if p.NoEffect {
		add("No effect, by newer documentation.")
	}
	if p.Unseen {
		add("Sent whenever it is asked for, since no answer shows it.")
	}
	if p.Hidden {
		add("In no documentation.")
	}
	if p.Example != "" && !p.Secret && len(p.Fields) == 0 {
		add("Example: `" + p.Example + "`.")
	}
	return strings.Join(parts, " ")
}

func typeOf(p *attachment.Parameter) string {
	switch p.Kind {
	case attachment.Bool:
		return `boolean | "true" | "false"`
	case attachment.Int, attachment.ASN:
		return "number | string"
	case attachment.Subnets:
		return "string | string[]"
	case attachment.Object:
		return p.Name + " | string"
	case attachment.Array:
		return p.Name + "[]"
	}
	if len(p.Enum) > 0 {
		return quoted(p.Enum)
	}
	return "string"
}

func quoted(texts []string) string {
	all := make([]string, len(texts))
	for i, s := range texts {
		all[i] = strconv.Quote(s)
	}
	return strings.Join(all, " | ")
}

func (w *writer) union(name, doc string, members []string) {
	w.text("\n")
	w.doc("", doc)
	w.text("export type " + name + " =")
	for _, m := range members {
		w.text("\n  | " + strconv.Quote(m))
	}
	w.text(";\n")
}

// appendNames appends the names that [attachment.Lookup] knows.
func appendNames(dst []string, prefix string, table []attachment.Parameter) []string {
	for i := range table {
		p := &table[i]
		name := prefix + p.Name
		if _, ok := attachment.Lookup(name); ok {
			dst = append(dst, name)
		}
		if p.Kind == attachment.Array {
			for n := 1; n <= attachment.MaxTunnels; n++ {
				dst = appendNames(dst, "Tunnel."+strconv.Itoa(n)+".", p.Fields)
			}
			continue
		}
		dst = appendNames(dst, name+".", p.Fields)
	}
	return dst
}
