// This file sends the change to the program that serves the page, where that takes events, and shows what becomes of it.

import { html, nothing, render, type TemplateResult } from 'lit-html'
import type { Difference } from './core'
import { fetchCurrent } from './fetch-current'
import { findingNote } from './finding-item'
import { remember } from './history'
import { showInput } from './input-tabs'
import { isFromLink, confirmLink } from './opened'
import { MASK } from './secrets'
import { attachment, deadLetters, discard, latestOutcomes, outcomesOf, redrive, sendEvent, type DeadLetter, type ServedOutcome } from './service-calls'
import { service } from './serving'
import { derived, onChange, state } from './state'

const host = document.getElementById('input-try')!

/** What was sent last, and what has become of it so far. */
interface Sent {
  title: string
  outcomes: ServedOutcome[]
  before?: Record<string, unknown> // the attachment
  after?: Record<string, unknown>
  step: 'sending' | 'waiting' | 'done' | 'later' // later: it takes longer than the page waits
  problem?: string
}

let sent: Sent | undefined
let outcomes: ServedOutcome[] | undefined
let letters: DeadLetter[] | undefined
let listProblem = ''
let sendEventItself = false // in place of the change that it makes

const LISTED = 10
const LOOKS = 60 // one a second: after that a press looks again

const isBusy = () => sent?.step === 'sending' || sent?.step === 'waiting'

/** Whether nothing more is to come. */
const isFinal = (o: ServedOutcome) =>
  /^(rejected|ignored|planned)$/.test(o.status) || o.plan === true || (o.status !== 'deferred' && o.confirmed !== undefined)

const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

function draw(): void {
  const own = service()
  if (!own || state.input !== 'try') return
  if (!outcomes) void list()
  render(
    html`<div class="bar"><h3>Send</h3><span class="faint">${own.plan ? 'to be planned: nothing is changed' : own.emulator ? 'to the emulator on this machine' : html`to <code>${own.endpoint}</code>`}</span></div>
      <div class="try">${sender()}${sent ? progress(sent) : nothing}</div>
      <div class="bar"><h3>Latest outcomes</h3><button class="small" @click=${list}>Refresh</button></div>
      <div class="try">${listProblem ? html`<p class="note error" role="alert">${listProblem}</p>` : nothing}${outcomes?.length ? html`<ul class="outcomes">${outcomes.map(outcomeItem)}</ul>` : html`<p class="faint">None yet.</p>`}</div>
      <div class="bar"><h3 id="letters-title" tabindex="-1">Dead letters</h3></div>
      <div class="try" id="letters">${letters?.length ? html`<ul class="outcomes">${letters.map(letterItem)}</ul>` : html`<p class="faint">None. What the VPC API rejects is kept here, with the reason.</p>`}</div>`,
    host,
  )
}

const target = () => {
  const { RegionId: region, VpnConnectionId: id } = derived.document.value ?? {}
  return typeof id === 'string' && id !== '' ? { region: String(region ?? ''), id } : undefined
}

const isReal = () => !service()!.emulator && !service()!.plan

// The program knows the key that the page has not got.
const errors = () => derived.findings.filter(f => f.severity === 'error' && f.rule !== 'psk-unknown')

/** Why the text is not to be sent; empty when it may be. */
function blocker(text: string): string {
  const n = errors().length
  return text.trim() === '' ? 'There is no change yet.'
    : !derived.document.value && text === state.change ? 'The change is not a JSON object.'
    : isReal() && n > 0 ? `The change has ${n === 1 ? 'an error' : `${n} errors`}, so it is not sent to ${service()!.endpoint}.`
    : isReal() && !target() ? 'The change names no attachment.'
    : isFromLink() ? 'This change came by a link. Edit it, or confirm that you have read it.' : ''
}

