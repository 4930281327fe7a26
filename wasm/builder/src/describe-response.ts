// This file reads what was pasted as the current configuration: the core reads every form of the answer.

import * as core from './core'

/** The current configuration, or the finding that says why it can't be read. */
export interface Current {
  currentText?: string // as pasted, which the core reads
  current?: Record<string, unknown> // the attachment's configuration as a change document
  currentProblem?: core.Finding
}

/** Reads the pasted text; from a list it takes the attachment with the id. */
export function readCurrent(text: string, id: unknown): Current {
  if (text.trim() === '') return {}
  const { current, error } = core.currentAsChange(text, typeof id === 'string' ? id : undefined)
  if (current) return { currentText: text, current: current as object as Record<string, unknown> }
  const problem = { rule: 'current-invalid', path: '', severity: 'error', message: error?.message, hint: error?.hint, document: 'current' }
  return { currentProblem: problem as core.Finding }
}
