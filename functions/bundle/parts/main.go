// Command parts tells what of others' is in programs: the Go modules that they are built
// of, the standard library, and npm packages.
//
//	parts -licences FILE PART…
//	parts -bom FILE -version 1.2.0 PART…
//
// A part is a name and what is in it, NAME=linux/arm64:./functions/apply/bootstrap for a Go
// program, or NAME=npm:FILE for the npm packages whose folders FILE lists; a name may come
// several times. The first form writes the texts of the licences, the second a CycloneDX
// list, both the same for the same sources. It runs in the project's folder.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
)

func main() {
	licences := flag.String("licences", "", "the file for the texts of the licences")
	bom := flag.String("bom", "", "the file for the CycloneDX list")
	version := flag.String("version", "", "the version of the release, for the list")
	flag.Parse()
	if err := run(*licences, *bom, *version, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "parts:", err)
		os.Exit(1)
	}
}

func run(licences, bom, version string, args []string) error {
	parts, err := read(args)
	if err != nil {
		return err
	}
	if licences != "" {
		err = os.WriteFile(licences, texts(parts), 0o644)
	}
	if bom != "" {
		list, e := cycloneDX(version, parts)
		if err = errors.Join(err, e); err == nil {
			err = os.WriteFile(bom, list, 0o644)
		}
	}
	return err
}

// part is a program or a page, with the packages in it, sorted.
type part struct {
	name     string
	packages []*library
}

// library is a package of others: a Go module, Go's standard library, or an npm package.
type library struct {
	name, version, purl string
	licence             string            // by SPDX
	texts               map[string]string // the texts of its licences and notices, by path in it
	hash, sum           string            // algorithm and hexadecimal digest of its archive, if they are known
}

// read reads what the arguments name.
func read(args []string) ([]part, error) {
	var parts []part
	known := map[string]*library{}
	for _, arg := range args {
		name, from, _ := strings.Cut(arg, "=")
		system, what, ok := strings.Cut(from, ":")
		if !ok || name == "" {
			return nil, fmt.Errorf("%q is not NAME=GOOS/GOARCH:PACKAGE or NAME=npm:FILE", arg)
		}
		var found []*library
		var err error
		if system == "npm" {
			found, err = npmPackages(what)
		} else {
			found, err = modules(system, what)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", arg, err)
		}
		i := slices.IndexFunc(parts, func(p part) bool { return p.name == name })
		if i < 0 {
			i, parts = len(parts), append(parts, part{name: name})
		}
		for _, l := range found {
			if known[l.purl] == nil {
				known[l.purl] = l
			}
			l, texts := known[l.purl], l.texts
			for path, text := range texts { // another program may use more folders of a module
				l.texts[path] = text
			}
			if !slices.Contains(parts[i].packages, l) {
				parts[i].packages = append(parts[i].packages, l)
			}
		}
		slices.SortFunc(parts[i].packages, byPURL)
	}
	for _, l := range all(parts) {
		if l.licence = spdx(l); l.licence == "" {
			return nil, fmt.Errorf("%s: its licence is not there, or not one of those that are known here", l.purl)
		}
	}
	return parts, nil
}

func byPURL(a, b *library) int { return strings.Compare(a.purl, b.purl) }

// all are the packages of all parts, each once.
func all(parts []part) []*library {
	var all []*library
	for _, p := range parts {
		all = append(all, p.packages...)
	}
	slices.SortFunc(all, byPURL)
	return slices.Compact(all)
}
