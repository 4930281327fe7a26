// This file writes the reference pages from the project's tables: plain HTML, of which only the search needs a script.

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, '../..')
const schema = path => JSON.parse(readFileSync(join(root, path), 'utf8'))

const escape = text => String(text).replace(/[&<>"]/g, c => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c])
const code = text => `<code>${escape(text)}</code>`

const pages = [
  ['parameters', 'Parameters'],
  ['findings', 'Findings'],
  ['errors', 'API errors'],
  ['events', 'Events'],
  ['rules', 'Rules'],
  ['outcomes', 'Outcomes'],
  ['commands', 'Command line'],
]

const api = name => `<a href="https://api.alibabacloud.com/document/Vpc/2016-04-28/${name}" rel="noreferrer">${name}</a>`

// What the headings and rows of a page are called, by their anchors, in the page's order.
const anchored = body => [...body.matchAll(/<(h3|tr|article) id="([^"]+)"[^>]*>(?:(?:<td>|<h4>)?(?:<code>)?)([^<]*)/g)].map(([, tag, id, text]) => ({ tag, id, text }))

const contents = body => {
  const parts = anchored(body).filter(({ tag }) => tag === 'h3')
  return parts.length < 2 ? '' : `<nav class="contents" aria-label="On this page"><ul>${parts.map(({ id, text }) => `<li><a href="#${id}">${text}</a></li>`).join('')}</ul></nav>\n`
}

// Each heading and row has a link to itself, at its end.
const withLinks = body => body
  .replace(/(<h3 id="([^"]+)">)([^<]*)<\/h3>/g, (_, open, id, text) => `${open}${text} ${self(id, text)}</h3>`)
  .replace(/(<article id="([^"]+)" class="finding"><h4>)([^]*?)<\/h4>/g, (_, open, id, text) => `${open}${text} ${self(id, id)}</h4>`)
  .replace(/(<tr id="([^"]+)"><td>)([^]*?)<\/td>/g, (_, open, id, text) => `${open}${text} ${self(id, id)}</td>`)
const self = (id, text) => `<a class="anchor" href="#${id}" aria-label="Link to ${text}">#</a>`

function page(name, lead, body) {
  const title = pages.find(p => p[0] === name)[1]
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>vpnattach: ${title.toLowerCase()}</title>
<link rel="icon" href="../icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="../style.css">
<link rel="stylesheet" href="reference.css">
<script type="module" src="search.js"></script>
</head>
<body class="reference">
<header>
<h1>vpnattach <span>reference</span></h1>
<p class="claim"></p>
<nav aria-label="Reference">${pages.map(([id, text]) => `<a href="${id}.html"${id === name ? ' aria-current="page"' : ''}>${text}</a>`).join('')}<a href="../">Builder</a></nav>
</header>
<main>
<div id="search" role="search" hidden><label for="query">Search the reference</label><input id="query" type="search" autocomplete="off" spellcheck="false"><p id="found" role="status"></p><ul id="results"></ul></div>
<h2>${title}</h2>
<p class="lead">${lead}</p>
${contents(body)}${withLinks(body)}
</main>
</body>
</html>
`
}

const table = (label, head, rows) =>
  `<div class="scroll" tabindex="0" role="region" aria-label="${escape(label)}"><table><thead><tr>${head.map(h => `<th scope="col">${h}</th>`).join('')}</tr></thead><tbody>\n${rows.join('\n')}\n</tbody></table></div>`

function values(p) {
  if (p.enum) return p.enum.map(code).join(' ')
  if (p.kind === 'bool') return `${code('true')} ${code('false')}`
  const range = p.max && p.max < 2 ** 53 ? `${p.min ?? 0} to ${p.max}` : p.min ? `from ${p.min}` : ''
  if (p.kind === 'text' && p.min === 1 && !p.max) return ''
  if (p.kind === 'int' || p.kind === 'asn') return range
  return p.kind === 'text' && range ? `${range} characters` : ''
}

// Links from one table to the others: of a name that a sentence mentions, and of a code that both have.
function linker({ core, codes }) {
  const targets = new Map()
  const visit = (rows, around) => rows.forEach(p => {
    if (/^[A-Z]\w*[A-Z]/.test(p.name) && !targets.has(p.name)) targets.set(p.name, `parameters.html#${around}${p.name}`)
    visit(p.fields ?? [], `${around}${p.name}.`)
  })
  visit(core.parameters, '')
  for (const c of codes) targets.set(c.name, `errors.html#${c.name}`)
  for (const r of core.rules) if (r.id.includes('-')) targets.set(r.id, `findings.html#${r.id}`)
  // A sentence is not searched for the codes that are patterns or words.
  const words = [...targets.keys()].filter(word => !/[ *]/.test(word)).sort((a, b) => b.length - a.length).map(word => word.replaceAll('.', '\\.'))
  const names = new RegExp(`(?<![\\w.-])(?:${words.join('|')})(?![\\w-]|\\.\\w)`, 'g')
  return {
    text: (text, own) => escape(text).replace(names, name => (name === own ? name : `<a href="${escape(targets.get(name))}">${name}</a>`)),
    code: name => (targets.has(name) ? `<a href="${escape(targets.get(name))}">${code(name)}</a>` : code(name)),
    mentions: (text, name) => (text.match(names) ?? []).includes(name),
  }
}

