// This file tells text that looks like a key from names, ids and addresses.

import { isSecret, leaves, masked, MASK, type Leaf } from './secrets'

// Ids, ARNs, times, references, words with separators, addresses and names of hosts.
const known = /^(vco|tun|cgw|vpn|vbr|tr|cen|rg|i|sg|vpc|vsw)-[\da-z]+$|^(arn|acs):|:\/\/|^\{\{|^\d{4}-\d\d-\d\dT|^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$|^[\d.,/:*-]+$|^[a-z\d-]+(\.[a-z\d-]+)*\.[a-z]{2,}$|^[A-Za-z]*\d{0,4}([-_.:/ ][A-Za-z]*\d{0,4})*$/

/** The bits of a character of the text, by how often each occurs. */
function entropy(text: string): number {
  const counts = new Map<string, number>()
  for (const c of text) counts.set(c, (counts.get(c) ?? 0) + 1)
  return [...counts.values()].reduce((sum, n) => sum - (n / text.length) * Math.log2(n / text.length), 0)
}

/** Whether the text may be a key: long, of letters and digits in no order. */
export const looksLikeKey = (text: string) =>
  text.length >= 12 && text.length <= 128 && !/\s/.test(text) && /\d/.test(text) && /[a-z]/i.test(text) && !known.test(text) && entropy(text) > 2.8

/** Whether the text is base64 of one with a key, or of gzip, which nobody looks into here. */
function encodesKey(text: string): boolean {
  if (text.length < 24 || !/^[\w+/-]+={0,2}$/.test(text)) return false
  if (text.startsWith('H4sI')) return true
  try {
    const bytes = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), c => c.charCodeAt(0))
    const inner = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return withoutKeys(inner) !== inner
  } catch {
    return false
  }
}

// What is an id or a time by its name.
const named = /(id|arn|time|version|token|digest|hash|etag|sequencenumber|receipthandle|signature)$/i

// Of a rule, only constants are values: the rest are paths and patterns.
const isPath = (names: string[]) => names[0] === 'rules' && !names.includes('with')

const isKey = ({ text, value, names }: Leaf): boolean =>
  text && !named.test(names.at(-1) ?? '') && !isPath(names) && (/^\s*[[{]/.test(value) ? keysIn(value).length > 0 : looksLikeKey(value) || encodesKey(value))

/** The values that look like keys in a text without secrets. */
export const keysIn = (text: string): Leaf[] => leaves(text).filter(l => !isSecret(l.names) && isKey(l))

/** The text without what is a secret by its name or form, and without what looks like one. */
export function withoutKeys(text: string): string {
  const hidden = masked(text)
  return keysIn(hidden).reduceRight((t, l) => t.slice(0, l.from) + JSON.stringify(MASK) + t.slice(l.to), hidden)
}
