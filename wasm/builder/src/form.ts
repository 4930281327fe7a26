// This file renders the form from the parameter table, and writes what is typed into the change.

import { html, nothing, render, type TemplateResult } from 'lit-html'
import { guard } from 'lit-html/directives/guard.js'
import { live } from 'lit-html/directives/live.js'
import { locate, parse, formatPath, read, parsePath, write, type Path } from './document'
import { findingNotes } from './finding-item'
import { field, isRevealed } from './field'
import { showStatus } from './status'
import { titles } from './compare'
import { derived, edition, onChange, state, update } from './state'
import { parameterAt, tables, TUNNELS, type Parameter } from './tables'
import { itemOf, modeOfCurrent, removeMode, writeTunnel, type Mode } from './tunnels'

const host = document.getElementById('form')!

const nested = (p: Parameter) => p.kind === 'object' || p.kind === 'array'

// A parameter without effect, or one that only the SDK has, is visible when the change contains it.
const isVisible = (p: Parameter, value: unknown) => !(p.noEffect || p.hidden) || value !== undefined

function draw(): void {
  if (state.input !== 'form') return
  const { value, errors } = derived.document
  const broken = state.change.trim() !== '' && !value
  render(
    html`<div class="form-head">
        <div class="switch" role="radiogroup" aria-label="Tunnel mode">
          ${(['single', 'dual'] as Mode[]).map(
            mode => html`<label><input type="radio" name="mode" value=${mode} .checked=${live(state.mode === mode)} @click=${() => switchMode(mode)} /><span>${mode === 'single' ? 'Single tunnel' : 'Dual tunnel'}</span></label>`,
          )}
        </div>
        <button class="small" title="Adds every parameter to the change, or removes the added ones" @click=${toggleFilled} ?disabled=${broken}>${formState().filled ? 'Send only changes' : `Show ${derived.current ? 'current' : 'default'} values`}</button>
        <label class="other-end">Other end
          <select @change=${(e: Event) => update({ peer: (e.target as HTMLSelectElement).value })}>
            <option value="" ?selected=${state.peer === ''}>any</option>
            ${tables.peers.map(p => html`<option value=${p.name} title=${p.doc} ?selected=${state.peer === p.name}>${p.name}</option>`)}
          </select>
        </label>
        <label class="add-field">Field <input id="add-field" list="all-fields" placeholder="find or add" autocomplete="off" spellcheck="false" @input=${find} @change=${add} /></label>
        <datalist id="all-fields">${fieldNames().map(([name, doc]) => html`<option value=${name}>${doc}</option>`)}</datalist>
        <label class="check"><input type="checkbox" id="only-set" .checked=${live(onlySet)} @change=${(e: Event) => ((onlySet = (e.target as HTMLInputElement).checked), draw())} /> Only what is set</label>
      </div>
      ${broken ? html`<p class="banner" role="status">The change is not ${errors.length > 0 ? 'valid JSON' : 'a JSON object'}. Fix it to use the form.</p>` : nothing}
      <div class="sections ${onlySet ? 'only-set' : ''}" ?inert=${broken} @focusin=${showHelp}>${sections()}</div>
      ${helpFor ? html`<p class="field-help"><code>${helpFor.name}</code> ${helpFor.doc}${helpFor.default ? html` Default: <code>${helpFor.default}</code>.` : nothing} <a href="reference/parameters.html#${helpId}">reference</a></p>` : nothing}`,
    host,
  )
}

let onlySet = false // whether the fields without a value or a finding are left out

/** The names of the fields that the form has, as they are to be found, each with its meaning. */
function fieldNames(): [string, string][] {
  const list = (fields: Parameter[], around: string): [string, string][] =>
    fields.filter(p => isVisible(p, undefined)).flatMap(p => (nested(p) ? list(p.fields ?? [], p.name === TUNNELS ? '' : `${around}${p.name}.`) : [[around + p.name, p.doc] as [string, string]]))
  const single = list(tables.parameters.filter(p => p.mode !== 'dual' && (p.mode === 'both' || p.mode === state.mode) && p.kind !== 'array'), '')
  const dual = state.mode === 'dual' ? [1, 2].flatMap(t => list(parameterAt([TUNNELS])!.fields!.filter(p => p.name !== 'TunnelIndex'), `Tunnel ${t}.`)) : []
  return [...single, ...dual]
}

