// This file fills the examples menu with the project's sample events.

import { html, render } from 'lit-html'
import { tables } from './tables'
import { say } from './status'
import { update } from './state'

const menu = document.getElementById('examples') as HTMLSelectElement

const option = (name: string) => html`<option value=${name}>${name.replaceAll('-', ' ')}</option>`

render(
  html`<option value="">Examples…</option>
    <optgroup label="Change documents">${tables.events.filter(e => e.name.startsWith('bare-')).map(e => option(e.name))}</optgroup>
    <optgroup label="Events that carry a change">${tables.events.filter(e => !e.rules && !e.name.startsWith('bare-')).map(e => option(e.name))}</optgroup>
    <optgroup label="Events and rules">${tables.events.filter(e => e.rules).map(e => option(e.name))}</optgroup>`,
  menu,
)

menu.addEventListener('change', () => {
  const chosen = tables.events.find(e => e.name === menu.value)
  menu.value = ''
  if (!chosen) return
  if (chosen.name.startsWith('bare-')) update({ change: chosen.text, event: '', rules: '', input: 'form' }, 'again')
  else update({ event: chosen.text, rules: chosen.rules ?? '', input: 'event' }, 'again')
  say(`Example: ${chosen.name}.`)
})
