// This file draws one finding: in a list with where it is and what it means, or as a note at its place.

import { html, nothing, type TemplateResult } from 'lit-html'
import type { Finding } from './core'
import type { Severity } from './tables'

export const signs: Record<Severity, string> = { error: '●', warning: '▲', info: '○' }

export function entry(f: Finding, go: () => void, more: unknown = nothing): TemplateResult {
  const where = [f.document !== 'rules' && f.document, f.path].filter(s => s).join(' ')
  return html`<li class=${f.severity}>
    <button class="go" @click=${go}>
      <span class="sign" aria-hidden="true">${signs[f.severity]}</span>
      <span class="what">
        <span class="message"><span class="sr">${f.severity}: </span>${f.message}</span>
        ${f.hint ? html`<span class="hint">${f.hint}</span>` : nothing}
      </span>
    </button>
    <span class="about">
      ${where ? html`<code class="path">${where}</code>` : nothing}
      <a href="reference/findings.html#${f.rule}" title="What ${f.rule} means">${f.rule}</a>
      ${f.ref ? html`<a href=${f.ref} rel="noreferrer" title="Source: ${f.ref}">source</a>` : nothing}
      ${more}
    </span>
  </li>`
}

export const note = (f: Pick<Finding, 'severity' | 'message' | 'hint'>, at?: string): TemplateResult =>
  html`<p class="note ${f.severity}">${at ? html`<code>${at}</code> ` : nothing}${f.message}${f.hint ? html` <span class="hint">${f.hint}</span>` : nothing}</p>`
