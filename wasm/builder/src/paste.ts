// This file puts what is pasted or dropped where it belongs: a change, also in a command, an event, a rule file, or the current configuration.

import { changeEditor } from './change'
import * as core from './core'
import { currentEditor, setCurrent } from './current'
import { LARGE, parse, parseNested } from './document'
import { eventEditor, rulesEditor } from './event'
import { isSecret } from './secrets'
import { showStatus } from './status'
import { joinUndo, state, undo, update } from './state'
import { tables } from './tables'
import { readTextForm } from './text-forms'

type Place = 'change' | 'event' | 'rules' | 'current'

const names: Record<Place, string> = { change: 'a change', event: 'an event', rules: 'a rule file', current: 'the current configuration' }

/** What a text is, and where it belongs. */
interface Found {
  text: string
  place: Place
  name: string // for people: "a change"
  unread?: string[] // what of it is not in the text
  broken?: boolean // it is not JSON yet, and can be mended
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The place of the text, by what the core reads it as; undefined when it is none of them for certain. */
export function placeOf(text: string): Place | undefined {
  const value = text.length > LARGE ? parseNested(text) : (parse(text).value ?? parseNested(text))
  if (isObject(value) && Array.isArray(value.rules)) return 'rules'
  if (core.isCurrent(text)) return 'current'
  if (typeof value !== 'object' || value === null) return isSequence(text) ? 'event' : undefined
  if (text.length > LARGE) return isObject(value) && value.VpnConnectionId !== undefined ? 'change' : 'event' // what is in it is read in the worker
  const { results } = core.transform(text, '', {})
  const [result] = results
  if (!result?.change) return undefined
  return result.kind === 'change' && !result.via && results.length === 1 && isObject(value) ? 'change' : 'event'
}

/** Whether the text is several documents, one behind the other, that the core takes as events. */
const isSequence = (text: string) => text.length <= LARGE && /^\s*\{/.test(text) && core.transform(text, '', {}).results.some(r => r.change)

/** Whether a name of the API's is in the document. */
const hasParameter = (value: Record<string, unknown>) => Object.keys(value).some(key => tables.parameters.some(p => [p.name, ...(p.aliases ?? [])].includes(key)))

/** An object that is nothing known is an event, for rules. */
const isUnknown = (value: unknown) => isObject(value) && Object.keys(value).length > 0 && !hasParameter(value)

/** The list of a rule file alone. */
const isRules = (value: unknown) => Array.isArray(value) && value.length > 0 && value.every(r => isObject(r) && isObject(r.match) && [r.from, r.with].some(isObject))

/** The text as it was before a program or a page has put something around it: a byte order mark, or the fence of a message. */
const plain = (text: string) => text.replace(/^[\uFEFF\u200B]+/, '').replace(/^\s*```\w*[ \t]*\r?\n([^]*?)\r?\n?```\s*$/, '$1')

/** The document in a text that has lines of something else around it, such as the command that has printed it. */
const within = (text: string) => /^[{[][^]*^[}\]][ \t]*$/m.exec(text)?.[0] ?? text

/** What the text is; undefined when it is nothing known. With any, an object of no known kind is an event, which rules may read. */
function find(raw: string, any: boolean): Found | undefined {
  const text = plain(raw)
  const form = readTextForm(text)
  if (form) {
    const place = placeOf(form.text) ?? (form.sent && isUnknown(parseNested(form.text)) ? 'event' : 'change')
    return { text: form.text, place, name: form.name, unread: form.unread }
  }
  const as = (text: string, place: Place, more: Partial<Found> = {}): Found => ({ text, place, name: names[place], ...more })
  const known = placeOf(text)
  if (known) return as(text, known)
  const value = parseNested(text)
  if (typeof value === 'string') return find(value, any) // JSON text in a string
  if (isRules(value)) return as(`${JSON.stringify({ rules: value }, null, 2)}\n`, 'rules', { name: 'a list of rules' })
  if (value !== undefined) return any && isObject(value) && Object.keys(value).length > 0 ? as(text, isUnknown(value) || hasRules() ? 'event' : 'change') : undefined
  const mended = core.mend(text)
  const meant = mended === undefined ? undefined : (placeOf(mended) ?? (any && isUnknown(parseNested(mended)) ? 'event' : undefined))
  if (meant) return as(text, meant, { broken: true })
  const part = within(text)
  return part === text ? undefined : find(part, false)
}

const hasRules = () => state.rules.trim() !== ''

const FEW = 3

/** What is not read of a form, with the lines. */
const unreadOf = (unread: string[]) => (unread.length === 0 ? '' : ` Not read: ${unread.slice(0, FEW).join('; ')}${unread.length > FEW ? `; and ${unread.length - FEW} more` : ''}.`)

const isEmpty = ({ text, unread }: Found) => unread !== undefined && text.replace(/\s/g, '') === '{}'

/** Makes the text that of the place, with what was there before for Undo. */
function set(text: string, place: Place): void {
  if (place === 'current') setCurrent(text, 'revert')
  else if (place === 'change') update({ change: text, input: 'form' }, 'revert')
  else update({ [place]: text, input: 'event' }, 'revert')
}

/** Puts the text into its place, says so, and offers what was there before. */
function put(found: Found, subject = 'This'): void {
  const { text, place, name, unread = [], broken } = found
  if (isEmpty(found)) return showStatus(`${subject} is ${name}, but no parameter of a change can be read in it.${unreadOf(unread)}`)
  set(text, place)
  const where = place === 'change' ? 'the change now' : `under ${place === 'current' ? 'Current' : 'Event + rules'} now`
  const mend = { title: 'Mend the JSON', run: () => (set(core.mend(text) ?? text, place), showStatus('The JSON was mended.')) }
  showStatus(`${subject} is ${name}${broken ? ' that is not JSON yet' : ''}: it is ${where}.${unreadOf(unread)}`, broken ? mend : undefined)
}

/** What the text is not, and why not. */
const notKnown = (text: string, subject = 'This') => `${subject} is not a change, an event, rules, an answer of DescribeVpnConnection, or a command or Terraform file with a change.${core.faultOf(plain(text))}`

/** Puts the text where it belongs; what is nothing known but an object is an event, for rules. Says what it is not, otherwise. */
export function take(text: string): boolean {
  const found = find(text, true)
  if (found) put(found)
  else showStatus(notKnown(text))
  return found !== undefined && !isEmpty(found)
}

const editors = { change: changeEditor, event: eventEditor, rules: rulesEditor, current: currentEditor }

// What in no way can be a part of the editor's document. An event may be that of a test of the rules, and a change may be in an event.
const foreign: Record<Place, Place[]> = { change: ['event', 'rules', 'current'], event: ['rules', 'current'], rules: ['current'], current: ['change', 'event', 'rules'] }

/** What is pasted, if it is not to go where it was pasted. */
function elsewhere(target: HTMLElement, text: string): Found | undefined {
  const own = /^(change|event|rules|current)-editor$/.exec(target.id)?.[1] as Place | undefined
  if (!own) {
    // A field has one line, and a key may be any text.
    const isText = target.matches('textarea, select, [type=password]') || isSecret((target.closest<HTMLElement>('[data-path]')?.dataset.path ?? '').split('.'))
    return isText ? undefined : find(text, !target.matches('input'))
  }
  const isMade = own === 'event' && state.received.trim() === '' && state.event.trim() !== '' // by the page, of the change
  const isWhole = isMade || state[own].trim() === '' || editors[own].isAllSelected()
  const found = find(text, isWhole && own === 'change')
  if (!found || (found.broken && !isMade && (found.place === own || !isWhole))) return undefined
  if (!isWhole) return found.unread || foreign[own].includes(found.place) ? found : undefined
  return isMade || found.place !== own || found.text !== text ? found : undefined
}

document.addEventListener(
  'paste',
  e => {
    const target = e.target as HTMLElement
    const text = e.clipboardData?.getData('text/plain') ?? ''
    if (text.trim() === '') return
    const found = elsewhere(target, text)
    if (!found) return target.matches('input, textarea, select, .editor') ? undefined : showStatus(notKnown(text))
    e.preventDefault()
    e.stopPropagation()
    put(found)
  },
  { capture: true },
)

const isFile = (e: DragEvent) => e.dataTransfer?.types.includes('Files') ?? false

document.addEventListener('dragover', e => isFile(e) && e.preventDefault())
// An editor would put the text of a file where it is dropped as well.
document.addEventListener(
  'drop',
  e => {
    if (!isFile(e)) return
    e.preventDefault()
    e.stopPropagation()
    void openAll([...e.dataTransfer!.files])
  },
  { capture: true },
)

const LIMIT = 4_000_000 // bytes of a file: more than any event has

const picker = document.createElement('input')
picker.type = 'file'
picker.multiple = true
picker.accept = '.json,.jsonc,.txt,.sh,.tf,.log,application/json,text/*'
picker.addEventListener('change', () => openAll([...(picker.files ?? [])]).then(() => (picker.value = '')))

export const openFiles = () => picker.click()

document.getElementById('open')!.addEventListener('click', openFiles)

/** Puts each file where it belongs. Undo takes all of them back. */
async function openAll(files: File[]): Promise<void> {
  const texts = await Promise.all(files.map(file => (file.size > LIMIT ? undefined : file.text())))
  const said: string[] = []
  const taken = new Set<Place>()
  let first: typeof undo
  for (const [i, { name }] of files.entries()) {
    const text = texts[i]
    const found = text === undefined ? undefined : find(text, files.length === 1)
    if (files.length === 1 && found) return put(found, name)
    if (!found) said.push(text === undefined ? `${name} is too large.` : notKnown(text, name))
    else if (isEmpty(found)) said.push(`${name} is ${found.name}, but no parameter of a change can be read in it.`)
    else if (taken.has(found.place)) said.push(`${name} is left out: ${names[found.place]} is there from another file.`)
    else {
      set(found.text, found.place)
      first ??= undo
      taken.add(found.place)
      said.push(`${name} is ${found.name}${found.broken ? ' that is not JSON yet' : ''}.${unreadOf(found.unread ?? [])}`)
    }
  }
  joinUndo(first)
  showStatus(said.join(' '))
}
