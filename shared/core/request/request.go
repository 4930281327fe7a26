package request

import (
	"errors"
	"strings"
	"time"

	"vpnattach/shared/core/secret"
)

// What the API calls itself and the operations that are used here.
const (
	APIVersion     = "2016-04-28"
	ModifyAction   = "ModifyVpnAttachmentAttribute"
	DescribeAction = "DescribeVpnConnection"
	DiagnoseAction = "DiagnoseVpnConnections"
)

// Signature is the way in which a request is signed.
type Signature uint8

const (
	V3 Signature = iota // ACS3-HMAC-SHA256, in the authorization header; what the SDKs use
	V1                  // HMAC-SHA1, in the query; what older clients use
)

// Credentials are an access key, with the security token when it is a temporary
// one (STS).
type Credentials struct {
	AccessKeyID     string
	AccessKeySecret secret.Secret
	SecurityToken   secret.Secret // empty: a permanent key
}

// Options are what a request needs beside its parameters.
type Options struct {
	Credentials Credentials
	Signature   Signature
	Endpoint    string    // host, with or without a port, or a URL of scheme and host; empty: by region, over HTTPS
	Time        time.Time // of the signature; the service allows 15 minutes of difference
	Nonce       string    // unique to each attempt
	EventIDs    []string  // the events that the change comes from; they make the ClientToken
	// TokenKey is the key of the ClientToken, for callers whose access key changes while
	// a request may have to be repeated. Default: the access key secret.
	TokenKey secret.Secret

	// Redact makes a request for display: keys, tokens, secret parameters and what
	// is computed from them show as ***, and nothing is signed. Credentials, time
	// and nonce may be missing then, and dynamic references stay as they stand.
	Redact bool
}

// The errors that a caller may want to tell apart.
var (
	ErrCredentials = errors.New("no access key to sign with")
	ErrReference   = errors.New("dynamic reference is not resolved")
)

// Header is one header of a request.
type Header struct {
	Name  string // lower case
	Value string
}

// Request is a signed HTTP request. It never changes, and it holds secrets: it
// prints as a short line without them.
type Request struct {
	Method  string
	Scheme  string // https or http
	Host    string // with its port, if one was given
	Path    string
	Query   string // encoded
	Headers []Header
	Body    string // application/x-www-form-urlencoded, or empty

	Action       string
	ClientToken  string // of a Modify request, as sent
	StringToSign string

	headers [maxHeaders]Header // backs Headers
}

// maxHeaders is the number of headers of a V3 request with token and body.
const maxHeaders = 11

// URL returns the request's absolute URL.
func (r *Request) URL() string {
	return r.Scheme + "://" + r.Host + r.Path + "?" + r.Query
}

// CanonicalRequest returns what a V3 signature hashes, made anew from the request;
// empty for V1.
func (r *Request) CanonicalRequest() string {
	payload := ""
	for _, h := range r.Headers {
		if h.Name == payloadHeader {
			payload = h.Value
		}
	}
	if payload == "" {
		return ""
	}
	query := strings.ReplaceAll(r.Query, "+", "%20")
	const others = 1024 // bytes of most requests beside the query
	return string(appendCanonicalRequest(make([]byte, 0, len(query)+others), r.Method, r.Path, []byte(query),
		signedHeaders(make([]Header, 0, maxHeaders), r.Headers), payload))
}

// MarshalText returns what Format writes. [Request.AppendJSON] is the whole request.
func (r Request) MarshalText() ([]byte, error) { return []byte(r.summary()), nil }

func (r *Request) summary() string {
	return r.Method + " " + r.Scheme + "://" + r.Host + r.Path + " " + r.Action
}

// AppendJSON appends the whole request, secrets included unless it was built with
// Redact, as a JSON object: method, url, headers, body, clientToken,
// canonicalRequest and stringToSign, of which empty ones are left out.
func (r *Request) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"method":`...)
	dst = appendText(dst, r.Method)
	dst = append(dst, `,"url":`...)
	dst = appendText(dst, r.URL())
	dst = append(dst, `,"headers":{`...)
	for i, h := range r.Headers {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendText(dst, h.Name)
		dst = append(dst, ':')
		dst = appendText(dst, h.Value)
	}
	dst = append(dst, '}')
	for _, optional := range [...]struct{ key, value string }{
		{"body", r.Body}, {"clientToken", r.ClientToken},
		{"canonicalRequest", r.CanonicalRequest()}, {"stringToSign", r.StringToSign},
	} {
		if optional.value != "" {
			dst = append(dst, `,"`+optional.key+`":`...)
			dst = appendText(dst, optional.value)
		}
	}
	return append(dst, '}')
}
