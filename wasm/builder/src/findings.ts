// This file renders the findings panel: each finding links to its field, and some have a fix.

import { html, nothing, render } from 'lit-html'
import { locate, parse, parsePath } from './document'
import { changeEditor } from './change'
import { currentEditor } from './current'
import type { Finding } from './core'
import { findingItem, severityIcons } from './finding-item'
import { eventEditor, rulesEditor } from './event'
import { fixFor, type Fix } from './fixes'
import { focusField } from './form'
import { diagnostics } from './diagnostics'
import { showStatus } from './status'
import { derived, onChange, state, update } from './state'
import type { Severity } from './tables'

const host = document.getElementById('findings-list')!
const fixAll = document.getElementById('findings-fix')!
const count = document.getElementById('findings-count')!

// The list is rendered on every key press, so a long one is cut.
const LIMIT = 100
let limit = LIMIT

function showAll(): void {
  limit = Infinity
  draw()
}

function draw(): void {
  const findings = derived.findings
  if (findings.length <= LIMIT) limit = LIMIT
  const fixes = findings.map(fixFor)
  const all = fixes.flatMap((f, i) => (f ? [{ ...f, title: `${findings[i]!.path}: ${f.title}` }] : []))
  render(summary(findings), count)
  render(all.length > 1 ? html`<button class="small" title=${titles(all)} @click=${() => fix(all, 0)}>Fix ${all.length}</button>` : nothing, fixAll)
  render(
    findings.length === 0
      ? html`<p class="empty">${derived.result ? 'No problems found.' : 'Fill in the form, paste JSON or an event, or choose an example.'}</p>`
      : html`<ul class="finding-list">${findings.slice(0, limit).map((f, i) => findingItem(f, () => goToFinding(f), button(fixes[i], i)))}</ul>
          ${findings.length > limit ? html`<p class="empty">and ${findings.length - limit} more <button class="small" @click=${showAll}>Show all</button></p>` : nothing}`,
    host,
  )
}

function summary(findings: Finding[]) {
  const countOf = (s: Severity) => findings.filter(f => f.severity === s).length
  const parts = (['error', 'warning', 'info'] as Severity[]).filter(s => countOf(s) > 0)
  if (parts.length === 0) return derived.result ? html`<span class="count good">✓ valid</span>` : nothing
  const words = parts.map(s => `${countOf(s)} ${s === 'info' ? 'note' : s}${countOf(s) > 1 ? 's' : ''}`)
  return html`<span class="sr">${words.join(', ')}</span>${parts.map((s, i) => html`<span class="count ${s}" aria-hidden="true">${severityIcons[s]} ${words[i]}</span>`)}`
}

const button = (f: Fix | undefined, at: number) => (f ? html`<button class="small" @click=${() => fix([f], at)}>${f.title}</button>` : nothing)

const titles = (fixes: Fix[]) => fixes.map(f => f.title).join('; ')

/** The pressed button may now belong to another finding, so the focus moves to the finding that took its place. */
function fix(all: Fix[], at: number): void {
  update({ change: all.reduce((text, f) => f.apply(text), state.change) }, 'edit')
  const links = host.querySelectorAll<HTMLElement>('.finding-link')
  ;(links[Math.min(at, links.length - 1)] ?? document.getElementById('findings-title')!).focus()
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
  const { from, to } = locate(state.change, derived.document.root, parsePath(f.path))
  changeEditor.select(from, to)
  if (state.input !== 'form' && f.path !== '') update({ input: 'form' })
  if (f.path === '' || !focusField(f.path)) changeEditor.focus()
}

let at = -1

/** Goes to the next finding, or the previous one. */
export function step(by: 1 | -1): void {
  const n = derived.findings.length
  if (n === 0) return
  at = (Math.min(at, n - 1) + by + n) % n
  goToFinding(derived.findings[at]!)
}

onChange(draw)
