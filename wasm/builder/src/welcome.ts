// This file invites into the empty page: one place to paste anything, and four examples that say what they show.

import { html, nothing, render } from 'lit-html'
import { loadExample } from './examples'
import { openFiles, take } from './paste'
import { onChange, state } from './state'

const host = document.getElementById('welcome')!

const examples = [
  ['bare-single', 'A change', 'Some fields of one attachment, in the API’s own names.'],
  ['eventbridge-psk', 'A rotated key', 'An event of Amazon EventBridge that carries a change.'],
  ['netbox-tunnel', 'A payload and its rules', 'A webhook of NetBox; rules make a change of it, with tests.'],
  ['inventory-sites', 'One event, two sites', 'A list in an event makes a change of each element.'],
] as const

function draw(): void {
  const empty = [state.change, state.event, state.rules, state.current].every(text => text.trim() === '')
  render(empty ? html`<div class="welcome">
      <label for="paste-target"><b>Paste anything</b> <span class="faint">a change, an event, the answer of DescribeVpnConnection, rules, a command or Terraform: it goes where it belongs. Or drop or <button class="link" @click=${openFiles}>open</button> files.</span></label>
      <textarea id="paste-target" rows="2" spellcheck="false" autocomplete="off" placeholder="Paste here" @input=${input}></textarea>
      <ul class="cards">${examples.map(([name, title, text]) => html`<li><button @click=${() => show(name)}><b>${title}</b><span>${text}</span></button></li>`)}</ul>
    </div>` : nothing, host)
}

function input(e: Event): void {
  const field = e.target as HTMLTextAreaElement
  const text = field.value
  if (text.trim() !== '' && take(text)) field.value = ''
}

function show(name: string): void {
  loadExample(name)
  document.getElementById('input-panel')!.focus()
}

onChange(draw)
draw()
