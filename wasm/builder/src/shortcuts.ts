// This file handles keyboard shortcuts, and lists them under "?".

import { html, render } from 'lit-html'
import { changeEditor } from './change'
import { step } from './findings'
import { showHistory } from './history'
import { showInput } from './input-tabs'
import { copy } from './output'
import { openFiles } from './paste'
import { service } from './serving'

const dialog = document.getElementById('help') as HTMLDialogElement

interface Shortcut {
  keys: string
  what: string
  run: () => void
}

const focus = (selector: string) => document.querySelector<HTMLElement>(selector)?.focus()

const shortcuts: Shortcut[] = [
  { keys: 'g f', what: 'Go to the form', run: () => (showInput('form'), focus('#form .field :is(input, select)')) },
  { keys: 'g j', what: 'Go to the change as JSON', run: () => changeEditor.focus() },
  { keys: 'g e', what: 'Go to event and rules', run: () => (showInput('event'), focus('#event-editor')) },
  { keys: 'g c', what: 'Go to the current configuration', run: () => (showInput('current'), focus('#current-editor')) },
  { keys: 'g o', what: 'Go to the request', run: () => focus('#language') },
  ...(service() ? [{ keys: 'g t', what: 'Go to Try it', run: () => (showInput('try'), focus('#input-panel')) }] : []),
  { keys: 'o', what: 'Open files', run: openFiles },
  { keys: 'g h', what: 'Go to the last requests', run: showHistory },
  { keys: 'g x', what: 'Go to the examples', run: () => focus('#examples') },
  { keys: 'F8', what: 'Next finding', run: () => step(1) },
  { keys: 'Shift+F8', what: 'Previous finding', run: () => step(-1) },
  { keys: 'Ctrl+Enter', what: 'Copy the request', run: () => void copy() },
  { keys: 'Ctrl+Space', what: 'Complete names and values in an editor', run: () => {} },
  { keys: 'Esc', what: 'Leave a field or an editor', run: () => {} },
  { keys: '?', what: 'Show this list', run: help },
]

export function help(): void {
  render(
    html`<h2 id="help-title" tabindex="-1">Keyboard</h2>
      <dl>${shortcuts.map(s => html`<div><dt>${s.keys.split(/[ +]/).map(k => html`<kbd>${k}</kbd>`)}</dt><dd>${s.what}</dd></div>`)}</dl>
      <label class="check"><input type="checkbox" id="single-keys" ?checked=${singleKeys} @change=${storeSetting} /> <span>Single-key shortcuts, such as <kbd>?</kbd> and <kbd>g</kbd></span></label>
      <form method="dialog"><button class="primary">Close</button></form>`,
    dialog,
  )
  dialog.showModal()
  focus('#help-title')
}

// With speech input, or when keys are pressed by accident, single-key shortcuts can be turned off.
const SINGLE = 'vpnattach-single-keys'
let singleKeys = storedSetting() !== 'off'

/** The stored setting, if the browser allows storage. */
function storedSetting(): string | null {
  try {
    return localStorage.getItem(SINGLE)
  } catch {
    return null
  }
}

function storeSetting(e: Event): void {
  singleKeys = (e.target as HTMLInputElement).checked
  try {
    localStorage.setItem(SINGLE, singleKeys ? 'on' : 'off')
  } catch {
    // Without storage it applies until the page is closed.
  }
}

/** The focused element, also in the shadow tree of an editor. */
function focused(): Element | null {
  let at = document.activeElement
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement
  return at
}

// How long a prefix such as g waits for the next key.
const PREFIX_TIMEOUT = 1500 // ms
let prefix = -PREFIX_TIMEOUT // when it was pressed

document.getElementById('show-help')!.addEventListener('click', help)

document.addEventListener('keydown', e => {
  const chord = [e.ctrlKey || e.metaKey ? 'Ctrl' : '', e.shiftKey && e.key.length > 1 ? 'Shift' : '', e.key].filter(k => k).join('+')
  const typing = focused()?.matches('input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable=true]')
  if (dialog.open) return
  const anywhere = shortcuts.find(s => s.keys === chord && /^(Ctrl\+Enter|(Shift\+)?F8)$/.test(chord))
  if (anywhere) {
    e.preventDefault()
    anywhere.run()
    return
  }
  if (e.key === 'Escape' && typing && !e.defaultPrevented) (focused() as HTMLElement).blur()
  if (!singleKeys || typing || e.altKey || e.ctrlKey || e.metaKey) return
  const follows = e.timeStamp - prefix < PREFIX_TIMEOUT
  const keys = follows ? `g ${e.key}` : e.key
  prefix = !follows && e.key === 'g' ? e.timeStamp : -PREFIX_TIMEOUT
  const found = shortcuts.find(s => s.keys === keys && s.keys !== 'Esc')
  if (!found) return
  e.preventDefault()
  found.run()
})
