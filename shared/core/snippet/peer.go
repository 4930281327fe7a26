package snippet

import (
	"cmp"
	"net/netip"
	"strconv"
	"strings"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/secret"
)

// peerForm is a form of the configuration of the other end. Its text is given once, but the
// second, fourth, … part of it between lines of --- for each tunnel. @name@ stands for a
// value: a parameter, by its name in Alibaba Cloud, whose LocalSubnet is remote at the other
// end; or what [endTunnel.complete] adds. A line with a value that is not known, or not a
// plain word, is left out. @?name@ and @!name@ keep a line only with the value, or without.
// A name may have a filter:
//
//	:aws, :swan  the word of AWS or strongSwan, by [words]
//	:quote       a string in double quotes
//	:one         not several CIDR blocks
//	:lower       in lower case
//	:90, :10     so many hundredths
type peerForm struct {
	end  string // as [Language.End]
	text string
	key  func(key, variable string) string // what @key@ is; key is empty unless it is to be shown
}

const words = " aws:aes=AES128 aws:aes256=AES256 aws:sha1=SHA1 aws:sha256=SHA2-256 aws:sha384=SHA2-384 aws:sha512=SHA2-512" +
	" aws:group2=2 aws:group5=5 aws:group14=14" +
	" swan:aes=aes128 swan:group1=modp768 swan:group2=modp1024 swan:group5=modp1536 swan:group14=modp2048 swan:ikev1=1 swan:ikev2=2 "

// needed are what a negotiation needs, and what can have characters that have no escape.
const needed = "IkeVersion IkeEncAlg IkeAuthAlg IkePfs IkeLifetime IpsecEncAlg IpsecAuthAlg IpsecPfs IpsecLifetime LocalId RemoteId"

// Judge returns the findings of a change for who asks for this form: for the configuration
// of the other end, those about that end are about all of it, not only about what changes.
func (l *Language) Judge(in Input, found finding.Findings) finding.Findings {
	if l.End == "" {
		return found
	}
	whole := in.whole()
	return append(only(found, false), judge(&whole, l.End)...)
}

func judge(whole *attachment.Change, end string) finding.Findings {
	return only(attachment.Validate(whole, nil, end), true)
}

// only returns the findings about the other end, or those about all else.
func only(all finding.Findings, ofPeer bool) (some finding.Findings) {
	for i := range all {
		if ofPeer == (finding.Find(all[i].Check).Part == finding.Peer) {
			some = append(some, all[i])
		}
	}
	return some
}

// whole is the change over the current configuration, without masked keys.
func (in *Input) whole() attachment.Change {
	whole := *in.Change
	if in.Current != nil {
		whole = in.Current.With(in.Change)
	}
	unmask := func(ike []attachment.Value) {
		if strings.HasSuffix(ike[attachment.PSK].Text(), secret.Redacted) {
			ike[attachment.PSK] = attachment.Value{}
		}
	}
	unmask(whole.Section(attachment.SectionIKE))
	for n := range whole.Tunnels() {
		unmask(whole.Tunnels()[n].Section(attachment.SectionIKE))
	}
	return whole
}

func (form *peerForm) append(dst []byte, in Input) []byte {
	whole := in.whole()
	tunnels := in.ends(&whole, form.key)
	dst = append(dst, "# The other end of "+whole.Text(attachment.VpnConnectionID)+": what is local here is remote in Alibaba Cloud.\n"...)
	for _, f := range judge(&whole, form.end) {
		dst = append(dst, "# "+f.Severity.String()+": "+f.Message+": "+f.Hint+".\n"...)
	}
	for _, t := range tunnels {
		missing := ""
		for name := range strings.FieldsSeq(needed) {
			if _, ok := t.value(name + ":quote"); !ok && (t.get(name) != "" || !strings.HasSuffix(name, "Id")) {
				missing += " " + name
			}
		}
		if missing != "" {
			dst = append(dst, "# "+t.get("label")+" lacks what is not known or can't be written:"+missing+". Give the current configuration.\n"...)
		}
	}
	for i, part := range strings.Split(form.text, "---\n") {
		for n, t := range tunnels {
			if n == 0 || i%2 == 1 {
				dst = t.append(dst, part)
			}
		}
	}
	return dst
}

// endTunnel are the values of a tunnel.
type endTunnel map[string]string

func (t endTunnel) append(dst []byte, text string) []byte {
	for line := range strings.SplitAfterSeq(text, "\n") {
		begin := len(dst)
		for i, piece := range strings.Split(line, "@") {
			known := true
			if i%2 == 1 {
				piece, known = t.value(piece)
			}
			if dst = append(dst, piece...); !known {
				dst = dst[:begin]
				break
			}
		}
	}
	return dst
}

