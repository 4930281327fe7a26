// This file puts what is pasted or dropped where it belongs: a change, an event, a rule file, or the current configuration.

import * as core from './core'
import { setCurrent } from './current'
import { parse } from './document'
import { showStatus } from './status'
import { state, update } from './state'

type Place = 'change' | 'event' | 'rules' | 'current'

const names: Record<Place, string> = { change: 'a change', event: 'an event', rules: 'a rule file', current: 'the current configuration' }

/** The place of the text, by what the core reads it as; undefined when it is none of them for certain. */
export function placeOf(text: string): Place | undefined {
  const { value } = parse(text)
  if (Array.isArray(value?.rules)) return 'rules'
  if (core.isCurrent(text)) return 'current'
  const [result] = value ? core.transform(text, '', {}).results : []
  if (!result?.change) return undefined
  return result.kind === 'change' && !result.via ? 'change' : 'event'
}

/** Puts the text into its place, says so, and offers what was there before. */
function put(text: string, place: Place): void {
  if (place === 'current') setCurrent(text, 'revert')
  else if (place === 'change') update({ change: text, input: 'form' }, 'revert')
  else update({ [place]: text, input: 'event' }, 'revert')
  showStatus(`This is ${names[place]}: it is ${place === 'change' ? 'the change now' : `under ${place === 'current' ? 'Current' : 'Event + rules'} now`}.`)
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
    const place = placeOf(text)
    if (!place || place === own) return
    e.preventDefault()
    e.stopPropagation()
    put(text, place)
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
  const place = placeOf(text)
  if (place) put(text, place)
  else showStatus(file.size > LIMIT ? `${file.name} is too large.` : `${file.name} is not a change, an event with one, a rule file or an answer of DescribeVpnConnection.`)
}
