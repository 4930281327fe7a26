// This file knows which parameters belong to which mode and which item of the array is which tunnel.

import { parse, read, unquote, write, type Path } from './document'
import { tables, TUNNELS } from './tables'

export type Mode = 'single' | 'dual'

/** The mode that the document asks for; undefined when nothing in it tells. */
export function modeOf(value: Record<string, unknown> | undefined): Mode | undefined {
  for (const p of tables.parameters) {
    if (p.mode !== 'both' && value && Object.hasOwn(value, p.name)) return p.mode
  }
  return undefined
}

/** The mode of the attachment that Describe returned. */
export function modeOfCurrent(current: Record<string, unknown> | undefined): Mode | undefined {
  if (!current || !Object.hasOwn(current, 'VpnConnectionId')) return undefined
  return tunnelsOf(current).length > 0 ? 'dual' : 'single'
}

/** The tunnels of a change or of an answer of Describe, which has an object around their array; the array may be JSON text. */
export function tunnelsOf(value: unknown): Record<string, unknown>[] {
  let list = read(value, [TUNNELS])
  if (typeof list === 'string') list = unquote(list)
  list = (list as { TunnelOptions?: unknown } | undefined)?.TunnelOptions ?? list
  return Array.isArray(list) ? list : []
}

/** The text with the tunnels as the array that a change has, if they are there in another form. */
export function asArray(text: string): string {
  const { value } = parse(text)
  const list = tunnelsOf(value)
  return list.length === 0 || Array.isArray(read(value, [TUNNELS])) ? text : write(text, [TUNNELS], list)
}

/**
 * The item of the array that is the tunnel, or, beyond the last, the one that it could become. An item that has no index
 * names its tunnel by the id that known, the current configuration, has for it, or else by its place.
 */
export function itemOf(value: unknown, tunnel: number, known?: unknown): number {
  const list = tunnelsOf(value)
  const ids: unknown[] = known ? [1, 2].map(n => read(known, [TUNNELS, itemOf(known, n), 'TunnelId'])) : []
  const named = list.findIndex(item => String(item?.TunnelIndex ?? ids.indexOf(item?.TunnelId) + 1) === String(tunnel))
  if (named >= 0) return named
  const unnamed = list.findIndex((item, i) => i === tunnel - 1 && item?.TunnelIndex === undefined && !ids.includes(item?.TunnelId))
  if (unnamed >= 0) return unnamed
  return tunnel > 1 && itemOf(value, tunnel - 1, known) >= list.length ? list.length + 1 : list.length
}

/** Sets a field of a tunnel, adding or dropping its item as needed. */
export function writeTunnel(text: string, tunnel: number, path: Path, value: unknown, known?: unknown): string {
  text = asArray(text)
  const document = parse(text).value
  const count = tunnelsOf(document).length
  const item = Math.min(itemOf(document, tunnel, known), count)
  if (item === count) {
    if (value === undefined) return text
    text = write(text, [TUNNELS, item], { TunnelIndex: tunnel })
  }
  text = write(text, [TUNNELS, item, ...path], value)
  const left = read(parse(text).value, [TUNNELS, item])
  if (value === undefined && left && Object.keys(left).join() === 'TunnelIndex') text = write(text, [TUNNELS, item], undefined)
  return text
}

/** Takes the parameters of one mode out of the document; returns what it took. */
export function takeOut(text: string, mode: Mode): [text: string, taken: [string, unknown][]] {
  const taken: [string, unknown][] = []
  for (const p of tables.parameters) {
    const value = p.mode === mode ? read(parse(text).value, [p.name]) : undefined
    if (value === undefined) continue
    taken.push([p.name, value])
    text = write(text, [p.name], undefined)
  }
  return [text, taken]
}
