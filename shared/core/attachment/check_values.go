package attachment

import (
	"encoding/base64"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"vpnattach/shared/core/finding"
)

// checkOf returns what judges a well-formed value beyond its row's constraints,
// or nil.
func checkOf(at location, param *Parameter) func(*judge, location, string) {
	switch at.section {
	case SectionIKE:
		return ikeChecks[at.field]
	case SectionIPsec:
		return ipsecChecks[at.field]
	case SectionTop:
		if at.tunnel == 0 {
			return connectionChecks[at.field]
		}
		return tunnelChecks[at.field]
	}
	switch param.Kind {
	case ASN:
		return checkASN
	case Int:
		return checkHealthNumber
	}
	return nil
}

var connectionChecks = [connectionCount]func(*judge, location, string){
	RegionID:          checkRegion,
	VpnConnectionID:   checkConnectionID,
	ClientToken:       checkClientToken,
	Name:              checkName,
	CustomerGatewayID: checkID,
}

var ikeChecks = [ikeCount]func(*judge, location, string){
	PSK:         checkPSK,
	IKEVersion:  checkIKEVersion,
	IKEEncAlg:   checkEncryption,
	IKEAuthAlg:  checkAuthentication,
	IKEPFS:      checkGroup,
	IKELifetime: checkLifetime,
	LocalID:     checkIdentity,
	RemoteID:    checkIdentity,
}

var ipsecChecks = [ipsecCount]func(*judge, location, string){
	IPsecEncAlg:   checkEncryption,
	IPsecAuthAlg:  checkAuthentication,
	IPsecPFS:      checkGroup,
	IPsecLifetime: checkLifetime,
}

var tunnelChecks = [tunnelCount]func(*judge, location, string){
	TunnelID:                checkID,
	TunnelCustomerGatewayID: checkID,
}

var regionForm = finding.Declare(finding.Check{
	ID: "region-form", Severity: finding.Error, Part: finding.Values,
	Title:   "The region ID has characters that no region ID has.",
	Why:     "The region decides which host the signed request goes to, so it must be a plain region ID and nothing else.",
	Hint:    "write it like cn-hangzhou",
	APICode: "InvalidRegionId.NotFound",
	Ref:     "https://api.alibabacloud.com/document/Vpc/2016-04-28/DescribeRegions",
})

// checkRegion is strict, for the region becomes part of the host that is called.
func checkRegion(j *judge, at location, region string) {
	for i := range len(region) {
		if c := region[i]; !isLower(c) && !isDigit(c) && c != '-' {
			hint, fix, meant := "", finding.Fix{}, strings.ReplaceAll(strings.ToLower(region), "_", "-")
			if _, known := slices.BinarySearch(Regions, meant); known {
				hint, fix.Value = writeIt(meant), at.parameter().json(meant)
			}
			j.reportFix(regionForm, at, "RegionId is "+at.parameter().Quote(region)+", which is not a region ID", hint, fix)
			return
		}
	}
	j.unknownRegion(at, region)
}

var connectionIDForm = finding.Declare(finding.Check{
	ID: "connection-id-form", Severity: finding.Warning, Part: finding.Values,
	Title: "The ID does not look like that of an IPsec-VPN connection.",
	Why:   "The API changes IPsec-VPN connections that belong to a transit router or to nothing, whose IDs start with vco-. Other IDs are of other resources.",
	Hint:  "IDs of IPsec-VPN connections start with vco-",
	Ref:   refAPI,
})

// maxConnectionID is how many characters the name of a group in an SQS FIFO queue may
// have, and more than any ID has:
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
const maxConnectionID = 128

var connectionIDCharacters = finding.Declare(finding.Check{
	ID: "connection-id-characters", Severity: finding.Error, Part: finding.Values,
	Title: "The ID of the connection has characters that no ID has, or more than 128.",
	Why:   "Changes to one attachment stay in order because the queue groups them by its ID. What can’t name a group there is not an ID of an attachment either.",
	Hint:  "give the ID as the console shows it: vco- and 20 letters and digits",
	Ref:   refAPI,
})

func checkConnectionID(j *judge, at location, id string) {
	checkID(j, at, id)
	if len(id) > maxConnectionID || strings.ContainsFunc(id, func(r rune) bool { return r < ' ' || r > '~' }) {
		j.report(connectionIDCharacters, at, "VpnConnectionId is not an ID of an attachment")
		return
	}
	if !strings.HasPrefix(id, "vco-") {
		j.report(connectionIDForm, at, "VpnConnectionId is "+at.parameter().Quote(id)+", which does not start with vco-")
	}
}

