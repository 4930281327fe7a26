// This file finds secrets in JSON texts, masks them in links and on screen, and generates new ones.

import { tables, type Parameter } from './tables'

/** The text shown in place of a secret. */
export const MASK = '***'

/** The names of all parameters, with aliases, that are secret, or that are not. */
export const namesOf = (secret: boolean, rows: Parameter[] = tables.parameters): string[] =>
  rows.flatMap(p => [...(!!p.secret === secret ? [p.name, p.response ?? p.name, ...(p.aliases ?? [])] : []), ...namesOf(secret, p.fields ?? [])])

/** The names of the objects and arrays that contain a secret. */
const namesWith = (rows: Parameter[]): string[] =>
  rows.flatMap(p => (p.fields && namesOf(true, p.fields).length > 0 ? [p.name, ...namesWith(p.fields)] : []))

export const normalised = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, '')

const secretNames = new Set(namesOf(true).map(normalised))
const publicNames = new Set(namesOf(false))
const parentNames = new Set(namesWith(tables.parameters).map(normalised))

// Usual names of keys in event data. The name, ARN or version of a secret is not a secret.
const usualNames =
  /^k$|authorization|cookie|psk|preshared|sharedkey|passw|passphrase|passcode|pwd|token|credential|secret(?!s?(?:manager|id|arn|name|version))|(?<!route|partition|public)key(?:value|string|text|data|material)?$/

/** Whether the names are those of a rule member that contains paths and patterns. Only with contains values. */
const isRulePath = (names: string[]) => names[0] === 'rules' && !names.includes('with') && Object.hasOwn(tables.rules.keys, names[1] ?? '')

/** Whether the value under these names, outermost first, is a secret. */
export const isSecret = (names: string[]): boolean =>
  !isRulePath(names) && names.some(name => !publicNames.has(name) && (secretNames.has(normalised(name)) || usualNames.test(normalised(name))))

/** A value in a JSON text that is not an object or array: its place, and the names on its path, outermost first. */
export interface Leaf {
  from: number
  to: number
  value: string // the content of a string, else the literal
  text: boolean // whether it is a string
  names: string[]
}

