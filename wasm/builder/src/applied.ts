// This file applies the rules to an event: at once, or in a worker, where the event is so large that the page would stand still.

import * as core from './core'

export interface Ask {
  event: string
  rules: string
  via: string
  options: core.Options
  pick: number // the change that is shown
  find?: string // or the next one after it for an attachment with this in its id
}

/** What an event has come to. Of many changes it holds the one that is shown. */
export interface Applied {
  outcome: core.Transformed
  change?: unknown // of the event and the rules alone, also when an option has an error
  result?: Partial<core.Result>
  pick: number
  total: number
  given?: number // values in the explanations, before they were cut
}

const MANY = 100

const idOf = (result: Partial<core.Result> | undefined) => String(result?.change?.VpnConnectionId ?? '')

let last: { key?: string; event?: string; outcome?: core.Transformed; results?: core.Result[] } = {}

/** Applies the rules. The last event's changes are kept, since another one of them may be asked for next. */
export function applied({ event, rules, via, options, pick, find }: Ask): Applied {
  const key = JSON.stringify([rules, via, options])
  if (last.key !== key || last.event !== event) {
    const outcome = core.transform(event, rules, options, via)
    // The change depends on the event and the rules only, also when another option has an error.
    last = { key, event, outcome, results: outcome.error ? core.transform(event, rules, {}, via).results : outcome.results }
  }
  const { outcome, results } = last as Required<typeof last>
  const found = find ? [...results.keys()].map(i => (i + pick + 1) % results.length).find(i => idOf(results[i]).includes(find)) : undefined
  pick = found ?? Math.min(pick, Math.max(0, results.length - 1))
  const all = { outcome, change: results[pick]?.change, result: outcome.results[pick], pick, total: outcome.results.length }
  if (results.length <= MANY) return all
  // What many changes have in common is told by the first of them.
  const explanations = outcome.explanations?.slice(0, MANY).map(list => list.map(e => ({ ...e, given: e.given?.slice(0, MANY) })))
  const given = (outcome.explanations ?? []).flat().reduce((n, e) => n + (e.given?.length ?? 0), 0)
  return { ...all, given, outcome: { ...outcome, results: outcome.results.slice(pick, pick + 1), explanations } }
}
