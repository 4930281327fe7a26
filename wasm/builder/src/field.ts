// This file renders one field of the form: its name, an input for its kind, and its findings.

import { html, nothing, type TemplateResult } from 'lit-html'
import { live } from 'lit-html/directives/live.js'
import type { Finding } from './core'
import { findingNotes } from './finding-item'
import { cross, dice, eye, eyeOff } from './icons'
import { generate, MASK } from './secrets'
import { formatValue } from './compare'
import type { Parameter } from './tables'

export interface Field {
  parameter: Parameter
  path: string // as findings name it
  value: unknown
  current: unknown // the value in the current configuration, if that is known
  findings: Finding[]
  set: (value: unknown) => void
}

// By path, the value that was revealed: the value of another change stays hidden.
const revealed = new Map<string, unknown>()

export const isRevealed = (path: string, value: unknown): boolean => revealed.has(path) && revealed.get(path) === value

export function field({ set, ...rest }: Field, redraw: () => void): TemplateResult {
  const f: Field = {
    ...rest,
    set(value) {
      if (isRevealed(f.path, f.value)) revealed.set(f.path, value)
      set(value)
    },
  }
  const p = f.parameter
  const id = `field-${f.path}`
  const worst = f.findings.find(x => x.severity === 'error') ?? f.findings.find(x => x.severity === 'warning') ?? f.findings[0]
  const isSet = f.value !== undefined
  const clear = () => {
    f.set(undefined)
    document.getElementById(id)?.focus()
  }
  return html`<div class="field ${isSet ? 'is-set' : ''} ${worst?.severity ?? ''} ${wide(p) ? 'wide' : ''}" data-path=${f.path}>
    <label for=${id} title=${p.doc}>${p.name}${p.required ? html`<span class="required" title="required"> *</span>` : nothing}</label>
    <div class="control">
      ${control(f, id, worst)}
      ${p.secret ? secretButtons(f, redraw) : nothing}
      ${isSet ? html`<button class="icon" title="Remove ${p.name}" aria-label="Remove ${p.name}" @click=${clear}>${cross}</button>` : nothing}
    </div>
    ${f.findings.length > 0
      ? html`<div class="notes" id="${id}-notes">${findingNotes(f.findings)}</div>`
      : nothing}
  </div>`
}

const wide = (p: Parameter) => p.kind === 'subnets' || p.secret

function control(f: Field, id: string, worst: Finding | undefined): TemplateResult {
  const p = f.parameter
  const described = worst ? `${id}-notes` : nothing
  const required = p.required ? 'true' : nothing
  const invalid = worst?.severity === 'error' ? 'true' : nothing
  const current = f.current === undefined || f.current === '' ? undefined : `current: ${p.secret ? MASK : String(f.current)}`
  const choices = p.enum ?? (p.kind === 'bool' ? ['true', 'false'] : undefined)
  if (choices) {
    const value = f.value === undefined ? '' : String(f.value)
    const change = (e: Event) => {
      const chosen = (e.target as HTMLSelectElement).value
      f.set(chosen === '' ? undefined : p.kind === 'bool' ? chosen === 'true' : chosen)
    }
    const unlisted = value !== '' && !choices.includes(value)
    return html`<select id=${id} aria-required=${required} .value=${live(value)} aria-describedby=${described} aria-invalid=${invalid} aria-description=${p.doc} @change=${change}>
      <option value="" ?selected=${value === ''}>${current ?? '–'}</option>
      ${choices.map(c => html`<option value=${c} ?selected=${c === value}>${c}</option>`)}
      ${unlisted ? html`<option value=${value} selected>${value}</option>` : nothing}
    </select>`
  }
  const input = (e: Event) => f.set(typed(p, (e.target as HTMLInputElement).value))
  const hidden = p.secret && !isRevealed(f.path, f.value)
  const number = p.kind === 'int' || p.kind === 'asn'
  return html`<input
    id=${id}
    type=${hidden ? 'password' : 'text'}
    .value=${live(formatValue(f.value))}
    placeholder=${current ?? (p.required ? p.example : undefined) ?? ''}
    inputmode=${number ? 'numeric' : 'text'}
    autocomplete=${p.secret ? 'new-password' : 'off'}
    spellcheck="false"
    autocapitalize="off"
    aria-describedby=${described}
    aria-invalid=${invalid}
    aria-required=${required}
    aria-description=${p.doc}
    @input=${input}
  />`
}

function secretButtons(f: Field, redraw: () => void): TemplateResult {
  const visible = isRevealed(f.path, f.value)
  const toggle = () => {
    if (visible) revealed.delete(f.path)
    else revealed.set(f.path, f.value)
    redraw()
  }
  return html`<button class="icon" aria-pressed=${visible} aria-label="Show ${f.path}" title=${visible ? 'Hide' : 'Show'} @click=${toggle}>${visible ? eyeOff : eye}</button>
    <button class="icon" aria-label="Generate ${f.path}" title="New random key: 32 letters and digits, valid for Alibaba Cloud and AWS" @click=${() => f.set(generate())}>${dice}</button>`
}

/** The text converted to the type of the parameter, or the text itself when that is not possible. */
function typed(p: Parameter, text: string): unknown {
  if (text === '') return undefined
  const number = p.kind === 'int' || p.kind === 'asn'
  return number && /^(0|[1-9]\d*)$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : text
}
