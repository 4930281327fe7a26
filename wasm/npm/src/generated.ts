// The types that the tables of the core say. Made by wasm/generate; don't edit.

/** Phase 1 of the negotiation (IKE). */
export interface IkeConfig {
  /** Pre-shared key of the IKE authentication; must equal the peer's. Letters, digits and ~!`@#$%^&*()_-+={}[]|;:,.<>/? 1 to 100 characters. Secret. */
  Psk?: string;
  /** Version of the Internet Key Exchange protocol. Default: ikev1. Example: `ikev2`. */
  IkeVersion?: "ikev1" | "ikev2";
  /** Negotiation mode of IKEv1 phase 1. Default: main. Example: `main`. */
  IkeMode?: "main" | "aggressive";
  /** Encryption algorithm of phase 1. Default: aes. Example: `aes256`. */
  IkeEncAlg?: "aes" | "aes192" | "aes256" | "des" | "3des";
  /** Authentication algorithm of phase 1. Default: md5. Example: `sha256`. */
  IkeAuthAlg?: "md5" | "sha1" | "sha256" | "sha384" | "sha512";
  /** Diffie-Hellman group of phase 1. Default: group2. Example: `group14`. */
  IkePfs?: "group1" | "group2" | "group5" | "group14";
  /** Lifetime of the IKE SA, in seconds. 0 to 86400. Default: 86400. Example: `28800`. */
  IkeLifetime?: number | string;
  /** Identity of the Alibaba Cloud side: an IP address or an FQDN, without spaces. 0 to 100 characters. Example: `47.21.12.1`. */
  LocalId?: string;
  /** Another spelling of LocalId. */
  LocalIdIPsec?: string;
  /** Identity of the peer: an IP address or an FQDN, without spaces; by default the customer gateway's IP address. 0 to 100 characters. Example: `203.0.113.7`. */
  RemoteId?: string;
}

/** Phase 2 of the negotiation (IPsec). */
export interface IpsecConfig {
  /** Encryption algorithm of phase 2. Default: aes. Example: `aes256`. */
  IpsecEncAlg?: "aes" | "aes192" | "aes256" | "des" | "3des";
  /** Authentication algorithm of phase 2. Default: md5. Example: `sha256`. */
  IpsecAuthAlg?: "md5" | "sha1" | "sha256" | "sha384" | "sha512";
  /** Diffie-Hellman group of phase 2; disabled switches perfect forward secrecy off. Default: group2. Example: `group14`. */
  IpsecPfs?: "disabled" | "group1" | "group2" | "group5" | "group14";
  /** Lifetime of the IPsec SA, in seconds. 0 to 86400. Default: 86400. Example: `3600`. */
  IpsecLifetime?: number | string;
}

/** BGP over the tunnel. */
export interface BgpConfig {
  /** Whether BGP runs over the tunnel. Default: false. Example: `true`. */
  EnableBgp?: boolean | "true" | "false";
  /** Autonomous system number of the Alibaba Cloud side; a private one is recommended. 1 to 4294967295. Default: 45104. Example: `65010`. */
  LocalAsn?: number | string;
  /** CIDR block of the tunnel's inside: a /30 within 169.254.0.0/16. Example: `169.254.11.0/30`. */
  TunnelCidr?: string;
  /** BGP address of the Alibaba Cloud side; lies within TunnelCidr. Example: `169.254.11.1`. */
  LocalBgpIp?: string;
}

