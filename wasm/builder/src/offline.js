// This file keeps the page's own files, and serves them when the network is away.

const kept = 'vpnattach'
const own = FILES.map(name => new URL(name, self.registration.scope).href)

self.addEventListener('install', event => event.waitUntil(keep().then(() => self.skipWaiting())))
self.addEventListener('activate', event => event.waitUntil(self.clients.claim()))

// All of this build or nothing: another program may answer at the same address later, and its files are none of the page's.
async function keep() {
  const answers = await Promise.all(own.map(name => fetch(name, { cache: 'no-cache' })))
  const bodies = await Promise.all(answers.map(answer => answer.clone().arrayBuffer()))
  const digest = await crypto.subtle.digest('SHA-256', await new Blob(bodies).arrayBuffer())
  if (btoa(String.fromCharCode(...new Uint8Array(digest))) !== 'BUILD') throw new Error('these are not the files of one build')
  const cache = await caches.open(kept)
  await Promise.all(answers.map((answer, i) => cache.put(own[i], answer)))
}

// What else is served beside the page is none of its files.
self.addEventListener('fetch', event => {
  const at = new URL(event.request.url)
  at.hash = at.search = ''
  if (event.request.method === 'GET' && own.includes(at.href)) event.respondWith(answer(event.request, at.href))
})

async function answer(request, name) {
  try {
    return await fetch(request)
  } catch (error) {
    const old = await (await caches.open(kept)).match(name)
    if (old) return old
    throw error
  }
}
