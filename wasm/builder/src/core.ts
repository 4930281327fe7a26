// This file is the page's way to the core, which is the npm package: a script of its own, which comes before all others.

import * as vpnattach from 'vpnattach'
import type { BuildOptions, Built, Compared, Snippet, Transformed } from 'vpnattach'

export type { Built, Difference, Explanation, Given, Result, HttpRequest, Problem } from 'vpnattach'

/** A finding, and the document that it is about unless that is the change. */
export interface Finding extends vpnattach.Finding {
  document?: 'event' | 'rules' | 'current'
}

export type Credentials = Required<vpnattach.Credentials>
export type Options = Pick<vpnattach.SnippetOptions, 'current' | 'peer' | 'endpoint' | 'signature' | 'credentials' | 'accountId'>

/** Loads the module; rejects with one sentence when that fails. */
export async function load(): Promise<void> {
  await vpnattach.init()
  vpnattach.version()
}

// Whoever draws the page asks again, waits for this or tries anew, and says what failed.
load().catch(() => {})

/** Whether the error says that the module has stopped; load() starts it anew. */
export const isStopped = (e: unknown) => (e as { code?: unknown } | undefined)?.code === 'stopped'

/** Judges a change document. The answer holds secrets: it stays within the page. */
export function judge(change: string, options: Options): Built {
  return vpnattach.buildRequest(change, { ...unsigned(options), reveal: true })
}

/** Takes an event through the rules. The answer holds secrets: it stays within the page. */
export function transform(event: string, rules: string, options: Options): Transformed {
  return vpnattach.transform(event, rules.trim() === '' ? null : rules, { ...unsigned(options), time: new Date().toISOString(), reveal: true })
}

/** Judges a rule file by itself, by an event that it has nothing to do with. */
export function judgeRules(rules: string): Finding[] {
  const answer = vpnattach.transform('{"source":"none"}', rules, { explain: false, time: new Date().toISOString() })
  return answer.error?.findings ?? answer.rules ?? []
}

/** The request with its parameters: signed, or for display without secrets. */
export function request(change: unknown, options: Options, secrets: boolean): Built {
  const { accountId: _, ...rest } = options
  return withoutReferences(change, secrets, text => vpnattach.buildRequest(text, { ...rest, reveal: secrets }))
}

/** The request in one of the languages. */
export function snippet(change: unknown, language: string, options: Options, secrets: boolean): Snippet {
  return withoutReferences(change, secrets, text => vpnattach.snippet(language as vpnattach.LanguageName, text, { ...options, reveal: secrets }))
}

let cache: { text?: string; value: Pick<Compared, 'current' | 'error'> } = { value: {} }

/** What Describe returned, in the names of a change document, or why it is no such answer. */
export function known(current: string): Pick<Compared, 'current' | 'error'> {
  if (cache.text !== current) cache = { text: current, value: vpnattach.diff(current, '{}', { reveal: true }) }
  return cache.value
}

/** Judging needs no signature. */
function unsigned(options: Options): BuildOptions {
  const { credentials: _, accountId: __, ...rest } = options
  return rest
}

const reference = /\{\{resolve:[^}]*\}\}/g

/**
 * Only a rule may hold a reference to a secret, so a change that came by a rule can't be asked about as it stands. For
 * display any key does in its place, since it shows as a mask; with secrets there is nothing to show.
 */
function withoutReferences<T extends Built | Snippet>(change: unknown, secrets: boolean, ask: (text: string) => T): T {
  const text = JSON.stringify(change)
  const plain = text.replace(reference, 'x'.repeat(32))
  if (plain === text || !secrets) return ask(plain)
  const message = 'A key of this change is a reference that is resolved where the rule runs.'
  return { findings: [], error: { code: 'change-invalid', message, hint: 'Show it without secrets, or give the key itself.' } } as unknown as T
}
