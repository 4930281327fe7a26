// This file makes the event that asks for a change: the change within an EventBridge event.

import { parse, splice, write, type Path } from './document'

const generic = { version: '0', 'detail-type': 'VPN Attachment Change', source: 'com.example.vpn', detail: {} }

/**
 * The event for the change. Of an event that was given, all that need not differ is kept if it carries a change by itself;
 * any other can't be made to give this change, and has none.
 */
export function eventFor(change: string, given: string, rules: string): string | undefined {
  if (given.trim() === '') return splice(JSON.stringify(generic, null, 2), ['detail'], () => indented(change))
  const event = rules.trim() === '' ? parse(given).value : undefined
  const from = event?.['detail-type'] ? (event.detail as { VpnConnectionId?: unknown } | null | undefined) : undefined
  if (!from?.VpnConnectionId) return undefined
  const edits = differences(from, parse(change).value, [])
  // Each is written by itself, which takes long where there are many.
  return splice(given, ['detail'], detail => (edits.length > 50 ? indented(change) : edits.reduce((text, [path, value]) => write(text, path, value), detail)))
}

const indented = (text: string) => text.trim().replaceAll('\n', '\n  ')

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

/** What to set, or with no value to take out, to get from one to the other. */
function differences(from: unknown, to: unknown, path: Path): [Path, unknown][] {
  if (from === to) return []
  const alike = isObject(from) && isObject(to) && Array.isArray(from) === Array.isArray(to) && from.length === to.length
  if (!alike || Object.keys(to).length === 0) return [[path, to]]
  return [...new Set([...Object.keys(from), ...Object.keys(to)])].flatMap(key => differences(from[key], to[key], [...path, Array.isArray(to) ? Number(key) : key]))
}
