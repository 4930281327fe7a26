// This file repairs what can be repaired without a doubt: aliases, forms, CIDR blocks.

import type { Finding } from './core'
import { read, rename, steps, write } from './document'
import { derived, state } from './state'
import { TUNNELS } from './tables'
import { asArray } from './tunnels'

export interface Fix {
  title: string
  apply(text: string): string
}

/** The certain fix for a finding, if there is one. It applies to the change's text. */
export function fixFor(f: Finding): Fix | undefined {
  if (f.document) return undefined
  if (state.origin === 'event' && state.rules.trim() !== '') return undefined // the rule or the event is what to fix
  const path = steps(f.path)
  if (f.path === TUNNELS && asArray(state.change) !== state.change) return { title: 'Write as array', apply: asArray }
  switch (f.rule) {
    case 'alias-used':
      return rename(state.change, path) === state.change ? undefined : { title: `Rename to ${String(path.at(-1))}`, apply: text => rename(text, path) }
    case 'normalised': {
      const value = read(derived.result?.change, path)
      return value === undefined ? undefined : { title: `Write ${JSON.stringify(value)}`, apply: text => write(text, path, value) }
    }
    case 'cidr-not-canonical':
      return { title: 'Clear the host bits', apply: text => eachBlock(text, path, blocks => blocks.map(canonical)) }
    case 'subnet-repeated':
      return { title: 'Keep one', apply: text => eachBlock(text, path, once) }
  }
  return undefined
}

function eachBlock(text: string, path: (string | number)[], change: (blocks: string[]) => string[]): string {
  const value = read(JSON.parse(text), path)
  if (Array.isArray(value)) return write(text, path, change(value.map(String)))
  return write(text, path, change(String(value).split(',').map(b => b.trim())).join(','))
}

/** The block with all bits beyond its prefix length cleared; what is no IPv4 block stays. */
export function canonical(block: string): string {
  const m = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(block)
  if (!m) return block
  const [a, b, c, d, length] = m.slice(1).map(Number) as [number, number, number, number, number]
  if (Math.max(a, b, c, d) > 255 || length > 32) return block
  const bits = ((a << 24) | (b << 16) | (c << 8) | d) & (length === 0 ? 0 : -1 << (32 - length))
  return [24, 16, 8, 0].map(shift => (bits >>> shift) & 255).join('.') + '/' + length
}

/** The blocks without repetitions. Of those that are the same, the one in canonical form stays. */
function once(blocks: string[]): string[] {
  const kept = new Map<string, string>()
  for (const b of blocks.map(b => b.trim())) if (!kept.has(canonical(b)) || b === canonical(b)) kept.set(canonical(b), b)
  return [...kept.values()]
}
