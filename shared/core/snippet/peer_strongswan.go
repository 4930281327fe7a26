package snippet

import (
	"encoding/hex"
	"strings"
)

// PeerStrongSwan appends a swanctl.conf. The file has no variables: a key that is not to be
// shown is in a file beside it. Tunnels that routes choose have an XFRM interface each.
//
// Source: swanctl.conf(5) of strongSwan 5.9; its pages on route-based VPN and on
// aggressive mode.
func PeerStrongSwan(dst []byte, in Input) []byte { return peerStrongSwan.append(dst, in) }

var peerStrongSwan = peerForm{"any", `
connections {
---
  @name@ {
    version = @IkeVersion:swan@
@?aggressive@    # As responder it refuses this mode with a key, unless charon.i_dont_care_about_security_and_use_aggressive_mode_psk is set.
@?aggressive@    aggressive = yes
    remote_addrs = @public@
@!public@    # REQUIRED: remote_addrs, the public address of @name@ in Alibaba Cloud.
    proposals = @IkeEncAlg:swan@-@IkeAuthAlg@-@IkePfs:swan@
    rekey_time = @IkeLifetime:90@s
    over_time = @IkeLifetime:10@s
@!noDPD@    dpd_delay = 30s
    local {
      auth = psk
      id = @RemoteId:quote@
    }
    remote {
      auth = psk
      id = @LocalId:quote@
    }
    children {
      @name@ {
@?firstOnly@        # With IKEv1 only the first network of each side counts: use IKEv2, or write a child for each pair.
        local_ts = @RemoteSubnet@
        remote_ts = @LocalSubnet@
@!noPFS@        esp_proposals = @IpsecEncAlg:swan@-@IpsecAuthAlg@-@IpsecPfs:swan@
@?noPFS@        esp_proposals = @IpsecEncAlg:swan@-@IpsecAuthAlg@
        life_time = @IpsecLifetime@s
        rekey_time = @IpsecLifetime:90@s
@?routed@        # ip link add ipsec@number@ type xfrm dev eth0 if_id @number@ && ip link set ipsec@number@ up
@?routed@        if_id_in = @number@
@?routed@        if_id_out = @number@
        # For BGP, a routing daemon and: ip address add @inside@ dev ipsec@number@
        # Neighbor @LocalBgpIp@ in AS @LocalAsn@, this end in AS @asn@.
        # @dip@ has to answer the pings of the health check, which come from @sip@.
        start_action = start
      }
    }
  }
---
}

secrets {
---
  ike-@name@ {
@?variable@    # @variable:lower@.secret, beside this file and legible to its owner only, has the line: secret = "..."
    id-1 = @RemoteId:quote@
    id-2 = @LocalId:quote@
    @key@
  }
---
}
`, func(key, variable string) string {
	if key == "" {
		return "include " + strings.ToLower(variable) + ".secret"
	}
	// 0x and 0s begin what strongSwan decodes.
	if begin := strings.ToLower(key[:min(2, len(key))]); begin == "0x" || begin == "0s" || strings.ContainsFunc(key, isHidden) {
		return "secret = 0x" + hex.EncodeToString([]byte(key))
	}
	return "secret = " + string(appendString(nil, key))
}}
