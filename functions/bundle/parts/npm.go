package main

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// npmPackages are those in the folders that a file lists, one on each line.
func npmPackages(list string) ([]*library, error) {
	folders, err := os.ReadFile(list)
	if err != nil {
		return nil, err
	}
	var found []*library
	for folder := range strings.FieldsSeq(string(folders)) {
		l, err := npmPackage(folder)
		if err != nil {
			return nil, err
		}
		found = append(found, l)
	}
	return found, nil
}

func npmPackage(folder string) (*library, error) {
	var about struct{ Name, Version, License string }
	if err := readJSON(filepath.Join(folder, "package.json"), &about); err != nil {
		return nil, err
	}
	l := &library{
		name: about.Name, version: about.Version, licence: about.License, texts: map[string]string{},
		purl: "pkg:npm/" + strings.Replace(about.Name, "@", "%40", 1) + "@" + about.Version,
	}
	// What npm has installed, with the digests that it has checked.
	const modules = "node_modules"
	at := strings.Index(folder, modules+"/")
	if at < 0 {
		return nil, fmt.Errorf("%s is not below node_modules", folder)
	}
	var installed struct {
		Packages map[string]struct{ Integrity string }
	}
	if err := readJSON(filepath.Join(folder[:at], modules, ".package-lock.json"), &installed); err != nil {
		return nil, err
	}
	sum, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(installed.Packages[folder[at:]].Integrity, "sha512-"))
	if err != nil {
		return nil, fmt.Errorf("the digest of %s: %w", about.Name, err)
	}
	l.hash, l.sum = "SHA-512", hex.EncodeToString(sum)
	return l, addTexts(l, folder, folder)
}

func readJSON(name string, into any) error {
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
