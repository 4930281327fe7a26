package request

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/secret"
)

const (
	method   = "POST"
	path     = "/"
	formType = "application/x-www-form-urlencoded"
)

// Builder makes requests. Its zero value is ready. It keeps its memory and the
// keyed hash states from one request to the next, and with them secrets; it is not
// safe for concurrent use. The requests it returns are independent of it.
type Builder struct {
	params wireParams
	query  []byte // canonical
	body   []byte
	out    []byte // the text of the request being made
	ids    []string
	signed []Header
	v3, v1 mac
	token  mac // with a key of its own
}

// most is how much memory for one text Forget keeps, in bytes.
const most = 1 << 16

// Forget overwrites the texts that the builder has kept of its requests, and lets go
// of the keyed hash states. Memory for the next request stays.
func (b *Builder) Forget() {
	for _, text := range []*[]byte{&b.params.text, &b.params.encoded, &b.query, &b.body, &b.out} {
		clear((*text)[:cap(*text)])
		if cap(*text) > most {
			*text = nil
		}
	}
	clear(b.ids[:cap(b.ids)])
	clear(b.signed[:cap(b.signed)])
	b.v3, b.v1, b.token = mac{}, mac{}, mac{}
}

// Modify returns the request that applies the change, which has passed
// [attachment.Validate]. Without a ClientToken in the change it computes one: a
// keyed hash of the event ids and the parameters, so that the same change of the
// same events is the same request to the service.
//
// The errors: no RegionId or VpnConnectionId, a wrong endpoint, [ErrCredentials],
// [ErrReference], no time, no nonce.
func (b *Builder) Modify(c *attachment.Change, o Options) (*Request, error) {
	address := target{action: ModifyAction, region: c.Text(attachment.RegionID), id: c.Text(attachment.VpnConnectionID), form: true}
	if err := check(address, &o); err != nil {
		return nil, &failure{ModifyAction, err}
	}
	b.params.reset(unreserved)
	b.params.collect(c, true)
	if b.params.reference != "" && !o.Redact {
		return nil, &failure{ModifyAction, &failure{b.params.reference, ErrReference}}
	}
	token, brought := c.Text(attachment.ClientToken), c.Values[attachment.ClientToken].Present()
	if !brought {
		token = b.clientToken(&o)
	}
	if o.Redact {
		b.params.reset(legible)
		b.params.collect(c, false)
	}
	if !brought {
		b.params.insert(tokenName, token)
	}
	return b.build(address, token, &o)
}

// Describe returns the request that asks for the attachment's configuration and
// state. Its errors are those of Modify but for references.
func (b *Builder) Describe(region, vpnConnectionID string, o Options) (*Request, error) {
	address := target{action: DescribeAction, region: region, id: vpnConnectionID}
	if err := check(address, &o); err != nil {
		return nil, &failure{DescribeAction, err}
	}
	b.params.reset(unreserved)
	if o.Redact {
		b.params.keep = legible
	}
	b.params.insert("RegionId", region)
	b.params.insert("VpnConnectionId", vpnConnectionID)
	return b.build(address, "", &o)
}

// Diagnose returns the request that asks why the attachment is down: all of it, when it
// has a single tunnel, else the tunnels of those ids. Its errors are those of Describe.
func (b *Builder) Diagnose(region, vpnConnectionID string, tunnelIDs []string, o Options) (*Request, error) {
	address := target{action: DiagnoseAction, region: region, id: vpnConnectionID}
	if err := check(address, &o); err != nil {
		return nil, &failure{DiagnoseAction, err}
	}
	b.params.reset(unreserved)
	if o.Redact {
		b.params.keep = legible
	}
	b.params.insert("RegionId", region)
	for i, id := range tunnelIDs {
		b.params.insert("TunnelIds."+strconv.Itoa(i+1), id)
	}
	if len(tunnelIDs) == 0 {
		b.params.insert("VpnConnectionIds.1", vpnConnectionID)
	}
	return b.build(address, "", &o)
}

// failure says of what an error is. It stands for fmt.Errorf, whose package would
// be a tenth of the WebAssembly module.
type failure struct {
	what string
	err  error
}

