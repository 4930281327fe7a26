// This file reads a change or an event from the text of a command or a Terraform file: curl and its like, the aliyun and the aws CLI, or a resource of alicloud.

import { parameterAt, tables, TUNNELS, type Parameter } from './tables'

/** What was read. The text is a JSON document: a change, or what a command sends as JSON. */
export interface TextForm {
  name: string // for people: "a curl command"
  sent?: boolean // it is what the command sends, which may be any event
  text: string
  unread: string[] // what is not in the text, with the line: "line 3: IkeConfig.Psk is a variable"; never a value
}

const ACTION = 'ModifyVpnAttachmentAttribute'
const LIMIT = 1_000_000 // characters: more than a command has
const DEPTH = 32 // of commands in commands

/** The change that the text holds, or undefined when it is in none of these forms. */
export function readTextForm(text: string): TextForm | undefined {
  if (text.length > LIMIT || /^\s*[{[]/.test(text)) return undefined
  if (/\bresource\s+["“]?alicloud_vpn_(gateway_vpn_)?attachment\b/.test(text)) return readTerraform(asTyped(text))
  if (/^\s*https?:\/\/\S+\s*$/.test(text)) return readCurl([{ text: text.trim(), line: 1 }], 'the URL of a request')
  if (/\b(curl|aliyun|aws|wget|irm|iwr|Invoke-\w+)\b/i.test(text)) return readCommand(asTyped(text))
  return undefined
}

/** The text with the signs that it was typed with, where a document or a mail has made typographic ones of them. */
function asTyped(text: string): string {
  text = text.replace(/[\u00a0\u3000]/g, ' ').replace(/(^|\s)[–—]-?(?=[A-Za-z])/g, '$1--')
  if (!text.includes('"')) text = text.replace(/[“”„]/g, '"')
  return text.includes("'") ? text : text.replace(/[‘’‚]/g, "'")
}

// --- A change from names and values -------------------------------------------------------------------------------------

type Json = { [name: string]: any }

const UNREAD = '\ue000' // stands for an expansion in a word, which only a shell knows

/** The value of JSON text, also as Windows PowerShell wants it, with a backslash before each quote. */
function jsonOf(text: string): unknown {
  for (const t of [text, text.replaceAll('\\"', '"')]) {
    try {
      return JSON.parse(t)
    } catch {}
  }
  return undefined
}

/** Collects the values of a change, and what can't be read of it. */
class Collected {
  readonly change: Json = {}
  readonly unread: string[] = []

  skip(line: number, what: string): void {
    this.unread.push(`line ${line}: ${what}`)
  }

  /** Sets a value that is text in the form, by the table's type. The path may have indices, as in TunnelOptionsSpecification.1. */
  set(path: string[], value: unknown, line: number): void {
    const typed = this.#typed(path, value, line)
    if (typed === undefined) return
    let into: any = this.change
    for (const [i, key] of path.entries()) {
      const at = Array.isArray(into) ? Number(key) - 1 : key
      if (into === null || typeof into !== 'object' || !(Array.isArray(into) ? /^[1-9]\d{0,2}$/ : /^[A-Za-z]\w*$/).test(key)) return this.skip(line, `${path.join('.')} is not a parameter`)
      if (i === path.length - 1) into[at] = typed
      else into = Object.hasOwn(into, at) ? into[at] : (into[at] = /^\d+$/.test(path[i + 1]!) ? [] : {})
    }
  }

  #typed(path: string[], value: any, line: number): unknown {
    const label = path.join('.').replace(`${TUNNELS}.`, 'item ')
    if (typeof value === 'string') {
      const kind = parameterAt(path.map(key => (/^\d+$/.test(key) ? Number(key) : key)))?.kind
      if (kind === 'object' || (kind === 'array' && !/^\d+$/.test(path.at(-1)!))) {
        value = jsonOf(value)
        if (value === undefined) return void this.skip(line, `${label} is not JSON`)
      } else if (value.includes(UNREAD)) return void this.skip(line, `${label} is a variable`)
      else if (kind === 'bool' && /^(true|false)$/.test(value)) return value === 'true'
      else if ((kind === 'int' || kind === 'asn') && /^\d{1,15}$/.test(value)) return Number(value)
      else return value
    }
    if (value === null || typeof value !== 'object') return value
    for (const [key, inner] of Object.entries(value)) {
      const read = typeof inner === 'string' && !inner.includes(UNREAD) ? inner : this.#typed([...path, key], inner, line)
      if (read === undefined) delete value[key]
      else value[key] = read
    }
    return value
  }

  form(name: string): TextForm {
    const tunnels = this.change[TUNNELS]
    if (Array.isArray(tunnels)) this.change[TUNNELS] = tunnels.filter(t => t !== undefined)
    return { name, text: JSON.stringify(this.change, null, 2), unread: this.unread }
  }
}

// --- Commands ---------------------------------------------------------------------------------------------------------

interface Word {
  text: string
  line: number
}

type Shell = 'posix' | 'cmd' | 'powershell'

/** The shell that the text is for: cmd and PowerShell join lines, and put signs in quotes, by signs of their own. */
const shellOf = (text: string): Shell => {
  if (/\\\r?\n|'\\''|^#!/.test(text)) return 'posix'
  if (/`\r?\n|^\s*PS [A-Z]:\\|\$env:|`"|\bInvoke-\w+|[^\s='\\]''[^\s']/im.test(text)) return 'powershell'
  return /\^\r?\n|\^[&|<>]|^\s*[A-Z]:\\[^>\n]*>|"\{""/m.test(text) ? 'cmd' : 'posix'
}

const escapeSigns = { posix: '\\', cmd: '^', powershell: '`' }

/** The commands of a shell's text as words, those in $( ) too. */
export function shellCommands(text: string, shell: Shell = 'posix'): Word[][] {
  const commands: Word[][] = []
  const sign = escapeSigns[shell]
  let at = 0
  let line = 1
  let depth = 0
  const next = () => {
    if (text[at] === '\n') line++
    return text[at++]!
  }
  // A name, a braced expression or a command: what it gives is not known.
  const expansion = (): string => {
    const rest = text.slice(at, at + 256)
    if (rest.startsWith('(') && depth < DEPTH) {
      next()
      depth++
      read(')')
      depth--
    } else if (rest.startsWith('{')) while (at < text.length && next() !== '}');
    else {
      const name = /^(\w+|[?!@*#$-])/.exec(rest)?.[0]
      if (!name) return '$'
      at += name.length
    }
    return UNREAD
  }
  const double = (): string => {
    let out = ''
    while (at < text.length) {
      const c = next()
      if (c === '"' && shell !== 'posix' && text[at] === '"') out += next()
      else if (c === '"') break
      else if (shell === 'cmd') out += c === '\\' && text[at] === '"' ? next() : c
      else if (c === '$') out += expansion()
      else if (shell === 'powershell') out += c === '`' && at < text.length ? next() : c
      else if (c === '`') {
        while (at < text.length && next() !== '`');
        out += UNREAD
      } else if (c === '\\' && /[$`"\\\n]/.test(text[at] ?? '')) {
        const escaped = next()
        if (escaped !== '\n') out += escaped
      } else out += c
    }
    return out
  }
  const single = (ansi: boolean): string => {
    let out = ''
    while (at < text.length) {
      const c = next()
      if (c === "'" && shell === 'powershell' && text[at] === "'") out += next()
      else if (c === "'") break
      else if (c !== '\\' || !ansi) out += c
      else {
        const e = next()
        const code = e === 'x' ? /^[0-9a-f]{1,2}/i : e === 'u' ? /^[0-9a-f]{1,4}/i : undefined
        const hex = code?.exec(text.slice(at, at + 4))?.[0]
        if (hex) {
          at += hex.length
          out += String.fromCharCode(parseInt(hex, 16))
        } else out += { n: '\n', t: '\t', r: '\r', e: '\x1b' }[e] ?? e
      }
    }
    return out
  }
  const read = (close?: string): void => {
    let words: Word[] = []
    let word: Word | undefined
    const end = () => {
      if (word) words.push(word)
      word = undefined
    }
    const endCommand = () => {
      end()
      if (words.length > 0) commands.push(words)
      words = []
    }
    while (at < text.length) {
      const start = line
      const c = next()
      const add = (piece: string) => ((word ??= { text: '', line: start }).text += piece)
      if (c === close) break
      else if (c === sign) {
        if (text.startsWith('\r\n', at)) at++
        const escaped = at < text.length ? next() : ''
        if (escaped !== '\n') add(escaped)
      } else if (c === "'" && shell !== 'cmd') add(single(false))
      else if (c === '"') add(double())
      else if (c === '$' && text[at] === "'") {
        next()
        add(single(true))
      } else if (c === '$' && shell !== 'cmd') add(expansion())
      else if (c === ' ' || c === '\t' || c === '\r') end()
      else if (c === '#' && !word) while (at < text.length && text[at] !== '\n') next()
      else if (/[\n;|&()<>]/.test(c)) endCommand()
      else add(c)
    }
    endCommand()
  }
  read()
  return commands
}

// Options of curl whose value is a word of its own.
const CURL_VALUES = /^(-[XHuoAemxbcwyYzE]|--(request|header|user|output|user-agent|referer|max-time|connect-timeout|proxy|cookie|cookie-jar|write-out|retry|cert|key|cacert|resolve|aws-sigv4)|-(Method|Headers|ContentType))$/
const CURL_FORM = /^(-F|--form(-string)?)$/ // name=value, as a part of its own
const CURL_FILE = /^(-[KT]|--(config|upload-file)|-(InFile|Form))$/ // it may hold anything
const CURL_DATA = /^(-d|--data(-raw|-binary|-ascii)?|--json|--post-data|--body-data|-Body)$/
const CURL_PAIR = /^--(data-urlencode|url-query)$/ // name=value, where the value is not encoded yet
const NAME = /^[A-Z][A-Za-z]*(\.\w+)*$/ // of a parameter
const PROTOCOL = /^(Action|Version|Format|Timestamp|Signature\w*|AccessKeyId|SecurityToken)$/

const HEREDOC = '\ue001' // stands before the number of a text that follows its command

/** The text without what follows its commands as their input, which comes beside it: <<EOF to EOF. */
function withoutHeredocs(text: string): { text: string; inputs: string[] } {
  const inputs: string[] = []
  const rest = text.replace(/<<-?[ \t]*(['"]?)(\w+)\1([^\n]*)\n([^]*?)\n[ \t]*\2[ \t]*(?=\r?\n|$)/g, (all, quote: string, _: string, line: string, body: string) => {
    inputs.push(quote === '' ? body.replace(/\$(\w+|[{(][^})]*[})])/g, UNREAD) : body)
    return ` ${HEREDOC}${inputs.length - 1} ${line}${'\n'.repeat(all.split('\n').length - 1)}`
  })
  return { text: rest, inputs }
}

const nameOf = (words: Word[]) => words.find(w => !/^\w+=|^(sudo|env|[$>%])$/.test(w.text))?.text.split(/[/\\]/).at(-1)!.toLowerCase().replace(/\.exe$/, '')

const PROMPT = /^[ \t]*(PS )?[A-Z]:\\[^>\n]*>[ \t]*/gm

function readCommand(text: string): TextForm | undefined {
  const shell = shellOf(text)
  const { text: rest, inputs } = withoutHeredocs(text)
  // Browsers copy for cmd with a ^ before each sign, quotes too.
  const typed = shell === 'cmd' && rest.includes('^"') ? rest.replace(/\^(\r?\n|[^])/g, (_, c: string) => (/[\r\n]/.test(c) ? ` ${c}` : c)).replace(/(\S[^\n]*) \r?\n/g, '$1 ') : rest
  const commands = shellCommands(typed.replace(PROMPT, ''), shell)
  const named = (name: string) => (words: Word[]) => nameOf(words) === name
  const aliyun = commands.find(words => named('aliyun')(words) && words.some(w => isAction(w.text)))
  if (aliyun) return readAliyun(aliyun)
  for (const words of commands.filter(named('aws'))) {
    const form = readAws(words)
    if (form) return form
  }
  const collected = new Collected()
  // The script that signs by itself adds each parameter by a command.
  const added = text.includes(ACTION) ? commands.filter(words => words.length === 3 && words[0]!.text === 'add') : []
  for (const [, name, value] of added) collected.set(name!.text.split('.'), value!.text, name!.line)
  if (added.length > 0) return collected.form('a script with curl')
  for (const [i, words] of commands.entries()) {
    const name = nameOf(words)
    if (!/^(curl|wget|irm|iwr|invoke-(restmethod|webrequest))$/.test(name ?? '')) continue
    // Its input follows it, or comes from the command before.
    const before = [...words, ...(/^(echo|printf|cat)$/.test(nameOf(commands[i - 1] ?? []) ?? '') ? commands[i - 1]! : [])]
    const follows = before.find(w => w.text.startsWith(HEREDOC))
    const input = follows ? inputs[Number(follows.text.slice(1))] : before.length > words.length ? before.at(-1)!.text : undefined
    const form = readCurl(words.filter(w => w !== follows), name === 'curl' ? undefined : name === 'wget' ? 'a wget command' : 'a PowerShell command', input)
    if (form) return form
  }
  return undefined
}

const letters = (name: string) => name.replace(/[^A-Za-z0-9.]/g, '').toLowerCase()

const isAction = (text: string) => letters(text) === ACTION.toLowerCase()

/** The parameter that an option in small letters is, as the CLI's plugins have them: --vpn-connection-id. */
const ofPlugin = (name: string): string => tables.parameters.find(p => letters(p.name) === letters(name.replace(/^biz-/, '')))?.name ?? name

function readAliyun(words: Word[]): TextForm {
  const collected = new Collected()
  let region: Word | undefined
  const action = words.findIndex(w => isAction(w.text))
  const plugin = words[action]!.text !== ACTION
  for (let i = action + 1; i < words.length; i++) {
    const { text, line } = words[i]!
    const [, option, equals, given] = /^--?([\w.-]+)(=?)([^]*)$/.exec(text) ?? []
    const name = option && plugin ? ofPlugin(option) : option
    if (!name) {
      collected.skip(line, 'a word without an option')
      continue
    }
    const isOption = (w?: Word) => !w || /^--\w/.test(w.text)
    const value = equals ? { text: given!, line } : isOption(words[i + 1]) ? undefined : words[++i]
    if (name === 'region') region = value
    else if (/^body/.test(name)) collected.skip(line, `the option ${name}`)
    else if (!NAME.test(name)) continue
    else if (value) collected.set(name.split('.'), value.text, line)
    else collected.skip(line, `${name} has no value`)
  }
  if (region && !Object.hasOwn(collected.change, 'RegionId')) collected.set(['RegionId'], region.text, region.line)
  return collected.form('an aliyun command')
}

/** The event that a command of the aws CLI sends: to a bus, a queue, a topic or a function. */
function readAws(words: Word[]): TextForm | undefined {
  for (const [i, { text: option }] of words.entries()) {
    const [, name, given] = /^--(entries|message-body|message|payload)(?:=([^]*))?$/.exec(option) ?? []
    const text = given ?? (name && words[i + 1]?.text)
    const value = text ? jsonOf(text) : undefined
    if (value === undefined) continue
    const form = (event: unknown, unread: string[] = []): TextForm => ({ name: 'an aws command', sent: true, text: JSON.stringify(event, null, 2), unread })
    if (name !== 'entries') return form(value)
    const [entry, ...others] = [value].flat() as { Source?: unknown; DetailType?: unknown; Time?: unknown; Detail?: unknown }[]
    const { Source: source, DetailType, Time: time, Detail } = entry ?? {}
    const detail = typeof Detail === 'string' ? jsonOf(Detail) : undefined
    if (detail === undefined) return form({}, [`line ${words[i]!.line}: Detail is not JSON`])
    return form({ version: '0', 'detail-type': DetailType, source, time, detail }, others.length > 0 ? [`line ${words[i]!.line}: ${others.length} more entries`] : [])
  }
  return undefined
}

function readCurl(words: Word[], name = 'a curl command', input?: string): TextForm | undefined {
  const sent: Word[] = []
  const pairs: { name: string; value: string; line: number }[] = []
  const collected = new Collected()
  let ours = words.some(w => w.text.toLowerCase() === `x-acs-action: ${ACTION.toLowerCase()}`)
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!
    const [option, inline] = /^(--[\w-]+)=([^]*)$/.exec(word.text)?.slice(1) ?? [word.text]
    if (CURL_PAIR.test(option!)) {
      const pair = inline ?? words[++i]?.text ?? ''
      const at = pair.indexOf('=')
      if (at > 0 && !pair.slice(0, at).includes('@')) pairs.push({ name: pair.slice(0, at), value: pair.slice(at + 1), line: word.line })
      else sent.push({ text: at < 0 && pair.includes('@') ? '@' : pair.slice(at + 1), line: word.line })
    } else if (CURL_DATA.test(option!)) sent.push(inline === undefined ? (words[++i] ?? word) : { ...word, text: inline })
    else if (/^-d./.test(word.text)) sent.push({ ...word, text: word.text.slice(2) })
    else if (CURL_FORM.test(option!) || /^-F./.test(word.text)) {
      const part = inline ?? (CURL_FORM.test(option!) ? words[++i]?.text ?? '' : word.text.slice(2))
      const field = part.split('=')[0]!
      ours ||= part === `Action=${ACTION}` || field === 'VpnConnectionId'
      collected.skip(word.line, `the form field ${NAME.test(field) ? field : 'of an option -F'}`)
    } else if (CURL_FILE.test(option!)) {
      collected.skip(word.line, `the option ${option}`)
      if (inline === undefined) i++
    } else if (CURL_VALUES.test(word.text)) i++
    else if (!word.text.startsWith('-') && word.text.includes('?')) sent.push({ ...word, text: word.text.slice(word.text.indexOf('?') + 1) })
  }
  for (const w of sent) if (/^@-?$/.test(w.text) && input !== undefined) w.text = input
  const json = sent.find(w => /^\s*[{[]/.test(w.text))
  if (json) return { name, sent: true, text: json.text, unread: [...collected.unread, ...(json.text.includes(UNREAD) ? [`line ${json.line}: a part is a variable`] : [])] }
  for (const { text, line } of sent) {
    if (text.startsWith('@')) collected.skip(line, 'the data is in a file')
    else pairs.push(...[...new URLSearchParams(text)].map(([name, value]) => ({ name, value, line })))
  }
  for (const { name, value, line } of pairs) {
    if (name === 'Action') ours ||= value === ACTION
    // What is not like a name may be a part of a value with an & in it, and so of a key.
    if (!NAME.test(name)) collected.skip(line, 'a name in the query is not a parameter')
    else if (!PROTOCOL.test(name)) collected.set(name.split('.'), value, line)
  }
  return ours || Object.hasOwn(collected.change, 'VpnConnectionId') ? collected.form(name) : undefined
}

// --- Terraform ----------------------------------------------------------------------------------------------------------

interface Block {
  labels: string[]
  line: number
  attributes: { name: string; line: number; value?: unknown }[] // without a value: one that only Terraform knows
  blocks: Block[]
}

interface Token {
  text: string
  heredoc?: string | undefined
}

// Strings, words with what is called or indexed, numbers, marks; comments and blanks are skipped.
const HCL = /\s+|#.*|\/\/.*|\/\*[^]*?\*\/|<<-?\s*(\w+)\r?\n([^]*?)\r?\n\s*\1(?!\w)|"(?:[^"\\\n]|\\.)*"|-?\d[\w.]*|[A-Za-z_][\w-]*|[^]/g

function readBlocks(text: string): Block {
  let passed = 1
  const tokens = [...text.matchAll(HCL)].map(m => {
    const line = passed
    passed += m[0].split('\n').length - 1
    return { text: m[0], heredoc: m[2], line, end: passed }
  }).filter(t => !/^(\s|#|\/\/|\/\*)/.test(t.text))
  const root: Block = { labels: [], line: 1, attributes: [], blocks: [] }
  const open = [root]
  const startsLine = (i: number) => i >= tokens.length || tokens[i]!.line > tokens[i - 1]!.end
  for (let i = 0; i < tokens.length; i++) {
    const block = open.at(-1)!
    const { line } = tokens[i]!
    if (tokens[i]!.text === '}') {
      if (open.length > 1) open.pop()
    } else if (tokens[i + 1]?.text === '=') {
      // The value ends with the line, unless a bracket is open.
      const begin = i + 2
      let depth = 0
      let end = begin
      for (; end < tokens.length; end++) {
        if (end > begin && depth === 0 && (startsLine(end) || tokens[end]!.text === '}')) break
        depth += /^[[({]$/.test(tokens[end]!.text) ? 1 : /^[\])}]$/.test(tokens[end]!.text) ? -1 : 0
      }
      block.attributes.push({ name: tokens[i]!.text.replace(/^"|"$/g, ''), line, value: literal(tokens.slice(begin, end)) })
      i = end - 1
    } else {
      const labels: string[] = []
      for (; i < tokens.length && !/^[{}]$/.test(tokens[i]!.text); i++) labels.push(tokens[i]!.text.replace(/^"|"$/g, ''))
      if (tokens[i]?.text !== '{') break
      const inner: Block = { labels, line, attributes: [], blocks: [] }
      block.blocks.push(inner)
      open.push(inner)
    }
  }
  return root
}

/** The value of a literal, also of jsonencode and join of literals, or undefined for what only Terraform knows. */
function literal(tokens: Token[]): unknown {
  let at = 0
  const list = (close: string, item: () => unknown): unknown[] | undefined => {
    const items: unknown[] = []
    while (at < tokens.length && tokens[at]!.text !== close) {
      const value = item()
      if (value === undefined) return undefined
      items.push(value)
      if (tokens[at]?.text === ',') at++
    }
    return tokens[at++]?.text === close ? items : undefined
  }
  const value = (isJSON: boolean, depth: number): unknown => {
    const token = tokens[at++]
    if (!token || depth > DEPTH) return undefined
    const { text } = token
    const inner = () => value(isJSON, depth + 1)
    if (text === '[') return list(']', inner)
    if (text === '{' && isJSON) {
      const members = list('}', () => {
        const name = tokens[at++]!
        const key = /^[A-Za-z_]/.test(name.text) ? name.text : plain(name)
        const member = /^[=:]$/.test(tokens[at++]?.text ?? '') ? inner() : undefined
        return key === undefined || member === undefined ? undefined : [key, member]
      })
      return members && Object.fromEntries(members as [string, unknown][])
    }
    if (/^(jsonencode|join)$/.test(text) && tokens[at]?.text === '(') {
      at++
      const args = list(')', () => value(text === 'jsonencode', depth + 1))
      if (text === 'jsonencode') return args?.length === 1 ? JSON.stringify(args[0]) : undefined
      return typeof args?.[0] === 'string' && Array.isArray(args[1]) && args.length === 2 ? args[1].join(args[0]) : undefined
    }
    // JSON has types, where the arguments of a resource are texts.
    return isJSON && token.heredoc === undefined && /^(true|false|null|-?\d+(\.\d+)?)$/.test(text) ? jsonOf(text) : plain(token)
  }
  const whole = value(false, 0)
  if (at !== tokens.length) return undefined
  return !Array.isArray(whole) ? whole : whole.every(item => typeof item === 'string') ? whole.join(',') : undefined
}

/** The text of a string, a number or a truth value. */
function plain({ text, heredoc }: Token): string | undefined {
  if (heredoc !== undefined) return /[$%]\{/.test(heredoc) ? undefined : heredoc
  if (text === 'true' || text === 'false') return text
  if (/^-?\d/.test(text)) return text
  if (!text.startsWith('"') || /(^|[^$])\$\{|(^|[^%])%\{/.test(text)) return undefined
  const escapes: Record<string, string> = { n: '\n', r: '\r', t: '\t' }
  return text
    .slice(1, -1)
    .replace(/\\(u([0-9a-f]{4})|U([0-9a-f]{8})|.)/gi, (_, c: string, u?: string, long?: string) => (u || long ? String.fromCodePoint(parseInt(u ?? long!, 16)) : (escapes[c] ?? c)))
    .replace(/\$\$\{/g, '${')
    .replace(/%%\{/g, '%{')
}

const snake = (name: string) => name.replace(/(?!^)[A-Z]/g, c => '_' + c).toLowerCase()

const renamed: Record<string, string> = { vpn_attachment_name: 'Name', enable: 'EnableBgp', id: 'VpnConnectionId' }

/** A resource as it will be, of a plan that shows what changes. */
const planned = (text: string) =>
  !/^\s*(~|\+|-\/\+)\s+resource\b/m.test(text) ? text
    : text.replace(/^[ \t]*-[ \t].*$/gm, '').replace(/^([ \t]*)(-\/\+|[~+])(?=[ \t])/gm, '$1').replace(/("(?:[^"\\\n]|\\.)*"|[\w.]+|\([^()\n]*\))[ \t]+->[ \t]+/g, '').replace(/[ \t]#[ \t]forces replacement$/gm, '')

/** The parameter that an argument of the provider's is. */
const argument = (name: string, rows: Parameter[]) => rows.find(p => p.name === renamed[name]) ?? rows.find(p => snake(p.name) === name)

function readTerraform(text: string): TextForm {
  const collected = new Collected()
  const root = readBlocks(planned(text))
  const isResource = (b: Block) => b.labels[0] === 'resource' && /^alicloud_vpn_(gateway_vpn_)?attachment$/.test(b.labels[1] ?? '')
  const valueIn = (kind: string, name: string, to: string) => {
    const found = root.blocks.filter(b => b.labels[0] === kind).flatMap(b => b.attributes).find(a => a.name === name)
    if (found?.value !== undefined) collected.set([to], found.value, found.line)
  }
  valueIn('provider', 'region', 'RegionId')
  valueIn('import', 'id', 'VpnConnectionId')
  const take = (block: Block, path: string[], rows: Parameter[]) => {
    for (const { name, line, value } of block.attributes) {
      const label = block === resource ? name : `${block.labels[0]}.${name}`
      const row = argument(name, rows)
      if (!row) collected.skip(line, `${label} is not a parameter`)
      else if (value === undefined) collected.skip(line, `${label} is not a plain value`)
      else collected.set([...path, row.name], value, line)
    }
    let item = 0
    for (const inner of block.blocks) {
      const row = argument(inner.labels[0] ?? '', rows)
      if (!row?.fields || inner.labels.length > 1) collected.skip(inner.line, `${inner.labels.join(' ')} is not a parameter`)
      else take(inner, row.kind === 'array' ? [...path, row.name, String(++item)] : [...path, row.name], row.fields)
    }
  }
  const [resource, ...others] = root.blocks.filter(isResource)
  if (resource) take(resource, [], tables.parameters)
  for (const other of others) collected.skip(other.line, `${other.labels.slice(1).join('.')} is another resource`)
  return collected.form('a Terraform resource')
}
