package main

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// isLicence says by its name which file has terms or notices that have to go along.
var isLicence = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|patents|copyright)([-.].*)?$`)

// addTexts adds the licences and notices in one folder of a package.
func addTexts(l *library, root, folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if entry.IsDir() || !isLicence.MatchString(entry.Name()) {
			continue
		}
		file := filepath.Join(folder, entry.Name())
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		path, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		l.texts[filepath.ToSlash(path)] = strings.TrimSpace(strings.ReplaceAll(string(text), "\r\n", "\n"))
	}
	return nil
}

// spdx is the SPDX expression of a package's licence: what its package.json says, or what
// the text says. It is empty when there is no text, or one that is not known here.
func spdx(l *library) string {
	if len(l.texts) == 0 {
		return ""
	}
	if l.licence != "" {
		return l.licence
	}
	for _, path := range slices.Sorted(maps.Keys(l.texts)) {
		switch text := l.texts[path]; {
		case strings.Contains(path, "/"): // of a folder
		case strings.Contains(text, "Apache License") && strings.Contains(text, "Version 2.0"):
			return "Apache-2.0"
		case strings.Contains(text, "Permission is hereby granted, free of charge"):
			return "MIT"
		case strings.Contains(text, "Redistribution and use in source and binary forms") && strings.Contains(strings.ToLower(text), "neither the name"):
			return "BSD-3-Clause"
		}
	}
	return ""
}

// texts are the texts of all licences and notices, each once, below the packages that
// come with it.
func texts(parts []part) []byte {
	var order []string
	users := map[string][]string{}
	for _, l := range all(parts) {
		for _, path := range slices.Sorted(maps.Keys(l.texts)) {
			text := l.texts[path]
			if users[text] == nil {
				order = append(order, text)
			}
			users[text] = append(users[text], fmt.Sprintf("%s %s (%s)", l.name, l.version, path))
		}
	}
	var out bytes.Buffer
	out.WriteString("vpnattach is made with these packages of others, whose licences and notices follow.\n")
	for _, text := range order {
		fmt.Fprintf(&out, "\n%s\n\n%s\n\n%s\n", strings.Repeat("=", 80), strings.Join(users[text], "\n"), text)
	}
	return out.Bytes()
}
