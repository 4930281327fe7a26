// This file shows the event and the rules, and explains which rules matched.

import { html, nothing, render, type TemplateResult } from 'lit-html'
import { live } from 'lit-html/directives/live.js'
import type { Explanation, Finding, Given, TestResult } from './core'
import { parse } from './document'
import { createEditor, bindReveal } from './editor'
import { findingItem, findingItems, findingNote, findingNotes } from './finding-item'
import { diagnostics } from './diagnostics'
import { fold, kindOf } from './fold'
import { fixFor } from './fixes'
import { derived, findChange, onChange, state, update } from './state'

export const eventEditor = createEditor(document.getElementById('event-editor')!, 'Event, JSON', event => update({ event }))
export const rulesEditor = createEditor(document.getElementById('rules-editor')!, 'Rules, JSON', rules => update({ rules }))
const host = document.getElementById('explanation')!
const via = document.getElementById('via') as HTMLInputElement

function draw(): void {
  if (state.input !== 'event') return
  if (via.value.trim() !== state.via) via.value = state.via
  const found = eventFindings()
  const root = found.some(f => f.path !== '') ? parse(state.event) : { errors: [] } // a large event takes long to parse
  eventEditor.show(state.event, diagnostics(state.event, root, found))
  rulesEditor.show(state.rules, diagnostics(state.rules, derived.rules.document, [...derived.rules.findings, ...testFindings()]))
  const empty = html`<p class="empty">Paste an event. The page opens its envelopes, applies the rules and shows the resulting change.</p>`
  render(html`${state.event.trim() === '' ? empty : eventSummary()}${ruleFindings()}${testResults()}${explanations()}`, host)
}

const testFindings = () => derived.rules.tests.flatMap(t => (t.problems ?? []).map(p => ({ path: p.path, severity: 'error' as const, message: `${t.name}: ${p.message}` })))

function eventSummary(): TemplateResult {
  const { outcome, result } = derived
  if (derived.stale) {
    return html`<p class="note warning">The change was edited and no longer matches this event.</p>
      <p class="actions"><button class="small" @click=${revertToEvent}>Revert to the event</button>
        <button class="small" @click=${createEvent}>Create an event from the change</button></p>`
  }
  if (state.origin === 'change') {
    return html`<p class="event-summary">This event contains the change. Edit it or paste another one to update the change.</p>`
  }
  if (outcome.error) {
    const e = outcome.error
    if (e.code === 'rules-invalid') return html`<p class="empty">The rules have errors, so they were not applied to the event.</p>`
    return findingNote({ ...e, severity: 'error' }, e.path)
  }
  if (outcome.pending) return html`<p class="event-summary" role="status">This is a large event. It is being read…</p>`
  const n = outcome.total ?? outcome.results.length
  return html`<p class="event-summary">
      ${result?.via ? html`Envelope: <b>${result.via}</b>` : result?.kind === 'change' ? 'Change document without an envelope' : 'Plain JSON payload (no known envelope)'}${result?.eventId ? html`, id <code>${result.eventId}</code>` : nothing}${result?.time ? html`, time ${result.time}` : nothing}.
      ${n > 1
        ? n > FEW ? chooser(n) : html`<label>Change <select @change=${(e: Event) => update({ event: state.event, pick: Number((e.target as HTMLSelectElement).value) })}>
            ${outcome.results.map((r, i) => html`<option value=${i} ?selected=${i === state.pick}>${i + 1} of ${n}: ${String(r.change?.VpnConnectionId ?? r.kind)}${r.rule ? ` (${r.rule})` : ''}</option>`)}
          </select></label>`
        : nothing}
    </p>
    ${result && !result.change ? html`<p class="note">This event produces no change.</p>${findingNotes(result.findings ?? [])}` : nothing}`
}

// A list of so many changes can still be looked through.
const FEW = 100

/** Of many changes one is chosen by its number, or by its attachment. */
function chooser(n: number): TemplateResult {
  const choose = (e: Event) => {
    const text = (e.target as HTMLInputElement).value.trim()
    if (/^\d+$/.test(text)) update({ event: state.event, pick: Math.max(0, Math.min(Number(text), n) - 1) })
    else if (text !== '') findChange(text)
  }
  const step = (by: number) => update({ event: state.event, pick: state.pick + by })
  return html`<span class="chooser"><label>Change <input aria-label="Number of the change, or a part of its attachment’s id" .value=${live(String(state.pick + 1))} @change=${choose} spellcheck="false" autocomplete="off" /></label> of ${n.toLocaleString('en')}
    <button class="small" ?disabled=${state.pick === 0} aria-label="Previous change" @click=${() => step(-1)}>‹</button><button class="small" ?disabled=${state.pick >= n - 1} aria-label="Next change" @click=${() => step(1)}>›</button>
    ${derived.result?.change ? html`<code>${String(derived.result.change.VpnConnectionId ?? '')}</code>` : nothing}</span>`
}

