// This file starts the page: load the core, read the link, draw.

import * as core from './core'
import './form'
import './change'
import './event'
import './current'
import './findings'
import './output'
import './inputs'
import './examples'
import { help } from './keys'
import { say } from './say'
import { link, open } from './share'
import { update, type State } from './state'

const notice = document.getElementById('notice')!

async function start(): Promise<void> {
  notice.hidden = true
  const main = document.querySelector('main')!
  main.inert = true
  const loading = core.load() // goes on while the empty page is drawn
  update({})
  try {
    await loading
    main.inert = false
    performance.mark('ready')
  } catch (e) {
    document.getElementById('notice-text')!.textContent = `${e instanceof Error ? e.message : String(e)}.`
    document.getElementById('retry')!.hidden = false
    notice.hidden = false
    return
  }
  await openLink()
  document.documentElement.dataset.ready = ''
}

async function openLink(): Promise<void> {
  let shared: Partial<State> | undefined
  try {
    shared = await open(location.hash)
  } catch (e) {
    document.getElementById('notice-text')!.textContent = `${(e as Error).message} The page is empty, and works.`
    document.getElementById('retry')!.hidden = true
    notice.hidden = false
  }
  if (shared) update({ rules: '', current: '', ...(shared.event === undefined ? { change: '' } : {}), ...shared })
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
document.getElementById('retry')!.addEventListener('click', () => void start())
window.addEventListener('hashchange', () => void openLink())

// Once loaded, the page also opens without a network.
if ('serviceWorker' in navigator && window.isSecureContext) navigator.serviceWorker.register('offline.js').catch(() => {})

void start()
