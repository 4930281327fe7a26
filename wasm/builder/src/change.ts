// This file is the view of the change as JSON, with findings at their places.

import { format, applyEdits } from 'jsonc-parser'
import { completion } from './complete'
import { createEditor, revealBy } from './editor'
import { marks } from './marks'
import { derived, onChange, state, update } from './state'

export const changeEditor = createEditor(document.getElementById('change-editor')!, 'Change document, JSON', text => update({ change: text }), [completion])

onChange(() => {
  changeEditor.set(state.change)
  changeEditor.mark(marks(state.change, derived.document, derived.findings))
})

document.getElementById('change-format')!.addEventListener('click', () => {
  if (!derived.document.value) return
  update({ change: applyEdits(state.change, format(state.change, undefined, { insertSpaces: true, tabSize: 2 })) })
})

revealBy('change-reveal', changeEditor)
