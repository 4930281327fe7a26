// This file shows a status message, and a button to restore replaced work.

import { onChange, undo } from './state'

const line = document.getElementById('status')!
const button = document.createElement('button')
button.className = 'small'
button.textContent = 'Undo'
button.onclick = restoreWork
let message = ''
let offeredUndo: typeof undo
let timer: ReturnType<typeof setTimeout> | undefined

export function showStatus(text: string): void {
  message = text
  clearTimeout(timer)
  timer = setTimeout(() => {
    timer = undefined
    updateVisibility()
  }, 4000)
  draw()
}

function draw(): void {
  offeredUndo = undo
  line.replaceChildren(message, ...(undo ? [' Your work was replaced. ', button] : []))
  updateVisibility()
}

function updateVisibility(): void {
  line.classList.toggle('visible', timer !== undefined || undo !== undefined)
}

function restoreWork(): void {
  undo!()
  document.getElementById('change-title')!.focus()
  showStatus('Your work was restored.')
}

// Only when it differs: a screen reader reads every update.
onChange(() => undo !== offeredUndo && draw())
