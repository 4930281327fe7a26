// This file writes rules: the first one for an event, and what the values of an event are mapped to. It changes texts only.

import * as core from './core'
import { findNodeAtLocation } from 'jsonc-parser'
import { parse, parseNested, read, write, type Path } from './document'
import { isSecret, MASK, secretsIn } from './secrets'
import { parameterAt, parameterPath, tables, type Parameter } from './tables'

/** The words of an event for a parameter: a table, or the core's vocabulary of other tools. */
export type Words = Record<string, string> | 'common'

/** A parameter that a value of the event may be. */
export interface Fit {
  parameter: string // as rules name it
  path: string // of the value, for the rule's from
  words?: Words // where the event's word is not the API's
  asks?: boolean // whether the word's meaning is left to the author
}

const FROM_STRING = '@fromstr' // reads on in JSON text within a string

/** The path of gjson in the value, in which some characters of a name have a meaning. */
export const gjsonPath = (path: Path, value?: unknown): string =>
  path.flatMap((step, i) => {
    const escaped = String(step).replace(/[.*?|#@!{}[\]()=<>%"\\~]|^\$/g, '\\$&')
    return typeof read(value, path.slice(0, i)) === 'string' ? [FROM_STRING, escaped] : escaped
  }).join('.')

/** The path of a list, which may be JSON text in a string itself. */
const listPath = (path: string, value: unknown) => (typeof value === 'string' ? `${path}.${FROM_STRING}` : path)

/** The steps of such a path. */
export const stepsOf = (path: string): string[] => (path.match(/(?:\\[^]|[^.\\])+/g) ?? []).filter(step => step !== FROM_STRING).map(step => step.replace(/\\([^])/g, '$1'))

interface Leaf {
  path: Path
  value: unknown
}

/** JSON text in a string as what it says; anything else as it is. */
export const inString = (value: unknown): unknown => (typeof value === 'string' && /^\s*[{[]/.test(value) ? (parseNested(value) ?? value) : value)

/** The values of the event that are not objects, those of long lists aside. */
export function leavesOf(value: unknown, path: Path = [], found: Leaf[] = []): Leaf[] {
  if (found.length >= 500 || path.length > 8) return found
  value = inString(value)
  if (typeof value !== 'object' || value === null) found.push({ path, value })
  else for (const [key, inner] of Object.entries(value).slice(0, 200)) leavesOf(inner, [...path, Array.isArray(value) ? Number(key) : key], found)
  return found
}

const textual = (value: unknown): value is string => typeof value === 'string' && value !== '' && value.length <= 64

// What tells events of one sender apart, most telling last.
const kinds = ['source', 'type', 'kind', 'object_type', 'objectType', 'model', 'resource', 'event_type', 'eventType', 'event', 'action', 'eventName']

/** The pattern for events of the same kind. */
function pattern(event: Record<string, unknown>): Record<string, unknown> {
  const match: Record<string, unknown> = {}
  for (const name of ['source', 'detail-type']) if (textual(event[name])) match[name] = [event[name]]
  const detail = event.detail as Record<string, unknown> | undefined
  if (match['detail-type']) {
    if (textual(detail?.eventName)) match.detail = { eventName: [detail!.eventName] }
    return match
  }
  for (const name of kinds) if (textual(event[name]) && !isSecret([name])) match[name] = [event[name]]
  if (Object.keys(match).length > 0) return match
  // What has no name for its kind is told by what it has, and by its state.
  if (textual(event.status)) match.status = [event.status]
  const telling = Object.entries(event).flatMap(([name, value]) => (name === 'status' || holds(value) === undefined ? [] : [[name, holds(value)]]))
  return Object.assign(match, Object.fromEntries(telling.slice(0, 4)))
}

/** The pattern for anything like the value: exists is of values, not of objects. Undefined for what has none at hand. */
function holds(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return [{ exists: true }]
  const [name] = Array.isArray(value) ? [] : (Object.entries(value).find(([, v]) => typeof v !== 'object') ?? [])
  return name === undefined ? undefined : { [name]: [{ exists: true }] }
}

const words = (text: string) => text.replace(/([a-z])([A-Z])/g, '$1-$2').toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '')

/** A name for the rule that no other has. */
function nameFor(match: Record<string, unknown>, taken: string[]): string {
  const said = [match['detail-type'] ?? match.model ?? match.object_type ?? match.type ?? match.kind ?? match.source, match.event ?? match.action].flat().filter(textual)
  const name = words(said.join(' ')).slice(0, 56) || 'rule'
  for (let n = 1; ; n++) if (!taken.includes(n > 1 ? `${name}-${n}` : name)) return n > 1 ? `${name}-${n}` : name
}

const idPattern = /^vco-[a-z0-9]+$/
const times = /^(time|timestamp|occurred_?at|updated_?at|event_?time|eventtime)$/i

/** The rule for an event: which events it is for, and what can only be meant, the required parameters first. */
export function ruleFor(event: Record<string, unknown>, via: string, taken: string[]): Record<string, unknown> {
  const match = pattern(event)
  const all = leavesOf(event)
  const rule: Record<string, unknown> = { name: nameFor(match, taken), ...(via ? { via: [via] } : {}), match }
  const id = all.find(l => textual(l.value) && idPattern.test(l.value))
  const list = id && listAround(id.path)
  if (list) rule.each = listPath(gjsonPath(list, event), read(event, list))
  const from: Record<string, unknown> = {}
  // That of AWS, where the event came from, is another one.
  const isOwn = ({ path }: Leaf) => !/^aws_?region$/i.test(String(path.at(-1))) && !(match['detail-type'] && path[0] !== 'detail')
  const regions = all.filter(l => textual(l.value) && /region/i.test(String(l.path.at(-1))) && isOwn(l) && fitsAsItIs('RegionId', l.value))
  const region = regions.find(l => list?.every((step, i) => step === l.path[i])) ?? regions[0]
  if (id) from.VpnConnectionId = relative(event, id.path, list)
  if (region) from.RegionId = relative(event, region.path, list)
  rule.from = from
  const time = all.find(l => l.path.length === 1 && times.test(String(l.path[0])))
  if (time && !match['detail-type'] && !event.specversion) rule.time = (list ? '$.' : '') + gjsonPath(time.path)
  return rule
}

/** The path of the array that the path goes through, if there is one. */
function listAround(path: Path): Path | undefined {
  const at = path.findIndex(step => typeof step === 'number')
  return at > 0 ? path.slice(0, at) : undefined
}

/** The path as the rule writes it: from the element of its each, or else from the whole event. */
function relative(event: unknown, path: Path, list: Path | undefined): string {
  if (!list) return gjsonPath(path, event)
  const inside = path.length > list.length && list.every((step, i) => String(step) === String(path[i]))
  if (!inside) return '$.' + gjsonPath(path, event)
  const own = path.slice(list.length + 1)
  return own.length === 0 ? '@this' : gjsonPath(own, read(event, path.slice(0, list.length + 1)))
}

/** Rules as text, lists of one text on one line. */
const written = (value: unknown) => JSON.stringify(value, null, 2).replace(/\[\s+("[^"\n]*"|\d+)\s+\]/g, '[$1]')

/** The rule file with another rule at its end. */
export function addRule(rules: string, rule: unknown): string {
  const list = parse(rules).value?.rules
  if (!Array.isArray(list)) return written({ rules: [rule] }) + '\n'
  if (list.length === 0) return write(rules, ['rules'], [rule])
  const { to } = range(rules, ['rules', list.length - 1])
  return rules.slice(0, to) + ', ' + written(rule).replaceAll('\n', '\n  ') + rules.slice(to)
}

function range(text: string, path: Path): { from: number; to: number } {
  const node = findNodeAtLocation(parse(text).root!, path)!
  return { from: node.offset, to: node.offset + node.length }
}

/** The file with a value of the event mapped to a parameter of the rule. */
export function addMapping(rules: string, index: number, { parameter, path, words }: Fit, event: unknown): string {
  const at = (...rest: Path): Path => ['rules', index, ...rest]
  const rule = () => read(parse(rules).value, at()) as Record<string, unknown>
  if (Object.hasOwn((rule().with ?? {}) as object, parameter)) rules = write(rules, at('with', parameter), undefined)
  rules = write(rules, at('from', parameter), path)
  const map = rule().map
  if (words === undefined) {
    if (map && map !== 'common' && Object.hasOwn(map as object, parameter)) rules = write(rules, at('map', parameter), undefined)
  } else if (map === 'common' && words !== 'common') {
    // One word for all of them becomes a table for each.
    const others = Object.keys((rule().from ?? {}) as object).filter(name => name !== parameter && hasWords(name))
    rules = write(rules, at('map'), { ...Object.fromEntries(others.map(name => [name, 'common'])), [parameter]: words })
  } else if (map !== 'common') {
    const known = (map as Record<string, unknown> | undefined)?.[parameter]
    rules = write(rules, at('map', parameter), words !== 'common' && typeof known === 'object' ? { ...words, ...known } : words)
  }
  return changedFields(rules, index, event)
}

const sides: [RegExp, RegExp] = [/^(pre|before|old|previous)/i, /^(post|after|new|current)/i]

/** The paths of an object before and after the change, if the event has both. */
export function beforeAndAfter(event: unknown, path: Path = []): [Path, Path] | undefined {
  if (typeof event !== 'object' || event === null || Array.isArray(event) || path.length > 2) return undefined
  const names = Object.keys(event)
  const objects = names.filter(name => typeof (event as any)[name] === 'object')
  const [before, after] = sides.map(side => objects.find(name => side.test(name)))
  if (before && after) return [[...path, before], [...path, after]]
  for (const name of names) {
    const found = beforeAndAfter((event as any)[name], [...path, name])
    if (found) return found
  }
  return undefined
}

/** The file whose rule takes only events in which a field that it maps differs. */
export function onlyChanged(rules: string, index: number, event: unknown): string {
  const [before, after] = beforeAndAfter(event)!
  return changedFields(write(rules, ['rules', index, 'changed'], { before: gjsonPath(before, event), after: gjsonPath(after, event), fields: [] }), index, event)
}

/** Brings the fields that count as changed in line with what the rule maps. */
function changedFields(rules: string, index: number, event: unknown): string {
  const rule = read(parse(rules).value, ['rules', index]) as { from?: Record<string, unknown>; changed?: { after?: string; fields?: unknown } } | undefined
  if (!rule?.changed?.after || !Array.isArray(rule.changed.fields)) return rules
  const after = read(event, stepsOf(rule.changed.after))
  const fields = Object.values(rule.from ?? {}).flatMap(path => {
    const steps = stepsOf(String(path).replace(/\?$/, '').replace(/\.#.*$/, '')).slice(1)
    return steps.length > 0 && read(after, steps) !== undefined ? [gjsonPath(steps)] : []
  })
  return write(rules, ['rules', index, 'changed', 'fields'], [...new Set([...rule.changed.fields, ...fields])])
}

const hasWords = (name: string) => {
  const p = parameterAt(parameterPath([name]))
  return p !== undefined && (p.enum !== undefined || p.kind === 'bool' || p.kind === 'int')
}

const address = { RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-1' }

/** The findings about a value of the parameter, which a rule would take from an event. */
function judged(name: string, value: unknown, map?: Words): { severity: string }[] {
  const others = Object.fromEntries(Object.entries(address).filter(([key]) => key !== name))
  const rule = { name: 'a', match: { source: ['a'] }, with: others, from: { [name]: 'value' }, ...(map ? { map: { [name]: map } } : {}) }
  const { results, error } = core.transform(JSON.stringify({ source: 'a', value }), JSON.stringify({ rules: [rule] }), { signature: 'v3' })
  if (error) return [{ severity: 'error' }]
  const own = name.replace(/^Tunnel\.\d\./, 'TunnelOptionsSpecification[0].')
  const findings = (results[0]?.findings ?? []).filter(f => f.path === own || f.path.startsWith('rules['))
  return results[0]?.change ? findings : [...findings, { severity: 'error' }]
}

const fitsAsItIs = (name: string, value: unknown) => judged(name, value).every(f => f.severity === 'info')

// Which names of an event speak for a parameter, by the last part of its name.
const likely: Record<string, RegExp> = {
  VpnConnectionId: /vco|vpn.?conn|attachment/, RegionId: /region|location|zone/, Name: /^name$|display|label|title/,
  RemoteSubnet: /remote|peer|network|subnet|prefix|cidr|route/, LocalSubnet: /local|vpc|subnet|cidr/, CustomerGatewayId: /gateway|cgw/,
  IkeVersion: /version/, IkeMode: /mode|exchange/, IkeEncAlg: /enc|cipher/, IkeAuthAlg: /auth|integ|hash|prf/, IkePfs: /dh|group|pfs/, IkeLifetime: /life/,
  IpsecEncAlg: /(esp|ipsec|phase.?2|child).*(enc|cipher)/, IpsecAuthAlg: /(esp|ipsec|phase.?2|child).*(auth|integ|hash)/, IpsecPfs: /(esp|ipsec|phase.?2|child).*(dh|group|pfs)/, IpsecLifetime: /(esp|ipsec|phase.?2|child).*life/,
  LocalId: /local.*(id|address|ip)/, RemoteId: /(remote|peer|gateway).*(id|address|ip)|outside|public/, LocalAsn: /asn|as.?n(umber)?$/, TunnelCidr: /inside|tunnel.?cidr|link/, LocalBgpIp: /bgp.*(ip|address)/,
  EnableDpd: /dpd/, EnableNatTraversal: /nat/, EnableBgp: /bgp/, EffectImmediately: /immediate/,
}

/**
 * The parameters that the value at the path may be, the most likely first. With each, paths are from its elements; given are
 * those that the rule has already, which say for which tunnel it is.
 */
export function fitsOf(event: unknown, path: Path, each?: string, given: string[] = []): Fit[] {
  const whole = listOf(event, path, each)
  const names = path.filter(step => typeof step === 'string') as string[]
  const said = names.slice(-3).join(' ').replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()
  const own = words(names.at(-1) ?? '')
  const secret = isSecret(names)
  const one = read(event, path)
  if (typeof one === 'object') return []
  const fits: { fit: Fit; score: number }[] = []
  const around = (name: string) => /^(Tunnel\.\d|\w+(?=\.))/.exec(name)?.[0]
  const isNear = (name: string) => around(name) !== undefined && given.some(g => around(g) === around(name))
  for (const name of tables.rules.parameters) {
    const p = parameterAt(parameterPath([name]))
    if (!p || p.kind === 'object' || p.kind === 'array' || p.hidden || p.noEffect || name === 'ClientToken' || !!p.secret !== secret) continue
    const { value, path: from } = p.kind === 'subnets' ? whole : { value: one, path: relativeTo(event, path, each) }
    const likelihood = (likely[p.name]?.test(said) ? 30 : 0) + (likely[p.name]?.test(own) ? 15 : 0) - (/^Tunnel\.2/.test(name) ? 1 : 0) + (isNear(name) ? 10 : 0)
    const add = (more: Partial<Fit>, score: number) => fits.push({ fit: { parameter: name, path: from, ...more }, score: score + likelihood })
    const found = judged(name, value)
    if (found.every(f => f.severity === 'info' || (f.severity === 'warning' && name !== 'RegionId'))) add({}, strength(p, value) - (found.some(f => f.severity === 'warning') ? 25 : 0))
    else if (likelihood > 0 || p.enum) {
      if (hasWords(name) && judged(name, value, 'common').every(f => f.severity === 'info')) add({ words: 'common' }, 20)
      else if (likelihood > 0 && (p.enum || name === 'RegionId') && typeof value !== 'object') add({ words: { [String(value)]: '' }, asks: true }, 0)
    }
  }
  return fits.filter(f => f.score >= 0).sort((a, b) => b.score - a.score).map(f => f.fit)
}

/** How much the value alone speaks for the parameter: any text is a name, few are an algorithm. */
function strength(p: Parameter, value: unknown): number {
  const text = String(value)
  if (p.secret) return 60
  if (p.name === 'VpnConnectionId') return idPattern.test(text) ? 90 : -20
  if (p.name === 'CustomerGatewayId') return /^cgw-/.test(text) ? 90 : -20
  if (p.name === 'RegionId') return 60
  if (p.enum) return p.kind === 'bool' ? 20 : 50
  if (p.kind === 'subnets') return /\//.test(text) ? 50 : 10
  if (p.kind === 'cidr') return 45
  if (p.kind === 'ip') return 30
  if (p.kind === 'bool') return 20
  return /Id$/.test(p.name) && /^\d+(\.\d+){3}$/.test(text) ? 35 : 5
}

/** The value at the path, or where that is in a list the list with all others: networks.#.prefix. */
function listOf(event: unknown, path: Path, each: string | undefined): { value: unknown; path: string } {
  const skipped = each ? stepsOf(each).length + 1 : 0
  const at = path.findIndex((step, i) => typeof step === 'number' && i >= skipped)
  if (at < 0) return { value: read(event, path), path: relativeTo(event, path, each) }
  const around = path.slice(0, at)
  const list = inString(read(event, around)) as unknown[]
  const rest = path.slice(at + 1)
  const value = list.slice(0, 200).map(item => (rest.length > 0 ? read(item, rest) : item))
  return { value, path: listPath(relativeTo(event, around, each), read(event, around)) + (rest.length > 0 ? '.#.' + gjsonPath(rest, list[0]) : '') }
}

const relativeTo = (event: unknown, path: Path, each: string | undefined) => relative(event, path, each === undefined ? undefined : stepsOf(each))

const SAMPLE = 'ExampleKeyNotASecret012345678901'

/** The file with a test: the event, whose keys are replaced, and the changes that it makes now. */
export function addTest(rules: string, event: string, via: string, changes: unknown[]): string {
  const known = parse(rules).value
  const tests = Array.isArray(known?.tests) ? known.tests : []
  const sample = secretsIn(event).reduceRight((text, s) => text.slice(0, s.from) + SAMPLE + text.slice(s.to), event)
  const name = `event ${tests.length + 1}`
  const test = { name, event: JSON.parse(sample), ...(via ? { via } : {}), want: changes.map(c => withoutKeys(c)) }
  return write(rules, ['tests', tests.length], test)
}

const withoutKeys = (value: unknown, names: string[] = []): unknown => {
  if (Array.isArray(value)) return value.map(v => withoutKeys(v, names))
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, withoutKeys(v, [...names, k])]))
  return isSecret(names) && typeof value === 'string' && !value.startsWith('{{') ? MASK : value
}
