// This file reads and edits the change document as text, so that what its author laid out stays.

import { createScanner, findNodeAtLocation, format, getNodeValue, parseTree, SyntaxKind, type Edit, type Node, type ParseError } from 'jsonc-parser'
import { parameterAt, tables, type Parameter } from './tables'

export type Path = (string | number)[]

export interface Parsed {
  root?: Node // without the members that a later one of the same name hides
  value?: Record<string, unknown> // undefined unless the text is a JSON object
  errors: Pick<ParseError, 'offset' | 'length'>[]
}

const DEPTH = 64 // as deep as the core reads

/** Where the text nests deeper than the core reads, if it does. What reads JSON by recursion must not meet such a text. */
export function tooDeep(text: string): number | undefined {
  if ((text.match(/[[{]/g)?.length ?? 0) <= DEPTH) return undefined
  const scanner = createScanner(text, true)
  const close: SyntaxKind[] = []
  for (let token = scanner.scan(); token !== SyntaxKind.EOF; token = scanner.scan()) {
    // Only what fits closes: so the parser sees it.
    if (token === SyntaxKind.OpenBraceToken) close.push(SyntaxKind.CloseBraceToken)
    else if (token === SyntaxKind.OpenBracketToken) close.push(SyntaxKind.CloseBracketToken)
    else if (token === close.at(-1)) close.pop()
    if (close.length > DEPTH) return scanner.getTokenOffset()
  }
  return undefined
}

let last: { text?: string; parsed: Parsed } = { parsed: { errors: [] } }

/** Reads the text. The last one is kept, since what writes to a text begins with what was read of it; nobody may change it. */
export function parse(text: string): Parsed {
  if (last.text !== text) last = { text, parsed: parseAnew(text) }
  return last.parsed
}

function parseAnew(text: string): Parsed {
  const deep = tooDeep(text)
  if (deep !== undefined) return { errors: [{ offset: deep, length: 1 }] }
  const errors: ParseError[] = []
  const root = parseTree(text, errors, { disallowComments: true })
  const isObject = root?.type === 'object' && errors.length === 0
  const value = isObject ? getNodeValue(root) : undefined
  if (isObject) hide(root, value)
  return { root, value, errors }
}

/** Of members with the same name the last counts, as for other readers of JSON. The value tells where there are such. */
function hide({ type, children }: Node, value: any): void {
  if (!children || !value) return
  if (type === 'object' && Object.keys(value).length < children.length) {
    const last = new Map(children.map(p => [p.children![0]!.value, p]))
    children.length = 0
    for (const p of last.values()) children.push(p)
    children.sort((a, b) => a.offset - b.offset)
  }
  children.forEach((c, i) => (type === 'array' ? hide(c, value[i]) : hide(c.children![1]!, value[c.children![0]!.value])))
}

/** Turns the path of a finding, `A.B[0].C` or `rules[0].with["A.B"]`, into its steps. */
export function steps(path: string): Path {
  return [...path.matchAll(/\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]|([^.[\]]+)/g)].map(([, index, quoted, name]) => {
    if (quoted !== undefined) return String(unquote(quoted) ?? quoted)
    return index !== undefined || /^\d+$/.test(name!) ? Number(index ?? name) : name!
  })
}

export function pathText(path: Path): string {
  return path.map((s, i) => (typeof s === 'number' ? `[${s}]` : (i ? '.' : '') + s)).join('')
}

/** The value at the path, under the API's name or an alias, also within nested JSON text. */
export function read(value: unknown, path: Path): unknown {
  for (let i = 0; i < path.length; i++) {
    if (typeof value === 'string') value = unquote(value)
    if (typeof value !== 'object' || value === null) return undefined
    const step = path[i]!
    const at: Record<string | number, unknown> = value as Record<string | number, unknown>
    const name = [step, ...(parameterAt(path.slice(0, i + 1))?.aliases ?? [])].find(n => Object.hasOwn(at, n))
    if (name === undefined) return undefined
    value = at[name]
  }
  return value
}

export function unquote(text: string): unknown {
  try {
    return tooDeep(text) === undefined ? JSON.parse(text) : undefined
  } catch {
    return undefined
  }
}

const layout = { insertSpaces: true, tabSize: 2 }

/** The text with the value at the path set, or removed along with what that leaves empty. */
export function write(text: string, path: Path, value: unknown): string {
  if (text.trim() === '') text = '{}'
  text = unfold(text, path)
  if (value !== undefined) return edit(text, spelled(text, path), value)
  if (!nodeAt(text, spelled(text, path))) return text
  // What was hidden, or stands under an alias, would come out.
  do text = edit(text, spelled(text, path), undefined)
  while (typeof path.at(-1) === 'string' && nodeAt(text, spelled(text, path)))
  path = spelled(text, path)
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

/** A new member, in the order of the table, or a new item. Throws where the text has an array and the path a name, or the other way round. */
function addition(text: string, path: Path, value: unknown): Edit {
  const [step, ...rest] = path.slice(path.findIndex((_, i) => !nodeAt(text, path.slice(0, i + 1))))
  const around = path.slice(0, -1 - rest.length)
  const { type, offset, children = [] } = nodeAt(text, around)!
  if (type !== (typeof step === 'number' ? 'array' : 'object')) throw new Error('the text has another shape')
  for (const s of rest.reverse()) value = typeof s === 'number' ? [value] : { [s]: value }
  const content = (typeof step === 'number' ? '' : JSON.stringify(step) + ': ') + JSON.stringify(value)
  const order = (parameterAt(around)?.fields ?? tables.parameters).map((p: Parameter) => p.name)
  const next = children.find(p => order.indexOf(p.children?.[0]?.value) > order.indexOf(String(step)))
  if (next) return { offset: next.offset, length: 0, content: content + ',' }
  const last = children.at(-1)
  return last ? { offset: last.offset + last.length, length: 0, content: ',' + content } : { offset: offset + 1, length: 0, content }
}

/** Takes out a member or an item, along with the comma before it or else after it. */
function removal(text: string, node: Node): Edit {
  const { offset, length } = node.parent!.type === 'property' ? node.parent! : node
  const before = text.slice(0, offset).trimEnd()
  const after = text.slice(offset + length)
  if (before.endsWith(',')) return { offset: before.length - 1, length: offset + length - before.length + 1, content: '' }
  return { offset: before.length, length: text.length - before.length - after.replace(/^\s*,?\s*/, '').length, content: '' }
}

/** Applies edits in one pass. One by one, each takes a copy of the text, which takes seconds where there are thousands. */
function apply(text: string, edits: Edit[]): string {
  let out = ''
  let at = 0
  for (const e of edits) {
    out += text.slice(at, e.offset) + e.content
    at = e.offset + e.length
  }
  return out + text.slice(at)
}

/** The text with one member of an object or item of an array to a line. */
export function laidOut(text: string): string {
  return apply(text, format(text, undefined, layout))
}

/** The text with what is JSON within a string, on the way to the path, as JSON itself; what else can't be entered gives way. */
function unfold(text: string, path: Path): string {
  for (let i = 1; i < path.length; i++) {
    const node = nodeAt(text, path.slice(0, i))
    if (!node || node.children) continue
    const nested = node.type === 'string' ? unquote(node.value) : undefined
    text = edit(text, path.slice(0, i), typeof nested === 'object' && nested !== null ? nested : typeof path[i] === 'number' ? [] : {})
  }
  return text
}

function nodeAt(text: string, path: Path): Node | undefined {
  const { root } = parse(text)
  return root && findNodeAtLocation(root, path)
}

/** The path in the names that the text uses. */
function spelled(text: string, path: Path): Path {
  const { root } = parse(text)
  const out: Path = []
  for (let i = 0; i < path.length; i++) {
    const names = [path[i]!, ...(parameterAt(path.slice(0, i + 1))?.aliases ?? [])]
    out.push(names.find(n => root && findNodeAtLocation(root, [...out, n])) ?? path[i]!)
  }
  return out
}

/** The text with the value at the path written anew. */
export function splice(text: string, path: Path, by: (old: string) => string): string {
  const { offset, length } = nodeAt(text, path)!
  return apply(text, [{ offset, length, content: by(text.slice(offset, offset + length)) }])
}

/** Renames the property at the path, which may stand under an alias, to its own name. */
export function rename(text: string, path: Path): string {
  const unfolded = unfold(text, path)
  const at = spelled(unfolded, path)
  const key = nodeAt(unfolded, at)?.parent?.children?.[0]
  return !key || at.at(-1) === path.at(-1) ? text : apply(unfolded, [{ ...key, content: JSON.stringify(path.at(-1)) }])
}

/** Where the path stands in the text: its value, or its name, or the closest thing around it that is there. */
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
  // An object as a whole would paint half of the document, so its name stands for it.
  if (node.type === 'object' || node.type === 'array' || (byName && reached === path.length)) {
    return name ? { from: name.offset, to: name.offset + name.length } : { from: node.offset, to: node.offset + 1 }
  }
  return { from: node.offset, to: node.offset + node.length }
}
