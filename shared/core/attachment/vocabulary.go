package attachment

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// synonyms are other tools' words for one of the API's values.
type synonyms struct {
	value string
	words string // separated by blanks; case, hyphens and underscores do not matter
}

// The vocabulary is that of
//
//   - strongSwan's proposals and its log (https://docs.strongswan.org/docs/latest/config/proposals.html);
//     keywords for other truncations of a hash, such as sha256_96, are not in it
//   - AWS's tunnel options (https://docs.aws.amazon.com/vpn/latest/s2svpn/VPNTunnels.html)
//   - Azure's IPsec policies (https://learn.microsoft.com/azure/vpn-gateway/vpn-gateway-about-compliance-crypto):
//     DHGroup2048 and PFS2048 are group 14; PFSMM, the group of phase 1, stands for no value
//   - NetBox's VPN choices, values and labels (https://github.com/netbox-community/netbox/blob/main/netbox/vpn/choices.py)
//   - Terraform's providers of AWS, Azure and NetBox, which take the same words
//   - FortiOS's phase 1 and 2 (https://docs.fortinet.com/document/fortigate/6.0.5/cli-reference/487941)
//   - Cisco IOS's transform sets, as in the configurations that AWS makes for its customers
//
// What no value of the API stands for, such as AES-GCM and group 24, is not in it.
var (
	cipherWords = []synonyms{
		{"aes", "aes128 aes-128-cbc aes-cbc-128 esp-aes esp-aes-128 128-bit-aes-(cbc)"},
		{"aes192", "aes192 aes-192-cbc aes-cbc-192 esp-aes-192 192-bit-aes-(cbc)"},
		{"aes256", "aes256 aes-256-cbc aes-cbc-256 esp-aes-256 256-bit-aes-(cbc)"},
		{"des", "des-cbc esp-des"},
		{"3des", "3des-cbc des3 tripledes des-ede3-cbc esp-3des"},
	}
	hashWords = []synonyms{
		{"md5", "hmac-md5 hmac-md5-96 md5-96 md5-hmac esp-md5-hmac"},
		{"sha1", "sha hmac-sha1 hmac-sha hmac-sha1-96 sha1-96 hmac-sha-1-96 sha-1-hmac esp-sha-hmac"},
		{"sha256", "sha2-256 hmac-sha256 hmac-sha2-256 hmac-sha256-128 hmac-sha2-256-128 sha256-128 sha2-256-128 sha-256-hmac esp-sha256-hmac"},
		{"sha384", "sha2-384 hmac-sha384 hmac-sha2-384 hmac-sha384-192 hmac-sha2-384-192 sha384-192 sha2-384-192 sha-384-hmac esp-sha384-hmac"},
		{"sha512", "sha2-512 hmac-sha512 hmac-sha2-512 hmac-sha512-256 hmac-sha2-512-256 sha512-256 sha2-512-256 sha-512-hmac esp-sha512-hmac"},
	}
	groupWords = []synonyms{
		{"group1", "1 dh1 dhgroup1 dh-group-1 modp768 pfs1"},
		{"group2", "2 dh2 dhgroup2 dh-group-2 modp1024 pfs2"},
		{"group5", "5 dh5 dhgroup5 dh-group-5 modp1536"},
		{"group14", "14 dh14 dhgroup14 dh-group-14 modp2048 pfs14 pfs2048 dhgroup2048"},
		{"disabled", "none modpnone no off disable false nopfs"},
	}
	booleanWords = []synonyms{
		{"true", "true yes y on 1 enable enabled"},
		{"false", "false no n off 0 disable disabled"},
	}
	vocabulary = map[string][]synonyms{
		"IkeVersion":   {{"ikev1", "1 v1 ike1 ike-v1"}, {"ikev2", "2 v2 ike2 ike-v2"}},
		"IkeMode":      {{"main", "main-mode"}, {"aggressive", "aggressive-mode"}},
		"IkeEncAlg":    cipherWords,
		"IpsecEncAlg":  cipherWords,
		"IkeAuthAlg":   hashWords,
		"IpsecAuthAlg": hashWords,
		"IkePfs":       groupWords,
		"IpsecPfs":     groupWords,
	}
	// secondsWords are units of time, as strongSwan and others put them behind a number.
	secondsWords = map[string]int64{
		"s": 1, "sec": 1, "secs": 1, "second": 1, "seconds": 1, "m": 60, "min": 60, "mins": 60, "minute": 60, "minutes": 60,
		"h": 3600, "hr": 3600, "hrs": 3600, "hour": 3600, "hours": 3600, "d": 86400, "day": 86400, "days": 86400,
	}
)

