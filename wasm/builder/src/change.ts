// This file is the view of the change as JSON, with findings at their places.

import { completion } from './completion'
import { laidOut } from './document'
import { createEditor, revealBy } from './editor'
import { marks } from './diagnostics'
import { derived, onChange, state, update } from './state'

export const changeEditor = createEditor(document.getElementById('change-editor')!, 'Change document, JSON', text => update({ change: text }), [completion])

onChange(() => changeEditor.show(state.change, marks(state.change, derived.document, derived.findings.filter(f => !f.document))))

document.getElementById('change-format')!.addEventListener('click', () => {
  if (!derived.document.value) return
  update({ change: laidOut(state.change) }, 'on')
})

revealBy('change-reveal', changeEditor)