function revertToEvent(): void {
  update({ event: state.received, pick: state.pick }, 'revert')
  document.getElementById('change-title')!.focus()
}

function createEvent(): void {
  update({ received: '' }, 'revert')
  document.getElementById('input-panel')!.focus()
}

/** The error that keeps the event from being opened, at its place. */
function eventFindings() {
  const e = derived.outcome.error
  return state.origin === 'event' && e && e.code !== 'rules-invalid' ? [{ path: e.path ?? '', severity: 'error' as const, message: e.message, ...(e.hint ? { hint: e.hint } : {}) }] : []
}

function ruleFindings(): unknown {
  const { findings } = derived.rules
  return findings.length === 0 ? nothing : html`<ul class="finding-list" aria-label="Findings in the rules">${findingItems(fold(findings, kindOf), { select: f => goToRule(f.path, f.rule), extra: f => fixButton({ ...f, document: 'rules' }), redraw: draw })}</ul>`
}

/** The button that writes what is most likely meant. */
function fixButton(f: Finding): unknown {
  const fix = fixFor(f)
  return fix ? html`<button class="small" @click=${() => (update({ rules: fix.apply(state.rules) }), rulesEditor.focus())}>${fix.title}</button>` : nothing
}

function goToRule(path: string, rule: string): void {
  const [found] = diagnostics(state.rules, derived.rules.document, [{ path, rule, severity: 'error', message: '' }])
  if (found) rulesEditor.select(found.from, found.to)
  rulesEditor.focus()
}

/** What the tests of the rule file have come to: how many pass, and of the others what came instead. */
function testResults(): unknown {
  const { tests } = derived.rules
  const failed = tests.filter(t => !t.passed)
  if (tests.length === 0) return nothing
  return html`<p class="event-summary" id="rule-tests"><span class="count ${failed.length > 0 ? 'error' : 'good'}">${failed.length > 0 ? `● ${failed.length} of ${tests.length} tests failed` : `✓ ${tests.length} ${tests.length === 1 ? 'test' : 'tests'} passed`}</span></p>
    ${failed.length > 0 ? html`<ul class="finding-list" aria-label="Tests that failed">${failed.flatMap(t => (t.problems ?? []).map(p => testProblem(t.name, p)))}</ul>` : nothing}`
}

function testProblem(name: string, { path, message, hint, differences }: NonNullable<TestResult['problems']>[number]): TemplateResult {
  const finding = { path, rule: 'rule-test' as const, severity: 'error' as const, message: `${name}: ${message}`, ...(hint ? { hint } : {}) }
  const wanted = differences?.map(d => html`<p class="note"><code>${d.path}</code> wanted <code>${d.want || 'nothing'}</code>, got <code>${d.got || 'nothing'}</code></p>`)
  return findingItem(finding, () => goToRule(path, ''), wanted)
}

function explanations(): unknown {
  const all = (derived.outcome.explanations ?? []).flat()
  const shown = all.slice(0, FEW)
  const given = derived.outcome.given ?? all.reduce((n, e) => n + (e.given?.length ?? 0), 0)
  const left = given - shown.reduce((n, e) => n + Math.min(e.given?.length ?? 0, FEW), 0)
  return html`${shown.map(explain)}${left > 0 ? html`<p class="event-summary">and ${left.toLocaleString('en')} more values</p>` : nothing}`
}

function explain(e: Explanation): TemplateResult {
  return html`<div class="rule ${e.matched ? 'matched' : ''}">
    <p><span class="count ${e.matched ? 'good' : ''}">${e.matched ? '✓ matched' : 'no match'}</span> <b>${e.rule}</b>
      ${e.matched ? nothing : html`<span class="reason">${e.path ? html`<code>${e.path}</code> ` : nothing}${e.reason}</span>`}</p>
    ${e.given?.length ? html`<table class="values"><thead><tr><th>parameter</th><th>from</th><th>value</th></tr></thead><tbody>${e.given.slice(0, FEW).map(valueRow)}</tbody></table>` : nothing}
  </div>`
}

function valueRow(g: Given): TemplateResult {
  const value = typeof g.value === 'string' ? g.value : JSON.stringify(g.value)
  return html`<tr class=${g.found ? '' : 'missing'}>
    <td><code>${g.parameter}</code>${g.element !== undefined && g.element >= 0 ? html` <span class="faint">#${g.element}</span>` : nothing}</td>
    <td>${g.from ? html`<code>${g.from}</code>` : html`<span class="faint">constant</span>`}</td>
    <td>${g.found ? html`<code>${value ?? ''}</code>` : 'not found'}</td>
  </tr>`
}

onChange(draw)

via.addEventListener('input', () => update({ via: via.value.trim() }))
bindReveal('event-reveal', eventEditor)
bindReveal('rules-reveal', rulesEditor)
