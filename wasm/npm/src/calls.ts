// The functions of this package: typed on both sides of the module.

import { calls } from "./core.js";
import { messageOf } from "./error.js";
import { running } from "./init.js";
import type {
  BuildOptions, Built, Call, Change, Compared, Credentials, Describe, DiffOptions, FindingRule, Input, Language, LanguageName,
  Parameter, Peer, Problem, Signed, SignOptions, Snippet, SnippetOptions, Transformed, TransformOptions, Validated, ValidateOptions,
} from "./types.js";

export type * from "./types.js";
export type * from "./generated.js";

/** Judges a change document by every rule. */
export function validate(change: Input<Change>, options: ValidateOptions = {}): Validated {
  return withFindings(call("validate", () => ({ ...given(options), change: document(change) })));
}

/**
 * Judges a change document and makes its request. Without `reveal` the request is
 * for display: secrets are `***`, and nothing is signed.
 */
export function buildRequest(change: Input<Change>, options: BuildOptions = {}): Built {
  const fresh = once();
  return withFindings(call("build", () => ({ ...signing(given(options), fresh), change: document(change) })));
}

/**
 * Takes an event through the rules: the change that each makes of it, judged, with
 * its request, and an explanation of what matched and why not. Without rules, the
 * event must hold a change document.
 */
export function transform(event: Input<unknown>, rules?: Input<object> | null, options: TransformOptions = {}): Transformed {
  const fresh = once();
  const result = call<Transformed>("transform", () => ({
    explain: true, ...signing(given(options), fresh), event: document(event), rules: rules ?? null,
  }));
  return { ...result, results: result.results ?? [], rules: result.rules ?? result.error?.findings ?? [], explanations: result.explanations ?? [] };
}

/** Compares what DescribeVpnConnection returned with what a change asks for. */
export function diff(current: Input<object>, change: Input<Change>, options: DiffOptions = {}): Compared {
  const result = withFindings(call<Compared>("diff", () => ({ ...given(options), current: document(current), change: document(change) })));
  return { ...result, differences: result.differences ?? [] };
}

/**
 * Signs one call of the API: the one that applies a change, or the one that
 * describes the attachment. Nothing is sent.
 */
export function sign(request: Input<Change> | Describe, credentials: Credentials, options: SignOptions = {}): Signed {
  const fresh = once();
  return withFindings(call("sign", () => {
    const describe = typeof request === "object" && request !== null && "describe" in request ? request.describe : undefined;
    const action = describe === undefined ? undefined : "DescribeVpnConnection";
    return { ...fresh, ...given(options), parameters: document(describe ?? request), action, credentials };
  }));
}

/** Writes the request of a change in one of `languages()`. */
export function snippet(language: LanguageName, change: Input<Change>, options: SnippetOptions = {}): Snippet {
  const fresh = once();
  return withFindings(call("snippet", () => {
    const all = given(options);
    return { ...(all.reveal ? fresh : {}), ...all, language, change: document(change) };
  }));
}

interface Tables {
  parameters: readonly Parameter[];
  rules: readonly FindingRule[];
  peers: readonly Peer[];
  languages: readonly Language[];
}

let known: Tables | undefined;

// All callers get the same tables, so none may change them.
function tables(): Tables {
  return (known ??= JSON.parse(raw("parameters", ""), (_, value: unknown) => Object.freeze(value)) as Tables);
}

/** The parameter table, in the order of the API's documentation. It can't be changed, nor can the other tables. */
export function parameters(): readonly Parameter[] {
  return tables().parameters;
}

/** The rules that findings name: what each means, and what to do. */
export function findingRules(): readonly FindingRule[] {
  return tables().rules;
}

/** The profiles of what the other end of the tunnel can speak. */
export function peers(): readonly Peer[] {
  return tables().peers;
}

/** The forms that `snippet` writes. */
export function languages(): readonly Language[] {
  return tables().languages;
}

/** The version of the module, which is that of this package. */
export function version(): string {
  return call("version", () => ({}));
}

/**
 * Calls a function of the module on JSON text, and returns the JSON text of its
 * result as it is: for those who keep it or pass it on. Its members are those of the
 * typed functions; time and nonce are not filled in. What is no function or no text
 * is told in the result, too.
 */
export function raw(name: Call, input: string): string {
  const core = running();
  if (!calls.includes(name)) return JSON.stringify(invalid("there is no such function", "name"));
  if (typeof input !== "string") return JSON.stringify(invalid("the input is not text", "input"));
  return core.call(name, input);
}

// A document goes in as text when the caller has text, which may be no JSON at all.
function document(input: unknown): unknown {
  return input === undefined ? "" : input;
}

// What a signature needs and the module, which has no clock and no randomness,
// can't know. Not randomUUID, which pages have only over HTTPS.
function once(): { time: string; nonce: string } {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return { time: new Date().toISOString(), nonce: Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("") };
}

// The options without those that are undefined, which must not hide what stands in for
// them. They go into the input first, since its other members are the caller's arguments.
function given<T extends object>(options: T): T {
  const all = { ...options };
  for (const name in all) if (all[name] === undefined) delete all[name];
  return all;
}

function signing(options: BuildOptions, fresh: object): object {
  return { ...(options.reveal && options.credentials != null ? fresh : {}), ...options, redact: options.reveal !== true };
}

function invalid(message: string, path?: string): { error: Problem } {
  return { error: { code: "input-invalid", ...(path && { path }), message } };
}

function call<T extends { error?: Problem } | string>(name: Call, input: () => object): T {
  const core = running();
  let text: string;
  try {
    text = JSON.stringify(input()) ?? ""; // options may have a toJSON that gives nothing
  } catch (error) {
    return invalid(`the input is no JSON: ${messageOf(error)}`) as T;
  }
  const result = JSON.parse(core.call(name, text)) as T;
  // The other members are made here.
  if (typeof result === "object" && result.error?.message === "the input has no such member") {
    result.error.message = "the options have no such member";
  }
  return result;
}

// A result has a list of findings, also when it is an error.
function withFindings<T extends { error?: Problem; findings?: unknown }>(result: T): T {
  result.findings ??= result.error?.findings ?? [];
  return result;
}
