// A post's page: comments arrive, change and go in place.
import { nodesOf } from "../lib/html.js"
import { listen } from "../lib/live.js"
import { word } from "../lib/words.js"

const STILL = 5000

export class LiveThread extends HTMLElement {
  connectedCallback() {
    this.ends = new AbortController()
    const until = { signal: this.ends.signal }
    const mine = (act) => (message) => { if (String(message.post_id) === this.dataset.post) act(message) }
    this.addEventListener("comment:sent", (event) => this.#put(event.detail), until)
    this.addEventListener("click", (event) => this.#reply(event), until)
    this.hangUp = listen({
      typing: mine(({ person_id, name }) => { if (name && String(person_id) !== document.body.dataset.person) this.#typing(name) }),
      "entry.state": mine(({ entry_id, state }) => { if (state === "published") this.querySelector(`#comment-${entry_id} .badge--warn`)?.remove() }),
      "comment.created": mine(({ html, comment_count }) => { this.#put(nodesOf(html).querySelector("article")); this.#count(comment_count) }),
      "comment.changed": mine(({ html }) => this.#change(nodesOf(html).querySelector("article"))),
      "comment.removed": mine(({ comment_id }) => this.querySelector(`#comment-${comment_id}`)?.remove()),
    })
  }

  disconnectedCallback() {
    this.ends.abort()
    this.hangUp()
  }

  #count(count) {
    if (count) this.querySelector("#comments-title").textContent = word("comments", count)
  }

  #typing(name) {
    const line = this.querySelector(".thread__typing")
    if (!line) return
    line.textContent = word("typing").replace("{name}", name)
    clearTimeout(this.timer)
    this.timer = setTimeout(() => { line.textContent = "" }, STILL)
  }

  #put(comment) {
    if (!comment || this.querySelector(`#${comment.id}`)) return
    const parent = comment.dataset.parent
    const place = parent ? this.querySelector(`#replies-${parent}`) : this.querySelector(".thread__list")
    this.querySelector(".thread__none")?.remove()
    comment.classList.add("comment--fresh")
    if (this.querySelector(".thread__typing")) this.querySelector(".thread__typing").textContent = ""
    if (place) place.append(comment)
  }

  #change(comment) {
    const shown = comment && this.querySelector(`#${comment.id}`)
    if (!shown || Number(shown.dataset.version) > Number(comment.dataset.version)) return
    const replies = shown.querySelector(".comment__replies")
    if (replies) comment.querySelector(".comment__replies")?.replaceWith(replies)
    shown.replaceWith(comment)
  }

  #reply(event) {
    const link = event.target.closest("[data-reply]")
    const form = this.querySelector(".thread__comments comment-form")
    if (!link || !form) return
    event.preventDefault()
    form.replyTo(link.dataset.reply, link.dataset.name)
    form.scrollIntoView({ block: "nearest" })
  }
}

customElements.define("live-thread", LiveThread)
