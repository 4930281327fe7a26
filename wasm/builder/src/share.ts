// This file is the only place that touches the address: the state in its fragment, without secrets.

import * as core from './core'
import { MASK, redact, valuesOf } from './secrets'
import { parse } from './document'
import { state, type State } from './state'

const VERSION = 'v1.'

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

function shareable(): { shared: Shared; leftOut: string[] } {
  const { mode, peer, signature, language, input, pick } = state
  const shared: Shared = { mode, peer, signature, language, input }
  const leftOut: string[] = []
  // Whatever the change's secrets are, they must not be elsewhere under another name.
  const secrets = valuesOf(parse(state.change).value)
  const clean = (text: string) => redact(secrets.reduce((t, s) => t.replaceAll(JSON.stringify(s).slice(1, -1), MASK), text))
  const add = (name: 'change' | 'event' | 'rules' | 'current', isSafe: (text: string) => boolean) => {
    if (state[name].trim() === '') return
    const text = clean(state[name])
    if (parse(text).root !== undefined && parse(text).errors.length === 0 && isSafe(text)) shared[name] = text
    else leftOut.push(name)
  }
  const holdsNone = (text: string) => valuesOf(parse(text).value).length === 0
  if (state.origin === 'change') add('change', holdsNone)
  else {
    add('rules', holdsNone)
    // An envelope may encode what it carries. What the core still finds in the cleaned event was not cleaned.
    add('event', text => {
      return core.transform(text, shared.rules ?? '', {}).results.every(r => valuesOf(r.change).length === 0)
    })
    if (shared.event === undefined) add('change', holdsNone)
    else shared.pick = pick
  }
  add('current', holdsNone)
  return { shared, leftOut }
}

/** Reads the state out of a fragment. Returns nothing for an empty one; throws when it is broken. */
export async function open(hash: string): Promise<Shared | undefined> {
  const text = hash.replace(/^#/, '')
  if (text === '') return undefined
  if (!text.startsWith(VERSION)) throw new Error(/^v\d+\./.test(text) ? 'The link was made by another version of this page.' : 'The link is none of this page.')
  let shared: unknown
  try {
    shared = JSON.parse(await unpack(text.slice(VERSION.length)))
  } catch {
    throw new Error('The link is broken: a part of it is missing or was altered.')
  }
  return checked(shared)
}

/** Only what has the right form: a link may come from anybody. */
function checked(shared: unknown): Shared {
  const from = (typeof shared === 'object' && shared !== null ? shared : {}) as Record<string, unknown>
  const out: Record<string, unknown> = {}
  for (const name of ['change', 'event', 'rules', 'current', 'peer', 'language']) if (typeof from[name] === 'string') out[name] = from[name]
  if (typeof from.pick === 'number' && Number.isInteger(from.pick) && from.pick >= 0) out.pick = from.pick
  const among = { mode: ['single', 'dual'], signature: ['v3', 'v1'], input: ['form', 'event', 'current'] }
  for (const [name, values] of Object.entries(among)) if (values.includes(from[name] as string)) out[name] = from[name]
  return out as Shared
}

async function pack(text: string): Promise<string> {
  const bytes = await through(new CompressionStream('deflate-raw'), new TextEncoder().encode(text))
  let binary = ''
  for (const b of bytes) binary += String.fromCharCode(b)
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

async function unpack(text: string): Promise<string> {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  const bytes = await through(new DecompressionStream('deflate-raw'), Uint8Array.from(binary, c => c.charCodeAt(0)))
  return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
}

async function through(stream: GenericTransformStream, bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const out = new Blob([bytes]).stream().pipeThrough(stream)
  return new Uint8Array(await new Response(out).arrayBuffer())
}
