package attachment

import (
	"strings"
)

// checkOf returns what judges a well-formed value beyond its row's constraints,
// or nil.
func checkOf(at place, param *Parameter) func(*judge, place, string) {
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

var connectionChecks = [connectionCount]func(*judge, place, string){
	RegionID:          checkRegion,
	VpnConnectionID:   checkConnectionID,
	ClientToken:       checkClientToken,
	Name:              checkName,
	CustomerGatewayID: checkID,
}

var ikeChecks = [ikeCount]func(*judge, place, string){
	PSK:         checkPSK,
	IKEVersion:  checkIKEVersion,
	IKEEncAlg:   checkEncryption,
	IKEAuthAlg:  checkAuthentication,
	IKEPFS:      checkGroup,
	IKELifetime: checkLifetime,
	LocalID:     checkBlanks,
	RemoteID:    checkBlanks,
}

var ipsecChecks = [ipsecCount]func(*judge, place, string){
	IPsecEncAlg:   checkEncryption,
	IPsecAuthAlg:  checkAuthentication,
	IPsecPFS:      checkGroup,
	IPsecLifetime: checkLifetime,
}

var tunnelChecks = [tunnelCount]func(*judge, place, string){
	TunnelID:                checkID,
	TunnelCustomerGatewayID: checkID,
}

// checkRegion is strict, for the region becomes part of the host that is called.
func checkRegion(j *judge, at place, region string) {
	for i := range len(region) {
		if c := region[i]; !isLower(c) && !isDigit(c) && c != '-' {
			j.report(regionForm, at, "RegionId is "+quote(region)+", which is no region ID")
			return
		}
	}
}

func checkConnectionID(j *judge, at place, id string) {
	checkID(j, at, id)
	if !strings.HasPrefix(id, "vco-") {
		j.report(connectionIDForm, at, "VpnConnectionId is "+quote(id)+", which does not start with vco-")
	}
}

func checkID(j *judge, at place, id string) {
	switch {
	case strings.ContainsRune(id, '*'):
		j.report(placeholder, at, at.path()+" is "+quote(id)+", a placeholder")
	case strings.ContainsAny(id, " \t\r\n"):
		j.report(containsBlank, at, at.path()+" has a blank")
	}
}

func checkClientToken(j *judge, at place, token string) {
	for i := range len(token) {
		if token[i] < ' ' || token[i] >= 0x7f {
			j.report(clientTokenForm, at, "ClientToken has a character that is not ASCII, or a control character")
			return
		}
	}
}

func checkName(j *judge, at place, name string) {
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

func checkPSK(j *judge, at place, psk string) {
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
		j.report(pskMask, at, at.path()+" is nothing but asterisks")
	case strings.HasSuffix(psk, "***"):
		j.report(pskMasked, at, at.path()+" ends in ***")
	case len(psk) < pskShortLength:
		j.report(pskShort, at, at.path()+" has fewer than 16 characters")
	}
	j.peer.psk(j, at, psk)
}

func checkBlanks(j *judge, at place, id string) {
	if strings.ContainsAny(id, " \t\r\n") {
		j.report(containsBlank, at, at.path()+" has a blank")
	}
}

func checkIKEVersion(j *judge, at place, version string) {
	if version == "ikev1" {
		j.report(ikev1Deprecated, at, at.path()+" is ikev1, which RFC 9395 deprecates")
	}
}

func checkEncryption(j *judge, at place, algorithm string) {
	switch algorithm {
	case "des":
		j.report(encryptionWeak, at, at.path()+" is des, which RFC 8221 and RFC 8247 forbid (MUST NOT)")
	case "3des":
		j.report(encryptionWeak, at, at.path()+" is 3des, which RFC 8221 advises against (SHOULD NOT)")
	}
	j.peer.algorithm(j, at, algorithm)
}

func checkAuthentication(j *judge, at place, algorithm string) {
	switch algorithm {
	case "md5":
		j.report(authenticationWeak, at, at.path()+" is md5, which RFC 8221 and RFC 8247 forbid (MUST NOT)")
	case "sha1":
		j.report(authenticationWeak, at, at.path()+" is sha1, which RFC 8221 and RFC 8247 are about to drop (MUST-)")
	}
	j.peer.algorithm(j, at, algorithm)
}

func checkGroup(j *judge, at place, group string) {
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

func checkLifetime(j *judge, at place, seconds string) {
	if seconds == "0" {
		j.report(lifetimeZero, at, at.path()+" is 0")
	}
	j.peer.lifetime(j, at, seconds)
}

func checkHealthNumber(j *judge, at place, n string) {
	if n == "0" {
		j.report(healthZero, at, at.path()+" is 0")
	}
}

// checkASN judges the ASN of the Alibaba Cloud side.
func checkASN(j *judge, at place, asn string) {
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
