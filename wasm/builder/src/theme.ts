// This file switches between the system's colours, light and dark, and remembers the choice.

const NAME = 'vpnattach-theme'
const themes = ['system', 'light', 'dark'] as const
const signs = { system: '◐', light: '○', dark: '●' }
const button = document.getElementById('theme')!

let theme: (typeof themes)[number] = 'system'

function set(next: typeof theme): void {
  theme = next
  if (theme === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
  button.textContent = signs[theme]
  button.setAttribute('aria-label', `Colours: ${theme === 'system' ? 'as the system' : theme}`)
  button.title = `Colours: ${theme === 'system' ? 'as the system' : theme}. Press for ${themes[(themes.indexOf(theme) + 1) % 3]}.`
}

try {
  const stored = localStorage.getItem(NAME)
  set(themes.find(t => t === stored) ?? 'system')
} catch {
  set('system') // the browser allows no storage
}

button.addEventListener('click', () => {
  set(themes[(themes.indexOf(theme) + 1) % 3]!)
  try {
    localStorage.setItem(NAME, theme)
  } catch {
    // Without storage it applies until the page is closed.
  }
})