/** Whether the value is empty, a mask or a reference, and so not a secret. */
const isPublic = (value: string) => value === '' || value === MASK || value === 'null' || /^\{\{resolve:[^{}"]*\}\}$/.test(value)

// A string in quotes of either kind or a word, with the colon that makes it a name; or a bracket or comma.
const tokens = /("[^"\\\r\n]*(?:\\.[^"\\\r\n]*)*"?|'[^'\\\r\n]*(?:\\.[^'\\\r\n]*)*'?|[^\s"'{}[\],:=]+)(\s*[:=][\s,:=]*)?|[{}[\],]/g

/**
 * All values of a JSON text, also of invalid JSON, which it is while it is typed. There, any text before a value may be its
 * name, and the name of a secret applies to everything that follows up to a comma or bracket.
 */
export function leaves(text: string, names: string[] = []): Leaf[] {
  const found: Leaf[] = []
  const stack: [string[], string | undefined][] = []
  let parents = names
  let name: string | undefined // of the next value
  for (const { 0: token, 1: word, 2: colon, index: from } of text.matchAll(tokens)) {
    const path = name === undefined ? parents : [...parents, name]
    if (word !== undefined) {
      const quoted = /^["']/.test(word)
      const value = quoted ? unescaped(word.slice(1, isClosed(word) ? -1 : undefined)) : word
      if (!colon || name !== undefined) found.push({ from, to: from + word.length, value, text: quoted, names: path })
      if (name === undefined || !isSecret(path)) name = value
    } else if (token === '{' || token === '[') {
      stack.push([parents, name])
      parents = path
      name = undefined
    } else if (token === ',') name = undefined
    else [parents, name] = stack.pop() ?? [parents, name]
  }
  return found
}

const isClosed = (quoted: string) => quoted.length > 1 && quoted.at(-1) === quoted[0]

/** The characters of a string literal, each as it is written. */
const characters = (source: string): string[] => source.match(/\\u[\da-f]{4}|\\?[^]/gi) ?? []

const escapes: Record<string, string> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }

const unescaped = (source: string): string =>
  source.includes('\\') ? characters(source).map(c => (c.length > 2 ? String.fromCharCode(parseInt(c.slice(2), 16)) : c.length > 1 ? (escapes[c[1]!] ?? c[1]!) : c)).join('') : source

// What HTTP's Authorization header has, under whatever name it comes: a bearer token, a password or a signature; or a token by itself.
const authorization = /^\s*(bearer\s+\S{8,}$|basic\s+(?=\S*[\d=+/])[\w+/=-]{8,}$|(acs3?|aws4)-hmac-\w+\s)|\beyJ[\w-]{8,}\.[\w-]{4,}\.[\w-]*/i

/** Whether it is a secret by its name or form, or unreadable text in place of an object that contains one. */
const isSecretLeaf = ({ names, value }: Leaf) =>
  isSecret(names) || authorization.test(value) || (!isRulePath(names) && parentNames.has(normalised(names.at(-1) ?? '')) && !(/^\s*["[{]/.test(value) && isJSON(value)))

/** Whether the one before gives the value its name, as in a list of headers: {"name": "Authorization", "value": "…"}. */
const isNamedBy = (before: Leaf | undefined, { names }: Leaf) =>
  /^values?$/i.test(names.at(-1) ?? '') && /^(name|header)$/i.test(before?.names.at(-1) ?? '') && before!.names.length === names.length && isSecret([before!.value])

/** Whether the string may contain members, as JSON or similar text. */
const mayContainMembers = (leaf: Leaf) => leaf.text && /^\s*[[{]|["'=]|: /.test(leaf.value)

/** The secrets in a JSON text, also inside strings of JSON, and their places without the quotes. */
export function secretsIn(text: string, names: string[] = []): { from: number; to: number; value: string }[] {
  return leaves(text, names).flatMap((leaf, i, all) => {
    if (isPublic(leaf.value)) return []
    const from = leaf.from + (leaf.text ? 1 : 0)
    const to = leaf.to - (leaf.text && isClosed(text.slice(leaf.from, leaf.to)) ? 1 : 0)
    if (isSecretLeaf(leaf) || isNamedBy(all[i - 1], leaf)) return [{ from, to, value: leaf.value }]
    const inner = mayContainMembers(leaf) ? secretsIn(leaf.value, leaf.names) : []
    if (inner.length === 0) return []
    const at = [from]
    for (const c of characters(text.slice(from, to))) at.push(at.at(-1)! + c.length)
    return inner.map(s => ({ from: at[s.from]!, to: at[s.to]!, value: s.value }))
  })
}

/** The JSON text with each secret masked; names are the names on its path. */
export function masked(text: string, names: string[] = []): string {
  return secretsIn(text, names).reduceRight((t, s) => t.slice(0, s.from) + MASK + t.slice(s.to), text)
}

/** Which values of a document a link may contain, beside masks and empty values. */
export interface Allowed {
  allows(leaf: Leaf): boolean
  /** Whether a string of JSON in the document is a document of its own, with names of its own. */
  envelope?: boolean
}

/** The JSON text with all values masked that are not allowed, of any type. */
export function onlyAllowed(text: string, allowed: Allowed, names: string[] = []): string {
  return leaves(text, names).reduceRight((t, leaf) => {
    const value = replacement(leaf, allowed)
    return value === undefined ? t : t.slice(0, leaf.from) + JSON.stringify(value) + t.slice(leaf.to)
  }, text)
}

/** The replacement of the value; undefined when it is allowed. */
function replacement(leaf: Leaf, allowed: Allowed): string | undefined {
  if (isPublic(leaf.value)) return undefined
  const secret = isSecretLeaf(leaf)
  if (!secret && mayContainMembers(leaf) && isJSON(leaf.value)) return onlyAllowed(leaf.value, allowed, allowed.envelope ? [] : leaf.names)
  const kept = !secret && allowed.allows(leaf) && !(mayContainMembers(leaf) && secretsIn(leaf.value, leaf.names).length > 0)
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

/** A new key of 32 letters and digits that starts with a letter, valid for both Alibaba Cloud and AWS. */
export function generate(): string {
  let key = ''
  while (key.length < 32) {
    const choices = key === '' ? letters : alphabet
    const [byte] = crypto.getRandomValues(new Uint8Array(1))
    // Bytes beyond the last multiple of the length would make some characters more likely.
    if (byte! < 256 - (256 % choices.length)) key += choices[byte! % choices.length]
  }
  return key
}
