// This file is the view of the event and the rules, with the explanation of what matched.

import { html, nothing, render, type TemplateResult } from 'lit-html'
import type { Explanation, Given } from './core'
import { parse } from './document'
import { createEditor, revealBy } from './editor'
import { entry, note } from './finding-item'
import { marks } from './diagnostics'
import { ruleCompletion } from './rule-completion'
import { derived, onChange, state, update } from './state'

export const eventEditor = createEditor(document.getElementById('event-editor')!, 'Event, JSON', event => update({ event }))
export const rulesEditor = createEditor(document.getElementById('rules-editor')!, 'Rules, JSON', rules => update({ rules }), [ruleCompletion])
const host = document.getElementById('explanation')!

function draw(): void {
  if (state.input !== 'event') return
  eventEditor.show(state.event, marks(state.event, parse(state.event), eventFindings()))
  rulesEditor.show(state.rules, marks(state.rules, derived.rules.document, derived.rules.findings))
  const empty = html`<p class="empty">Paste any event: the page opens its envelopes and says what it makes of it.</p>`
  render(html`${state.event.trim() === '' ? empty : opened()}${ruleFindings()}${explanations()}`, host)
}

function opened(): TemplateResult {
  const { outcome, result } = derived
  if (derived.stale) {
    return html`<p class="note warning">The change was edited after this event came: it is no longer what the event gives.</p>
      <p class="choices"><button class="small" @click=${goBack}>Go back to the event</button>
        <button class="small" @click=${makeEvent}>Make an event of the change</button></p>`
  }
  if (state.origin === 'change') {
    return html`<p class="via">This event carries the change of the form. Edit it, or paste another: the change follows.</p>`
  }
  if (outcome.error) {
    const e = outcome.error
    if (e.code === 'rules-invalid') return html`<p class="empty">The rules have errors, so nothing is made of the event.</p>`
    return note({ ...e, severity: 'error' }, e.path)
  }
  const n = outcome.results.length
  return html`<p class="via">
      ${result?.via ? html`Opened as <b>${result.via}</b>` : html`A ${result?.kind ?? 'record'} as it stands`}${result?.eventId ? html`, id <code>${result.eventId}</code>` : nothing}${result?.time ? html`, of ${result.time}` : nothing}.
      ${n > 1
        ? html`<label>Change <select @change=${(e: Event) => update({ event: state.event, pick: Number((e.target as HTMLSelectElement).value) })}>
            ${outcome.results.map((r, i) => html`<option value=${i} ?selected=${i === state.pick}>${i + 1} of ${n}: ${String(r.change?.VpnConnectionId ?? r.kind)}${r.rule ? ` (${r.rule})` : ''}</option>`)}
          </select></label>`
        : nothing}
    </p>
    ${result && !result.change ? html`<p class="note">The event gives no change, so there is none now.</p>${(result.findings ?? []).map(f => note(f))}` : nothing}`
}

function goBack(): void {
  update({ event: state.given, pick: state.pick }, 'back')
  document.getElementById('change-title')!.focus()
}

function makeEvent(): void {
  update({ given: '' }, 'back')
  document.getElementById('input-panel')!.focus()
}

/** What keeps the event from being opened, at its place in it. */
function eventFindings() {
  const e = derived.outcome.error
  return state.origin === 'event' && e && e.code !== 'rules-invalid' ? [{ path: e.path ?? '', severity: 'error' as const, message: e.message, ...(e.hint ? { hint: e.hint } : {}) }] : []
}

function ruleFindings(): unknown {
  const { findings } = derived.rules
  return findings.length === 0 ? nothing : html`<ul class="found" aria-label="Findings of the rules">${findings.map(f => entry(f, () => goToRule(f.path, f.rule)))}</ul>`
}

function goToRule(path: string, rule: string): void {
  const [mark] = marks(state.rules, derived.rules.document, [{ path, rule, severity: 'error', message: '' }])
  if (mark) rulesEditor.select(mark.from, mark.to)
  rulesEditor.focus()
}

function explanations(): unknown {
  return (derived.outcome.explanations ?? []).flat().map(explain)
}

function explain(e: Explanation): TemplateResult {
  return html`<div class="rule ${e.matched ? 'matched' : ''}">
    <p><span class="count ${e.matched ? 'good' : ''}">${e.matched ? '✓ matched' : 'no match'}</span> <b>${e.rule}</b>
      ${e.matched ? nothing : html`<span class="why">${e.path ? html`<code>${e.path}</code> ` : nothing}${e.reason}</span>`}</p>
    ${e.given?.length ? html`<table class="given"><thead><tr><th>parameter</th><th>from</th><th>value</th></tr></thead><tbody>${e.given.map(given)}</tbody></table>` : nothing}
  </div>`
}

function given(g: Given): TemplateResult {
  const value = typeof g.value === 'string' ? g.value : JSON.stringify(g.value)
  return html`<tr class=${g.found ? '' : 'missing'}>
    <td><code>${g.parameter}</code>${g.element !== undefined && g.element >= 0 ? html` <span class="faint">#${g.element}</span>` : nothing}</td>
    <td>${g.from ? html`<code>${g.from}</code>` : html`<span class="faint">constant</span>`}</td>
    <td>${g.found ? html`<code>${value ?? ''}</code>` : 'not found'}</td>
  </tr>`
}

onChange(draw)

revealBy('event-reveal', eventEditor)
revealBy('rules-reveal', rulesEditor)
