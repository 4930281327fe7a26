// This file turns findings into an editor's diagnostics, at their places in a JSON text.

import type { Diagnostic } from '@codemirror/lint'
import type { Finding } from './core'
import { locate, parsePath, type Parsed } from './document'

type PlacedFinding = Pick<Finding, 'path' | 'severity' | 'message' | 'hint'> & { rule?: string }

// Findings about the name of a member, not its value.
const concernsName = /unknown|alias|duplicate|repeated|no-effect|undocumented/

export function diagnostics(text: string, { root, errors }: Parsed, findings: readonly PlacedFinding[]): Diagnostic[] {
  if (text.trim() === '') return []
  return findings.map(f => {
    // Text that is not JSON has no paths, but the parser knows where it stopped.
    const syntaxError = f.path === '' ? errors[0] : undefined
    const { from, to } = syntaxError ? { from: syntaxError.offset, to: syntaxError.offset + Math.max(1, syntaxError.length) } : locate(text, root, parsePath(f.path), concernsName.test(f.rule ?? ''))
    const end = Math.min(to, text.length)
    return { from: Math.min(from, Math.max(0, end - 1)), to: end, severity: f.severity, message: f.message + (f.hint ? ` – ${f.hint}` : '') }
  })
}
