// This file knows which parameters belong to which mode and which item of the array is which tunnel.

import { read, write, parse, type Path } from './document'
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
  return tunnelsOfCurrent(current).length > 0 ? 'dual' : 'single'
}

export function tunnelsOfCurrent(current: Record<string, unknown> | undefined): Record<string, unknown>[] {
  let list: unknown = current?.[TUNNELS]
  if (list && !Array.isArray(list)) list = (list as Record<string, unknown>).TunnelOptions
  return Array.isArray(list) ? list : []
}

/**
 * The item of the array that is the tunnel, or, beyond the last, the one that it could become. An item that has no index
 * names its tunnel by the id that known, the current configuration, has for it, or else by its place.
 */
export function itemOf(value: unknown, tunnel: number, known?: unknown): number {
  const given = read(value, [TUNNELS])
  const list: Record<string, unknown>[] = Array.isArray(given) ? given : []
  const ids: unknown[] = known ? [1, 2].map(n => read(known, [TUNNELS, itemOf(known, n), 'TunnelId'])) : []
  const named = list.findIndex(item => String(item?.TunnelIndex ?? ids.indexOf(item?.TunnelId) + 1) === String(tunnel))
  if (named >= 0) return named
  const unnamed = list.findIndex((item, i) => i === tunnel - 1 && item?.TunnelIndex === undefined && !ids.includes(item?.TunnelId))
  if (unnamed >= 0) return unnamed
  return tunnel > 1 && itemOf(value, tunnel - 1, known) >= list.length ? list.length + 1 : list.length
}

/** Sets a field of a tunnel, adding or dropping its item as needed. */
export function writeTunnel(text: string, tunnel: number, path: Path, value: unknown, known?: unknown): string {
  const document = parse(text).value ?? {}
  const list = read(document, [TUNNELS])
  const count = Array.isArray(list) ? list.length : 0
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
