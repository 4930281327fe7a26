// The types of results and options. Those of parameters and rules are generated.

import type { ChangeDocument, FindingRuleId, LanguageName, ParameterName, PeerName, ProblemCode } from "./generated.js";

/** The module's functions that take JSON text. */
export type Call = "validate" | "fix" | "build" | "transform" | "test" | "diff" | "sign" | "snippet" | "parameters" | "version";

/**
 * A document: its JSON text, or an object. Editors complete the members of T, but any
 * object is accepted, such as the data of a form, since validating it is the purpose of
 * the functions. To have the compiler check it too, write `satisfies Change`.
 */
export type Input<T> = string | T | object;

/** A change document: a patch, in the API's parameter names. */
export type Change = ChangeDocument;

/** One result of checking an event, a rule file or a change. It contains no secrets. */
export interface Finding {
  rule: FindingRuleId;
  /** The place in the document, such as `IkeConfig.Psk` or `TunnelOptionsSpecification[0].TunnelIndex`; empty for the whole document. */
  path: string;
  /** An error: nothing is sent. A warning: accepted, but harmful or doubtful. */
  severity: "error" | "warning" | "info";
  message: string;
  hint?: string;
  /** The error code that the service would return. */
  apiCode?: string;
  /** The URL of the documentation that says so. */
  ref?: string;
  /** What to write, where only one thing can be meant: a value at the path, or the name (or path) of the member there. */
  fix?: { value: string | number | boolean } | { name: string };
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
  /**
   * The response of DescribeVpnConnection, or of DescribeVpnConnections, as the API, the CLI or an SDK gives it; the
   * change is then validated as merged with it.
   */
  current?: Input<object> | null;
  /**
   * What to do about a phase 1 whose current key is masked and not in the change: "refuse" it (default), or "omit" the
   * key, which seems to keep it but may lose it.
   */
  masked?: "refuse" | "omit";
  /** The peer profile: what the other end of the tunnel supports. */
  peer?: PeerName | "";
}

export interface FixOptions extends ValidateOptions {
  /** Applies only the fixes of findings with this path. */
  path?: string;
  /** Mends only what is not JSON. The document may be of any kind then: an event, a rule file, an answer of DescribeVpnConnection. */
  json?: boolean;
}

/** How a request is built and signed. In all options, an undefined member counts as absent. */
export interface SignOptions {
  /** "v3" (ACS3-HMAC-SHA256, the default) or "v1" (HMAC-SHA1). */
  signature?: "v3" | "v1";
  /** Host or URL of the service; by default that of the region. */
  endpoint?: string;
  /** The current time in RFC 3339; by default from the clock of the host. */
  time?: string;
  /** Unique for each attempt; random by default. */
  nonce?: string;
}

export interface BuildOptions extends ValidateOptions, SignOptions {
  credentials?: Credentials | null;
  /** Shows secrets, and signs when there are credentials. */
  reveal?: boolean;
}

export interface TransformOptions extends BuildOptions {
  /** Whether to explain every rule; true by default. */
  explain?: boolean;
  /**
   * The way by which the event has come, for rules with `via`: an ARN, `bus`, `webhook`,
   * `webhook:NAME`, `invoke` or `local`. By default what the event itself says.
   */
  via?: string;
  /** Returns the events as rules see them, taken out of their envelopes. They contain what secrets the event contains. */
  opened?: boolean;
  /** How many results to return at most; those left out are counted. By default all for which there is room. */
  limit?: number;
}

export interface DiffOptions extends Pick<ValidateOptions, "masked"> {
  peer?: PeerName | "";
  /** Shows secrets. */
  reveal?: boolean;
}

export interface SnippetOptions extends BuildOptions {
  /** Alibaba Cloud account ID for the RAM policy; any account by default. */
  accountId?: string;
}

export interface Validated {
  findings: Finding[];
  error?: Problem;
}

export interface Fixed extends Validated {
  /** The text of the change document with the fixes applied; all else in it is as it was. It contains what secrets the document contains. */
  change: string;
  /** The findings whose fixes were applied. */
  fixed: Finding[];
}