var (
	placeholder = finding.Declare(finding.Check{
		ID: "placeholder-id", Severity: finding.Error, Part: finding.Values,
		Title: "An ID holds asterisks, as the examples of the documentation do.",
		Why:   "The documentation hides parts of its IDs behind asterisks. An ID copied from there names no resource.",
		Hint:  "give the whole ID, without asterisks",
		Ref:   refAPI,
	})
	containsBlank = finding.Declare(finding.Check{
		ID: "contains-blank", Severity: finding.Error, Part: finding.Values,
		Title: "The value has a blank, which the service refuses here.",
		Why:   "A blank at the end of a key or identity is not seen, is refused by the service, or makes the two ends differ.",
		Hint:  "remove blanks and line ends",
		Ref:   refAPI,
	})
)

func checkID(j *judge, at location, id string) {
	switch {
	case strings.ContainsRune(id, '*'):
		j.report(placeholder, at, at.path()+" is "+at.parameter().Quote(id)+", a placeholder")
	case strings.ContainsAny(id, " \t\r\n"):
		j.blank(at, id)
	}
}

// blank reports a blank in an id or an identity. One around it can only be left out, and
// what is left is written where it may be shown.
func (j *judge) blank(at location, text string) {
	hint, fix := "", finding.Fix{}
	bare := strings.TrimSpace(text)
	_, err := netip.ParseAddr(bare)
	if !strings.ContainsAny(bare, " \t\r\n") && (err == nil || at.parameter().couldBe(bare)) {
		hint, fix.Value = "write it "+bare, strconv.Quote(bare)
	}
	j.reportFix(containsBlank, at, at.path()+" has a blank", hint, fix)
}

var (
	clientTokenForm = finding.Declare(finding.Check{
		ID: "client-token-form", Severity: finding.Error, Part: finding.Values,
		Title: "The client token has characters other than ASCII.",
		Why:   "The service takes ASCII only, and a token that it refuses protects from nothing.",
		Hint:  "use ASCII characters, or leave it out",
		Ref:   refAPI,
	})
	clientTokenLong = finding.Declare(finding.Check{
		ID: "client-token-long", Severity: finding.Warning, Part: finding.Values,
		Title: "The client token has more than 64 characters.",
		Why:   "No limit is documented for this operation, but 64 characters are that of ModifyVpnConnectionAttribute, and what official tools keep to.",
		Hint:  "use at most 64 characters, or leave it out",
		Ref:   "https://www.alibabacloud.com/help/doc-detail/53047.htm",
	})
)

const clientTokenLength = 64

func checkClientToken(j *judge, at location, token string) {
	for i := range len(token) {
		if token[i] < ' ' || token[i] >= 0x7f {
			j.report(clientTokenForm, at, "ClientToken has a character that is not ASCII, or a control character")
			return
		}
	}
	if len(token) > clientTokenLength {
		j.report(clientTokenLong, at, "ClientToken has "+strconv.Itoa(len(token))+" characters")
	}
}

var nameScheme = finding.Declare(finding.Check{
	ID: "name-scheme", Severity: finding.Error, Part: finding.Values,
	Title:   "The name starts with http:// or https://.",
	Why:     "The documentation forbids names that look like a URL.",
	Hint:    "choose a name that is not a URL",
	APICode: "InvalidName",
	Ref:     refAPI,
})

func checkName(j *judge, at location, name string) {
	if strings.HasPrefix(name, "http://") || strings.HasPrefix(name, "https://") {
		j.report(nameScheme, at, "Name starts with http:// or https://")
	}
}

