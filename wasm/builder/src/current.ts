// This file is the "Current" box: what Describe returned, beside what would become of it.

import { html, nothing, render } from 'lit-html'
import { live } from 'lit-html/directives/live.js'
import { readCurrent } from './describe-response'
import * as core from './core'
import { createEditor, revealBy } from './editor'
import { parse, write } from './document'
import { note } from './finding-item'
import { focusField } from './form'
import { marks } from './diagnostics'
import { derived, onChange, options, state, update } from './state'
import { sides, type Part, type Row } from './compare'
import { tables } from './tables'
import { tunnelsOf } from './tunnels'

const host = document.getElementById('current-diff')!
export const currentEditor = createEditor(document.getElementById('current-editor')!, 'Answer of DescribeVpnConnection, JSON', adopt)

/** Takes the answer in, and from it what the form would otherwise ask for. */
export function adopt(current: string): void {
  let change = state.change
  const document = derived.document.value ?? {}
  const { now } = readCurrent(current, () => document.VpnConnectionId)
  if (now && (state.change.trim() === '' || derived.document.value)) {
    if (!document.VpnConnectionId && typeof now.VpnConnectionId === 'string') change = write(change, ['VpnConnectionId'], now.VpnConnectionId)
    const region = regionOf(now)
    if (!document.RegionId && region) change = write(change, ['RegionId'], region)
  }
  update(change === state.change ? { current } : { current, change }, 'on')
}

/** Describe does not say the region, but a zone, of the attachment or of a tunnel, is its region and a letter. */
function regionOf(now: Record<string, unknown>): string | undefined {
  const zones = [now, ...tunnelsOf(now)].map(at => at.ZoneNo)
  return zones.map(zone => /^(.+?)(?:-|(?<=\d))[a-z]$/.exec(String(zone))?.[1]).find(region => region)
}

let whole = false // shows the parts without a difference, too

function draw(): void {
  if (state.input !== 'current') return
  const problem = currentProblem()
  currentEditor.show(state.current, problem ? marks(state.current, parse(state.current), [{ ...problem, path: '' }]) : [])
  render(body(problem), host)
}

const currentProblem = (): core.Finding | undefined => derived.unreadable ?? derived.findings.find(f => f.rule === 'current-of-another')

function body(problem: core.Finding | undefined) {
  if (state.current.trim() === '') {
    return html`<p class="empty">Paste what <code>DescribeVpnConnection</code> returned: the page then shows what differs, and sends whole objects.
      ${tables.current.map(c => html`<button class="small" @click=${() => take(c.text)}>Example: ${c.name}</button>`)}</p>`
  }
  if (problem) return note(problem)
  const { result, known } = derived
  if (!result?.change || !known) return html`<p class="empty">Nothing to compare yet.</p>`
  const parts = sides(known, result.change, result.differences ?? [], state.mode)
  const count = parts.reduce((n, p) => n + differing(p), 0)
  return html`<div class="sides-head"><h4>Current and proposed</h4>
      <span class="count">${count === 0 ? 'nothing differs' : `${count} ${count === 1 ? 'field differs' : 'fields differ'}`}</span>
      <label class="check"><input type="checkbox" .checked=${live(whole)} @change=${toggleWhole} /> all fields</label></div>
    <table class="sides" role="table">
      <thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">field</th><th role="columnheader" scope="col">current</th><th role="columnheader" scope="col">proposed</th></tr></thead>
      ${parts.map(part)}
    </table>
    ${result.parameters ? merged(core.request(result.change, options(), false).parameters ?? {}) : nothing}`
}

function take(example: string): void {
  adopt(example)
  document.getElementById('input-panel')!.focus()
}

const differing = (p: Part) => p.rows.filter(r => r.differs).length

function toggleWhole(): void {
  whole = !whole
  draw()
}

function part(p: Part) {
  const n = differing(p)
  return html`<tbody role="rowgroup" data-part=${p.title}>
    <tr class="part" role="row"><th role="rowheader" colspan="3" scope="rowgroup">${p.title} <span class="count">${n === 0 ? `${p.rows.length} the same` : `${n} of ${p.rows.length} ${n === 1 ? 'differs' : 'differ'}`}</span></th></tr>
    ${n > 0 || whole ? p.rows.map(pair) : nothing}
  </tbody>`
}

function pair(r: Row) {
  const name = r.name.includes('.') ? breakable(r.path) : html`<code>${r.name}</code>`
  const replaced = r.secret && r.differs && r.from !== '' && r.to !== ''
  return html`<tr class=${r.differs ? 'differs' : ''} role="row" data-field=${r.path}>
    <th role="rowheader" scope="row">${r.differs ? html`<button class="link" title="Go to the field" @click=${() => goTo(r.path)}>${name}</button>` : name}</th>
    <td role="cell" class="from">${r.differs && r.from && !replaced ? html`<del>${r.from}</del>` : r.from || html`<span class="faint">not set</span>`}</td>
    <td role="cell" class="to">${r.differs ? (replaced ? 'replaced' : html`<ins>${r.to}</ins>`) : r.to}</td>
  </tr>`
}

function goTo(path: string): void {
  update({ input: 'form' })
  focusField(path)
}

/** A long path may break after its dots. */
const breakable = (path: string) => html`<code>${path.split(/(?<=[.\]])/).map((part, i) => (i ? html`<wbr />${part}` : part))}</code>`

function merged(parameters: Record<string, string>) {
  return html`<details class="merged" open><summary><h4>Merged request</h4><span class="count">${Object.keys(parameters).length} parameters</span></summary>
    <table class="diff"><tbody>${Object.entries(parameters).map(([name, value]) => html`<tr><td>${breakable(name)}</td><td><code>${value}</code></td></tr>`)}</tbody></table></details>`
}

onChange(draw)
revealBy('current-reveal', currentEditor)
document.getElementById('current-clear')!.addEventListener('click', () => update({ current: '' }))