// The checks that are about a parameter: they name it, or what the service answers is the same.
const checksOf = (p, rules, links) =>
  rules.filter(r => (p.apiCode && r.apiCode === p.apiCode && p.apiCode.includes('.')) || links.mentions([r.title, r.why, r.hint, r.fix].join(' '), p.name))

function parameterRow(p, around, rules, links) {
  const marks = [
    p.required && 'required',
    p.mode !== 'both' && `${p.mode}-tunnel only`,
    p.secret && 'secret',
    p.noEffect && 'no effect',
    p.unseen && 'sent whenever it is asked for, since no answer shows it',
    p.hidden && 'undocumented',
    p.aliases && `also read as ${p.aliases.map(code).join(', ')}`,
    p.unit && 'wins or loses together with its pair',
    p.apiCode && `error ${links.code(p.apiCode)}`,
    checksOf(p, rules, links).length && `checks ${checksOf(p, rules, links).map(r => links.code(r.id)).join(', ')}`,
  ].filter(Boolean)
  return `<tr id="${escape(around + p.name)}"><td>${code(p.name)}</td><td>${escape(p.kind)}</td><td><p>${links.text(p.doc, p.name)}</p>${marks.length ? `<p class="faint">${marks.join(' · ')}</p>` : ''}</td><td>${values(p)}</td><td>${p.default ? code(p.default) : ''}</td><td>${p.example && !p.secret ? code(p.example) : ''}</td></tr>`
}

function parameters(rows, around, title, rules, links) {
  const head = ['name', 'kind', 'meaning', 'values', 'default', 'example']
  const own = `<h3 id="${escape(around || 'connection')}">${escape(title)}</h3>\n` + table(title, head, rows.map(p => parameterRow(p, around, rules, links)))
  return [own, ...rows.filter(p => p.fields).flatMap(p => parameters(p.fields, `${around}${p.name}.`, around + p.name, rules, links))]
}

const source = ref =>
  ref ? `<a href="${escape(ref)}" rel="noreferrer">${escape(new URL(ref).hostname + new URL(ref).pathname.replace(/\/$/, '').replace(/^.*(?=\/)/, ' …'))}</a>` : 'vpnattach itself'

const sentence = text => text && text[0].toUpperCase() + text.slice(1) + (/[.!?}]$/.test(text) ? '' : '.')

function finding(r, links) {
  const rows = [
    ['Why', links.text(r.why, r.id)],
    ['How to fix', links.text(r.fix ?? sentence(r.hint), r.id)],
    ['The service answers', r.apiCode && links.code(r.apiCode)],
    ['Source', source(r.ref)],
  ].filter(([, text]) => text)
  return `<article id="${r.id}" class="finding"><h4>${code(r.id)} <span class="sev-${r.severity}">${r.severity}</span></h4><p>${links.text(r.title, r.id)}</p>
<dl>${rows.map(([name, text]) => `<div><dt>${name}</dt><dd>${text}</dd></div>`).join('')}</dl></article>`
}

// The list's order, with a heading before each part.
const findings = (rules, links) =>
  rules.map((r, i) => (r.part === rules[i - 1]?.part ? '' : `<h3 id="${anchor(r.part)}">${escape(r.part)}</h3>\n`) + finding(r, links)).join('\n')

const anchor = text => text.toLowerCase().replace(/[^a-z0-9]+/g, '-')

