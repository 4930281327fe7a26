// This file runs, while nothing else does, what a key press runs: by the first one the browser has compiled it.

import * as core from './core'
import { parse, write } from './document'
import { eventFor } from './envelope'
import { marks } from './diagnostics'
import { update } from './state'
import { tables } from './tables'

const sample = tables.events.find(e => e.name === 'bare-dual')!.text
const options: core.Options = { signature: 'v3', current: tables.current.find(c => c.name === 'dual')!.text }

/** Rehearses in idle time, a round in each. */
export function warm(rounds: number): void {
  const rehearse = () => {
    try {
      round(String(rounds))
    } catch {
      return // whoever presses the key is told
    }
    if (rounds > 1) warm(rounds - 1)
    else performance.mark('warm')
  }
  // Safari has no idle callbacks.
  if ('requestIdleCallback' in window) requestIdleCallback(rehearse)
  else setTimeout(rehearse, 50)
}

function round(name: string): void {
  const text = write(sample, ['Name'], name)
  const document = parse(text)
  const { change, findings } = core.judge(text, options)
  marks(text, document, findings)
  eventFor(text, '', '')
  core.snippet(change, 'curl', options, false)
  update({})
}
