// This file calls the core, through the npm package. It is built as a script of its own, which loads before all others.

import * as vpnattach from 'vpnattach'
import type { BuildOptions, Built, Compared, Fixed, Snippet, Transformed } from 'vpnattach'

export type { Built, Difference, Explanation, Given, Result, HttpRequest, Problem, TestResult, Transformed } from 'vpnattach'

/** A finding, and the document that it refers to; absent when that is the change. */
export interface Finding extends vpnattach.Finding {
  document?: 'event' | 'rules' | 'current'
}

export type Credentials = Required<vpnattach.Credentials>
export type Options = Pick<vpnattach.SnippetOptions, 'current' | 'peer' | 'endpoint' | 'signature' | 'credentials' | 'accountId'>

/** Loads the module; the message of a rejection is one sentence. */
export async function load(): Promise<void> {
  attempt ??= fetchModule()
  await vpnattach.init(isLoaded ? undefined : attempt).catch(e => {
    attempt = undefined
    throw e
  })
  isLoaded = true
  vpnattach.version()
}

let attempt: Promise<Response> | undefined
let isLoaded = false // a module that has stopped is started again from what was loaded

/** Fetches the module. Where the answer is not quick, and the module is not kept yet, the page shows how much of it has come. */
async function fetchModule(): Promise<Response> {
  const start = performance.now()
  const response = await fetch(new URL('./vpnattach.wasm', import.meta.url))
  const isSlow = performance.now() - start > 100 // ms; to count costs some, so it is left out where nobody would see it
  if (isSlow && response.ok && response.body && globalThis.document && !navigator.serviceWorker?.controller) void showProgress(response.clone().body!)
  return response
}

async function showProgress(body: ReadableStream<Uint8Array>): Promise<void> {
  let bytes = 0
  for (const reader = body.getReader(); ;) {
    const { value } = await reader.read().catch(() => ({ value: undefined })) // init() says what is wrong
    if (!value) return
    bytes += value.length
    const share = Math.min(1, bytes / MODULE_SIZE)
    document.getElementById('loading-bar')?.setAttribute('value', share.toFixed(2))
    const text = document.getElementById('loading-share')
    if (text) text.textContent = `${Math.floor(share * 100)} %`
  }
}

declare const MODULE_SIZE: number // bytes, without compression

// index.ts awaits this, tries again and shows a failure.
load().catch(() => {})

/** Whether the error says that the module has stopped; load() restarts it. */
export const isStopped = (e: unknown) => (e as { code?: unknown } | undefined)?.code === 'stopped'

/** Validates a change document and builds its request. The result contains secrets: it stays within the page. */
export function build(change: string, options: Options): Built {
  return vpnattach.buildRequest(change, { ...withoutCredentials(options), reveal: true })
}

/** Applies the certain fixes, or those of the findings at the path. The text contains what secrets the change contains. */
export function fix(change: string, { current, peer }: Options, path?: string): Fixed {
  return vpnattach.fix(change, { current, peer, path })
}

/** What a view asks for; nothing while the module has stopped, which is told once. */
function unlessStopped<T>(ask: () => T): T | undefined {
  try {
    return ask()
  } catch (e) {
    if (!isStopped(e)) throw e
    return undefined
  }
}

let mending: { text?: string; mended?: string | undefined } = {}

/** The text of any document with what is not JSON mended; undefined when it is JSON, or when a fault of it may mean several things. */
export function mend(text: string): string | undefined {
  if (mending.text !== text) {
    const result = unlessStopped(() => vpnattach.fix(text, { json: true }))
    if (!result) return undefined
    mending = { text, mended: result.fixed.length > 0 && result.change !== text ? result.change : undefined }
  }
  return mending.mended
}

