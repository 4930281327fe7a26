// This file completes names and values in a rule file: keys, parameters, pattern operators, and paths of the current event.

import type { Completion } from '@codemirror/autocomplete'
import { jsonCompletion, fieldCompletions, nameCompletion, valueCompletions } from './completion'
import { findNodeAtLocation } from 'jsonc-parser'
import * as core from './core'
import { LARGE, parse, parseNested, read, type Path } from './document'
import { gjsonPath, stepsOf } from './rule-writer'
import { isSecret, masked } from './secrets'
import { derived, state } from './state'
import { parameterAt, parameterPath, tables, type Parameter } from './tables'

const fromDocs = (docs: Record<string, string>): Completion[] => Object.entries(docs).map(([label, info]) => ({ label, info }))

const quoted = (value: string, detail: string, info?: string): Completion => ({ label: JSON.stringify(value), displayLabel: value, detail, ...(info ? { info } : {}) })

const references = [
  quoted('{{resolve:secretsmanager:vpn/site-a:SecretString:psk}}', 'AWS Secrets Manager'),
  quoted('{{resolve:ssm-secure:/vpn/site-a/psk}}', 'Parameter Store'),
]

export const ruleCompletion = jsonCompletion({
  names(path) {
    const [, index, key, ...within] = path
    if (path.length === 0) return [{ label: 'rules', info: 'Each rule that matches an event produces changes.' }]
    if (typeof index === 'number' && key === undefined) return fromDocs(tables.rules.keys)
    if (key === 'match') return patternNames(within)
    if (key === 'with' && within.length > 0) return fieldCompletions(parameterPath(within))
    if (key === 'from' || key === 'with') return tables.rules.parameters.map(name => ({ ...(parameter([name]) ? nameCompletion(parameter([name])!) : {}), label: name }))
    return []
  },
  values(path, text) {
    const [, , key, ...within] = path
    switch (key) {
      case 'with': {
        const p = parameter(within)
        return p?.secret ? references : valueCompletions(p)
      }
      case 'from':
        return fromCompletions(path, text)
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

const parameter = (names: Path): Parameter | undefined => parameterAt(parameterPath(names))

let last: { text?: string; value?: unknown } = {}

/** The envelope around the event: the event's text in it, as rules see it, and the way by which it came; undefined without one. */
export function envelope(): { event: string; way?: string; count: number } | undefined {
  if (state.event.length > LARGE || state.event.trim() === '') return undefined
  const opened = core.opened(state.event)
  const one = opened[opened.length > 1 ? Math.min(state.pick, opened.length - 1) : 0]
  return !one?.event || one.event.trim() === state.event.trim() ? undefined : { ...one, count: opened.length }
}

/** The event that the rules apply to; undefined where it is in an envelope and large. */
export function event(): unknown {
  const via = derived.outcome.results[0]?.via
  if (state.event.length > LARGE && via && !/^(eventbridge|cloudevents)$/.test(via)) return undefined
  const text = envelope()?.event ?? state.event
  if (last.text !== text) last = { text, value: parseNested(text) }
  return last.value
}

/** The paths for the from of a rule: in the event, or in an element of its each. */
function fromCompletions(path: Path, text: string): Completion[] {
  const whole = paths(event(), () => true)
  const { root } = parse(text) // may be incomplete while it is typed
  const each: unknown = root && findNodeAtLocation(root, [...path.slice(0, 2), 'each'])?.value
  if (typeof each !== 'string') return whole
  const list = read(event(), stepsOf(each))
  const own = Array.isArray(list) ? paths(list[0], () => true) : []
  return [...own, ...whole.map(o => quoted('$.' + o.displayLabel, o.detail ?? ''))]
}

/** The paths in a value that accept returns true for, each with its value. */
function paths(value: unknown, accept: (at: unknown) => boolean): Completion[] {
  const found: Completion[] = []
  const visit = (at: unknown, path: string, names: string[]) => {
    if (path !== '' && accept(at)) found.push(quoted(path, preview(at, names)))
    if (typeof at !== 'object' || at === null || Array.isArray(at) || names.length > 6) return
    for (const [key, inner] of Object.entries(at)) visit(inner, (path ? path + '.' : '') + gjsonPath([key]), [...names, key])
  }
  visit(value, '', [])
  return found.slice(0, 200)
}

/** The value as short JSON with secrets masked; names are the names on its path. */
const preview = (value: unknown, names: string[]) => {
  const json = masked(JSON.stringify(value) ?? '', names)
  return json.length > 40 ? json.slice(0, 39) + '…' : json
}

/** In an array the operators, else the fields of the event. */
function patternNames(path: Path): Completion[] {
  if (path.some(s => typeof s === 'number') && !path.includes('$or')) return fromDocs(tables.rules.operators)
  const within = fields(path)
  const at = read(event(), within)
  const own = typeof at === 'object' && at !== null && !Array.isArray(at) ? Object.entries(at).map(([label, value]) => ({ label, detail: preview(value, [...within, label]) })) : []
  return [...own, { label: '$or', info: 'At least one of these patterns must match.' }]
}

/** The path in the event of a pattern's path. */
const fields = (path: Path) => path.filter(s => typeof s === 'string' && s !== '$or') as string[]

function patternValues(path: Path): Completion[] {
  const inArray = typeof path.at(-1) === 'number'
  const at = read(event(), fields(path))
  const values = (typeof at === 'object' && at !== null) || at === undefined || isSecret(fields(path)) ? [] : [at]
  const own = values.map(v => ({ label: JSON.stringify(inArray ? v : [v]), detail: 'in the event' }))
  if (!inArray) return own
  return [...own, ...Object.entries(tables.rules.operators).map(([name, info]) => ({ label: `{${JSON.stringify(name)}: }`, displayLabel: name, info }))]
}
