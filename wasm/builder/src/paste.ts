// This file puts what is pasted or dropped where it belongs: a change, also in a command, an event, a rule file, or the current configuration.

import * as core from './core'
import { setCurrent } from './current'
import { LARGE, parse, parseNested } from './document'
import { showStatus } from './status'
import { state, update } from './state'
import { readTextForm, type TextForm } from './text-forms'

type Place = 'change' | 'event' | 'rules' | 'current'

const names: Record<Place, string> = { change: 'a change', event: 'an event', rules: 'a rule file', current: 'the current configuration' }

/** The place of the text, by what the core reads it as; undefined when it is none of them for certain. */
export function placeOf(text: string): Place | undefined {
  const value = text.length > LARGE ? (parseNested(text) as Record<string, unknown> | undefined) : parse(text).value
  if (Array.isArray(value?.rules)) return 'rules'
  if (core.isCurrent(text)) return 'current'
  if (text.length > LARGE) return value ? 'event' : undefined // what is in it is read in the worker
  const [result] = value ? core.transform(text, '', {}).results : []
  if (!result?.change) return undefined
  return result.kind === 'change' && !result.via ? 'change' : 'event'
}

const FEW = 3

/** What is not read of a form, with the lines. */
const unreadOf = ({ unread }: TextForm) =>
  unread.length === 0 ? '' : ` Not read: ${unread.slice(0, FEW).join('; ')}${unread.length > FEW ? `; and ${unread.length - FEW} more` : ''}.`

/** Puts the text into its place, says so, and offers what was there before. */
function put(text: string, place: Place, form?: TextForm): void {
  if (place === 'current') setCurrent(text, 'revert')
  else if (place === 'change') update({ change: text, input: 'form' }, 'revert')
  else update({ [place]: text, input: 'event' }, 'revert')
  showStatus(`This is ${form?.name ?? names[place]}: it is ${place === 'change' ? 'the change now' : `under ${place === 'current' ? 'Current' : 'Event + rules'} now`}.${form ? unreadOf(form) : ''}`)
}

/** Puts the text where it belongs; what is nothing known but an object is an event, for rules. Says what it is not, otherwise. */
export function take(text: string): boolean {
  const form = readTextForm(text)
  const place = form ? (placeOf(form.text) ?? 'change') : (placeOf(text) ?? (parse(text).value ? 'event' : undefined))
  if (place) put(form?.text ?? text, place, form)
  else showStatus('This is not a change, an event, rules, an answer of DescribeVpnConnection or a command yet.')
  return place !== undefined
}

// A whole text is put into place; a part of one, in an editor that has a text, is pasted where it was meant to go.
const isWhole = (own: Place) => state[own].trim() === ''

document.addEventListener(
  'paste',
  e => {
    const own = /^(change|event|rules|current)-editor$/.exec((e.target as HTMLElement).id)?.[1] as Place | undefined
    const isField = !own && (e.target as HTMLElement).matches('input, textarea, select')
    const text = e.clipboardData?.getData('text/plain') ?? ''
    if (isField || text.trim() === '' || (own && !isWhole(own))) return
    const form = readTextForm(text)
    const place = form ? (placeOf(form.text) ?? 'change') : placeOf(text)
    if (!place || (place === own && !form)) return
    e.preventDefault()
    e.stopPropagation()
    put(form?.text ?? text, place, form)
  },
  { capture: true },
)

const isFile = (e: DragEvent) => e.dataTransfer?.types.includes('Files') ?? false

document.addEventListener('dragover', e => isFile(e) && e.preventDefault())
document.addEventListener('drop', e => {
  if (!isFile(e)) return
  e.preventDefault()
  void openAll([...e.dataTransfer!.files])
})

const LIMIT = 4_000_000 // bytes of a file: more than any event has

const picker = document.createElement('input')
picker.type = 'file'
picker.multiple = true
picker.accept = '.json,.jsonc,.txt,.sh,.tf,.log,application/json,text/*'
picker.addEventListener('change', () => openAll([...(picker.files ?? [])]).then(() => (picker.value = '')))

export const openFiles = () => picker.click()

document.getElementById('open')!.addEventListener('click', openFiles)

async function openAll(files: File[]): Promise<void> {
  for (const file of files) await open(file)
}

async function open(file: File): Promise<void> {
  const text = file.size > LIMIT ? '' : await file.text()
  const form = readTextForm(text)
  const place = form ? (placeOf(form.text) ?? 'change') : placeOf(text)
  if (place) put(form?.text ?? text, place, form)
  else showStatus(file.size > LIMIT ? `${file.name} is too large.` : `${file.name} is not a change, an event or a command with one, a rule file or an answer of DescribeVpnConnection.`)
}
