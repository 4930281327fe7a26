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

// What the headings, rows and entries of a page are called, by their anchors, in the page's order, and what they say.
const anchored = body => [...body.matchAll(/<(h3|tr|article|div) id="([^"]+)"[^>]*>(?:(?:<td[^>]*>|<h4>|<dt>)?(?:<code>)?)([^<]*)([^]*?)<\/\1>/g)].map(([, tag, id, text, rest]) => ({ tag, id, text, ...(tag === 'h3' ? { about: '', rest: '' } : told(rest)) }))
// What is said of it first, and the rest.
const told = html => {
  const [first = '', about = ''] = [/<p>([^]*?)<\/p>/, /<dd>([^]*?)<\/dd>/, /<td role="cell" data-label[^>]*>([^]*?)<\/td>/].map(part => part.exec(html)).find(Boolean) ?? []
  return { about: plain(about), rest: plain(html.replace(first, ' ')) }
}
const plain = html => html.replace(/<[^>]+>/g, ' ').replace(/&(amp|lt|gt|quot);/g, (_, name) => ({ amp: '&', lt: '<', gt: '>', quot: '"' })[name]).replace(/\s+/g, ' ').trim()

const contents = body => {
  const parts = anchored(body).filter(({ tag }) => tag === 'h3')
  return parts.length < 2 ? '' : `<nav class="contents" aria-label="On this page"><h2>On this page</h2><ul>${parts.map(({ id, text }) => `<li><a href="#${id}">${text.replaceAll('.', '<wbr>.')}</a></li>`).join('')}</ul></nav>`
}

// Each heading and row has a link to itself, at its end.
const withLinks = body => body
  .replace(/(<h3 id="([^"]+)">)([^<]*)<\/h3>/g, (_, open, id, text) => `${open}${text} ${self(id, text)}</h3>`)
  .replace(/(<article id="([^"]+)" class="finding"><h4>)([^]*?)<\/h4>/g, (_, open, id, text) => `${open}${text} ${self(id, id)}</h4>`)
  .replace(/(<tr id="([^"]+)"[^>]*><td[^>]*>)([^]*?)(<p|<\/td>)/g, (_, open, id, text, end) => `${open}${text.replace(/<code>[^<]*/, breakable)} ${self(id, id)}${end}`)
  .replace(/(<div id="([^"]+)"><dt>)([^]*?)<\/dt>/g, (_, open, id, text) => `${open}${text} ${self(id, id)}</dt>`)
