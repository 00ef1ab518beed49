// Everything a page may hold; each element looks after itself.
import "./elements/relative-time.js"
import "./elements/drop-menu.js"
import "./elements/toast-note.js"
import "./elements/live-counter.js"
import "./elements/more-link.js"
import "./lib/entry-menu.js"
import "./lib/held.js"
import { workerAddress } from "./lib/html.js"
import { listen, start } from "./lib/live.js"
import { toast } from "./lib/toast.js"
import { word } from "./lib/words.js"

const LATER = {
  "post-card, live-thread": ["post-card", "live-thread", "comment-form"],
  "live-feed": ["live-feed"],
  "reaction-bar": ["reaction-bar"],
  "post-composer": ["post-composer"],
  "picture-grid": ["picture-grid"],
}

for (const [tags, files] of Object.entries(LATER)) {
  if (document.querySelector(tags)) files.forEach((file) => import(`./elements/${file}.js`))
}

start()

const tab = document.querySelector(".tabs [aria-current]")
if (tab) tab.closest(".tabs").scrollLeft = tab.offsetLeft - tab.closest(".tabs").clientWidth / 2 // on a phone the row is longer than the screen

let gone = null
listen({
  "session.ended": () => { globalThis.caches?.delete("parvis-pages"); toast(word("ended"), { tone: "warn", stay: true, label: word("sign_in"), act: () => location.assign("/sign-in") }) },
  reload: () => toast(word("refresh"), { tone: "info", stay: true, label: word("reload"), act: () => location.reload() }),
})
addEventListener("offline", () => { gone ??= toast(word("offline"), { tone: "warn", stay: true }) })
addEventListener("online", () => { gone?.remove(); gone = null })

addEventListener("keydown", async (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "k" || !document.body.dataset.person) return
  event.preventDefault()
  await import("./elements/command-palette.js")
  const palette = document.querySelector("command-palette") ?? document.body.appendChild(document.createElement("command-palette"))
  palette.open()
})

if (new URLSearchParams(location.search).has("write")) customElements.whenDefined("post-composer").then(() => document.querySelector("post-composer")?.open())
if (new URLSearchParams(location.search).has("done")) {
  const address = new URL(location.href)
  address.searchParams.delete("done")
  history.replaceState(history.state, "", address)
}
if ("serviceWorker" in navigator) navigator.serviceWorker.register(workerAddress()).catch(() => {})
