// This file stores the state in the URL fragment, without secrets, and reads it back.

import * as core from './core'
import { leaves, namesOf, normalised, onlyAllowed, secretsIn, type Allowed, type Leaf } from './secrets'
import { parse, parseNested, write } from './document'
import { derived, state, type State } from './state'
import { parameterAt, parameterPath, tables } from './tables'

const VERSION = 'v1.'
const LIMIT = 4e6 // bytes after decompression: more than any state of the page needs

// No endpoint: a link must not decide where a signed request is sent.
export type Shared = Partial<Pick<State, 'change' | 'event' | 'rules' | 'via' | 'current' | 'mode' | 'peer' | 'signature' | 'language' | 'input' | 'pick'>>

/** The URL fragment for a state. */
export const linkOf = async (shared: Shared): Promise<string> => VERSION + (await pack(JSON.stringify(shared)))

/**
 * What a link to the current state holds, and what it can't hold without a secret. A document is shared only with values whose meaning is known, since an unknown name may be that of a key. Of an event
 * these are the values in the change, the values that a pattern reads, and those of its envelopes.
 */
export function shareable(): { shared: Shared; omitted: string[] } {
  const { mode, peer, signature, language, input, pick, via } = state
  const shared: Shared = { mode, peer, signature, language, input }
  const omitted: string[] = []
  const changes = changesOf(derived.outcome)
  // The same secret may also be under another name.
  const secrets = [state.change, state.rules, derived.currentText ?? '', ...changes].flatMap(text => secretsIn(text)).map(s => s.value)
  const containsSecret = (value: string) => secrets.some(s => value === s || (s.length > 5 && value.includes(s)))
  const clean = (text: string, { allows, ...more }: Allowed) => onlyAllowed(text, { ...more, allows: leaf => !containsSecret(leaf.value) && allows(leaf) })
  const add = (name: 'change' | 'rules' | 'current', text: string | undefined, allowed: Allowed) => {
    if (state[name].trim() === '') return
    const { root, errors } = parse(text ?? '')
    if (root && errors.length === 0) shared[name] = clean(text!, allowed)
    else omitted.push(name)
  }
  // The events of tests are anybody's, and masked ones would fail.
  const rules = parse(state.rules).value?.tests === undefined ? state.rules : write(state.rules, ['tests'], undefined)
  add('rules', rules, ofRules)
  if (rules !== state.rules) omitted.push('tests of the rules')
  if (state.origin === 'change') {
    add('change', state.change, ofChange)
    if (derived.stale) omitted.push('event')
  } else {
    const cleaned = changes.map(text => clean(text, ofChange))
    const event = clean(state.event, ofEvent(cleaned, state.rules))
    const again = shared.rules !== undefined || state.rules.trim() === '' ? changesOf(core.transform(event, shared.rules ?? '', {}, via)) : []
    if (cleaned.length > 0 && again.map(text => clean(text, ofChange)).join() === cleaned.join()) Object.assign(shared, { event, pick, ...(via.trim() === '' ? {} : { via }) })
    else {
      if (state.event.trim() !== '') omitted.push('event')
      add('change', state.change, ofChange)
    }
  }
  add('current', derived.currentText && ofAttachment(derived.currentText, parse(state.change).value?.VpnConnectionId), ofResponse())
  return { shared, omitted }
}

const changesOf = ({ results }: { results: Partial<core.Result>[] }) => results.flatMap(r => (r.change ? [JSON.stringify(r.change)] : []))

/** Whether the names are those of a parameter with a value, not of an object. */
const isValue = (names: string[]) => {
  const p = parameterAt(names)
  return p !== undefined && !p.fields
}

const ofChange: Allowed = { allows: leaf => isValue(leaf.names) }

const ofRules: Allowed = {
  allows({ names: [, key, ...within] }) {
    return key === 'with' ? isValue(parameterPath(within) as string[]) : Object.hasOwn(tables.rules.keys, key ?? '')
  },
}

/** Names in any spelling: VpnConnectionId, vpnConnectionId, vpn_connection_id. */
function ofResponse(): Allowed {
  const names = new Set([...namesOf(false), ...tables.current.flatMap(c => leaves(c.text)).flatMap(leaf => leaf.names)].map(normalised))
  return { allows: leaf => leaf.names.every(n => names.has(normalised(n))) }
}

