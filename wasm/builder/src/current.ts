// This file shows the current configuration next to the proposed one.

import { html, nothing, render } from 'lit-html'
import { live } from 'lit-html/directives/live.js'
import { readCurrent } from './describe-response'
import * as core from './core'
import { createEditor, bindReveal } from './editor'
import { LARGE, parse, write } from './document'
import { findingNote } from './finding-item'
import { focusField } from './form'
import { diagnostics } from './diagnostics'
import { canonical } from './fixes'
import { derived, onChange, options, state, update } from './state'
import { compare, type Group, type Row } from './compare'
import { tables } from './tables'

const host = document.getElementById('current-diff')!
export const currentEditor = createEditor(document.getElementById('current-editor')!, 'DescribeVpnConnection response, JSON', text => (Math.min(text.length, state.current.length) > LARGE ? update({ current: text }) : setCurrent(text)))

/** Sets the current configuration, and from it the region and id that the change lacks. */
export function setCurrent(current: string, how: 'edit' | 'revert' = 'edit'): void {
  let change = state.change
  const document: Record<string, unknown> = derived.document.value ?? {}
  const { current: known } = readCurrent(current, document.VpnConnectionId)
  if (known && (state.change.trim() === '' || derived.document.value)) {
    for (const name of ['VpnConnectionId', 'RegionId']) {
      if (!document[name] && known[name]) change = write(change, [name], known[name])
    }
  }
  const input = how === 'revert' ? { input: 'current' as const } : {}
  update({ current, ...input, ...(change === state.change ? {} : { change }) }, how)
}

let showAll = false // also the fields without a difference

function draw(): void {
  if (state.input !== 'current') return
  const problem = findProblem()
  currentEditor.show(state.current, problem ? diagnostics(state.current, parse(state.current), [{ ...problem, path: '' }]) : [])
  render(body(problem), host)
}

const findProblem = (): core.Finding | undefined => derived.currentProblem ?? derived.findings.find(f => f.rule === 'current-of-another')

function body(problem: core.Finding | undefined) {
  if (state.current.trim() === '') {
    return html`<p class="empty">Paste the response of <code>DescribeVpnConnection</code> to see what the change would alter. Requests then contain whole objects. A list, an SDK’s object and other spellings of names will do. This command prints it:</p>
      <pre class="command"><code>${describeCommand()}</code></pre><p class="empty">
      ${tables.current.map(c => html`<button class="small" @click=${() => useExample(c.text)}>Example: ${c.name}</button>`)}</p>`
  }
  if (problem) return findingNote(problem)
  const { result, current } = derived
  if (!result?.change || !current) return html`<p class="empty">Nothing to compare yet.</p>`
  const groups = compare(current, result.change, result.differences ?? [], state.mode)
  const count = countDifferences(groups.flatMap(g => g.rows))
  return html`<div class="compare-head"><h4>Current and proposed</h4>
      <span class="count">${count === 0 ? 'no differences' : `${count} ${count === 1 ? 'field differs' : 'fields differ'}`}</span>
      <label class="check"><input type="checkbox" .checked=${live(showAll)} @change=${toggleAll} /> Show all fields</label></div>
    <table class="compare" role="table">
      <thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">field</th><th role="columnheader" scope="col">current</th><th role="columnheader" scope="col">proposed</th></tr></thead>
      ${groups.map(groupRows)}
    </table>
    ${result.parameters ? mergedRequest(core.request(result.change, options(), false).parameters ?? {}) : nothing}`
}

/** The command of Alibaba Cloud's own tool, for the attachment in the change. */
function describeCommand(): string {
  const { RegionId, VpnConnectionId } = derived.document.value ?? {}
  const word = (value: unknown, otherwise: string) => (/^[\w-]+$/.test(String(value ?? '')) ? String(value) : otherwise)
  return `aliyun vpc DescribeVpnConnection --RegionId ${word(RegionId, 'REGION')} --VpnConnectionId ${word(VpnConnectionId, 'vco-…')}`
}

