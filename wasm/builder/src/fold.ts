// This file folds findings of one kind about the items of one list into one, so that they do not hide the rest.

import type { Finding } from './core'

type Said = Pick<Finding, 'path' | 'severity' | 'message' | 'hint' | 'document'> & { rule?: string; fix?: unknown }

/** A finding, or one that stands for several: these are in all, and its message names the first of them. */
export type Folded<F> = F & { all?: F[] }

const FEW = 2 // that stay as they are
const NAMED = 3

/** What findings of one kind about one value have in common. */
export const placeOf = (f: Said) => [f.rule, f.severity, f.document, f.path].join('\n')

/** What findings of one kind about one list have in common. */
export const kindOf = (f: Said) => placeOf({ ...f, path: f.path.replace(/\[\d+\]/g, '[]') })

export function fold<F extends Said>(findings: readonly F[], kindOf: (f: F) => string): Folded<F>[] {
  const kinds = new Map<string, F[]>()
  for (const f of findings) {
    const kind = kindOf(f)
    const same = kinds.get(kind)
    if (same) same.push(f)
    else kinds.set(kind, [f])
  }
  return [...kinds.values()].flatMap(all => (all.length > FEW ? [folded(all)] : all))
}

function folded<F extends Said>(all: F[]): Folded<F> {
  const first = all[0]!
  const others = all.slice(1, NAMED).map(f => differing(first.message, f.message))
  const { hint, ...rest } = first as F & { hint?: string }
  return {
    ...rest,
    message: `${first.message}, and ${all.length - 1} more: ${others.join(', ')}${all.length > NAMED ? ', …' : ''}`,
    ...(all.every(f => f.hint === hint) ? { hint } : {}),
    all,
  } as Folded<F>
}

/** The words in which a message differs from the first; all of it when it is built in another way. */
function differing(first: string, other: string): string {
  const [a, b] = [first.split(' '), other.split(' ')]
  return (a.length === b.length && b.filter((word, i) => word !== a[i]).join(' ')) || other
}
