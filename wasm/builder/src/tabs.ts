// This file renders a row of tabs, with the arrow keys to move between them.

import { html, type TemplateResult } from 'lit-html'

export interface Tab {
  id: string
  title: string
  badge?: string
}

export function tabs(label: string, panel: string, all: Tab[], selected: string, select: (id: string) => void): TemplateResult {
  const move = (e: KeyboardEvent) => {
    const at = all.findIndex(t => t.id === selected)
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[e.key]
    if (to === undefined) return
    e.preventDefault()
    const next = all[(to + all.length) % all.length]!
    const list = e.currentTarget as HTMLElement
    select(next.id)
    list.querySelector<HTMLElement>('[aria-selected=true]')?.focus()
  }
  return html`<div class="tabs" role="tablist" aria-label=${label} @keydown=${move}>
    ${all.map(
      t => html`<button
        role="tab"
        id=${`${panel}-${t.id}`}
        aria-controls=${panel}
        aria-selected=${t.id === selected}
        tabindex=${t.id === selected ? 0 : -1}
        @click=${() => select(t.id)}
      >${t.title}${t.badge ? html` <span class="badge">${t.badge}</span>` : ''}</button>`,
    )}
  </div>`
}
