// This file makes the event that asks for a change: the change within an EventBridge event.

import { parse } from './document'

/**
 * The event for the change. Of an event that was given, the envelope is kept if it carries a change by itself; any other
 * can't be made to give this change, and has none.
 */
export function eventFor(change: Record<string, unknown>, given: string, rules: string): string | undefined {
  const generic = { version: '0', 'detail-type': 'VPN Attachment Change', source: 'com.example.vpn' }
  const envelope = given.trim() === '' ? generic : rules.trim() === '' ? carrier(given) : undefined
  return envelope && JSON.stringify({ ...envelope, detail: change }, null, 2)
}

function carrier(text: string): Record<string, unknown> | undefined {
  const event = parse(text).value
  const detail = event?.detail as { VpnConnectionId?: unknown } | null | undefined
  return event?.['detail-type'] && detail?.VpnConnectionId ? event : undefined
}