// pskSymbols are the symbols on which all versions of the documentation agree,
// pskDisputedSymbols those that only some allow.
const (
	pskSymbols         = "~!`@#$%^&*()_-+={}[]|;:,.<>/?"
	pskDisputedSymbols = `'"\`
	pskShortLength     = 16
)

var (
	pskCharacters = finding.Declare(finding.Check{
		ID: "psk-characters", Severity: finding.Error, Part: finding.Values,
		Title: "The pre-shared key has characters that no version of the documentation allows.",
		Why:   "The service refuses the key, and a key that only one end takes brings no tunnel up.",
		Hint:  "use letters, digits and ~!`@#$%^&*()_-+={}[]|;:,.<>/?",
		Ref:   refAPI,
	})
	pskDisputed = finding.Declare(finding.Check{
		ID: "psk-disputed-character", Severity: finding.Warning, Part: finding.Values,
		Title: "The pre-shared key has a character on which versions of the documentation disagree.",
		Why:   "The API page allows ' and the SDK’s documentation allows \" and \\ instead. Which of them is right is not known, and a key that avoids all three works by either.",
		Hint:  "avoid ' \" and \\",
		Ref:   refAPI,
	})
	// PSKMasked finds a key that ends as masked values do.
	PSKMasked = finding.Declare(finding.Check{
		ID: "psk-masked", Severity: finding.Warning, Part: finding.Values,
		Title: "The pre-shared key ends in ***, as masked values do.",
		Why:   "Describe can answer with a masked key such as 1234****. Sent back, the mask would become the key, and the tunnel goes down.",
		Hint:  "give the whole key, without a mask",
		Ref:   refDescribe,
	})
	// PSKMask finds a mask in place of a key.
	PSKMask = finding.Declare(finding.Check{
		ID: "psk-is-a-mask", Severity: finding.Error, Part: finding.Values,
		Title: "The pre-shared key is a masked value, not a key.",
		Why:   "The mask would become the key: the tunnel goes down, and anybody can guess it.",
		Hint:  "give the key itself, or leave Psk out to keep the current one",
		Ref:   refDescribe,
	})
	pskShort = finding.Declare(finding.Check{
		ID: "psk-short", Severity: finding.Warning, Part: finding.Values,
		Title: "The pre-shared key is short enough to be guessed offline.",
		Why:   "An attacker who records the handshake can try keys offline. A short key is found in hours, and with it every later session.",
		Hint:  "use at least 16 random characters",
		Ref:   refIKEv2PSK,
	})
)

var pskNotKey = finding.Declare(finding.Check{
	ID: "psk-not-a-key", Severity: finding.Error, Part: finding.Values,
	Title: "The pre-shared key is a document that holds a key, or the name of one, not the key.",
	Why:   "Secrets Manager’s console stores secrets as JSON, and some programs quote or encode what they store. The whole text would become the key, and the tunnel loses its peer.",
	Hint:  "give the key alone",
	Ref:   "https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference-secret-format.html",
})

// isKey reports whether a secret is a key by its shape, and not JSON, PEM or their
// base64. Of a JSON object it tells the names of members, never a value.
func (j *judge) isKey(at location, text string) bool {
	text = strings.TrimSpace(text)
	shape, hint := documentShape(text)
	// The first byte of a document, or the blank before it, gives one of few letters.
	const first = "eWILCDw4"
	if shape == "" && len(text) >= len("e30=") && strings.IndexByte(first, text[0]) >= 0 {
		for _, encoding := range [...]*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
			if decoded, err := encoding.DecodeString(text); err == nil {
				if shape, hint = documentShape(strings.TrimSpace(string(decoded))); shape != "" {
					shape, hint = "base64 of "+shape, "decode it; "+hint
				}
				break
			}
		}
	}
	if shape == "" {
		return true
	}
	j.reportHint(pskNotKey, at, at.path()+" is "+shape+", not a key", hint)
	return false
}

// documentShape says what document a text is, and where the key in it is; "" for none.
func documentShape(text string) (shape, hint string) {
	switch {
	case strings.HasPrefix(text, "-----BEGIN "):
		return "a PEM block", "a pre-shared key is a short text that both ends know; certificates and private keys are not used here"
	case strings.HasPrefix(text, "arn:aws"):
		return "an ARN", "a rule refers to a secret, with the name of the member that is the key: {{resolve:secretsmanager:ARN:SecretString:psk}}"
	case text == "" || !strings.Contains(`{["`, text[:1]) || !gjson.Valid(text):
		return "", ""
	case text[0] == '"':
		return "text in JSON's quotes", "give the key without the quotes"
	case text[0] == '[':
		return "a JSON array", "give the key alone"
	}
	names, _ := KeyNames(text)
	switch len(names) {
	case 0:
		return "a JSON object", "give the key alone"
	case 1:
		return "a JSON object", "give the value of its member " + names[0] + "; a reference in a rule names it: {{resolve:secretsmanager:NAME:SecretString:" + names[0] + "}}"
	}
	return "a JSON object", "give the value of one of its members (" + strings.Join(names, ", ") + "); a reference in a rule names it: {{resolve:secretsmanager:NAME:SecretString:MEMBER}}"
}