/** Health check through the tunnel. */
export interface HealthCheckConfig {
  /** Whether the health check runs. Default: false. Example: `true`. */
  enable?: boolean | "true" | "false";
  /** Another spelling of enable. */
  Enable?: boolean | "true" | "false";
  /** Destination: an address on the data center's side that answers through the tunnel. Example: `192.168.1.1`. */
  dip?: string;
  /** Another spelling of dip. */
  Dip?: string;
  /** Source: an address on the VPC's side that the data center reaches through the tunnel. Example: `10.1.1.1`. */
  sip?: string;
  /** Another spelling of sip. */
  Sip?: string;
  /** Time between two checks, in seconds. 0 to 2147483647. Default: 3. Example: `3`. */
  interval?: number | string;
  /** Another spelling of interval. */
  Interval?: number | string;
  /** Number of checks that may fail in a row. 0 to 2147483647. Default: 3. Example: `3`. */
  retry?: number | string;
  /** Another spelling of retry. */
  Retry?: number | string;
  /** Whether advertised routes are withdrawn when checks fail. Default: revoke_route. Example: `revoke_route`. */
  Policy?: "revoke_route" | "reserve_route";
  /** Another spelling of Policy. */
  policy?: "revoke_route" | "reserve_route";
}

/** Phase 1 of the tunnel's negotiation (IKE). */
export interface TunnelIkeConfig {
  /** Pre-shared key of the IKE authentication; must equal the peer's. Letters, digits and ~!`@#$%^&*()_-+={}[]|;:,.<>/? 1 to 100 characters. Secret. */
  Psk?: string;
  /** Version of the Internet Key Exchange protocol. Default: ikev2. Example: `ikev2`. */
  IkeVersion?: "ikev1" | "ikev2";
  /** Negotiation mode of IKEv1 phase 1. Default: main. Example: `main`. */
  IkeMode?: "main" | "aggressive";
  /** Encryption algorithm of phase 1. Default: aes. Example: `aes256`. */
  IkeEncAlg?: "aes" | "aes192" | "aes256" | "des" | "3des";
  /** Authentication algorithm of phase 1. Default: sha1. Example: `sha256`. */
  IkeAuthAlg?: "md5" | "sha1" | "sha256" | "sha384" | "sha512";
  /** Diffie-Hellman group of phase 1. Default: group2. Example: `group14`. */
  IkePfs?: "group1" | "group2" | "group5" | "group14";
  /** Lifetime of the IKE SA, in seconds. 0 to 86400. Default: 86400. Example: `28800`. */
  IkeLifetime?: number | string;
  /** Identity of the Alibaba Cloud side: an IP address or an FQDN, without spaces; by default the tunnel's own IP address. 0 to 100 characters. Example: `47.21.12.1`. */
  LocalId?: string;
  /** Another spelling of LocalId. */
  LocalIdIPsec?: string;
  /** Identity of the peer: an IP address or an FQDN, without spaces; by default the customer gateway's IP address. 0 to 100 characters. Example: `203.0.113.7`. */
  RemoteId?: string;
}

/** Phase 2 of the tunnel's negotiation (IPsec). */
export interface TunnelIpsecConfig {
  /** Encryption algorithm of phase 2. Default: aes. Example: `aes256`. */
  IpsecEncAlg?: "aes" | "aes192" | "aes256" | "des" | "3des";
  /** Authentication algorithm of phase 2. Default: sha1. Example: `sha256`. */
  IpsecAuthAlg?: "md5" | "sha1" | "sha256" | "sha384" | "sha512";
  /** Diffie-Hellman group of phase 2; disabled switches perfect forward secrecy off. Default: group2. Example: `group14`. */
  IpsecPfs?: "disabled" | "group1" | "group2" | "group5" | "group14";
  /** Lifetime of the IPsec SA, in seconds. 0 to 86400. Default: 86400. Example: `3600`. */
  IpsecLifetime?: number | string;
}

/** BGP over the tunnel. */
export interface TunnelBgpConfig {
  /** Autonomous system number of the Alibaba Cloud side; a private one is recommended. 1 to 4294967295. Default: 45104. Example: `65010`. */
  LocalAsn?: number | string;
  /** CIDR block of the tunnel's inside: a /30 within 169.254.0.0/16. Example: `169.254.11.0/30`. */
  TunnelCidr?: string;
  /** BGP address of the Alibaba Cloud side; lies within TunnelCidr. Example: `169.254.11.1`. */
  LocalBgpIp?: string;
}

