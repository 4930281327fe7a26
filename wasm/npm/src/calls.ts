// The functions of this package: typed input and results around the JSON calls of the module.

import { calls } from "./core.js";
import { messageOf } from "./error.js";
import { running } from "./init.js";
import type {
  BuildOptions, Built, Call, Change, Compared, Credentials, Describe, DiffOptions, FindingRule, Fixed, FixOptions, Input, Language, LanguageName,
  Parameter, Peer, Problem, Signed, SignOptions, Snippet, SnippetOptions, Tested, Transformed, TransformOptions, Validated, ValidateOptions,
} from "./types.js";

export type * from "./types.js";
export type * from "./generated.js";

/** Runs all checks on a change document. */
export function validate(change: Input<Change>, options: ValidateOptions = {}): Validated {
  return withFindings(call("validate", () => ({ ...withoutUndefined(options), change: document(change) })));
}

/**
 * Applies the fixes of findings to a change document, where only one thing can be meant:
 * `aes256` for `AES-256`, `RegionId` for `region_id`. Returns its text, what was fixed, and
 * the findings that are left. Text keeps its layout; an object is written as JSON first.
 */
export function fix(change: Input<Change>, options: FixOptions = {}): Fixed {
  const text = typeof change === "string" ? change : undefined;
  const result = withFindings(call<Fixed>("fix", () => ({ ...withoutUndefined(options), change: document(change) })));
  return { ...result, change: result.change ?? text ?? "", fixed: result.fixed ?? [] };
}

/**
 * Validates a change document and builds its request. Without `reveal` the request is
 * for display: secrets are `***`, and nothing is signed.
 */
export function buildRequest(change: Input<Change>, options: BuildOptions = {}): Built {
  const generated = timeAndNonce();
  return withFindings(call("build", () => ({ ...signing(withoutUndefined(options), generated), change: document(change) })));
}

/**
 * Applies rules to an event. Returns each change that a rule produces, validated and
 * with its request, and for each rule whether it matched and why. Without rules, the
 * event must contain a change document.
 */
export function transform(event: Input<unknown>, rules?: Input<object> | null, options: TransformOptions = {}): Transformed {
  const generated = timeAndNonce();
  const result = call<Transformed>("transform", () => ({
    explain: true, ...signing(withoutUndefined(options), generated), event: document(event), rules: rules ?? null,
  }));
  return { ...result, results: result.results ?? [], rules: result.rules ?? result.error?.findings ?? [], explanations: result.explanations ?? [] };
}

/**
 * Runs the tests that a rule file holds. `events` has, for each file that a test names, its
 * event by that name; a test whose file is not there fails.
 */
export function test(rules: Input<object>, events: Record<string, Input<unknown>> = {}): Tested {
  const result = call<Tested>("test", () => ({ events, rules: document(rules) }));
  return { ...result, tests: result.tests ?? [], rules: result.rules ?? result.error?.findings ?? [] };
}

/** Compares a DescribeVpnConnection response with the values of a change. */
export function diff(current: Input<object>, change: Input<Change>, options: DiffOptions = {}): Compared {
  const result = withFindings(call<Compared>("diff", () => ({ ...withoutUndefined(options), current: document(current), change: document(change) })));
  return { ...result, differences: result.differences ?? [] };
}

/**
 * Signs an API request: ModifyVpnAttachmentAttribute for a change, or
 * DescribeVpnConnection. Nothing is sent.
 */
export function sign(request: Input<Change> | Describe, credentials: Credentials, options: SignOptions = {}): Signed {
  const generated = timeAndNonce();
  return withFindings(call("sign", () => {
    const describe = typeof request === "object" && request !== null && "describe" in request ? request.describe : undefined;
    const action = describe === undefined ? undefined : "DescribeVpnConnection";
    return { ...generated, ...withoutUndefined(options), parameters: document(describe ?? request), action, credentials };
  }));
}

/**
 * Returns the request of a change as code in one of `languages()`. Without `reveal`, pre-shared keys are variables of the
 * environment (`VPN_PSK`; `VPN_PSK_TUNNEL_1`), and curl is a script that signs by itself.
 */
