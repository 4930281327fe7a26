// This file holds the one state that all views show, and tells them when it changes.

import * as core from './core'
import { parse, type Parsed } from './document'
import { eventFor } from './envelope'
import { modeOf, modeOfCurrent, type Mode } from './tunnels'

export interface State {
  change: string // the change document's text
  event: string
  rules: string
  current: string // what Describe returned
  origin: 'change' | 'event' // which of the two was edited last, and so makes the other
  pick: number // which of the event's results
  mode: Mode
  peer: string
  endpoint: string
  signature: 'v3' | 'v1'
  credentials: core.Credentials
  accountId: string // of Alibaba Cloud, for the RAM policy
  secrets: boolean // show and copy them
  language: string // of the output: a snippet's name, "signature" or "parameters"
  input: 'form' | 'event' | 'current'
}

/** What the core made of the event, or of the change alone. */
export interface Outcome {
  results: Partial<core.Result>[]
  explanations?: core.Explanation[][]
  error?: core.Problem
}

/** What follows from the state. */
export interface Derived {
  document: Parsed
  outcome: Outcome // of the event when that was edited last, else of the change
  result?: Partial<core.Result>
  findings: core.Finding[] // of the change
  rules: { document: Parsed; findings: core.Finding[] } // the rule file, judged whether there is an event or not
  now?: Record<string, unknown> // the current configuration, when it can be read
  known?: object // the same in the names of a change document
}

export const state: State = {
  change: '', event: '', rules: '', current: '', origin: 'change', pick: 0, mode: 'single', peer: '', endpoint: '',
  signature: 'v3', credentials: { accessKeyId: '', accessKeySecret: '', securityToken: '' }, accountId: '', secrets: false,
  language: 'curl', input: 'form',
}

export let derived: Derived = { document: parse(''), outcome: { results: [] }, findings: [], rules: { document: parse(''), findings: [] } }

const views: (() => void)[] = []

/** Registers a view; it is called after every change of the state. */
export function onChange(view: () => void): void {
  views.push(view)
}

export function update(patch: Partial<State>): void {
  Object.assign(state, patch)
  if (patch.change !== undefined && patch.origin !== 'event') state.origin = 'change'
  else if (patch.event !== undefined || patch.rules !== undefined) {
    state.origin = 'event'
    if (patch.pick === undefined) state.pick = 0
  }
  derive()
  for (const view of views) view()
}

/** What the core is asked with, beside the document. */
export function options(): core.Options {
  return {
    ...(derived.now && state.current.trim() !== '' ? { current: state.current } : {}),
    ...(state.peer ? { peer: state.peer as core.Options['peer'] } : {}),
    ...(state.endpoint ? { endpoint: state.endpoint } : {}),
    ...(state.credentials.accessKeyId ? { credentials: state.credentials } : {}),
    ...(state.accountId ? { accountId: state.accountId } : {}),
    signature: state.signature,
  }
}

let judgedRules = ''

function derive(): void {
  const now = state.current.trim() === '' ? undefined : parse(state.current).value
  derived = { ...derived, now }
  if (judgedRules !== state.rules) {
    judgedRules = state.rules
    derived.rules = { document: parse(state.rules), findings: state.rules.trim() === '' ? [] : core.judgeRules(state.rules) }
  }
  if (state.origin === 'event') fromEvent()
  else fromChange()
  derived.known = now && derived.document.value ? core.known(state.current) : undefined
  state.mode = modeOf(derived.document.value) ?? modeOfCurrent(now) ?? state.mode
}

function fromChange(): void {
  const document = parse(state.change)
  const empty = state.change.trim() === '' || (document.value && Object.keys(document.value).length === 0)
  state.event = document.value && !empty ? eventFor(document.value, state.event) : ''
  if (empty) return show(document, { results: [] }, 0)
  const built = core.judge(state.change, options())
  show(document, built.error ? { results: [], error: built.error } : { results: [built] }, 0)
}

function fromEvent(): void {
  const empty = state.event.trim() === ''
  const outcome: Outcome = empty ? { results: [] } : core.transform(state.event, state.rules, options())
  state.pick = Math.min(state.pick, Math.max(0, outcome.results.length - 1))
  const change = outcome.results[state.pick]?.change
  if (change) state.change = JSON.stringify(change, null, 2)
  show(parse(state.change), outcome, state.pick)
}

function show(document: Parsed, outcome: Outcome, pick: number): void {
  const result = outcome.results[pick]
  const failed = outcome.error && ({ ...outcome.error, rule: outcome.error.code, path: '', severity: 'error' } as unknown as core.Finding)
  derived = {
    ...derived, document, outcome, result,
    findings: result?.findings ?? (failed ? (outcome.error?.findings ?? [failed]) : []),
  }
}