function sender(): TemplateResult {
  const own = service()!
  const to = target()
  const text = state.origin === 'event' && sendEventItself && own.emulator ? state.event : state.change
  const blocked = blocker(text)
  const found = errors().length
  return html`
    ${state.origin === 'event' && own.emulator
      ? html`<p class="actions" role="radiogroup" aria-label="What is sent">
          <label class="check"><input type="radio" name="what" .checked=${!sendEventItself} @change=${() => choose(false)} /> the change</label>
          <label class="check"><input type="radio" name="what" .checked=${sendEventItself} @change=${() => choose(true)} /> the event, to be read with the rules of the server</label></p>`
      : nothing}
    ${isFromLink() ? html`<p><label class="check"><input type="checkbox" id="confirm-link" .checked=${false} @change=${confirm} /> I have read this change and want to send it</label></p>` : nothing}
    <p class="actions"><button class="primary" id="send" ?disabled=${blocked !== '' || isBusy()} aria-describedby="send-note" @click=${() => void send(text)}>Send${to && text === state.change ? ` to ${to.id}` : ' the event'}</button>
      <span id="send-note" class="faint">${blocked || (found > 0 ? `The page finds ${found === 1 ? 'an error' : `${found} errors`}: it will be rejected.` : isReal() ? 'Asks for the id first.' : '')}</span></p>`
}

function choose(event: boolean): void {
  sendEventItself = event
  draw()
}

function confirm(): void {
  confirmLink()
  draw()
  document.getElementById('send')!.focus()
}

/** Sends the text; to the real API only what was confirmed by the attachment's id. */
async function send(text: string): Promise<void> {
  const to = target()
  if (isReal()) {
    if (!derived.current && to && !(await fetchCurrent(to.region, to.id))) return
    showInput('try')
    // With the current configuration there may be errors; and while it comes, and under the question, the change may become another.
    if (isStale(text) || blocker(text) !== '') return
    if (!(await confirmed(to!.id, changesNow())) || isStale(text)) return
  }
  remember('sent')
  await follow(to && text === state.change ? to : undefined, `Sent${to ? ` to ${to.id}` : ''}`, () => sendEvent(text))
}

/** Whether the change is no longer the one that was to be sent; says so. */
function isStale(text: string): boolean {
  if (text === state.change) return false
  sent = { title: 'Not sent', outcomes: [], step: 'done', problem: 'The change has become another one meanwhile. Look at it, and send it again.' }
  showInput('try')
  draw()
  return true
}

/** What the change would alter, for somebody who is to decide. */
function changesNow(): TemplateResult {
  const differences = derived.result?.differences ?? []
  if (!derived.current) return html`<p>What differs from the current configuration is not known.</p>`
  return differences.length === 0 ? html`<p>Nothing differs from the current configuration.</p>` : differenceTable(differences)
}

/** Does the call, and then looks what becomes of it until nothing more is to come. */
async function follow(to: { region: string; id: string } | undefined, title: string, call: () => Promise<ServedOutcome[]>): Promise<void> {
  const own: Sent = (sent = { title, outcomes: [], step: 'sending' })
  draw()
  try {
    if (to) own.before = await attachment(to.region, to.id).catch(() => undefined)
    own.outcomes = await call()
    own.step = 'waiting'
    draw()
    await wait(own)
    if (to && own.before && own.outcomes.some(o => o.status === 'applied')) own.after = await attachment(to.region, to.id)
  } catch (e) {
    failed(own, e)
  }
  draw()
  await list()
}

/** What was taken goes on without the page, so it can be looked for again. */
function failed(own: Sent, e: unknown): void {
  own.problem = (e as Error).message
  own.step = own.step === 'waiting' ? 'later' : 'done'
}

async function wait(own: Sent): Promise<void> {
  for (let look = 0; look < LOOKS && sent === own; look++) {
    if (own.outcomes.every(isFinal)) break
    await pause(1000)
    own.outcomes = (await Promise.all(own.outcomes.map(async o => (isFinal(o) ? o : (await outcomesOf(o.eventId)).find(n => n.changeId === o.changeId) ?? o)))).flat()
    draw()
  }
  own.step = own.outcomes.every(isFinal) ? 'done' : 'later'
}

async function lookAgain(): Promise<void> {
  const own = sent!
  own.step = 'waiting'
  delete own.problem
  draw()
  await wait(own).catch(e => failed(own, e))
  draw()
  await list()
}

async function list(): Promise<void> {
  outcomes ??= []
  try {
    ;[outcomes, letters] = await Promise.all([latestOutcomes(LISTED), deadLetters(LISTED)])
    listProblem = ''
  } catch (e) {
    listProblem = (e as Error).message
  }
  draw()
}

async function redriveLetter(l: DeadLetter): Promise<void> {
  if (isReal() && !(await confirmed(l.vpnConnectionId || l.eventId, html`<p>The change of event <code>${l.eventId}</code>, which was rejected: ${l.reason.message}</p>`))) return
  await follow(undefined, `Redriven: event ${l.eventId}`, () => redrive(l.id))
}

