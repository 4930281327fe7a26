package rotate

import (
	"fmt"
	"strconv"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/ledger"
)

// keyMember is the member of the secret that holds the key.
const keyMember = "psk"

// document is a version of the secret.
type document struct {
	key    secret.Secret
	tunnel tunnel
}

// tunnel says which tunnel a secret is for.
type tunnel struct {
	RegionID, VpnConnectionID, Credentials string
	Index                                  int    // 1 or 2
	AWSRegion, AWSConnection, OutsideIP    string // AWSConnection is empty where the other end is not AWS
}

// attachment is our end.
func (t tunnel) attachment() ledger.Key {
	return ledger.Key{RegionID: t.RegionID, VpnConnectionID: t.VpnConnectionID}
}

// field is the name of the field that has the key, as the ledger has it.
func (t tunnel) field() string {
	return "Tunnel." + strconv.Itoa(t.Index) + ".TunnelIkeConfig.Psk"
}

// readDocument reads a version. Its errors name members, and show nothing of the text.
func readDocument(text secret.Secret) (d document, err error) {
	all := text.Reveal()
	if !gjson.Valid(all) || !gjson.Parse(all).IsObject() {
		return d, fmt.Errorf("it is not a JSON object with %s, RegionId, VpnConnectionId, TunnelIndex and, for a peer on AWS, aws", keyMember)
	}
	read := func(name string, required bool) string {
		value := gjson.Get(all, name)
		if value.Exists() && (value.Type != gjson.String || value.Str == "") || required && !value.Exists() {
			if err == nil {
				err = fmt.Errorf("its member %s must be text that is not empty", name)
			}
			return ""
		}
		return value.Str
	}
	d.key = secret.New(read(keyMember, true))
	d.tunnel.RegionID, d.tunnel.VpnConnectionID, d.tunnel.Credentials = read("RegionId", true), read("VpnConnectionId", true), read("Credentials", false)
	switch index := gjson.Get(all, "TunnelIndex"); index.Raw {
	case "1", "2":
		d.tunnel.Index = int(index.Num)
	default:
		if err == nil {
			err = fmt.Errorf("its member TunnelIndex must be 1 or 2")
		}
	}
	if gjson.Get(all, "aws").Exists() {
		d.tunnel.AWSConnection, d.tunnel.OutsideIP = read("aws.VpnConnectionId", true), read("aws.OutsideIpAddress", true)
		d.tunnel.AWSRegion = read("aws.Region", false)
	}
	return d, err
}

// withKey returns the text with another key and all else as it is.
func withKey(text, key secret.Secret) (secret.Secret, error) {
	changed, err := sjson.Set(text.Reveal(), keyMember, key.Reveal())
	if err != nil {
		return secret.Secret{}, fmt.Errorf("its member %s can't be set", keyMember)
	}
	return secret.New(changed), nil
}

// keyLength and keyAlphabet make keys that both ends take, of 190 bits: letters and
// digits, not beginning with 0.
const (
	keyLength   = 32
	keyAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
)

// draw makes a key of random bytes.
func draw(random func([]byte) (int, error)) (secret.Secret, error) {
	key := make([]byte, 0, keyLength)
	for one := make([]byte, 1); len(key) < keyLength; {
		if _, err := random(one); err != nil {
			return secret.Secret{}, fmt.Errorf("draw a key: %w", err)
		}
		// The bytes above the largest multiple would make some characters more likely.
		if n := int(one[0]); n < 256/len(keyAlphabet)*len(keyAlphabet) {
			if c := keyAlphabet[n%len(keyAlphabet)]; c != '0' || len(key) > 0 {
				key = append(key, c)
			}
		}
	}
	return secret.New(string(key)), nil
}

// change is the change of ours that gives the tunnel a key, in clear or as a reference.
func (t tunnel) change(key string) string {
	var c attachment.Change
	c.Values[attachment.RegionID] = attachment.NewValue(t.RegionID)
	c.Values[attachment.VpnConnectionID] = attachment.NewValue(t.VpnConnectionID)
	field, _ := attachment.FieldNamed(t.field())
	c.Set(field, attachment.NewValue(key))
	return string(c.AppendJSON(nil, true))
}
