// This file tells the reader in one line what just happened, and lets replaced work be brought back.

import { html, nothing, render } from 'lit-html'
import { onChange, undo } from './state'

const line = document.getElementById('said')!
let said = ''
let timer: ReturnType<typeof setTimeout> | undefined

export function say(text: string): void {
  said = text
  clearTimeout(timer)
  timer = setTimeout(() => {
    timer = undefined
    draw()
  }, 4000)
  draw()
}

function draw(): void {
  render(html`${said} ${undo ? html`Your work was replaced. <button class="small" @click=${bringBack}>Undo</button>` : nothing}`, line)
  line.classList.toggle('shown', timer !== undefined || undo !== undefined)
}

function bringBack(): void {
  undo!()
  document.getElementById('change-title')!.focus()
  say('Your work is back.')
}

onChange(draw)