/** Why the text, which looks like JSON or YAML, is not JSON: a sentence with a blank before it, or nothing. */
export function faultOf(text: string): string {
  const { error } = vpnattach.transform(text, null, {})
  return error && (/^\s*[{[]/.test(text) || /YAML|UTF/.test(error.hint ?? '')) ? ` It is ${[error.message, error.hint].filter(s => s).join('; ')}.` : ''
}

/** Applies the rules to an event. The result contains secrets: it stays within the page. */
export function transform(event: string, rules: string, options: Options, via = ''): Transformed {
  return vpnattach.transform(event, rules.trim() === '' ? null : rules, { ...withoutCredentials(options), via: via.trim() || undefined, time: new Date().toISOString(), reveal: true })
}

let openedLast: { text?: string; opened: { event: string; way?: string }[] } = { opened: [] }

/** The events in a text as rules see them, out of their envelopes, each with the way by which it came. */
export function opened(text: string): { event: string; way?: string }[] {
  if (openedLast.text !== text) {
    const result = unlessStopped(() => vpnattach.transform(text, null, { explain: false, opened: true, limit: 0, time: new Date().toISOString() }))
    if (!result) return []
    openedLast = { text, opened: result.opened ?? [] }
  }
  return openedLast.opened
}

/** Validates a rule file without an event: the core needs one, so it gets one that no rule should match. */
export function validateRules(rules: string): Finding[] {
  const result = vpnattach.transform('{"source":"none"}', rules, { explain: false, time: new Date().toISOString() })
  return result.error?.findings ?? result.rules ?? []
}

/** Runs the tests of a rule file. Those that name a file get the sample of that name. */
export function testRules(rules: string, samples: Record<string, string>): vpnattach.TestResult[] {
  return vpnattach.test(rules, samples).tests
}

let checked: { endpoint?: string; problem?: Finding } = {}

/** The finding about an endpoint that is not one; a call is signed for it to know. */
export function endpointProblem(endpoint: string): Finding | undefined {
  if (checked.endpoint === endpoint) return checked.problem
  const { error } = vpnattach.sign({ describe: { RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-1' } }, { accessKeyId: 'a', accessKeySecret: 'a' }, { endpoint })
  const problem = error && ({ rule: error.code, path: 'endpoint', severity: 'error', message: error.message, hint: error.hint } as unknown as Finding)
  checked = { endpoint, problem }
  return problem
}

/** Whether the text is an answer of DescribeVpnConnection, also one about several attachments. */
export function isCurrent(text: string): boolean {
  const { current, error } = vpnattach.diff(text, '{}')
  return current !== undefined || /is a list of \d+ attachments/.test(error?.message ?? '')
}

/** The request and its parameters: signed, or for display without secrets. */
export function request(change: unknown, options: Options, secrets: boolean): Built {
  const { accountId: _, ...rest } = options
  return replacingReferences(change, secrets, text => vpnattach.buildRequest(text, { ...rest, reveal: secrets }))
}

/** The request in one of the languages. */
export function snippet(change: unknown, language: string, options: Options, secrets: boolean): Snippet {
  return replacingReferences(change, secrets, text => vpnattach.snippet(language as vpnattach.LanguageName, text, { ...options, reveal: secrets }))
}

let cache: { text?: string; id?: string; value: Pick<Compared, 'current' | 'error'> } = { value: {} }

/** The answer of DescribeVpnConnection as a change document, or the error that says why it is not one; of a list, the attachment with the id. */
export function currentAsChange(text: string, id: string | undefined): Pick<Compared, 'current' | 'error'> {
  if (cache.text !== text || cache.id !== id) cache = { text, id, value: vpnattach.diff(text, id === undefined ? '{}' : { VpnConnectionId: id }, { reveal: true }) }
  return cache.value
}

/** The options for validation, which needs no signature. */
function withoutCredentials(options: Options): BuildOptions {
  const { credentials: _, accountId: __, ...rest } = options
  return rest
}

const reference = /\{\{resolve:[^}]*\}\}/g

/**
 * The core accepts a reference to a secret in a rule only, and a change made by a rule contains it. For display any key
 * can replace it, since it is masked anyway; with secrets there is nothing to show.
 */
function replacingReferences<T extends Built | Snippet>(change: unknown, secrets: boolean, call: (text: string) => T): T {
  const text = JSON.stringify(change)
  const plain = text.replace(reference, 'x'.repeat(32))
  if (plain === text || !secrets) return call(plain)
  const message = 'A key in this change is a reference, which is resolved when the change is applied.'
  return { findings: [], error: { code: 'change-invalid', message, hint: 'Clear “with secrets”, or enter the key itself.' } } as unknown as T
}
