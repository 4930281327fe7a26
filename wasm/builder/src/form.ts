// This file draws the form, generated from the parameter table, and writes what is typed into the change.

import { html, nothing, render, type TemplateResult } from 'lit-html'
import { guard } from 'lit-html/directives/guard.js'
import { live } from 'lit-html/directives/live.js'
import { locate, parse, pathText, read, steps, write, type Path } from './document'
import { note } from './finding-item'
import { field, isRevealed } from './field'
import { say } from './status'
import { titles } from './compare'
import { derived, edition, onChange, state, update } from './state'
import { parameterAt, tables, TUNNELS, type Parameter } from './tables'
import { itemOf, modeOfCurrent, takeOut, writeTunnel, type Mode } from './tunnels'

const host = document.getElementById('form')!

const nested = (p: Parameter) => p.kind === 'object' || p.kind === 'array'

// A parameter without effect, or one that only the SDK has, shows when the change holds it.
const shows = (p: Parameter, value: unknown) => !(p.noEffect || p.hidden) || value !== undefined

function draw(): void {
  if (state.input !== 'form') return
  const { value, errors } = derived.document
  const broken = state.change.trim() !== '' && !value
  render(
    html`<div class="form-head">
        <div class="switch" role="radiogroup" aria-label="Mode of the attachment">
          ${(['single', 'dual'] as Mode[]).map(
            mode => html`<label><input type="radio" name="mode" value=${mode} .checked=${live(state.mode === mode)} @click=${() => switchTo(mode)} /><span>${mode === 'single' ? 'Single tunnel' : 'Dual tunnel'}</span></label>`,
          )}
        </div>
        <label class="check" title="Off: every parameter goes into the change, with the current value or the default">
          <input type="checkbox" .checked=${live(!aside().filled)} @change=${toggleWhole} ?disabled=${broken} /> only what I change
        </label>
        <label class="peer">peer
          <select @change=${(e: Event) => update({ peer: (e.target as HTMLSelectElement).value })}>
            <option value="" ?selected=${state.peer === ''}>any</option>
            ${tables.peers.map(p => html`<option value=${p.name} title=${p.doc} ?selected=${state.peer === p.name}>${p.name}</option>`)}
          </select>
        </label>
      </div>
      ${broken ? html`<p class="banner" role="status">The change is not ${errors.length > 0 ? 'JSON' : 'a JSON object'} at the moment. The form is back once it is.</p>` : nothing}
      <div class="sections" ?inert=${broken} @focusin=${describe}>${sections()}</div>
      ${about ? html`<p class="about-field"><code>${about.name}</code> ${about.doc}${about.default ? html` Default: <code>${about.default}</code>.` : nothing} <a href="reference/parameters.html#${aboutId}">reference</a></p>` : nothing}`,
    host,
  )
}

function sections(): TemplateResult[] {
  const mine = tables.parameters.filter(p => p.mode === 'both' || p.mode === state.mode)
  const parts = [section('Connection', mine.filter(p => !nested(p)), [])]
  for (const p of mine.filter(p => p.kind === 'object')) parts.push(section(titles[p.name] ?? p.name, p.fields!, [p.name]))
  if (state.mode === 'dual') {
    for (const tunnel of [1, 2]) parts.push(tunnelSection(tunnel))
  }
  return parts
}

function section(title: string, fields: Parameter[], path: Path): TemplateResult {
  return details(title, path, html`<div class="fields" role="group" aria-labelledby=${idOf(title)}>${rows(fields, path)}</div>`, read(derived.document.value, path), path.length === 0)
}

function tunnelSection(tunnel: number): TemplateResult {
  const all = parameterAt([TUNNELS])!.fields!
  const path = [TUNNELS, itemOf(derived.document.value, tunnel, derived.known)]
  const own = all.filter(p => !nested(p) && p.name !== 'TunnelIndex')
  const id = idOf(`Tunnel ${tunnel}`)
  const body = html`<div class="fields" role="group" aria-labelledby=${id}>${rows(own, path, tunnel)}</div>
    ${all.filter(nested).map(p => html`<h4 id="${id}-${p.name}">${titles[p.name]}</h4>
      <div class="fields" role="group" aria-labelledby="${id} ${id}-${p.name}">${rows(p.fields!, [...path, p.name], tunnel)}</div>`)}`
  return details(`Tunnel ${tunnel}`, path, body, read(derived.document.value, path), true)
}

function details(title: string, path: Path, body: TemplateResult, value: unknown, open: boolean): TemplateResult {
  const within = derived.findings.filter(f => under(f.path, path))
  const errors = within.filter(f => f.severity === 'error').length
  const count = path.length > 0 ? leaves(value) : 0
  return html`<details ?open=${open || value !== undefined} data-section=${title}>
    <summary><h3 id=${idOf(title)}>${title}</h3>
      ${count > 0 ? html`<span class="count">${count} set</span>` : nothing}
      ${errors > 0 ? html`<span class="count error">${errors} ${errors === 1 ? 'error' : 'errors'}</span>` : nothing}
    </summary>
    ${body}
    ${within.filter(f => path.length > 0 && f.path === pathText(path)).map(f => note(f))}
  </details>`
}

const idOf = (title: string) => title.toLowerCase().replaceAll(' ', '-')

const leaves = (value: unknown): number =>
  typeof value === 'object' && value !== null ? Object.values(value).reduce((n: number, v) => n + leaves(v), 0) : value === undefined ? 0 : 1

