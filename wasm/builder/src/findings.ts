// This file renders the findings panel: by severity, each with a link to its field, and some with a fix.

import { html, nothing, render } from 'lit-html'
import { locate, parse, parsePath } from './document'
import { changeEditor } from './change'
import { currentEditor, setCurrent } from './current'
import type { Finding } from './core'
import { findingItems, severityIcons } from './finding-item'
import { eventEditor, rulesEditor } from './event'
import { fixAll, fixFor, type Fix } from './fixes'
import { fold, kindOf, placeOf } from './fold'
import { focusField } from './form'
import { diagnostics } from './diagnostics'
import { showStatus } from './status'
import { derived, onChange, state, update } from './state'
import type { Severity } from './tables'

const host = document.getElementById('findings-list')!
const fixHost = document.getElementById('findings-fix')!
const count = document.getElementById('findings-count')!

// The list is rendered on every key press, so a long one is cut.
const LIMIT = 100
let limit = LIMIT

function showAll(): void {
  limit = Infinity
  draw()
}

let only: Severity | undefined // the severity that is shown

/** The findings that are shown: all, or those of one severity. */
function shown(): Finding[] {
  const chosen = derived.findings.filter(f => f.severity === only)
  return chosen.length > 0 ? chosen : derived.findings
}

function draw(): void {
  const rows = fold(shown(), kindOf)
  if (rows.length <= LIMIT) limit = LIMIT
  const all = certain()
  render(summary(derived.findings), count)
  render(all.length > 1 ? html`<button class="small" title=${titles(all)} @click=${() => fix(all)}>Fix all ${all.length} certain</button>` : nothing, fixHost)
  render(
    rows.length === 0
      ? html`<p class="empty">${derived.result ? 'No problems found.' : 'Fill in the form, paste JSON or an event, or choose an example.'}</p>`
      : html`<ul class="finding-list">${findingItems(rows.slice(0, limit), { select: goToFinding, extra: beside, redraw: draw })}</ul>
          ${rows.length > limit ? html`<p class="empty">and ${rows.length - limit} more <button class="small" @click=${showAll}>Show all</button></p>` : nothing}`,
    host,
  )
}

/** The fixes that may be applied together, each once: one for a list mends all of it. */
function certain(): Fix[] {
  const places = new Map(derived.findings.map(f => [placeOf(f) + JSON.stringify(f.fix), f]))
  return [...places.values()].slice(0, LIMIT).flatMap(f => {
    const fix = fixFor(f)
    return fix?.certain ? [{ ...fix, title: f.path ? `${f.path}: ${fix.title}` : fix.title }] : []
  })
}

// What the service does to the rest of an object is known only with the current configuration.
export const needsCurrent = (f: Finding) => !f.document && state.current.trim() === '' && /^(object-partial|ike-without-psk)$/.test(f.rule)

const toCurrent = html`<button class="small" @click=${goToCurrent}>Give the current configuration</button>`

/** Goes to the place for the current configuration. */
export function goToCurrent(): void {
  update({ input: 'current' })
  currentEditor.focus()
}

function filter(severity: Severity): void {
  only = only === severity ? undefined : severity
  draw()
}

/** How many there are of each severity; pressed, only those are shown. */
function summary(findings: Finding[]) {
  const countOf = (s: Severity) => findings.filter(f => f.severity === s).length
  const parts = (['error', 'warning', 'info'] as Severity[]).filter(s => countOf(s) > 0)
  if (parts.length === 0) return derived.result ? html`<span class="count good">✓ valid</span>` : nothing
  const words = parts.map(s => `${countOf(s)} ${s === 'info' ? 'note' : s}${countOf(s) > 1 ? 's' : ''}`)
  return html`<span class="sr">${words.join(', ')}</span>${parts.map((s, i) => html`<button class="count ${s}" aria-pressed=${only === s} aria-label="Only ${words[i]}" title=${only === s ? 'Show all findings' : `Show only ${s === 'info' ? 'notes' : `${s}s`}`} ?disabled=${parts.length === 1} @click=${() => filter(s)}>${severityIcons[s]} ${words[i]}</button>`)}`
}

/** What can be done about a finding. */
function beside(f: Finding): unknown {
  const its = fixFor(f)
  return html`${needsCurrent(f) ? toCurrent : nothing}${its ? html`<button class="small" @click=${(e: Event) => fix([its], e.target as Element)}>${its.title}</button>` : nothing}`
}

const titles = (fixes: Fix[]) => fixes.map(f => f.title).join('; ')

/** The pressed button may now belong to another finding, so the focus moves to the finding that took its place. */
function fix(all: Fix[], button?: Element): void {
  const links = () => [...host.querySelectorAll<HTMLElement>('.finding-link')]
  const at = links().findIndex(link => link.parentElement === button?.closest('li'))
  const { document: other } = all[0]!
  if (other === 'current') setCurrent(all[0]!.apply(state.current))
  else if (other) update({ [other]: all[0]!.apply(state[other]) })
  else update({ change: all.length === 1 ? all[0]!.apply(state.change) : fixAll(all, state.change) }, 'edit')
  const left = links()
  ;(left[Math.min(Math.max(at, 0), left.length - 1)] ?? document.getElementById('findings-title')!).focus()
  showStatus(`Fixed: ${titles(all)}.`)
}

const editors = { event: eventEditor, rules: rulesEditor, current: currentEditor }

/** Goes to the field of the finding in the form, or to its place in the document that it refers to. */
export function goToFinding(f: Finding): void {
  if (f.document) {
    update({ input: f.document === 'current' ? 'current' : 'event' })
    const [found] = diagnostics(state[f.document], parse(state[f.document]), [f])
    if (found) editors[f.document].select(found.from, found.to)
    return editors[f.document].focus()
  }
  if (f.path === 'endpoint') return goToEndpoint()
  const { from, to } = locate(state.change, derived.document.root, parsePath(f.path))
  changeEditor.select(from, to)
  if (state.input !== 'form' && f.path !== '') update({ input: 'form' })
  if (f.path === '' || !focusField(f.path)) changeEditor.focus()
}

function goToEndpoint(): void {
  const field = document.getElementById('endpoint')!
  field.closest('details')!.open = true
  field.focus()
}

let at = -1

/** Goes to the next finding, or the previous one; those of one kind about one value are one. */
export function step(by: 1 | -1): void {
  const findings = fold(shown(), placeOf)
  const n = findings.length
  if (n === 0) return
  at = (Math.min(at, n - 1) + by + n) % n
  goToFinding(findings[at]!)
}

onChange(draw)
