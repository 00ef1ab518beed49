// One socket per browser, shared by its tabs; whatever was missed is fetched by cursor.
import { call } from "./http.js"

const HEARTBEAT = 50_000
const SOON = 1000
const LATER = 15_000
const person = document.body.dataset.person
const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel(`parvis-${person}`) : null
const ears = new Map()
let cursor = document.body.dataset.cursor
let socket = null
let catching = null
let waiting = []
let over = false

/** Listens to messages by name until the returned function is called. Besides those of the server: "online", "offline", "reload". */
export function listen(handlers) {
  const pairs = Object.entries(handlers)
  for (const [name, handler] of pairs) ears.set(name, (ears.get(name) ?? new Set()).add(handler))
  return () => pairs.forEach(([name, handler]) => ears.get(name)?.delete(handler))
}

/** Tells the server something small (space.watch, presence); whichever tab holds the socket sends it. */
export function send(name, data = {}) {
  if (socket) socket.emit(name, data)
  else channel?.postMessage({ send: name, data })
}

/** Joins the conversation of the tabs, and holds the socket if nobody does. */
export function start() {
  if (!person) return
  channel?.addEventListener("message", ({ data }) => hear(data))
  if (navigator.locks && channel) navigator.locks.request(`parvis-live-${person}`, () => new Promise(connect))
  else connect()
  catchUp()
  addEventListener("online", () => catchUp())
  addEventListener("pageshow", (event) => { if (event.persisted) catchUp() })
}

async function connect() {
  const { io } = await import("/static/vendor/socket.io.esm.min.js")
  socket = io({ path: "/socket.io", transports: ["websocket"], reconnectionDelayMax: 15_000, randomizationFactor: 0.8 })
  socket.on("connect", () => share({ name: "online" }))
  socket.on("disconnect", (reason) => { share({ name: "offline" }); if (reason === "io server disconnect") again(SOON) })
  socket.on("connect_error", () => { catchUp(); if (!socket.active) again(LATER) })
  socket.onAny((name, data) => share({ name, data }))
  setInterval(() => { if (document.visibilityState === "visible") socket.emit("presence", {}) }, HEARTBEAT)
}

/** The server hung up, perhaps because a right changed: ask again whether we may, unless the session is over. */
function again(delay) {
  setTimeout(() => { if (!over) socket.connect() }, delay * (1 + Math.random()))
}

function share(message) {
  channel?.postMessage(message)
  hear(message)
}

function hear(message) {
  if (message.send) { if (socket) socket.emit(message.send, message.data) }
  else if (message.name === "online") { tell("online", {}); catchUp().then(() => state("online")) }
  else if (catching) waiting.push(message)
  else deliver(message.name, message.data ?? {})
}

/** The page says whether news comes by itself (styles and tests may look). */
function state(name) { document.documentElement.dataset.live = name === "online" ? "on" : "off" }

function deliver(name, data) {
  if (name === "offline") state(name)
  if (name === "session.ended") over = true
  if (data.cursor) cursor = data.cursor
  tell(name, data)
}

function tell(name, data) {
  for (const handler of ears.get(name) ?? []) {
    try { handler(data) } catch (error) { console.error(error) }
  }
}

/** Brings everything that changed since the last cursor, then what arrived meanwhile. */
function catchUp() {
  catching ??= missed().finally(() => {
    catching = null
    waiting.splice(0).forEach(({ name, data }) => deliver(name, data ?? {}))
  })
  return catching
}

async function missed() {
  for (let turn = 0; cursor && turn < 20; turn++) {
    const page = await call("GET", `/api/v1/changes?since=${encodeURIComponent(cursor)}`).catch(refused)
    if (!page) return
    page.items.forEach(({ name, ...data }) => deliver(name, data))
    if (!page.next || !page.items.length) { cursor = page.next ?? cursor; return }
    cursor = page.next
  }
}

function refused(problem) {
  if (problem.status === 410 || problem.code === "reload") tell("reload", {})
  if (problem.isSignedOut && !over) deliver("session.ended", { reason: "signed_out" })
  return null
}
