// This file keeps what the page has loaded, and serves it when the network is away.

const kept = 'vpnattach'

self.addEventListener('install', event => event.waitUntil(caches.open(kept).then(c => c.addAll(FILES)).then(() => self.skipWaiting())))
self.addEventListener('activate', event => event.waitUntil(self.clients.claim()))

self.addEventListener('fetch', event => {
  const { request } = event
  if (request.method !== 'GET' || !request.url.startsWith(self.registration.scope)) return
  event.respondWith(answer(request))
})

async function answer(request) {
  const cache = await caches.open(kept)
  try {
    const fresh = await fetch(request)
    if (fresh.ok) await cache.put(request, fresh.clone())
    return fresh
  } catch (error) {
    const old = await cache.match(request, { ignoreSearch: true })
    if (old) return old
    throw error
  }
}
