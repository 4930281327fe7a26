// This file tells the reader in one line what just happened, and lets replaced work be brought back.

import { onChange, undo } from './state'

const line = document.getElementById('said')!
const button = document.createElement('button')
button.className = 'small'
button.textContent = 'Undo'
button.onclick = bringBack
let said = ''
let offered: typeof undo
let timer: ReturnType<typeof setTimeout> | undefined

export function say(text: string): void {
  said = text
  clearTimeout(timer)
  timer = setTimeout(() => {
    timer = undefined
    show()
  }, 4000)
  draw()
}

function draw(): void {
  offered = undo
  line.replaceChildren(said, ...(undo ? [' Your work was replaced. ', button] : []))
  show()
}

function show(): void {
  line.classList.toggle('shown', timer !== undefined || undo !== undefined)
}

function bringBack(): void {
  undo!()
  document.getElementById('change-title')!.focus()
  say('Your work is back.')
}

// Only then, since what is drawn anew is also read out anew.
onChange(() => undo !== offered && draw())
