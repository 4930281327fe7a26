// This file draws the findings panel: each finding leads to its field, and some bring their fix.

import { html, nothing, render } from 'lit-html'
import { locate, steps } from './document'
import { changeEditor } from './change'
import type { Finding } from './core'
import { fixFor } from './fixes'
import { focusField } from './form'
import { derived, onChange, state, update } from './state'
import type { Severity } from './tables'

const host = document.getElementById('findings-list')!
const count = document.getElementById('findings-count')!
const signs: Record<Severity, string> = { error: '●', warning: '▲', info: '○' }

function draw(): void {
  const findings = derived.findings
  const fixes = findings.map(fixFor)
  const all = fixes.filter(f => f !== undefined)
  render(summary(findings), count)
  render(
    findings.length === 0
      ? html`<p class="empty">${derived.result ? 'Nothing to find fault with.' : 'Fill in the form, paste JSON or an event, or choose an example.'}</p>`
      : html`${all.length > 1 ? html`<button class="small fix-all" @click=${() => fix(all.map(f => f.apply))}>Fix ${all.length}</button>` : nothing}
          <ul>
            ${findings.map((f, i) => row(f, i, fixes[i]))}
          </ul>`,
    host,
  )
}

function summary(findings: Finding[]) {
  const of = (s: Severity) => findings.filter(f => f.severity === s).length
  const parts = (['error', 'warning', 'info'] as Severity[]).filter(s => of(s) > 0)
  if (parts.length === 0) return derived.result ? html`<span class="count good">✓ clean</span>` : nothing
  return parts.map(s => html`<span class="count ${s}" title="${of(s)} ${s}${of(s) > 1 && s !== 'info' ? 's' : ''}">${signs[s]} ${of(s)}</span>`)
}

function row(f: Finding, index: number, fix1: ReturnType<typeof fixFor>) {
  return html`<li class=${f.severity}>
    <button class="go" data-index=${index} @click=${() => go(f)}>
      <span class="sign" aria-hidden="true">${signs[f.severity]}</span>
      <span class="what">
        <span class="message"><span class="sr">${f.severity}: </span>${f.message}</span>
        ${f.hint ? html`<span class="hint">${f.hint}</span>` : nothing}
      </span>
    </button>
    <span class="about">
      ${f.path ? html`<code class="path">${f.path}</code>` : nothing}
      <a href="reference/findings.html#${f.rule}" title="What ${f.rule} means">${f.rule}</a>
      ${f.ref ? html`<a href=${f.ref} rel="noreferrer" title="Source: ${f.ref}">source</a>` : nothing}
      ${fix1 ? html`<button class="small" @click=${() => fix([fix1.apply])}>${fix1.title}</button>` : nothing}
    </span>
  </li>`
}

function fix(all: ((text: string) => string)[]): void {
  update({ change: all.reduce((text, apply) => apply(text), state.change) })
}

/** Leads to the finding's field in the form, or to its place in the JSON. */
export function go(f: Finding): void {
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
