// This file starts the page: load the core, read the link, draw.

import * as core from './core'
import './change' // before the form: an editor has the page laid out when it is made
import './form'
import './event'
import './current'
import './findings'
import './output'
import './input-tabs'
import './examples'
import { help } from './shortcuts'
import { notice } from './notice'
import { say } from './status'
import { link, open } from './share'
import { hasWork, state, undo, update, type State } from './state'
import { warm } from './prewarm'

async function start(): Promise<void> {
  const main = document.querySelector('main')!
  main.inert = true
  const loading = core.load() // goes on while the empty page is drawn
  update({})
  try {
    await loading
    main.inert = false
    performance.mark('ready')
  } catch (e) {
    return notice(`${e instanceof Error ? e.message : String(e)}.`, start)
  }
  await openLink()
  document.documentElement.dataset.ready = ''
  warm(30)
}

async function openLink(): Promise<void> {
  let shared: Partial<State> | undefined
  notice('')
  try {
    shared = await open(location.hash)
  } catch (e) {
    const empty = [state.change, state.event, state.rules, state.current].every(text => text.trim() === '')
    notice(`${(e as Error).message} The page ${empty ? 'is empty' : 'stays as it was'}, and works.`)
  }
  if (!shared) return
  update({ rules: '', current: '', ...(shared.event === undefined ? { change: '', event: '' } : {}), ...shared }, 'again')
  if (undo) say('Link opened.')
}

async function share(): Promise<void> {
  const { hash, leftOut } = await link()
  history.replaceState(null, '', '#' + hash)
  const rest = leftOut.length > 0 ? ` Left out, since it may hold a secret or is not JSON: ${leftOut.join(', ')}.` : ''
  try {
    await navigator.clipboard.writeText(location.href)
    say(`Link copied, without secrets.${rest}`)
  } catch {
    say(`The link is in the address bar, without secrets.${rest}`)
  }
}

document.getElementById('share')!.addEventListener('click', () => void share())
document.getElementById('show-help')!.addEventListener('click', help)
window.addEventListener('hashchange', () => document.documentElement.dataset.ready === '' && void openLink())
window.addEventListener('beforeunload', e => {
  if (hasWork() || undo) e.preventDefault()
})
// The module may also stop in what a button asks of it.
window.addEventListener('unhandledrejection', e => {
  if (!core.isStopped(e.reason)) return
  e.preventDefault()
  update({})
})

// Once loaded, the page also opens without a network.
if ('serviceWorker' in navigator && window.isSecureContext) navigator.serviceWorker.register('offline.js').catch(() => {})

void start()
