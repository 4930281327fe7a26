// This file shows a status message, and a button to restore replaced work.

import { onChange, replacedWork, state, undo } from './state'

/** A button beside the text. */
export interface Action {
  title: string
  run: () => void
}

const line = document.getElementById('status')!
const button = document.createElement('button')
button.className = 'small'
button.textContent = 'Undo'
button.onclick = restoreWork
let message = ''
let offered: Action | undefined
let offeredFor = '' // the texts that it is about
let offeredUndo: typeof undo
let timer: ReturnType<typeof setTimeout> | undefined

/** Shows the text for a while; with an action, or with work to restore, until the next edit. */
export function showStatus(text: string, action?: Action): void {
  message = text
  offered = action
  offeredFor = texts()
  clearTimeout(timer)
  timer = setTimeout(() => {
    timer = undefined
    updateVisibility()
  }, 4000)
  draw()
}

function draw(): void {
  offeredUndo = undo
  const parts = [...(offered ? [' ', actionButton(offered)] : []), ...(undo ? [replacedWork ? ' Your work was replaced. ' : ' ', button] : [])]
  line.replaceChildren(message, ...parts)
  updateVisibility()
}

const texts = () => [state.change, state.event, state.rules, state.current].join('\n')

function actionButton({ title, run }: Action): HTMLButtonElement {
  const own = document.createElement('button')
  own.className = 'small'
  own.textContent = title
  own.onclick = run
  return own
}

function updateVisibility(): void {
  const isVisible = timer !== undefined || undo !== undefined || offered !== undefined
  line.classList.toggle('visible', isVisible)
  // Where it is over the page's end, the page has room for it there.
  document.documentElement.style.setProperty('--status', `${isVisible ? line.offsetHeight : 0}px`)
}

function restoreWork(): void {
  undo!()
  document.getElementById('change-title')!.focus()
  showStatus('Your work was restored.')
}

// Only when it differs: a screen reader reads every update.
onChange(() => {
  const edited = offered && offeredFor !== texts()
  if (edited) offered = undefined
  if (edited || undo !== offeredUndo) draw()
})