const breakable = text => text.replaceAll('.', '.<wbr>')
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
<script src="../theme.js"></script>
</head>
<body class="reference">
<a class="skip" href="#content">Skip to the content</a>
<header>
<h1>vpnattach <span>reference</span></h1>
<nav aria-label="Reference">${pages.map(([id, text]) => `<a href="${id}.html"${id === name ? ' aria-current="page"' : ''}>${text}</a>`).join('')}<a class="builder" href="../">Builder</a><button id="theme" aria-label="Colours"></button></nav>
</header>
<div class="columns">
<aside>
<div id="search" role="search" hidden><label for="query">Search the reference</label><input id="query" type="search" autocomplete="off" spellcheck="false" autocapitalize="off"><div class="hits"><p id="found" role="status"></p><ul id="results"></ul></div></div>
${contents(body)}
</aside>
<main id="content" tabindex="-1">
<h2>${title}</h2>
<p class="lead">${lead}</p>
${withLinks(body)}
</main>
</div>
</body>
</html>
`
}

// A table that becomes a list of cards where it has no room, which its roles say then.
const table = (label, head, rows) =>
  `<table role="table" class="of-${head.length}" aria-label="${escape(label)}"><thead role="rowgroup"><tr role="row">${head.map(h => `<th role="columnheader" scope="col">${h}</th>`).join('')}</tr></thead><tbody role="rowgroup">\n${rows.map(({ id, cells }) => `<tr id="${escape(id)}" role="row">${cells.map((cell, i) => `<td role="cell"${i > 0 ? ` data-label="${head[i]}"` : ''}>${cell}</td>`).join('')}</tr>`).join('\n')}\n</tbody></table>`

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
  const checks = checksOf(p, rules, links)
  const marks = [
    p.mode !== 'both' && `${p.mode}-tunnel only`,
    p.secret && 'secret',
    p.noEffect && 'no effect',
    p.unseen && 'sent whenever it is asked for, since no answer shows it',
    p.hidden && 'undocumented',
    p.aliases && `also read as ${p.aliases.map(code).join(', ')}`,
    p.unit && 'wins or loses together with its pair',
    p.apiCode && `error ${links.code(p.apiCode)}`,
    checks.length && `checks ${checks.map(r => links.code(r.id)).join(', ')}`,
  ].filter(Boolean)
  const given = [
    values(p),
    p.default && `default ${code(p.default)}`,
    p.example && !p.secret && `such as ${code(p.example)}`,
  ].filter(Boolean)
  return { id: around + p.name, cells: [
    `${code(p.name)}<p class="faint">${escape(p.kind)}${p.required ? ' <b class="must">required</b>' : ''}</p>`,
    `<p>${links.text(p.doc, p.name)}</p>${marks.length ? `<p class="faint">${marks.join(' · ')}</p>` : ''}`,
    given.map(text => `<p>${text}</p>`).join(''),
  ] }
}

function parameters(rows, around, title, rules, links) {
  const own = `<h3 id="${escape(around || 'connection')}">${escape(title)}</h3>\n` + table(title, ['name', 'meaning', 'values'], rows.map(p => parameterRow(p, around, rules, links)))
  return [own, ...rows.filter(p => p.fields).flatMap(p => parameters(p.fields, `${around}${p.name}.`, around + p.name, rules, links))]
}

const source = ref =>
  ref ? `<a href="${escape(ref)}" rel="noreferrer">${escape(new URL(ref).hostname + new URL(ref).pathname.replace(/\/$/, '').replace(/^.*(?=\/)/, ' …'))}</a>` : 'vpnattach itself'

const sentence = text => text && text[0].toUpperCase() + text.slice(1) + (/[.!?}]$/.test(text) ? '' : '.')

function finding(r, about, links) {
  const rows = [
    ['Why', links.text(r.why, r.id)],
    ['How to fix', links.text(r.fix ?? sentence(r.hint), r.id)],
    ['Parameters', about.map(({ id }) => `<a href="parameters.html#${escape(id)}">${code(id)}</a>`).join(', ')],
    ['The service answers', r.apiCode && links.code(r.apiCode)],
    ['Source', source(r.ref)],
  ].filter(([, text]) => text)
  return `<article id="${r.id}" class="finding"><h4>${code(r.id)} <span class="sev-${r.severity}">${r.severity}</span></h4><p>${links.text(r.title, r.id)}</p>
<dl>${rows.map(([name, text]) => `<div><dt>${name}</dt><dd>${text}</dd></div>`).join('')}</dl></article>`
}

// The list's order, with a heading before each part.
const findings = (rules, all, links) =>
  rules.map((r, i) => (r.part === rules[i - 1]?.part ? '' : `<h3 id="${anchor(r.part)}">${escape(r.part)}</h3>\n`) + finding(r, all.filter(({ p }) => checksOf(p, rules, links).includes(r)), links)).join('\n')

// Every parameter with the path that is its anchor.
const withPaths = (rows, around = '') => rows.flatMap(p => [{ id: around + p.name, p }, ...withPaths(p.fields ?? [], `${around}${p.name}.`)])

const anchor = text => text.toLowerCase().replace(/[^a-z0-9]+/g, '-')

function codeRow(c, rules, all, links) {
  const checks = rules.filter(r => r.apiCode === c.name)
  const about = all.filter(({ p }) => p.apiCode === c.name)
  const more = [
    checks.length && `found before by ${checks.map(r => links.code(r.id)).join(', ')}`,
    about.length && `about ${about.map(({ id }) => `<a href="parameters.html#${escape(id)}">${code(id)}</a>`).join(', ')}`,
    `documented in ${sourceOf(c.source)}`,
  ].filter(Boolean)
  return { id: c.name, cells: [
    `${code(c.name)}<p class="faint"><a href="outcomes.html#${c.class}">${escape(c.class)}</a>${c.status ? ` · HTTP ${c.status}` : ''}</p>`,
    `<p>${links.text(c.meaning, c.name)}</p>${more.map(text => `<p class="faint">${text}</p>`).join('')}`,
    links.text(c.remedy, c.name),
  ] }
}

// By what is done about them.
const errorPage = (classes, rows) => classes.map(({ name }) => [name, rows.filter(([c]) => c.class === name).map(([, row]) => row)]).filter(([, own]) => own.length > 0)
  .map(([name, own]) => `<h3 id="class-${name}">${name[0].toUpperCase()}${name.slice(1)}</h3>\n${table(`API errors: ${name}`, ['code', 'meaning', 'remedy'], own)}`).join('\n')

// What the other services say: STS, where a role is taken, and the diagnosis of a tunnel.
const otherCodes = (sessions, causes, links) =>
  `\n<h3 id="sts">Where a role is taken (STS)</h3>\n${table('Errors of STS', ['code', 'meaning', 'remedy'], sessions.map(c => ({ ...codeRow(c, [], [], links), id: 'sts-' + c.name })))}
