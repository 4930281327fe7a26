// This file is the view of the change as JSON, with findings at their places.

import type { Diagnostic } from '@codemirror/lint'
import { format, applyEdits } from 'jsonc-parser'
import { completion } from './complete'
import { locate, steps } from './document'
import { createEditor } from './editor'
import { derived, onChange, state, update } from './state'

export const changeEditor = createEditor(document.getElementById('change-editor')!, 'Change document, JSON', text => update({ change: text }), [completion])

function diagnostics(): Diagnostic[] {
  const { root, errors } = derived.document
  const length = state.change.length
  return derived.findings.map(f => {
    // What is not JSON has no paths yet, but the parser knows where it stopped.
    const broken = f.path === '' ? errors[0] : undefined
    const { from, to } = broken ? { from: broken.offset, to: broken.offset + Math.max(1, broken.length) } : locate(state.change, root, steps(f.path))
    const end = Math.min(to, length)
    return { from: Math.min(from, Math.max(0, end - 1)), to: end, severity: f.severity, message: f.message + (f.hint ? ` – ${f.hint}` : '') }
  })
}

onChange(() => {
  changeEditor.set(state.change)
  changeEditor.mark(state.change.trim() === '' ? [] : diagnostics())
})

document.getElementById('change-format')!.addEventListener('click', () => {
  if (!derived.document.value) return
  update({ change: applyEdits(state.change, format(state.change, undefined, { insertSpaces: true, tabSize: 2 })) })
})

const reveal = document.getElementById('change-reveal')!
reveal.addEventListener('click', () => {
  const shown = reveal.getAttribute('aria-pressed') !== 'true'
  reveal.setAttribute('aria-pressed', String(shown))
  changeEditor.reveal(shown)
})
