// This file is the only place that touches the address: the state in its fragment, without secrets.

import * as core from './core'
import { leaves, namesOf, onlyKnown, secretsIn, type Known, type Leaf } from './secrets'
import { parse } from './document'
import { parameterPath } from './rule-completion'
import { derived, state, type State } from './state'
import { parameterAt, tables } from './tables'

const VERSION = 'v1.'
const LIMIT = 4e6 // bytes of what a link unpacks to: more than any state of the page has

// No endpoint: a link must not decide where a signed request goes.
type Shared = Partial<Pick<State, 'change' | 'event' | 'rules' | 'current' | 'mode' | 'peer' | 'signature' | 'language' | 'input' | 'pick'>>

export interface Link {
  hash: string
  leftOut: string[] // what could not be shared without a secret
}

/** The link's fragment for the state as it is. */
export async function link(): Promise<Link> {
  const { shared, leftOut } = shareable()
  return { hash: VERSION + (await pack(JSON.stringify(shared))), leftOut }
}

/**
 * A document is shared with what the page knows the meaning of, and nothing else: an unknown name may well be that of a
 * key. Of an event that is what came to be in a change, what a pattern reads, and what says how to open it.
 */
function shareable(): { shared: Shared; leftOut: string[] } {
  const { mode, peer, signature, language, input, pick } = state
  const shared: Shared = { mode, peer, signature, language, input }
  const leftOut: string[] = []
  const changes = changesOf(derived.outcome)
  // Whatever the secrets are, they must not be elsewhere under another name.
  const secrets = [state.change, state.rules, derived.answer ?? '', ...changes].flatMap(text => secretsIn(text)).map(s => s.value)
  const holds = (value: string) => secrets.some(s => value === s || (s.length > 5 && value.includes(s)))
  const clean = (text: string, { keeps, ...more }: Known) => onlyKnown(text, { ...more, keeps: leaf => !holds(leaf.value) && keeps(leaf) })
  const add = (name: 'change' | 'rules' | 'current', text: string | undefined, known: Known) => {
    if (state[name].trim() === '') return
    const { root, errors } = parse(text ?? '')
    if (root && errors.length === 0) shared[name] = clean(text!, known)
    else leftOut.push(name)
  }
  add('rules', state.rules, ofRules)
  if (state.origin === 'change') {
    add('change', state.change, ofChange)
    if (derived.stale) leftOut.push('event')
  } else {
    const cleaned = changes.map(text => clean(text, ofChange))
    const event = clean(state.event, ofEvent(cleaned, state.rules))
    const again = shared.rules !== undefined || state.rules.trim() === '' ? changesOf(core.transform(event, shared.rules ?? '', {})) : []
    if (cleaned.length > 0 && again.map(text => clean(text, ofChange)).join() === cleaned.join()) Object.assign(shared, { event, pick })
    else {
      if (state.event.trim() !== '') leftOut.push('event')
      add('change', state.change, ofChange)
    }
  }
  add('current', derived.answer, ofAnswer())
  return { shared, leftOut }
}

const changesOf = ({ results }: { results: Partial<core.Result>[] }) => results.flatMap(r => (r.change ? [JSON.stringify(r.change)] : []))

/** Whether it is the value of a parameter: a text in place of an object is none. */
const isValue = (names: string[]) => {
  const p = parameterAt(names)
  return p !== undefined && !p.fields
}

const ofChange: Known = { keeps: leaf => isValue(leaf.names) }

const ofRules: Known = {
  keeps({ names: [, key, ...within] }) {
    return key === 'with' ? isValue(parameterPath(within) as string[]) : Object.hasOwn(tables.rules.keys, key ?? '')
  },
}

function ofAnswer(): Known {
  const names = new Set([...namesOf(false), ...tables.current.flatMap(c => leaves(c.text)).flatMap(leaf => leaf.names)])
  return { keeps: leaf => leaf.names.every(n => names.has(n)) }
}

// What tells how an envelope is to be opened, and of when it is.
const envelope = /^(ce-|webhook-)?(id|source|time|timestamp|type|specversion|subject|version|detail-?type|event-?(source|id|time|name|version)|content-?type|http-?method|method|account|(aws-?)?region|message-?id|(sent|creation)\w*|timeepoch|approximate\w*time\w*)$/i

function ofEvent(changes: string[], rules: string): Known {
  const values = new Set(changes.flatMap(text => leaves(text)).flatMap(leaf => [leaf.value, ...leaf.value.split(',')]))
  const read = new Set(leaves(rules).flatMap(({ names: [, key, ...within] }) => (key === 'match' ? places(within.filter(n => n !== '$or')) : [])))
  return {
    envelope: true,
    keeps: ({ value, text, names }: Leaf) =>
      /^(true|false)$/.test(value) || values.has(value) || (text && value.split(/,\s*/).every(v => values.has(v))) || envelope.test(names.at(-1) ?? '') || read.has(names.join('\n')),
  }
}

/** A pattern's path, and those around it: within the last one there are operators. */
const places = (names: string[]) => names.map((_, i) => names.slice(0, i + 1).join('\n'))

/** Reads the state out of a fragment. Returns nothing for an empty one; throws when it is broken. */
export async function open(hash: string): Promise<Shared | undefined> {
  const text = hash.replace(/^#/, '')
  if (text === '') return undefined
  if (!text.startsWith(VERSION)) throw new Error(/^v\d+\./.test(text) ? 'The link was made by another version of this page.' : 'The link is none of this page.')
  try {
    return checked(JSON.parse(await unpack(text.slice(VERSION.length))))
  } catch (e) {
    throw e instanceof TooLarge ? e : new Error('The link is broken: a part of it is missing or was altered.')
  }
}

class TooLarge extends Error {
  override message = 'The link holds more than this page takes.'
}

/** Only what has the right form, and at least something: a link may come from anybody. */
function checked(shared: unknown): Shared {
  const from = shared as Record<string, unknown>
  const out: Record<string, unknown> = {}
  for (const name of ['change', 'event', 'rules', 'current']) {
    if (from[name] === undefined) continue
    if (typeof from[name] !== 'string') throw new Error(name)
    out[name] = from[name]
  }
  if (Number.isSafeInteger(from.pick) && (from.pick as number) >= 0) out.pick = from.pick
  const among = {
    mode: ['single', 'dual'], signature: ['v3', 'v1'], input: ['form', 'event', 'current'],
    peer: ['', ...tables.peers.map(p => p.name)], language: [...tables.languages.map(l => l.name), 'parameters', 'signature'],
  }
  for (const [name, values] of Object.entries(among)) if (values.includes(from[name] as string)) out[name] = from[name]
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

/** Reads no further than the limit: a few bytes can unpack to more than there is memory. */
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
