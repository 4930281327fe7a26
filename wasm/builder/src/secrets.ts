// This file finds secrets in JSON texts, keeps them out of what leaves the page, and makes new ones.

import { tables, type Parameter } from './tables'

/** What is shown in place of a secret. */
export const MASK = '***'

/** The names of all parameters, in every spelling, that are secret or are not. */
export const namesOf = (secret: boolean, rows: Parameter[] = tables.parameters): string[] =>
  rows.flatMap(p => [...(!!p.secret === secret ? [p.name, p.response ?? p.name, ...(p.aliases ?? [])] : []), ...namesOf(secret, p.fields ?? [])])

/** The names of the objects and arrays that have a secret within. */
const namesWith = (rows: Parameter[]): string[] =>
  rows.flatMap(p => (p.fields && namesOf(true, p.fields).length > 0 ? [p.name, ...namesWith(p.fields)] : []))

const folded = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, '')

const own = new Set(namesOf(true).map(folded))
const harmless = new Set(namesOf(false))
const holders = new Set(namesWith(tables.parameters).map(folded))

// Event data may hold a key under any name, and these are the usual ones. The name, ARN or version of a secret is none.
const usual =
  /^k$|psk|preshared|sharedkey|passw|passphrase|passcode|pwd|token|credential|secret(?!s?(?:manager|id|arn|name|version))|(?<!route|partition|public)key(?:value|string|text|data|material)?$/

/** Whether the names are those of a rule's part that tells where values are. Only what with gives is a value itself. */
const isWay = (names: string[]) => names[0] === 'rules' && !names.includes('with') && Object.hasOwn(tables.rules.keys, names[1] ?? '')

/** Whether what is under these names, outermost first, is a secret. */
export const isSecret = (names: string[]): boolean =>
  !isWay(names) && names.some(name => !harmless.has(name) && (own.has(folded(name)) || usual.test(folded(name))))

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

// A text in quotes of either kind or a word, with what makes a name of it; or what stands around and between members.
const tokens = /("[^"\\\r\n]*(?:\\.[^"\\\r\n]*)*"?|'[^'\\\r\n]*(?:\\.[^'\\\r\n]*)*'?|[^\s"'{}[\],:=]+)(\s*[:=][\s,:=]*)?|[{}[\],]/g

/**
 * All values of a JSON text, also of one that is broken: what is being typed is no whole document. There, whatever stands
 * before a value may be its name, and a secret's name holds for all that follows up to a comma or bracket.
 */
export function leaves(text: string, names: string[] = []): Leaf[] {
  const found: Leaf[] = []
  const around: [string[], string | undefined][] = []
  let here = names
  let name: string | undefined // of what comes next
  for (const { 0: token, 1: word, 2: colon, index: from } of text.matchAll(tokens)) {
    const inner = name === undefined ? here : [...here, name]
    if (word !== undefined) {
      const quoted = /^["']/.test(word)
      const value = quoted ? unescaped(word.slice(1, isClosed(word) ? -1 : undefined)) : word
      if (!colon || name !== undefined) found.push({ from, to: from + word.length, value, text: quoted, names: inner })
      if (name === undefined || !isSecret(inner)) name = value
    } else if (token === '{' || token === '[') {
      around.push([here, name])
      here = inner
      name = undefined
    } else if (token === ',') name = undefined
    else [here, name] = around.pop() ?? [here, name]
  }
  return found
}

const isClosed = (quoted: string) => quoted.length > 1 && quoted.at(-1) === quoted[0]

/** What each character of a text is written as. */
const written = (source: string): string[] => source.match(/\\u[\da-f]{4}|\\?[^]/gi) ?? []

const escapes: Record<string, string> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }

const unescaped = (source: string): string =>
  source.includes('\\') ? written(source).map(c => (c.length > 2 ? String.fromCharCode(parseInt(c.slice(2), 16)) : c.length > 1 ? (escapes[c[1]!] ?? c[1]!) : c)).join('') : source

/** Whether it is a secret, by its name, or as a text that can't be read where an object with one should be. */
const isHidden = ({ names, value }: Leaf) =>
  isSecret(names) || (!isWay(names) && holders.has(folded(names.at(-1) ?? '')) && !(/^\s*["[{]/.test(value) && isJSON(value)))

/** Whether the text may hold members of its own, as JSON or something like it. */
const mayHold = (leaf: Leaf) => leaf.text && /^\s*[[{]|["'=]|: /.test(leaf.value)

/** The secrets within a JSON text, also within JSON text inside of it, and their places: without the quotes. */
export function secretsIn(text: string, names: string[] = []): { from: number; to: number; value: string }[] {
  return leaves(text, names).flatMap(leaf => {
    if (isPlain(leaf.value)) return []
    const from = leaf.from + (leaf.text ? 1 : 0)
    const to = leaf.to - (leaf.text && isClosed(text.slice(leaf.from, leaf.to)) ? 1 : 0)
    if (isHidden(leaf)) return [{ from, to, value: leaf.value }]
    const inner = mayHold(leaf) ? secretsIn(leaf.value, leaf.names) : []
    if (inner.length === 0) return []
    const at = [from]
    for (const c of written(text.slice(from, to))) at.push(at.at(-1)! + c.length)
    return inner.map(s => ({ from: at[s.from]!, to: at[s.to]!, value: s.value }))
  })
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
  const hidden = isHidden(leaf)
  if (!hidden && mayHold(leaf) && isJSON(leaf.value)) return onlyKnown(leaf.value, known, known.envelope ? [] : leaf.names)
  const kept = !hidden && known.keeps(leaf) && !(mayHold(leaf) && secretsIn(leaf.value, leaf.names).length > 0)
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
