// This file holds the state of the page, and notifies the views when it changes.

import { readCurrent, type Current } from './describe-response'
import * as core from './core'
import { LARGE, parse, type Parsed } from './document'
import { eventFor } from './envelope'
import { applied } from './applied'
import { answerTo } from './large'
import { notice, clearRetry } from './notice'
import { secretsIn } from './secrets'
import { samples } from './tables'
import { modeOf, modeOfCurrent, type Mode } from './tunnels'

export interface State {
  change: string // the change document's text
  event: string
  received: string // the event that was pasted or loaded; empty while the page creates the event
  rules: string
  via: string // the way by which the event came, for rules with via; empty: as the event itself says
  current: string // the response of DescribeVpnConnection, as pasted
  origin: 'change' | 'event' // which of the two was edited last; the other follows from it
  pick: number // the index of the selected result of the event
  mode: Mode
  peer: string
  endpoint: string
  signature: 'v3' | 'v1'
  credentials: core.Credentials
  accountId: string // of Alibaba Cloud, for the RAM policy
  secrets: boolean // whether they are shown and copied
  language: string // of the output: a snippet's name, "signature" or "parameters"
  input: 'form' | 'event' | 'current' | 'try'
}

/** The core's result for the event, or for the change alone. */
export interface Outcome {
  results: Partial<core.Result>[]
  explanations?: core.Explanation[][]
  total?: number // of changes, where results hold only the one that is shown
  given?: number // of values in the explanations, where they are cut
  pending?: boolean // a large event is being read
  error?: Omit<core.Problem, 'code'> & { code: string }
}

/** Values derived from the state. */
export interface Derived extends Current {
  document: Parsed
  outcome: Outcome // for the event when that was edited last, else for the change
  result?: Partial<core.Result>
  findings: core.Finding[] // of the change
  stale: boolean // an event was received, and the change no longer matches it
  rules: { document: Parsed; findings: core.Finding[]; tests: core.TestResult[] } // the rule file, validated with and without an event, and what its tests have come to
}

export const state: State = {
  change: '', event: '', received: '', rules: '', via: '', current: '', origin: 'change', pick: 0, mode: 'single', peer: '', endpoint: '',
  signature: 'v3', credentials: { accessKeyId: '', accessKeySecret: '', securityToken: '' }, accountId: '', secrets: false,
  language: 'curl', input: 'form',
}

export let derived: Derived = { document: parse(''), outcome: { results: [] }, findings: [], stale: false, rules: { document: parse(''), findings: [], tests: [] } }

export const texts = ['change', 'event', 'rules', 'current'] as const

const views: (() => void)[] = []

/** Registers a view, which is called after every change of the state. */
export function onChange(view: () => void): void {
  views.push(view)
}

/** Identifies a text and its later edits. The form keeps its own state per edition. */
export let edition = {}

let edited = false

/** Whether closing the page would lose work. */
export const hasWork = () => edited && [state.change, state.received, state.rules, state.current].some(text => text.trim() !== '')

/** Restores what was replaced; undefined after the next edit. */
export let undo: (() => void) | undefined

/** Makes one step for Undo of all that was done since then. */
export const joinUndo = (first: typeof undo) => void (undo &&= first)

/** Whether that was work, and not an empty page. */
export let replacedWork = false

function restoreState(): typeof undo {
  const before = { ...state }
  const derivedFrom = { edition, eventChange }
  return () => {
    Object.assign(state, before)
    ;({ edition, eventChange } = derivedFrom)
    edited = true
    undo = undefined
    update({})
  }
}

/**
 * Changes the state. An "edit" alters parts of the change, as the form does; "load" opens an example or a link, which can be
 * opened again; "revert" returns to an earlier state. The last two replace the work. Without how, a text was typed or pasted.
 * An edit of the rules alone does not replace an edited change.
 */
