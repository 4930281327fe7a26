// This file has the types of the project's tables, which the build inserts.

export type Severity = 'error' | 'warning' | 'info'

export interface Parameter {
  name: string
  aliases?: string[]
  response?: string
  kind: 'text' | 'bool' | 'int' | 'asn' | 'ip' | 'cidr' | 'subnets' | 'object' | 'array'
  mode: 'both' | 'single' | 'dual'
  address?: boolean
  required?: boolean
  secret?: boolean
  noEffect?: boolean
  unseen?: boolean
  hidden?: boolean
  enum?: string[]
  default?: string
  doc: string
  example?: string
  fields?: Parameter[]
}

/** A sample event with its rule file, if any, as samples.ts has them, or a sample response of DescribeVpnConnection. */
export interface Sample {
  name: string
  text: string
  rules?: string
}

export interface Tables {
  parameters: Parameter[]
  peers: { name: string; doc: string }[]
  languages: { name: string; title: string }[]
  rules: { keys: Record<string, string>; operators: Record<string, string>; parameters: string[] } // for the completion of rule files
  events: { name: string; rules: boolean }[]
  current: Sample[]
}

declare const TABLES: Tables // inserted by the build

export const tables: Tables = TABLES

let loaded: Sample[] = []

/** The sample events; none before they are loaded. */
export const samples = () => loaded

/** Loads the sample events. */
export async function loadSamples(): Promise<void> {
  loaded = (await import('./samples')).samples
}

/** The name of the array of tunnels. */
export const TUNNELS = 'TunnelOptionsSpecification'

/** The row of the table for a path such as ["IkeConfig", "Psk"]; numbers are skipped. */
export function parameterAt(path: (string | number)[]): Parameter | undefined {
  let rows: Parameter[] | undefined = tables.parameters
  let found: Parameter | undefined
  for (const step of path) {
    if (typeof step === 'number') continue
    found = rows?.find(p => p.name === step || p.aliases?.includes(step))
    if (!found) return undefined
    rows = found.fields
  }
  return found
}

/** The path in the table of a parameter that a rule calls "IkeConfig.Psk" or "Tunnel.1.EnableDpd". */
export const parameterPath = (names: (string | number)[]): (string | number)[] =>
  names.flatMap((n): (string | number)[] => (typeof n === 'number' ? [n] : n.replace(/^Tunnel\.\d+\./, `${TUNNELS}.`).split('.')))
