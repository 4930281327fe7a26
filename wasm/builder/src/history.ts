// This file remembers the last requests that were copied or sent, without secrets, and shows them.

import { html, nothing, render, type TemplateResult } from 'lit-html'
import { parse } from './document'
import { getLast, isKept, put, setKept } from './keep'
import { withoutKeys } from './key-like'
import { derived, state, update } from './state'
import { showStatus } from './status'
import { tables } from './tables'

const NAME = 'vpnattach-history'
const MOST = 20
const LIMIT = 20_000 // characters of one change: a larger one is not remembered

interface Entry {
  at: string
  how: string // "copied as curl", "sent"
  id: string
  change: string
}

function entries(): Entry[] {
  try {
    const all = JSON.parse(getLast(NAME) ?? '[]')
    return Array.isArray(all) ? all : []
  } catch {
    return []
  }
}

/** Remembers the change as it is now, once for the same change. */
export function remember(how: string): void {
  const change = withoutKeys(state.change)
  if (change.trim() === '' || change.length > LIMIT || !isKept()) return
  const id = String(derived.document.value?.VpnConnectionId ?? '')
  put(NAME, JSON.stringify([{ at: new Date().toISOString(), how, id, change }, ...entries().filter(e => e.change !== change)].slice(0, MOST)))
}

const dialog = document.createElement('dialog')
dialog.id = 'history'
dialog.setAttribute('aria-labelledby', 'history-title')

function draw(): void {
  const all = entries()
  render(
    html`<h2 id="history-title" tabindex="-1">Last requests</h2>
      <label class="check"><input type="checkbox" id="keep" .checked=${isKept()} @change=${toggle} /> Keep a draft and the last requests in this browser, without keys</label>
      ${all.length > 0 ? html`<ul class="outcomes">${all.map(item)}</ul>` : html`<p class="faint">${isKept() ? 'None yet: each request that is copied or sent is listed here.' : 'Nothing is kept.'}</p>`}
      <form method="dialog"><p class="actions"><button class="primary">Close</button>${all.length > 0 ? html`<button type="button" @click=${clear}>Forget all</button>` : nothing}</p></form>`,
    dialog,
  )
}

const item = (e: Entry): TemplateResult => html`<li><time datetime=${e.at}>${new Date(e.at).toLocaleString([], { dateStyle: 'short', timeStyle: 'short' })}</time>
  <code>${e.id || 'no id'}</code> <span class="faint">${e.how}</span> <button class="small" @click=${() => open(e)} aria-label="Open the request for ${e.id} of ${e.at}">Open</button>
  <br /><span class="faint">${names(e.change)}</span></li>`

/** What the change sets, in short. */
const names = (change: string) =>
  Object.entries(parse(change).value ?? {}).filter(([n]) => !/^(RegionId|VpnConnectionId)$/.test(n)).map(([n, v]) => (typeof v === 'object' ? n : `${n} ${v}`)).join(', ')

function open(e: Entry): void {
  dialog.close()
  update({ change: e.change, event: '', input: 'form' }, 'revert')
  showStatus('The request was opened; its keys are ***.')
  document.getElementById('change-title')!.focus()
}

function toggle(e: Event): void {
  setKept((e.target as HTMLInputElement).checked)
  draw()
}

function clear(): void {
  put(NAME, '[]')
  draw()
  document.getElementById('history-title')!.focus()
}

export function showHistory(): void {
  if (!dialog.isConnected) document.body.append(dialog)
  draw()
  dialog.showModal()
  document.getElementById('history-title')!.focus()
}

document.addEventListener('request-copied', () => remember(`copied as ${tables.languages.find(l => l.name === state.language)?.title ?? state.language}`))
document.getElementById('show-history')!.addEventListener('click', showHistory)
