// This file turns findings into an editor's diagnostics, at their places in a JSON text.

import type { Diagnostic } from '@codemirror/lint'
import type { Finding } from './core'
import { locate, parsePath, type Parsed } from './document'
import { fold, placeOf } from './fold'

type PlacedFinding = Pick<Finding, 'path' | 'severity' | 'message' | 'hint'> & { rule?: string }

// Findings about the name of a member, not its value.
const concernsName = /unknown|alias|duplicate|repeated|no-effect|undocumented/

export function diagnostics(text: string, { root }: Parsed, findings: readonly PlacedFinding[]): Diagnostic[] {
  if (text.trim() === '') return []
  return fold(findings, placeOf).map(f => {
    const { from, to } = faultAt(text, f) ?? locate(text, root, parsePath(f.path), concernsName.test(f.rule ?? ''))
    const end = Math.min(to, text.length)
    return { from: Math.min(from, Math.max(0, end - 1)), to: end, severity: f.severity, message: f.message + (f.hint ? ` – ${f.hint}` : '') }
  })
}

/** Text that is not JSON has no paths: its finding says where it stops to be, by line and column, which counts characters. */
function faultAt(text: string, { path, message }: PlacedFinding): { from: number; to: number } | undefined {
  const [, line, column] = (path === '' && /\(line (\d+), column (\d+)\)/.exec(message)) || []
  if (!line) return undefined
  let from = 0
  for (let n = Number(line); n > 1; n--) from = text.indexOf('\n', from) + 1
  for (const c of text.slice(from, from + 2 * Number(column)).match(/[^]/gu)?.slice(0, Number(column) - 1) ?? []) from += c.length
  return { from, to: from + 1 }
}
