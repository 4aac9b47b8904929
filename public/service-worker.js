// Keeps one page for when the server does not answer, and nothing else: all other pages are
// true only as they come from it. `OFFLINE` and `FILES` are put before this by the server.

const KEPT = `dispatch-offline-${VERSION}`;

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(KEPT)
      .then((cache) => cache.addAll([OFFLINE, ...FILES]))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name.startsWith('dispatch-offline-') && name !== KEPT).map((name) => caches.delete(name)))),
  );
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.mode === 'navigate' && request.method === 'GET') {
    event.respondWith(fetch(request).catch(() => kept(OFFLINE)));
  } else if (FILES.includes(new URL(request.url).pathname)) {
    event.respondWith(fetch(request).catch(() => kept(request.url)));
  }
});

/** As a redirect that was followed may not answer a navigation, the page is made anew. */
async function kept(address) {
  const found = await (await caches.open(KEPT)).match(address);
  return found === undefined ? Response.error() : new Response(found.body, { headers: found.headers });
}
