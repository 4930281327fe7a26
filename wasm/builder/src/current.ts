// This file is the "Current" box: what Describe returned, beside what would become of it.

import { html, nothing, render } from 'lit-html'
import { createEditor } from './editor'
import { parse, steps, write } from './document'
import { derived, onChange, state, update } from './state'
import { MASK, redact } from './secrets'
import { parameterAt, tables } from './tables'

const host = document.getElementById('current-diff')!
const editor = createEditor(document.getElementById('current-editor')!, 'Answer of DescribeVpnConnection, JSON', adopt)

/** Takes the answer in, and from it what the form would otherwise ask for. */
export function adopt(current: string): void {
  const now = parse(current).value
  let change = state.change
  const document = derived.document.value ?? {}
  if (now && (state.change.trim() === '' || derived.document.value)) {
    if (!document.VpnConnectionId && typeof now.VpnConnectionId === 'string') change = write(change, ['VpnConnectionId'], now.VpnConnectionId)
    const region = regionOf(now)
    if (!document.RegionId && region) change = write(change, ['RegionId'], region)
  }
  update(change === state.change ? { current } : { current, change })
}

/** Describe does not say the region, but a zone is its region and a letter. */
function regionOf(now: Record<string, unknown>): string | undefined {
  return typeof now.ZoneNo === 'string' ? /^(.+)-[a-z]$/.exec(now.ZoneNo)?.[1] : undefined
}

function draw(): void {
  if (state.input !== 'current') return
  editor.set(state.current)
  render(body(), host)
}

function body() {
  if (state.current.trim() === '') {
    return html`<p class="empty">Paste what <code>DescribeVpnConnection</code> returned: the page then shows what differs, and sends whole objects.
      ${tables.current.map(c => html`<button class="small" @click=${() => adopt(c.text)}>Example: ${c.name}</button>`)}</p>`
  }
  if (!derived.now) return html`<p class="note error">This is not a JSON object.</p>`
  const { result, outcome } = derived
  if (outcome.error?.path === 'current') return html`<p class="note error">${outcome.error.message} <span class="hint">${outcome.error.hint}</span></p>`
  if (!result?.change) return html`<p class="empty">Nothing to compare yet.</p>`
  const rows = result.differences ?? []
  return html`<h4>Current and proposed</h4>
    ${rows.length === 0
      ? html`<p class="empty">Nothing differs.</p>`
      : html`<table class="diff"><thead><tr><th>field</th><th>current</th><th>proposed</th></tr></thead>
          <tbody>${rows.map(d => html`<tr><td>${breakable(d.path)}</td><td class="from">${d.from ? html`<del>${d.from}</del>` : html`<span class="faint">not set</span>`}</td><td class="to"><ins>${d.to}</ins></td></tr>`)}</tbody></table>`}
    ${result.parameters
      ? html`<h4>Merged request</h4><table class="diff"><tbody>${Object.entries(result.parameters).map(([name, value]) => html`<tr><td>${breakable(name)}</td><td><code>${masked(name, value)}</code></td></tr>`)}</tbody></table>`
      : nothing}`
}

/** A long path may break after its dots. */
const breakable = (path: string) => html`<code>${path.split(/(?<=[.\]])/).map((part, i) => (i ? html`<wbr />${part}` : part))}</code>`

/** The value as it may be shown. A nested parameter comes as JSON text, a tunnel's one by one. */
function masked(name: string, value: string): string {
  if (state.secrets) return value
  return parameterAt(steps(name))?.secret ? MASK : redact(value)
}

onChange(draw)
document.getElementById('current-clear')!.addEventListener('click', () => update({ current: '' }))
