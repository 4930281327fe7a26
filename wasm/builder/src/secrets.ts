// This file keeps secrets out of what leaves the page, and makes new ones.

import { tables, type Parameter } from './tables'

/** What is shown in place of a secret. */
export const MASK = '***'

const names = (function collect(rows: Parameter[]): string[] {
  return rows.flatMap(p => [...(p.secret ? [p.name, ...(p.aliases ?? [])] : []), ...collect(p.fields ?? [])])
})(tables.parameters)

/** A mask is no secret, and neither is a reference to one. */
const isSecret = (value: string) => value !== '' && value !== MASK && !value.startsWith('{{resolve:')

const unique = [...new Set(names)].join('|')

/** Finds the secret parameters of a JSON text, also within JSON text inside of it: \\" in place of ". */
const member = (keys: string, flags: string) =>
  new RegExp(String.raw`(?<open>(?<q>\\*")(?:${keys})\k<q>\s*:\s*\k<q>)(?<value>(?:(?!\k<q>)[^])*?)\k<q>`, flags)

/** The places of secret values within a JSON text; a rule names them "IkeConfig.Psk". */
export function places(text: string): { from: number; to: number }[] {
  const found = []
  for (const m of text.matchAll(member(String.raw`(?:[\w.]*\.)?(?:${unique})`, 'g'))) {
    const from = m.index + m.groups!.open!.length
    if (isSecret(m.groups!.value!)) found.push({ from, to: from + m.groups!.value.length })
  }
  return found
}

// Event data may hold a key under any name, and these are the usual ones.
const usual = String.raw`${unique}|[^"\\]*(?:psk|pre-?shared-?key|shared_?key|password|passwd|secret|secret_?string|secret_?value|security_?token)`

/** The text with each secret value masked; a reference to a secret is none. */
export function redact(text: string): string {
  return text.replace(member(usual, 'gi'), (all, ...rest) => {
    const { open, q, value } = rest.at(-1) as Record<string, string>
    return isSecret(value!) ? open! + MASK + q! : all
  })
}

/** The values of the secret parameters of a change, but for masks and references. */
export function valuesOf(change: unknown): string[] {
  if (typeof change !== 'object' || change === null) return []
  return Object.entries(change).flatMap(([key, value]) => {
    if (typeof value !== 'string' || !names.includes(key)) return valuesOf(value)
    return isSecret(value) ? [value] : []
  })
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