const under = (found: string, path: Path) => {
  const own = pathText(path)
  return own === '' ? !/[.[]/.test(found) : found === own || found.startsWith(own + '.')
}

function rows(fields: Parameter[], around: Path, tunnel?: number): unknown[] {
  return fields.map(parameter => {
    const path = [...around, parameter.name]
    const value = written(path)
    if (!shows(parameter, value)) return nothing
    const text = pathText(path)
    const set = (next: unknown) => edit(() => put(state.change, path, next, tunnel))
    const findings = derived.findings.filter(f => f.path === text)
    const now = current(path, tunnel)
    return guard([text, value, now, JSON.stringify(findings), isRevealed(text, value), refused], () => field({ parameter, path: text, value, now, findings, set }, draw))
  })
}

/** The value at the path; a number as its author wrote it. */
function written(path: Path): unknown {
  const value = read(derived.document.value, path)
  if (typeof value !== 'number') return value
  const { from, to } = locate(state.change, derived.document.root, path)
  const text = state.change.slice(from, to)
  return text.startsWith('"') ? value : text // within JSON text
}

/** The text with the parameter at the path set, which may be a tunnel's. */
function put(text: string, path: Path, value: unknown, tunnel: number | undefined): string {
  return tunnel === undefined ? write(text, path, value) : writeTunnel(text, tunnel, path.slice(2), value, derived.known)
}

let refused = 0

/** Says why an edit is not made, and shows again what there is. */
function refuse(why: string): void {
  refused++
  say(why)
  draw()
}

/** Edits the change, unless what stands in it is of a shape that has no place for the edit. */
function edit(by: () => string): void {
  let change
  try {
    change = by()
  } catch {
    return refuse('The JSON has an array where an object belongs, or the reverse: mend that first.')
  }
  update({ change }, 'on')
}

let about: Parameter | undefined
let aboutId = ''

/** Says below the form what the field in hand is for. */
function describe(e: Event): void {
  const path = steps((e.target as HTMLElement).closest<HTMLElement>('.field')?.dataset.path ?? '')
  const next = path.length > 0 ? parameterAt(path) : undefined
  if (!next || next === about) return
  about = next
  aboutId = path.filter(s => typeof s === 'string').join('.')
  draw()
}

/** What the attachment has at the path now. */
function current(path: Path, tunnel: number | undefined): unknown {
  return read(derived.known, placed(derived.known, path, tunnel))
}

/** The path where the document has the tunnel, which need not be in its place. */
function placed(value: unknown, path: Path, tunnel: number | undefined): Path {
  return tunnel === undefined ? path : [TUNNELS, itemOf(value, tunnel, derived.known), ...path.slice(2)]
}

function at(text: string, path: Path, tunnel: number | undefined): unknown {
  const { value } = parse(text)
  return read(value, placed(value, path, tunnel))
}

interface Aside {
  modes: Partial<Record<Mode, { of: unknown; taken: [string, unknown][] }>> // the parameters of the mode that is not shown
  filled?: Filled
}

/** What stands in the change only because it is to be whole. */
interface Filled {
  before: string
  after: string
  all: { path: Path; value: unknown; tunnel: number | undefined }[]
}

const kept = new WeakMap<object, Aside>()

/** What the form keeps aside. It is the change's that it was taken from, so another text starts with nothing. */
function aside(): Aside {
  if (!kept.has(edition)) kept.set(edition, { modes: {} })
  return kept.get(edition)!
}

/** The other mode's parameters go aside, and come back with their mode. */
export function switchTo(mode: Mode): void {
  const other: Mode = mode === 'single' ? 'dual' : 'single'
  if (modeOfCurrent(derived.now) === other) return refuse(`The attachment in Current is ${other}-tunnel.`)
  let [change, taken] = takeOut(state.change, other)
  const of = read(derived.document.value, ['VpnConnectionId'])
  const { modes } = aside()
  if (taken.length > 0) modes[other] = { of, taken }
  const back = modes[mode]
  if (back && (back.of === undefined || back.of === of)) {
    delete modes[mode]
    for (const [name, value] of back.taken) if (read(derived.document.value, [name]) === undefined) change = write(change, [name], value)
  }
  update(change === state.change ? { mode } : { mode, change }, 'on')
}

/** Off, the change holds every parameter; on again, what was filled in and not touched since is left out. */
function toggleWhole(): void {
  const own = aside()
  edit(() => {
    const { filled } = own
    own.filled = filled ? undefined : fill()
    if (!filled) return own.filled!.after
    if (filled.after === state.change) return filled.before
    return filled.all.reduce((text, { path, value, tunnel }) => (String(at(text, path, tunnel)) === String(value) ? put(text, path, undefined, tunnel) : text), state.change)
  })
}

/** The change with every parameter that is not in it, at its current value or the default. */
function fill(): Filled {
  const filled: Filled = { before: state.change, after: state.change, all: [] }
  const visit = (fields: Parameter[], around: Path, tunnel?: number) => {
    for (const p of fields) {
      const path = [...around, p.name]
      if (p.kind === 'object') visit(p.fields!, path, tunnel)
      if (nested(p) || p.address || p.noEffect || p.hidden || p.secret) continue
      if (at(filled.after, path, tunnel) !== undefined) continue
      const value = typedDefault(p, current(path, tunnel) ?? p.default)
      if (value === undefined) continue
      filled.after = put(filled.after, path, value, tunnel)
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

/** Puts the cursor into the field of a finding's path; false when the form has none for it. */
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