func (f *failure) Error() string { return f.what + ": " + f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

// target is what is called, and on which attachment.
type target struct {
	action, region, id string
	form               bool // has a form body, if an empty one
}

var (
	errNoID      = errors.New("VpnConnectionId is required")
	errNoTime    = errors.New("no time given for the signature")
	errNoNonce   = errors.New("no nonce given for the signature")
	errKeyID     = errors.New("the access key id holds a blank, a control character or a character beyond ASCII")
	errKey       = errors.New("the access key secret holds a blank, a control character or a character beyond ASCII")
	errToken     = errors.New("the security token holds a blank, a control character or a character beyond ASCII")
	errNonce     = errors.New("the nonce holds a blank, a control character or a character beyond ASCII")
	errSignature = errors.New("unknown signature version")
)

// check finds what is missing or can't be a header's value. For display it fills
// in what is missing and hides what is secret.
func check(t target, o *Options) error {
	key := &o.Credentials
	switch {
	case t.region == "":
		return errNoRegion
	case t.id == "":
		return errNoID
	case o.Signature > V1:
		return errSignature
	case o.Redact:
		key.AccessKeyID = secret.Redacted
		if !key.SecurityToken.IsZero() {
			key.SecurityToken = secret.New(secret.Redacted)
		}
		if o.Nonce == "" {
			o.Nonce = secret.Redacted
		}
	case key.AccessKeyID == "" || key.AccessKeySecret.IsZero():
		return ErrCredentials
	case o.Time.IsZero():
		return errNoTime
	case o.Nonce == "":
		return errNoNonce
	}
	switch {
	case !isVisible(key.AccessKeyID):
		return errKeyID
	case !isVisible(key.AccessKeySecret.Reveal()):
		return errKey
	case !isVisible(key.SecurityToken.Reveal()):
		return errToken
	case !isVisible(o.Nonce):
		return errNonce
	}
	return nil
}

// isVisible reports whether s is visible ASCII only. A line's end that came with a
// key from a file is a frequent mistake, and would be a header's end here.
func isVisible(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// tokenDigits is how much of the keyed hash a ClientToken holds: 128 bits. 64
// characters are allowed.
const tokenDigits = 32

// clientToken hashes the events' ids and the parameters as sent. The key keeps
// anyone who sees the token from trying out pre-shared keys. Without what it needs
// it is ***, which check lets happen only for display.
func (b *Builder) clientToken(o *Options) string {
	key, hash := o.Credentials.AccessKeySecret, &b.v3
	if !o.TokenKey.IsZero() {
		key, hash = o.TokenKey, &b.token
	}
	if key.IsZero() || b.params.reference != "" {
		return secret.Redacted
	}
	b.ids = append(b.ids[:0], o.EventIDs...)
	slices.SortStableFunc(b.ids, strings.Compare)
	b.ids = slices.Compact(b.ids)
	text := append(b.out[:0], "vpnattach ClientToken\n"...)
	for _, id := range b.ids {
		text = appendEscaped(text, id, unreserved)
		text = append(text, '&')
	}
	text = append(text, '\n')
	text = b.params.join(text, inQuery)
	text = append(text, '\n')
	text = b.params.join(text, inBody)
	n := len(text)
	b.out = hash.appendSignatureV3(text, key, text)
	return string(b.out[n : n+tokenDigits])
}

// build signs its parameters.
func (b *Builder) build(t target, clientToken string, o *Options) (*Request, error) {
	scheme, host, err := resolve(o.Endpoint, t.region)
	if err != nil {
		return nil, &failure{t.action, err}
	}
	r := &Request{Method: method, Scheme: scheme, Host: host, Path: path, Action: t.action, ClientToken: clientToken}
	r.Headers = append(r.headers[:0], Header{"host", host},
		Header{"x-acs-action", t.action}, Header{"x-acs-version", APIVersion})
	if t.form {
		r.Headers = append(r.Headers, Header{"content-type", formType})
	}
	if o.Signature == V1 {
		b.signV1(r, o)
	} else {
		b.signV3(r, o)
	}
	return r, nil
}
