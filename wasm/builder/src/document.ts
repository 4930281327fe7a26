// This file reads and edits JSON documents as text, so that the author's formatting is kept.

import { createScanner, findNodeAtLocation, format, getNodeValue, parseTree, SyntaxKind, type Edit, type Node, type ParseError } from 'jsonc-parser'
import { parameterAt, tables, type Parameter } from './tables'

export type Path = (string | number)[]

export interface Parsed {
  root?: Node // without members that a later one of the same name overrides
  value?: Record<string, unknown> // undefined unless the text is a JSON object
  errors: Pick<ParseError, 'offset' | 'length'>[]
}

const DEPTH = 64 // as deep as the core reads

/** The length from which on a text is large: what takes longer with it is not done at a key press. */
export const LARGE = 60_000

/** Whether the text certainly nests no deeper than the core reads. The scanner, which is sure, takes ten times as long. */
function isShallow(text: string): boolean {
  const close: number[] = []
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === 0x22) {
      // A string ends with its line at the latest.
      for (i++; i < text.length && ![0x22, 0x0a, 0x0d].includes(text.charCodeAt(i)); i++) if (text.charCodeAt(i) === 0x5c) i++
    } else if (c === 0x7b || c === 0x5b) {
      if (close.push(c + 2) > DEPTH) return false
    } else if (c === 0x2f || ((c === 0x7d || c === 0x5d) && close.pop() !== c)) return false // a comment, or a bracket that closes nothing
  }
  return true
}

/** The offset where the text nests deeper than the core reads, if it does. Recursive parsers must not get such a text. */
export function tooDeep(text: string): number | undefined {
  if (isShallow(text)) return undefined
  const scanner = createScanner(text, true)
  const close: SyntaxKind[] = []
  for (let token = scanner.scan(); token !== SyntaxKind.EOF; token = scanner.scan()) {
    // Only a matching bracket closes, as in the parser.
    if (token === SyntaxKind.OpenBraceToken) close.push(SyntaxKind.CloseBraceToken)
    else if (token === SyntaxKind.OpenBracketToken) close.push(SyntaxKind.CloseBracketToken)
    else if (token === close.at(-1)) close.pop()
    if (close.length > DEPTH) return scanner.getTokenOffset()
  }
  return undefined
}

// Large texts are not kept: their trees are many times as large.
const last: { text: string; parsed: Parsed }[] = []

/**
 * Parses the text. The last results are cached, since an edit starts with a text just parsed, and an event stays while the
 * change is edited; they must not be modified.
 */
export function parse(text: string): Parsed {
  const at = last.findIndex(l => l.text === text)
  const found = at < 0 ? { text, parsed: parseUncached(text) } : last.splice(at, 1)[0]!
  if (text.length > LARGE) return found.parsed
  last.unshift(found)
  if (last.length > 4) last.pop()
  return found.parsed
}

function parseUncached(text: string): Parsed {
  const deep = tooDeep(text)
  if (deep !== undefined) return { errors: [{ offset: deep, length: 1 }] }
  const errors: ParseError[] = []
  const root = parseTree(text, errors, { disallowComments: true })
  const isObject = root?.type === 'object' && errors.length === 0
  const value = isObject ? getNodeValue(root) : undefined
  if (isObject) dropOverridden(root, value)
  return { root, value, errors }
}

/** Keeps the last of members with the same name, as other JSON parsers do. The value shows where there are any. */
function dropOverridden({ type, children }: Node, value: any): void {
  if (!children || !value) return
  if (type === 'object' && Object.keys(value).length < children.length) {
    const last = new Map(children.map(p => [p.children![0]!.value, p]))
    children.length = 0
    for (const p of last.values()) children.push(p)
    children.sort((a, b) => a.offset - b.offset)
  }
  children.forEach((c, i) => (type === 'array' ? dropOverridden(c, value[i]) : dropOverridden(c.children![1]!, value[c.children![0]!.value])))
}

