// This file holds the one state that all views show, and tells them when it changes.

import { readCurrent, type Current } from './describe-response'
import * as core from './core'
import { parse, type Parsed } from './document'
import { eventFor } from './envelope'
import { notice, quiet } from './notice'
import { secretsIn } from './secrets'
import { modeOf, modeOfCurrent, type Mode } from './tunnels'

export interface State {
  change: string // the change document's text
  event: string
  given: string // the event that came from outside; empty while the page makes the event
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
  error?: Omit<core.Problem, 'code'> & { code: string }
}

/** What follows from the state. */
export interface Derived extends Current {
  document: Parsed
  outcome: Outcome // of the event when that was edited last, else of the change
  result?: Partial<core.Result>
  findings: core.Finding[] // of the change
  stale: boolean // the event was given, and the change is no longer what it gives
  rules: { document: Parsed; findings: core.Finding[] } // the rule file, judged whether there is an event or not
}

export const state: State = {
  change: '', event: '', given: '', rules: '', current: '', origin: 'change', pick: 0, mode: 'single', peer: '', endpoint: '',
  signature: 'v3', credentials: { accessKeyId: '', accessKeySecret: '', securityToken: '' }, accountId: '', secrets: false,
  language: 'curl', input: 'form',
}

export let derived: Derived = { document: parse(''), outcome: { results: [] }, findings: [], stale: false, rules: { document: parse(''), findings: [] } }

const views: (() => void)[] = []

/** Registers a view; it is called after every change of the state. */
export function onChange(view: () => void): void {
  views.push(view)
}

/** Stands for a text and all edits that are on it: what the form keeps aside belongs to that. */
export let edition = {}

let typed = false

/** Whether there is something that closing the page would lose. */
export const hasWork = () => typed && [state.change, state.given, state.rules, state.current].some(text => text.trim() !== '')

/** Brings back the work that was replaced, until the next edit. */
export let undo: (() => void) | undefined

function bringBack(): typeof undo {
  const before = { ...state }
  const was = { edition, gave }
  return () => {
    Object.assign(state, before)
    ;({ edition, gave } = was)
    typed = true
    undo = undefined
    update({})
  }
}

/**
 * Changes the state. An edit is "on" the change when that stays the same but for what it names, as in the form; what is
 * "again" can be had again, as an example can; "back" goes to what was there before. Both replace the work.
 * Rules alone do not take the change from the one who edited it.
 */
export function update(patch: Partial<State>, how?: 'on' | 'again' | 'back'): void {
  if (how === 'again' || how === 'back') undo = hasWork() ? bringBack() : undo
  else if (Object.keys(patch).some(name => !/^(input|language|secrets)$/.test(name))) undo = undefined
  if ((['change', 'event', 'rules', 'current'] as const).some(name => (patch[name] ?? state[name]) !== state[name])) typed = how !== 'again'
  const before = how === 'on' ? undefined : state.change
  Object.assign(state, patch)
  const { change, event, rules } = patch
  if (how !== 'on' && (change ?? event) !== undefined) edition = {}
  if (event !== undefined) state.given = event
  if (change !== undefined) state.origin = change === gave && state.given !== '' ? 'event' : 'change'
  else if (event !== undefined) state.origin = 'event'
  if ((event ?? rules) !== undefined) {
    gave = undefined
    if (patch.pick === undefined) state.pick = 0
  }
  try {
    derive()
    if (before !== undefined && state.secrets && hasNew(state.change, before)) state.secrets = false
    for (const view of views) view()
    quiet()
  } catch (e) {
    fail(e)
  }
}

/** Whether the text has a secret that the one before had not: who asked to see that one did not ask for this. */
function hasNew(text: string, before: string): boolean {
  const known = secretsIn(before).map(s => s.value)
  return text !== before && secretsIn(text).some(s => !known.includes(s.value))
}

