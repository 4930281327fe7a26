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
// It is an adversary. It reads and checks requests with code of its own, so
// that a mistake of the client that it tests can't hide in shared code, and where
// the documentation leaves a choice it does the most harmful thing that the words
// allow: a client that survives here survives there.
//
// # What a change resets
//
// The service does not document what it does with what a change leaves out, so
// [Config.Partial] names three behaviours. IkeConfig, IpsecConfig, BgpConfig and
// HealthCheckConfig of a single tunnel are objects, as are TunnelIkeConfig,
// TunnelIpsecConfig and TunnelBgpConfig of a tunnel item, and the item itself.
//
//	                                        keep    objects (default)    reset
//	object left out of a tunnel item        stays   stays                reset
//	member left out of an object or item    stays   reset                reset
//	Psk left out of an IKE object           stays   stays                a new random key
//	EffectImmediately left out              stays   stays                false
//
// A device at the other end does not know a new random key, so its tunnel goes down.
//
// Under all of them:
//
//   - What is reset gets the defaults documented for creation. A tunnel's differ from
//     a single tunnel's: ikev2 and sha1, not ikev1 and md5, and LocalId the tunnel's
//     own address, not none. RemoteId is the address of the customer gateway that the
//     tunnel has after the change; a RemoteId that stays does not follow the gateway.
//   - null counts as left out, empty text asks for the default. An empty Psk counts
//     as left out. A drawn key has 16 characters.
//   - Always stay: a tunnel that the request leaves out; the customer gateway and Role
//     of an item, which have no documented default; other top-level parameters, which
//     is what the documentation means by optional.
//   - A key that ends in ****, and the LocalId leftId-not-exist, are accepted as they are.
//
// # What is ignored silently
//
//   - Unknown parameters, TunnelOptionsSpecification as JSON text instead of
//     flattened among them, and unknown members of objects and tunnel items.
//   - Members are unknown in any other case than the documented one: "Enable" in
//     HealthCheckConfig, "psk" in IkeConfig. LocalIdIPsec, which only the older
//     documentation has, is unknown too. With [Config.HealthCapitals] the members of
//     HealthCheckConfig may start with a capital, as Terraform writes them; of two
//     spellings the documented one counts.
//   - RemoteCaCert, which newer documentation calls without effect. AutoConfigRoute is
//     accepted, but no answer shows it.
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
//   - A change that differs for one tunnel of two alone leaves the other one up, and its
//     State active. Any other change of a dual-tunnel attachment, that of its name too, is
//     one of both tunnels.
//   - With [Config.DescribeLag] a change that was made does not show in Describe at
//     first, not even as State updating; Modify and Delete know of it at once.
//   - Describe puts subnets into text order. The order of
//     names is not defined. Negotiation is reported up only for EffectImmediately.
//   - A delayed answer is delayed after the change is made.
//   - A connection without a VPN gateway has the VpnGatewayId
//     vpn-not-exist; a single tunnel without LocalId shows leftId-not-exist.
//
// # What is refused
//
//   - Creation of an attachment with one tunnel, which newer documentation rules out:
//     VpnConnection.InvalidCreateTunnelOptions, unless [Config.CreateSingle] is set.
//   - Parameters of one tunnel mode sent to the other: UnsupportedParameter. The
//     customer gateway may change whether or not the attachment is associated.
//   - A Role that is not master or slave, and two tunnels with one role:
//     IllegalParam.Role.
//   - A changed NetworkType: IllegalParam.NetworkType.
//   - Values without a documented code: IllegalParam.<name>; for the members of
//     HealthCheckConfig, IllegalParam.HealthCheckConfig. The same for text that is
//     not a flat JSON object. Strings, numbers and booleans are all taken as values.
//   - A missing mandatory parameter: Missing<name>. A parameter that comes twice,
//     in the query or in query and body: InvalidParameter.
//   - BGP that is on without LocalBgpIp, and LocalBgpIp without TunnelCidr:
//     IllegalParam.LocalBgpIp. With EnableTunnelsBgp both tunnels need TunnelCidr and
//     LocalBgpIp, given or from before. Two tunnels with one TunnelCidr:
//     IllegalParam.TunnelCidr.
//   - Spaces between subnets. But the pre-shared key may hold what either version
//     of the documentation allows (they disagree about ' " and \), and one subnet
//     may be changed without the other.
//   - With [Config.RequireSubnets], Modify without both subnets, as seen in practice.
//     With [Config.MaskKeys], answers show 1234**** for a key.
//   - A region that is not the attachment's: InvalidVpnConnectionInstanceId.NotFound.
//   - Tags that are not as documented: IllegalParam.Tag; a resource that does not exist:
//     InvalidResourceId.NotFound, and nothing is tagged.
//   - Deleting an attachment of a transit router: VpnConnection.Associated; a
//     customer gateway in use: InvalidCustomerGatewayInstanceId.InUse.
//   - Every x-acs- header, host, and the content-type of a body must be signed. A
//     nonce is used up by a request whose signature is right, even if it is refused later.
//
// Recommend links to a page of the emulator itself, which explains the code.
//
// # Negotiation
//
//   - A tunnel is up (ipsec_sa_established) when the attachment has EffectImmediately,
//     is not in motion, and the device at the other end agrees. It agrees with
//     everything that [Server.SetPeer] or [Config.Peer] does not want, except for a RemoteId
//     that is the address of another customer gateway. What phase 1 compares keeps a tunnel at
//     ike_sa_not_established, what phase 2 compares at ipsec_sa_not_established; other
//     lifetimes let it come up. LocalId leftId-not-exist, if sent, matches no device.
//   - The Status of an attachment is that of its worst tunnel.
//   - DiagnoseVpnConnections has one element for each VpnConnectionId of a single-tunnel
//     attachment and each TunnelId: Severity Normal alone for a tunnel that is up, else the
//     first value that the two ends do not agree on. The codes are those of the help page,
//     the severities are the emulator's choice: Critical for what both ends have to change,
//     Warn for a device that does not answer, a negotiation that has not begun
//     (NoExceptionFound), and other lifetimes. The id of a dual-tunnel attachment among
//     VpnConnectionIds is an UnsupportedParameter. It does not lag.
//   - SourceLog holds addresses, and the attachment's key after a PskMismatch: the
//     documentation does not say that the service's log is free of secrets.
//
// # Lists
//
//   - DescribeVpnConnections has all attachments of the region, in the order of their
//     ids, associated or not; filters that match none make the list empty. Its elements
//     are what DescribeVpnConnection answers without ZoneNo and VpnBgpConfig.EnableBgp,
//     and with the tags in Tag, as the official clients expect.
//   - TagResources, ListTagResources and MoveVpnResourceGroup take the types
//     VpnAttachment and CustomerGateway, in any case. A tag filter without Value matches
//     any value.
//
// # Idempotence
//
// A ClientToken belongs to the account and one action, whatever key signs: access keys
// of a role change by the hour. It is ASCII text of any length; 64 characters is the
// documented limit of a sibling operation only. It is used up by a change that was
// made, not by a refusal; the same token with the same parameters, wherever
// in the request they stand, gets the first answer again, even while the attachment
// is updating or after it has changed; with others, IdempotentParameterMismatch. The
// last 10,000 tokens are remembered. A nonce is forgotten when its request is too old to
// be accepted, and when the process ends.
package emulator