/** An HTTP request as it is sent. */
export interface HttpRequest {
  method: string;
  url: string;
  headers: Record<string, string>;
  body?: string;
  clientToken?: string;
  /** The canonical request of a V3 signature. */
  canonicalRequest?: string;
  stringToSign?: string;
}

/** One field that a change would alter; `from` is empty when the field is not set. Secrets are `***`. */
export interface Difference {
  path: string;
  /** `TunnelIndex` of the tunnel that it is about. */
  tunnel?: number;
  from: string;
  to: string;
}

export interface Built {
  findings: Finding[];
  error?: Problem;
  /** The change with aliases and values normalised. */
  change?: Change;
  /** With `current`: the fields that would change. */
  differences?: Difference[];
  /** The RPC parameters as they are sent. Absent when a finding is an error, or when nothing differs. */
  parameters?: Record<string, string>;
  /** Absent when a finding is an error, when nothing differs, or with `reveal` and no credentials. */
  request?: HttpRequest;
}

/** The result for one change in an event, or for a record without a change. */
export interface Result extends Omit<Built, "error"> {
  kind: string;
  /** The envelopes that were opened, outermost first: `sqs > sns > eventbridge`. */
  via?: string;
  eventId?: string;
  source?: string;
  time?: string;
  /** The name of the rule that produced the change. */
  rule?: string;
  /** The index into the array of the rule's `each`. */
  element?: number;
  /** The profile of credentials that the rule chooses. */
  credentials?: string;
}

/** How one rule applies to one record. */
export interface Explanation {
  rule: string;
  matched: boolean;
  /** When not matched: the field of the pattern that failed, and why. */
  path?: string;
  reason?: string;
  /** When matched: how many elements `each` found, and the values of paths and constants. */
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
  /** At most 128 MiB of them, or `limit`. */
  results: Result[];
  /** How many more there are, for which `results` has no room. */
  leftOut?: number;
  /** Findings of the rule file. */
  rules: Finding[];
  /** One list per record, which is empty where there is no room. */
  explanations: Explanation[][];
  /** With the option of that name, the text of each record's event, and the way by which its envelope came, as `via` has it. */
  opened?: { event: string; way?: string }[];
  error?: Problem;
}

/** What a test that a rule file holds has come to. */
export interface TestResult {
  name: string;
  passed: boolean;
  /** What came otherwise than wanted, each with its place in the rule file. */
  problems?: { path: string; message: string; hint?: string; differences?: { path: string; want: string; got: string }[] }[];
}

export interface Tested {
  tests: TestResult[];
  /** Findings of the rule file. */
  rules: Finding[];
  error?: Problem;
}

export interface Compared {
  findings: Finding[];
  differences: Difference[];
  /** The current configuration as a change document. */
  current?: Change;
  /** The part to be sent. Absent when nothing differs. */
  send?: Change;
  error?: Problem;
}

/** A DescribeVpnConnection request. */
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
  /** The name in the response of DescribeVpnConnection, where it differs. */
  readonly response?: string;
  readonly kind: "text" | "bool" | "int" | "asn" | "ip" | "cidr" | "subnets" | "object" | "array";
  /** The kind of attachment that it applies to. */
  readonly mode: "both" | "single" | "dual";
  /** Identifies the attachment or the request; not a field to change. */
  readonly address?: true;
  readonly required?: true;
  readonly secret?: true;
  /** Without effect, according to newer documentation. */
  readonly noEffect?: true;
  /** No answer of the service shows it, so it is sent whenever it is asked for. */
  readonly unseen?: true;
  /** In the official SDK, but not documented. */
  readonly hidden?: true;
  /** Fields of the same unit are applied together. */
  readonly unit?: string;
  /** The allowed values. */
  readonly enum?: readonly string[];
  /** The range of a number, or of the length of a text in characters. */
  readonly min?: number;
  readonly max?: number;
  readonly default?: string;
  readonly doc: string;
  readonly example?: string;
  /** The error code that the service returns for a bad value. */
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
