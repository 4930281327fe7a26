// This file renders one finding: as an item of a list, with its place and a link to its meaning, or as a note at its field.

import { html, nothing, type TemplateResult } from 'lit-html'
import type { Finding } from './core'
import type { Severity } from './tables'

export const severityIcons: Record<Severity, string> = { error: '●', warning: '▲', info: '○' }

export function findingItem(f: Finding, select: () => void, extra: unknown = nothing): TemplateResult {
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
  </li>`
}

export const findingNote = (f: Pick<Finding, 'severity' | 'message' | 'hint'>, at?: string): TemplateResult =>
  html`<p class="note ${f.severity}">${at ? html`<code>${at}</code> ` : nothing}${f.message}${f.hint ? html` <span class="hint">${f.hint}</span>` : nothing}</p>`
