// This file draws the findings panel: each finding leads to its field, and some bring their fix.

import { html, nothing, render } from 'lit-html'
import { locate, parse, steps } from './document'
import { changeEditor } from './change'
import { currentEditor } from './current'
import type { Finding } from './core'
import { entry, signs } from './finding-item'
import { eventEditor, rulesEditor } from './event'
import { fixFor, type Fix } from './fixes'
import { focusField } from './form'
import { marks } from './diagnostics'
import { say } from './status'
import { derived, onChange, state, update } from './state'
import type { Severity } from './tables'

const host = document.getElementById('findings-list')!
const fixAll = document.getElementById('findings-fix')!
const count = document.getElementById('findings-count')!

// More would be drawn anew with each key that is pressed, and read by nobody.
const most = 100
let shown = most

function showAll(): void {
  shown = Infinity
  draw()
}

function draw(): void {
  const findings = derived.findings
  if (findings.length <= most) shown = most
  const fixes = findings.map(fixFor)
  const all = fixes.flatMap((f, i) => (f ? [{ ...f, title: `${findings[i]!.path}: ${f.title}` }] : []))
  render(summary(findings), count)
  render(all.length > 1 ? html`<button class="small" title=${titles(all)} @click=${() => fix(all, 0)}>Fix ${all.length}</button>` : nothing, fixAll)
  render(
    findings.length === 0
      ? html`<p class="empty">${derived.result ? 'Nothing to find fault with.' : 'Fill in the form, paste JSON or an event, or choose an example.'}</p>`
      : html`<ul class="found">${findings.slice(0, shown).map((f, i) => entry(f, () => go(f), button(fixes[i], i)))}</ul>
          ${findings.length > shown ? html`<p class="empty">and ${findings.length - shown} more <button class="small" @click=${showAll}>Show all</button></p>` : nothing}`,
    host,
  )
}

function summary(findings: Finding[]) {
  const of = (s: Severity) => findings.filter(f => f.severity === s).length
  const parts = (['error', 'warning', 'info'] as Severity[]).filter(s => of(s) > 0)
  if (parts.length === 0) return derived.result ? html`<span class="count good">✓ clean</span>` : nothing
  const words = parts.map(s => `${of(s)} ${s === 'info' ? 'note' : s}${of(s) > 1 ? 's' : ''}`)
  return html`<span class="sr">${words.join(', ')}</span>${parts.map((s, i) => html`<span class="count ${s}" aria-hidden="true">${signs[s]} ${words[i]}</span>`)}`
}

const button = (f: Fix | undefined, at: number) => (f ? html`<button class="small" @click=${() => fix([f], at)}>${f.title}</button>` : nothing)

const titles = (fixes: Fix[]) => fixes.map(f => f.title).join('; ')

/** The button that was pressed may now be another finding's, so the focus goes on to the finding that has come to its place. */
function fix(all: Fix[], at: number): void {
  update({ change: all.reduce((text, f) => f.apply(text), state.change) }, 'on')
  const left = host.querySelectorAll<HTMLElement>('.go')
  ;(left[Math.min(at, left.length - 1)] ?? document.getElementById('findings-title')!).focus()
  say(`Fixed: ${titles(all)}.`)
}

const editors = { event: eventEditor, rules: rulesEditor, current: currentEditor }

/** Leads to the finding's field in the form, or to its place in the document that it is about. */
export function go(f: Finding): void {
  if (f.document) {
    update({ input: f.document === 'current' ? 'current' : 'event' })
    const [mark] = marks(state[f.document], parse(state[f.document]), [f])
    if (mark) editors[f.document].select(mark.from, mark.to)
    return editors[f.document].focus()
  }
  const { from, to } = locate(state.change, derived.document.root, steps(f.path))
  changeEditor.select(from, to)
  if (state.input !== 'form' && f.path !== '') update({ input: 'form' })
  if (f.path === '' || !focusField(f.path)) changeEditor.focus()
}

let at = -1

/** Goes to the next finding, or the one before. */
export function step(by: 1 | -1): void {
  const n = derived.findings.length
  if (n === 0) return
  at = (Math.min(at, n - 1) + by + n) % n
  go(derived.findings[at]!)
}

onChange(draw)
