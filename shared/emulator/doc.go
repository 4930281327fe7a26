// Package emulator is Alibaba Cloud's VPC API, as far as IPsec-VPN attachments
// go, for one machine: a stateful, asynchronous [http.Handler] with faults on
// request.
//
//	api, err := emulator.New(emulator.Config{
//		Accounts:   []emulator.Account{{AccessKeyID: "local", Secret: secret.New("local-secret")}},
//		UpdateTime: 2 * time.Second,
//	})
//	http.Serve(loopback, api)
//
// It starts with three attachments in cn-hangzhou: vco-localsingle (one tunnel,
// attached to a transit router), vco-localdual (two tunnels, attached to a
// transit router) and vco-localfree (one tunnel, not associated), on the customer
// gateways cgw-local1 and cgw-local2.
//
// It is an adversary. It judges requests from the wire with code of its own, so
// that a mistake of the client that it tests can't hide in shared code, and where
// the documentation leaves a choice it does the most harmful thing that the words
// allow: a client that survives here survives there.
//
// # What a change resets
//
//   - A partial IkeConfig, IpsecConfig, BgpConfig or HealthCheckConfig resets what
//     it leaves out, or gives as null or empty text, to the defaults documented for
//     creation, and without a Psk a new random key of 16 characters is drawn.
//   - A tunnel item resets all that it leaves out, whole TunnelIkeConfig,
//     TunnelIpsecConfig and TunnelBgpConfig objects included; only its customer
//     gateway, which has no default, stays. The defaults are those documented for
//     tunnels, which differ from a single tunnel's (ikev2 and sha1, not ikev1 and
//     md5; LocalId the tunnel's own address).
//   - A tunnel that the request leaves out is left alone: the one mild choice.
//   - Top-level parameters that are left out stay as they are; that is what the
//     documentation means by optional.
//   - A key that ends in **** is taken as it stands.
//
// # What is ignored without a word
//
//   - Unknown parameters, TunnelOptionsSpecification as JSON text instead of
//     flattened among them, and unknown members of objects and tunnel items.
//   - Members are unknown in any other case than the documented one: "Enable" in
//     HealthCheckConfig, "psk" in IkeConfig. LocalIdIPsec, which only the older
//     documentation has, is unknown too.
//   - AutoConfigRoute and RemoteCaCert, which newer documentation calls without
//     effect.
//   - A body that is not application/x-www-form-urlencoded, and Format: answers
//     are JSON.
//   - A tunnel item that names neither TunnelId nor TunnelIndex means the tunnel at
//     its own position.
//
// # When a change shows
//
//   - Until UpdateTime has passed, Describe shows the old configuration and State
//     updating (provisioning for a new attachment), and Modify and Delete answer
//     VpnConnection.Configuring, before they look at anything else.
//   - Describe puts subnets into text order. It gives no promise about the order of
//     names. Negotiation is reported up only for EffectImmediately.
//   - A delayed answer is delayed after the change is made.
//   - A connection that no VPN gateway belongs to has the VpnGatewayId
//     vpn-not-exist.
//
// # What is refused
//
//   - Parameters of one tunnel mode sent to the other, and a changed customer
//     gateway of an attachment that is not associated: UnsupportedParameter.
//   - A changed NetworkType: IllegalParam.NetworkType.
//   - Values without a documented code: IllegalParam.<name>; for the members of
//     HealthCheckConfig, IllegalParam.HealthCheckConfig. The same for text that is
//     no flat JSON object. Strings, numbers and booleans are all taken as values.
//   - A missing mandatory parameter: Missing<name>. A parameter that comes twice,
//     in the query or in query and body: InvalidParameter.
//   - BGP that is on without LocalBgpIp, and LocalBgpIp without TunnelCidr:
//     IllegalParam.LocalBgpIp. Two tunnels with one TunnelCidr: IllegalParam.TunnelCidr.
//   - Spaces between subnets. But the pre-shared key may hold what either version
//     of the documentation allows (they disagree about ' " and \), and one subnet
//     may be changed without the other.
//   - With [Config.RequireSubnets], Modify without both subnets, as seen in practice.
//     With [Config.MaskKeys], answers show 1234**** for a key.
//   - A region that is not the attachment's: InvalidVpnConnectionInstanceId.NotFound.
//   - Deleting an attachment of a transit router: VpnConnection.Associated; a
//     customer gateway in use: InvalidCustomerGatewayInstanceId.InUse.
//   - Every x-acs- header, host, and the content-type of a body must be signed. A
//     nonce is used up by a request whose signature is right, whatever becomes of it.
//
// # Idempotence
//
// A ClientToken belongs to one access key and action. It is used up by a change
// that was made, not by a refusal; the same token with the same parameters, wherever
// in the request they stand, gets the first answer again, even while the attachment
// is updating or after it has changed; with others, IdempotentParameterMismatch. The
// last 10,000 tokens are remembered. A nonce is forgotten when its request is too old to
// be taken, and when the process ends.
package emulator
