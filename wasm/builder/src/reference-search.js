// This file searches the reference: names first, then what is said of them.

const index = INDEX
const most = 30
const [box, input, found, results] = ['search', 'query', 'found', 'results'].map(id => document.getElementById(id))

// A better match has a lower number: the name itself, its beginning, a part of it, a word of what is said.
function rank([, name, , about], words) {
  const [lower, rest] = [name.toLowerCase(), about.toLowerCase()]
  if (!words.every(word => lower.includes(word) || rest.includes(word))) return Infinity
  const whole = words.join(' ')
  if (lower === whole) return 0
  if (lower.startsWith(whole)) return 1
  return lower.includes(whole) ? 2 : 3
}

function item([href, name, page, about]) {
  const item = document.createElement('li')
  const link = item.appendChild(document.createElement('a'))
  link.href = href
  const code = link.appendChild(document.createElement('code'))
  code.textContent = name
  const where = link.appendChild(document.createElement('span'))
  where.textContent = `  ${page}${about ? ': ' + about : ''}`
  return item
}

function search() {
  const words = input.value.trim().toLowerCase().split(/\s+/).filter(Boolean)
  const all = words.length === 0 ? [] : index.map(entry => [rank(entry, words), entry]).filter(([rank]) => rank < Infinity).sort((a, b) => a[0] - b[0])
  results.replaceChildren(...all.slice(0, most).map(([, entry]) => item(entry)))
  found.textContent = words.length === 0 ? '' : all.length === 0 ? 'Nothing is found.' : all.length > most ? `${all.length} found, the first ${most} are shown.` : `${all.length} found.`
}

input.addEventListener('input', search)
box.addEventListener('keydown', event => {
  const links = [...results.querySelectorAll('a')]
  const at = links.indexOf(document.activeElement)
  if (event.key === 'Escape') {
    input.value = ''
    search()
    input.focus()
  } else if (event.key === 'ArrowDown' && links.length > 0) {
    links[Math.min(at + 1, links.length - 1)].focus()
  } else if (event.key === 'ArrowUp' && at >= 0) {
    (links[at - 1] ?? input).focus()
  } else if (event.key === 'Enter' && event.target === input && links.length > 0) {
    links[0].click()
  } else {
    return
  }
  event.preventDefault()
})
document.addEventListener('keydown', event => {
  if (event.key !== '/' || event.target.closest?.('input')) return
  event.preventDefault()
  input.focus()
})
// A result of the same page leaves the page as it is.
results.addEventListener('click', () => setTimeout(() => { input.value = ''; search() }))
box.hidden = false