/** Goes to the field of that name, and shows it until it is set or another one is looked for. */
function goToNamed(name: string): boolean {
  const path = parsePath(name.replace(/^Tunnel (\d)\./, (_, t) => `${TUNNELS}[${itemOf(derived.document.value, Number(t), derived.current)}].`))
  const element = host.querySelector<HTMLElement>(`[data-path="${CSS.escape(formatPath(path))}"]`)
  if (!element) return false
  host.querySelectorAll('[data-wanted]').forEach(e => e.removeAttribute('data-wanted'))
  for (let e: HTMLElement | null = element; e && e !== host; e = e.parentElement) if (e.matches('.field, details')) e.dataset.wanted = ''
  return focusField(formatPath(path))
}

/** A name that is chosen from the list is gone to at once. */
function find(e: Event): void {
  const field = e.target as HTMLInputElement
  const isChosen = !(e as InputEvent).inputType || (e as InputEvent).inputType === 'insertReplacementText'
  if (isChosen && fieldNames().some(([name]) => name === field.value) && goToNamed(field.value)) field.value = ''
}

/** What is typed is the name, or a part of it. */
function add(e: Event): void {
  const field = e.target as HTMLInputElement
  const text = field.value.trim().toLowerCase()
  if (text === '') return
  const names = fieldNames()
  const [found] = names.find(([name]) => name.toLowerCase() === text) ?? names.find(([name]) => name.toLowerCase().includes(text)) ?? names.find(([, doc]) => doc.toLowerCase().includes(text)) ?? []
  field.value = ''
  if (!found || !goToNamed(found)) showStatus(`There is no field with “${text}” in its name or meaning.`)
}

function sections(): TemplateResult[] {
  const ofMode = tables.parameters.filter(p => p.mode === 'both' || p.mode === state.mode)
  const parts = [section('Connection', ofMode.filter(p => !nested(p)), [])]
  for (const p of ofMode.filter(p => p.kind === 'object')) parts.push(section(titles[p.name] ?? p.name, p.fields!, [p.name]))
  if (state.mode === 'dual') {
    parts.push(html`<div class="tunnels">${[1, 2].map(tunnelSection)}</div>`)
  }
  return parts
}

function section(title: string, fields: Parameter[], path: Path): TemplateResult {
  return details(title, path, html`<div class="fields" role="group" aria-labelledby=${idOf(title)}>${rows(fields, path)}</div>`, read(derived.document.value, path), path.length === 0)
}

function tunnelSection(tunnel: number): TemplateResult {
  const all = parameterAt([TUNNELS])!.fields!
  const path = [TUNNELS, itemOf(derived.document.value, tunnel, derived.current)]
  const own = all.filter(p => !nested(p) && p.name !== 'TunnelIndex')
  const id = idOf(`Tunnel ${tunnel}`)
  const body = html`<div class="fields" role="group" aria-labelledby=${id}>${rows(own, path, tunnel)}</div>
    ${all.filter(nested).map(p => html`<h4 id="${id}-${p.name}">${titles[p.name]}</h4>
      <div class="fields" role="group" aria-labelledby="${id} ${id}-${p.name}">${rows(p.fields!, [...path, p.name], tunnel)}</div>`)}`
  return details(`Tunnel ${tunnel}`, path, body, read(derived.document.value, path), true)
}

function details(title: string, path: Path, body: TemplateResult, value: unknown, open: boolean): TemplateResult {
  const within = derived.findings.filter(f => isWithin(f.path, path))
  const errors = within.filter(f => f.severity === 'error').length
  const count = path.length > 0 ? countValues(value) : 0
  return html`<details ?open=${open || value !== undefined} data-section=${title}>
    <summary><h3 id=${idOf(title)}>${title}</h3>
      ${count > 0 ? html`<span class="count">${count} set</span>` : nothing}
      ${errors > 0 ? html`<span class="count error">${errors} ${errors === 1 ? 'error' : 'errors'}</span>` : nothing}
    </summary>
    ${body}
    ${findingNotes(within.filter(f => path.length > 0 && f.path === formatPath(path)))}
  </details>`
}