function codeRow(c, rules, links) {
  const checks = rules.filter(r => r.apiCode === c.name)
  const before = checks.length ? `<p class="faint">found before by ${checks.map(r => links.code(r.id)).join(', ')}</p>` : ''
  return `<tr id="${escape(c.name)}"><td>${code(c.name)}</td><td>${c.status ?? ''}</td><td><a href="outcomes.html#${c.class}">${escape(c.class)}</a></td><td><p>${links.text(c.meaning, c.name)}</p>${before}</td><td>${links.text(c.remedy, c.name)}</td><td class="faint">${sourceOf(c.source)}</td></tr>`
}

// An error code's source is a sentence; the API's own page is linked.
const sourceOf = text => text.replace(/^(.*)(ModifyVpnAttachmentAttribute)$/, (_, before, name) => escape(before) + api(name)).replace(/^[^<]*$/, escape)

const formRow = f =>
  `<tr id="${escape(f.name.replaceAll(' ', '-'))}"><td>${escape(f.name)}</td><td>${escape(f.shape)}</td><td>${escape(f.taken ?? f.hint)}</td><td class="faint">${source(f.ref)}</td></tr>`

const forms = all =>
  `<h3 id="opened">Opened</h3>\n${table('Forms that are opened', ['form', 'recognised by', 'what is taken of it', 'documented in'], all.filter(f => f.taken).map(formRow))}
<h3 id="refused">Named and refused</h3>\n${table('Forms that are refused', ['form', 'recognised by', 'what to do', 'documented in'], all.filter(f => !f.taken).map(formRow))}`

const resolve = (value, defs) => ({ ...(value.$ref ? defs[value.$ref.split('/').at(-1)] : {}), ...value })

const kindOf = (value, defs) => {
  const v = resolve(value, defs)
  if (v.enum) return v.enum.map(e => code(e)).join(' ')
  if (v.const !== undefined) return code(v.const)
  if (v.anyOf) return [...new Set(v.anyOf.map(one => kindOf(one, defs)))].join(' or ')
  if (v.type === 'array') return `list of ${v.items ? kindOf(v.items, defs) : 'anything'}`
  return [v.type ?? 'anything'].flat().map(escape).join(' or ')
}

// The members of an object of a JSON Schema, those of its objects below it.
function members(own, defs, around, links, follow) {
  const rows = [], below = []
  for (const [name, raw] of Object.entries(own.properties ?? {})) {
    const value = resolve(raw, defs)
    const example = value.examples ? `<p class="faint">such as ${code(JSON.stringify(value.examples[0]))}</p>` : ''
    rows.push(`<tr id="${escape(around + name)}"><td>${code(name)}</td><td>${kindOf(raw, defs)}</td><td><p>${links.text(value.description ?? '')}</p>${own.required?.includes(name) ? '<p class="faint">required</p>' : ''}${example}</td></tr>`)
    const inner = value.type === 'array' ? resolve(value.items ?? {}, defs) : value
    if (inner.properties && follow(name)) below.push([name, inner])
  }
  const title = around ? around.slice(0, -1) : ''
  return rows.length === 0 ? '' : table(title || 'members', ['member', 'kind', 'meaning'], rows) + below.map(([name, inner]) => `\n<h3 id="in-${escape(around + name)}">${escape(around + name)}</h3>\n` + members(inner, defs, `${around}${name}.`, links, follow)).join('')
}

function rulePage(links) {
  const { properties, required, $defs } = schema('shared/core/rules/rules.schema.json')
  const operators = $defs.condition.anyOf.find(c => c.type === 'object').properties
  const own = name => !['match', 'with', 'from', 'event', 'want'].includes(name)
  return `<h3 id="file">The rule file</h3>\n${members({ properties: { $schema: properties.$schema, rules: { ...properties.rules, items: {} }, tests: { ...properties.tests, items: {} } }, required }, $defs, '', links, own)}
<h3 id="in-rule">A rule</h3>\n${members($defs.rule, $defs, 'rule.', links, own)}
<h3 id="in-test">A test</h3>\n${members($defs.test, $defs, 'test.', links, own)}
<h3 id="operators">Operators of match</h3>\n${table('Operators', ['operator', 'kind', 'meaning'], Object.entries(operators).map(([name, v]) => `<tr id="operator-${escape(name)}"><td>${code(name)}</td><td>${kindOf(v, $defs)}</td><td><p>${escape(resolve(v, $defs).description ?? '')}</p></td></tr>`))}`
}

