// This file finds secrets in JSON texts, keeps them out of what leaves the page, and makes new ones.

import { createScanner } from 'jsonc-parser'
import { tables, type Parameter } from './tables'

/** What is shown in place of a secret. */
export const MASK = '***'

/** The names of all parameters, in every spelling, that are secret or are not. */
export const namesOf = (secret: boolean, rows: Parameter[] = tables.parameters): string[] =>
  rows.flatMap(p => [...(!!p.secret === secret ? [p.name, p.response ?? p.name, ...(p.aliases ?? [])] : []), ...namesOf(secret, p.fields ?? [])])

const folded = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, '')

const own = new Set(namesOf(true).map(folded))
const harmless = new Set(namesOf(false))

// Event data may hold a key under any name, and these are the usual ones. The name, ARN or version of a secret is none.
const usual =
  /^k$|psk|preshared|sharedkey|passw|passphrase|passcode|pwd|token|credential|secret(?!s?(?:manager|id|arn|name|version))|(?<!route|partition|public)key(?:value|string|text|data|material)?$/

/** Whether what is under these names, outermost first, is a secret. Of a rule file that is only what with gives. */
export function isSecret(names: string[]): boolean {
  if (names[0] === 'rules' && names[1] !== 'with' && Object.hasOwn(tables.rules.keys, names[1] ?? '')) return false
  return names.some(name => !harmless.has(name) && (own.has(folded(name)) || usual.test(folded(name))))
}

/** A value of a JSON text, not an object or array: its place, and the names of the members around it, outermost first. */
export interface Leaf {
  from: number
  to: number
  value: string // of a text what it says, else as it is written
  text: boolean // a text, not a number or the like
  names: string[]
}

/** A mask is no secret, and neither is a reference to one, or nothing at all. */
const isPlain = (value: string) => value === '' || value === MASK || value === 'null' || /^\{\{resolve:[^{}"]*\}\}$/.test(value)

/** All values of a JSON text, also of one that is broken: what is being typed is no whole document. */
export function leaves(text: string, names: string[] = []): Leaf[] {
  const found: Leaf[] = []
  const scanner = createScanner(text, true)
  const around: string[][] = []
  let here = names
  let name: string | undefined // of the member whose value comes next
  for (;;) {
    scanner.scan()
    const from = scanner.getTokenOffset()
    if (from >= text.length) return found
    const inner = name === undefined ? here : [...here, name]
    const first = text[from]!
    if (first === ':') {
      // What looked like a value before was a name.
      if (found.at(-1)?.text) name = found.pop()!.value
    } else if (/[[{]/.test(first)) {
      around.push(here)
      here = inner
      name = undefined
    } else if (/[\]},]/.test(first)) {
      if (first !== ',') here = around.pop() ?? names
      name = undefined
    } else {
      found.push({ from, to: from + scanner.getTokenLength(), value: scanner.getTokenValue(), text: first === '"', names: inner })
    }
  }
}

const mayBeJSON = (leaf: Leaf) => leaf.text && /^\s*["[{]/.test(leaf.value)

/** The secrets within a JSON text, also within JSON text inside of it, and their places: without the quotes. */
export function secretsIn(text: string, names: string[] = []): { from: number; to: number; value: string }[] {
  return leaves(text, names).flatMap(leaf => {
    const quote = leaf.text ? 1 : 0
    const closed = quote && text[leaf.to - 1] === '"' && leaf.to - leaf.from > 1 ? 1 : 0
    const place = { from: leaf.from + quote, to: leaf.to - closed }
    if (isSecret(leaf.names)) return isPlain(leaf.value) ? [] : [{ ...place, value: leaf.value }]
    const inner = mayBeJSON(leaf) ? secretsIn(leaf.value, leaf.names) : []
    if (inner.length === 0) return []
    const at = offsets(text.slice(place.from, place.to))
    return inner.map(s => ({ from: place.from + (at[s.from] ?? 0), to: place.from + (at[s.to] ?? place.to - place.from), value: s.value }))
  })
}

/** Where each character of a text stands in its JSON source. */
function offsets(source: string): number[] {
  const at = []
  let i = 0
  for (; i < source.length; i += source[i] !== '\\' ? 1 : source[i + 1] === 'u' ? 6 : 2) at.push(i)
  return [...at, source.length]
}

/** The JSON text with each secret masked; names are those around it. */
export function masked(text: string, names: string[] = []): string {
  return secretsIn(text, names).reduceRight((t, s) => t.slice(0, s.from) + MASK + t.slice(s.to), text)
}

/** What a link may hold of a document, beside masks and what holds nothing. */
export interface Known {
  keeps(leaf: Leaf): boolean
  /** JSON text within the document is one of its own, with names of its own. */
  envelope?: boolean
}

/** The JSON text with all values masked but those that are known, whatever their type. */
export function onlyKnown(text: string, known: Known, names: string[] = []): string {
  return leaves(text, names).reduceRight((t, leaf) => {
    const to = knownValue(leaf, known)
    return to === undefined ? t : t.slice(0, leaf.from) + JSON.stringify(to) + t.slice(leaf.to)
  }, text)
}

/** What is to stand in place of the value, if anything. */
function knownValue(leaf: Leaf, known: Known): string | undefined {
  if (isPlain(leaf.value)) return undefined
  const hidden = isSecret(leaf.names)
  if (!hidden && mayBeJSON(leaf) && isJSON(leaf.value)) return onlyKnown(leaf.value, known, known.envelope ? [] : leaf.names)
  const kept = !hidden && known.keeps(leaf) && !(mayBeJSON(leaf) && secretsIn(leaf.value, leaf.names).length > 0)
  return kept ? undefined : MASK
}

function isJSON(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const alphabet = letters + '0123456789'

/** A new key of 32 letters and digits that starts with a letter, which both Alibaba Cloud and AWS take. */
export function generate(): string {
  let key = ''
  while (key.length < 32) {
    const among = key === '' ? letters : alphabet
    const [byte] = crypto.getRandomValues(new Uint8Array(1))
    // Bytes beyond the last whole multiple would make some characters likelier.
    if (byte! < 256 - (256 % among.length)) key += among[byte! % among.length]
  }
  return key
}
