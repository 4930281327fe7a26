// This file renders findings: as items of a list, each with its place and a link to its meaning, or as notes at a field.

import { html, nothing, type TemplateResult } from 'lit-html'
import type { Finding } from './core'
import { fold, kindOf, placeOf, type Folded } from './fold'
import type { Severity } from './tables'

export const severityIcons: Record<Severity, string> = { error: '●', warning: '▲', info: '○' }

interface Way {
  select: (f: Finding) => void
  extra: (f: Finding) => unknown // beside it, as the button that fixes it
  redraw: () => void
}

const unfolded = new Set<string>() // kinds

/** Findings of one kind are one item, with those that it stands for below it on request. */
export const findingItems = (findings: Folded<Finding>[], way: Way): TemplateResult[] => findings.map(f => (f.all ? foldedItem(f, f.all, way) : findingItem(f, () => way.select(f), way.extra(f))))

function foldedItem(f: Finding, all: Finding[], way: Way): TemplateResult {
  const kind = kindOf(f)
  const isOpen = unfolded.has(kind)
  const toggle = () => {
    if (!unfolded.delete(kind)) unfolded.add(kind)
    way.redraw()
  }
  // What fixes one of them fixes all, where they are about one place.
  const together = all.every(x => x.path === f.path && JSON.stringify(x.fix) === JSON.stringify(f.fix))
  const button = html`<button class="small" aria-expanded=${isOpen} @click=${toggle}>${isOpen ? 'Fold' : `Show all ${all.length}`}</button>`
  return findingItem(f, () => way.select(f), html`${button}${together ? way.extra(f) : nothing}`,
    isOpen ? html`<ul>${all.map(x => html`<li><button class="link" @click=${() => way.select(x)}>${x.message}</button>${f.hint ? nothing : html` <span class="hint">${x.hint}</span>`} ${together ? nothing : way.extra(x)}</li>`)}</ul>` : nothing)
}

export function findingItem(f: Finding, select: () => void, extra: unknown = nothing, below: unknown = nothing): TemplateResult {
  // The message says which tunnel: its index, not the item's place in the list.
  const place = [f.document !== 'rules' && f.document, f.path.replace(/^TunnelOptionsSpecification\[\d+\]\.?/, '')].filter(s => s).join(' ')
  return html`<li class=${f.severity}>
    <button class="finding-link" @click=${select}>
      <span class="severity" aria-hidden="true">${severityIcons[f.severity]}</span>
      <span class="finding-text">
        <span class="message"><span class="sr">${f.severity}: </span>${f.message}</span>
        ${f.hint ? html`<span class="hint">${f.hint}</span>` : nothing}
      </span>
    </button>
    <span class="finding-meta">
      ${place ? html`<code class="path">${place}</code>` : nothing}
      <a href="reference/findings.html#${f.rule}" title="What ${f.rule} means">${f.rule}</a>
      ${f.ref ? html`<a href=${f.ref} rel="noreferrer" title="Source: ${f.ref}">source</a>` : nothing}
      ${extra}
    </span>
    ${below}
  </li>`
}

export const findingNotes = (findings: Finding[]): TemplateResult[] => fold(findings, placeOf).map(f => findingNote(f))

export const findingNote = (f: Pick<Finding, 'severity' | 'message' | 'hint'>, at?: string): TemplateResult =>
  html`<p class="note ${f.severity}">${at ? html`<code>${at}</code> ` : nothing}${f.message}${f.hint ? html` <span class="hint">${f.hint}</span>` : nothing}</p>`
