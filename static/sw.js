// Served at /sw.js. The frame and the last feed stay readable without network; nothing else is kept.
// Whoever signs out or loses the session takes everything with them: those pages answer Clear-Site-Data, and this listens too.
const FRAME = "parvis-frame-1"
const PAGES = "parvis-pages"
const SHELL = ["/offline", "/static/css/app.css", "/static/js/app.js", "/static/icons.svg", "/static/vendor/figtree.woff2",
  "/static/img/mark.svg", "/static/img/arcade.svg", "/theme.css"]

addEventListener("install", (event) => event.waitUntil(shell().then(() => skipWaiting())))
addEventListener("activate", (event) => event.waitUntil(tidy()))
addEventListener("fetch", (event) => {
  const { request } = event
  const address = new URL(request.url)
  if (request.method === "POST" && address.pathname === "/sign-out") event.waitUntil(caches.delete(PAGES))
  if (request.method !== "GET" || address.origin !== location.origin) return
  if (request.mode === "navigate") event.respondWith(page(request, address))
  else if (address.pathname.startsWith("/static/") || address.pathname === "/theme.css") event.respondWith(part(request))
})

async function shell() {
  const cache = await caches.open(FRAME)
  await Promise.allSettled(SHELL.map((address) => cache.add(address)))
}

async function tidy() {
  for (const name of await caches.keys()) if (![FRAME, PAGES].includes(name)) await caches.delete(name)
  await clients.claim()
}

async function page(request, address) {
  try {
    const answer = await fetch(request)
    if (new URL(answer.url).pathname.startsWith("/sign-in")) await caches.delete(PAGES)
    else if (answer.ok && address.pathname === "/" && !address.search) (await caches.open(PAGES)).put("/", answer.clone())
    return answer
  } catch {
    const kept = address.pathname === "/" ? await caches.match("/") : null
    return kept ?? (await caches.match("/offline")) ?? Response.error()
  }
}

async function part(request) {
  try {
    const answer = await fetch(request)
    if (answer.ok) (await caches.open(FRAME)).put(request, answer.clone())
    return answer
  } catch {
    return (await caches.match(request)) ?? Response.error()
  }
}
