// This file writes the reference pages from the project's tables: plain HTML that needs no script.

const escape = text => String(text).replace(/[&<>"]/g, c => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c])
const code = text => `<code>${escape(text)}</code>`

const pages = [
  ['parameters', 'Parameters'],
  ['findings', 'Findings'],
  ['errors', 'API errors'],
  ['events', 'Events'],
]

function page(name, lead, body) {
  const title = pages.find(p => p[0] === name)[1]
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>vpnattach: ${title.toLowerCase()}</title>
<link rel="icon" href="../icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="../style.css">
</head>
<body class="reference">
<header>
<h1>vpnattach <span>reference</span></h1>
<p class="claim"></p>
<nav aria-label="Reference">${pages.map(([id, text]) => `<a href="${id}.html"${id === name ? ' aria-current="page"' : ''}>${text}</a>`).join('')}<a href="../">Builder</a></nav>
</header>
<main>
<h2>${title}</h2>
<p class="lead">${lead}</p>
${body}
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

function parameterRow(p, around) {
  const marks = [
    p.required && 'required',
    p.mode !== 'both' && `${p.mode}-tunnel only`,
    p.secret && 'secret',
    p.noEffect && 'no effect',
    p.unseen && 'sent whenever it is asked for, since no answer shows it',
    p.hidden && 'undocumented',
    p.aliases && `also read as ${p.aliases.map(code).join(', ')}`,
    p.unit && 'wins or loses together with its pair',
    p.apiCode && `error ${code(p.apiCode)}`,
  ].filter(Boolean)
  return `<tr id="${escape(around + p.name)}"><td>${code(p.name)}</td><td>${escape(p.kind)}</td><td><p>${escape(p.doc)}</p>${marks.length ? `<p class="faint">${marks.join(' · ')}</p>` : ''}</td><td>${values(p)}</td><td>${p.default ? code(p.default) : ''}</td><td>${p.example && !p.secret ? code(p.example) : ''}</td></tr>`
}

function parameters(rows, around, title) {
  const head = ['name', 'kind', 'meaning', 'values', 'default', 'example']
  const own = `<h3 id="${escape(around || 'connection')}">${escape(title)}</h3>\n` + table(title, head, rows.map(p => parameterRow(p, around)))
  return [own, ...rows.filter(p => p.fields).flatMap(p => parameters(p.fields, `${around}${p.name}.`, around + p.name))]
}

const source = ref =>
  ref ? `<a href="${escape(ref)}" rel="noreferrer">${escape(new URL(ref).hostname + new URL(ref).pathname.replace(/\/$/, '').replace(/^.*(?=\/)/, ' …'))}</a>` : 'vpnattach itself'

const sentence = text => text && text[0].toUpperCase() + text.slice(1) + (/[.!?}]$/.test(text) ? '' : '.')

function finding(r, codes) {
  const rows = [
    ['Why', escape(r.why)],
    ['How to fix', escape(r.fix ?? sentence(r.hint))],
    ['The service answers', r.apiCode && (codes.some(c => c.name === r.apiCode) ? `<a href="errors.html#${escape(r.apiCode)}">${code(r.apiCode)}</a>` : code(r.apiCode))],
    ['Source', source(r.ref)],
  ].filter(([, text]) => text)
  return `<article id="${r.id}" class="finding"><h4>${code(r.id)} <span class="sev-${r.severity}">${r.severity}</span></h4><p>${escape(r.title)}</p>
<dl>${rows.map(([name, text]) => `<div><dt>${name}</dt><dd>${text}</dd></div>`).join('')}</dl></article>`
}

// The list's order, with a heading before each part.
const findings = (rules, codes) =>
  rules.map((r, i) => (r.part === rules[i - 1]?.part ? '' : `<h3>${escape(r.part)}</h3>\n`) + finding(r, codes)).join('\n')

const codeRow = c =>
  `<tr id="${escape(c.name)}"><td>${code(c.name)}</td><td>${c.status ?? ''}</td><td>${escape(c.class)}</td><td>${escape(c.meaning)}</td><td>${escape(c.remedy)}</td><td class="faint">${escape(c.source)}</td></tr>`

const formRow = f =>
  `<tr id="${escape(f.name.replaceAll(' ', '-'))}"><td>${escape(f.name)}</td><td>${escape(f.shape)}</td><td>${escape(f.taken ?? f.hint)}</td><td class="faint">${source(f.ref)}</td></tr>`

const forms = all =>
  `<h3 id="opened">Opened</h3>\n${table('Forms that are opened', ['form', 'recognised by', 'what is taken of it', 'documented in'], all.filter(f => f.taken).map(formRow))}
<h3 id="refused">Named and refused</h3>\n${table('Forms that are refused', ['form', 'recognised by', 'what to do', 'documented in'], all.filter(f => !f.taken).map(formRow))}`

/** The pages, by their names in the folder. */
export function referencePages({ core, codes, forms: all }) {
  return {
    'reference/parameters.html': page('parameters', 'Every parameter of a change document, in the API’s own names. What is absent stays as it is.', parameters(core.parameters, '', 'Connection').join('\n')),
    'reference/findings.html': page('findings', 'Every finding that the checks can give. An error means that nothing is sent; a warning that the service takes the value, but that it is harmful or doubtful; an info that something was normalised or has no effect.', findings(core.rules, codes)),
    'reference/errors.html': page('errors', 'What the service answers, how that is classed, and what to do. Busy, throttled and transient calls are repeated; blocked ones wait until the cause is removed; rejected ones are not tried again.', table('API errors', ['code', 'HTTP', 'class', 'meaning', 'remedy', 'documented in'], codes.map(codeRow))),
    'reference/events.html': page('events', 'Every form of event that is recognised, in every entry and with rules or without. One within another is opened in turn, eight deep. What is refused is an error, unless a rule matches the event as it is.', forms(all)),
  }
}
