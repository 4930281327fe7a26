// This file keeps the page's own files, and serves them when the network is away.

const kept = 'vpnattach'
const own = new Set(FILES.map(name => new URL(name, self.registration.scope).href))

self.addEventListener('install', event => event.waitUntil(caches.open(kept).then(c => c.addAll([...own])).then(() => self.skipWaiting())))
self.addEventListener('activate', event => event.waitUntil(self.clients.claim()))

// What else is served beside the page is none of its files: it is never kept.
self.addEventListener('fetch', event => {
  const at = new URL(event.request.url)
  at.hash = at.search = ''
  if (event.request.method === 'GET' && own.has(at.href)) event.respondWith(answer(event.request, at.href))
})

async function answer(request, name) {
  const cache = await caches.open(kept)
  try {
    const fresh = await fetch(request)
    if (fresh.ok) await cache.put(name, fresh.clone())
    return fresh
  } catch (error) {
    const old = await cache.match(name)
    if (old) return old
    throw error
  }
}