function useExample(example: string): void {
  setCurrent(example)
  document.getElementById('input-panel')!.focus()
}

const countDifferences = (rows: Row[]) => rows.filter(r => r.differs).length

function toggleAll(): void {
  showAll = !showAll
  draw()
}

function groupRows({ title, rows }: Group) {
  const n = countDifferences(rows)
  return html`<tbody role="rowgroup" data-group=${title}>
    <tr class="group" role="row"><th role="rowheader" colspan="3" scope="rowgroup">${title} <span class="count">${n === 0 ? `${rows.length} unchanged` : `${n} of ${rows.length} ${n === 1 ? 'differs' : 'differ'}`}</span></th></tr>
    ${n > 0 || showAll ? rows.map(fieldRow) : nothing}
  </tbody>`
}

const BESIDE = 18 // characters of a value that has another one beside it on a phone

function fieldRow(r: Row) {
  const name = r.name.includes('.') ? breakable(r.path) : html`<code>${r.name}</code>`
  const lists = r.differs && /Subnet$/.test(r.path) && r.from !== '' && r.to !== '' ? listsOf(r.from, r.to) : undefined
  const replaced = r.secret && r.differs && r.from !== '' && r.to !== ''
  const isLong = [r.from, r.to].some(text => text.split(',').some(block => block.length > BESIDE))
  return html`<tr class="${r.differs ? 'differs' : ''} ${isLong ? 'long' : ''}" role="row" data-field=${r.path}>
    <th role="rowheader" scope="row">${r.differs ? html`<button class="link" title="Go to the field" @click=${() => goToField(r.path)}>${name}</button>` : name}</th>
    <td role="cell" class="current">${lists ? blocks(lists.removed, 'del', lists.kept) : r.differs && r.from && !replaced ? html`<del>${r.from}</del>` : r.from || html`<span class="faint">not set</span>`}</td>
    <td role="cell" class="proposed">${lists ? blocks(lists.added, 'ins', lists.kept) : r.differs ? (replaced ? 'replaced' : html`<ins>${r.to}</ins>`) : r.to}</td>
  </tr>`
}

/** What of two lists of blocks is only in one of them. */
function listsOf(from: string, to: string): { removed: string[]; added: string[]; kept: number } {
  const [before, after] = [from, to].map(text => text.split(',').map(b => canonical(b.trim()))) as [string[], string[]]
  return { removed: before.filter(b => !after.includes(b)), added: after.filter(b => !before.includes(b)), kept: before.filter(b => after.includes(b)).length }
}

const MOST = 20 // blocks that are shown of a list

const blocks = (list: string[], tag: 'del' | 'ins', kept: number) =>
  html`${list.slice(0, MOST).map(b => html`<span class="block">${tag === 'del' ? html`<del>${b}</del>` : html`<ins>${b}</ins>`}</span>`)}${list.length > MOST ? html`<span class="block faint">and ${list.length - MOST} more</span>` : nothing}<span class="block faint">${list.length === 0 ? `none ${tag === 'del' ? 'removed' : 'added'}, ` : ''}${kept} kept</span>`

function goToField(path: string): void {
  update({ input: 'form' })
  focusField(path)
}

/** The path, with line breaks allowed after its dots. */
const breakable = (path: string) => html`<code>${path.split(/(?<=[.\]])/).map((part, i) => (i ? html`<wbr />${part}` : part))}</code>`

function mergedRequest(parameters: Record<string, string>) {
  return html`<details class="merged" open><summary><h4>Merged request</h4><span class="count">${Object.keys(parameters).length} parameters</span></summary>
    <table class="diff"><tbody>${Object.entries(parameters).map(([name, value]) => html`<tr><td>${breakable(name)}</td><td><code>${value}</code></td></tr>`)}</tbody></table></details>`
}

onChange(draw)
bindReveal('current-reveal', currentEditor)
document.getElementById('current-clear')!.addEventListener('click', () => update({ current: '' }))