/** Says what failed, and shows what there is without the core: the texts stay, and can be edited. */
function fail(e: unknown): void {
  const stopped = core.isStopped(e)
  if (!stopped) console.error(e)
  const message = stopped ? 'The module has stopped' : `This page has failed: ${e instanceof Error ? e.message : String(e)}`
  notice(`${message}. Your work is kept; there are no findings and no request until it runs again.`, again)
  show(parse(state.change), { results: [], error: { code: 'stopped', message: `${message}.` } }, 0)
  derived.known = undefined
  for (const view of views) view()
}

/** Starts the core anew if it has stopped, and tries once more. */
async function again(): Promise<void> {
  await core.load()
  update({})
}

/** What the core is asked with, beside the document. */
export function options(): core.Options {
  return {
    ...(derived.answer ? { current: derived.answer } : {}),
    ...(state.peer ? { peer: state.peer as core.Options['peer'] } : {}),
    ...(state.endpoint ? { endpoint: state.endpoint } : {}),
    ...(state.credentials.accessKeyId ? { credentials: state.credentials } : {}),
    ...(state.accountId ? { accountId: state.accountId } : {}),
    signature: state.signature,
  }
}

let judgedRules = ''
let gave: string | undefined // the change that the given event gives

function derive(): void {
  const { document, outcome, findings, stale, rules } = derived
  derived = { document, outcome, findings, stale, rules, ...readCurrent(state.current, () => parse(state.change).value?.VpnConnectionId) }
  if (judgedRules !== state.rules) {
    judgedRules = state.rules
    derived.rules = { document: parse(state.rules), findings: state.rules.trim() === '' ? [] : core.judgeRules(state.rules) }
  }
  if (state.origin === 'event') fromEvent()
  else fromChange()
  state.mode = modeOf(derived.document.value) ?? modeOfCurrent(derived.now) ?? state.mode
}

function fromChange(): void {
  const document = parse(state.change)
  const empty = state.change.trim() === '' || (document.value && Object.keys(document.value).length === 0)
  const event = document.value && !empty ? eventFor(state.change, state.given, state.rules) : undefined
  state.event = event ?? state.given
  derived.stale = event === undefined && state.given.trim() !== ''
  if (empty) return show(document, { results: [] }, 0)
  const built = core.judge(state.change, options())
  show(document, built.error ? { results: [], error: built.error } : { results: [built] }, 0)
}

function fromEvent(): void {
  state.event = state.given
  const empty = state.event.trim() === ''
  const outcome: Outcome = empty ? { results: [] } : core.transform(state.event, state.rules, options())
  // Nothing but the event and the rules decides what the change is, also when something else keeps it from being judged.
  const { results } = outcome.error ? core.transform(state.event, state.rules, {}) : outcome
  state.pick = Math.min(state.pick, Math.max(0, results.length - 1))
  const change = results[state.pick]?.change
  state.change = gave = change ? JSON.stringify(change, null, 2) : ''
  derived.stale = false
  show(parse(state.change), outcome, state.pick)
}

function show(document: Parsed, outcome: Outcome, pick: number): void {
  const result = outcome.results[pick]
  const findings: core.Finding[] = result?.findings ?? (outcome.error ? (outcome.error.findings ?? [asFinding(outcome.error)]) : [])
  derived = {
    ...derived, document, outcome, result,
    findings: [...(derived.unreadable ? [derived.unreadable] : []), ...findings.map(f => ({ ...f, ...placeOf(f, outcome, result) }))],
  }
}

const asFinding = (e: NonNullable<Outcome['error']>) => ({ ...e, rule: e.code, path: state.origin === 'event' ? (e.path ?? '') : '', severity: 'error' }) as unknown as core.Finding

/** The document that the finding is about: rules and events have their own, also where they give no change. */
function placeOf(f: core.Finding, { error }: Outcome, result?: Partial<core.Result>): Pick<core.Finding, 'document'> {
  if (state.origin === 'change' || error?.code === 'stopped') return {}
  if (f.path.startsWith('rules[') || error?.code === 'rules-invalid') return { document: 'rules' }
  return result?.change && !/^(bad-time|event-in-future)$/.test(f.rule) ? {} : { document: 'event' }
}