/** Splits the path of a finding, `A.B[0].C` or `rules[0].with["A.B"]`, into its steps. */
export function parsePath(path: string): Path {
  return [...path.matchAll(/\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]|([^.[\]]+)/g)].map(([, index, quoted, name]) => {
    if (quoted !== undefined) return String(parseNested(quoted) ?? quoted)
    return index !== undefined || /^\d+$/.test(name!) ? Number(index ?? name) : name!
  })
}

export function formatPath(path: Path): string {
  return path.map((s, i) => (typeof s === 'number' ? `[${s}]` : (i ? '.' : '') + s)).join('')
}

/** The value at the path, under the API's name or an alias, also inside a string of JSON. */
export function read(value: unknown, path: Path): unknown {
  for (let i = 0; i < path.length; i++) {
    if (typeof value === 'string') value = parseNested(value)
    if (typeof value !== 'object' || value === null) return undefined
    const step = path[i]!
    const at: Record<string | number, unknown> = value as Record<string | number, unknown>
    const name = [step, ...(parameterAt(path.slice(0, i + 1))?.aliases ?? [])].find(n => Object.hasOwn(at, n))
    if (name === undefined) return undefined
    value = at[name]
  }
  return value
}

export function parseNested(text: string): unknown {
  try {
    return tooDeep(text) === undefined ? JSON.parse(text) : undefined
  } catch {
    return undefined
  }
}

const layout = { insertSpaces: true, tabSize: 2 }

/** The text with the value at the path set, or removed along with objects that become empty. */
export function write(text: string, path: Path, value: unknown): string {
  if (text.trim() === '') text = '{}'
  text = expandNested(text, path)
  if (value !== undefined) return edit(text, inText(text, path), value)
  if (!nodeAt(text, inText(text, path))) return text
  // Repeated: an earlier member of the same name, or one under an alias, would take its place.
  do text = edit(text, inText(text, path), undefined)
  while (typeof path.at(-1) === 'string' && nodeAt(text, inText(text, path)))
  path = inText(text, path)
  for (let i = path.length - 1; i > 0; i--) {
    const parent = nodeAt(text, path.slice(0, i))
    if (parent?.children?.length) break
    text = edit(text, path.slice(0, i), undefined)
  }
  return text
}

function edit(text: string, path: Path, value: unknown): string {
  const node = nodeAt(text, path)
  const change = !node ? addition(text, path, value) : value === undefined ? removal(text, node) : { ...node, content: JSON.stringify(value) }
  text = apply(text, [change])
  let from = change.offset
  let to = from + change.content.length
  if (change.length === 0 || change.content === '') {
    from = text.lastIndexOf('\n', from - 1) + 1
    to = text.indexOf('\n', to)
  }
  return apply(text, format(text, { offset: from, length: (to < 0 ? text.length : to) - from }, layout))
}

/** Adds a member, in the order of the table, or an item. Throws where the text has an array and the path a name, or the reverse. */
function addition(text: string, path: Path, value: unknown): Edit {
  const [step, ...rest] = path.slice(path.findIndex((_, i) => !nodeAt(text, path.slice(0, i + 1))))
  const around = path.slice(0, -1 - rest.length)
  const { type, offset, children = [] } = nodeAt(text, around)!
  if (type !== (typeof step === 'number' ? 'array' : 'object')) throw new Error('the path does not fit the text')
  for (const s of rest.reverse()) value = typeof s === 'number' ? [value] : { [s]: value }
  const content = (typeof step === 'number' ? '' : JSON.stringify(step) + ': ') + JSON.stringify(value)
  const order = (parameterAt(around)?.fields ?? tables.parameters).map((p: Parameter) => p.name)
  const next = children.find(p => order.indexOf(p.children?.[0]?.value) > order.indexOf(String(step)))
  if (next) return { offset: next.offset, length: 0, content: content + ',' }
  const last = children.at(-1)
  return last ? { offset: last.offset + last.length, length: 0, content: ',' + content } : { offset: offset + 1, length: 0, content }
}

