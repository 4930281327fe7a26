// This file shows the change as JSON, with its findings at their places.

import { formatJson } from './document'
import { createEditor, bindReveal } from './editor'
import { diagnostics } from './diagnostics'
import { derived, onChange, state, update } from './state'

export const changeEditor = createEditor(document.getElementById('change-editor')!, 'Change document, JSON', text => update({ change: text }))

onChange(() => changeEditor.show(state.change, diagnostics(state.change, derived.document, derived.findings.filter(f => !f.document))))

document.getElementById('change-format')!.addEventListener('click', () => {
  if (!derived.document.value) return
  update({ change: formatJson(state.change) }, 'edit')
})

bindReveal('change-reveal', changeEditor)