<h3 id="causes">Why a tunnel is down</h3>\n${table('Causes', ['code', 'meaning', 'remedy'], causes.map(c => ({ id: c.name, cells: [code(c.name), `<p>${links.text(c.meaning, c.name)}</p>`, links.text(c.remedy, c.name)] })))}`

// An error code's source is a sentence; the API's own page is linked.
const sourceOf = text => text.replace(/^(.*)(ModifyVpnAttachmentAttribute)$/, (_, before, name) => escape(before) + api(name)).replace(/^[^<]*$/, escape)

const formRow = f => ({ id: f.name.replaceAll(' ', '-'), cells: [`${escape(f.name)}<p class="faint">${source(f.ref)}</p>`, escape(f.shape), escape(f.taken ?? f.hint)] })

const forms = all =>
  `<h3 id="opened">Opened</h3>\n${table('Forms that are opened', ['form', 'recognised by', 'what is taken of it'], all.filter(f => f.taken).map(formRow))}
<h3 id="refused">Named and refused</h3>\n${table('Forms that are refused', ['form', 'recognised by', 'what to do'], all.filter(f => !f.taken).map(formRow))}`

const resolve = (value, defs) => ({ ...(value.$ref ? defs[value.$ref.split('/').at(-1)] : {}), ...value })

const kindOf = (value, defs) => {
  const v = resolve(value, defs)
  if (v.enum) return v.enum.map(e => code(e)).join(' ')
  if (v.const !== undefined) return code(v.const)
  if (v.anyOf) return [...new Set(v.anyOf.map(one => kindOf(one, defs)))].join(' or ')
  if (v.type === 'array') return v.items === undefined ? 'list' : v.items.own ? `list of <a href="#${v.items.own}">${v.items.kind}</a>` : `list of ${kindOf(v.items, defs)}`
  return [v.type ?? 'anything'].flat().map(escape).join(' or ')
}

// The members of an object of a JSON Schema, those of its objects below it.
function members(own, defs, around, links, follow) {
  const rows = [], below = []
  for (const [name, raw] of Object.entries(own.properties ?? {})) {
    const value = resolve(raw, defs)
    const example = value.examples ? `<p class="faint">such as ${code(JSON.stringify(value.examples[0]))}</p>` : ''
    const must = own.required?.includes(name) ? '<p class="must">required</p>' : ''
    rows.push({ id: around + name, cells: [code(name) + must, kindOf(raw, defs), (value.description ? `<p>${links.text(value.description)}</p>` : '') + example] })
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
  return `<h3 id="file">The rule file</h3>\n${members({ properties: { $schema: properties.$schema, rules: { ...properties.rules, items: { own: 'in-rule', kind: 'rules' } }, tests: { ...properties.tests, items: { own: 'in-test', kind: 'tests' } } }, required }, $defs, '', links, own)}
