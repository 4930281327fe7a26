// This file says above the page what keeps it from working, and offers to try again.

const banner = document.getElementById('notice')!
const retry = document.getElementById('retry') as HTMLButtonElement

/** Says it until the next notice, or nothing when there is no text; try again, if given, may fail with the next one. */
export function notice(text: string, again?: () => Promise<void>): void {
  document.getElementById('notice-text')!.textContent = text
  retry.hidden = !again
  retry.onclick = () => again!().catch(e => notice(`${e instanceof Error ? e.message : String(e)}.`, again))
  banner.hidden = text === ''
}

/** Takes back what could be tried again; the rest stays to be read. */
export function quiet(): void {
  if (!retry.hidden) banner.hidden = retry.hidden = true
}
