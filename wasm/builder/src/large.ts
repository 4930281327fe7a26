// This file asks the worker about large events, one at a time: what was asked meanwhile and is out of date is left out.

import { applied, type Applied, type Ask } from './applied'

let worker: Worker | undefined | null // null: there is none
let running: Ask | undefined
let next: Ask | undefined
let done: { ask?: Ask; answer?: Applied } = {}
let tell = () => {}

const same = (a: Ask | undefined, b: Ask) =>
  a !== undefined && a.event === b.event && a.rules === b.rules && a.via === b.via && a.pick === b.pick && a.find === b.find && JSON.stringify(a.options) === JSON.stringify(b.options)

/** The answer, or undefined while the worker is at it; then it calls back once there is one. */
export function answerTo(ask: Ask, then: () => void): Applied | undefined {
  if (same(done.ask, ask)) return done.answer
  worker ??= start()
  if (worker === null) return applied(ask)
  tell = then
  next = same(running, ask) ? undefined : ask
  send()
  return undefined
}

function send(): void {
  if (running || !next) return
  ;[running, next] = [next, undefined]
  worker!.postMessage(running)
}

function start(): Worker | null {
  try {
    const started = new Worker('worker.js', { type: 'module' })
    started.onmessage = ({ data }: MessageEvent<{ applied?: Applied; failed?: string }>) => {
      if (data.failed !== undefined) return withoutWorker()
      done = { ask: running, answer: data.applied }
      running = undefined
      if (next) send()
      else tell()
    }
    started.onerror = withoutWorker
    return started
  } catch {
    return null
  }
}

/** The page waits for large events then, which is better than not to read them. */
function withoutWorker(): void {
  worker?.terminate()
  worker = null
  running = next = undefined
  tell()
}