<h3 id="in-rule">A rule</h3>\n${members($defs.rule, $defs, 'rule.', links, own)}
<h3 id="in-test">A test</h3>\n${members($defs.test, $defs, 'test.', links, own)}
<h3 id="operators">Operators of match</h3>\n${table('Operators', ['operator', 'kind', 'meaning'], Object.entries(operators).map(([name, v]) => ({ id: `operator-${name}`, cells: [code(name), kindOf(v, $defs), escape(resolve(v, $defs).description ?? '')] })))}`
}

function outcomePage(classes, links) {
  const { properties, required, $defs } = schema('shared/outcome/outcome.schema.json')
  const handled = c => (c.deadLetter ? 'never again; it is among the dead letters' : `after ${c.first} s at first, ${c.most} s at most${c.alarm ? ', and an alarm says that a person has to act' : ''}`)
  return `<h3 id="event">The event</h3>\n${members({ properties: { ...properties, detail: {} }, required }, $defs, '', links, () => false)}
<h3 id="in-detail">Its detail</h3>\n${members($defs.outcome, $defs, 'detail.', links, () => true)}
<h3 id="classes">Classes of failures</h3>\n${table('Classes', ['class', 'HTTP', 'tried again', 'error codes'], classes.map(({ codes, ...c }) => ({ id: c.name, cells: [code(c.name), c.httpStatus, handled(c), codes.map(links.code).join(', ')] })))}`
}

// The program says itself how it is used. Its lines are as long as they come: the page breaks them.
const says = args => execFileSync(join(root, '.build/vpnattach'), args, { encoding: 'utf8', env: { PATH: process.env.PATH, COLUMNS: '1000' } }).trim()

// Of an indented block each line that is not far in is a name, with its meaning after blanks or on lines further in.
function entries(block, command) {
  const all = []
  for (const line of block) {
    if (line.search(/\S/) > 6) {
      all.at(-1).about.push(line.trim())
      continue
    }
    const [, name, about = ''] = /^(\S.*?)(?: {2,}(.*))?$/.exec(line.trim())
    all.push({ name, about: [about] })
  }
  return `<dl class="entries">${all.map(({ name, about }) => `<div id="${escape(command)}${idOf(name)}"><dt>${code(name)}</dt><dd>${escape(about.join(' ').trim())}</dd></div>`).join('\n')}</dl>`
}
// The long name of a flag, or the first words of what else there is.
const idOf = name => /--[\w-]+/.exec(name)?.[0] ?? '.' + anchor(name.split(/[,=(?]/)[0].replace(/\[$/, '').trim()).replace(/^-|-$/g, '')

// Every command has these two, which the program's own help tells.
const isCommon = line => /^ +(-h, --help|--version) /.test(line)

function helpOf(text, command) {
  const [usage, ...lines] = text.split('\n')
  const parts = [] // paragraphs, and lists, which go on over blank lines
  let blank = true
  for (const line of lines) {
    const isList = /^\s/.test(line)
    const last = parts.at(-1)
    if (line === '') blank = true
    else if (isList && isCommon(line) && command !== 'vpnattach') continue
    else {
      if (last?.isList === isList && (isList || !blank)) last.lines.push(line)
      else parts.push({ isList, lines: [line] })
      blank = false
    }
  }
  const shown = ({ isList, lines }, i) => {
    if (isList) return entries(lines, command)
    if (lines.length > 1 || !/:$/.test(lines[0])) return `<p>${escape(lines.join(' '))}</p>`
    return parts[i + 1]?.isList ? `<h4>${escape(lines[0].slice(0, -1))}</h4>` : ''
  }
  return [`<pre tabindex="0">${escape(usage)}</pre>`, ...parts.map(shown)].join('\n')
}

function commandPage() {
  execFileSync('make', ['--silent', 'program'], { cwd: root })
  const help = says(['--help'])
  const commands = [...help.slice(help.indexOf('Commands:')).matchAll(/^  ([a-z]+)\b/gm)].map(m => m[1])
  return `<h3 id="vpnattach">vpnattach</h3>\n${helpOf(help, 'vpnattach')}\n` +
    commands.map(name => `<h3 id="${name}">${name}</h3>\n${helpOf(says([name, '--help']), name)}`).join('\n')
}

// What a parameter, a check or an error code is named by is linked from it, unless it leads there itself.
function addBacklinks(bodies) {
  const names = ['parameters', 'findings', 'errors']
  const entry = /<(tr|article) id="([^"]+)"[^]*?<\/\1>/g
  const named = new Map()
  for (const name of names) {
    for (const [text, , id] of bodies[name][1].matchAll(entry)) {
      for (const [, to] of text.matchAll(/href="((?:parameters|findings|errors)\.html#[^"]+)"/g)) named.set(to, new Set(named.get(to)).add(`${name}.html#${id}`))
    }
  }
  for (const name of names) {
    bodies[name][1] = bodies[name][1].replace(entry, (text, tag, id) => {
      const missing = [...(named.get(`${name}.html#${id}`) ?? [])].filter(from => !from.startsWith(name + '.') && !text.includes(`href="${from}"`))
      if (missing.length === 0) return text
      const list = missing.map(from => `<a href="${from}"><code>${from.split('#')[1]}</code></a>`).join(', ')
      return tag === 'tr' ? text.replace(/(<td role="cell" data-label="meaning">[^]*?)<\/td>/, (_, cell) => `${cell}<p class="faint">named by ${list}</p></td>`)
        : text.replace('</dl>', () => `<div><dt>Named by</dt><dd>${list}</dd></div></dl>`)
    })
  }
}

