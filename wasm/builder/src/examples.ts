// This file fills the examples menu with the project's sample events.

import { html, render } from 'lit-html'
import { samples, tables } from './tables'
import { showStatus } from './status'
import { update } from './state'

const menu = document.getElementById('examples') as HTMLSelectElement

const option = (name: string) => html`<option value=${name}>${name.replaceAll('-', ' ')}</option>`

render(
  html`<option value="">Examples…</option>
    <optgroup label="Change documents">${tables.events.filter(e => e.name.startsWith('bare-')).map(e => option(e.name))}</optgroup>
    <optgroup label="Events with a change">${tables.events.filter(e => !e.rules && !e.name.startsWith('bare-')).map(e => option(e.name))}</optgroup>
    <optgroup label="Events with rules">${tables.events.filter(e => e.rules).map(e => option(e.name))}</optgroup>`,
  menu,
)

menu.addEventListener('change', () => {
  const { value } = menu
  menu.value = ''
  if (value !== '') loadExample(value)
})

export function loadExample(name: string): void {
  const example = samples().find(e => e.name === name)
  if (!example) return showStatus('The examples have not been loaded. Reload the page to try again.')
  if (example.name.startsWith('bare-')) update({ change: example.text, event: '', rules: '', input: 'form' }, 'load')
  else update({ event: example.text, rules: example.rules ?? '', via: '', input: 'event' }, 'load')
  showStatus(`Example ${example.name} loaded.`)
}
