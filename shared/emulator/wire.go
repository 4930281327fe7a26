package emulator

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// maxBody is how many bytes of a body are read; a longer one is refused.
const maxBody = 1 << 20

// request is one call as it came over the wire.
type request struct {
	action, version string
	id              string // RequestId of the answer
	host            string
	scheme          string
	account         *Account
	query           []pair            // in the order of the URL
	params          map[string]string // query and form body together
}

type pair struct{ key, value string }

// signatureParams are the V1 parameters that are not the operation's own.
var signatureParams = map[string]bool{
	"Action": true, "Version": true, "Format": true, "AccessKeyId": true, "SecurityToken": true,
	"Signature": true, "SignatureMethod": true, "SignatureVersion": true, "SignatureNonce": true,
	"SignatureType": true, "Timestamp": true,
}

// readRequest takes the parameters from the query and from a form body. A name
// that comes twice is refused, since the documentation gives it no meaning.
func readRequest(r *http.Request, body []byte) (*request, *apiError) {
	req := &request{host: r.Host, scheme: "http", params: map[string]string{}}
	if r.TLS != nil {
		req.scheme = "https"
	}
	var err error
	if req.query, err = splitPairs(r.URL.RawQuery); err != nil {
		return req, refuse("InvalidParameter", "the query can't be decoded")
	}
	pairs := req.query
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err == nil && media == "application/x-www-form-urlencoded" {
		form, err := splitPairs(string(body))
		if err != nil {
			return req, refuse("InvalidParameter", "the form body can't be decoded")
		}
		pairs = append(pairs[:len(pairs):len(pairs)], form...)
	}
	for _, p := range pairs {
		if _, twice := req.params[p.key]; twice {
			return req, refuse("InvalidParameter", "a parameter comes more than once")
		}
		req.params[p.key] = p.value
	}
	req.action, req.version = req.params["Action"], req.params["Version"]
	if isV3(r) {
		req.action, req.version = r.Header.Get("x-acs-action"), r.Header.Get("x-acs-version")
	}
	return req, nil
}

// splitPairs decodes a=b&c=d; a plus sign is a space, as in forms.
func splitPairs(raw string) ([]pair, error) {
	var pairs []pair
	for part := range strings.SplitSeq(raw, "&") {
		if part == "" {
			continue
		}
		key, value, _ := strings.Cut(part, "=")
		key, err := url.QueryUnescape(key)
		if err != nil {
			return nil, err
		}
		if value, err = url.QueryUnescape(value); err != nil {
			return nil, err
		}
		pairs = append(pairs, pair{key, value})
	}
	return pairs, nil
}

// own returns the operation's own parameters: what a ClientToken stands for.
func (q *request) own() map[string]string {
	own := map[string]string{}
	for name, value := range q.params {
		if !signatureParams[name] && name != "ClientToken" {
			own[name] = value
		}
	}
	return own
}

// has reports whether the parameter is there, be it empty.
func (q *request) has(name string) bool {
	_, there := q.params[name]
	return there
}

// flag reads a boolean parameter into dst and leaves dst alone when it is absent.
func (q *request) flag(name string, dst *bool) *apiError {
	text, there := q.params[name]
	if !there {
		return nil
	}
	if text != "true" && text != "false" {
		return illegal(name, text)
	}
	*dst = text == "true"
	return nil
}

// number reads a whole number within bounds; fallback when it is absent.
func (q *request) number(name string, fallback, low, high int) (int, *apiError) {
	text, there := q.params[name]
	if !there {
		return fallback, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < low || n > high {
		return 0, illegal(name, text)
	}
	return n, nil
}

// list returns the values of NAME.1, NAME.2 and so on.
func (q *request) list(name string) []string {
	var values []string
	for n := 1; q.has(name + "." + strconv.Itoa(n)); n++ {
		values = append(values, q.params[name+"."+strconv.Itoa(n)])
	}
	return values
}

// tunnels returns the flattened items of TunnelOptionsSpecification.
func (q *request) tunnels() (map[int]map[string]string, *apiError) {
	return q.items("TunnelOptionsSpecification")
}

// items returns the flattened objects of a list by their position from 1 on:
// {1: {"TunnelIndex": "1", "TunnelIkeConfig.Psk": "…"}}.
func (q *request) items(list string) (map[int]map[string]string, *apiError) {
	items := map[int]map[string]string{}
	for name, value := range q.params {
		rest, ours := strings.CutPrefix(name, list+".")
		if !ours {
			continue
		}
		position, member, nested := strings.Cut(rest, ".")
		n, err := strconv.Atoi(position)
		if err != nil || n < 1 || strconv.Itoa(n) != position || !nested {
			return nil, illegal(list, "")
		}
		if items[n] == nil {
			items[n] = map[string]string{}
		}
		items[n][member] = value
	}
	return items, nil
}

// nested returns the members of one object inside a flattened tunnel item.
func nested(item map[string]string, object string) map[string]string {
	members := map[string]string{}
	for name, value := range item {
		if member, ours := strings.CutPrefix(name, object+"."); ours {
			members[member] = value
		}
	}
	return members
}

// decodeObject reads a parameter that holds JSON text. Strings, numbers and
// booleans are all taken as text; null counts as left out; false means that the
// text is not a flat JSON object.
func decodeObject(text string) (map[string]string, bool) {
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.UseNumber()
	var object map[string]any
	if decoder.Decode(&object) != nil || object == nil {
		return nil, false
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, false
	}
	members := map[string]string{}
	for name, value := range object {
		switch value := value.(type) {
		case nil:
		case string:
			members[name] = value
		case json.Number:
			members[name] = value.String()
		case bool:
			members[name] = strconv.FormatBool(value)
		default:
			return nil, false
		}
	}
	return members, true
}