/** The pages and what belongs to them, by their names in the folder. */
export function referencePages({ core, codes, sessions, causes, classes, forms: all }) {
  const links = linker({ core, codes })
  const paths = withPaths(core.parameters)
  const withCodes = classes.map(c => ({ ...c, codes: codes.filter(code => code.class === c.name).map(code => code.name) }))
  const bodies = {
    parameters: [`Every parameter of a change document, in the own names of ${api('ModifyVpnAttachmentAttribute')}. What is absent stays as it is.`, parameters(core.parameters, '', 'Connection', core.rules, links).join('\n')],
    findings: ['Every finding that the checks can give. An error means that nothing is sent; a warning that the service takes the value, but that it is harmful or doubtful; an info that something was normalised or has no effect.', findings(core.rules, paths, links)],
    errors: ['What the service answers, how that is <a href="outcomes.html#classes">classed</a>, and what to do. Busy, throttled and transient calls are repeated; blocked ones wait until the cause is removed; rejected ones are not tried again.', errorPage(classes, codes.map(c => [c, codeRow(c, core.rules, paths, links)])) + otherCodes(sessions, causes, links)],
    events: ['Every form of event that is recognised, in every entry and with rules or without. One within another is opened in turn, eight deep. What is refused is an error, unless a rule matches the event as it is.', forms(all)],
    rules: ['What a rule file holds: which events a rule is for, and where its parameters come from. A path that finds nothing leaves its parameter as it is.', rulePage(links)],
    outcomes: ['What is published of each change, and how a failure is handled.', outcomePage(withCodes, links)],
    commands: ['What the program says of itself with <code>--help</code>.', commandPage()],
  }
  addBacklinks(bodies)
  // A name is found by its path, where it has one: several objects have members of one name.
  const index = Object.entries(bodies).flatMap(([name, [, body]]) => anchored(body).filter(({ text }) => text.trim()).map(({ tag, id, text, about, rest }) =>
    [`${name}.html#${id}`, nameOf(name, tag, id, plain(text)), pages.find(p => p[0] === name)[1], about, rest]))
  return {
    ...Object.fromEntries(Object.entries(bodies).map(([name, [lead, body]]) => [`reference/${name}.html`, page(name, lead, body)])),
    'reference/reference.css': readFileSync(join(here, 'src/reference.css'), 'utf8'),
    'reference/search.js': readFileSync(join(here, 'src/reference-search.js'), 'utf8').replace('INDEX', () => JSON.stringify(index)),
  }
}

function nameOf(page, tag, id, text) {
  if (page === 'commands' && tag === 'div') return text.startsWith('-') ? `${id.split('--')[0]} ${text}` : text
  return tag === 'tr' && id.includes('.') && page !== 'errors' ? id : text
}
