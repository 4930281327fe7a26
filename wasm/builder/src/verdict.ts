// This file renders the bar that is always in sight: the current configuration, the change, the request, and what it would do.

import { html, nothing, render, type TemplateResult } from 'lit-html'
import { goToCurrent, goToFinding, needsCurrent } from './findings'
import { showInput } from './input-tabs'
import { copy, output, signingTime } from './output'
import { service } from './serving'
import { derived, onChange, state } from './state'
import { read } from './document'

const host = document.getElementById('verdict')!

type Tone = 'good' | 'warning' | 'error' | ''

interface Step {
  title: string
  text: string
  tone: Tone
  go: () => void
}

function draw(): void {
  const { tone, text, go, label } = verdict()
  render(
    html`<ol class="steps">${steps().map((s, i) => html`<li><button class="step ${s.tone}" @click=${s.go}><b>${i + 1} ${s.title}</b> <span>${s.text}</span></button></li>`)}</ol>
      <p class="verdict ${tone}"><b>${text}</b> ${effect()} ${age()} ${go ? html`<button class="small" @click=${go}>${label}</button>` : nothing}</p>
      <span class="verdict-actions"><button id="copy-verdict" aria-describedby="copy-notes" ?disabled=${output().text === undefined} @click=${copy}>Copy</button>
        ${service() ? html`<button id="go-try" ?disabled=${!derived.result?.change} @click=${goToTry}>Try it</button>` : nothing}</span>`,
    host,
  )
}

function goToTry(): void {
  showInput('try')
  document.getElementById('input-panel')!.focus()
}

function steps(): Step[] {
  const id = derived.current?.VpnConnectionId
  const now: Step = derived.currentProblem
    ? { title: 'Now', text: 'can’t be read', tone: 'error', go: goToCurrent }
    : { title: 'Now', text: id ? String(id) : 'not given', tone: id ? 'good' : partial() ? 'warning' : '', go: goToCurrent }
  const change: Step = { title: 'Change', text: changed(), tone: errors().length > 0 ? 'error' : derived.result?.change ? 'good' : '', go: () => (showInput(state.origin === 'event' ? 'event' : 'form'), document.getElementById('input-panel')!.focus()) }
  const request: Step = { title: 'Request', text: output().text === undefined ? 'none' : state.language, tone: output().text === undefined ? '' : 'good', go: () => document.querySelector<HTMLElement>('#language')?.focus() }
  return [now, change, request]
}

const count = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`

/** How much the change alters, or sets where the current configuration is not known. */
function changed(): string {
  const { result, current } = derived
  if (!result?.change) return state.change.trim() === '' ? 'empty' : 'has errors'
  if (current?.VpnConnectionId !== undefined && current.VpnConnectionId !== result.change.VpnConnectionId) return 'of another attachment'
  if (current) return `${count(result.differences?.length ?? 0, 'field')} ${result.differences?.length === 1 ? 'differs' : 'differ'}`
  return `${count(fieldsOf(result.change), 'field')} set`
}

/** The fields that a change sets, without what says which attachment or tunnel it is for. */
const fieldsOf = (value: unknown): number =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).reduce((n, [name, v]) => (/^(RegionId|VpnConnectionId|ClientToken|TunnelIndex|TunnelId)$/.test(name) ? n : n + fieldsOf(v)), 0)
    : 1

const errors = () => derived.findings.filter(f => f.severity === 'error')
const partial = () => derived.findings.some(needsCurrent)

/** What is to be done next, in one sentence, with the button that leads there. */
function verdict(): { tone: Tone; text: string; go?: () => void; label?: string } {
  const [first] = errors()
  const warnings = derived.findings.filter(f => f.severity === 'warning')
  if (first) return { tone: 'error', text: `${count(errors().length, 'error')}: no request.`, go: () => goToFinding(first), label: 'Go to the first' }
  if (!derived.result?.change) return { tone: '', text: state.current.trim() === '' ? 'Start with the current configuration, or with a change.' : 'No change yet.' }
  if (derived.current && fieldsOf(derived.result.change) === 0) return { tone: '', text: 'The current configuration is known. Make the change.' }
  if (partial()) return { tone: 'warning', text: 'Partial: the service may reset fields that are left out.', go: goToCurrent, label: 'Give the current configuration' }
  if (derived.current && !derived.result.differences?.length) return { tone: 'good', text: 'Nothing to send: the attachment is as the change asks.' }
  if (output().text === undefined) return { tone: 'warning', text: output().reason?.replace(/:$/, '.') ?? 'No request.' }
  if (warnings.length > 0) return { tone: 'warning', text: `Ready, with ${count(warnings.length, 'warning')}.`, go: () => goToFinding(warnings[0]!), label: 'Go to the first' }
  return { tone: 'good', text: 'Ready.' }
}

/** Which tunnels negotiate anew, by what differs from the current configuration. */
function effect(): TemplateResult | typeof nothing {
  const differences = derived.result?.differences ?? []
  if (!derived.current || differences.length === 0 || errors().length > 0) return nothing
  const whole = differences.some(d => d.tunnel === undefined && !/^Name$/.test(d.path))
  const tunnels = [...new Set(differences.flatMap(d => d.tunnel ?? []))]
  const dual = state.mode === 'dual'
  const all = whole || tunnels.length > 1
  if (!whole && tunnels.length === 0) return html`<span>No tunnel negotiates anew.</span>`
  const who = !dual ? 'The tunnel negotiates' : all ? 'Both tunnels negotiate' : `Tunnel ${tunnels[0]} negotiates`
  const immediately = String(read(derived.result?.change, ['EffectImmediately']) ?? read(derived.current, ['EffectImmediately'])) === 'true'
  if (!immediately) return html`<span>${who} anew when it is next due, as EffectImmediately is false.</span>`
  return html`<span>${who} anew at once${dual && !all ? `; tunnel ${3 - tunnels[0]!} is not changed.` : ': traffic stops meanwhile.'}</span>`
}

const VALID = 15 // minutes that a signature is taken

let timer: ReturnType<typeof setTimeout> | undefined

/** How old the signature of the request is. */
function age(): TemplateResult | typeof nothing {
  clearTimeout(timer)
  const at = signingTime()
  if (at === undefined) return nothing
  timer = setTimeout(draw, 20_000)
  const minutes = Math.floor((Date.now() - at) / 60_000)
  if (minutes >= VALID) return html`<span class="old">Signed ${minutes} minutes ago, which is too long: Copy signs anew.</span>`
  return html`<span>Signed ${minutes < 1 ? 'just now' : `${count(minutes, 'minute')} ago`}, valid for ${count(VALID - Math.max(minutes, 0), 'minute')}.</span>`
}

onChange(draw)