async function forgetLetter(l: DeadLetter): Promise<void> {
  const what = html`<p><code>${l.vpnConnectionId || 'no attachment'}</code>, event <code>${l.eventId}</code>, of ${new Date(l.time).toLocaleString()}</p><p>${reason(l.reason)}</p>
    ${l.findings?.length ? l.findings.map(f => findingNote(f, f.path)) : nothing}`
  const question = html`<h2 id="confirm-title" tabindex="-1">Forget this dead letter?</h2>
    <p>It can’t be redriven then, and its change is gone: the program keeps no other copy.</p>`
  if (await asked(question, what, 'Forget it')) await discard(l.id).then(list, e => (listProblem = (e as Error).message))
  draw()
  document.getElementById('letters-title')!.focus()
}

const tone: Record<string, string> = { applied: 'good', settled: 'good', unchanged: 'good', planned: 'good', rejected: 'error', failed: 'error', drifted: 'error', deferred: 'warning', unverified: 'warning', superseded: 'warning', ignored: 'warning' }

const status = (text: string) => html`<b class="count ${tone[text] ?? ''}">${text}</b>`

/** What has become of what was sent, as it proceeds. */
function progress(s: Sent): TemplateResult {
  return html`<div class="progress" role="status" aria-label="What becomes of it">
    <p><b>${s.title}</b>${s.step === 'sending' ? ' …' : nothing}</p>
    ${s.outcomes.map(o => html`<ol>
      <li>${status(o.status)} ${o.vpnConnectionId ? html`<code>${o.vpnConnectionId}</code>` : nothing} event <code>${o.eventId}</code>${o.requestId ? html`, request <code>${o.requestId}</code>` : nothing}</li>
      ${o.error ? html`<li>${reason(o.error)}</li>` : nothing}
      ${o.findings?.length ? html`<li>${o.findings.map(f => findingNote(f, f.path))}</li>` : nothing}
      ${o.differences?.length ? html`<li>It would change: ${differenceTable(o.differences)}</li>` : nothing}
      ${o.confirmed ? html`<li>${confirmedLine(o.confirmed)}</li>` : isFinal(o) ? nothing : html`<li class="faint">${o.status === 'deferred' ? 'It is tried again' : 'Until the attachment has settled'} …</li>`}
    </ol>`)}
    ${s.step === 'later' ? html`<p class="actions"><span>${s.problem ? 'What was taken goes on without the page.' : 'It takes longer.'}</span> <button class="small" @click=${lookAgain}>Look again</button></p>` : nothing}
    ${s.after ? afterwards(s.before!, s.after) : nothing}
    ${s.problem ? html`<p class="note error">${s.problem}</p>` : nothing}
  </div>`
}

const reason = (r: { message: string; remedy?: string }) => html`<span>${r.message}${r.remedy ? html` <span class="hint">${r.remedy}</span>` : nothing}</span>`

function confirmedLine(c: NonNullable<ServedOutcome['confirmed']>): TemplateResult {
  const tunnels = c.tunnels?.map(t => `tunnel ${t.index} ${t.negotiation}`) ?? (c.negotiation ? [c.negotiation] : [])
  const fields = Object.entries(c.fields ?? {})
  return html`${status(c.status)}${c.settleMillis ? ` after ${(c.settleMillis / 1000).toFixed(1)} s` : ''}${tunnels.length ? `: ${tunnels.join(', ')}` : ''}
    ${fields.length > 0 ? html`<ul>${fields.map(([name, s]) => html`<li><code>${name}</code> ${status(s)}</li>`)}</ul>` : nothing}
    ${c.diagnoses?.map(d => html`<p class="note warning">${d.message ?? ''}</p>`) ?? nothing}`
}

/** The values of a configuration by their path. */
function flat(value: unknown, at = '', into: Record<string, string> = {}): Record<string, string> {
  if (typeof value !== 'object' || value === null) into[at] = String(value)
  else for (const [name, v] of Object.entries(value)) flat(v, Array.isArray(value) ? `${at}[${name}]` : at ? `${at}.${name}` : name, into)
  return into
}

/** What Describe says now and did not say before. */
function afterwards(before: Record<string, unknown>, after: Record<string, unknown>): TemplateResult {
  const [was, is] = [flat(before), flat(after)]
  const paths = [...new Set([...Object.keys(was), ...Object.keys(is)])].filter(p => was[p] !== is[p])
  if (paths.length === 0) return html`<p>DescribeVpnConnection says the same as before; it does not say whether a key differs.</p>`
  return html`<p>What DescribeVpnConnection says now:</p>${differenceTable(paths.map(path => ({ path, from: was[path] ?? '', to: is[path] ?? '' })))}`
}

