// This file reads what was pasted as the current configuration. The core knows every form in which clients show it.

import * as core from './core'
import { parse } from './document'

type Members = Record<string, unknown>

/** The current configuration, or the finding that says why it can't be read. */
export interface Current {
  currentText?: string // the response as the core gets it
  current?: Members // the same as a change document
  currentProblem?: core.Finding
}

/** Reads the pasted text; from a list it takes the attachment with the id, or the only one. */
export function readCurrent(text: string, id: unknown): Current {
  text = text.replace(/^\uFEFF/, '') // a byte order mark, which some shells write
  if (text.trim() === '') return {}
  const currentText = alone(text, id)
  const { current, error } = core.currentAsChange(currentText, id)
  if (current) return { currentText, current: { ...current } }
  const { message = 'The response can’t be read.', hint = '' } = error ?? {}
  return { currentProblem: { rule: 'current-invalid', path: '', severity: 'error', message, hint, document: 'current' } as unknown as core.Finding }
}

/** The text of the attachment alone where the text is a list in the API's names, so that a link holds no others. */
function alone(text: string, id: unknown): string {
  const pasted = parse(text).value
  const response = isMembers(pasted?.body) ? pasted.body : pasted
  const list = (response?.VpnConnections as Members | undefined)?.VpnConnection
  if (!Array.isArray(list)) return response && response !== pasted ? JSON.stringify(response) : text
  const found = list.filter(c => list.length === 1 || (isMembers(c) && c.VpnConnectionId === id))
  return found.length === 1 && isMembers(found[0]) ? JSON.stringify(found[0]) : text
}

const isMembers = (value: unknown): value is Members => typeof value === 'object' && value !== null && !Array.isArray(value)
