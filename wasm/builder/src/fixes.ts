// This file fixes findings that have only one possible fix: as the core says, and a few that need the page's reading of a list.

import * as core from './core'
import type { Finding } from './core'
import { parsePath, read, rename, write } from './document'
import { options, state } from './state'
import { TUNNELS } from './tables'
import { asArray } from './tunnels'

export interface Fix {
  title: string
  certain: boolean // whether nothing else can be meant, so that it may be applied along with others
  document?: Finding['document'] // that it applies to; the change, if absent
  apply(text: string): string
}

/** The fix for a finding, if there is one. It applies to the text of the change. */
export function fixFor(f: Finding): Fix | undefined {
  if (f.document) return mending(f.document, f) ?? (f.document === 'rules' ? ruleFix(f) : undefined)
  if (isMadeByRules()) return undefined // the rule or the event needs the fix
  const path = parsePath(f.path)
  const given = f.fix || f.rule === 'json-invalid' ? coreFix(f) : undefined
  if (given) return given
  if (f.path === TUNNELS && asArray(state.change) !== state.change) return { title: 'Convert to an array', certain: true, apply: asArray }
  switch (f.rule) {
    case 'cidr-not-canonical':
      return { title: 'Clear the host bits', certain: false, apply: text => eachBlock(text, path, blocks => blocks.map(canonical)) }
    case 'subnet-repeated':
      return { title: 'Remove duplicates', certain: true, apply: text => eachBlock(text, path, withoutDuplicates) }
  }
  return undefined
}

/** Mends the JSON of a document, where that is what is wrong with it. */
function mending(document: NonNullable<Finding['document']>, { path }: Finding): Fix | undefined {
  const mended = /^(event|rules|current)?$/.test(path) ? core.mend(state[document]) : undefined
  return mended === undefined ? undefined : { title: 'Mend the JSON', certain: false, document, apply: text => core.mend(text) ?? text }
}

/** What is most likely meant in the rule file: another path of the event, or another name. */
function ruleFix({ path, fix }: Finding): Fix | undefined {
  if (!fix) return undefined
  const steps = parsePath(path)
  if ('name' in fix) return { title: `Rename to ${fix.name}`, certain: false, document: 'rules', apply: text => rename(text, steps, fix.name) }
  return { title: `Replace with ${JSON.stringify(fix.value)}`, certain: false, document: 'rules', apply: text => write(text, steps, fix.value) }
}

/** Applies everything that can only mean one thing. */
export function fixAll(fixes: Fix[], text: string): string {
  const own = fixes.filter(f => f.certain).reduce((t, f) => f.apply(t), text)
  return fixed(own) ?? own
}

const isMadeByRules = () => state.origin === 'event' && state.rules.trim() !== ''

/** The fix that comes with the finding. What is not JSON has one as a whole; none if the core leaves the text as it is. */
function coreFix({ path, fix }: Finding): Fix | undefined {
  const only = fix ? path : undefined
  if (fixed(state.change, only) === undefined) return undefined
  const title = !fix ? 'Mend the JSON' : 'name' in fix ? `Rename to ${fix.name}` : `Replace with ${JSON.stringify(fix.value)}`
  return { title, certain: true, apply: text => fixed(text, only) ?? text }
}

function fixed(text: string, path?: string): string | undefined {
  const { change, fixed } = core.fix(text, options(), path)
  return fixed.length > 0 && change !== text ? change : undefined
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
