// This file turns findings into marks at their places in a JSON text.

import type { Diagnostic } from '@codemirror/lint'
import type { Finding } from './core'
import { locate, steps, type Parsed } from './document'

type Found = Pick<Finding, 'path' | 'severity' | 'message' | 'hint'> & { rule?: string }

// Of these the name is at fault, not the value.
const ofName = /unknown|alias|duplicate|repeated|no-effect|undocumented/

export function marks(text: string, { root, errors }: Parsed, findings: readonly Found[]): Diagnostic[] {
  if (text.trim() === '') return []
  return findings.map(f => {
    // What is not JSON has no paths yet, but the parser knows where it stopped.
    const broken = f.path === '' ? errors[0] : undefined
    const { from, to } = broken ? { from: broken.offset, to: broken.offset + Math.max(1, broken.length) } : locate(text, root, steps(f.path), ofName.test(f.rule ?? ''))
    const end = Math.min(to, text.length)
    return { from: Math.min(from, Math.max(0, end - 1)), to: end, severity: f.severity, message: f.message + (f.hint ? ` – ${f.hint}` : '') }
  })
}
