// This file keeps texts in the browser's storage, as long as its one switch is on.

const SWITCH = 'vpnattach-keep'
const own = ['vpnattach-draft', 'vpnattach-history']

/** Does something with the browser's storage, which may refuse. */
function attempt<T>(use: () => T): T | undefined {
  try {
    return use()
  } catch {
    return undefined
  }
}

export const isKept = () => attempt(() => localStorage.getItem(SWITCH)) !== 'off'

/** Turned off, what was kept is forgotten at once. */
export function setKept(on: boolean): void {
  attempt(() => localStorage.setItem(SWITCH, on ? 'on' : 'off'))
  if (!on) for (const name of own) forget(name)
}

// Another tab may turn the switch off: then this one forgets, too.
window.addEventListener('storage', e => {
  if (e.key === SWITCH && e.newValue === 'off') own.forEach(forget)
})

export const forget = (name: string) => [() => sessionStorage, () => localStorage].forEach(store => attempt(() => store().removeItem(name)))

/** Keeps the text for this tab, and as the last one of all tabs; returns false when there is no room. */
export function put(name: string, text: string): boolean {
  if (!isKept()) return false
  // What does not fit must not leave an older text, which would come back in place of this one.
  attempt(() => (sessionStorage.setItem(name, text), true)) ?? attempt(() => sessionStorage.removeItem(name))
  return attempt(() => (localStorage.setItem(name, text), true)) ?? false
}

/** The text that this tab has kept. */
export const getOwn = (name: string): string | null => (isKept() ? (attempt(() => sessionStorage.getItem(name)) ?? null) : null)

/** The last text of all tabs. */
export const getLast = (name: string): string | null => (isKept() ? (attempt(() => localStorage.getItem(name)) ?? null) : null)
