// This file draws a row of tabs that the arrow keys move through.

import { html, type TemplateResult } from 'lit-html'

export interface Tab {
  id: string
  title: string
  badge?: string
}

export function tabs(label: string, panel: string, all: Tab[], chosen: string, choose: (id: string) => void): TemplateResult {
  const move = (e: KeyboardEvent) => {
    const at = all.findIndex(t => t.id === chosen)
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[e.key]
    if (to === undefined) return
    e.preventDefault()
    const next = all[(to + all.length) % all.length]!
    const list = e.currentTarget as HTMLElement
    choose(next.id)
    list.querySelector<HTMLElement>('[aria-selected=true]')?.focus()
  }
  return html`<div class="tabs" role="tablist" aria-label=${label} @keydown=${move}>
    ${all.map(
      t => html`<button
        role="tab"
        id=${`${panel}-${t.id}`}
        aria-controls=${panel}
        aria-selected=${t.id === chosen}
        tabindex=${t.id === chosen ? 0 : -1}
        @click=${() => choose(t.id)}
      >${t.title}${t.badge ? html` <span class="badge">${t.badge}</span>` : ''}</button>`,
    )}
  </div>`
}
