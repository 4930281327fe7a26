// This file completes names and values in the change document, from the parameter table.

import { autocompletion, closeBrackets, closeBracketsKeymap, type Completion, type CompletionContext, type CompletionResult } from '@codemirror/autocomplete'
import { Prec, type Extension } from '@codemirror/state'
import { keymap } from '@codemirror/view'
import { findNodeAtLocation, getLocation } from 'jsonc-parser'
import { parse, tooDeep, type Path } from './document'
import { parameterAt, tables, type Parameter } from './tables'

/** The completions at a place in a JSON text: member names of an object, or values at a path. */
export interface Completions {
  names(path: Path, text: string): Completion[]
  values(path: Path, text: string): Completion[]
}

/** Closes brackets and quotes as they are opened. */
export const closing = [closeBrackets(), Prec.high(keymap.of(closeBracketsKeymap))]

/** Returns an editor extension that completes JSON. */
export function jsonCompletion(completions: Completions): Extension {
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
    const options = location.isAtPropertyKey ? missingNames(completions, text, location.path, to) : completions.values(location.path, text)
    return options.length > 0 ? { from, to, options, filter: true, validFor: /^"?[\w.$-]*"?$/ } : null
  }
  return [autocompletion({ override: [complete], icons: false }), closing]
}

/** The names that the object does not have yet, quoted. */
function missingNames(completions: Completions, text: string, path: Path, to: number): Completion[] {
  const { root } = parse(text)
  const object = root && findNodeAtLocation(root, path.slice(0, -1))
  const names = object?.children?.map(p => p.children?.[0]) ?? []
  const present = new Set(names.filter(n => n && n.offset + n.length !== to).map(n => n!.value)) // except the one being typed
  const colon = /^\s*:/.test(text.slice(to)) ? '' : ': '
  return completions
    .names(path.slice(0, -1), text)
    .filter(o => !present.has(o.label))
    .map(o => ({ ...o, label: JSON.stringify(o.label), displayLabel: o.label, apply: JSON.stringify(o.label) + colon }))
}

export const changeCompletion = jsonCompletion({ names: path => fieldCompletions(path), values: path => valueCompletions(parameterAt(path)) })

/** The fields of the object at the path. */
export function fieldCompletions(path: Path): Completion[] {
  const rows = path.length === 0 ? tables.parameters : (parameterAt(path)?.fields ?? [])
  return rows.filter(p => !p.hidden).map(nameCompletion)
}

export const nameCompletion = (p: Parameter): Completion => ({ label: p.name, detail: detail(p), info: p.doc })

function detail(p: Parameter): string {
  if (p.enum) return p.enum.join(' | ')
  return p.kind + (p.default ? `, default ${p.default}` : '')
}

/** The values that the parameter can have, as JSON. */
export function valueCompletions(p: Parameter | undefined): Completion[] {
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