function outcomePage(classes, links) {
  const { properties, required, $defs } = schema('shared/outcome/outcome.schema.json')
  const handled = c => (c.deadLetter ? 'never again; it is among the dead letters' : `after ${c.first} s at first, ${c.most} s at most${c.alarm ? ', and an alarm says that a person has to act' : ''}`)
  return `<h3 id="event">The event</h3>\n${members({ properties: { ...properties, detail: {} }, required }, $defs, '', links, () => false)}
<h3 id="in-detail">Its detail</h3>\n${members($defs.outcome, $defs, 'detail.', links, () => true)}
<h3 id="classes">Classes of failures</h3>\n${table('Classes', ['class', 'HTTP', 'tried again', 'error codes'], classes.map(({ codes, ...c }) => `<tr id="${c.name}"><td>${code(c.name)}</td><td>${c.httpStatus}</td><td>${handled(c)}</td><td>${codes.map(links.code).join(' ')}</td></tr>`))}`
}

// The program says itself how it is used.
const says = args => execFileSync(join(root, '.build/vpnattach'), args, { encoding: 'utf8', env: { PATH: process.env.PATH, COLUMNS: '100' } })

function commandPage() {
  execFileSync('make', ['--silent', 'program'], { cwd: root })
  const help = says(['--help'])
  const commands = [...help.slice(help.indexOf('Commands:')).matchAll(/^  ([a-z]+)\b/gm)].map(m => m[1])
  return `<h3 id="vpnattach">vpnattach</h3>\n<pre tabindex="0">${escape(help.trim())}</pre>\n` +
    commands.map(name => `<h3 id="${name}">${name}</h3>\n<pre tabindex="0">${escape(says([name, '--help']).trim())}</pre>`).join('\n')
}

/** The pages and what belongs to them, by their names in the folder. */
export function referencePages({ core, codes, classes, forms: all }) {
  const links = linker({ core, codes })
  const withCodes = classes.map(c => ({ ...c, codes: codes.filter(code => code.class === c.name).map(code => code.name) }))
  const bodies = {
    parameters: [`Every parameter of a change document, in the own names of ${api('ModifyVpnAttachmentAttribute')}. What is absent stays as it is.`, parameters(core.parameters, '', 'Connection', core.rules, links).join('\n')],
    findings: ['Every finding that the checks can give. An error means that nothing is sent; a warning that the service takes the value, but that it is harmful or doubtful; an info that something was normalised or has no effect.', findings(core.rules, links)],
    errors: ['What the service answers, how that is <a href="outcomes.html#classes">classed</a>, and what to do. Busy, throttled and transient calls are repeated; blocked ones wait until the cause is removed; rejected ones are not tried again.', table('API errors', ['code', 'HTTP', 'class', 'meaning', 'remedy', 'documented in'], codes.map(c => codeRow(c, core.rules, links)))],
    events: ['Every form of event that is recognised, in every entry and with rules or without. One within another is opened in turn, eight deep. What is refused is an error, unless a rule matches the event as it is.', forms(all)],
    rules: ['What a rule file holds: which events a rule is for, and where its parameters come from. A path that finds nothing leaves its parameter as it is.', rulePage(links)],
    outcomes: ['What is published of each change, and how a failure is handled.', outcomePage(withCodes, links)],
    commands: ['What the program says of itself with <code>--help</code>.', commandPage()],
  }
  const index = Object.entries(bodies).flatMap(([name, [, body]]) => anchored(body).filter(({ text }) => text.trim()).map(({ id, text }) => [`${name}.html#${id}`, text.trim(), pages.find(p => p[0] === name)[1], titleOf(core, codes, id)]))
  return {
    ...Object.fromEntries(Object.entries(bodies).map(([name, [lead, body]]) => [`reference/${name}.html`, page(name, lead, body)])),
    'reference/reference.css': readFileSync(join(here, 'src/reference.css'), 'utf8'),
    'reference/search.js': readFileSync(join(here, 'src/reference-search.js'), 'utf8').replace('INDEX', () => JSON.stringify(index)),
  }
}

// What else an entry of the search is found by.
const titleOf = ({ rules }, codes, id) => rules.find(r => r.id === id)?.title ?? codes.find(c => c.name === id)?.meaning ?? ''
