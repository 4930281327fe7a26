// This file calls the program that serves the page: only its own origin, and only where that takes events.

import type { Difference } from './core'

/** What has become of a change, as serve answers it. */
export interface ServedOutcome {
  changeId?: string
  eventId: string
  vpnConnectionId: string
  status: string
  requestId: string
  parameters?: Record<string, string>
  findings?: { rule: string; path: string; severity: 'error' | 'warning' | 'info'; message: string; hint?: string }[]
  error: Reason | null
  differences?: Difference[]
  time: string
  confirmed?: { status: string; fields?: Record<string, string>; state?: string; negotiation?: string; tunnels?: { index: number; negotiation: string }[]; settleMillis?: number; diagnoses?: { message?: string }[] }
  plan?: boolean
}

export interface Reason {
  code: string
  message: string
  remedy?: string
}

export interface DeadLetter {
  id: string
  eventId: string
  vpnConnectionId: string
  reason: Reason
  findings?: ServedOutcome['findings'] | null
  time: string
}

export interface Attachment {
  regionId: string
  vpnConnectionId: string
  name: string
  dual: boolean
}

/** An answer that reports an error, in one sentence. */
export class Refused extends Error {}

async function call<T>(path: string, request: RequestInit = {}): Promise<T> {
  let response: Response
  try {
    response = await fetch(path, { cache: 'no-store', credentials: 'omit', redirect: 'error', ...request })
  } catch {
    throw new Refused('The program that serves the page does not answer.')
  }
  const answer = (await response.json().catch(() => ({}))) as { error?: { message?: string; hint?: string; code?: string } } & T
  // A refused event is answered with its outcomes.
  if (response.ok || 'outcomes' in answer) return answer
  const { message, hint, code } = answer.error ?? {}
  throw new Refused([`${code ?? `HTTP ${response.status}`}: ${message ?? 'no reason given'}.`.replace('..', '.'), hint].filter(s => s).join(' '))
}

const path = (...parts: string[]) => parts.map(encodeURIComponent).join('/')

/** The command that gets the same on the command line. */
export const attachmentCommand = (region: string, id: string) => `curl ${location.origin}/${path('attachments', region, id)}`

export const attachments = async () => (await call<{ attachments: Attachment[] }>('attachments')).attachments

/** What DescribeVpnConnection says of the attachment, without its keys. */
export const attachment = (region: string, id: string) => call<Record<string, unknown>>(path('attachments', region, id))

export const sendEvent = async (body: string) => (await call<{ outcomes: ServedOutcome[] }>('events', { method: 'POST', body, headers: { 'content-type': 'application/json' } })).outcomes

export const outcomesOf = async (eventId: string) => (await call<{ outcomes: ServedOutcome[] }>(`outcomes?eventId=${encodeURIComponent(eventId)}`)).outcomes

/** The latest first, where serve has the oldest of them first. */
export const latestOutcomes = async (limit: number) => (await call<{ outcomes: ServedOutcome[] }>(`outcomes?limit=${limit}`)).outcomes.reverse()

export const deadLetters = async (limit: number) => (await call<{ deadLetters: DeadLetter[] }>(`dead-letters?limit=${limit}`)).deadLetters

export const discard = (id: string) => call<object>(path('dead-letters', id), { method: 'DELETE' })

export const redrive = async (id: string) => (await call<{ outcomes: ServedOutcome[] }>(`${path('dead-letters', id)}/redrive`, { method: 'POST' })).outcomes
