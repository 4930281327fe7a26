// This file searches the reference: names first, then what is said of them, then names that are spelled alike.

const index = INDEX
const most = 30
const [box, input, found, results] = ['search', 'query', 'found', 'results'].map(id => document.getElementById(id))

// The names of some codes are patterns.
const patterns = index.filter(([, name]) => name.includes('*')).map(entry => [new RegExp(`^${entry[1].replace(/[^\w* ]/g, '\\$&').replaceAll('*', '.*')}$`, 'i'), entry])

// A better match has a lower number: the name itself or its last part, its beginning, a part of it, its words, words of what is said.
function rank([, name, , about, more], words) {
  const [lower, rest] = [name.toLowerCase(), `${about} ${more}`.toLowerCase()]
  const whole = words.join(' ')
  if (lower === whole || lower.endsWith('.' + whole)) return 0
  if (!words.every(word => lower.includes(word) || rest.includes(word))) return Infinity
  if (lower.startsWith(whole)) return 1
  if (lower.includes(whole)) return 2
  return words.every(word => lower.includes(word)) ? 3 : 4
}

// How many letters are to be added, removed, replaced or swapped with the next to make b of a.
function distance(a, b) {
  let before, row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + (a[i - 1] !== b[j - 1]))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) next[j] = Math.min(next[j], before[j - 2] + 1)
    }
    before = row
    row = next
  }
  return row[b.length]
}

// Names, or parts of them, that are spelled like what is looked for: one letter in four may be another.
function alike(words) {
  const whole = words.join('').replaceAll('-', '')
  const allowed = Math.max(1, Math.floor(whole.length / 4))
  const near = ([, name]) => Math.min(...[name, ...name.split(/[.\s]/)].map(part => part.toLowerCase().replace(/[\s-]/g, '')).map(part => (Math.abs(part.length - whole.length) > allowed ? Infinity : distance(part, whole))))
  return index.map(entry => [near(entry), entry]).filter(([distance]) => distance <= allowed)
}

function item([href, name, page, about]) {
  const item = document.createElement('li')
  const link = item.appendChild(document.createElement('a'))
  link.href = href
  const code = link.appendChild(document.createElement('code'))
  code.textContent = name
  const where = link.appendChild(document.createElement('span'))
  where.textContent = ` ${page}${about ? `: ${about.length > 110 ? about.slice(0, 110).replace(/\s+\S*$/, '') + ' …' : about}` : ''}`
  return item
}

function search() {
  const words = input.value.trim().toLowerCase().split(/\s+/).filter(Boolean)
  const hits = words.length === 0 ? [] : index.map(entry => [rank(entry, words), entry]).filter(([rank]) => rank < Infinity)
  const none = words.length > 0 && hits.length === 0
  const similar = none ? alike(words) : []
  const matching = none ? patterns.filter(([pattern]) => pattern.test(words.join(' '))).map(([, entry]) => [Infinity, entry]) : []
  const all = [...hits, ...similar, ...matching].sort((a, b) => a[0] - b[0])
  results.replaceChildren(...all.slice(0, most).map(([, entry]) => item(entry)))
  found.textContent = words.length === 0 ? '' : all.length === 0 ? 'Nothing is found.' : similar.length > 0 ? 'Nothing is called so. Spelled alike:'
    : all.length > most ? `${all.length} found, the first ${most} are shown.` : `${all.length} found.`
  box.classList.toggle('asked', words.length > 0)
}

// The page has the same setting.
function singleKeys() {
  try {
    return localStorage.getItem('vpnattach-single-keys') !== 'off'
  } catch {
    return true
  }
}

input.addEventListener('input', search)
box.addEventListener('keydown', event => {
  const links = [...results.querySelectorAll('a')]
  const at = links.indexOf(document.activeElement)
  if (event.isComposing) return
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
  if (event.key !== '/' || event.altKey || event.ctrlKey || event.metaKey || event.target.closest?.('input') || !singleKeys()) return
  event.preventDefault()
  input.focus()
})
// A result of the same page leaves the page as it is.
results.addEventListener('click', () => setTimeout(() => {
  input.value = ''
  search()
  if (box.contains(document.activeElement)) document.activeElement.blur()
}))
box.hidden = false
input.placeholder = singleKeys() ? 'Press / to search' : 'Search'

// A link to what is not here any more, or under another name, leads to what is like it.
const place = decodeURIComponent(location.hash.slice(1))
if (place && !document.getElementById(place)) {
  input.value = place
  search()
  input.focus()
}
