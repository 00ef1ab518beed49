// A list of posts that keeps itself up to date without moving under the reader.
import { nodesOf } from "../lib/html.js"
import { listen, send } from "../lib/live.js"
import { toast } from "../lib/toast.js"
import { word } from "../lib/words.js"

const NEAR_TOP = 240

export class LiveFeed extends HTMLElement {
  #waiting = []

  connectedCallback() {
    this.list = this.querySelector(".feed__list")
    this.pill = this.querySelector(".feed__pill")
    this.pill.querySelector("button").addEventListener("click", () => this.#reveal())
    this.hangUp = listen({
      "post.created": (message) => this.#created(message),
      "post.changed": ({ post_id, html }) => this.#changed(post_id, html),
      "post.removed": ({ post_id }) => this.#removed(post_id),
      "space.changed": ({ space_id }) => { if (String(space_id) === this.dataset.space) toast(word("space_changed"), { tone: "info", label: word("reload"), act: () => location.reload() }) },
    })
    this.sent = (event) => this.#put(event.detail)
    document.addEventListener("post:sent", this.sent)
    if (this.dataset.space) send("space.watch", { id: Number(this.dataset.space) })
  }

  disconnectedCallback() {
    this.hangUp()
    document.removeEventListener("post:sent", this.sent)
    if (this.dataset.space) send("space.unwatch", { id: Number(this.dataset.space) })
  }

  #created({ post_id: id, space_id: space, html }) {
    if (!this.#concerns(space) || this.#shows(id) || this.#waiting.some((card) => card.id === `post-${id}`)) return
    const card = nodesOf(html).querySelector("post-card")
    if (!card) return
    if (this.#atTop()) return this.#put(card)
    this.#waiting.push(card)
    this.#tell()
  }

  #concerns(space) {
    const { scope = "all" } = this.dataset
    if (this.dataset.space) return String(space) === this.dataset.space
    if (scope === "mine") return Boolean(document.querySelector(`.rail a[href="/spaces/${space}"]`))
    return scope === "all" || scope === "unread"
  }

  #shows(id) { return this.list.querySelector(`#post-${id}`) }

  #atTop() {
    return this.getBoundingClientRect().top > -NEAR_TOP && document.visibilityState === "visible" && !this.list.contains(document.activeElement)
  }

  #put(card) {
    if (this.#shows(card.dataset.entry)) return
    this.querySelector(".empty")?.remove()
    card.classList.add("card--fresh")
    this.list.prepend(card)
  }

  #tell() {
    this.pill.hidden = this.#waiting.length === 0
    this.pill.querySelector("span").textContent = word("new_posts", this.#waiting.length)
  }

  #reveal() {
    const cards = this.#waiting.splice(0)
    cards.forEach((card) => this.#put(card))
    this.#tell()
    this.scrollIntoView({ behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" })
    const last = cards.at(-1)?.querySelector("a")
    last?.focus({ preventScroll: true })
  }

  #changed(id, html) {
    const waiting = this.#waiting.findIndex((card) => card.id === `post-${id}`)
    const card = nodesOf(html ?? "").querySelector("post-card")
    if (waiting >= 0 && card) this.#waiting[waiting] = card
  }

  #removed(id) {
    this.#waiting = this.#waiting.filter((card) => card.id !== `post-${id}`)
    this.#tell()
  }
}

customElements.define("live-feed", LiveFeed)
