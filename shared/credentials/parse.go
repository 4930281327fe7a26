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
		if value.IsObject() && !isRole(name.Str, value) {
			profiles[name.Str] = read(name.Str, value)
		} else if isMember(name.Str) || value.IsObject() {
			single = true
		}
		return true
	})
	_, named := profiles[Default]
	switch {
	case single && named:
		profiles[Default] = profile{err: fmt.Errorf("credentials: profile %q is in the secret twice, by its name and without: leave out one of them", Default)}
	case single:
		profiles[Default] = read(Default, document)
	case len(profiles) == 0:
		return nil, errors.New("the secret holds no access key: give accessKeyId and accessKeySecret, or oidc, or an object of profiles")
	}
	return profiles, nil
}

func isMember(name string) bool {
	return strings.EqualFold(name, "accessKeyId") || strings.EqualFold(name, "accessKeySecret") || strings.EqualFold(name, "securityToken")
}

const oidc = "oidc"

// isRole reports whether a member is the role of a profile, and not a profile of that
// name, which has a key or a role in it.
func isRole(name string, value gjson.Result) bool {
	if !strings.EqualFold(name, oidc) {
		return false
	}
	role := true
	value.ForEach(func(member, _ gjson.Result) bool {
		role = !isMember(member.Str) && !strings.EqualFold(member.Str, oidc)
		return role
	})
	return role
}

// roleMember is the part of a role that has that name; nil: none.
func roleMember(r *Role, name string) *string {
	switch {
	case strings.EqualFold(name, "providerArn"):
		return &r.ProviderARN
	case strings.EqualFold(name, "roleArn"):
		return &r.RoleARN
	case strings.EqualFold(name, "audience"):
		return &r.Audience
	}
	return nil
}

func read(name string, object gjson.Result) profile {
	var key request.Credentials
	var role *Role
	object.ForEach(func(member, value gjson.Result) bool {
		switch {
		case strings.EqualFold(member.Str, oidc):
			role = readRole(value)
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
	var err error
	switch {
	case role == nil:
		err = check(name, &key)
	case key.AccessKeyID != "" || !key.AccessKeySecret.IsZero() || !key.SecurityToken.IsZero():
		err = fmt.Errorf("credentials: profile %q has an access key and oidc: leave out one of them", name)
	default:
		if err = role.Check(); err != nil {
			err = fmt.Errorf("credentials: profile %q: oidc: %w", name, err)
		}
	}
	if err != nil {
		return profile{err: err}
	}
	return profile{key: key, role: role}
}

func readRole(object gjson.Result) *Role {
	r := &Role{}
	object.ForEach(func(member, value gjson.Result) bool {
		if part := roleMember(r, member.Str); part != nil && value.Type == gjson.String {
			*part = value.Str
		}
		return true
	})
	return r
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
		case strings.ContainsFunc(part.value, isStrange):
			return fmt.Errorf("credentials: profile %q: %s contains white space or characters that access keys don't have: remove them", name, part.name)
		}
	}
	return nil
}

// isStrange reports whether a character is white space, or one that access keys don't have.
func isStrange(r rune) bool { return r <= ' ' || r > '~' }