/** Removes a member or an item, along with the comma before it or else after it. */
function removal(text: string, node: Node): Edit {
  const { offset, length } = node.parent!.type === 'property' ? node.parent! : node
  const before = text.slice(0, offset).trimEnd()
  const after = text.slice(offset + length)
  if (before.endsWith(',')) return { offset: before.length - 1, length: offset + length - before.length + 1, content: '' }
  return { offset: before.length, length: text.length - before.length - after.replace(/^\s*,?\s*/, '').length, content: '' }
}

/** Applies edits in one pass. One by one, each would copy the text, which takes seconds for thousands of edits. */
function apply(text: string, edits: Edit[]): string {
  let out = ''
  let at = 0
  for (const e of edits) {
    out += text.slice(at, e.offset) + e.content
    at = e.offset + e.length
  }
  return out + text.slice(at)
}

/** The text formatted with one member or item per line. */
export function formatJson(text: string): string {
  return apply(text, format(text, undefined, layout))
}

/** The text with strings of JSON on the path replaced by that JSON; another value that is not an object or array is replaced, too. */
function expandNested(text: string, path: Path): string {
  for (let i = 1; i < path.length; i++) {
    const node = nodeAt(text, path.slice(0, i))
    if (!node || node.children) continue
    const nested = node.type === 'string' ? parseNested(node.value) : undefined
    text = edit(text, path.slice(0, i), typeof nested === 'object' && nested !== null ? nested : typeof path[i] === 'number' ? [] : {})
  }
  return text
}

function nodeAt(text: string, path: Path): Node | undefined {
  const { root } = parse(text)
  return root && findNodeAtLocation(root, path)
}

/** The path with the names that the text uses, which may be aliases. */
function inText(text: string, path: Path): Path {
  const { root } = parse(text)
  const out: Path = []
  for (let i = 0; i < path.length; i++) {
    const names = [path[i]!, ...(parameterAt(path.slice(0, i + 1))?.aliases ?? [])]
    out.push(names.find(n => root && findNodeAtLocation(root, [...out, n])) ?? path[i]!)
  }
  return out
}

/** The text with the value at the path replaced. */
export function replaceAt(text: string, path: Path, by: (old: string) => string): string {
  const { offset, length } = nodeAt(text, path)!
  return apply(text, [{ offset, length, content: by(text.slice(offset, offset + length)) }])
}

/** The text with another name for the member at the path. */
export function rename(text: string, path: Path, name: string): string {
  const { root } = parse(text)
  const key = root && findNodeAtLocation(root, path)?.parent?.children?.[0]
  return key ? apply(text, [{ offset: key.offset, length: key.length, content: JSON.stringify(name) }]) : text
}

/** The range of the path in the text: its value or its name, or of the closest parent that exists. */
export function locate(text: string, root: Node | undefined, path: Path, byName = false): { from: number; to: number } {
  let node = root
  let name: Node | undefined
  let reached = 0
  for (let i = 0; i < path.length && node; i++, reached++) {
    const names = [path[i]!, ...(parameterAt(path.slice(0, i + 1))?.aliases ?? [])]
    const next: Node | undefined = names.map(n => findNodeAtLocation(node!, [n])).find(n => n)
    if (!next) break
    node = next
    name = next.parent?.type === 'property' ? next.parent.children?.[0] : undefined
  }
  if (!node) return { from: 0, to: Math.min(1, text.length) }
  // Marking a whole object would underline half of the document, so only its name is marked.
  if (node.type === 'object' || node.type === 'array' || (byName && reached === path.length)) {
    return name ? { from: name.offset, to: name.offset + name.length } : { from: node.offset, to: node.offset + 1 }
  }
  return { from: node.offset, to: node.offset + node.length }
}