export function update(patch: Partial<State>, how?: 'edit' | 'load' | 'revert'): void {
  if (how === 'load' || how === 'revert') {
    const others = (['change', 'rules', 'current'] as const).some(name => patch[name] !== undefined && state[name].trim() !== '' && patch[name] !== state[name])
    const work = hasWork()
    replacedWork = work && (others || patch.event !== undefined)
    undo = work || how === 'revert' ? restoreState() : undo
  } else if (Object.keys(patch).some(name => !/^(input|language|secrets)$/.test(name))) undo = undefined
  if (texts.some(name => (patch[name] ?? state[name]) !== state[name])) edited = how !== 'load'
  const { change, event, rules, via } = patch
  const before = how === 'edit' ? undefined : state.change
  const continues = how === 'edit' || (how === undefined && change !== undefined && isContinued(state.change, change))
  const waits = how === undefined && !state.secrets && texts.some(name => Math.min(patch[name]?.length ?? 0, state[name].length) > LARGE && patch[name] !== state[name])
  Object.assign(state, patch)
  if (!continues && (change ?? event) !== undefined) edition = {}
  if (event !== undefined) state.received = event
  if (change !== undefined) state.origin = change === eventChange && state.received !== '' ? 'event' : 'change'
  else if (event !== undefined) state.origin = 'event'
  if ((event ?? rules ?? via) !== undefined) {
    eventChange = undefined
    if (patch.pick === undefined) state.pick = 0
  }
  clearTimeout(pause)
  pause = undefined
  if (waits) return void (pause = setTimeout(readNow, PAUSE))
  try {
    derive()
    if (before !== undefined && state.secrets && hasNewSecret(state.change, before)) state.secrets = false
    for (const view of views) view()
    clearRetry()
  } catch (e) {
    fail(e)
  }
}

// A large text is read when no key has been pressed for so long, or when something is to be done with it.
const PAUSE = 200 // ms
let pause: ReturnType<typeof setTimeout> | undefined

const readNow = () => pause !== undefined && update({})
document.addEventListener('click', readNow, true)

/** Whether the text is an edit of the one before, of which it has more than half. */
function isContinued(before: string, text: string): boolean {
  const most = Math.min(before.length, text.length)
  let same = 0
  while (same < most && before[same] === text[same]) same++
  let tail = 0
  while (tail < most - same && before.at(-1 - tail) === text.at(-1 - tail)) tail++
  return 2 * (same + tail) > Math.max(before.length, text.length)
}

/** Whether the text has a secret that the previous text did not have, which must not be shown without asking. */
function hasNewSecret(text: string, before: string): boolean {
  const known = secretsIn(before).map(s => s.value)
  return text !== before && secretsIn(text).some(s => !known.includes(s.value))
}

/** Shows the failure. The texts stay, and can be edited without the core. */
function fail(e: unknown): void {
  const stopped = core.isStopped(e)
  if (!stopped) console.error(e)
  const message = stopped ? 'The module has stopped' : `Internal error: ${e instanceof Error ? e.message : String(e)}`
  notice(`${message}. Your work is kept. There are no findings and no request until it runs again.`, restart)
  show(parse(state.change), { results: [], error: { code: 'stopped', message: `${message}.` } })
  derived.current = undefined
  for (const view of views) view()
}

/** Restarts the core if it has stopped, and derives everything again. */
async function restart(): Promise<void> {
  await core.load()
  update({})
}

/** The options for calls of the core. */
export function options(): core.Options {
  return {
    ...(derived.currentText ? { current: derived.currentText } : {}),
    ...(state.peer ? { peer: state.peer as core.Options['peer'] } : {}),
    ...(state.endpoint ? { endpoint: state.endpoint } : {}),
    ...(state.credentials.accessKeyId ? { credentials: state.credentials } : {}),
    ...(state.accountId ? { accountId: state.accountId } : {}),
    signature: state.signature,
  }
}

let validatedRules = ''
let eventChange: string | undefined // the change that the received event produces

function derive(): void {
  const { document, outcome, findings, stale, rules } = derived
  derived = { document, outcome, findings, stale, rules, ...readCurrent(state.current, parse(state.change).value?.VpnConnectionId) }
  if (validatedRules !== state.rules) {
    validatedRules = state.rules
    const document = parse(state.rules)
    const written = document.value ? core.testRules(state.rules, samplesFor(document.value)) : []
    derived.rules = { document, findings: state.rules.trim() === '' ? [] : core.validateRules(state.rules), tests: written }
  }
  if (state.origin === 'event') fromEvent()
  else fromChange()
  state.mode = modeOf(derived.document.value) ?? modeOfCurrent(derived.current) ?? state.mode
}