/** The tunnels to change, each named by TunnelIndex or TunnelId; at most two. */
export interface TunnelOptionsSpecification {
  /** Which tunnel: 1 or 2. An item names its tunnel by index or by id. 1 to 2. Example: `1`. */
  TunnelIndex?: number | string;
  /** Which tunnel, by its id. Not empty. Example: `tun-opsqc4d97wni270000`. */
  TunnelId?: string;
  /** Customer gateway of the tunnel. Not empty. Example: `cgw-p0wy363lucf1uyae80000`. */
  CustomerGatewayId?: string;
  /** Dead peer detection of the tunnel. Default: true. Example: `true`. */
  EnableDpd?: boolean | "true" | "false";
  /** NAT traversal of the tunnel. Default: true. Example: `true`. */
  EnableNatTraversal?: boolean | "true" | "false";
  /** Whether the tunnel is the active or the standby one; sent by Terraform's provider, without documentation. In no documentation. Example: `master`. */
  Role?: "master" | "slave";
  /** Phase 1 of the tunnel's negotiation (IKE). Dual-tunnel attachments only. */
  TunnelIkeConfig?: TunnelIkeConfig | string;
  /** Phase 2 of the tunnel's negotiation (IPsec). Dual-tunnel attachments only. */
  TunnelIpsecConfig?: TunnelIpsecConfig | string;
  /** BGP over the tunnel. Dual-tunnel attachments only. */
  TunnelBgpConfig?: TunnelBgpConfig | string;
}

/** A change document: a patch to one attachment. What is absent stays as it is. */
export interface ChangeDocument {
  /** Region of the attachment. Not empty. Example: `cn-hangzhou`. */
  RegionId: string;
  /** ID of the IPsec-VPN connection. Not empty. Example: `vco-p0w5112fgnl2ihlmf0000`. */
  VpnConnectionId: string;
  /** Makes a repeated request idempotent: ASCII characters, unique to the request; computed when absent. More than 64 are more than ModifyVpnConnectionAttribute takes. Not empty. Example: `123e4567-e89b-12d3-a456-426600000000`. */
  ClientToken?: string;
  /** Name of the attachment; does not start with http:// or https://. 1 to 100 characters. Example: `site-a`. */
  Name?: string;
  /** CIDR blocks on the VPC's side for phase 2. 0.0.0.0/0 on both sides is destination routing mode. Example: `10.1.1.0/24,10.1.2.0/24`. */
  LocalSubnet?: string | string[];
  /** CIDR blocks on the data center's side for phase 2. 0.0.0.0/0 on both sides is destination routing mode. Example: `10.1.3.0/24,10.1.4.0/24`. */
  RemoteSubnet?: string | string[];
  /** true: negotiate at once; false: negotiate when traffic arrives. Default: false. Example: `true`. */
  EffectImmediately?: boolean | "true" | "false";
  /** Phase 1 of the negotiation (IKE). Single-tunnel attachments only. */
  IkeConfig?: IkeConfig | string;
  /** Phase 2 of the negotiation (IPsec). Single-tunnel attachments only. */
  IpsecConfig?: IpsecConfig | string;
  /** BGP over the tunnel. Single-tunnel attachments only. */
  BgpConfig?: BgpConfig | string;
  /** Health check through the tunnel. Single-tunnel attachments only. */
  HealthCheckConfig?: HealthCheckConfig | string;
  /** Whether routes are configured automatically; newer documentation no longer lists it. Default: true. Sent whenever it is asked for, since no answer shows it. Example: `true`. */
  AutoConfigRoute?: boolean | "true" | "false";
  /** Dead peer detection. Default: true. Single-tunnel attachments only. Example: `true`. */
  EnableDpd?: boolean | "true" | "false";
  /** NAT traversal. Default: true. Single-tunnel attachments only. Example: `true`. */
  EnableNatTraversal?: boolean | "true" | "false";
  /** CA certificate of the peer of a ShangMi gateway; newer documentation says that it has no effect. No effect, by newer documentation. Example: `c20ycDI1NnYxIENBIChURVNUIFNN`. */
  RemoteCaCert?: string;
  /** Network of the attachment's gateway: the Internet or private networks; cannot change once created. Example: `public`. */
  NetworkType?: "public" | "private";
  /** Customer gateway: the peer's address and ASN. Not empty. Single-tunnel attachments only. Example: `cgw-p0w2jemrcj5u61un80000`. */
  CustomerGatewayId?: string;
  /** Whether BGP runs over both tunnels. Dual-tunnel attachments only. Example: `true`. */
  EnableTunnelsBgp?: boolean | "true" | "false";
  /** The tunnels to change, each named by TunnelIndex or TunnelId; at most two. Dual-tunnel attachments only. */
  TunnelOptionsSpecification?: TunnelOptionsSpecification[];
  /** In the official SDK, without documentation. In no documentation. */
  OwnerAccount?: string;
  /** In the official SDK, without documentation. In no documentation. */
  ResourceOwnerAccount?: string;
  /** In the official SDK, without documentation. 0 to 9223372036854775807. In no documentation. */
  ResourceOwnerId?: number | string;
}

