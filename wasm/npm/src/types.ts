// The types of results and options. Those of parameters and rules are generated.

import type { ChangeDocument, FindingRuleId, LanguageName, ParameterName, PeerName, ProblemCode } from "./generated.js";

/** The module's functions that take JSON text. */
export type Call = "validate" | "build" | "transform" | "diff" | "sign" | "snippet" | "parameters" | "version";

/**
 * A document: its JSON text, or an object. Editors complete those of type T, but any
 * object is taken, such as a form's data, since judging it is what the functions are
 * for. To have the compiler judge it too, say `satisfies Change`.
 */
export type Input<T> = string | T | object;

/** A change document: a patch, in the API's parameter names. */
export type Change = ChangeDocument;

/** One result of judging an event, a rule file or a change. It holds no secret. */
export interface Finding {
  rule: FindingRuleId;
  /** Where: `IkeConfig.Psk`, `TunnelOptionsSpecification[0].TunnelIndex`; empty for the whole document. */
  path: string;
  /** An error: nothing is sent. A warning: accepted, but harmful or doubtful. */
  severity: "error" | "warning" | "info";
  message: string;
  hint?: string;
  /** The error code that the service would answer with. */
  apiCode?: string;
  /** The document that says so. */
  ref?: string;
}

/** What is wrong with the input of a call. */
export interface Problem {
  code: ProblemCode;
  /** The member of the input, or the place within the event. */
  path?: string;
  message: string;
  hint?: string;
  findings?: Finding[];
}

/** An access key, with the security token when it is a temporary one. */
export interface Credentials {
  accessKeyId: string;
  accessKeySecret: string;
  securityToken?: string;
}

export interface ValidateOptions {
  /** What DescribeVpnConnection returned: the merged result is judged. */
  current?: Input<object> | null;
  /** What the other end can speak. */
  peer?: PeerName | "";
}

/** How a request is made and signed. Here as in all options, what is undefined counts as absent. */
export interface SignOptions {
  /** "v3" (ACS3-HMAC-SHA256) unless given, or "v1" (HMAC-SHA1). */
  signature?: "v3" | "v1";
  /** Host or URL of the service; by region unless given. */
  endpoint?: string;
  /** Now, in RFC 3339; the host's clock unless given. */
  time?: string;
  /** Unique to each attempt; random unless given. */
  nonce?: string;
}

export interface BuildOptions extends ValidateOptions, SignOptions {
  credentials?: Credentials | null;
  /** Shows secrets, and signs when there are credentials. */
  reveal?: boolean;
}

export interface TransformOptions extends BuildOptions {
  /** Explains every rule; true unless given. */
  explain?: boolean;
}

export interface DiffOptions {
  peer?: PeerName | "";
  /** Shows secrets. */
  reveal?: boolean;
}

export interface SnippetOptions extends BuildOptions {
  /** Alibaba Cloud account for the RAM policy; any unless given. */
  accountId?: string;
}

export interface Validated {
  findings: Finding[];
  error?: Problem;
}

/** A request as it goes over the wire. */
export interface HttpRequest {
  method: string;
  url: string;
  headers: Record<string, string>;
  body?: string;
  clientToken?: string;
  /** What a V3 signature hashes. */
  canonicalRequest?: string;
  stringToSign?: string;
}

/** One field that a change would alter; `from` is empty when it is not set now. Secrets are `***`. */
export interface Difference {
  path: string;
  from: string;
  to: string;
}

export interface Built {
  findings: Finding[];
  error?: Problem;
  /** The change as it was understood: aliases and values normalised. */
  change?: Change;
  /** With `current`: what would change. */
  differences?: Difference[];
  /** The RPC parameters as they are sent. Absent when a finding is an error, or when nothing differs. */
  parameters?: Record<string, string>;
  /** Absent when a finding is an error, when nothing differs, or with `reveal` and no credentials. */
  request?: HttpRequest;
}

/** What was made of one change that an event asks for, or of a record that asks for none. */
export interface Result extends Omit<Built, "error"> {
  kind: string;
  /** The envelopes that were opened, outermost first: `sqs > sns > eventbridge`. */
  via?: string;
  eventId?: string;
  source?: string;
  time?: string;
  /** The rule that made the change. */
  rule?: string;
  /** The index into the array of the rule's `each`. */
  element?: number;
  /** The profile of credentials that the rule chooses. */
  credentials?: string;
}

/** What one rule makes of one record. */
export interface Explanation {
  rule: string;
  matched: boolean;
  /** When not matched: the field of the pattern that failed, and why. */
  path?: string;
  reason?: string;
  /** When matched: how many elements `each` found, and what paths and constants gave. */
  elements?: number;
  given?: Given[];
}

export interface Given {
  parameter: ParameterName | "each" | "time" | "version";
  element?: number;
  from?: string;
  found: boolean;
  value?: unknown;
}

export interface Transformed {
  results: Result[];
  /** Findings of the rule file. */
  rules: Finding[];
  /** One list for each record. */
  explanations: Explanation[][];
  error?: Problem;
}

export interface Compared {
  findings: Finding[];
  differences: Difference[];
  /** The configuration as it is, as a change document. */
  current?: Change;
  /** What is to be sent. Absent when nothing differs. */
  send?: Change;
  error?: Problem;
}

/** The request that DescribeVpnConnection is. */
export interface Describe {
  describe: { RegionId: string; VpnConnectionId: string };
}

export interface Signed {
  findings: Finding[];
  request?: HttpRequest;
  error?: Problem;
}

export interface Snippet {
  findings: Finding[];
  text?: string;
  error?: Problem;
}

/** A row of the parameter table. */
export interface Parameter {
  readonly name: string;
  /** Other spellings that are accepted. */
  readonly aliases?: readonly string[];
  /** The name in the answer of DescribeVpnConnection, where it differs. */
  readonly response?: string;
  readonly kind: "text" | "bool" | "int" | "asn" | "ip" | "cidr" | "subnets" | "object" | "array";
  /** For which attachments it is meant. */
  readonly mode: "both" | "single" | "dual";
  /** Names the attachment or the request; not a field to change. */
  readonly address?: true;
  readonly required?: true;
  readonly secret?: true;
  /** Newer documentation calls it without effect. */
  readonly noEffect?: true;
  /** In the official SDK but in no documentation. */
  readonly hidden?: true;
  /** Fields of the same unit belong together. */
  readonly unit?: string;
  /** The only values allowed. */
  readonly enum?: readonly string[];
  /** The range of a number, or of a text's length in characters. */
  readonly min?: number;
  readonly max?: number;
  readonly default?: string;
  readonly doc: string;
  readonly example?: string;
  /** The error code that a bad value brings. */
  readonly apiCode?: string;
  readonly fields?: readonly Parameter[];
}

/** A row of the list of checks. */
export interface FindingRule {
  readonly id: FindingRuleId;
  readonly severity: "error" | "warning" | "info";
  /** The heading that it stands under. */
  readonly part: string;
  /** What a finding means. */
  readonly title: string;
  /** The reason. */
  readonly why: string;
  /** The remedy, as findings have it unless they have a closer one. */
  readonly hint?: string;
  /** The remedy in general, where there is no common hint. */
  readonly fix?: string;
  readonly apiCode?: string;
  readonly ref?: string;
}

export interface Peer {
  readonly name: PeerName;
  readonly doc: string;
}

export interface Language {
  readonly name: LanguageName;
  readonly title: string;
}

export type { LanguageName };
