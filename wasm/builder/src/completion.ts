// This file completes names and values in the change document from the parameter table.

import { autocompletion, type Completion, type CompletionContext, type CompletionResult } from '@codemirror/autocomplete'
import type { Extension } from '@codemirror/state'
import { findNodeAtLocation, getLocation } from 'jsonc-parser'
import { parse, tooDeep, type Path } from './document'
import { parameterAt, tables, type Parameter } from './tables'

/** What may stand at a place of a JSON text: the names of a member, or the values at a path. */
export interface Proposals {
  names(path: Path, text: string): Completion[]
  values(path: Path, text: string): Completion[]
}

/** Completes JSON by the proposals. */
export function completing(proposals: Proposals): Extension {
  const complete = (context: CompletionContext): CompletionResult | null => {
    const text = context.state.doc.toString()
    if (tooDeep(text) !== undefined) return null
    const location = getLocation(text, context.pos)
    const word = context.matchBefore(/"?[\w.$-]*/)
    if (!context.explicit && (!word || word.from === word.to)) return null
    const node = location.previousNode
    const inside = node && node.offset <= context.pos && context.pos <= node.offset + node.length ? node : undefined
    const from = inside?.offset ?? word?.from ?? context.pos
    const to = inside ? inside.offset + inside.length : context.pos
    const options = location.isAtPropertyKey ? named(proposals, text, location.path, to) : proposals.values(location.path, text)
    return options.length > 0 ? { from, to, options, filter: true, validFor: /^"?[\w.$-]*"?$/ } : null
  }
  return autocompletion({ override: [complete], icons: false })
}

/** The names that are not there yet, as they are written. */
function named(proposals: Proposals, text: string, path: Path, to: number): Completion[] {
  const { root } = parse(text)
  const object = root && findNodeAtLocation(root, path.slice(0, -1))
  const names = object?.children?.map(p => p.children?.[0]) ?? []
  const present = new Set(names.filter(n => n && n.offset + n.length !== to).map(n => n!.value)) // but for the one in hand
  const colon = /^\s*:/.test(text.slice(to)) ? '' : ': '
  return proposals
    .names(path.slice(0, -1), text)
    .filter(o => !present.has(o.label))
    .map(o => ({ ...o, label: JSON.stringify(o.label), displayLabel: o.label, apply: JSON.stringify(o.label) + colon }))
}

export const completion = completing({ names: path => fieldNames(path), values: path => valuesOf(parameterAt(path)) })

/** The fields of the object at the path. */
export function fieldNames(path: Path): Completion[] {
  const rows = path.length === 0 ? tables.parameters : (parameterAt(path)?.fields ?? [])
  return rows.filter(p => !p.hidden).map(nameOf)
}

export const nameOf = (p: Parameter): Completion => ({ label: p.name, detail: detail(p), info: p.doc })

function detail(p: Parameter): string {
  if (p.enum) return p.enum.join(' | ')
  return p.kind + (p.default ? `, default ${p.default}` : '')
}

/** The values that a parameter may have, as they are written. */
export function valuesOf(p: Parameter | undefined): Completion[] {
  if (!p) return []
  if (p.kind === 'bool') return ['true', 'false'].map(label => ({ label, detail: label === p.default ? 'default' : '' }))
  if (p.kind === 'object') return [{ label: '{}', info: p.doc }]
  const number = p.kind === 'int' || p.kind === 'asn'
  const quoted = (value: string) => (number ? value : JSON.stringify(value))
  if (p.enum) return p.enum.map(v => ({ label: quoted(v), displayLabel: v, detail: v === p.default ? 'default' : '' }))
  if (p.secret) return []
  return [
    ...(p.default ? [{ label: quoted(p.default), displayLabel: p.default, detail: 'default' }] : []),
    ...(p.example && p.example !== p.default ? [{ label: quoted(p.example), displayLabel: p.example, detail: 'example' }] : []),
  ]
}
