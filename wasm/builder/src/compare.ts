// This file compares the current configuration with the proposed one, field by field.

import type { Difference } from './core'
import { formatPath, read, type Path } from './document'
import { MASK } from './secrets'
import { tables, TUNNELS, type Parameter } from './tables'
import { itemOf, type Mode } from './tunnels'

export interface Row {
  name: string
  path: string // as in findings and the form
  from: string
  to: string
  differs: boolean
  secret: boolean
}

export interface Group {
  title: string
  rows: Row[]
}

export const titles: Record<string, string> = {
  IkeConfig: 'Phase 1', IpsecConfig: 'Phase 2', BgpConfig: 'BGP', HealthCheckConfig: 'Health check',
  TunnelIkeConfig: 'Phase 1', TunnelIpsecConfig: 'Phase 2', TunnelBgpConfig: 'BGP',
}

/** The fields of both configurations in the order of the form. Fields that the change does not contain are equal. */
export function compare(current: unknown, change: unknown, differences: readonly Difference[], mode: Mode): Group[] {
  const remaining = new Map(differences.map(d => [d.path, d]))
  const row = (p: Parameter, name: string, from: Path, to: Path): Row[] => {
    const path = formatPath(to)
    const d = remaining.get(path)
    remaining.delete(path)
    const now = formatValue(read(current, from))
    const next = read(change, to)
    if (!d && now === '' && next === undefined) return []
    const same = (p.secret && now !== '' ? MASK : now) || formatValue(p.secret ? MASK : next)
    return [{ name, path, from: d ? d.from : same, to: d ? d.to : same, differs: d !== undefined, secret: p.secret === true }]
  }
  const rows = (fields: Parameter[], from: Path, to: Path) =>
    fields.filter(p => !p.address && !p.hidden && p.kind !== 'object' && p.kind !== 'array').flatMap(p => row(p, p.name, [...from, p.name], [...to, p.name]))
  const ofMode = tables.parameters.filter(p => p.mode === 'both' || p.mode === mode)
  const groups: Group[] = [{ title: 'Connection', rows: rows(ofMode, [], []) }]
  for (const p of ofMode.filter(p => p.kind === 'object')) groups.push({ title: titles[p.name] ?? p.name, rows: rows(p.fields!, [p.name], [p.name]) })
  const tunnel = ofMode.find(p => p.name === TUNNELS)
  for (const n of tunnel ? [1, 2] : []) {
    const from = [TUNNELS, itemOf(current, n)]
    const to = [TUNNELS, itemOf(change, n, current)]
    groups.push({ title: `Tunnel ${n}`, rows: rows(tunnel!.fields!.filter(p => !/^Tunnel(Index|Id)$/.test(p.name)), from, to) })
    for (const p of tunnel!.fields!.filter(p => p.kind === 'object')) {
      groups.push({ title: `Tunnel ${n}, ${titles[p.name]}`, rows: rows(p.fields!, [...from, p.name], [...to, p.name]) })
    }
  }
  // Differences that are not in the form.
  groups.push({ title: 'Other', rows: [...remaining.values()].map(d => ({ name: d.path, path: d.path, from: d.from, to: d.to, differs: true, secret: false })) })
  return groups.filter(p => p.rows.length > 0)
}

/** A value as text: a list is separated by commas, as in the API. */
export function formatValue(value: unknown): string {
  if (value === undefined || value === null) return ''
  if (Array.isArray(value) && value.every(v => typeof v !== 'object')) return value.join(',')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