/** The names that rules use for parameters. */
export type ParameterName =
  | "RegionId"
  | "VpnConnectionId"
  | "ClientToken"
  | "Name"
  | "LocalSubnet"
  | "RemoteSubnet"
  | "EffectImmediately"
  | "IkeConfig"
  | "IkeConfig.Psk"
  | "IkeConfig.IkeVersion"
  | "IkeConfig.IkeMode"
  | "IkeConfig.IkeEncAlg"
  | "IkeConfig.IkeAuthAlg"
  | "IkeConfig.IkePfs"
  | "IkeConfig.IkeLifetime"
  | "IkeConfig.LocalId"
  | "IkeConfig.RemoteId"
  | "IpsecConfig"
  | "IpsecConfig.IpsecEncAlg"
  | "IpsecConfig.IpsecAuthAlg"
  | "IpsecConfig.IpsecPfs"
  | "IpsecConfig.IpsecLifetime"
  | "BgpConfig"
  | "BgpConfig.EnableBgp"
  | "BgpConfig.LocalAsn"
  | "BgpConfig.TunnelCidr"
  | "BgpConfig.LocalBgpIp"
  | "HealthCheckConfig"
  | "HealthCheckConfig.enable"
  | "HealthCheckConfig.dip"
  | "HealthCheckConfig.sip"
  | "HealthCheckConfig.interval"
  | "HealthCheckConfig.retry"
  | "HealthCheckConfig.Policy"
  | "AutoConfigRoute"
  | "EnableDpd"
  | "EnableNatTraversal"
  | "RemoteCaCert"
  | "NetworkType"
  | "CustomerGatewayId"
  | "EnableTunnelsBgp"
  | "TunnelOptionsSpecification"
  | "Tunnel.1.CustomerGatewayId"
  | "Tunnel.1.EnableDpd"
  | "Tunnel.1.EnableNatTraversal"
  | "Tunnel.1.Role"
  | "Tunnel.1.TunnelIkeConfig"
  | "Tunnel.1.TunnelIkeConfig.Psk"
  | "Tunnel.1.TunnelIkeConfig.IkeVersion"
  | "Tunnel.1.TunnelIkeConfig.IkeMode"
  | "Tunnel.1.TunnelIkeConfig.IkeEncAlg"
  | "Tunnel.1.TunnelIkeConfig.IkeAuthAlg"
  | "Tunnel.1.TunnelIkeConfig.IkePfs"
  | "Tunnel.1.TunnelIkeConfig.IkeLifetime"
  | "Tunnel.1.TunnelIkeConfig.LocalId"
  | "Tunnel.1.TunnelIkeConfig.RemoteId"
  | "Tunnel.1.TunnelIpsecConfig"
  | "Tunnel.1.TunnelIpsecConfig.IpsecEncAlg"
  | "Tunnel.1.TunnelIpsecConfig.IpsecAuthAlg"
  | "Tunnel.1.TunnelIpsecConfig.IpsecPfs"
  | "Tunnel.1.TunnelIpsecConfig.IpsecLifetime"
  | "Tunnel.1.TunnelBgpConfig"
  | "Tunnel.1.TunnelBgpConfig.LocalAsn"
  | "Tunnel.1.TunnelBgpConfig.TunnelCidr"
  | "Tunnel.1.TunnelBgpConfig.LocalBgpIp"
  | "Tunnel.2.CustomerGatewayId"
  | "Tunnel.2.EnableDpd"
  | "Tunnel.2.EnableNatTraversal"
  | "Tunnel.2.Role"
  | "Tunnel.2.TunnelIkeConfig"
  | "Tunnel.2.TunnelIkeConfig.Psk"
  | "Tunnel.2.TunnelIkeConfig.IkeVersion"
  | "Tunnel.2.TunnelIkeConfig.IkeMode"
  | "Tunnel.2.TunnelIkeConfig.IkeEncAlg"
  | "Tunnel.2.TunnelIkeConfig.IkeAuthAlg"
  | "Tunnel.2.TunnelIkeConfig.IkePfs"
  | "Tunnel.2.TunnelIkeConfig.IkeLifetime"
  | "Tunnel.2.TunnelIkeConfig.LocalId"
  | "Tunnel.2.TunnelIkeConfig.RemoteId"
  | "Tunnel.2.TunnelIpsecConfig"
  | "Tunnel.2.TunnelIpsecConfig.IpsecEncAlg"
  | "Tunnel.2.TunnelIpsecConfig.IpsecAuthAlg"
  | "Tunnel.2.TunnelIpsecConfig.IpsecPfs"
  | "Tunnel.2.TunnelIpsecConfig.IpsecLifetime"
  | "Tunnel.2.TunnelBgpConfig"
  | "Tunnel.2.TunnelBgpConfig.LocalAsn"
  | "Tunnel.2.TunnelBgpConfig.TunnelCidr"
  | "Tunnel.2.TunnelBgpConfig.LocalBgpIp"
  | "OwnerAccount"
  | "ResourceOwnerAccount"
  | "ResourceOwnerId";

