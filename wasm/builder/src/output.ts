// This file renders the output: the request in each language, its parameters, and the steps of its signature.

import { html, nothing, render, type TemplateResult } from 'lit-html'
import { live } from 'lit-html/directives/live.js'
import { coloured } from './colour'
import * as core from './core'
import { findingNote } from './finding-item'
import { goToFinding } from './findings'
import { fold, kindOf } from './fold'
import { showStatus } from './status'
import { read } from './document'
import { derived, onChange, options, state, update } from './state'
import { tables, TUNNELS } from './tables'
import { itemOf } from './tunnels'

const host = document.getElementById('output-body')!

const all = [...tables.languages.map(l => ({ id: l.name, title: l.title })), { id: 'parameters', title: 'Parameters' }, { id: 'signature', title: 'Signature' }]

interface Output {
  text?: string
  reason?: string
  hint?: string
  blocking?: core.Finding[]
}

let last: Output = {}

/** The text that is shown, or the reason why there is none. */
export const output = () => last

/** The text of the selected tab, or the reason why there is none. */
function textOrReason(): Output {
  if (derived.outcome.pending) return { reason: 'The event is being read…' }
  const change = derived.result?.change
  if (!change) return derived.findings.length > 0 ? { reason: 'There is no request:', blocking: derived.findings } : { reason: 'There is no change yet.' }
  if (derived.findings.some(f => f.severity === 'error')) return { reason: 'No request while there are errors:', blocking: derived.findings.filter(f => f.severity === 'error') }
  const callOptions = options()
  if (!hasAccessKey()) delete callOptions.credentials
  if (state.language === 'parameters' || state.language === 'signature') {
    const result = core.request(change, callOptions, state.secrets)
    const failure = errorOutput(result)
    if (failure) return failure
    if (!result.parameters) return { reason: 'Nothing to send: the attachment already has these values.' }
    if (state.language === 'parameters') return { text: parameters(result) }
    return result.request ? { text: signature(result.request) } : needsAccessKey
  }
  const result = core.snippet(change, state.language, callOptions, state.secrets)
  if (result.error?.code === 'not-signed' && !callOptions.credentials) return needsAccessKey
  return errorOutput(result) ?? { text: result.text }
}

/** The error as output. Findings are more precise than the error that contains them. */
function errorOutput({ error, findings }: Pick<core.Built, 'error' | 'findings'>): Output | undefined {
  const errors = (error?.findings ?? findings).filter(f => f.severity === 'error')
  if (errors.length > 0) return { reason: `${state.language.startsWith('peer-') ? 'The other end can’t have this configuration' : 'There is no request'}:`, blocking: placed(errors) }
  return error && { reason: error.message, hint: error.hint }
}

/** Findings about the whole configuration, whose tunnels are in their order, at their places in the change. */
const placed = (findings: readonly core.Finding[]): core.Finding[] =>
  findings.map(f => (derived.current ? { ...f, path: f.path.replace(/^TunnelOptionsSpecification\[(\d)\]/, (_, i: string) => `${TUNNELS}[${itemOf(derived.document.value, Number(i) + 1, derived.current)}]`) } : f))

/** What is to be known before it is copied: what it lacks to be sent, and where it has a key. */
function notes(): string[] {
  const { language, secrets } = state
  const all: string[] = []
  if (/^(http|signature)$/.test(language) && !secrets) all.push(`${hasAccessKey() ? 'Without secrets' : 'Without an access key'} the signature is ***: this can’t be sent.`)
  else if (!hasAccessKey() && language === 'curl') all.push('Without an access key here, it signs with ALIBABA_CLOUD_ACCESS_KEY_ID and …_SECRET of its environment.')
  else if (!hasAccessKey() && /^(aliyun|go|python|typescript)$/.test(language)) all.push('Without an access key here, it takes the one of its own environment.')
  const key = read(derived.result?.change, ['IkeConfig', 'Psk'])
  if (key && /^(curl|http|aliyun|go|python|typescript|parameters|signature)$/.test(language)) all.push('With a single tunnel the key is in the URL’s query, which proxies and logs may keep.')
  return all
}

const signedAt = /x-acs-date: (\d[\dT:-]+Z)|[?&]Timestamp=(\d[\w%-]+)/

/** When the text that is shown was signed; undefined when it holds no signature. */
export function signingTime(): number | undefined {
  const [, v3, v1] = signedAt.exec(last.text ?? '') ?? []
  return v3 || v1 ? Date.parse(v3 ?? decodeURIComponent(v1!)) : undefined
}

const needsAccessKey = { reason: 'A request with secrets must be signed.', hint: 'Enter an access key under Signing. It stays in this page.' }

const hasAccessKey = () => state.credentials.accessKeyId !== '' && state.credentials.accessKeySecret !== ''

function parameters(r: { parameters?: Record<string, string> }): string {
  return Object.entries(r.parameters ?? {}).map(([name, value]) => `${name} = ${value}`).join('\n')
}

/** The steps of the signature, to check them by hand. */
function signature(r: core.HttpRequest): string {
  const canonical = r.canonicalRequest ? `# 1. Canonical request\n${r.canonicalRequest}\n\n# 2. String to sign: the algorithm, and the canonical request's SHA-256\n` : '# 1. String to sign\n'
  const last = r.headers.authorization
    ? `# 3. HMAC-SHA256 of it with the access key secret, in the header\nauthorization: ${r.headers.authorization}`
    : `# 2. HMAC-SHA1 of it with the access key secret and "&", in the query\n${/[?&](Signature=[^&]*)/.exec(r.url)?.[1] ?? ''}`
  return `${canonical}${r.stringToSign ?? ''}\n\n${last}`
}

