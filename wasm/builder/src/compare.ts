// This file sets the attachment as it is beside what it would become, field by field.

import type { Difference } from './core'
import { pathText, read, type Path } from './document'
import { MASK } from './secrets'
import { tables, TUNNELS, type Parameter } from './tables'
import { itemOf, type Mode } from './tunnels'

export interface Row {
  name: string
  path: string // as findings and the form name it
  from: string
  to: string
  differs: boolean
  secret: boolean
}

export interface Part {
  title: string
  rows: Row[]
}

export const titles: Record<string, string> = {
  IkeConfig: 'Phase 1', IpsecConfig: 'Phase 2', BgpConfig: 'BGP', HealthCheckConfig: 'Health check',
  TunnelIkeConfig: 'Phase 1', TunnelIpsecConfig: 'Phase 2', TunnelBgpConfig: 'BGP',
}

/** The two sides in the order of the form. What the change does not name is on both as it is. */
export function sides(known: unknown, change: unknown, differences: readonly Difference[], mode: Mode): Part[] {
  const left = new Map(differences.map(d => [d.path, d]))
  const row = (p: Parameter, name: string, now: Path, next: Path): Row[] => {
    const path = pathText(next)
    const d = left.get(path)
    left.delete(path)
    const own = shown(read(known, now))
    const given = read(change, next)
    if (!d && own === '' && given === undefined) return []
    const same = p.secret && own !== '' ? MASK : own
    return [{ name, path, from: d ? d.from : same || shown(p.secret ? MASK : given), to: d ? d.to : same || shown(p.secret ? MASK : given), differs: d !== undefined, secret: p.secret === true }]
  }
  const rows = (fields: Parameter[], now: Path, next: Path) =>
    fields.filter(p => !p.address && !p.hidden && p.kind !== 'object' && p.kind !== 'array').flatMap(p => row(p, p.name, [...now, p.name], [...next, p.name]))
  const mine = tables.parameters.filter(p => p.mode === 'both' || p.mode === mode)
  const parts: Part[] = [{ title: 'Connection', rows: rows(mine, [], []) }]
  for (const p of mine.filter(p => p.kind === 'object')) parts.push({ title: titles[p.name] ?? p.name, rows: rows(p.fields!, [p.name], [p.name]) })
  const tunnel = mine.find(p => p.name === TUNNELS)
  for (const n of tunnel ? [1, 2] : []) {
    const now = [TUNNELS, itemOf(known, n)]
    const next = [TUNNELS, itemOf(change, n, known)]
    parts.push({ title: `Tunnel ${n}`, rows: rows(tunnel!.fields!.filter(p => !/^Tunnel(Index|Id)$/.test(p.name)), now, next) })
    for (const p of tunnel!.fields!.filter(p => p.kind === 'object')) {
      parts.push({ title: `Tunnel ${n}, ${titles[p.name]}`, rows: rows(p.fields!, [...now, p.name], [...next, p.name]) })
    }
  }
  // What stands at no place of the form is not to be missed either.
  parts.push({ title: 'Other', rows: [...left.values()].map(d => ({ name: d.path, path: d.path, from: d.from, to: d.to, differs: true, secret: false })) })
  return parts.filter(p => p.rows.length > 0)
}

/** A value as a field shows it: a list of texts with commas between, as the API takes it. */
export function shown(value: unknown): string {
  if (value === undefined || value === null) return ''
  if (Array.isArray(value) && value.every(v => typeof v !== 'object')) return value.join(',')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