const unset = html`<span class="faint">not set</span>`

const differenceTable = (all: readonly (Pick<Difference, 'path' | 'from' | 'to'> & { tunnel?: number })[]) =>
  html`<table class="diff"><thead><tr><th scope="col">field</th><th scope="col">before</th><th scope="col">after</th></tr></thead>
    <tbody>${all.map(d => html`<tr><th scope="row">${d.tunnel ? `Tunnel ${d.tunnel} ` : ''}<code>${d.path.replace(d.tunnel ? /^\w+\[\d\]\./ : '', '').split(/(?<=[.\]])/).map(part => html`${part}<wbr />`)}</code></th>
      ${d.from === MASK && d.to === MASK ? html`<td colspan="2">replaced</td>` : html`<td>${d.from ? html`<del>${d.from}</del>` : unset}</td><td>${d.to ? html`<ins>${d.to}</ins>` : unset}</td>`}</tr>`)}</tbody></table>`

const time = (text: string) => html`<time datetime=${text} title=${text}>${new Date(text).toLocaleTimeString()}</time>`

const outcomeItem = (o: ServedOutcome) => html`<li>${time(o.time)} ${status(o.status)}${o.confirmed ? html` ${status(o.confirmed.status)}` : nothing} ${o.vpnConnectionId ? html`<code>${o.vpnConnectionId}</code>` : nothing}
  <span class="faint">event ${o.eventId}</span>${o.error ? html`<br />${reason(o.error)}` : nothing}</li>`

const letterItem = (l: DeadLetter) => html`<li>${time(l.time)} <code>${l.vpnConnectionId}</code> <span class="faint">event ${l.eventId}</span>
  <button class="small" ?disabled=${isBusy()} aria-label="Redrive event ${l.eventId}" @click=${() => void redriveLetter(l)}>Redrive</button>
  <button class="small" ?disabled=${isBusy()} aria-label="Forget event ${l.eventId}" @click=${() => void forgetLetter(l)}>Forget</button><br />${reason(l.reason)}</li>`

const dialog = document.createElement('dialog')
dialog.setAttribute('aria-labelledby', 'confirm-title')

/** Asks for the id of the attachment to be typed, beside what would be changed. */
const confirmed = (id: string, what: TemplateResult) =>
  asked(html`<h2 id="confirm-title" tabindex="-1">Change <code>${id}</code> at <code>${service()!.endpoint}</code></h2>
    <p>This is not the emulator: traffic of this attachment may stop.</p>`, what, 'Send', id)

/** Asks whether to go on, beside what it is about; with an id only once that is typed. */
function asked(question: TemplateResult, what: TemplateResult, go: string, id = ''): Promise<boolean> {
  let typed = ''
  return new Promise(resolve => {
    // What is pressed is the answer. A dialog says that it was closed with the next frame, when the next question may be there.
    const answer = (yes: boolean) => {
      dialog.close()
      resolve(yes)
    }
    const submit = (e: Event) => {
      e.preventDefault()
      if (typed.trim() === id) answer(true)
    }
    const ask = () => render(
      html`${question}
      <div class="what" tabindex="0" role="group" aria-label="What it is about">${what}</div>
      <form @submit=${submit}>
        ${id === '' ? nothing : html`<label for="confirm-id">Type <b>${id}</b> to send it</label>
        <input id="confirm-id" autocomplete="off" spellcheck="false" autocapitalize="off" .value=${typed} @input=${(e: Event) => ((typed = (e.target as HTMLInputElement).value), ask())} />`}
        <p class="actions"><button class="primary" ?disabled=${typed.trim() !== id}>${go}</button> <button type="button" @click=${() => answer(false)}>Cancel</button></p>
      </form>`,
      dialog,
    )
    dialog.oncancel = () => resolve(false)
    dialog.onclose = () => dialog.open || resolve(false)
    ask()
    dialog.showModal()
    ;(document.getElementById('confirm-id') ?? dialog.querySelector<HTMLElement>('[type=button]')!).focus()
  })
}

if (service()) {
  document.body.append(dialog)
  document.getElementById('claim')!.textContent = 'Only what you send leaves this page.'
  onChange(draw)
}
