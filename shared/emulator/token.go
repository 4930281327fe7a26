package emulator

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// token is a ClientToken that a request has used up. It belongs to the account, not
// to an access key: the keys of one role change by the hour.
type token struct {
	Key      string
	Digest   string // of the request's own parameters
	Answer   json.RawMessage
	Sequence int64
}

// keptTokens is how many used tokens are remembered, the oldest going first.
const keptTokens = 10_000

// tokenKey names the request's ClientToken and the parameters it stands for;
// the key is empty without a token.
func tokenKey(req *request) (key, digest string, refused *apiError) {
	text := req.params["ClientToken"]
	if text == "" {
		return "", "", nil
	}
	if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) {
		return "", "", illegal("ClientToken", text)
	}
	own := req.own()
	var all []byte
	for _, name := range slices.Sorted(maps.Keys(own)) {
		all = fmt.Appendf(all, "%q=%q\n", name, own[name])
	}
	return req.action + "/" + text, sha256Hex(all), nil
}

// replay answers a request whose token has been used, without any effect.
func (t *token) replay(digest string) (answer json.RawMessage, replayed bool, refused *apiError) {
	if t.Digest != digest {
		return nil, false, refuse("IdempotentParameterMismatch")
	}
	return t.Answer, true, nil
}

// useToken adds to the records that a change has used up its token, if it has one.
func (s *Server) useToken(changed records, key, digest string, answer json.RawMessage) {
	if key == "" {
		return
	}
	changed["token/"+key] = &token{key, digest, answer, s.sequence + 1}
	if len(s.tokenOrder) >= keptTokens {
		changed["token/"+s.tokenOrder[0]] = nil
	}
}
