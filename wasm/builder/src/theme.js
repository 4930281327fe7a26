// This file switches between the system's colours, light and dark, and remembers the choice. It is a script of its own, which
// runs before anything is drawn: nothing is seen in other colours first.

const NAME = 'vpnattach-theme'
const themes = ['system', 'light', 'dark']
const signs = { system: '◐', light: '○', dark: '●' }

let theme = 'system'

function set(next) {
  theme = themes.find(t => t === next) ?? 'system'
  if (theme === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
  // What the browser paints before the style sheet is there.
  document.querySelector('meta[name=color-scheme]').content = theme === 'system' ? 'light dark' : theme
  draw()
}

function draw() {
  const button = document.getElementById('theme')
  if (!button) return
  const text = `Colours: ${theme === 'system' ? 'as the system' : theme}`
  button.textContent = signs[theme]
  button.setAttribute('aria-label', text)
  button.title = `${text}. Press for ${themes[(themes.indexOf(theme) + 1) % 3]}.`
}

try {
  set(localStorage.getItem(NAME))
} catch {
  set('system') // the browser allows no storage
}

document.addEventListener('DOMContentLoaded', () => {
  draw()
  document.getElementById('theme').addEventListener('click', () => {
    set(themes[(themes.indexOf(theme) + 1) % 3])
    try {
      localStorage.setItem(NAME, theme)
    } catch {
      // Without storage it applies until the page is closed.
    }
  })
})

// Another tab has switched.
window.addEventListener('storage', e => e.key === NAME && set(e.newValue))
