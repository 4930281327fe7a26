// This file is the service worker: it caches the page's own files, and serves them when there is no network.

const cacheName = 'vpnattach'
const urls = FILES.map(name => new URL(name, self.registration.scope).href)

self.addEventListener('install', event => event.waitUntil(store().then(() => self.skipWaiting())))
self.addEventListener('activate', event => event.waitUntil(self.clients.claim()))

// All files of this build or none: later, another program may serve other files at the same address.
async function store() {
  const responses = await Promise.all(urls.map(name => fetch(name, { cache: 'no-cache' })))
  const bodies = await Promise.all(responses.map(response => response.clone().arrayBuffer()))
  const digest = await crypto.subtle.digest('SHA-256', await new Blob(bodies).arrayBuffer())
  if (btoa(String.fromCharCode(...new Uint8Array(digest))) !== 'BUILD') throw new Error('these are not the files of one build')
  const cache = await caches.open(cacheName)
  await Promise.all(responses.map((response, i) => cache.put(urls[i], response)))
}

// Other URLs of the same server are not cached.
self.addEventListener('fetch', event => {
  const url = new URL(event.request.url)
  url.hash = url.search = ''
  if (event.request.method === 'GET' && urls.includes(url.href)) event.respondWith(respond(event.request, url.href))
})

async function respond(request, name) {
  try {
    return await fetch(request)
  } catch (error) {
    const cached = await (await caches.open(cacheName)).match(name)
    if (cached) return cached
    throw error
  }
}
