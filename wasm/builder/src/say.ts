// This file tells the reader in one line what just happened.

const line = document.getElementById('said')!
let timer: ReturnType<typeof setTimeout> | undefined

export function say(text: string): void {
  line.textContent = text
  line.classList.add('shown')
  clearTimeout(timer)
  timer = setTimeout(() => line.classList.remove('shown'), 4000)
}
