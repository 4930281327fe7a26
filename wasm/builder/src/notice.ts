// This file shows a notice above the page when it can't work, with a button to try again.

const banner = document.getElementById('notice')!
const button = document.getElementById('retry') as HTMLButtonElement

/** Shows the text until the next notice, or hides the notice when it is empty; an error of retry, if given, is the next one. */
export function notice(text: string, retry?: () => Promise<void>): void {
  document.getElementById('notice-text')!.textContent = text
  button.hidden = !retry
  button.onclick = () => retry!().catch(e => notice(`${e instanceof Error ? e.message : String(e)}.`, retry))
  banner.hidden = text === ''
}

/** Hides a notice that has a retry button; others stay. */
export function clearRetry(): void {
  if (!button.hidden) banner.hidden = button.hidden = true
}
