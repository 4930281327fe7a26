// This file fixes findings that have only one possible fix: aliases, value formats, CIDR blocks.

import type { Finding } from './core'
import { read, rename, parsePath, write } from './document'
import { derived, state } from './state'
import { TUNNELS } from './tables'
import { asArray } from './tunnels'

export interface Fix {
  title: string
  apply(text: string): string
}

/** The fix for a finding, if there is only one. It applies to the text of the change. */
export function fixFor(f: Finding): Fix | undefined {
  if (f.document) return undefined
  if (state.origin === 'event' && state.rules.trim() !== '') return undefined // the rule or the event needs the fix
  const path = parsePath(f.path)
  if (f.path === TUNNELS && asArray(state.change) !== state.change) return { title: 'Convert to an array', apply: asArray }
  switch (f.rule) {
    case 'alias-used':
      return rename(state.change, path) === state.change ? undefined : { title: `Rename to ${String(path.at(-1))}`, apply: text => rename(text, path) }
    case 'normalised': {
      const value = read(derived.result?.change, path)
      return value === undefined ? undefined : { title: `Replace with ${JSON.stringify(value)}`, apply: text => write(text, path, value) }
    }
    case 'cidr-not-canonical':
      return { title: 'Clear the host bits', apply: text => eachBlock(text, path, blocks => blocks.map(canonical)) }
    case 'subnet-repeated':
      return { title: 'Remove duplicates', apply: text => eachBlock(text, path, withoutDuplicates) }
  }
  return undefined
}

function eachBlock(text: string, path: (string | number)[], change: (blocks: string[]) => string[]): string {
  const value = read(JSON.parse(text), path)
  if (Array.isArray(value)) return write(text, path, change(value.map(String)))
  return write(text, path, change(String(value).split(',').map(b => b.trim())).join(','))
}

/** The block with its host bits cleared; text that is not an IPv4 CIDR block is returned unchanged. */
export function canonical(block: string): string {
  const m = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(block)
  if (!m) return block
  const [a, b, c, d, length] = m.slice(1).map(Number) as [number, number, number, number, number]
  if (Math.max(a, b, c, d) > 255 || length > 32) return block
  const bits = ((a << 24) | (b << 16) | (c << 8) | d) & (length === 0 ? 0 : -1 << (32 - length))
  return [24, 16, 8, 0].map(shift => (bits >>> shift) & 255).join('.') + '/' + length
}

/** The blocks without duplicates. Of equal blocks, the one in canonical form is kept. */
function withoutDuplicates(blocks: string[]): string[] {
  const kept = new Map<string, string>()
  for (const b of blocks.map(b => b.trim())) if (!kept.has(canonical(b)) || b === canonical(b)) kept.set(canonical(b), b)
  return [...kept.values()]
}
