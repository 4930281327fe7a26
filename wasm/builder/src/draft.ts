// This file keeps the work in the browser, without its secrets, so that a reload loses nothing else.

import { asideText, putAside } from './form'
import { forget, getLast, getOwn, isKept, put } from './keep'
import { looksLikeKey, withoutKeys } from './key-like'
import { isFromLink, noteLink } from './opened'
import { MASK } from './secrets'
import { onChange, state, texts, update, type State } from './state'
import { showStatus } from './status'

const NAME = 'vpnattach-draft'
const LIMIT = 1_000_000 // characters: storage has a few million for all
const QUICK = 200_000 // what is larger is kept only when the page is left, so that no key press waits for it

interface Draft {
  at: string
  hash: string // of the address, when it was kept: the draft is later work on that link
  link: boolean // the change is as a link has brought it
  work: Partial<State>
  aside?: string // what the modes have put aside
}

let saved = '' // the texts that were kept last
let lost = true // whether something of them is not kept
let timer: ReturnType<typeof setTimeout> | undefined

const textsNow = () => ({ change: state.origin === 'event' ? '' : state.change, event: state.received, rules: state.rules, current: state.current, aside: asideText() })

function save(): void {
  clearTimeout(timer)
  const now = textsNow()
  const whole = JSON.stringify(now)
  saved = whole
  if (texts.every(name => now[name].trim() === '')) {
    lost = false
    return forget(NAME)
  }
  lost = true
  if (whole.length > LIMIT || !isKept()) return forget(NAME)
  const { aside, ...clean } = Object.fromEntries(Object.entries(now).map(([name, text]) => [name, withoutKeys(text)])) as typeof now
  const { origin: _, mode, peer, signature, language, input, pick } = state
  const via = looksLikeKey(state.via) ? '' : state.via
  const work = { ...clean, mode, peer, signature, language, input, pick, via }
  if (state.origin === 'event') delete (work as Partial<State>).change
  lost = !put(NAME, JSON.stringify({ at: new Date().toISOString(), hash: location.hash, link: isFromLink(), work, aside })) || aside !== now.aside || texts.some(name => clean[name] !== now[name])
}

/** Whether a reload would bring back all of the work. */
export function isSafe(): boolean {
  save()
  return !lost
}

/** Restores the draft of this tab, or the last one. Returns false when the address leads to something else, which is then opened in its place. */
export function restore(): boolean {
  let draft: Draft | undefined
  const own = getOwn(NAME)
  try {
    draft = JSON.parse(own ?? getLast(NAME) ?? 'null') ?? undefined
  } catch {
    forget(NAME)
  }
  watch()
  if (!draft) return false
  const { at, hash, link, work, aside } = draft
  update(work)
  if (aside) putAside(aside)
  if (link) noteLink()
  const isHere = location.hash === '' || (own !== null && location.hash === hash)
  if (isHere) {
    const keys = [aside, ...texts.map(name => work[name])].some(text => text?.includes(MASK)) ? ' Its keys are ***: they are not kept.' : ''
    showStatus(`Your draft of ${new Date(at).toLocaleTimeString([], { timeStyle: 'short' })} was restored.${keys}`, { title: 'Start empty', run: startEmpty })
  }
  return isHere
}

function startEmpty(): void {
  update({ change: '', event: '', rules: '', via: '', current: '', input: 'form' }, 'revert')
  showStatus('The page is empty.')
}

function watch(): void {
  onChange(() => {
    clearTimeout(timer)
    if (texts.reduce((n, name) => n + state[name].length, 0) <= QUICK) timer = setTimeout(save, 300)
  })
  window.addEventListener('pagehide', () => JSON.stringify(textsNow()) !== saved && save())
  document.addEventListener('visibilitychange', () => document.hidden && save())
}
