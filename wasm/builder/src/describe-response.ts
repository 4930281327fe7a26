// This file finds the attachment in what was pasted as current: the answer itself, an SDK's response around it, or a list.

import * as core from './core'
import { parse } from './document'

type Members = Record<string, unknown>

/** The current configuration, or why there is none. */
export interface Current {
  answer?: string // what the core is asked with
  now?: Members // the same, read
  known?: object // the same in the names of a change document
  unreadable?: core.Finding
}

let read: { text?: string; whole?: Members } = {}

/** Reads what was pasted; of a list it takes the attachment with the id. */
export function readCurrent(text: string, id: () => unknown): Current {
  text = text.replace(/^\uFEFF/, '') // some shells begin a file so
  if (text.trim() === '') return {}
  if (read.text !== text) read = { text, whole: parse(text).value }
  const { whole } = read
  if (!whole) return unreadable('This is not a JSON object.', 'Paste the whole answer, from { to }.')
  let now: Members | undefined = isMembers(whole.body) ? whole.body : whole
  const list = (now.VpnConnections as Members | undefined)?.VpnConnection
  if (Array.isArray(list)) {
    const wanted = id()
    now = list.find(c => c?.VpnConnectionId === wanted) ?? (list.length === 1 ? list[0] : undefined)
    if (!isMembers(now)) return unreadable(`This is a list of ${list.length} attachments, and none of them is the one of the change.`, 'Give its VpnConnectionId in the change, or paste the answer for one attachment.')
  }
  const answer = now === whole ? text : JSON.stringify(now)
  const { current, error } = core.known(answer)
  return current ? { answer, now, known: current } : unreadable(error?.message ?? 'It can’t be read.', error?.hint ?? '')
}

const isMembers = (value: unknown): value is Members => typeof value === 'object' && value !== null && !Array.isArray(value)

const unreadable = (message: string, hint: string): Current => ({
  unreadable: { rule: 'current-invalid', path: '', severity: 'error', message, hint, document: 'current' } as unknown as core.Finding,
})