// KeyNames returns the names of the members of a JSON object whose values could be a key:
// texts, and numbers of eight digits or more. At most eight, as a finding may show them. It reports false for text
// that is not a JSON object.
func KeyNames(text string) (names []string, isObject bool) {
	if text = strings.TrimSpace(text); !strings.HasPrefix(text, "{") || !gjson.Valid(text) {
		return nil, false
	}
	gjson.Parse(text).ForEach(func(name, member gjson.Result) bool {
		if member.Type == gjson.String || member.Type == gjson.Number && len(member.Raw) >= 8 {
			names = append(names, finding.Name(name.String()))
		}
		return len(names) < 8
	})
	return names, true
}

func checkPSK(j *judge, at location, psk string) {
	disputed := false
	for _, c := range psk {
		switch {
		case c < 0x80 && (isLower(byte(c)) || isUpper(byte(c)) || isDigit(byte(c))):
		case strings.ContainsRune(pskSymbols, c):
		case strings.ContainsRune(pskDisputedSymbols, c):
			disputed = true
		case c == ' ', c == '\t', c == '\r', c == '\n':
			j.report(containsBlank, at, at.path()+" has a blank or line end; a key read from a file often ends in one")
			return
		default:
			j.report(pskCharacters, at, at.path()+" has a character that no pre-shared key may have")
			return
		}
	}
	if disputed {
		j.report(pskDisputed, at, at.path()+" has one of ' \" \\")
	}
	switch {
	case strings.Trim(psk, "*") == "":
		j.report(PSKMask, at, at.path()+" is nothing but asterisks")
	case strings.HasSuffix(psk, "***"):
		j.report(PSKMasked, at, at.path()+" ends in ***. This looks like a masked value, not the key")
	case len(psk) < pskShortLength:
		j.report(pskShort, at, at.path()+" has fewer than 16 characters")
	}
	j.peer.psk(j, at, psk)
}

var identityPrefix = finding.Declare(finding.Check{
	ID: "identity-has-prefix", Severity: finding.Warning, Part: finding.Values,
	Title: "An IKE identity is an address with a prefix length.",
	Why:   "The identity is compared with what the other end sends. An end that is known by its address sends the address alone, so the two would differ and the tunnel stays down.",
	Hint:  "give the address alone, without the slash and what follows it",
	Ref:   "https://www.rfc-editor.org/rfc/rfc7296#section-3.5",
})

// checkIdentity judges who an end says that it is: an address, or a name.
func checkIdentity(j *judge, at location, id string) {
	if strings.ContainsAny(id, " \t\r\n") {
		j.blank(at, id)
	}
	if !strings.Contains(id, "/") { // as almost all, and an error of ParsePrefix costs
		return
	}
	if block, err := netip.ParsePrefix(id); err == nil {
		j.reportHint(identityPrefix, at, at.path()+" is an address with a prefix length", "write "+block.Addr().String())
	}
}

var ikev1Deprecated = finding.Declare(finding.Check{
	ID: "ikev1-deprecated", Severity: finding.Warning, Part: finding.Values,
	Title: "IKEv1 is deprecated.",
	Why:   "IKEv1 has been retired by the IETF. IKEv2 sets up faster, survives a change of address, and resists the known attacks.",
	Hint:  "use ikev2 when the peer can",
	Ref:   refIKEv1,
})

func checkIKEVersion(j *judge, at location, version string) {
	if version == "ikev1" {
		j.report(ikev1Deprecated, at, at.path()+" is ikev1, which RFC 9395 deprecates")
	}
}

var encryptionWeak = finding.Declare(finding.Check{
	ID: "encryption-weak", Severity: finding.Warning, Part: finding.Values,
	Title: "The encryption algorithm is weak.",
	Why:   "DES and 3DES can be broken or leak on long connections, and the IETF forbids or discourages them.",
	Hint:  "use aes256 or aes",
	Ref:   refESPAlg + "#section-5",
})

func checkEncryption(j *judge, at location, algorithm string) {
	switch algorithm {
	case "des":
		j.report(encryptionWeak, at, at.path()+" is des, which RFC 8221 and RFC 8247 forbid (MUST NOT)")
	case "3des":
		j.report(encryptionWeak, at, at.path()+" is 3des, which RFC 8221 advises against (SHOULD NOT)")
	}
	j.peer.algorithm(j, at, algorithm)
}

var authenticationWeak = finding.Declare(finding.Check{
	ID: "authentication-weak", Severity: finding.Warning, Part: finding.Values,
	Title: "The authentication algorithm is weak.",
	Why:   "MD5 and SHA-1 are no longer trusted for new connections, and peers begin to refuse them.",
	Hint:  "use sha256 or stronger",
	Ref:   refIKEAlg + "#section-2.3",
})

