package webhook

import (
	"encoding/base64"
	"strconv"
	"strings"
	"unicode"

	"vpnattach/shared/core/secret"
)

const (
	leastKey = 24 // bytes of a key of Standard Webhooks; an empty one would let anybody sign
	leastRaw = 8  // bytes of any other secret; shorter ones are guessed from one request

	secretPrefix = "whsec_"
)

// tidy takes away what gets around a secret on its way from a screen: blanks, line
// ends, quotes.
func tidy(pasted string) string {
	s := strings.TrimFunc(pasted, isAround)
	for _, pair := range [...]string{`""`, `''`, "``", "“”", "‘’", "„“"} {
		runes := []rune(pair)
		if inner, ok := strings.CutPrefix(s, string(runes[0])); ok {
			if inner, ok = strings.CutSuffix(inner, string(runes[1])); ok {
				return strings.TrimFunc(inner, isAround)
			}
		}
	}
	return s
}

func isAround(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || r == '\ufeff' || r == '\u200b'
}

// quotes are never part of a secret in base64.
const quotes = "\"'`“”‘’„,;"

// bare is a secret in base64 without what is around it, also the "v1," that some
// senders show before it.
func bare(pasted string) string {
	s := strings.Trim(strings.TrimFunc(pasted, isAround), quotes)
	return strings.TrimPrefix(strings.TrimFunc(s, isAround), "v1,")
}

// isStandard reports whether a secret has the prefix of Standard Webhooks.
func isStandard(pasted string) bool {
	return strings.HasPrefix(bare(pasted), secretPrefix)
}

// standardKey reads a secret of Standard Webhooks: base64, with or without the prefix.
func standardKey(pasted string) ([]key, *Problem) {
	s := bare(pasted)
	if strings.HasPrefix(s, "whpk_") || strings.HasPrefix(s, "whsk_") {
		return nil, &Problem{Text: "is a key for signatures by ed25519 (v1a), which are not taken", Remedy: "use the sender's symmetric secret, " + secretPrefix + "…"}
	}
	s = strings.Map(func(r rune) rune {
		if isAround(r) {
			return -1
		}
		return r
	}, strings.TrimPrefix(s, secretPrefix))
	const remedy = "store the secret as the sender shows it, " + secretPrefix + " and the base64 of 24 to 64 random bytes, as openssl rand -base64 32 prints it"
	bytes, err := base64.RawStdEncoding.DecodeString(toStandard(s))
	switch {
	case err != nil:
		return nil, &Problem{Text: "is not in the form of one: not base64", Remedy: remedy}
	case len(bytes) < leastKey:
		return nil, &Problem{Text: "is not in the form of one: of " + strconv.Itoa(len(bytes)) + " bytes", Remedy: remedy}
	}
	return []key{{bytes: secret.New(string(bytes))}}, nil
}

// toStandard returns base64 of either alphabet in the standard one, without padding.
func toStandard(s string) string {
	return strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(s, "="))
}

// rawKeys reads a secret whose bytes are the key. Quotes around it may be part of it,
// so both count.
func rawKeys(pasted string) ([]key, *Problem) {
	inner, whole := tidy(pasted), strings.TrimFunc(pasted, isAround)
	if len(inner) < leastRaw {
		return nil, &Problem{
			Text:   "has " + strconv.Itoa(len(inner)) + " bytes, fewer than " + strconv.Itoa(leastRaw),
			Remedy: "store the secret that the sender signs with, such as openssl rand -hex 32 prints",
		}
	}
	all := []key{{bytes: secret.New(inner)}}
	if whole != inner {
		all = append(all, key{bytes: secret.New(whole)})
	}
	return all, nil
}