/** The samples that the tests of a rule file name, by the names that they have there: "../netbox-tunnel.json". */
function samplesFor({ tests }: Record<string, unknown>): Record<string, string> {
  const named = Array.isArray(tests) ? tests.flatMap(t => (typeof t?.event === 'string' ? [t.event as string] : [])) : []
  return Object.fromEntries(named.flatMap(file => samples().filter(e => `/${file}`.endsWith(`/${e.name}.json`)).map(e => [file, e.text])))
}

function fromChange(): void {
  const document = parse(state.change)
  const empty = state.change.trim() === '' || (document.value && Object.keys(document.value).length === 0)
  const event = document.value && !empty ? eventFor(state.change, state.received, state.rules) : undefined
  state.event = event ?? state.received
  derived.stale = event === undefined && state.received.trim() !== ''
  if (empty) return show(document, { results: [] })
  const built = core.build(state.change, options())
  show(document, built.error ? { results: [], error: built.error } : { results: [built] })
}

function fromEvent(): void {
  state.event = state.received
  if (state.event.trim() === '') {
    state.pick = 0
    state.change = eventChange = ''
    derived.stale = false
    return show(parse(''), { results: [] })
  }
  const ask = { event: state.event, rules: state.rules, via: state.via, options: options(), pick: state.pick, find }
  const answer = Math.max(state.event.length, state.rules.length) > LARGE ? answerTo(ask, () => update({})) : applied(ask)
  derived.stale = false
  if (!answer) return show(parse(state.change), { results: [], pending: true })
  state.pick = answer.pick
  find = undefined
  const { change } = answer
  state.change = eventChange = change ? JSON.stringify(change, null, 2) : ''
  const { outcome, total, given } = answer
  show(parse(state.change), { ...outcome, ...(total > outcome.results.length ? { total } : {}), given }, answer.result)
}

let find: string | undefined

/** Shows the next change for an attachment with the text in its id. */
export function findChange(text: string): void {
  find = text
  update({ event: state.event, pick: state.pick })
}

function show(document: Parsed, outcome: Outcome, result = outcome.results[0]): void {
  const findings: core.Finding[] = result?.findings ?? (outcome.error ? (outcome.error.findings ?? [asFinding(outcome.error)]) : [])
  const endpoint = state.endpoint !== '' && outcome.error?.code !== 'stopped' ? core.endpointProblem(state.endpoint) : undefined
  derived = {
    ...derived, document, outcome, result,
    findings: told([...(derived.currentProblem ? [derived.currentProblem] : []), ...(endpoint ? [endpoint] : []), ...findings.map(f => ({ ...f, ...documentOf(f, outcome, result) }))]),
  }
}

const severities = ['error', 'warning', 'info']

/** Errors first, and each once: a check may find the same for several parts of a value, and a misspelt name is not also missing. */
function told(findings: core.Finding[]): core.Finding[] {
  const renamed = findings.flatMap(f => (f.fix && 'name' in f.fix ? [f.fix.name] : []))
  const rest = findings.filter(f => f.rule !== 'missing-parameter' || !renamed.includes(f.path))
  const once = new Map(rest.map(f => [[f.rule, f.document, f.path, f.message].join('\n'), f]))
  return [...once.values()].sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity))
}

const asFinding = (e: NonNullable<Outcome['error']>) => ({ ...e, rule: e.code, path: state.origin === 'event' ? (e.path ?? '') : '', severity: 'error' }) as unknown as core.Finding

/** The document that the finding refers to; absent when that is the change. */
function documentOf(f: core.Finding, { error }: Outcome, result?: Partial<core.Result>): Pick<core.Finding, 'document'> {
  if (state.origin === 'change' || error?.code === 'stopped') return {}
  if (f.path.startsWith('rules[') || error?.code === 'rules-invalid') return { document: 'rules' }
  return result?.change && !/^(timestamp-unreadable|event-in-future)$/.test(f.rule) ? {} : { document: 'event' }
}