func (t endTunnel) value(name string) (string, bool) {
	name, filter, _ := strings.Cut(name, ":")
	value := t[strings.TrimLeft(name, "?!")]
	switch {
	case name[0] == '?' || name[0] == '!':
		return "", (name[0] == '?') == (value != "")
	case value == "" || filter == "one" && strings.Contains(value, ","):
		return "", name == "suffix"
	case name == "key":
		return value, true
	case filter == "quote":
		return string(appendString(nil, value)), !strings.ContainsFunc(value, isHidden)
	case filter == "lower":
		value = strings.ToLower(value)
	case filter == "90" || filter == "10":
		all, _ := strconv.Atoi(value)
		value = strconv.Itoa(all / 10)
		if filter == "90" {
			value = strconv.Itoa(all - all/10)
		}
	}
	if _, word, ok := strings.Cut(words, " "+filter+":"+value+"="); ok {
		value, _, _ = strings.Cut(word, " ")
	}
	return value, strings.Trim(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:/,_-") == ""
}

// ends returns the tunnels. Keys are shown when Reveal says so and all of them are known.
func (in *Input) ends(c *attachment.Change, key func(key, variable string) string) (all []endTunnel) {
	add := func(t endTunnel, sections []attachment.Section, values func(int) []attachment.Value) {
		for s := range sections {
			for p, text := range fields(&sections[s], values(s)) {
				t[p.Name] = text
			}
		}
	}
	for n := range max(len(c.Tunnels()), 1) {
		t := endTunnel{}
		t.set("label", "Tunnel")
		add(t, attachment.ConnectionSections, c.Section)
		var now attachment.CurrentTunnel
		if in.Current != nil {
			now = attachment.CurrentTunnel{Shown: true, InternetIP: in.Current.InternetIP, PeerASN: in.Current.PeerASN}
		}
		if len(c.Tunnels()) > 0 {
			tunnel := &c.Tunnels()[n]
			t.set("label", itemName(tunnel, n))
			t.set("EnableBgp", t.get("EnableTunnelsBgp"))
			add(t, attachment.TunnelSections, tunnel.Section)
			if in.Current != nil {
				now = in.Current.Tunnels[n]
			}
		}
		if in.Current == nil || now.Shown {
			t.complete(&now)
			all = append(all, t)
		}
	}
	reveal := in.Reveal
	for _, t := range all {
		psk := t.get("Psk")
		reveal = reveal && psk != "" && !attachment.NewValue(psk).IsReference()
	}
	for _, t := range all {
		psk := t.get("Psk")
		if !reveal {
			psk = ""
			t.set("variable", "VPN_PSK"+t.get("suffix"))
		}
		t.set("key", key(psk, t.get("variable")))
	}
	return all
}

func (t endTunnel) get(name string) string { return t[name] }

func (t endTunnel) set(name, value string) { t[name] = value }

// complete adds what follows from the parameters, and leaves out what has no meaning.
func (t endTunnel) complete(now *attachment.CurrentTunnel) {
	name := strings.ToLower(strings.ReplaceAll(t.get("label"), " ", "_"))
	number := strings.TrimLeft(name, "abcdefghijklmnopqrstuvwxyz_")
	t.set("name", name)
	t.set("number", cmp.Or(number, "1"))
	if number != "" {
		t.set("suffix", "_"+strings.ToUpper(name))
	}
	if isIPv4(t.get("RemoteId")) {
		t.set("own", t.get("RemoteId"))
	}
	if isIPv4(now.InternetIP) {
		t.set("public", now.InternetIP)
	}
	block, err := netip.ParsePrefix(t.get("TunnelCidr"))
	bgp := err == nil && t.get("EnableBgp") != "false"
	if t.get("enable") != "true" { // the health check
		t.set("dip", "")
	}
	if bgp {
		inside := block.Masked().Addr().Next()
		if inside.String() == t.get("LocalBgpIp") {
			inside = inside.Next()
		}
		t.set("inside", netip.PrefixFrom(inside, block.Bits()).String())
		t.set("asn", now.PeerASN)
	} else {
		t.set("TunnelCidr", "")
		t.set("LocalAsn", "")
	}
	for _, lifetime := range [...]string{"IkeLifetime", "IpsecLifetime"} {
		if t.get(lifetime) == "0" { // whose meaning is not documented
			t.set(lifetime, "")
		}
	}
	is := func(name string, so bool) {
		if so {
			t.set(name, "yes")
		}
	}
	asn := t.get("LocalAsn")
	is("static", !bgp && (now.Shown || t.get("EnableBgp") == "false"))
	is("longASN", len(asn) > 10 || len(asn) == 10 && asn > "2147483647")
	is("aggressive", t.get("IkeVersion") == "ikev1" && t.get("IkeMode") == "aggressive")
	is("firstOnly", t.get("IkeVersion") == "ikev1" && strings.Contains(t.get("LocalSubnet")+t.get("RemoteSubnet"), ","))
	is("noPFS", t.get("IpsecPfs") == "disabled")
	is("noDPD", t.get("EnableDpd") == "false")
	is("routed", bgp || number != "" || strings.Contains(t.get("LocalSubnet")+t.get("RemoteSubnet"), "0.0.0.0/0"))
}

func isIPv4(text string) bool {
	address, err := netip.ParseAddr(text)
	return err == nil && address.Is4()
}
