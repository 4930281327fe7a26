// This file reads what was pasted as the current configuration: a DescribeVpnConnection response, an SDK's response object, or a list.

import * as core from './core'
import { parse } from './document'

type Members = Record<string, unknown>

/** The current configuration, or the finding that says why it can't be read. */
export interface Current {
  currentText?: string // the response as the core gets it
  response?: Members // the same, parsed
  current?: object // the same as a change document
  currentProblem?: core.Finding
}

let cache: { text?: string; pasted?: Members } = {}

/** Reads the pasted text; from a list it takes the attachment with the id. */
export function readCurrent(text: string, id: () => unknown): Current {
  text = text.replace(/^\uFEFF/, '') // a byte order mark, which some shells write
  if (text.trim() === '') return {}
  if (cache.text !== text) cache = { text, pasted: parse(text).value }
  const { pasted } = cache
  if (!pasted) return problem('This is not a JSON object.', 'Paste the whole response, from { to }.')
  let response: Members | undefined = isMembers(pasted.body) ? pasted.body : pasted
  const list = (response.VpnConnections as Members | undefined)?.VpnConnection
  if (Array.isArray(list)) {
    const wanted = id()
    response = list.find(c => c?.VpnConnectionId === wanted) ?? (list.length === 1 ? list[0] : undefined)
    if (!isMembers(response)) return problem(`The attachment in the change is not in this list of ${list.length}.`, 'Set VpnConnectionId in the change, or paste the response for one attachment.')
  }
  const currentText = response === pasted ? text : JSON.stringify(response)
  const { current, error } = core.currentAsChange(currentText)
  return current ? { currentText, response, current } : problem(error?.message ?? 'The response can’t be read.', error?.hint ?? '')
}

const isMembers = (value: unknown): value is Members => typeof value === 'object' && value !== null && !Array.isArray(value)

const problem = (message: string, hint: string): Current => ({
  currentProblem: { rule: 'current-invalid', path: '', severity: 'error', message, hint, document: 'current' } as unknown as core.Finding,
})
