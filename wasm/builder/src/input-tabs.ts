// This file renders the tabs of the input: form, event and rules, current.

import { render } from 'lit-html'
import { derived, onChange, state, update, type State } from './state'
import { service } from './serving'
import { tabs } from './tabs'

const host = document.getElementById('input-tabs')!

export function showInput(input: State['input']): void {
  update({ input })
}

let shown = state.input
const scrolled = new Map<string, number>() // how far, by tab

onChange(() => {
  const panel = document.getElementById('input-panel')!
  if (shown !== state.input) scrolled.set(shown, panel.scrollTop)
  const differences = derived.result?.differences?.length
  const all = [
    { id: 'form', title: 'Form' },
    { id: 'event', title: 'Event + rules' },
    { id: 'current', title: 'Current', ...(differences ? { badge: String(differences) } : {}) },
    ...(service() ? [{ id: 'try', title: 'Try it' }] : []),
  ]
  render(tabs('Input', 'input-panel', all, state.input, id => update({ input: id as State['input'] })), host)
  for (const t of all) document.getElementById(`input-${t.id}`)!.hidden = t.id !== state.input
  panel.setAttribute('aria-labelledby', `input-panel-${state.input}`)
  // What the tab has is drawn by the views that come after this one.
  if (shown !== state.input) queueMicrotask(() => (panel.scrollTop = scrolled.get(state.input) ?? 0))
  shown = state.input
})