function draw(): void {
  const out = (last = textOrReason())
  const title = all.find(t => t.id === state.language)?.title
  render(
    html`<div class="toolbar">
        <span class="picker"><select id="language" aria-label="Request format" @change=${(e: Event) => update({ language: (e.target as HTMLSelectElement).value })}>
          ${all.map(t => html`<option value=${t.id} ?selected=${t.id === state.language}>${t.title}</option>`)}</select></span>
        <button class="primary" id="copy" aria-describedby="copy-notes" ?disabled=${out.text === undefined} @click=${copy}>Copy ${title}</button>
        <label class="check"><input type="checkbox" id="with-secrets" .checked=${live(state.secrets)} @change=${(e: Event) => update({ secrets: (e.target as HTMLInputElement).checked })} /> with secrets</label>
      </div>
      ${out.text === undefined ? nothing : html`<div id="copy-notes">${notes().map(n => html`<p class="note">${n}</p>`)}</div>`}
      <div id="output-panel" role="region" aria-label="Request as ${title}" tabindex="0">
        ${out.text === undefined
          ? html`<p class="empty" id="reason">${out.reason}${out.hint ? html`<br /><span class="hint">${out.hint}</span>` : nothing}</p>${out.blocking ? blocking(out.blocking) : nothing}`
          : html`<pre><code>${coloured(out.text)}</code></pre>`}
      </div>
      ${signing(derived.findings.find(f => f.path === 'endpoint'))}`,
    host,
  )
}

const FEW = 5

/** What keeps the request from being made, each with a way to its place. */
function blocking(findings: core.Finding[]): TemplateResult {
  const rows = fold(findings, kindOf)
  return html`<ul class="blocking">
    ${rows.slice(0, FEW).map(f => html`<li><button class="link" @click=${() => goToFinding(f)}>${f.message}</button></li>`)}
    ${rows.length > FEW ? html`<li class="faint">and ${rows.length - FEW} more among the findings</li>` : nothing}
  </ul>`
}

function signing(wrongEndpoint: core.Finding | undefined): TemplateResult {
  const secret = (name: keyof core.Credentials, label: string, type: string) => html`<div class="field ${state.credentials[name] ? 'is-set' : ''}">
    <label for=${name}>${label}</label>
    <div class="control"><input id=${name} type=${type} autocomplete="off" spellcheck="false" .value=${live(state.credentials[name])}
      @input=${(e: Event) => update({ credentials: { ...state.credentials, [name]: (e.target as HTMLInputElement).value.trim() } })} /></div>
  </div>`
  return html`<details class="signing" data-section="Signing">
    <summary><h3>Signing</h3><span class="count">${hasAccessKey() ? 'access key set' : 'no access key'}</span></summary>
    <div class="fields">
      ${secret('accessKeyId', 'Access key ID', 'text')}
      ${secret('accessKeySecret', 'Access key secret', 'password')}
      ${secret('securityToken', 'Security token (STS)', 'password')}
      <div class="field"><label for="signature-version">Signature</label><div class="control">
        <select id="signature-version" @change=${(e: Event) => update({ signature: (e.target as HTMLSelectElement).value as 'v3' | 'v1' })}>
          <option value="v3" ?selected=${state.signature === 'v3'}>ACS3-HMAC-SHA256</option>
          <option value="v1" ?selected=${state.signature === 'v1'}>HMAC-SHA1 (V1)</option>
        </select></div></div>
      <div class="field"><label for="account">Account ID, for the RAM policy</label><div class="control">
        <input id="account" type="text" inputmode="numeric" spellcheck="false" placeholder="any" autocomplete="off" .value=${live(state.accountId)} @input=${(e: Event) => update({ accountId: (e.target as HTMLInputElement).value.trim() })} /></div></div>
      <div class="field ${wrongEndpoint ? 'error' : ''}"><label for="endpoint">Endpoint</label><div class="control">
        <input id="endpoint" type="text" spellcheck="false" placeholder="by region" autocomplete="off" aria-invalid=${wrongEndpoint ? 'true' : nothing} aria-describedby=${wrongEndpoint ? 'endpoint-note' : nothing} .value=${live(state.endpoint)} @input=${(e: Event) => update({ endpoint: (e.target as HTMLInputElement).value.trim() })} /></div>
        ${wrongEndpoint ? html`<div id="endpoint-note">${findingNote(wrongEndpoint)}</div>` : nothing}</div>
    </div>
    <p class="faint">A signature is valid for 15 minutes. Keys stay in this page's memory and are never stored, shared or sent.</p>
  </details>`
}

/** Copies the text of the tab; a signed request is signed again with the current time. */
export async function copy(): Promise<void> {
  update({}) // signs with the time of now
  const out = last
  if (out.text === undefined) return showStatus(out.reason ?? 'There is nothing to copy.')
  document.dispatchEvent(new Event('request-copied'))
  try {
    await navigator.clipboard.writeText(out.text)
    showStatus(state.secrets ? 'Copied, with secrets.' : 'Copied, without secrets.')
  } catch {
    showStatus('The browser does not allow copying. Select the text instead.')
  }
}

onChange(draw)
