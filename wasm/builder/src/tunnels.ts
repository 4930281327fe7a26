// This file finds the mode of a change, and the item of each tunnel in the array.

import { parse, read, parseNested, write, type Path } from './document'
import { tables, TUNNELS } from './tables'

export type Mode = 'single' | 'dual'

/** The mode of the parameters in the document; undefined when they fit both. */
export function modeOf(value: Record<string, unknown> | undefined): Mode | undefined {
  for (const p of tables.parameters) {
    if (p.mode !== 'both' && value && Object.hasOwn(value, p.name)) return p.mode
  }
  return undefined
}

/** The mode of the attachment with this configuration. */
export function modeOfCurrent(current: Record<string, unknown> | undefined): Mode | undefined {
  return current && (tunnelsOf(current).length > 0 ? 'dual' : 'single')
}

/** The tunnels of a change, where their array may be in an object, as in an answer, or a string of JSON. */
export function tunnelsOf(value: unknown): Record<string, unknown>[] {
  let list = read(value, [TUNNELS])
  if (typeof list === 'string') list = parseNested(list)
  list = (list as { TunnelOptions?: unknown } | undefined)?.TunnelOptions ?? list
  return Array.isArray(list) ? list : []
}

/** The text with the tunnels converted to an array, if they are in another form. */
export function asArray(text: string): string {
  const { value } = parse(text)
  const list = tunnelsOf(value)
  return list.length === 0 || Array.isArray(read(value, [TUNNELS])) ? text : write(text, [TUNNELS], list)
}

/**
 * The index of the tunnel's item in the array; beyond the last item when there is none. An item without TunnelIndex is
 * identified by its TunnelId, which the current configuration has, or else by its position.
 */
export function itemOf(value: unknown, tunnel: number, current?: unknown): number {
  const list = tunnelsOf(value)
  const ids: unknown[] = current ? [1, 2].map(n => read(current, [TUNNELS, itemOf(current, n), 'TunnelId'])) : []
  const named = list.findIndex(item => String(item?.TunnelIndex ?? ids.indexOf(item?.TunnelId) + 1) === String(tunnel))
  if (named >= 0) return named
  const unnamed = list.findIndex((item, i) => i === tunnel - 1 && item?.TunnelIndex === undefined && !ids.includes(item?.TunnelId))
  if (unnamed >= 0) return unnamed
  return tunnel > 1 && itemOf(value, tunnel - 1, current) >= list.length ? list.length + 1 : list.length
}

/** Sets a field of a tunnel, and adds or removes its item as needed. */
export function writeTunnel(text: string, tunnel: number, path: Path, value: unknown, current?: unknown): string {
  text = asArray(text)
  const document = parse(text).value
  const count = tunnelsOf(document).length
  const item = Math.min(itemOf(document, tunnel, current), count)
  if (item === count) {
    if (value === undefined) return text
    text = write(text, [TUNNELS, item], { TunnelIndex: tunnel })
  }
  text = write(text, [TUNNELS, item, ...path], value)
  const rest = read(parse(text).value, [TUNNELS, item])
  if (value === undefined && rest && Object.keys(rest).join() === 'TunnelIndex') text = write(text, [TUNNELS, item], undefined)
  return text
}

/** Removes the parameters of one mode from the document; returns the text and the removed parameters. */
export function removeMode(text: string, mode: Mode): [text: string, removed: [string, unknown][]] {
  const removed: [string, unknown][] = []
  for (const p of tables.parameters) {
    const value = p.mode === mode ? read(parse(text).value, [p.name]) : undefined
    if (value === undefined) continue
    removed.push([p.name, value])
    text = write(text, [p.name], undefined)
  }
  return [text, removed]
}
