// This file builds the EventBridge event that contains a change.

import { LARGE, parse, parseNested, replaceAt, write, type Path } from './document'

const template = { version: '0', 'detail-type': 'VPN Attachment Change', source: 'com.example.vpn', detail: {} }

/**
 * The event for the change. A received event that contains a change keeps everything else; any other received event can't
 * produce this change, and the result is undefined.
 */
export function eventFor(change: string, received: string, rules: string): string | undefined {
  if (received.trim() === '') return replaceAt(JSON.stringify(template, null, 2), ['detail'], () => indented(change))
  const event = rules.trim() === '' ? valueOf(received) : undefined
  const from = event?.['detail-type'] ? (event.detail as { VpnConnectionId?: unknown } | null | undefined) : undefined
  if (!from?.VpnConnectionId) return undefined
  const edits = differences(from, parse(change).value, [])
  // Each edit parses the text, which is slow for many edits.
  return replaceAt(received, ['detail'], detail => (edits.length > 50 ? indented(change) : edits.reduce((text, [path, value]) => write(text, path, value), detail)))
}

let large: { text?: string; value?: any } = {}

/** The event; a large one without its tree, and once. */
function valueOf(text: string): Record<string, unknown> | undefined {
  if (text.length <= LARGE) return parse(text).value
  if (large.text !== text) large = { text, value: parseNested(text) }
  return large.value
}

const indented = (text: string) => text.trim().replaceAll('\n', '\n  ')

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

/** The values to set, or to remove where undefined, to get from one to the other. */
function differences(from: unknown, to: unknown, path: Path): [Path, unknown][] {
  if (from === to) return []
  const sameShape = isObject(from) && isObject(to) && Array.isArray(from) === Array.isArray(to) && from.length === to.length
  if (!sameShape || Object.keys(to).length === 0) return [[path, to]]
  return [...new Set([...Object.keys(from), ...Object.keys(to)])].flatMap(key => differences(from[key], to[key], [...path, Array.isArray(to) ? Number(key) : key]))
}