/** The checks that findings and problems name. */
export type FindingRuleId =
  | "alias-used"
  | "bidi-control"
  | "change-too-large"
  | "duplicate-parameter"
  | "empty-object"
  | "empty-text"
  | "findings-left-out"
  | "json-invalid"
  | "nested-json-invalid"
  | "normalised"
  | "null-value"
  | "reference-in-event"
  | "reference-misplaced"
  | "replacement-character"
  | "too-many-tunnels"
  | "unknown-parameter"
  | "value-is-none"
  | "wrong-type"
  | "asn-not-private"
  | "asn-reserved"
  | "authentication-weak"
  | "client-token-form"
  | "client-token-long"
  | "connection-id-characters"
  | "connection-id-form"
  | "contains-blank"
  | "dh-group-weak"
  | "encryption-weak"
  | "health-number-zero"
  | "identity-has-prefix"
  | "ikev1-deprecated"
  | "lifetime-zero"
  | "name-scheme"
  | "no-effect"
  | "out-of-range"
  | "placeholder-id"
  | "psk-characters"
  | "psk-disputed-character"
  | "psk-is-a-mask"
  | "psk-masked"
  | "psk-not-a-key"
  | "psk-short"
  | "region-form"
  | "region-unknown"
  | "text-is-a-mask"
  | "text-length"
  | "undocumented-parameter"
  | "value-not-allowed"
  | "bgp-ip-malformed"
  | "cidr-not-canonical"
  | "health-ip-malformed"
  | "routing-mode-mixed"
  | "subnet-ipv6"
  | "subnet-malformed"
  | "subnet-overlap"
  | "subnet-repeated"
  | "subnets-overlap-sides"
  | "tunnel-cidr-malformed"
  | "tunnel-cidr-range"
  | "tunnel-cidr-reserved"
  | "aggressive-mode"
  | "bgp-half"
  | "bgp-ip-edge"
  | "bgp-ip-outside"
  | "both-tunnels-at-once"
  | "change-empty"
  | "effect-immediately-alone"
  | "fqdn-main-mode"
  | "health-check-incomplete"
  | "ike-without-psk"
  | "missing-parameter"
  | "modes-mixed"
  | "object-partial"
  | "tunnel-bgp-unknown"
  | "tunnel-cidr-same"
  | "tunnel-repeated"
  | "tunnel-unnamed"
  | "algorithm-weaker"
  | "attachment-in-motion"
  | "customer-gateway-unassociated"
  | "mode-mismatch"
  | "network-type-fixed"
  | "peer-asn-missing"
  | "psk-left-out"
  | "psk-unknown"
  | "remote-id-stale"
  | "tunnel-cidr-missing"
  | "tunnel-mismatch"
  | "tunnel-unknown"
  | "peer-algorithm"
  | "peer-bgp-ip"
  | "peer-identity"
  | "peer-ike-mode"
  | "peer-lifetime"
  | "peer-psk"
  | "peer-subnets"
  | "peer-tunnel-cidr"
  | "client-token-fixed"
  | "path-invalid"
  | "pattern-invalid"
  | "pattern-never-matches"
  | "reference-invalid"
  | "rule-file-empty"
  | "rule-file-invalid"
  | "rule-incomplete"
  | "rule-key-repeated"
  | "rule-key-unknown"
  | "rule-map"
  | "rule-name"
  | "rule-parameter-conflict"
  | "rule-parameter-unknown"
  | "rule-test"
  | "rule-version-unused"
  | "rule-via"
  | "rule-via-missing"
  | "rule-wrong-type"
  | "secret-in-rule-file"
  | "attachment-not-allowed"
  | "each-not-array"
  | "list-has-hole"
  | "map-lacks-word"
  | "path-finds-nothing"
  | "rule-changes-too-large"
  | "time-unreadable"
  | "version-unreadable"
  | "current-of-another"
  | "event-in-future"
  | "event-not-for-us"
  | "event-not-opened"
  | "item-needs-rule"
  | "reference-unresolved"
  | "timestamp-unreadable"
  | "event-repeated"
  | "reference-needs-key-name"
  | "request-not-verified"
  | "source-forged"
  | "source-not-listed"
  | "superseded-by-newer"
  | "webhook-repeated"
  | "bad-time"
  | "broken-envelope"
  | "change-invalid"
  | "content-type"
  | "current-invalid"
  | "empty"
  | "event-name-too-long"
  | "input-invalid"
  | "internal"
  | "not-json"
  | "not-signed"
  | "nothing-differs"
  | "payload-lost"
  | "rules-invalid"
  | "stopped"
  | "too-deep"
  | "too-large"
  | "unknown-event";

/** The codes of problems: why a call has no result. */
export type ProblemCode =
  | "bad-time"
  | "broken-envelope"
  | "change-invalid"
  | "content-type"
  | "current-invalid"
  | "empty"
  | "event-name-too-long"
  | "input-invalid"
  | "internal"
  | "not-json"
  | "not-signed"
  | "nothing-differs"
  | "payload-lost"
  | "rules-invalid"
  | "stopped"
  | "too-deep"
  | "too-large"
  | "unknown-event";

/** The profiles of the other end. */
export type PeerName =
  | "aws"
  | "azure"
  | "gcp";

/** The forms of a request. */
export type LanguageName =
  | "curl"
  | "aliyun"
  | "go"
  | "python"
  | "typescript"
  | "terraform"
  | "ram-policy"
  | "put-events"
  | "http"
  | "peer-aws"
  | "peer-terraform"
  | "peer-strongswan"
  | "peer-sheet";