const idOf = (title: string) => title.toLowerCase().replaceAll(' ', '-')

const countValues = (value: unknown): number =>
  typeof value === 'object' && value !== null ? Object.values(value).reduce((n: number, v) => n + countValues(v), 0) : value === undefined ? 0 : 1

const isWithin = (found: string, path: Path) => {
  const own = formatPath(path)
  return own === '' ? !/[.[]|^endpoint$/.test(found) : found === own || found.startsWith(own + '.')
}

function rows(fields: Parameter[], around: Path, tunnel?: number): unknown[] {
  return fields.map(parameter => {
    const path = [...around, parameter.name]
    const value = valueAt(path)
    if (!isVisible(parameter, value)) return nothing
    const text = formatPath(path)
    const set = (next: unknown) => edit(() => setValue(state.change, path, next, tunnel))
    const findings = derived.findings.filter(f => f.path === text)
    const current = currentValue(path, tunnel)
    return guard([text, value, current, JSON.stringify(findings), isRevealed(text, value), rejected], () => field({ parameter, path: text, value, current, findings, set }, draw))
  })
}

/** The value at the path; a number as it is written in the text. */
function valueAt(path: Path): unknown {
  const value = read(derived.document.value, path)
  if (typeof value !== 'number') return value
  const { from, to } = locate(state.change, derived.document.root, path)
  const text = state.change.slice(from, to)
  return text.startsWith('"') ? value : text // inside a string of JSON
}

/** The text with the parameter at the path set, which may belong to a tunnel. */
function setValue(text: string, path: Path, value: unknown, tunnel: number | undefined): string {
  return tunnel === undefined ? write(text, path, value) : writeTunnel(text, tunnel, path.slice(2), value, derived.current)
}

let rejected = 0 // makes the fields render again

/** Says why an edit is not made, and restores the fields. */
function reject(reason: string): void {
  rejected++
  showStatus(reason)
  draw()
}

/** Edits the change, unless a value in it has a type that does not allow the edit. */
function edit(by: () => string): void {
  let change
  try {
    change = by()
  } catch {
    return reject('The JSON has an array where an object is expected, or the reverse. Fix that first.')
  }
  update({ change }, 'edit')
}

let helpFor: Parameter | undefined
let helpId = ''

/** Shows the description of the focused field below the form. */
function showHelp(e: Event): void {
  const path = parsePath((e.target as HTMLElement).closest<HTMLElement>('.field')?.dataset.path ?? '')
  const next = path.length > 0 ? parameterAt(path) : undefined
  if (!next || next === helpFor) return
  helpFor = next
  helpId = path.filter(s => typeof s === 'string').join('.')
  draw()
}

/** The value of the attachment at the path. */
function currentValue(path: Path, tunnel: number | undefined): unknown {
  return read(derived.current, inDocument(derived.current, path, tunnel))
}

/** The path of the parameter in the document, where tunnels may be in any order. */
function inDocument(value: unknown, path: Path, tunnel: number | undefined): Path {
  return tunnel === undefined ? path : [TUNNELS, itemOf(value, tunnel, derived.current), ...path.slice(2)]
}

function valueIn(text: string, path: Path, tunnel: number | undefined): unknown {
  const { value } = parse(text)
  return read(value, inDocument(value, path, tunnel))
}

/** The parameters of the mode that is not selected. */
type Aside = Partial<Record<Mode, { id: unknown; removed: [string, unknown][] }>>

interface FormState {
  modes: Aside
  filled?: Filled
}

/** The values that were added to the change to show all of them. */
interface Filled {
  before: string
  after: string
  all: { path: Path; value: unknown; tunnel: number | undefined }[]
}

const formStates = new WeakMap<object, FormState>()

/** What the form remembers beside the change. It belongs to this change only, so another text starts without. */
function formState(): FormState {
  if (!formStates.has(edition)) formStates.set(edition, { modes: {} })
  return formStates.get(edition)!
}

/** What the modes have put aside, as JSON for the draft; empty when that is nothing. */
export function asideText(): string {
  const { modes } = formState()
  return Object.keys(modes).length > 0 ? JSON.stringify(modes) : ''
}

/** Puts aside again what the draft has kept. */
export function putAside(text: string): void {
  formState().modes = JSON.parse(text) as Aside
}

/** Removes the parameters of the other mode, and restores those of this mode if they were removed before. */
export function switchMode(mode: Mode): void {
  const other: Mode = mode === 'single' ? 'dual' : 'single'
  if (modeOfCurrent(derived.current) === other) return reject(`The attachment in Current is in ${other}-tunnel mode.`)
  let [change, removed] = removeMode(state.change, other)
  const id = read(derived.document.value, ['VpnConnectionId'])
  const { modes } = formState()
  if (removed.length > 0) modes[other] = { id, removed }
  const restored = modes[mode]
  const said: string[] = []
  const list = (all: [string, unknown][]) => all.map(([name]) => name).join(', ')
  if (removed.length > 0) said.push(`Put aside, until the mode is ${other} again: ${list(removed)}.`)
  if (restored && restored.id !== undefined && restored.id !== id) said.push(`What was put aside before is of ${String(restored.id)}, and comes back when that is the attachment again.`)
  else if (restored) {
    delete modes[mode]
    const back = restored.removed.filter(([name]) => read(derived.document.value, [name]) === undefined)
    for (const [name, value] of back) change = write(change, [name], value)
    if (back.length > 0) said.push(`Back again: ${list(back)}.`)
  }
  update(change === state.change ? { mode } : { mode, change }, 'edit')
  if (said.length > 0) showStatus(said.join(' '))
}

/** Adds every parameter to the change, or removes the added ones that were not edited since. */
function toggleFilled(): void {
  const form = formState()
  edit(() => {
    const { filled } = form
    form.filled = filled ? undefined : fill()
    if (!filled) return form.filled!.after
    if (filled.after === state.change) return filled.before
    return filled.all.reduce((text, { path, value, tunnel }) => (String(valueIn(text, path, tunnel)) === String(value) ? setValue(text, path, undefined, tunnel) : text), state.change)
  })
}

/** Adds every parameter that is not in the change, with its current value or the default. */
function fill(): Filled {
  const filled: Filled = { before: state.change, after: state.change, all: [] }
  const visit = (fields: Parameter[], around: Path, tunnel?: number) => {
    for (const p of fields) {
      const path = [...around, p.name]
      if (p.kind === 'object') visit(p.fields!, path, tunnel)
      if (nested(p) || p.address || p.noEffect || p.unseen || p.hidden || p.secret) continue
      if (valueIn(filled.after, path, tunnel) !== undefined) continue
      const value = typedDefault(p, currentValue(path, tunnel) ?? p.default)
      if (value === undefined) continue
      filled.after = setValue(filled.after, path, value, tunnel)
      filled.all.push({ path, value, tunnel })
    }
  }
  visit(tables.parameters.filter(p => p.mode === 'both' || p.mode === state.mode), [])
  if (state.mode === 'dual') {
    for (const t of [1, 2]) visit(parameterAt([TUNNELS])!.fields!.filter(p => !/^Tunnel(Index|Id)$/.test(p.name)), [TUNNELS, t - 1], t)
  }
  return filled
}

function typedDefault(p: Parameter, value: unknown): unknown {
  if (value === undefined || value === '') return undefined
  if (p.kind === 'bool') return String(value) === 'true'
  return p.kind === 'int' || p.kind === 'asn' ? Number(value) : value
}

/** Focuses the field for the path of a finding; returns false when the form has none. */
export function focusField(path: string): boolean {
  const exact = host.querySelector<HTMLElement>(`[data-path="${CSS.escape(path)}"] :is(input, select)`)
  const target = exact ?? host.querySelector<HTMLElement>(`[data-path^="${CSS.escape(path)}."] :is(input, select)`)
  if (!target) return false
  const section = target.closest('details')
  if (section) section.open = true
  target.focus()
  target.scrollIntoView({ block: 'center' })
  return true
}

onChange(draw)
