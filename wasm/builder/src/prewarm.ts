// This file runs the code of a key press in idle time, so that the browser has compiled it before the first one.

import * as core from './core'
import { parse, write } from './document'
import { eventFor } from './envelope'
import { diagnostics } from './diagnostics'
import { state, texts, update } from './state'
import { samples, tables } from './tables'

const options: core.Options = { signature: 'v3', current: tables.current.find(c => c.name === 'dual')!.text }

/** Runs the given number of rounds, each in one idle callback. */
export function prewarm(rounds: number): void {
  const run = () => {
    try {
      round(String(rounds))
    } catch {
      return // the same error is shown at a key press
    }
    if (rounds > 1) prewarm(rounds - 1)
    else performance.mark('warm')
  }
  // Safari has no idle callbacks.
  if ('requestIdleCallback' in window) requestIdleCallback(run)
  else setTimeout(run, 50)
}

function round(name: string): void {
  const text = write(samples().find(e => e.name === 'bare-dual')!.text, ['Name'], name)
  const document = parse(text)
  const { change, findings } = core.build(text, options)
  diagnostics(text, document, findings)
  eventFor(text, '', '')
  core.snippet(change, 'curl', options, false)
  // What is there was drawn already, and is not read once more meanwhile.
  if (texts.every(name => state[name] === '')) update({})
}
