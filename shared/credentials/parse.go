package credentials

import (
	"errors"
	"fmt"
	"strings"

	"github.com/tidwall/gjson"

	"vpnattach/shared/core/request"
	"vpnattach/shared/core/secret"
)

// parse reads the secret's text. It fails when that is of neither form; a profile
// that is wrong in itself doesn't spoil the others.
func parse(text secret.Secret) (map[string]profile, error) {
	if !gjson.Valid(text.Reveal()) {
		return nil, errors.New("the secret is not JSON")
	}
	document := gjson.Parse(text.Reveal())
	if !document.IsObject() {
		return nil, errors.New("the secret is not a JSON object")
	}
	profiles := map[string]profile{}
	single := false
	document.ForEach(func(name, value gjson.Result) bool {
		if value.IsObject() {
			profiles[name.Str] = read(name.Str, value)
		} else if isMember(name.Str) {
			single = true
		}
		return true
	})
	switch {
	case single:
		return map[string]profile{Default: read(Default, document)}, nil
	case len(profiles) == 0:
		return nil, errors.New("the secret holds no access key: give accessKeyId and accessKeySecret, or an object of profiles")
	}
	return profiles, nil
}

func isMember(name string) bool {
	return strings.EqualFold(name, "accessKeyId") || strings.EqualFold(name, "accessKeySecret") || strings.EqualFold(name, "securityToken")
}

func read(name string, object gjson.Result) profile {
	var key request.Credentials
	object.ForEach(func(member, value gjson.Result) bool {
		switch {
		case value.Type != gjson.String:
		case strings.EqualFold(member.Str, "accessKeyId"):
			key.AccessKeyID = value.Str
		case strings.EqualFold(member.Str, "accessKeySecret"):
			key.AccessKeySecret = secret.New(value.Str)
		case strings.EqualFold(member.Str, "securityToken"):
			key.SecurityToken = secret.New(value.Str)
		}
		return true
	})
	if err := check(name, &key); err != nil {
		return profile{err: err}
	}
	return profile{key: key}
}

// check fails for a key that no request can be signed with.
func check(name string, key *request.Credentials) error {
	for _, part := range [...]struct {
		name, value string
		optional    bool
	}{
		{"accessKeyId", key.AccessKeyID, false},
		{"accessKeySecret", key.AccessKeySecret.Reveal(), false},
		{"securityToken", key.SecurityToken.Reveal(), true},
	} {
		switch {
		case part.value == "" && !part.optional:
			return fmt.Errorf("credentials: profile %q: %s is required: give it as a JSON string", name, part.name)
		case strings.ContainsFunc(part.value, func(r rune) bool { return r <= ' ' || r > '~' }):
			return fmt.Errorf("credentials: profile %q: %s contains white space or characters that access keys don't have: remove them", name, part.name)
		}
	}
	return nil
}