func checkAuthentication(j *judge, at location, algorithm string) {
	switch algorithm {
	case "md5":
		j.report(authenticationWeak, at, at.path()+" is md5, which RFC 8221 and RFC 8247 forbid (MUST NOT)")
	case "sha1":
		j.report(authenticationWeak, at, at.path()+" is sha1, which RFC 8221 and RFC 8247 are about to drop (MUST-)")
	}
	j.peer.algorithm(j, at, algorithm)
}

var groupWeak = finding.Declare(finding.Check{
	ID: "dh-group-weak", Severity: finding.Warning, Part: finding.Values,
	Title: "The Diffie-Hellman group is weak.",
	Why:   "Groups 1, 2 and 5 are short enough to be computed by a strong attacker, who then reads what was recorded.",
	Hint:  "use group14",
	Ref:   refIKEAlg + "#section-2.4",
})

func checkGroup(j *judge, at location, group string) {
	switch group {
	case "group1":
		j.report(groupWeak, at, at.path()+" is group1 (768 bits), which RFC 8247 forbids (MUST NOT)")
	case "group2":
		j.report(groupWeak, at, at.path()+" is group2 (1024 bits), which RFC 8247 advises against (SHOULD NOT)")
	case "group5":
		j.report(groupWeak, at, at.path()+" is group5 (1536 bits), which RFC 8247 advises against (SHOULD NOT)")
	}
	j.peer.algorithm(j, at, group)
}

var lifetimeZero = finding.Declare(finding.Check{
	ID: "lifetime-zero", Severity: finding.Warning, Part: finding.Values,
	Title: "A lifetime of 0 seconds: allowed, with undocumented meaning.",
	Why:   "The range includes 0, but no page says whether it means “never renew” or “renew at once”.",
	Hint:  "give a lifetime such as 28800 (phase 1) or 3600 (phase 2)",
	Ref:   refAPI,
})

func checkLifetime(j *judge, at location, seconds string) {
	if seconds == "0" {
		j.report(lifetimeZero, at, at.path()+" is 0")
	}
	j.peer.lifetime(j, at, seconds)
}

var healthZero = finding.Declare(finding.Check{
	ID: "health-number-zero", Severity: finding.Warning, Part: finding.Values,
	Title: "An interval or number of retries of 0 has no documented meaning.",
	Why:   "No page says what 0 does: a check without a pause, or none at all.",
	Hint:  "the default is 3",
	Ref:   refAPI,
})

func checkHealthNumber(j *judge, at location, n string) {
	if n == "0" {
		j.report(healthZero, at, at.path()+" is 0")
	}
}

var (
	asnNotPrivate = finding.Declare(finding.Check{
		ID: "asn-not-private", Severity: finding.Warning, Part: finding.Values,
		Title: "The ASN is not a private one, which the documentation recommends.",
		Why:   "A public AS number that is not yours may clash with routes learnt from elsewhere, which BGP then drops as loops.",
		Hint:  "use 64512 to 65534 or 4200000000 to 4294967294, or the default 45104",
		Ref:   refPrivateAS,
	})
	asnReserved = finding.Declare(finding.Check{
		ID: "asn-reserved", Severity: finding.Warning, Part: finding.Values,
		Title: "The ASN is reserved and can't identify a network.",
		Why:   "Routers treat reserved numbers specially or refuse them, so no session comes up.",
		Hint:  "use a private ASN, 64512 to 65534 or 4200000000 to 4294967294",
		Ref:   refSpecialAS,
	})
)

// checkASN judges the ASN of the Alibaba Cloud side.
func checkASN(j *judge, at location, asn string) {
	n := decimal(asn)
	switch {
	case n == 45104 || n >= 64512 && n <= 65534 || n >= 4200000000 && n <= 4294967294:
	case n == 23456 || n == 65535 || n == 4294967295 || n >= 64496 && n <= 64511 || n >= 65536 && n <= 65551:
		j.report(asnReserved, at, at.path()+" is "+asn+", which is reserved")
	default:
		j.report(asnNotPrivate, at, at.path()+" is "+asn+", a public ASN")
	}
}

// decimal reads a number that is known to be one, of at most 19 digits.
func decimal(digits string) (n int64) {
	for i := range len(digits) {
		n = n*10 + int64(digits[i]-'0')
	}
	return n
}

func isLower(c byte) bool { return c >= 'a' && c <= 'z' }
func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }
func isDigit(c byte) bool { return c >= '0' && c <= '9' }
