// This file copies a link to the state, says exactly what the link holds, and asks first when something in it looks like a key.

import { html, nothing, render, type TemplateResult } from 'lit-html'
import { keysIn } from './key-like'
import { leaves, MASK } from './secrets'
import { linkOf, shareable, type Shared } from './share'
import { showStatus } from './status'

const host = document.createElement('div')
host.id = 'shared'
host.className = 'banner'
host.setAttribute('role', 'region')
host.setAttribute('aria-label', 'What the link holds')
host.tabIndex = -1
host.hidden = true
document.getElementById('notice')!.after(host)

const documents = { change: 'Change', event: 'Event', rules: 'Rules', current: 'Current configuration' } as const
type Document = keyof typeof documents

export function share(): void {
  const { shared, omitted } = shareable()
  const found = (Object.keys(documents) as Document[]).flatMap(name => keysIn(shared[name] ?? '').map(leaf => ({ name, leaf })))
  if (found.length === 0) return void copyLink(shared, omitted)
  const places = [...new Set(found.map(({ name, leaf }) => `${leaf.names.at(-1) ?? 'a value'} (${documents[name].toLowerCase()})`))]
  show(html`<p><b>${places.join(', ')} ${places.length === 1 ? 'looks' : 'look'} like a key.</b> Whoever gets the link can read it.</p>
    ${holds(shared)}
    <p class="actions"><button class="primary" @click=${() => copyLink(withoutFound(shared), omitted)}>Share without ${places.length === 1 ? 'it' : 'them'}</button>
      <button @click=${() => copyLink(shared, omitted)}>Share with ${places.length === 1 ? 'it' : 'them'}</button> <button @click=${close}>Cancel</button></p>`)
  host.querySelector('button')!.focus()
}

/** The documents with *** in place of what looks like a key. */
function withoutFound(shared: Shared): Shared {
  const clean = { ...shared }
  for (const name of Object.keys(documents) as Document[]) {
    const text = shared[name]
    if (text !== undefined) clean[name] = keysIn(text).reduceRight((t, l) => t.slice(0, l.from) + JSON.stringify(MASK) + t.slice(l.to), text)
  }
  return clean
}

async function copyLink(shared: Shared, omitted: string[]): Promise<void> {
  history.replaceState(null, '', '#' + (await linkOf(shared)))
  const rest = omitted.length > 0 ? ` Not included (not JSON, or may contain a secret): ${omitted.join(', ')}.` : ''
  show(html`${holds(shared)}<p class="actions"><button class="small" @click=${close}>Close</button></p>`)
  try {
    await navigator.clipboard.writeText(location.href)
    showStatus(`Link copied, without secrets.${rest}`)
  } catch {
    showStatus(`The link is in the address bar, without secrets.${rest}`)
  }
}

const count = (n: number) => `${n} ${n === 1 ? 'value' : 'values'}`

/** Each document as the link has it. */
function holds(shared: Shared): TemplateResult {
  const settings = [`${shared.mode} tunnel`, shared.peer && `other end ${shared.peer}`, `signature ${shared.signature}`, `format ${shared.language}`, shared.via && `came by ${shared.via}`].filter(s => s)
  return html`<p>The link holds${(Object.keys(documents) as Document[]).every(n => shared[n] === undefined) ? ' no document' : ''}:</p>
    ${(Object.keys(documents) as Document[]).map(name => {
      const text = shared[name]
      if (text === undefined) return nothing
      const hidden = leaves(text).filter(l => l.value.includes(MASK)).length
      return html`<details><summary>${documents[name]}: ${count(leaves(text).length - hidden)}${hidden > 0 ? `, and *** in place of ${count(hidden)}` : ''}</summary><pre tabindex="0">${text}</pre></details>`
    })}
    <p class="faint">And: ${settings.join(', ')}. No access key, account or endpoint.</p>`
}

function show(content: TemplateResult): void {
  render(content, host)
  host.hidden = false
}

function close(): void {
  host.hidden = true
  document.getElementById('share')!.focus()
}

host.addEventListener('keydown', e => e.key === 'Escape' && close())
document.getElementById('share')!.addEventListener('click', share)
