// This file helps to write rules beside the event: the first one, and what the value at the cursor is mapped to.

import { syntaxTree } from '@codemirror/language'
import { EditorView } from '@codemirror/view'
import type { EditorState } from '@codemirror/state'
import { html, nothing, render, type TemplateResult } from 'lit-html'
import { formatJson, LARGE, parse, parseNested, read, type Path } from './document'
import { eventEditor, rulesEditor } from './event'
import { envelope, event } from './rule-completion'
import { addMapping, addRule, addTest, beforeAndAfter, fitsOf, gjsonPath, inString, leavesOf, onlyChanged, ruleFor, type Fit } from './rule-writer'
import { isSecret, MASK } from './secrets'
import { showStatus } from './status'
import { derived, onChange, state, update } from './state'

const host = document.getElementById('mapping')!

let at: Path = [] // of the value at the cursor
let chosen = '' // the name of the rule that mappings go to
let fits: { key?: string; list: Fit[] } = { list: [] }

interface Rule {
  name?: unknown
  each?: unknown
  from?: Record<string, unknown>
  with?: Record<string, unknown>
  changed?: unknown
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

function rules(): Rule[] {
  const list = derived.rules.document.value?.rules
  return Array.isArray(list) ? list.filter(isObject) : []
}

/** The rule that mappings go to: the chosen one, else the one that takes this event, else the last. */
function target(): number {
  const all = rules()
  const matched = (derived.outcome.explanations ?? []).flat().find(e => e.matched)?.rule
  const found = [chosen, matched].map(name => all.findIndex(r => r.name === name)).find(i => i >= 0)
  return found ?? all.length - 1
}

function draw(): void {
  if (state.input !== 'event') return
  render(body(), host)
}

function body(): unknown {
  const given = state.origin === 'event' ? event() : undefined
  const isChange = derived.outcome.results.some(r => r.kind === 'change' && !r.rule)
  if (!isObject(given) || isChange) return nothing
  const all = rules()
  const takes = (derived.outcome.explanations ?? []).flat().some(e => e.matched)
  const write = html`<button class=${takes ? 'small' : 'primary'} id="write-rule" @click=${writeRule}>Write a rule for this event</button>`
  if (all.length === 0) return html`<div class="mapping"><p>${state.rules.trim() === '' ? 'No change of vpnattach is in this event. A rule makes one of it.' : 'The rules can’t be read.'} ${state.rules.trim() === '' ? write : nothing}</p></div>`
  const rule = all[target()]!
  return html`<div class="mapping" role="group" aria-label="Rule for the event">
    ${takes ? nothing : html`<p>No rule takes this event. ${write}</p>`}
    ${takes || chosen !== '' ? html`${all.length > 1 ? choice(all, rule) : nothing}${envelope() ? takeOut() : mapping(given, rule)}` : nothing}
    ${takes ? more(given, rule) : nothing}
  </div>`
}

/** The values that rules see are text within the envelope's own. */
const takeOut = () => html`<p>${needs(rules()[target()]!)} Rules see the event in the envelope. <button class="small" id="take-out" @click=${takeOutEvent}>Take it out of the envelope</button> to map its values.</p>`

function takeOutEvent(): void {
  const { event, way = '', count } = envelope()!
  update({ event: formatJson(event), via: state.via || way, input: 'event' }, 'revert')
  showStatus(`This is ${count > 1 ? `one of ${count} events` : 'the event'} that came in the envelope${way ? `, by ${way}` : ''}.`)
  eventEditor.focus()
}

const choice = (all: Rule[], rule: Rule) => html`<label class="into">Rule <select @change=${(e: Event) => ((chosen = (e.target as HTMLSelectElement).value), draw())}>
  ${all.map(r => html`<option value=${String(r.name)} ?selected=${r === rule}>${String(r.name)}</option>`)}</select></label>`

const required = ['VpnConnectionId', 'RegionId']

const missingOf = (rule: Rule) => required.filter(name => ![rule.from, rule.with].some(o => isObject(o) && Object.hasOwn(o, name)))

const needs = (rule: Rule) => (missingOf(rule).length > 0 ? html`<span class="count warning">needs ${missingOf(rule).join(' and ')}</span>` : nothing)

/** What the value at the cursor may be, and what the rule still needs. */
function mapping(given: unknown, rule: Rule): TemplateResult {
  const missing = missingOf(rule)
  const value = at.length > 0 ? read(given, at) : undefined
  if (value === undefined || typeof value === 'object') return html`<p>${needs(rule)} Click a value of the event, or move the cursor to it, to map it to a parameter.</p>`
  if (typeof inString(value) === 'object') return html`<p>${needs(rule)} <code>${gjsonPath(at, given)}</code> is JSON in a string. ${withinString(value)}</p>`
  const list = fitting(given, rule)
  const best = [...list.filter(f => missing.includes(f.parameter)), ...list.filter(f => !missing.includes(f.parameter))].slice(0, 3)
  const rest = list.filter(f => !best.includes(f))
  const mapped = Object.entries(isObject(rule.from) ? rule.from : {}).filter(([, path]) => list.some(f => String(path).replace(/\?$/, '') === f.path))
  const names = at.filter(step => typeof step === 'string') as string[]
  return html`<p class="value-at">${needs(rule)} <code>${gjsonPath(at, given)}</code> <code class="value">${isSecret(names) ? MASK : short(value)}</code>${mapped.length > 0 ? html` <span class="count good">✓ ${mapped.map(([name]) => name).join(', ')}</span>` : nothing}</p>
    <p class="actions">${list.length === 0 ? html`<span class="faint">No parameter takes this value.</span>` : nothing}
      ${best.map(f => html`<button class="small" title=${title(f)} @click=${() => map(f)}>→ ${f.parameter}${f.words ? html` <span class="faint">with map</span>` : nothing}</button>`)}
      ${rest.length > 0 ? html`<select aria-label="Other parameters for this value" @change=${(e: Event) => pick(e, rest)}><option value="">Others…</option>${rest.map((f, i) => html`<option value=${i}>${f.parameter}${f.words ? ' with map' : ''}</option>`)}</select>` : nothing}</p>`
}

const MOST = 100 // values in a string that are offered

/** The values in JSON text, which the cursor can't be at. */
const withinString = (value: unknown) => html`<select aria-label="Value in the string" @change=${(e: Event) => within(e, value)}><option value="">Choose a value in it…</option>${leavesOf(value).slice(0, MOST).map((l, i) => html`<option value=${i}>${gjsonPath(l.path, inString(value))} ${isSecret([...at, ...l.path].filter(step => typeof step === 'string')) ? MASK : short(l.value)}</option>`)}</select>`

function within(e: Event, value: unknown): void {
  const found = leavesOf(value)[Number((e.target as HTMLSelectElement).value || -1)]
  if (!found) return
  at = [...at, ...found.path]
  draw()
  host.querySelector<HTMLElement>('.actions button')?.focus()
}

const title = (f: Fit) => `${f.parameter} from ${f.path}${f.words === 'common' ? ', with the words of other tools' : f.words ? `, with the words ${Object.keys(f.words).join(', ')}` : ''}`

const short = (value: unknown) => {
  const text = JSON.stringify(value)
  return text.length > 60 ? text.slice(0, 59) + '…' : text
}

/** The parameters that the value fits, which takes the core some milliseconds to say. */
function fitting(given: unknown, rule: Rule): Fit[] {
  const each = typeof rule.each === 'string' ? rule.each : undefined
  const names = Object.keys({ ...rule.from, ...rule.with })
  const key = JSON.stringify([gjsonPath(at), each, names, short(read(given, at))])
  if (fits.key !== key) fits = { key, list: fitsOf(given, at, each, names) }
  return fits.list
}

function more(given: unknown, rule: Rule): unknown {
  const changes = derived.outcome.results.flatMap(r => (r.change ? [r.change] : []))
  const errors = derived.outcome.results.some(r => r.findings?.some(f => f.severity === 'error'))
  const canCompare = rule.changed === undefined && beforeAndAfter(given) !== undefined && Object.keys(rule.from ?? {}).length > 2
  const hasTest = () => JSON.stringify(derived.rules.document.value?.tests ?? []).includes(JSON.stringify(parseNested(state.event)))
  const test = changes.length > 0 && !errors && state.event.length <= LARGE && !hasTest()
  return canCompare || test
    ? html`<p class="actions">${test ? html`<button class="small" id="add-test" title="The event, with other keys, and the changes that it makes now" @click=${addAsTest}>Add this event as a test</button>` : nothing}
        ${canCompare ? html`<button class="small" id="only-changed" title="Not for events in which the mapped fields are before the change what they are after it" @click=${compareSides}>Only when a mapped field differs</button>` : nothing}</p>`
    : nothing
}

const nameOf = (index: number) => String(rules()[index]?.name ?? '')

/** Puts the rules in place, and says what they have now. */
function put(text: string, said: string): void {
  update({ rules: text })
  showStatus(said)
}

function writeRule(): void {
  const given = event() as Record<string, unknown>
  const rule = ruleFor(given, state.via || envelope()?.way || '', rules().map(r => String(r.name)))
  chosen = String(rule.name)
  const needs = required.filter(name => !Object.hasOwn(rule.from as object, name))
  put(addRule(state.rules, rule), needs.length > 0 ? `Rule ${chosen} written. Map ${needs.join(' and ')} next.` : `Rule ${chosen} written.`)
  show(['rules', rules().length - 1, 'from'])
  eventEditor.focus()
}

function map(f: Fit): void {
  const index = target()
  put(addMapping(state.rules, index, f, event()), f.asks ? `${f.parameter} is mapped: say in the map what ${Object.keys(f.words!)[0]} means.` : `${f.parameter} of ${nameOf(index)} is ${f.path}.`)
  const word = f.asks ? Object.keys(f.words!)[0]! : undefined
  show(word === undefined ? ['rules', index, 'from', f.parameter] : ['rules', index, 'map', f.parameter, word])
  if (word !== undefined) rulesEditor.focus()
  else host.querySelector<HTMLElement>('.actions button')?.focus()
}

function pick(e: Event, rest: Fit[]): void {
  const list = e.target as HTMLSelectElement
  const f = list.value === '' ? undefined : rest[Number(list.value)]
  list.value = ''
  if (f) map(f)
}

function addAsTest(): void {
  const changes = derived.outcome.results.flatMap(r => (r.change ? [r.change] : []))
  put(addTest(state.rules, state.event, state.via, changes), 'The event is a test of the rules now.')
}

function compareSides(): void {
  put(onlyChanged(state.rules, target(), event()), 'The rule takes events in which a mapped field differs.')
}

/** Selects the place in the rules. */
function show(path: Path): void {
  rulesEditor.show(state.rules, [])
  const { root } = parse(state.rules)
  let node = root
  for (const step of path) node = node?.children?.map(c => (node!.type === 'array' ? c : c.children![1]!)).find((_, i) => (typeof step === 'number' ? i === step : node!.children![i]!.children![0]!.value === step))
  if (node) rulesEditor.select(node.offset, node.type === 'string' ? node.offset + node.length : node.offset)
}

/** The path of the value at the cursor, by the editor's own syntax tree: a large event is not parsed for it again. */
function pathAt(editor: EditorState): Path {
  const path: Path = []
  const text = (node: { from: number; to: number }) => editor.sliceDoc(node.from, node.to)
  let node = syntaxTree(editor).resolveInner(editor.selection.main.head, -1)
  if (!/^(String|Number|True|False|Null|PropertyName)$/.test(node.name)) node = syntaxTree(editor).resolveInner(editor.selection.main.head, 1)
  if (!/^(String|Number|True|False|Null|PropertyName)$/.test(node.name)) return []
  for (let n = node; n.parent; n = n.parent) {
    if (n.name === 'Property') {
      const name = n.getChild('PropertyName')
      try {
        if (name) path.unshift(JSON.parse(text(name)) as string)
      } catch {
        return []
      }
    } else if (n.parent.name === 'Array') {
      let index = -1
      for (let c = n.parent.firstChild; c && c.from <= n.from; c = c.nextSibling) if (!/^[[\],⚠]$/.test(c.name)) index++
      path.unshift(index)
    }
  }
  return path
}

let timer: ReturnType<typeof setTimeout> | undefined

eventEditor.extend(
  EditorView.updateListener.of(u => {
    const before = syntaxTree(u.startState)
    const read = before !== syntaxTree(u.state) && before.length <= u.state.selection.main.head // on from before the cursor
    if (!u.selectionSet && !u.docChanged && !read) return
    clearTimeout(timer)
    timer = setTimeout(() => {
      at = pathAt(u.view.state)
      draw()
    }, 80)
  }),
)

onChange(draw)
draw()
