// This file starts the page: it loads the core, opens the link and renders the page.

import * as core from './core'
import './change' // before the form: creating an editor causes a layout of the page
import './form'
import './event'
import './current'
import './findings'
import './output'
import './verdict'
import './input-tabs'
import './examples'
import { notice } from './notice'
import { showStatus } from './status'
import { noteLink } from './opened'
import { loadService } from './serving'
import { open } from './share'
import { hasWork, state, undo, update, type State } from './state'
import { loadSamples } from './tables'
import { prewarm } from './prewarm'

export * from './shared'

let more: typeof import('./late') | undefined

const loadingLine = document.getElementById('loading')!

async function start(): Promise<void> {
  const main = document.querySelector('main')!
  if (!('WebAssembly' in window)) {
    document.documentElement.dataset.without = ''
    return notice('This page needs WebAssembly, which this browser does not have or does not allow. The reference works without it.')
  }
  main.inert = true
  document.getElementById('loading-what')!.textContent = 'the core, once'
  loadingLine.hidden = false
  const late = loadService().catch(() => {}).then(() => import('./late')).catch(e => console.error(e)) // what comes later is missing then; all else works
  const loading = Promise.all([core.load(), late, loadSamples().catch(() => {})]) // continues while the empty page is rendered
  loading.catch(() => {}) // is awaited below
  await late // what it adds to the empty page would move the rest
  update({})
  main.classList.remove('waiting')
  try {
    more = (await loading)[1] ?? undefined
    main.inert = false
    performance.mark('ready')
  } catch (e) {
    return notice(`${e instanceof Error ? e.message : String(e)}.`, start)
  } finally {
    loadingLine.hidden = true
  }
  if (!more?.restore()) await openLink()
  document.documentElement.dataset.ready = ''
  prewarm(30)
}

async function openLink(): Promise<void> {
  let shared: Partial<State> | undefined
  notice('')
  try {
    shared = await open(location.hash)
  } catch (e) {
    const empty = [state.change, state.event, state.rules, state.current].every(text => text.trim() === '')
    notice(`${(e as Error).message} ${empty ? 'The page starts empty.' : 'Nothing was changed.'}`)
  }
  if (!shared) return
  update({ rules: '', via: '', current: '', ...(shared.event === undefined ? { change: '', event: '' } : {}), ...shared }, 'load')
  noteLink()
  if (undo) showStatus('Link opened.')
}

window.addEventListener('hashchange', () => document.documentElement.dataset.ready === '' && void openLink())
window.addEventListener('beforeunload', e => {
  if ((hasWork() && !more?.isSafe()) || undo) e.preventDefault()
})
// The module may also stop in a call from a button.
window.addEventListener('unhandledrejection', e => {
  if (!core.isStopped(e.reason)) return
  e.preventDefault()
  update({})
})

// Once loaded, the page also works offline.
if ('serviceWorker' in navigator && window.isSecureContext) navigator.serviceWorker.register('offline.js').catch(() => {})

void start()

// The link is to a place on the page, not to a state of it.
document.querySelector('.skip')!.addEventListener('click', e => {
  e.preventDefault()
  document.getElementById('input-panel')!.focus()
})