// HasWords reports whether other tools have words of their own for the parameter's values.
func (p *Parameter) HasWords() bool {
	return p.Kind == Bool || p.Kind == Int && p.inSeconds() || len(p.Enum) > 0
}

func (p *Parameter) inSeconds() bool { return strings.Contains(p.Doc, "seconds") }

// Meant returns, as JSON text, the value that a word of another tool stands for: "aes256"
// in quotes for AES-256, 28800 for 8h. It is empty for a word that the vocabulary doesn't
// have, and for one of the parameter's own values.
func (p *Parameter) Meant(word string) string {
	if slices.Contains(p.Enum, word) {
		return ""
	}
	if value := p.meant(word); value != "" {
		return p.json(value)
	}
	return ""
}

// meant returns the value that a text means in the words of other tools, or of people;
// "" when the vocabulary doesn't have it. The text itself is not a value of the
// parameter.
func (p *Parameter) meant(text string) string {
	word := squash(text)
	switch {
	case p.Kind == Bool:
		return valueOf(booleanWords, word)
	case p.Kind == Int && p.inSeconds():
		unit := strings.TrimLeft(word, "0123456789")
		n, err := strconv.ParseInt(word[:len(word)-len(unit)], 10, 32)
		if seconds := n * secondsWords[unit]; err == nil && seconds > 0 && seconds <= p.Max {
			return strconv.FormatInt(seconds, 10)
		}
	case len(p.Enum) > 0:
		known := valueOf(vocabulary[p.Name], word)
		for _, value := range p.Enum {
			if value == known || squash(value) == word {
				return value
			}
		}
	}
	return ""
}

func valueOf(table []synonyms, word string) string {
	for _, row := range table {
		for other := range strings.FieldsSeq(row.words) {
			if squash(other) == word {
				return row.value
			}
		}
	}
	return ""
}

// squash returns a word without what its spellings differ in; "" for what is too long to
// be one. A number stays as it is: 1-4 is not 14.
func squash(text string) string {
	if text = strings.TrimSpace(text); len(text) > 64 {
		return ""
	}
	if text == "" || text[0] == '-' || strings.Trim(text, "0123456789-_ ") == "" {
		return text
	}
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("-_", r) || unicode.IsSpace(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, text)
}

// renamed returns what a member is called that has a parameter's name in another
// spelling, such as region_id, or the path that a flattened one stands for, such as
// TunnelOptionsSpecification.1.TunnelIndex; "" for anything else. The first item of a
// flattened list is 1, and 0 within brackets.
func renamed(name string, known []Parameter) string {
	if len(name) > 128 {
		return ""
	}
	path := ""
	for rest := name; ; {
		i := strings.IndexAny(rest, ".[")
		if i < 0 {
			i = len(rest)
		}
		p := parameterSpelled(rest[:i], known)
		if p == nil {
			return ""
		}
		if path += p.Name; i == len(rest) {
			return path
		}
		if rest = rest[i:]; p.Kind == Array {
			number, behind, ok := strings.Cut(rest[1:], ".")
			first := 1
			if rest[0] == '[' {
				first, number, ok = 0, strings.TrimSuffix(number, "]"), ok && strings.HasSuffix(number, "]")
			}
			n, err := strconv.Atoi(number)
			if n -= first; !ok || err != nil || n < 0 || n >= MaxTunnels {
				return ""
			}
			path, rest = path+"["+strconv.Itoa(n)+"]", "."+behind
		}
		if rest[0] != '.' || len(p.Fields) == 0 {
			return ""
		}
		path, rest, known = path+".", rest[1:], p.Fields
	}
}

func parameterSpelled(name string, known []Parameter) *Parameter {
	word := squash(name)
	for i := range known {
		p := &known[i]
		if isName(word, p.Name) || isName(word, p.Response) || slices.ContainsFunc(p.Aliases, func(alias string) bool { return isName(word, alias) }) {
			return p
		}
	}
	return nil
}

// isName reports whether the word is what squash makes of a name of the table, which has
// ASCII letters and digits only: most members of an answer are none of the table's, so
// each of them is compared with all names.
func isName(word, name string) bool {
	return len(word) == len(name) && word != "" && strings.EqualFold(word, name)
}

// Spelled returns the parameter of the change document that a name is in any spelling,
// such as RegionId for regionId, region_id and REGION-ID, or the path of a flattened one;
// "" for anything else.
func Spelled(name string) string { return renamed(name, Parameters) }
