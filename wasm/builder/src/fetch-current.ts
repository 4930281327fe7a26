// This file fetches the current configuration from the program that serves the page, and shows the command that does the same.

import { html, nothing, render, type TemplateResult } from 'lit-html'
import { setCurrent } from './current'
import { showInput } from './input-tabs'
import { attachment, attachmentCommand, attachments, type Attachment } from './service-calls'
import { service } from './serving'
import { showStatus } from './status'
import { derived, onChange, state } from './state'

const host = document.createElement('div')
host.id = 'current-fetch'

let known: Attachment[] | undefined // of the emulator; undefined until they are asked for
let problem = ''
let busy = false

/** The attachment that the change names. */
function named(): { region: string; id: string } | undefined {
  const { RegionId: region, VpnConnectionId: id } = derived.document.value ?? {}
  return typeof region === 'string' && typeof id === 'string' && region !== '' && id !== '' ? { region, id } : undefined
}

/** Fetches the configuration and makes it the current one; returns false, and says why, when that fails. */
export async function fetchCurrent(region: string, id: string): Promise<boolean> {
  busy = true
  problem = ''
  draw()
  try {
    const answer = await attachment(region, id)
    setCurrent(JSON.stringify(answer, null, 2), 'revert')
    if (isOnlyAddress()) goToForm()
    showStatus(`${id} was fetched; its keys are ***.`)
  } catch (e) {
    problem = (e as Error).message
  }
  busy = false
  draw()
  return problem === ''
}

const isOnlyAddress = () => Object.keys(derived.document.value ?? {}).every(name => /^(RegionId|VpnConnectionId)$/.test(name))

/** The change comes next. */
function goToForm(): void {
  showInput('form')
  document.getElementById('input-panel')!.focus()
}

async function listAttachments(): Promise<void> {
  known = []
  try {
    known = await attachments()
  } catch (e) {
    problem = (e as Error).message
  }
  draw()
}

function draw(): void {
  const own = service()
  if (!own || state.input !== 'current') return
  if (own.emulator && !known) return void listAttachments()
  render(html`${own.emulator ? fromEmulator() : fromEndpoint(own.endpoint)}${problem ? html`<p class="note error" role="alert">${problem}</p>` : nothing}`, host)
}

const button = (region: string, id: string, text: unknown, primary = false) =>
  html`<button class="small ${primary ? 'primary' : ''}" ?disabled=${busy} @click=${() => fetchCurrent(region, id)}>${text}</button>`

const command = (region: string, id: string) => html`<pre class="command"><code>${attachmentCommand(region, id)}</code></pre>`

/** The attachment of the change, or any that the emulator has. */
function fromEmulator(): TemplateResult {
  const to = named()
  const [first] = known!
  const others = known!.filter(a => a.vpnConnectionId !== to?.id)
  return html`<p class="actions" role="group" aria-label="Fetch from the emulator"><span>Fetch from the emulator:</span>
      ${to ? button(to.region, to.id, to.id, true) : nothing}
      ${others.map(a => button(a.regionId, a.vpnConnectionId, html`${a.vpnConnectionId} <span class="faint">${a.dual ? 'two tunnels' : 'one tunnel'}</span>`))}</p>
    ${to ? command(to.region, to.id) : first ? command(first.regionId, first.vpnConnectionId) : nothing}`
}

/** Of the real API, which is asked about one attachment by its id. */
function fromEndpoint(endpoint: string): TemplateResult {
  const to = named()
  if (!to) return html`<p class="faint">With RegionId and VpnConnectionId in the change, it can be fetched from <code>${endpoint}</code>, with *** in place of its keys.</p>`
  return html`<p class="actions">${button(to.region, to.id, `Fetch ${to.id} from ${endpoint}`, true)}</p>${command(to.region, to.id)}`
}

if (service()) {
  document.querySelector('#input-current .bar')!.after(host)
  onChange(draw)
}