export function snippet(language: LanguageName, change: Input<Change>, options: SnippetOptions = {}): Snippet {
  const generated = timeAndNonce();
  return withFindings(call("snippet", () => {
    const all = withoutUndefined(options);
    return { ...(all.reveal ? generated : {}), ...all, language, change: document(change) };
  }));
}

interface Tables {
  parameters: readonly Parameter[];
  rules: readonly FindingRule[];
  peers: readonly Peer[];
  languages: readonly Language[];
}

let cached: Tables | undefined;

// All callers get the same tables, so the tables are frozen.
function tables(): Tables {
  return (cached ??= JSON.parse(raw("parameters", ""), (_, value: unknown) => Object.freeze(value)) as Tables);
}

/** The parameter table, in the order of the API's documentation. All tables are read-only. */
export function parameters(): readonly Parameter[] {
  return tables().parameters;
}

/** The checks that findings refer to: what each means, and how to fix it. */
export function findingRules(): readonly FindingRule[] {
  return tables().rules;
}

/** The peer profiles: what the other end of the tunnel supports. */
export function peers(): readonly Peer[] {
  return tables().peers;
}

/** The languages that `snippet` supports. */
export function languages(): readonly Language[] {
  return tables().languages;
}

/** The version of the module, which is that of this package. */
export function version(): string {
  return call("version", () => ({}));
}

/**
 * Calls a function of the module with JSON text and returns the JSON text of its
 * result unchanged, to store it or pass it on. The members are those of the typed
 * functions; time and nonce are not filled in. An unknown function, or input that is
 * not a string, gives a result with `error`.
 */
export function raw(name: Call, input: string): string {
  const core = running();
  if (!calls.includes(name)) return JSON.stringify(invalid(`unknown function; known functions: ${calls.join(", ")}`, "name"));
  if (typeof input !== "string") return JSON.stringify(invalid("the input is not a string", "input"));
  return input.length > maxInput ? JSON.stringify(tooLarge(input)) : core.call(name, input);
}

// A string is passed on as a string: it may not be valid JSON.
function document(input: unknown): unknown {
  return input === undefined ? "" : input;
}

// The time and nonce of a signature: the module has no clock and no randomness. Not
// randomUUID, which pages have only over HTTPS.
function timeAndNonce(): { time: string; nonce: string } {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return { time: new Date().toISOString(), nonce: Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("") };
}

// The options without undefined members, which would overwrite defaults. They go into
// the input first, so that no option overwrites an argument.
function withoutUndefined<T extends object>(options: T): T {
  const all = { ...options };
  for (const name in all) if (all[name] === undefined) delete all[name];
  return all;
}

function signing(options: BuildOptions, generated: object): object {
  return { ...(options.reveal && options.credentials != null ? generated : {}), ...options, redact: options.reveal !== true };
}

function invalid(message: string, path?: string): { error: Problem } {
  return { error: { code: "input-invalid", ...(path && { path }), message } };
}

// No event, rule file and current configuration that the module takes are larger, and its
// memory does not become smaller again.
const maxInput = 2 ** 25;

function tooLarge(input: string): { error: Problem } {
  return { error: { code: "too-large", message: `the input has ${input.length} characters as JSON, more than ${maxInput}` } };
}

function call<T extends { error?: Problem } | string>(name: Call, input: () => object): T {
  const core = running();
  let text: string;
  try {
    text = JSON.stringify(input()) ?? ""; // options may have a toJSON that returns undefined
  } catch (error) {
    return invalid(`the input cannot be converted to JSON: ${messageOf(error)}`) as T;
  }
  if (text.length > maxInput) return tooLarge(text) as T;
  const result = JSON.parse(core.call(name, text)) as T;
  // The caller gave options; the other members of the input are added here.
  if (typeof result === "object" && result.error?.message === "unknown member") {
    result.error.message = "unknown option";
  }
  return result;
}

// Every result has a list of findings, also one with an error.
function withFindings<T extends { error?: Problem; findings?: unknown }>(result: T): T {
  result.findings ??= result.error?.findings ?? [];
  return result;
}
