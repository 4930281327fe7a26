// This file completes a rule file: its keys, the parameters, the operators of patterns, and what the event at hand holds.

import type { Completion } from '@codemirror/autocomplete'
import { completing, fieldNames, nameOf, valuesOf } from './completion'
import { findNodeAtLocation } from 'jsonc-parser'
import { parse, read, type Path } from './document'
import { isSecret, masked } from './secrets'
import { derived, state } from './state'
import { parameterAt, tables, TUNNELS, type Parameter } from './tables'

const listed = (docs: Record<string, string>): Completion[] => Object.entries(docs).map(([label, info]) => ({ label, info }))

const quoted = (value: string, detail: string, info?: string): Completion => ({ label: JSON.stringify(value), displayLabel: value, detail, ...(info ? { info } : {}) })

const references = [
  quoted('{{resolve:secretsmanager:vpn/site-a:SecretString:psk}}', 'AWS Secrets Manager'),
  quoted('{{resolve:ssm-secure:/vpn/site-a/psk}}', 'Parameter Store'),
]

export const ruleCompletion = completing({
  names(path) {
    const [, index, key, ...within] = path
    if (path.length === 0) return [{ label: 'rules', info: 'All rules that match an event give their changes.' }]
    if (typeof index === 'number' && key === undefined) return listed(tables.rules.keys)
    if (key === 'match') return patternNames(within)
    if (key === 'with' && within.length > 0) return fieldNames(parameterPath(within))
    if (key === 'from' || key === 'with') return tables.rules.parameters.map(name => ({ ...(parameter([name]) ? nameOf(parameter([name])!) : {}), label: name }))
    return []
  },
  values(path, text) {
    const [, , key, ...within] = path
    switch (key) {
      case 'with': {
        const p = parameter(within)
        return p?.secret ? references : valuesOf(p)
      }
      case 'from':
        return elements(path, text)
      case 'each':
        return paths(event(), isArray)
      case 'time':
      case 'version':
        return paths(event(), at => typeof at !== 'object')
      case 'match':
        return patternValues(within)
    }
    return []
  },
})

const isArray = (value: unknown) => Array.isArray(value)

/** The way to a parameter that a rule names "IkeConfig.Psk" or "Tunnel.1.EnableDpd", in the table. */
export const parameterPath = (names: Path): Path =>
  names.flatMap((n): Path => (typeof n === 'number' ? [n] : n.replace(/^Tunnel\.\d+\./, `${TUNNELS}.`).split('.')))

const parameter = (names: Path): Parameter | undefined => parameterAt(parameterPath(names))

/** The event that the rules read; not what an outer envelope holds, which they never see. */
function event(): unknown {
  const via = derived.outcome.results[0]?.via
  if (via && via !== 'eventbridge') return undefined
  try {
    return JSON.parse(state.event)
  } catch {
    return undefined
  }
}

/** The paths for a rule's from: into the event, or into an element of its each. */
function elements(path: Path, text: string): Completion[] {
  const whole = paths(event(), () => true)
  const { root } = parse(text) // as far as it goes: what is being typed is no whole document
  const each: unknown = root && findNodeAtLocation(root, [...path.slice(0, 2), 'each'])?.value
  if (typeof each !== 'string') return whole
  const list = read(event(), each.split('.'))
  const own = Array.isArray(list) ? paths(list[0], () => true) : []
  return [...own, ...whole.map(o => quoted('$.' + o.displayLabel, o.detail ?? ''))]
}

/** The paths within a value that want accepts, each with what it finds. */
function paths(value: unknown, want: (at: unknown) => boolean): Completion[] {
  const found: Completion[] = []
  const visit = (at: unknown, path: string, names: string[]) => {
    if (path !== '' && want(at)) found.push(quoted(path, shortened(at, names)))
    if (typeof at !== 'object' || at === null || Array.isArray(at) || names.length > 6) return
    for (const [key, inner] of Object.entries(at)) visit(inner, (path ? path + '.' : '') + key.replace(/[.*?|#@!{}[\]()=<>%"\\~]/g, '\\$&'), [...names, key])
  }
  visit(value, '', [])
  return found.slice(0, 200)
}

/** The value in short, its secrets masked; names are those around it. */
const shortened = (value: unknown, names: string[]) => {
  const json = masked(JSON.stringify(value) ?? '', names)
  return json.length > 40 ? json.slice(0, 39) + '…' : json
}

/** Within an array there are operators, else the event's own fields. */
function patternNames(path: Path): Completion[] {
  if (path.some(s => typeof s === 'number') && !path.includes('$or')) return listed(tables.rules.operators)
  const within = fields(path)
  const at = read(event(), within)
  const own = typeof at === 'object' && at !== null && !Array.isArray(at) ? Object.entries(at).map(([label, value]) => ({ label, detail: shortened(value, [...within, label]) })) : []
  return [...own, { label: '$or', info: 'Alternatives, of which one must match.' }]
}

/** The event's own fields on a pattern's path. */
const fields = (path: Path) => path.filter(s => typeof s === 'string' && s !== '$or') as string[]

function patternValues(path: Path): Completion[] {
  const inArray = typeof path.at(-1) === 'number'
  const at = read(event(), fields(path))
  const values = (typeof at === 'object' && at !== null) || at === undefined || isSecret(fields(path)) ? [] : [at]
  const own = values.map(v => ({ label: JSON.stringify(inArray ? v : [v]), detail: 'in the event' }))
  if (!inArray) return own
  return [...own, ...Object.entries(tables.rules.operators).map(([name, info]) => ({ label: `{${JSON.stringify(name)}: }`, displayLabel: name, info }))]
}