/** The answer about the one attachment, out of a list or an SDK's wrapper; a text of another shape stays. */
function ofAttachment(text: string, id: unknown): string {
  const member = (value: unknown, name: string): unknown =>
    typeof value === 'object' && value !== null ? Object.entries(value).find(([n]) => normalised(n) === name)?.[1] : undefined
  let at = parseNested(text.replace(/^\uFEFF/, ''))
  for (const name of ['body', 'vpnconnections', 'vpnconnection']) at = member(at, name) ?? at
  if (Array.isArray(at)) at = at.length === 1 ? at[0] : at.find(item => member(item, 'vpnconnectionid') === id)
  return at === undefined ? text : JSON.stringify(at)
}

// Members of envelopes that say how to open them, and the time of the event.
const envelope = /^(ce-|webhook-)?(id|source|time|timestamp|type|specversion|subject|version|detail-?type|event-?(source|id|time|name|version)|content-?type|http-?method|method|account|(aws-?)?region|message-?id|(sent|creation)\w*|timeepoch|approximate\w*time\w*)$/i

function ofEvent(changes: string[], rules: string): Allowed {
  const values = new Set(changes.flatMap(text => leaves(text)).flatMap(leaf => [leaf.value, ...leaf.value.split(',')]))
  const read = new Set(leaves(rules).flatMap(({ names: [, key, ...within] }) => (key === 'match' ? places(within.filter(n => n !== '$or')) : [])))
  return {
    envelope: true,
    allows: ({ value, text, names }: Leaf) =>
      /^(true|false)$/.test(value) || values.has(value) || (text && value.split(/,\s*/).every(v => values.has(v))) || envelope.test(names.at(-1) ?? '') || read.has(names.join('\n')),
  }
}

/** The path of a pattern and its parents, since the last names may be operators. */
const places = (names: string[]) => names.map((_, i) => names.slice(0, i + 1).join('\n'))

/** Reads the state from a URL fragment. Returns undefined for an empty one; throws when it is broken. */
export async function open(hash: string): Promise<Shared | undefined> {
  const text = hash.replace(/^#/, '')
  if (text === '') return undefined
  if (!text.startsWith(VERSION)) throw new Error(/^v\d+\./.test(text) ? 'The link was made by another version of this page.' : 'This is not a link of this page.')
  try {
    return checked(JSON.parse(await unpack(text.slice(VERSION.length))))
  } catch (e) {
    throw e instanceof TooLarge ? e : new Error('The link is broken: part of it is missing or was altered.')
  }
}

class TooLarge extends Error {
  override message = 'The link is too large.'
}

/** Accepts only members with valid values, and at least one: a link may come from anyone. */
function checked(shared: unknown): Shared {
  const from = shared as Record<string, unknown>
  const out: Record<string, unknown> = {}
  for (const name of ['change', 'event', 'rules', 'via', 'current']) {
    if (from[name] === undefined) continue
    if (typeof from[name] !== 'string') throw new Error(name)
    out[name] = from[name]
  }
  if (Number.isSafeInteger(from.pick) && (from.pick as number) >= 0) out.pick = from.pick
  const choices = {
    mode: ['single', 'dual'], signature: ['v3', 'v1'], input: ['form', 'event', 'current'],
    peer: ['', ...tables.peers.map(p => p.name)], language: [...tables.languages.map(l => l.name), 'parameters', 'signature'],
  }
  for (const [name, values] of Object.entries(choices)) if (values.includes(from[name] as string)) out[name] = from[name]
  if (Object.keys(out).length === 0) throw new Error('nothing')
  return out as Shared
}

async function pack(text: string): Promise<string> {
  const bytes = await through(new CompressionStream('deflate-raw'), new TextEncoder().encode(text), Infinity)
  let binary = ''
  for (const b of bytes) binary += String.fromCharCode(b)
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

async function unpack(text: string): Promise<string> {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  const bytes = await through(new DecompressionStream('deflate-raw'), Uint8Array.from(binary, c => c.charCodeAt(0)), LIMIT)
  return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
}

/** Reads no further than the limit: a few bytes can decompress to more than the memory. */
async function through(stream: GenericTransformStream, bytes: Uint8Array<ArrayBuffer>, limit: number): Promise<Uint8Array> {
  const reader = new Blob([bytes]).stream().pipeThrough(stream).getReader()
  const parts: Uint8Array<ArrayBuffer>[] = []
  let size = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return new Uint8Array(await new Blob(parts).arrayBuffer())
    parts.push(value)
    if ((size += value.length) > limit) {
      await reader.cancel()
      throw new TooLarge()
    }
  }
}
