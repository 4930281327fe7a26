// This file completes names and values in the change document from the parameter table.

import { autocompletion, type Completion, type CompletionContext, type CompletionResult } from '@codemirror/autocomplete'
import { getLocation, type Segment } from 'jsonc-parser'
import { parse, read } from './document'
import { parameterAt, tables, type Parameter } from './tables'

export const completion = autocompletion({ override: [complete], icons: false })

function complete(context: CompletionContext): CompletionResult | null {
  const text = context.state.doc.toString()
  const location = getLocation(text, context.pos)
  const word = context.matchBefore(/"?[\w.]*/)
  if (!context.explicit && (!word || word.from === word.to)) return null
  const node = location.previousNode
  const inside = node && node.offset <= context.pos && context.pos <= node.offset + node.length ? node : undefined
  const from = inside?.offset ?? word?.from ?? context.pos
  const to = inside ? inside.offset + inside.length : context.pos
  const options = location.isAtPropertyKey ? names(text, location.path, to) : values(location.path)
  return options.length > 0 ? { from, to, options, filter: true, validFor: /^"?[\w.]*"?$/ } : null
}

function names(text: string, path: Segment[], to: number): Completion[] {
  const around = path.slice(0, -1)
  const rows = around.length === 0 ? tables.parameters : (parameterAt(around)?.fields ?? [])
  const present = read(parse(text).value, around) as object | undefined
  const colon = /^\s*:/.test(text.slice(to)) ? '' : ': '
  return rows
    .filter(p => !p.hidden && !(present && Object.hasOwn(present, p.name)))
    .map(p => ({ label: `"${p.name}"`, displayLabel: p.name, detail: detail(p), info: p.doc, apply: `"${p.name}"${colon}` }))
}

function detail(p: Parameter): string {
  if (p.enum) return p.enum.join(' | ')
  return p.kind + (p.default ? `, default ${p.default}` : '')
}

function values(path: Segment[]): Completion[] {
  const p = parameterAt(path)
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
